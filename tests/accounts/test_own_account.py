"""One's own account: sessions, sign-out, access tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from resana.accounts import actions, presence, sessions, tokens
from resana.accounts.models import AccessToken, Account, SignInSession
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Refused

SignIn = Callable[[Account], Any]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the live side is told."""
    said: list[Any] = []
    monkeypatch.setattr(presence, "_listeners", [lambda *one: said.append(one)])
    return said


def test_signing_out_ends_the_session_and_empties_the_browser(
    sign_in: SignIn, cast: SimpleNamespace, heard: list[Any]
) -> None:
    here = sign_in(cast.ines)
    secret = here.get_cookie("resana_session").value
    answer = here.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert here.get_cookie("resana_session") is None
    assert sessions.living_session(secret) is None
    row = session.execute(select(SignInSession)).scalar_one()
    assert heard == [("session", cast.ines.id, row.id, None)]
    here.set_cookie("resana_session", secret)
    assert here.get("/api/v1/me").status_code == 401
    assert here.get("/account").status_code == 303
    assert here.get("/sign-out").status_code == 405


def test_sessions_are_listed_and_closed_one_by_one(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here, there, other = sign_in(cast.ines), sign_in(cast.ines), sign_in(cast.bruno)
    listed = here.get("/api/v1/sessions").json["items"]
    assert sorted(one["present"] for one in listed) == [False, True]
    page = here.get("/account")
    assert page.text.count("Déconnecter<") == 2
    theirs = next(one["id"] for one in listed if not one["present"])
    assert other.delete(f"/api/v1/sessions/{theirs}").status_code == 404
    assert other.post(f"/account/sessions/{theirs}/end").status_code == 404
    assert here.post(f"/account/sessions/{theirs}/end").location == "/account#sessions"
    assert there.get("/api/v1/me").status_code == 401
    mine = next(one["id"] for one in listed if one["present"])
    assert here.post(f"/account/sessions/{mine}/end").location == "/sign-in"
    assert here.get("/api/v1/me").status_code == 401


def test_everywhere_means_everywhere(sign_in: SignIn, cast: SimpleNamespace, heard: list[Any]) -> None:
    here, there = sign_in(cast.ines), sign_in(cast.ines)
    epoch = cast.ines.access_epoch
    assert here.post("/account/sessions/end").location == "/sign-in"
    assert {one.get("/api/v1/me").status_code for one in (here, there)} == {401}
    session.refresh(cast.ines)
    assert cast.ines.access_epoch == epoch + 1
    assert sorted(said[0] for said in heard) == ["account", "session", "session"]


def test_a_session_ends_idle_and_by_age(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here = sign_in(cast.ines)
    with time_machine.travel(now() + timedelta(minutes=119)):
        assert here.get("/api/v1/me").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=230)):
        assert here.get("/api/v1/me").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=360)):
        assert here.get("/api/v1/me").status_code == 401


def test_a_token_opens_what_its_scope_says_until_its_day(
    app: Flask, sign_in: SignIn, cast: SimpleNamespace, heard: list[Any]
) -> None:
    here = sign_in(cast.ines)
    made = here.post("/api/v1/access-tokens", json={"name": "relevés", "scope": "read"})
    assert made.status_code == 201
    secret = made.json["secret"]
    assert secret.startswith("resana_")
    assert len(secret) > 45
    bearer = {"Authorization": f"Bearer {secret}"}
    program = app.test_client()
    assert program.get("/api/v1/me", headers=bearer).json["email"] == cast.ines.email
    listed = here.get("/api/v1/access-tokens").json["items"]
    assert [one["name"] for one in listed] == ["relevés"]
    assert "secret" not in listed[0]
    assert listed[0]["last_used_at"] is not None
    assert program.delete(f"/api/v1/access-tokens/{listed[0]['id']}", headers=bearer).status_code == 403
    assert program.delete("/api/v1/session", headers=bearer).status_code == 403
    with time_machine.travel(now() + timedelta(days=91)):
        assert program.get("/api/v1/me", headers=bearer).status_code == 401
    identity = session.execute(select(AccessToken.id)).scalar_one()
    assert here.delete(f"/api/v1/access-tokens/{listed[0]['id']}").status_code == 204
    assert heard == [("token", cast.ines.id, None, identity)]
    assert program.get("/api/v1/me", headers=bearer).status_code == 401
    assert here.get("/api/v1/access-tokens").json == {"items": [], "next": None}


