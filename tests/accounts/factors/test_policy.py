"""Where a second factor is demanded: of whom, what stays open without one, and how at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from resana.accounts import tokens
from resana.accounts.factors import policy, proving
from resana.accounts.models import Account, AccountKind
from resana.acts import Act
from resana.administrations import actions as administrations
from resana.administrations.models import FactorPolicy
from resana.core import acts
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.discussions import actions as threads
from resana.live.tickets import opened
from resana.permissions import Can, accounts_who, can
from resana.spaces import actions as spaces

from .authenticator import Authenticator
from .conftest import HERE, give_application, register


def demand(node: Any, wanted: FactorPolicy) -> None:
    administrations.set_policy(node, second_factor=wanted, by=None)
    session.rollback()


def test_the_settings_page_says_of_whom_it_is_demanded(
    sign_in: Any, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[acts.Told] = []
    monkeypatch.setattr(acts, "_listeners", [said.append])
    path = f"/administration/{cast.at.dreal.public_id}/policy"
    form = {"space_creation": "team_leads", "account_opening": "closed", "second_factor": "administrators"}
    assert sign_in(cast.ines).post(path, data=form).status_code == 403
    assert sign_in(cast.adam).post(path, data=form | {"second_factor": "guests"}).status_code == 422
    assert sign_in(cast.adam).post(path, data=form).status_code == 303
    session.refresh(cast.at.dreal)
    assert cast.at.dreal.second_factor == "administrators"
    assert [(one.act, one.facts["second_factor"]) for one in said] == [(Act.POLICY_SET, "administrators")]


def test_it_is_demanded_of_those_it_says(cast: SimpleNamespace) -> None:
    everybody = [cast.ines, cast.adam, cast.lucie, cast.rose, cast.petra, cast.rejane]

    def concerned() -> set[str]:
        return {one.first_name for one in everybody if policy.is_demanded(one)}

    assert concerned() == set()
    demand(cast.at.dreal, FactorPolicy.EVERYONE)
    assert concerned() == {"Inès", "Adam"}  # Lucie is of Limoges, whose policy is its own
    demand(cast.at.dreal, FactorPolicy.ADMINISTRATORS)
    assert concerned() == {"Adam"}
    demand(cast.at.region, FactorPolicy.ADMINISTRATORS)
    assert concerned() == {"Adam", "Rose", "Petra"}


def test_a_guest_always_needs_one(cast: SimpleNamespace) -> None:
    @action
    def become_guest() -> None:
        cast.bruno.kind, cast.bruno.valid_until = AccountKind.GUEST, now().replace(year=now().year + 1)

    become_guest()
    assert policy.is_demanded(cast.bruno)
    assert not can(cast.bruno, Can.READ_SPACE, cast.space)
    give_application(cast.bruno, "A" * 32)
    assert can(cast.bruno, Can.READ_SPACE, cast.space)


def test_nothing_is_open_but_what_leads_to_one(app: Flask, sign_in: Any, cast: SimpleNamespace) -> None:
    """Every door: pages lead to where it is set up, calls say so, tokens too; the few that stay open are named."""
    _token, secret = tokens.make(cast.ines, name="tout", scope=tokens.TokenScope.WRITE)
    here = sign_in(cast.ines)
    demand(cast.at.dreal, FactorPolicy.EVERYONE)
    stays_open = set()
    ids = {"space_id": cast.space.public_id, "account_id": cast.ines.public_id}
    for rule in app.url_map.iter_rules():
        door = app.view_functions[rule.endpoint].door  # type: ignore[attr-defined]
        if door.right == "public":
            continue
        values = {name: ids.get(name, 1 if name == "no" else "a" * 26) for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            with app.test_request_context():
                path = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
            if door.without_factor:
                stays_open.add(f"{method} {rule.rule}")
                continue
            answer = here.open(path, method=method)
            if path.startswith("/api/"):
                assert (answer.status_code, "en deux étapes" in answer.json["detail"]) == (403, True), path
                program = app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {secret}"})
                assert program.status_code == 403, path
            elif method == "GET":
                assert (answer.status_code, answer.location) == (303, "/account/second-factors"), path
            else:
                assert (answer.status_code, "en deux étapes" in answer.text) == (403, True), path
    assert stays_open == {
        "GET /account",
        "POST /account/password",
        "POST /account/confirmation",
        "POST /account/sessions/end",
        "GET /account/second-factors",
        "GET /account/second-factors/application",
        "POST /account/second-factors/application",
        "GET /account/second-factors/passkey",
        "POST /account/second-factors/passkey",
        "DELETE /api/v1/session",
        "POST /api/v1/session/confirmation",
        "POST /api/v1/session/confirmation/challenge",
        "POST /api/v1/second-factors/challenge",
        "GET /api/v1/second-factors",
        "DELETE /api/v1/sessions",
        "GET /api/v1/me",
    }


def test_one_is_led_there_and_everything_opens_once_it_is_set_up(sign_in: Any, cast: SimpleNamespace) -> None:
    here = sign_in(cast.ines)
    demand(cast.at.dreal, FactorPolicy.EVERYONE)
    assert here.get(f"/spaces/{cast.space.public_id}").location == "/account/second-factors"
    page = here.get("/account/second-factors")
    assert page.status_code == 200 and "vous est demandée" in page.text
    assert cast.space.title not in page.text  # the left column is empty
    assert here.get("/help").status_code == 200
    assert register(here, Authenticator(HERE, "localhost")).status_code == 201
    assert here.get(f"/spaces/{cast.space.public_id}").status_code == 200
    factor = proving.factors_of(cast.ines)[0]
    refused = here.post(f"/account/second-factors/{factor.public_id}/removal")
    assert refused.status_code == 409 and "ajoutez un autre moyen" in refused.text
    assert len(proving.factors_of(cast.ines)) == 1


def test_the_policy_counts_live_pages_out_at_once(cast: SimpleNamespace) -> None:
    give_application(cast.marc, "A" * 32)
    before = {one.id: one.access_epoch for one in (cast.ines, cast.marc, cast.bruno, cast.adam)}
    demand(cast.at.dreal, FactorPolicy.EVERYONE)
    after = {row[0]: row[1] for row in session.execute(select(Account.id, Account.access_epoch))}
    assert {identity for identity, epoch in before.items() if after[identity] > epoch} == {cast.ines.id, cast.adam.id}
    who = set(session.execute(accounts_who(Can.READ_SPACE, cast.space)).scalars())
    assert cast.marc in who and cast.ines not in who and cast.bruno in who


def protect(space: Any, by: Account) -> None:
    give_application(by, "A" * 32)
    spaces.require_second_factor(space, True, by=by)
    session.rollback()


def test_a_space_opens_only_to_accounts_with_a_second_factor(sign_in: Any, cast: SimpleNamespace) -> None:
    thread = threads.create(cast.space, "Question", by=cast.ines, body="Bonjour")
    bruno = sign_in(cast.bruno)
    ticket = bruno.post(f"/api/v1/spaces/{cast.space.public_id}/live-ticket").json["ticket"]
    epoch = cast.space.stream.acl_epoch
    protect(cast.space, cast.ines)
    assert opened(ticket).streams != ((cast.space.stream.id, cast.space.stream.acl_epoch),)  # type: ignore[union-attr]
    assert cast.space.stream.acl_epoch > epoch
    assert bruno.get(f"/threads/{thread.public_id}").status_code == 404
    assert bruno.get(f"/api/v1/spaces/{cast.space.public_id}/events").status_code == 403
    card = bruno.get(f"/api/v1/spaces/{cast.space.public_id}").json
    assert (card["role"], card["unread"], card["last_seq"]) == ("card", None, None)
    assert card["abilities"]["unlock_space"] and not card["abilities"]["request_access"]
    there = bruno.get(f"/spaces/{cast.space.public_id}")
    assert there.location == f"/spaces/{cast.space.public_id}/protection"
    page = bruno.get(there.location)
    assert "Protéger mon compte" in page.text and "Question" not in page.text
    assert "Protéger mon compte pour entrer" in bruno.get("/spaces").text
    who = {one.first_name for one in session.execute(accounts_who(Can.READ_SPACE, cast.space)).scalars()}
    assert who == {"Inès", "Gaël"}
    assert register(bruno, Authenticator(HERE, "localhost")).status_code == 201
    assert bruno.get(f"/threads/{thread.public_id}").status_code == 200
    assert bruno.get(f"/spaces/{cast.space.public_id}").status_code == 200
    assert bruno.get(f"/spaces/{cast.space.public_id}/protection").status_code == 403
    assert bruno.get("/api/v1/spaces").json["items"][0]["role"] == "contributor"


def test_a_space_that_demands_one_is_left_and_seen_by_outsiders_as_before(sign_in: Any, cast: SimpleNamespace) -> None:
    protect(cast.space, cast.ines)
    path = f"/spaces/{cast.space.public_id}/protection"
    hidden, unknown = sign_in(cast.olga).get(path), sign_in(cast.olga).get(path.replace(cast.space.public_id, "a" * 26))
    assert hidden.status_code == unknown.status_code == 404
    assert sign_in(cast.bruno).delete(f"/api/v1/spaces/{cast.space.public_id}/membership").status_code == 204


def test_taking_one_s_last_factor_away_closes_such_a_space_at_once(sign_in: Any, cast: SimpleNamespace) -> None:
    protect(cast.space, cast.ines)
    bruno = sign_in(cast.bruno)
    register(bruno, Authenticator(HERE, "localhost"))
    assert can(cast.bruno, Can.READ_SPACE, cast.space)
    epoch = session.execute(select(Account.access_epoch).where(Account.id == cast.bruno.id)).scalar_one()
    bruno.post(f"/account/second-factors/{proving.factors_of(cast.bruno)[0].public_id}/removal")
    assert not can(cast.bruno, Can.READ_SPACE, cast.space)
    assert session.execute(select(Account.access_epoch).where(Account.id == cast.bruno.id)).scalar_one() == epoch + 1


def test_leads_decide_and_do_not_lock_themselves_out(sign_in: Any, cast: SimpleNamespace) -> None:
    path, form = f"/spaces/{cast.space.public_id}/second-factor", {"second_factor_required": "y"}
    refused = sign_in(cast.ines).post(path, data=form)
    assert refused.status_code == 422 and "Protégez d’abord votre propre compte" in refused.text
    assert sign_in(cast.marc).post(path, data=form).status_code == 403
    give_application(cast.ines, "A" * 32)
    assert sign_in(cast.ines).post(path, data=form).status_code == 303
    session.refresh(cast.space)
    assert cast.space.second_factor_required
    assert sign_in(cast.ines).post(path, data={}).status_code == 303
    session.refresh(cast.space)
    assert not cast.space.second_factor_required
