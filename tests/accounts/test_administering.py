"""Administering accounts: of one's own sub-tree, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from resana.accounts import actions, presence, signing_in
from resana.accounts.models import Account, AccountStatus, AdminScope
from resana.core import jobs
from resana.core.database import session
from resana.core.errors import Conflict, NotSignedIn, Refused
from resana.core.mail import KeptMail
from resana.core.text import new_id
from resana.permissions import Can, can

from .test_signing_in import GOOD, HERE, with_password

SignIn = Callable[[Account], Any]

HOSTILE = ["", "   ", "a\x00b", "a\u202eb", "a\nb", "\u200b", "x" * 101, "é" * 60]


def names(answer: Any) -> list[str]:
    """The people in a list's answer."""
    return [one["first_name"] for one in answer.json["items"]]


def test_an_administrator_lists_the_accounts_of_the_sub_tree(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    assert names(adam.get("/api/v1/accounts?administered=true")) == ["Gaël", "Gilda", "Inès", "Lucie", "Marc"]
    assert names(adam.get("/api/v1/accounts?administered=true&q=INES")) == ["Inès"]
    assert names(adam.get("/api/v1/accounts?administered=true&q=limoges.example")) == ["Lucie"]
    assert names(adam.get("/api/v1/accounts?administered=true&q=%25")) == []
    assert names(adam.get("/api/v1/accounts?administered=true&team_lead=true")) == ["Inès", "Marc"]
    place = cast.at.dreal_limoges.public_id
    assert names(adam.get(f"/api/v1/accounts?administered=true&administration_id={place}")) == ["Lucie"]
    rose = sign_in(cast.rose)
    assert names(rose.get("/api/v1/accounts?administered=true&status=suspended")) == ["Sami"]
    assert names(sign_in(cast.bruno).get("/api/v1/accounts?administered=true")) == []
    first = rose.get("/api/v1/accounts?administered=true&limit=3").json
    second = rose.get(f"/api/v1/accounts?administered=true&limit=200&cursor={first['next']}").json
    everybody = [one["first_name"] for one in first["items"] + second["items"]]
    assert everybody == sorted(everybody, key=lambda name: name.replace("é", "e"))
    assert len(everybody) == 10
    assert second["next"] is None
    assert adam.get("/api/v1/accounts?cursor=nonsense").status_code == 422
    assert adam.get("/api/v1/accounts?limit=201").status_code == 422
    assert adam.get("/api/v1/accounts?status=suspended").status_code == 422


def test_the_directory_shows_agents_without_their_state(sign_in: SignIn, cast: SimpleNamespace) -> None:
    listed = sign_in(cast.bruno).get("/api/v1/accounts?q=vidal").json["items"]
    assert [(one["name"], one["status"]) for one in listed] == [("Réjane Vidal", None)]
    assert "Sami" not in names(sign_in(cast.bruno).get("/api/v1/accounts"))


def test_the_pages_list_filter_and_count(sign_in: SignIn, cast: SimpleNamespace) -> None:
    rose = sign_in(cast.rose)
    page = rose.get("/administration/accounts")
    assert page.status_code == 200
    assert "Inès Moreau" in page.text
    assert "10 comptes" in page.text
    one = rose.get(f"/administration/accounts?q=mor&status=active&team_lead=1&administration={cast.at.dreal.public_id}")
    assert "Inès Moreau" in one.text
    assert "Marc Leroux" not in one.text
    assert 'name="q" type="search" value="mor"' in one.text
    assert "Aucun compte ne répond" in rose.get("/administration/accounts?q=personne").text
    assert rose.get("/administration/accounts?status=nonsense&cursor=").status_code == 200
    assert rose.get("/administration/accounts?cursor=nonsense").status_code == 422
    assert sign_in(cast.bruno).get("/administration/accounts").status_code == 403


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("personne", "0 compte de votre périmètre répond à ces filtres"),
        ("moreau", "1 compte de votre périmètre répond à ces filtres"),
        ("e", "comptes de votre périmètre répondent à ces filtres"),
    ],
)
def test_the_verb_agrees_with_how_many_accounts_were_found(
    sign_in: SignIn, cast: SimpleNamespace, words: str, said: str
) -> None:
    assert said in sign_in(cast.rose).get(f"/administration/accounts?q={words}").text


