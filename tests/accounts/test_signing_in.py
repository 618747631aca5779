"""Signing in: who may, what is said to whom may not, and who has to wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from resana.accounts import actions, devices, passwords, sessions, signing_in
from resana.accounts.models import Account, AccountStatus, KnownDevice, SignInFailure, SignInSession
from resana.core.actions import action
from resana.core.database import session
from resana.core.errors import NotSignedIn, Refused, TooMany

GOOD = "une loutre sous le pont neuf"
HERE = signing_in.Browser("192.0.2.7", user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")


@action
def give_password(account: Account, kept: str) -> None:
    account.password_hash = kept
    session.flush()


@pytest.fixture
def ines(cast: SimpleNamespace) -> Account:
    """Inès, with a password."""
    return with_password(cast.ines)


def with_password(account: Account, password: str = GOOD) -> Account:
    session.rollback()
    give_password(account, passwords.hashed(password))
    return account


def post(client: Any, email: str, password: str, **kwargs: Any) -> Any:
    return client.post("/api/v1/session", json={"email": email, "password": password}, **kwargs)


def test_the_page_signs_in_and_leads_where_one_was_going(client: Any, ines: Account) -> None:
    page = client.get("/sign-in?next=/account")
    assert page.status_code == 200
    assert 'value="/account"' in page.text
    answer = client.post("/sign-in", data={"email": " INES@dreal.example", "password": GOOD, "next": "/account"})
    assert (answer.status_code, answer.location) == (303, "/account")
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(
        one.startswith("resana_session=") and "HttpOnly" in one and "SameSite=Lax" in one and "Path=/" in one
        for one in cookies
    )
    assert client.get("/account").status_code == 200
    assert client.get("/sign-in").status_code == 303


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "https:evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/%5cevil.example",
        "/%2f/evil.example",
        "///evil.example",
        "http:///evil.example",
        "evil.example",
        "/\r\nSet-Cookie: a=b",
        " /account",
        "//[",
    ],
)
def test_nobody_is_led_to_another_site(client: Any, ines: Account, evil: str) -> None:
    answer = client.post("/sign-in", data={"email": ines.email, "password": GOOD, "next": evil})
    assert (answer.status_code, answer.location) == (303, "/")


def test_the_call_signs_in_with_a_cookie_and_a_csrf_token(app: Flask, ines: Account) -> None:
    program = app.test_client()
    answer = post(program, ines.email, GOOD)
    assert answer.status_code == 200
    assert answer.json["account"]["email"] == ines.email
    assert answer.json["account"]["status"] == "active"
    token = answer.json["csrf_token"]
    assert program.get("/api/v1/me").json["id"] == ines.public_id
    assert program.delete("/api/v1/session").status_code == 403
    gone = program.delete("/api/v1/session", headers={"X-CSRF-Token": token})
    assert gone.status_code == 204
    assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert program.get("/api/v1/me").status_code == 401


def test_all_failures_are_the_same_to_the_byte(client: Any, cast: SimpleNamespace) -> None:
    with_password(cast.sami)
    with_password(cast.ines)
    new = actions.create(
        email="neuve@dreal.example", first_name="N", last_name="E", administration=cast.at.dreal, by=cast.adam
    )
    answers = [
        post(client, "personne@dreal.example", GOOD),
        post(client, cast.ines.email, "un mauvais mot de passe"),
        post(client, cast.sami.email, GOOD),
        post(client, new.email, GOOD),
        post(client, "\x00", GOOD),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    pages = [
        client.post("/sign-in", data={"email": email, "password": "un mauvais mot de passe"})
        for email in ("personne@dreal.example", cast.ines.email)
    ]
    assert pages[0].status_code == pages[1].status_code == 401
    texts = [re.sub(r'(content|value)="[\w.-]{40,}"', "csrf", page.text) for page in pages]
    assert texts[0].replace("personne@dreal.example", cast.ines.email) == texts[1]


def test_an_unknown_address_costs_a_hash_too(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda kept, typed: seen.append(kept) or real(kept, typed))
    with pytest.raises(NotSignedIn):
        signing_in.sign_in("personne@dreal.example", GOOD, HERE)
    assert seen == [None]


def test_unknown_and_known_addresses_ask_the_same_of_the_database(
    cast: SimpleNamespace, statements: Callable[[], Any]
) -> None:
    with_password(cast.ines)
    counted = []
    for email in ("personne@dreal.example", cast.ines.email):
        session.rollback()
        with statements() as seen, pytest.raises(NotSignedIn):
            signing_in.sign_in(email, "un mauvais mot de passe", HERE)
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 12


def test_what_is_malformed_is_422_and_does_not_count(client: Any, ines: Account) -> None:
    assert post(client, ines.email, "x" * 1_000_000).status_code == 422
    assert post(client, "", GOOD).status_code == 422
    assert client.post("/api/v1/session", json={"email": ines.email}).status_code == 422
    assert client.post("/api/v1/session", json={"email": ines.email, "password": 7}).status_code == 422
    assert client.post("/api/v1/session", json={"email": "a", "password": "b", "admin": True}).status_code == 422
    assert client.post("/api/v1/session", data=b"{", content_type="application/json").status_code == 400
    page = client.post("/sign-in", data={"email": "", "password": ""})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert session.execute(select(SignInFailure)).first() is None


def test_signing_in_rotates_the_session_and_forgets_what_the_cookie_held(client: Any, ines: Account) -> None:
    with client.session_transaction() as cookie:
        cookie["leftover"] = "of somebody else"
        cookie["language"] = "en"
    post(client, ines.email, GOOD)
    first = client.get_cookie("resana_session").value
    with client.session_transaction() as cookie:
        assert "leftover" not in cookie
        assert cookie["language"] == "en"
    post(client, ines.email, GOOD)
    assert client.get_cookie("resana_session").value != first
    assert sessions.living_session(first) is None


def test_a_hash_of_other_parameters_is_made_again(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    session.rollback()
    give_password(cast.ines, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD))
    signing_in.sign_in(cast.ines.email, GOOD, HERE)
    kept = session.execute(select(Account.password_hash).where(Account.id == cast.ines.id)).scalar_one()
    assert "m=19456,t=2,p=1" in kept


def test_a_person_suspended_while_the_password_is_compared_does_not_enter(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_password(cast.ines)
    real = passwords.matches

    def slow(kept: str | None, typed: str) -> bool:
        right = real(kept, typed)
        actions.suspend(cast.ines, by=cast.adam)
        return right

    monkeypatch.setattr(passwords, "matches", slow)
    with pytest.raises(NotSignedIn):
        signing_in.sign_in(cast.ines.email, GOOD, HERE)
    assert session.execute(select(SignInSession)).first() is None


def test_hashing_inside_a_transaction_is_a_mistake(cast: SimpleNamespace) -> None:
    session.execute(select(1))
    with pytest.raises(RuntimeError):
        passwords.hashed(GOOD)


def test_a_thousand_wrong_passwords_lock_out_nobody(app: Flask, cast: SimpleNamespace) -> None:
    with_password(cast.ines)
    with_password(cast.bruno)
    # Within one moment: how many are let through must not depend on how busy the machine is.
    with time_machine.travel(_in(0), tick=False):
        known, stranger = app.test_client(), app.test_client()
        assert post(known, cast.ines.email, GOOD).status_code == 200
        answers = [post(stranger, cast.ines.email, f"mauvais essai {i}") for i in range(1_000)]
        assert {answer.status_code for answer in answers} == {401, 429}
        assert sum(answer.status_code == 401 for answer in answers) < 20
        late = answers[-1]
        assert late.status_code == 429
        assert 0 < int(late.headers["Retry-After"]) <= 900
        assert late.content_type == "application/problem+json"
        page = app.test_client()
        assert post(known, cast.ines.email, GOOD).status_code == 200
        assert post(page, cast.bruno.email, GOOD).status_code == 200
        assert post(stranger, cast.ines.email, GOOD).status_code == 429
    with time_machine.travel(_in(901), tick=True):
        assert post(stranger, cast.ines.email, GOOD).status_code == 200


def _in(seconds: int) -> Any:
    from datetime import timedelta

    from resana.core.clock import now

    return now() + timedelta(seconds=seconds)


def test_the_page_says_how_long_to_wait(client: Any, ines: Account) -> None:
    for _try in range(12):
        answer = client.post("/sign-in", data={"email": ines.email, "password": "mauvais"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Patientez" in answer.text
    assert f'value="{ines.email}"' in answer.text


def test_waits_grow_and_leak_away(cast: SimpleNamespace) -> None:
    with_password(cast.ines)

    def fail() -> int:
        try:
            signing_in.sign_in(cast.ines.email, "mauvais", HERE)
        except TooMany as wait:
            return wait.retry_after
        except NotSignedIn:
            return 0
        raise AssertionError

    with time_machine.travel(_in(0), tick=False) as clock:
        waits = []
        for _try in range(9):
            waits.append(fail())
            while wait := _waiting(cast.ines.email):
                waits.append(wait)
                clock.shift(wait)
        assert waits == [0, 0, 0, 0, 0, 1, 0, 2, 0, 4, 0, 8, 0, 16]
        clock.shift(2 * 86_400)
        assert fail() == 0
        assert len(session.execute(select(SignInFailure)).all()) == 3


def _waiting(email: str) -> int:
    from resana.accounts import throttling

    try:
        throttling.check(throttling.counts_of(email, throttling.network_of(HERE.address), None))
    except TooMany as wait:
        return wait.retry_after
    return 0


def test_many_networks_share_one_soft_cap_that_known_devices_do_not_feel(cast: SimpleNamespace) -> None:
    with_password(cast.ines)
    device = signing_in.sign_in(cast.ines.email, GOOD, HERE).device
    refused = 0
    for i in range(40):
        try:
            signing_in.sign_in(cast.ines.email, "mauvais", signing_in.Browser(f"198.51.{i}.1"))
        except TooMany:
            refused += 1
        except NotSignedIn:
            pass
    assert refused > 0
    with pytest.raises(TooMany):
        signing_in.sign_in(cast.ines.email, GOOD, signing_in.Browser("203.0.113.5"))
    assert signing_in.sign_in(cast.ines.email, GOOD, HERE._replace(device=device)).account.id == cast.ines.id


def test_a_device_that_we_have_not_made_is_never_taken_over(cast: SimpleNamespace) -> None:
    with_password(cast.ines)
    with_password(cast.bruno)
    planted = signing_in.sign_in(cast.ines.email, GOOD, HERE._replace(device="planted")).device
    assert planted != "planted"
    shared = signing_in.sign_in(cast.bruno.email, GOOD, HERE._replace(device=planted)).device
    assert shared == planted
    assert len(session.execute(select(KnownDevice)).all()) == 2
    for _time in range(devices.MOST + 3):
        signing_in.sign_in(cast.ines.email, GOOD, HERE)
    mine = select(KnownDevice).where(KnownDevice.account_id == cast.ines.id)
    assert len(session.execute(mine).all()) == devices.MOST


def test_a_good_password_clears_the_typing_errors_before_it(cast: SimpleNamespace) -> None:
    with_password(cast.ines)
    for _round in range(3):
        for _try in range(4):
            with pytest.raises(NotSignedIn):
                signing_in.sign_in(cast.ines.email, "mauvais", HERE)
        signing_in.sign_in(cast.ines.email, GOOD, HERE)


def test_a_foreign_page_signs_nobody_in(client: Any, ines: Account) -> None:
    evil = {"Origin": "https://evil.example"}
    assert post(client, ines.email, GOOD, headers=evil).status_code == 403
    form = {"email": ines.email, "password": GOOD}
    assert client.post("/sign-in", data=form, csrf=False).status_code == 403
    assert client.post("/api/v1/session", data=form).status_code == 415


def test_all_that_is_wrong_with_a_new_password_is_said_at_once(
    sign_in: Callable[[Account], Any], ines: Account
) -> None:
    form = {"own-present": GOOD, "own-password": "trop court", "own-again": "un autre"}
    page = sign_in(ines).post("/account/password", data=form)
    assert page.status_code == 422
    assert "Ce mot de passe est trop court" in page.text
    assert "Les deux mots de passe ne sont pas les mêmes." in page.text


def test_changing_the_password_asks_the_present_one_and_ends_the_other_sessions(
    sign_in: Callable[[Account], Any], ines: Account
) -> None:
    here, there = sign_in(ines), sign_in(ines)
    form = {"own-present": "pas le bon du tout", "own-password": "le vent tourne sur la dune", "own-again": "x"}
    assert here.post("/account/password", data=form).status_code == 422
    form["own-again"] = form["own-password"]
    wrong = here.post("/account/password", data=form)
    assert wrong.status_code == 422
    assert "Ce n’est pas votre mot de passe actuel." in wrong.text
    form["own-present"] = GOOD
    assert here.post("/account/password", data=form).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/api/v1/me").status_code == 401
    session.rollback()
    assert signing_in.sign_in(ines.email, "le vent tourne sur la dune", HERE)


@pytest.mark.parametrize(
    "weak",
    [
        "trop court",
        "x" * 129,
        "resana-dreal-2026",
        "Prefecture2026!!",
        "InesMoreau123456",
        "ines@dreal.example",
        "azertyuiopqsdfghjklm",
        "aaaaaaaaaaaaaaaaaaaa",
        "Poitiers-Poitiers-1",
        "abcabcabcabcabcabc",
        "012345678901234567",
        "MotDePasse2026!!",
        "préfecture Poitiers 1999",
        "aX9$aX9$aX9$aX9$",
    ],
)
def test_what_is_easily_guessed_is_refused_with_words(cast: SimpleNamespace, weak: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.accepted(weak, cast.ines)
    assert refused.value.field == "password"
    assert len(refused.value.detail) > 30


@pytest.mark.parametrize(
    "strong",
    [
        GOOD,
        "demonstration-resana-2026",
        "la préfecture a mangé douze poires",
        "3f9ba8c2d7e61450",
        "日本語のパスワードは長いほうがよい",
        "x7#Kq!m2Zp@9vLw$",
    ],
)
def test_a_small_sentence_is_accepted_without_any_composition(cast: SimpleNamespace, strong: str) -> None:
    assert passwords.accepted(strong, cast.ines) == strong


def test_an_account_is_active_or_not_in_one_place(cast: SimpleNamespace) -> None:
    assert cast.sami.status == AccountStatus.SUSPENDED
    assert not cast.sami.is_active
