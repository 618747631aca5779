"""A sensitive act asks for a recent proof of who sits there, and loses nothing of what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask

from resana.accounts import tokens
from resana.accounts.models import Account
from resana.core.clock import now
from tests.conftest import PASSWORD

SignIn = Callable[[Account], Any]
LATER = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def password(cast: SimpleNamespace, give_passwords: Callable[..., None]) -> None:
    give_passwords(cast.ines)


def wanted() -> dict[str, str]:
    day = (now() + timedelta(days=30)).date().isoformat()
    return {"token-name": "relevés & « du jour »", "token-scope": "read", "token-expires_at": day}


def test_what_was_typed_is_sent_on_once_the_password_is_given(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here = sign_in(cast.ines)
    form = wanted()
    with time_machine.travel(now() + LATER):
        asked = here.post("/account/tokens", data=form)
        assert asked.status_code == 403
        assert "Confirmez que c’est bien vous" in asked.text
        assert tokens.of(cast.ines) == []
        kept = dict(re.findall(r'type="hidden" name="(token-[^"]+)" value="([^"]*)"', asked.text))
        assert {name: unescape(value) for name, value in kept.items()} == form
        where = unescape(re.findall(r'action="(/account/confirmation[^"]*)"', asked.text)[0])
        wrong = here.post(where, data=form | {"confirmation-password": "nonante-neuf moutons"})
        assert wrong.status_code == 422
        assert 'name="token-scope" value="read"' in wrong.text
        assert "nonante" not in wrong.text
        sent_on = here.post(where, data=form | {"confirmation-password": PASSWORD})
        assert (sent_on.status_code, sent_on.location) == (307, "/account/tokens")
        assert here.post(sent_on.location, data=form).status_code == 201
        assert [token.name for token in tokens.of(cast.ines)] == [form["token-name"]]


def test_it_is_asked_again_after_ten_minutes_and_in_each_session(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here, there = sign_in(cast.ines), sign_in(cast.ines)
    with time_machine.travel(now() + LATER):
        assert here.post("/api/v1/session/confirmation", json={"present": PASSWORD}).status_code == 204
        assert here.post("/api/v1/access-tokens", json={"name": "a", "scope": "read"}).status_code == 201
        assert there.post("/api/v1/access-tokens", json={"name": "b", "scope": "read"}).status_code == 403
    with time_machine.travel(now() + 2 * LATER):
        assert here.post("/api/v1/access-tokens", json={"name": "c", "scope": "read"}).status_code == 403


def test_a_token_confirms_nothing(app: Flask, cast: SimpleNamespace) -> None:
    _token, secret = tokens.make(cast.ines, name="tout", scope=tokens.TokenScope.WRITE)
    program, bearer = app.test_client(), {"Authorization": f"Bearer {secret}"}
    answer = program.post("/api/v1/session/confirmation", json={"present": PASSWORD}, headers=bearer)
    assert answer.status_code == 403


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
def test_it_leads_nowhere_else(sign_in: SignIn, cast: SimpleNamespace, address: str) -> None:
    answer = sign_in(cast.ines).post(
        "/account/confirmation", query_string={"next": address}, data={"confirmation-password": PASSWORD}
    )
    assert (answer.status_code, answer.location) == (303, "/account")


def test_guessing_is_slowed_down(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here = sign_in(cast.ines)
    answers = [here.post("/account/confirmation", data={"confirmation-password": f"faux {n}"}) for n in range(30)]
    assert answers[0].status_code == 422
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
