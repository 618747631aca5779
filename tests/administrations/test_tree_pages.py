"""Browsing and changing the tree over HTTP: quick with 2,000 nodes, and nothing outside one's scope."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from resana.accounts import administrators, tokens
from resana.accounts.models import Account
from resana.administrations import actions, closing, queries
from resana.administrations.models import Administration
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.text import new_id

SignIn = Callable[[Account], Any]
MANY = 2_000
BUREAU = {"name": "Bureau de l’eau", "short_name": "Eau", "kind": "office", "city": "Limoges"}


@action
def grow(top: Administration, many: int = MANY) -> None:
    """`many` nodes: fifty below `top`, the others below those."""
    nodes = [top]
    for number in range(many):
        node = Administration(
            kind="service",
            name=f"Service {number:04}",
            short_name=f"S{number:04}",
            search_name=f"service {number:04} s{number:04} pau",
            city="Pau",
            parent_id=(top if number < 50 else nodes[1 + number % 50]).id,
        )
        session.add(node)
        session.flush()
        nodes.append(node)


def count() -> int:
    return session.execute(select(func.count(Administration.id))).scalar_one()


def path(administration: Administration) -> str:
    return f"/administration/{administration.public_id}"


def test_the_platform_browses_the_whole_tree_and_others_their_scope(sign_in: SignIn, cast: SimpleNamespace) -> None:
    petra, adam, bruno = sign_in(cast.petra), sign_in(cast.adam), sign_in(cast.bruno)
    page = petra.get("/administration").text
    assert "Région Nouvelle-Aquitaine" in page
    assert "Nouveau compte" not in page
    found = petra.get("/administration?q=limoges rectorat").text
    assert "Rectorat de Limoges" in found
    assert "État › Nouvelle-Aquitaine" in found
    assert "Aucune administration trouvée" in adam.get("/administration?q=rectorat").text
    assert "DREAL, service de Limoges" in adam.get("/administration?q=LIMOGES").text
    assert "Rectorat" in petra.get(f"{path(cast.at.region)}/below").text
    assert adam.get(f"{path(cast.at.region)}/below").status_code == 403
    assert adam.get(f"/administration/{new_id()}/below").status_code == 404
    for there in ("/administration", f"{path(cast.at.dreal)}/below", f"{path(cast.at.dreal)}/administrators"):
        assert bruno.get(there).status_code == 403
    assert 'href="/administration"' in petra.get("/").text
    assert 'href="/administration"' not in bruno.get("/").text


def test_two_thousand_nodes_are_browsed_and_found_as_quickly_as_six(
    sign_in: SignIn, cast: SimpleNamespace, statements: Callable[[], Any]
) -> None:
    doors = [
        (cast.petra, "/administration"),
        (cast.rose, "/administration"),
        (cast.rose, "/administration?q=service"),
        (cast.petra, f"{path(cast.at.dreal)}/below"),
        (cast.petra, f"{path(cast.at.prefecture)}/move?q=service"),
        (cast.rose, f"{path(cast.at.prefecture)}/closure?q=service"),
        (cast.petra, "/api/v1/administrations?q=service"),
    ]
    counted = []
    for size in (3, MANY):
        grow(cast.at.dreal, size)
        numbers = []
        for who, door in doors:
            client = sign_in(who)
            with statements() as seen:
                started = time.perf_counter()
                answer = client.get(door)
                took = time.perf_counter() - started
            assert answer.status_code == 200
            assert "Service 000" in answer.text or door == "/administration"
            assert took < 5, door
            numbers.append(len(seen))
        counted.append(numbers)
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 16


def test_a_long_level_is_read_page_by_page(sign_in: SignIn, cast: SimpleNamespace) -> None:
    for number in range(103):
        actions.create(name=f"S{number:03}", short_name="S", kind="service", city="Pau", parent=cast.at.rectorat)
    rose = sign_in(cast.rose)
    first = rose.get(f"{path(cast.at.rectorat)}/below").text
    assert ("S099" in first, "S100" in first) == (True, False)
    (more,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert "S102" in rose.get(more).text


def test_an_administration_is_added_and_corrected_on_its_pages(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam, there = sign_in(cast.adam), path(cast.at.dreal_limoges)
    assert "Elle dépendra de « DREAL, service de Limoges »" in adam.get(f"{there}/new").text.replace("\u00a0", " ")
    made = adam.post(f"{there}/new", data=BUREAU)
    assert made.status_code == 303
    assert "Bureau de l’eau" in adam.get(made.location).text
    assert adam.post(f"{made.location}/edit", data=BUREAU | {"city": "Guéret"}).status_code == 303
    assert "Guéret" in adam.get(made.location).text
    for wrong in (
        {"name": ""},
        {"name": "a\u202eb"},
        {"kind": "nothing"},
        {"kind": ""},
        {"city": "é" * 60},
        {"short_name": "x" * 81},
    ):
        for door in (f"{there}/new", f"{made.location}/edit"):
            answer = adam.post(door, data=BUREAU | wrong)
            assert answer.status_code == 422
            assert "Rien n’est perdu" in answer.text
    assert count() == 7
    assert adam.get("/administration/new").status_code == 403
    assert adam.post("/administration/new", data=BUREAU).status_code == 403
    assert sign_in(cast.petra).post("/administration/new", data=BUREAU).status_code == 303


def test_identity_is_the_platforms_page(sign_in: SignIn, cast: SimpleNamespace) -> None:
    petra, adam, there = sign_in(cast.petra), sign_in(cast.adam), path(cast.at.dreal)
    assert "SIRET" not in adam.get(f"{there}/edit").text
    assert adam.post(f"{there}/identity", data={"mail_domains": "x.example"}).status_code == 403
    both = {"sirets": "999 900 012 00017\n99990002000010", "mail_domains": "dreal.example, drire.example"}
    assert petra.post(f"{there}/identity", data=both).status_code == 303
    assert queries.domains_of(cast.at.dreal) == ["dreal.example", "drire.example"]
    assert "99990001200017, 99990002000010" in petra.get(there).text
    taken = petra.post(f"{path(cast.at.rectorat)}/identity", data=both)
    assert taken.status_code == 409
    assert "Direction de l’environnement" in taken.text
    wrong = petra.post(f"{there}/identity", data=both | {"sirets": "99990001200018"})
    assert wrong.status_code == 422
    assert "erreur de frappe" in wrong.text
    assert queries.sirets_of(cast.at.dreal) == ["99990001200017", "99990002000010"]


def test_a_move_is_chosen_from_what_is_found(sign_in: SignIn, cast: SimpleNamespace) -> None:
    rose, there = sign_in(cast.rose), path(cast.at.dreal_limoges)
    page = rose.get(f"{there}/move?q=limoges").text
    assert f'value="{cast.at.rectorat.public_id}"' in page
    assert f'value="{cast.at.dreal_limoges.public_id}"' not in page
    assert 'value="top"' not in page
    assert "Choisissez" in rose.post(f"{there}/move", data={}).text
    assert rose.post(f"{there}/move", data={"parent": cast.at.rectorat.public_id}).status_code == 303
    cycle = rose.post(f"{path(cast.at.rectorat)}/move", data={"parent": cast.at.dreal_limoges.public_id, "q": "li"})
    assert cycle.status_code == 422
    assert "dans les deux sens" in cycle.text
    for parent in (cast.at.state.public_id, new_id(), "nothing"):
        assert rose.post(f"{there}/move", data={"parent": parent}).status_code == 404
    assert rose.post(f"{there}/move", data={"parent": "top"}).status_code == 403
    assert sign_in(cast.petra).post(f"{there}/move", data={"parent": "top"}).status_code == 303


def test_a_closure_shows_what_goes_where_before_it_is_done(sign_in: SignIn, cast: SimpleNamespace) -> None:
    rose, there = sign_in(cast.rose), path(cast.at.dreal)
    assert "Remplacer par « Rectorat de Limoges »" in rose.get(f"{there}/closure?q=rectorat").text.replace(
        "\u00a0", " "
    )
    sheet = rose.get(f"{there}/closure?successor={cast.at.rectorat.public_id}").text
    for line in ("1 administration qui en dépend", "5 comptes", "1 administrateur", "1 espace", "1 accès donné"):
        assert line in sheet.replace("\u00a0", " ")
    assert session.get_one(Administration, cast.at.dreal.id).status == "active"
    for successor in (cast.at.region.public_id, new_id()):
        assert rose.get(f"{there}/closure?successor={successor}").status_code == 404
        assert rose.post(f"{there}/closure", data={"successor": successor}).status_code == 404
    for successor, words in ((cast.at.dreal.public_id, "elle-même"), (cast.at.dreal_limoges.public_id, "dépend de")):
        refused = rose.post(f"{there}/closure", data={"successor": successor})
        assert refused.status_code == 422
        assert words in refused.text
    assert rose.post(f"{there}/closure", data={}).status_code == 422
    done = rose.post(f"{there}/closure", data={"successor": cast.at.rectorat.public_id})
    assert (done.status_code, done.location) == (303, path(cast.at.rectorat))
    gone = sign_in(cast.bruno).get(there).text
    assert "Cette administration est fermée" in gone
    assert path(cast.at.rectorat) in gone
    assert "Direction de l’environnement" in rose.get("/administration?closed=1").text
    assert "Direction de l’environnement" not in rose.get("/administration?q=environnement").text
    assert rose.post(f"{there}/closure", data={"successor": cast.at.rectorat.public_id}).status_code == 403


def test_administrators_are_appointed_and_dismissed_on_a_page(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam, there = sign_in(cast.adam), f"{path(cast.at.dreal_limoges)}/administrators"
    page = adam.get(f"{there}?q=r").text
    assert "Adam Texier" in page
    assert f'value="{cast.marc.public_id}"' in page
    for nobody in (cast.adam, cast.bruno, cast.rose):
        assert f'value="{nobody.public_id}"' not in page
    assert adam.post(there, data={}).status_code == 422
    assert adam.post(there, data={"account_id": cast.marc.public_id, "ends_on": "hier"}).status_code == 422
    past = adam.post(there, data={"account_id": cast.marc.public_id, "ends_on": "2001-01-01"})
    assert past.status_code == 422
    assert "date à venir" in past.text
    last = {"account_id": cast.marc.public_id, "ends_on": "9999-12-31"}
    assert adam.post(there, data=last).status_code == 303
    assert administrators.administrators_of(cast.at.dreal_limoges)[0].account.id == cast.marc.id
    assert adam.post(f"{there}/{cast.marc.public_id}/end").status_code == 303
    assert adam.post(f"{there}/{cast.marc.public_id}/end").status_code == 404
    assert adam.post(there, data={"account_id": cast.bruno.public_id}).status_code == 403
    assert adam.post(there, data={"account_id": new_id()}).status_code == 404
    assert adam.post(f"{path(cast.at.dreal)}/administrators", data={}).status_code == 403
    assert "Nommer un administrateur" not in adam.get(f"{path(cast.at.dreal)}/administrators").text


def test_sensitive_acts_ask_again_who_it_is_and_no_token_does_them(
    sign_in: SignIn, cast: SimpleNamespace, app: Any, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.rose)
    rose, there = sign_in(cast.rose), cast.at.dreal_limoges
    sensitive = (
        ("POST", f"{path(there)}/move", {"parent": cast.at.rectorat.public_id}),
        ("POST", f"{path(there)}/closure", {"successor": cast.at.rectorat.public_id}),
        ("POST", f"{path(there)}/administrators", {"account_id": cast.marc.public_id}),
        ("POST", f"{path(there)}/administrators/{cast.marc.public_id}/end", {}),
    )
    with time_machine.travel(now() + timedelta(minutes=11)):
        for method, door, data in sensitive:
            asked = rose.open(door, method=method, data=data)
            assert asked.status_code == 403
            assert "Confirmez que c’est bien vous" in asked.text
    _token, secret = tokens.make(
        cast.rose, name="t", scope=tokens.TokenScope.WRITE, expires_at=now() + timedelta(days=1)
    )
    client = app.test_client()
    head = {"Authorization": f"Bearer {secret}"}
    base = f"/api/v1/administrations/{there.public_id}"
    for method, door, body in (
        ("PUT", f"{base}/parent", {"parent_id": cast.at.rectorat.public_id}),
        ("POST", f"{base}/closure", {"successor_id": cast.at.rectorat.public_id}),
        ("PUT", f"{base}/administrators/{cast.marc.public_id}", {}),
        ("DELETE", f"{base}/administrators/{cast.marc.public_id}", None),
    ):
        assert client.open(door, method=method, json=body, headers=head).status_code == 403
    node = session.get_one(Administration, there.id, populate_existing=True)
    assert (node.parent_id, node.status) == (cast.at.dreal.id, "active")
    assert client.patch(base, json={"city": "Tulle"}, headers=head).status_code == 200


def test_whoever_administers_one_branch_reaches_nothing_of_another(sign_in: SignIn, cast: SimpleNamespace) -> None:
    """I11: Réjane of the rectorat, with the DREAL's ids in every place of every call."""
    rejane, mine = sign_in(cast.rejane), cast.at.rectorat.public_id
    bureau = actions.create(**BUREAU, parent=cast.at.rectorat).public_id
    before = _picture()
    for target in (cast.at.dreal, cast.at.dreal_limoges, cast.at.region, cast.at.rectorat):
        outside, page = f"/api/v1/administrations/{target.public_id}", path(target)
        calls: list[tuple[str, str, dict[str, Any]]] = [
            ("POST", f"{page}/move", {"data": {"parent": mine}}),
            ("POST", f"{page}/closure", {"data": {"successor": mine}}),
            ("POST", f"{page}/identity", {"data": {"mail_domains": "x.example"}}),
            ("POST", f"{page}/administrators", {"data": {"account_id": cast.olga.public_id}}),
            ("POST", f"{page}/administrators/{cast.adam.public_id}/end", {}),
            ("PUT", f"{outside}/parent", {"json": {"parent_id": mine}}),
            ("POST", f"{outside}/closure", {"json": {"successor_id": mine}}),
            ("PUT", f"{outside}/identity", {"json": {"sirets": [], "mail_domains": []}}),
            ("PUT", f"{outside}/administrators/{cast.olga.public_id}", {"json": {}}),
            ("DELETE", f"{outside}/administrators/{cast.adam.public_id}", {}),
        ]
        if target.id != cast.at.rectorat.id:
            calls += [
                ("POST", f"{page}/new", {"data": BUREAU}),
                ("POST", f"{page}/edit", {"data": BUREAU}),
                ("POST", f"{page}/policy", {"data": {"space_creation": "everyone"}}),
                ("PATCH", outside, {"json": {"city": "Pau"}}),
                ("POST", "/api/v1/administrations", {"json": BUREAU | {"parent_id": target.public_id}}),
                ("PUT", f"/api/v1/administrations/{bureau}/parent", {"json": {"parent_id": target.public_id}}),
                ("POST", f"/api/v1/administrations/{bureau}/closure", {"json": {"successor_id": target.public_id}}),
                ("GET", f"{outside}/administrators", {}),
                ("GET", f"{page}/administrators", {}),
                ("GET", f"{page}/below", {}),
            ]
        for method, door, sent in calls:
            answer = rejane.open(door, method=method, **sent)
            assert answer.status_code in (403, 404), (method, door, answer.status_code)
    for stranger in (cast.adam, cast.bruno, cast.ines, cast.rose, cast.petra, cast.rejane):
        door = f"/api/v1/administrations/{bureau}/administrators/{stranger.public_id}"
        assert rejane.put(door, json={}).status_code in (403, 404, 422)
    assert _picture() == before


