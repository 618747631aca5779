"""One's own second factors: adding, naming, removing, recovery codes, and confirming sensitive acts with them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from resana.accounts import tokens
from resana.accounts.factors import proving, recovery
from resana.acts import Act
from resana.core import acts, jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.mail import KeptMail
from tests.conftest import PASSWORD

from .authenticator import Authenticator
from .conftest import HERE, code_of, give_application, register

LATER = timedelta(minutes=11)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[acts.Told]:
    said: list[acts.Told] = []
    monkeypatch.setattr(acts, "_listeners", [said.append])
    return said


def draft_of(page: Any) -> tuple[str, str]:
    """The draft in the form, and the secret that it stands for."""
    draft = unescape(re.findall(r'name="draft" value="([^"]+)"', page.text)[0])
    secret = re.findall(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)[0].replace(" ", "")
    return draft, secret


def test_an_application_is_added_by_its_first_code(sign_in: Any, cast: SimpleNamespace, told: list[acts.Told]) -> None:
    here, there = sign_in(cast.ines), sign_in(cast.ines)
    page = here.get("/account/second-factors/application")
    assert 'src="data:image/svg+xml' in page.text
    draft, secret = draft_of(page)
    form = {"name": "Téléphone", "draft": draft, "code": "000000"}
    wrong = here.post("/account/second-factors/application", data=form)
    assert wrong.status_code == 422 and "Vérifiez l’heure" in wrong.text
    assert draft_of(wrong)[1] == secret  # what was scanned stays good
    added = here.post("/account/second-factors/application", data=form | {"code": code_of(secret)})
    assert added.status_code == 201
    assert added.text.count("<li><code>") == 10
    assert [(one.kind, one.name) for one in proving.factors_of(cast.ines)] == [("totp", "Téléphone")]
    assert there.get("/account").status_code == 303
    assert "Téléphone" in here.get("/account").text
    assert [one.act for one in told] == [Act.FACTOR_ADDED]
    assert told[0].facts == {"kind": "totp"}
    jobs.drain()
    assert session.execute(select(KeptMail.subject)).scalars().all() == [
        "Vérification en deux étapes : un moyen ajouté"
    ]


def test_the_code_that_added_an_application_does_not_sign_in_too(
    client: Any, sign_in: Any, cast: SimpleNamespace, give_passwords: Any
) -> None:
    give_passwords(cast.ines)
    here = sign_in(cast.ines)
    draft, secret = draft_of(here.get("/account/second-factors/application"))
    code = code_of(secret)
    here.post("/account/second-factors/application", data={"name": "a", "draft": draft, "code": code})
    client.post("/api/v1/session", json={"email": cast.ines.email, "password": PASSWORD})
    assert client.post("/api/v1/session/second-factor", json={"code": code}).status_code == 422


def test_a_draft_is_one_person_s_and_lasts_half_an_hour(sign_in: Any, cast: SimpleNamespace) -> None:
    draft, secret = draft_of(sign_in(cast.ines).get("/account/second-factors/application"))
    form = {"name": "a", "draft": draft, "code": code_of(secret)}
    theirs = sign_in(cast.olga).post("/account/second-factors/application", data=form)
    assert theirs.status_code == 422 and draft_of(theirs)[1] != secret
    for nonsense in ("", "x", "é" * 9, "A" * 5000):
        answer = sign_in(cast.ines).post("/account/second-factors/application", data=form | {"draft": nonsense})
        assert answer.status_code == 422
    with time_machine.travel(now() + timedelta(minutes=9)):
        assert (
            sign_in(cast.ines)
            .post("/account/second-factors/application", data=form | {"code": code_of(secret)})
            .status_code
            == 201
        )
    with time_machine.travel(now() + timedelta(minutes=31)):
        late = sign_in(cast.ines).post("/account/second-factors/application", data=form | {"code": code_of(secret)})
        assert late.status_code in (403, 422)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account/second-factors/application"),
        ("POST", "/account/second-factors/application"),
        ("GET", "/account/second-factors/passkey"),
        ("POST", "/account/second-factors/passkey"),
        ("POST", "/account/second-factors/recovery-codes"),
        ("POST", "/account/second-factors/recovery-codes/file"),
        ("POST", "/api/v1/second-factors/challenge"),
        ("POST", "/account/second-factors/{factor}"),
        ("POST", "/account/second-factors/{factor}/removal"),
        ("DELETE", "/api/v1/second-factors/{factor}"),
    ],
)
def test_how_one_signs_in_is_changed_only_by_who_has_just_said_who_they_are(
    sign_in: Any, holder: SimpleNamespace, method: str, path: str
) -> None:
    here = sign_in(holder.account)
    path = path.format(factor=proving.factors_of(holder.account)[0].public_id)
    with time_machine.travel(now() + LATER):
        assert here.open(path, method=method).status_code == 403
    assert len(proving.factors_of(holder.account)) == 1


def test_confirming_asks_for_the_code_too(sign_in: Any, holder: SimpleNamespace) -> None:
    here = sign_in(holder.account)
    with time_machine.travel(now() + LATER):
        asked = here.post("/account/tokens", data={"token-name": "a"})
        assert asked.status_code == 403 and 'name="confirmation-code"' in asked.text
        where = unescape(re.findall(r'action="(/account/confirmation[^"]*)"', asked.text)[0])
        alone = here.post(where, data={"confirmation-password": PASSWORD})
        assert alone.status_code == 422 and "Écrivez le code" in alone.text
        wrong = here.post(where, data={"confirmation-password": PASSWORD, "confirmation-code": "000000"})
        assert wrong.status_code == 422 and PASSWORD not in wrong.text
        code = code_of(holder.secret)
        other = here.post(where, data={"confirmation-password": "faux", "confirmation-code": code})
        assert other.status_code == 422
        right = here.post(where, data={"confirmation-password": PASSWORD, "confirmation-code": code})
        assert right.status_code == 307
        again = here.post(where, data={"confirmation-password": PASSWORD, "confirmation-code": code})
        assert again.status_code == 422  # a code serves once, here too


def test_programs_confirm_in_the_same_way(sign_in: Any, holder: SimpleNamespace) -> None:
    here = sign_in(holder.account)
    path = "/api/v1/session/confirmation"
    assert here.post(path, json={"present": PASSWORD}).status_code == 422
    assert here.post(path, json={"present": PASSWORD, "code": "000000"}).status_code == 422
    assert here.post(path, json={"code": code_of(holder.secret)}).status_code == 422
    assert here.post(path, json={"present": PASSWORD, "code": code_of(holder.secret)}).status_code == 204


def test_a_key_confirms_alone_if_it_knows_its_holder(sign_in: Any, cast: SimpleNamespace, key: Authenticator) -> None:
    here = sign_in(cast.bruno)
    challenge, path = "/api/v1/session/confirmation/challenge", "/api/v1/session/confirmation"
    with time_machine.travel(now() + LATER):
        options = here.post(challenge).json["options"]
        assert options["userVerification"] == "required"
        key.verifies = False
        assert here.post(path, json={"passkey": key.sign(options)}).status_code == 422
        key.verifies = True
        options = here.post(challenge).json["options"]
        answer = key.sign(options)
        assert sign_in(cast.bruno).post(path, json={"passkey": answer}).status_code == 422  # another session's
        assert here.post(path, json={"passkey": answer}).status_code == 204
        assert here.post(path, json={"passkey": answer}).status_code == 422
        assert here.post("/api/v1/access-tokens", json={"name": "a", "scope": "read"}).status_code == 201


def test_what_was_signed_to_confirm_does_not_sign_in_nor_the_other_way(
    client: Any, sign_in: Any, cast: SimpleNamespace, key: Authenticator
) -> None:
    here = sign_in(cast.bruno)
    confirming = here.post("/api/v1/session/confirmation/challenge").json["options"]
    client.post("/api/v1/session", json={"email": cast.bruno.email, "password": PASSWORD})
    signing = client.post("/api/v1/session/second-factor/challenge").json["options"]
    assert client.post("/api/v1/session/second-factor", json={"passkey": key.sign(confirming)}).status_code == 422
    assert here.post("/api/v1/session/confirmation", json={"passkey": key.sign(signing)}).status_code == 422


def test_factors_are_named_and_removed_by_their_holder_alone(
    sign_in: Any, holder: SimpleNamespace, cast: SimpleNamespace, told: list[acts.Told]
) -> None:
    factor = proving.factors_of(holder.account)[0].public_id
    stranger = sign_in(cast.olga)
    for method, path in (
        ("GET", f"/account/second-factors/{factor}"),
        ("POST", f"/account/second-factors/{factor}"),
        ("POST", f"/account/second-factors/{factor}/removal"),
        ("DELETE", f"/api/v1/second-factors/{factor}"),
    ):
        answer = stranger.open(path, method=method)
        unknown = stranger.open(path.replace(factor, "a" * 26), method=method)
        assert (answer.status_code, answer.data) == (404, unknown.data)
    here, there = sign_in(holder.account), sign_in(holder.account)
    assert here.post(f"/account/second-factors/{factor}", data={"name": ""}).status_code == 422
    assert here.post(f"/account/second-factors/{factor}", data={"name": "Pixel"}).status_code == 303
    assert [one["name"] for one in here.get("/api/v1/second-factors").json["items"]] == ["Pixel"]
    assert here.post(f"/account/second-factors/{factor}/removal").status_code == 303
    assert proving.factors_of(holder.account) == []
    assert recovery.left(holder.account) == 0
    assert there.get("/account").status_code == 303
    assert [one.act for one in told] == [Act.FACTOR_REMOVED]


def test_recovery_codes_are_renewed_and_shown_once(sign_in: Any, holder: SimpleNamespace) -> None:
    here = sign_in(holder.account)
    made = here.post("/account/second-factors/recovery-codes")
    codes = re.findall(r"<li><code>([^<]+)</code>", made.text)
    assert made.status_code == 201 and len(set(codes)) == 10
    assert not set(codes) & set(holder.codes)
    assert "<li><code>" not in here.get("/account/second-factors").text
    file = here.post("/account/second-factors/recovery-codes/file", data={"code": codes})
    assert file.headers["Content-Disposition"].startswith("attachment") and codes[9] in file.text
    assert file.mimetype == "text/plain"
    for others in ([], holder.codes, [*codes[:9], "<script>"], [codes[0]] * 10):
        assert here.post("/account/second-factors/recovery-codes/file", data={"code": others}).status_code == 422


def test_there_are_no_recovery_codes_without_a_factor(sign_in: Any, cast: SimpleNamespace) -> None:
    assert sign_in(cast.olga).post("/account/second-factors/recovery-codes").status_code == 409


def test_a_token_protects_nobody_s_account(app: Flask, holder: SimpleNamespace) -> None:
    _token, secret = tokens.make(holder.account, name="tout", scope=tokens.TokenScope.WRITE)
    bearer = {"Authorization": f"Bearer {secret}"}
    factor = proving.factors_of(holder.account)[0].public_id
    for method, path in (
        ("POST", "/api/v1/session/confirmation/challenge"),
        ("POST", "/api/v1/second-factors/challenge"),
        ("DELETE", f"/api/v1/second-factors/{factor}"),
    ):
        assert app.test_client().open(path, method=method, headers=bearer).status_code == 403


def test_ten_means_are_enough(sign_in: Any, holder: SimpleNamespace) -> None:
    here = sign_in(holder.account)
    for number in range(9):
        assert register(here, Authenticator(HERE, "localhost"), f"Clé {number}").status_code == 303
    assert register(here, Authenticator(HERE, "localhost"), "Une de trop").status_code == 409


def test_an_application_can_serve_two_people_only_with_two_secrets(
    holder: SimpleNamespace, cast: SimpleNamespace
) -> None:
    """What was sealed for one account does not open for another, even by a mistake in the database."""
    give_application(cast.marc, holder.secret)
    mine, theirs = proving.factors_of(holder.account)[0], proving.factors_of(cast.marc)[0]
    assert mine.sealed_secret != theirs.sealed_secret