def test_who_is_refused_on_a_page_of_no_space_is_not_sent_to_a_lead_of_one(
    sign_in: SignIn, cast: SimpleNamespace
) -> None:
    page = sign_in(cast.bruno).get("/administration/accounts")
    assert page.status_code == 403
    assert "sinon à l’administrateur de votre administration" in page.text


def test_lists_ask_the_same_number_of_times_however_long_they_are(
    sign_in: SignIn, cast: SimpleNamespace, statements: Callable[[], Any]
) -> None:
    rose = sign_in(cast.rose)
    counted = []
    for turn in range(2):
        numbers = []
        for path in ("/administration/accounts", "/api/v1/accounts?administered=true", "/api/v1/accounts"):
            with statements() as seen:
                assert rose.get(path).status_code == 200
            numbers.append(len(seen))
        counted.append(numbers)
        for i in range(20):
            actions.create(
                email=f"neuf{turn}-{i}@dreal.example",
                first_name=f"Neuf{i}",
                last_name="Arrivé",
                administration=cast.at.dreal,
                by=cast.rose,
            )
    assert counted[0] == counted[1]
    assert counted[0][0] <= 12
    assert counted[0][1] <= 4


def test_opening_an_account_mails_a_link(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    assert adam.get("/administration/accounts/new").status_code == 200
    form = {
        "email": "Zoé.Neuve@Dreal.example",
        "first_name": "Zoé",
        "last_name": "Neuve",
        "job_title": "Hydrologue",
        "administration_id": cast.at.dreal_limoges.public_id,
        "team_lead": "y",
    }
    answer = adam.post("/administration/accounts", data=form)
    assert answer.status_code == 303
    made = session.execute(select(Account).where(Account.email == "zoé.neuve@dreal.example")).scalar_one()
    assert answer.location.endswith(made.public_id)
    assert (made.status, made.team_lead, made.search_name) == (AccountStatus.INVITED, True, "zoe neuve")
    assert adam.get(answer.location).status_code == 200
    again = adam.post("/administration/accounts", data=form)
    assert again.status_code == 409
    assert "Un compte existe déjà" in again.text
    assert adam.post("/administration/accounts", data={}).status_code == 422
    jobs.drain()
    assert session.execute(select(KeptMail.recipient)).scalars().all() == [made.email]
    assert "/password/" in adam.get("/dev/mails").text


def test_the_call_opens_an_account(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    body = {
        "email": "neuf@ailleurs.example",
        "first_name": "Neuf",
        "last_name": "Venu",
        "administration_id": cast.at.dreal.public_id,
    }
    made = adam.post("/api/v1/accounts", json=body)
    assert made.status_code == 201
    assert made.json["status"] == "invited"
    assert made.json["abilities"]["administer_account"] is True
    assert adam.post("/api/v1/accounts", json=body).status_code == 409
    for field, value in (("kind", "guest"), ("email", "pas une adresse"), ("status", "active"), ("team_lead", "oui")):
        assert adam.post("/api/v1/accounts", json=body | {field: value}).status_code == 422
    for name in HOSTILE:
        assert adam.post("/api/v1/accounts", json=body | {"email": "a@b.example", "last_name": name}).status_code == 422
    assert adam.post("/api/v1/accounts", json={}, csrf=False).status_code == 403
    assert sign_in(cast.bruno).post("/api/v1/accounts", json=body).status_code == 403


def test_the_ids_of_others_answer_as_if_there_were_none(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    form = {"first_name": "I", "last_name": "M", "email": "a@b.example"}
    calls: list[Callable[[str, str], Any]] = [
        lambda account, _place: adam.get(f"/administration/accounts/{account}"),
        lambda account, _place: adam.post(f"/administration/accounts/{account}", data=form),
        lambda account, _place: adam.post(f"/administration/accounts/{account}/suspension"),
        lambda account, _place: adam.post(f"/administration/accounts/{account}/reactivation"),
        lambda account, _place: adam.post(f"/administration/accounts/{account}/deactivation"),
        lambda account, _place: adam.post(f"/administration/accounts/{account}/link"),
        lambda account, _place: adam.patch(f"/api/v1/accounts/{account}", json={"status": "suspended"}),
        lambda account, _place: adam.post(f"/api/v1/accounts/{account}/suspension"),
        lambda account, _place: adam.delete(f"/api/v1/accounts/{account}/suspension"),
        lambda account, _place: adam.post(f"/api/v1/accounts/{account}/link"),
        lambda _account, place: adam.get(f"/administration/accounts?administration={place}"),
        lambda _account, place: adam.get(f"/administration/accounts/new?administration={place}"),
        lambda _account, place: adam.post("/administration/accounts", data=form | {"administration_id": place}),
        lambda _account, place: adam.post(
            f"/administration/accounts/{cast.ines.public_id}", data=form | {"administration_id": place}
        ),
        lambda _account, place: adam.post("/api/v1/accounts", json=form | {"administration_id": place}),
        lambda _account, place: adam.patch(
            f"/api/v1/accounts/{cast.ines.public_id}", json={"administration_id": place, "status": "suspended"}
        ),
        lambda _account, place: adam.get(f"/api/v1/accounts?administered=true&administration_id={place}"),
    ]
    places = [cast.at.rectorat.public_id, cast.at.region.public_id, new_id(), "nothing", "' OR 1=1"]
    accounts = [cast.olga.public_id, cast.rose.public_id, cast.adam.public_id, new_id(), "nothing"]
    for call in calls:
        answers = [call(account, place) for account, place in zip(accounts, places, strict=True)]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text.replace("nothing", "") for answer in answers}) == 1 or not answers[0].is_json
    for account in (cast.ines, cast.olga, cast.rose):
        session.refresh(account)
        assert account.status == AccountStatus.ACTIVE
    assert cast.ines.home_administration_id == cast.at.dreal.id
    assert session.execute(select(Account.id).where(Account.email == "a@b.example")).first() is None


def test_editing_corrects_and_hostile_names_are_refused(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    path = f"/administration/accounts/{cast.ines.public_id}"
    assert "Inès" in adam.get(path).text
    form = {
        "first_name": "Agnès",
        "last_name": "Moreau",
        "job_title": "",
        "administration_id": cast.at.dreal.public_id,
    }
    assert adam.post(path, data=form).status_code == 303
    session.refresh(cast.ines)
    assert (cast.ines.search_name, cast.ines.team_lead) == ("agnes moreau", False)
    for name in HOSTILE:
        refused = adam.post(path, data=form | {"first_name": name})
        assert refused.status_code == 422, repr(name)
        assert 'href="#first_name"' in refused.text
        with pytest.raises(Refused):
            actions.change(cast.ines, first_name=name, by=cast.adam)
    session.refresh(cast.ines)
    assert cast.ines.first_name == "Agnès"


def test_moving_needs_both_administrations_in_scope_and_takes_effect_at_once(
    sign_in: SignIn, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(presence, "_listeners", [lambda *said: heard.append(said)])
    assert can(cast.lucie, Can.READ_SPACE, cast.space)
    rose, epoch = sign_in(cast.rose), cast.lucie.access_epoch
    path, target = f"/api/v1/accounts/{cast.lucie.public_id}", cast.at.rectorat.public_id
    assert sign_in(cast.adam).patch(path, json={"administration_id": target}).status_code == 404
    moved = rose.patch(path, json={"administration_id": target})
    assert moved.status_code == 200
    assert moved.json["administration"]["id"] == target
    assert not can(cast.lucie, Can.READ_SPACE, cast.space)
    session.refresh(cast.lucie)
    assert cast.lucie.access_epoch == epoch + 1
    assert heard == [("account", cast.lucie.id, None, None)]


def test_who_moves_no_longer_administers_below_the_former_place(cast: SimpleNamespace) -> None:
    actions.change(cast.adam, administration=cast.at.prefecture, by=cast.rose)
    assert session.execute(select(AdminScope).where(AdminScope.account_id == cast.adam.id)).first() is None
    assert not can(cast.adam, Can.ADMINISTER)


def test_suspension_ends_all_at_once_and_reactivation_restores(
    sign_in: SignIn, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(presence, "_listeners", [lambda *said: heard.append(said[0])])
    with_password(cast.ines)
    adam, ines = sign_in(cast.adam), sign_in(cast.ines)
    path = f"/administration/accounts/{cast.ines.public_id}"
    epoch = cast.ines.access_epoch
    assert adam.post(f"{path}/suspension").status_code == 303
    assert ines.get("/api/v1/me").status_code == 401
    assert heard == ["session", "account"]
    assert not can(cast.ines, Can.READ_SPACE, cast.space)
    with pytest.raises(NotSignedIn):
        signing_in.sign_in(cast.ines.email, GOOD, HERE)
    assert "Réactiver le compte" in adam.get(path).text
    assert adam.post(f"{path}/suspension").status_code == 303
    assert adam.post(f"{path}/reactivation").status_code == 303
    session.refresh(cast.ines)
    assert cast.ines.access_epoch == epoch + 2
    assert can(cast.ines, Can.EDIT_SPACE, cast.space)
    assert ines.get("/api/v1/me").status_code == 401
    session.rollback()
    assert signing_in.sign_in(cast.ines.email, GOOD, HERE)


def test_states_are_resources_of_the_call(sign_in: SignIn, cast: SimpleNamespace) -> None:
    with_password(cast.ines)
    adam, path = sign_in(cast.adam), f"/api/v1/accounts/{cast.ines.public_id}"
    assert adam.post(f"{path}/suspension").json["status"] == "suspended"
    assert adam.delete(f"{path}/suspension").json["status"] == "active"
    assert adam.patch(path, json={"status": "suspended"}).json["status"] == "suspended"
    assert adam.patch(path, json={"status": "active", "job_title": "Chef"}).json["job_title"] == "Chef"
    assert adam.patch(path, json={"status": "deactivated"}).json["status"] == "deactivated"
    assert adam.patch(path, json={"status": "suspended"}).status_code == 409
    assert adam.delete(f"{path}/suspension").status_code == 409
    assert adam.post(f"{path}/link").status_code == 409
    assert adam.patch(path, json={"status": "active"}).json["status"] == "active"
    assert adam.post(f"{path}/link").status_code == 202
    assert adam.patch(path, json={"status": "erased"}).status_code == 422
    assert adam.patch(path, json={"platform_admin": True}).status_code == 422
    assert adam.patch(path, json={"access_epoch": 0, "password_hash": "x"}).status_code == 422


def test_an_account_without_a_password_waits_for_its_holder_again(cast: SimpleNamespace) -> None:
    account = actions.create(
        email="neuve@dreal.example", first_name="N", last_name="E", administration=cast.at.dreal, by=cast.adam
    )
    actions.suspend(account, by=cast.adam)
    actions.reactivate(account, by=cast.adam)
    assert account.status == AccountStatus.INVITED
    actions.deactivate(account, by=cast.adam)
    with pytest.raises(Conflict):
        actions.suspend(account, by=cast.adam)


def test_a_new_link_goes_from_the_page(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam, path = sign_in(cast.adam), f"/administration/accounts/{cast.ines.public_id}"
    for _time in range(6):
        assert adam.post(f"{path}/link").status_code == 303
    assert "a déjà reçu" in adam.get(path).text
    jobs.drain()
    assert len(session.execute(select(KeptMail)).all()) == 5