def _picture() -> list[tuple[Any, ...]]:
    session.rollback()
    nodes = session.execute(select(Administration.__table__).order_by(Administration.id)).all()
    scopes = [(one.account_id, one.administration_id) for one in session.execute(_scopes()).scalars()]
    return [tuple(row) for row in nodes] + sorted(scopes)


def _scopes() -> Any:
    return select(administrators.AdminScope)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "N"},
        BUREAU,
        BUREAU | {"parent_id": 7},
        BUREAU | {"parent_id": None, "sirets": ["x"]},
        BUREAU | {"parent_id": None, "kind": "castle"},
        BUREAU | {"parent_id": None, "name": "\ud800"},
        BUREAU | {"parent_id": None, "name": "a\u0000b"},
    ],
)
def test_calls_say_what_is_wrong_with_what_they_take(
    sign_in: SignIn, cast: SimpleNamespace, body: dict[str, Any]
) -> None:
    assert sign_in(cast.petra).post("/api/v1/administrations", json=body).status_code in (400, 422)
    assert count() == 6


def test_calls_do_what_the_pages_do(sign_in: SignIn, cast: SimpleNamespace) -> None:
    petra, base = sign_in(cast.petra), "/api/v1/administrations"
    made = petra.post(base, json=BUREAU | {"parent_id": cast.at.dreal.public_id})
    assert made.status_code == 201
    one = f"{base}/{made.json['id']}"
    assert made.json["parent_id"] == cast.at.dreal.public_id
    changed = petra.patch(one, json={"space_creation": "everyone", "all_agents_may_read": True, "city": "Tulle"}).json
    assert (changed["space_creation"], changed["all_agents_may_read"], changed["city"]) == ("everyone", True, "Tulle")
    known = {"sirets": ["99990001200017"], "mail_domains": ["eau.example"]}
    assert petra.put(f"{one}/identity", json=known).json == known
    assert petra.get(f"{one}/identity").json == known
    assert petra.put(f"{one}/identity", json={"sirets": ["1"] * 51, "mail_domains": []}).status_code == 422
    moved = petra.put(f"{one}/parent", json={"parent_id": None}).json
    assert moved["parent_id"] is None
    end = (now() + timedelta(days=9)).replace(microsecond=0)
    appointed = petra.put(f"{one}/administrators/{cast.olga.public_id}", json={"ends_at": end.isoformat()})
    assert appointed.status_code == 200
    assert petra.get(f"{one}/administrators").json["items"] == [appointed.json]
    closed = petra.post(f"{one}/closure", json={"successor_id": cast.at.rectorat.public_id}).json
    assert closed == {"administrations": 0, "accounts": 0, "administrators": 1, "spaces": 0, "grants": 0}
    gone = petra.get(one).json
    assert (gone["status"], gone["successor_id"]) == ("closed", cast.at.rectorat.public_id)
    assert not gone["abilities"]["edit_administration"]
    assert petra.delete(f"{base}/{cast.at.rectorat.public_id}/administrators/{cast.olga.public_id}").status_code == 204


