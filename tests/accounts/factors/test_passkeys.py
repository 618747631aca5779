"""Keys: what is signed is asked once, for one half sign-in or one session, at our own address."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from resana.accounts.factors import passkeys, recovery
from resana.accounts.factors.models import Challenge, SecondFactor
from resana.core.clock import now
from resana.core.database import session

from .authenticator import Authenticator
from .conftest import HERE, password, register, second


def challenge(client: Any) -> dict[str, Any]:
    options: dict[str, Any] = client.post("/api/v1/session/second-factor/challenge").json["options"]
    return options


def test_a_key_finishes_the_sign_in(client: Any, key: Authenticator, cast: SimpleNamespace) -> None:
    assert password(client, cast.bruno).json == {"second_factor": ["passkey", "recovery"]}
    options = challenge(client)
    assert options["rpId"] == "localhost"
    assert len(options["allowCredentials"]) == 1
    assert second(client, passkey=key.sign(options)).status_code == 200
    assert client.get("/api/v1/me").json["id"] == cast.bruno.public_id
    assert (
        session.execute(select(SecondFactor.last_used_at).where(SecondFactor.account_id == cast.bruno.id)).scalar_one()
        is not None
    )


def test_an_answer_serves_once(app: Flask, key: Authenticator, cast: SimpleNamespace) -> None:
    one, other = app.test_client(), app.test_client()
    password(one, cast.bruno)
    password(other, cast.bruno)
    answer = key.sign(challenge(one))
    challenge(other)
    assert second(other, passkey=answer).status_code == 422  # another half sign-in's
    assert second(one, passkey=answer).status_code == 200
    again = app.test_client()
    password(again, cast.bruno)
    assert second(again, passkey=answer).status_code == 422
    challenge(again)
    assert second(again, passkey=answer).status_code == 422


def test_a_challenge_is_used_up_by_a_wrong_answer_and_by_the_next_one(
    client: Any, key: Authenticator, cast: SimpleNamespace
) -> None:
    password(client, cast.bruno)
    options = challenge(client)
    assert second(client, passkey="{}").status_code == 422
    assert second(client, passkey=key.sign(options)).status_code == 422
    former, present = challenge(client), challenge(client)
    assert second(client, passkey=key.sign(former)).status_code == 422
    assert session.execute(select(Challenge)).scalars().all() == []
    assert present != former


def test_a_challenge_lives_for_five_minutes(client: Any, key: Authenticator, cast: SimpleNamespace) -> None:
    password(client, cast.bruno)
    options = challenge(client)
    with time_machine.travel(now() + timedelta(minutes=5, seconds=1)):
        assert second(client, passkey=key.sign(options)).status_code == 422


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "http://localhost.evil.example"},
        {"origin": "https://localhost"},
        {"origin": "http://evil.example"},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
)
def test_what_another_page_had_signed_opens_nothing(
    client: Any, key: Authenticator, cast: SimpleNamespace, changed: dict[str, str]
) -> None:
    password(client, cast.bruno)
    assert second(client, passkey=key.sign(challenge(client), **changed)).status_code == 422


def test_a_key_of_another_domain_or_another_pair_opens_nothing(
    client: Any, key: Authenticator, cast: SimpleNamespace
) -> None:
    password(client, cast.bruno)
    elsewhere = Authenticator(HERE, "evil.example", identity=key.identity, key=key.key)
    assert second(client, passkey=elsewhere.sign(challenge(client))).status_code == 422
    forged = Authenticator(HERE, "localhost", identity=key.identity)
    assert second(client, passkey=forged.sign(challenge(client))).status_code == 422


def test_a_copied_key_is_noticed_by_its_counter(
    client: Any, cast: SimpleNamespace, sign_in: Any, give_passwords: Any
) -> None:
    give_passwords(cast.marc)
    key = Authenticator(HERE, "localhost", counter=7)
    register(sign_in(cast.marc), key)
    copy = Authenticator(HERE, "localhost", counter=7, identity=key.identity, key=key.key)
    password(client, cast.marc)
    assert second(client, passkey=key.sign(challenge(client))).status_code == 200
    client.delete_cookie("resana_session")
    password(client, cast.marc)
    assert second(client, passkey=copy.sign(challenge(client))).status_code == 422


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "{",
        '{"id": 1}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "%"}}',
        "[" * 30_000,
        '{"id": {"id": []}, "rawId": [], "type": "x"}',
    ],
)
def test_answers_of_any_shape_are_refused_in_words(
    client: Any, key: Authenticator, cast: SimpleNamespace, sign_in: Any, answer: str
) -> None:
    password(client, cast.bruno)
    challenge(client)
    assert second(client, passkey=answer).status_code == 422
    olga = sign_in(cast.olga)
    olga.post("/api/v1/second-factors/challenge")
    page = olga.post("/account/second-factors/passkey", data={"name": "Clé", "answer": answer})
    assert page.status_code == 422
    assert "Votre navigateur n’a pas" in page.text


def test_well_formed_answers_with_wrong_bytes_are_refused(
    client: Any, key: Authenticator, cast: SimpleNamespace
) -> None:
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        for wrong in ("", "AAAA", "A" * 400, "!!"):
            password(client, cast.bruno)
            said = json.loads(key.sign(challenge(client)))
            said["response"][part] = wrong
            answer = second(client, passkey=json.dumps(said))
            assert answer.status_code in (422, 429), (part, wrong)


def test_a_key_is_registered_with_its_recovery_codes_and_not_twice(sign_in: Any, cast: SimpleNamespace) -> None:
    here, there = sign_in(cast.ines), sign_in(cast.ines)
    key = Authenticator(HERE, "localhost")
    added = register(here, key, "Clé du trousseau")
    assert added.status_code == 201
    assert added.text.count("<li><code>") == 10
    assert there.get("/account").status_code == 303  # signed out elsewhere
    assert recovery.left(cast.ines) == 10
    options = here.post("/api/v1/second-factors/challenge").json["options"]
    assert [one["id"] for one in options["excludeCredentials"]] == [json.loads(key.create(options))["id"]]
    again = here.post("/account/second-factors/passkey", data={"name": "b", "answer": key.create(options)})
    assert again.status_code == 409 and "déjà enregistrée" in again.text
    other = register(sign_in(cast.olga), key)
    assert other.status_code == 409


def test_a_registration_is_not_replayed(sign_in: Any, cast: SimpleNamespace) -> None:
    here = sign_in(cast.ines)
    options = here.post("/api/v1/second-factors/challenge").json["options"]
    answer = Authenticator(HERE, "localhost").create(options)
    assert (
        sign_in(cast.olga).post("/account/second-factors/passkey", data={"name": "a", "answer": answer}).status_code
        == 422
    )
    assert here.post("/account/second-factors/passkey", data={"name": "a", "answer": answer}).status_code == 201
    assert here.post("/account/second-factors/passkey", data={"name": "b", "answer": answer}).status_code == 422


def test_keys_are_bound_to_the_name_in_the_settings(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    for base_url, asked, origin, possible in (
        ("https://resana.example", "http://evil.example", "https://resana.example", True),
        ("https://resana.example", "http://localhost:8000", "http://localhost:8000", True),  # development alone
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "http://127.0.0.1:8000", False),
        ("http://[::1]:8000", "http://[::1]:8000", "http://[::1]:8000", False),
    ):
        settings.base_url = base_url
        settings.__dict__.pop("address", None)
        with app.test_request_context(base_url=asked):
            assert (passkeys.origin(), passkeys.are_possible()) == (origin, possible)
    settings.base_url, settings.env = "https://resana.example", "production"
    settings.__dict__.pop("address", None)
    try:
        with app.test_request_context(base_url="http://localhost:8000"):
            assert (passkeys.origin(), passkeys.domain()) == ("https://resana.example", "resana.example")
    finally:
        settings.env = "development"