def test_a_token_makes_no_other_token(app: Flask, cast: SimpleNamespace) -> None:
    _token, secret = tokens.make(cast.ines, name="tout", scope=tokens.TokenScope.WRITE)
    program = app.test_client()
    answer = program.post(
        "/api/v1/access-tokens",
        json={"name": "encore", "scope": "write"},
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 403


def test_a_token_opens_no_page(app: Flask, cast: SimpleNamespace) -> None:
    """On a page it could make other tokens, choose a password, end the sessions."""
    _token, secret = tokens.make(cast.ines, name="tout", scope=tokens.TokenScope.WRITE)
    program, bearer = app.test_client(), {"Authorization": f"Bearer {secret}"}
    made = {"token-name": "encore", "token-scope": "write", "token-expires_at": str(now().date() + timedelta(days=9))}
    assert program.get("/account", headers=bearer).status_code == 303
    assert program.post("/account/tokens", headers=bearer, data=made).status_code == 403
    assert len(tokens.of(cast.ines)) == 1


def test_a_token_beside_a_cookie_spares_no_page_its_csrf_token(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here: Any = sign_in(cast.ines)
    answer = here.post("/account/sessions/end", csrf=False, headers={"Authorization": "Bearer resana_x"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "a", "scope": "read", "expires_at": "2020-01-01T00:00:00Z"}, 422),
        ({"name": "a", "scope": "read", "expires_at": "2999-01-01T00:00:00Z"}, 422),
        ({"name": "a", "scope": "read", "expires_at": "2030-01-01T00:00:00"}, 422),
        ({"name": "a", "scope": "admin"}, 422),
        ({"name": "a"}, 422),
        ({"name": "a\u202eb", "scope": "read"}, 422),
        ({"name": "a", "scope": "read", "account_id": 1}, 422),
        ({"name": "a", "scope": "read"}, 201),
    ],
)
def test_tokens_are_asked_for_properly(sign_in: SignIn, cast: SimpleNamespace, body: Any, status: int) -> None:
    assert sign_in(cast.ines).post("/api/v1/access-tokens", json=body).status_code == status


def test_a_token_with_a_day_of_its_own(sign_in: SignIn, cast: SimpleNamespace) -> None:
    day = (now() + timedelta(days=30)).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    body = {"name": "un mois", "scope": "write", "expires_at": day}
    assert sign_in(cast.ines).post("/api/v1/access-tokens", json=body).json["expires_at"] == day
    with pytest.raises(Refused):
        tokens.make(cast.ines, name="trop", scope=tokens.TokenScope.READ, expires_at=now() + timedelta(days=400))


def test_the_page_shows_the_secret_once(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here = sign_in(cast.ines)
    day = (now() + timedelta(days=30)).date().isoformat()
    form = {"token-name": "relevés", "token-scope": "read", "token-expires_at": day}
    made = here.post("/account/tokens", data=form)
    assert made.status_code == 201
    assert 'value="resana_' in made.text
    page = here.get("/account")
    assert "relevés" in page.text
    assert 'value="resana_' not in page.text
    late = here.post("/account/tokens", data=form | {"token-expires_at": "2999-01-01"})
    assert late.status_code == 422
    assert 'aria-invalid="true"' in late.text
    identity = session.execute(select(AccessToken.public_id)).scalar_one()
    assert here.post(f"/account/tokens/{identity}/revocation").status_code == 303
    assert tokens.of(cast.ines) == []


def test_reactivation_gives_the_tokens_back_and_deactivation_does_not(app: Flask, cast: SimpleNamespace) -> None:
    _token, secret = tokens.make(cast.ines, name="relevés", scope=tokens.TokenScope.READ)
    program, bearer = app.test_client(), {"Authorization": f"Bearer {secret}"}
    actions.suspend(cast.ines, by=cast.adam)
    assert program.get("/api/v1/me", headers=bearer).status_code == 401
    actions.reactivate(cast.ines, by=cast.adam)
    session.refresh(cast.ines)


def test_me_says_what_one_may_do(sign_in: SignIn, cast: SimpleNamespace) -> None:
    me = sign_in(cast.adam).get("/api/v1/me").json
    assert me["administration"]["name"] == "Direction de l’environnement"
    assert me["abilities"]["administer"] is True
    assert set(sign_in(cast.bruno).get("/api/v1/me").json["abilities"].values()) == {False}


def test_a_colleagues_page(sign_in: SignIn, cast: SimpleNamespace) -> None:
    page = sign_in(cast.bruno).get(f"/people/{cast.ines.public_id}")
    assert page.status_code == 200
    assert "Inès Moreau" in page.text
    assert "Gérer ce compte" not in page.text
    assert "Gérer ce compte" in sign_in(cast.adam).get(f"/people/{cast.ines.public_id}").text
    told = sign_in(cast.bruno).get(f"/api/v1/accounts/{cast.ines.public_id}").json
    assert told["status"] is None
    invited = actions.create(
        email="neuve@dreal.example", first_name="N", last_name="E", administration=cast.at.dreal, by=cast.adam
    )
    assert sign_in(cast.bruno).get(f"/people/{invited.public_id}").status_code == 404
    assert sign_in(cast.bruno).get("/people/nobody").status_code == 404


def test_the_left_behind_cookie_opens_nothing(client: Any) -> None:
    client.set_cookie("resana_session", "x" * 43)
    assert client.get("/api/v1/me").status_code == 401
    client.set_cookie("resana_session", "x" * 4_000)
    assert client.get("/api/v1/me").status_code == 401