def test_a_former_scope_browses_no_more(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    assert adam.get("/administration").status_code == 200
    administrators.dismiss(cast.adam, cast.at.dreal, by=cast.rose)
    assert adam.get("/administration").status_code == 403
    assert adam.get(f"{path(cast.at.dreal)}/below").status_code == 403


def test_the_closed_are_no_choice_anywhere(sign_in: SignIn, cast: SimpleNamespace) -> None:
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    rose, id = sign_in(cast.rose), cast.at.rectorat.public_id
    for door in (
        f"{path(cast.at.dreal)}/move?q=rectorat",
        f"{path(cast.at.dreal)}/closure?q=rectorat",
        "/administration/accounts",
        "/administration/accounts/new",
        f"/spaces/{cast.space.public_id}/members?q=rectorat",
    ):
        assert id not in sign_in(cast.ines if "spaces" in door else cast.rose).get(door).text
    assert rose.get("/api/v1/administrations?q=rectorat").json["items"] == []


def test_a_space_that_may_not_be_open_to_all_says_so_at_its_field(sign_in: SignIn, cast: SimpleNamespace) -> None:
    actions.set_policy(cast.at.dreal, all_agents_may_read=False, by=cast.adam)
    ines, space = sign_in(cast.ines), cast.space.public_id
    wide = {"visibility": "agents", "open_to_read": "y"}
    for answer in (
        ines.post(f"/spaces/{space}/visibility", data=wide),
        ines.post("/spaces", data=wide | {"title": "Ouvert"}),
    ):
        assert answer.status_code == 422
        assert "ne permet pas d’ouvrir ses espaces" in answer.text
    call = ines.patch(f"/api/v1/spaces/{space}", json={"visibility": "agents", "open_to_read": True})
    assert call.status_code == 422
    assert "open_to_read" in call.text
    assert "ne permet pas de l’ouvrir" in ines.get("/spaces/new").text


def test_the_accounts_page_does_not_list_two_thousand_administrations(sign_in: SignIn, cast: SimpleNamespace) -> None:
    rose, accounts = sign_in(cast.rose), "/administration/accounts"
    assert '<select class="input" id="administration"' in rose.get(accounts).text
    grow(cast.at.dreal, 200)
    page = rose.get(f"{accounts}?administration={cast.at.dreal.public_id}").text
    assert "<select" not in page
    assert f'type="hidden" name="administration" value="{cast.at.dreal.public_id}"' in page
    assert "dans l’arbre" in rose.get(accounts).text


def test_an_accounts_page_says_what_the_person_administers(sign_in: SignIn, cast: SimpleNamespace) -> None:
    administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam)
    page = sign_in(cast.adam).get(f"/administration/accounts/{cast.marc.public_id}").text
    assert f"{path(cast.at.dreal_limoges)}/administrators" in page
    assert (
        "Ce que cette personne administre"
        not in sign_in(cast.adam).get(f"/administration/accounts/{cast.ines.public_id}").text
    )
