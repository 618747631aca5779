"""Between the password and the session: what proves it, what does not, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from resana.accounts import actions as accounts
from resana.accounts import links, sessions, signing_in, throttling
from resana.accounts.factors import pending, recovery
from resana.accounts.factors.models import PendingSignIn, RecoveryCode, SecondFactor
from resana.accounts.models import SignInSession
from resana.core import jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.mail import KeptMail
from tests.conftest import PASSWORD

from .authenticator import Authenticator
from .conftest import code_of, password, second

COOKIE = "resana_session"


def mails(account: Any) -> list[str]:
    session.rollback()
    jobs.drain()
    return list(session.execute(select(KeptMail.subject).where(KeptMail.recipient == account.email)).scalars())


def test_the_pages_lead_from_the_password_to_the_code_to_where_one_was_going(
    client: Any, holder: SimpleNamespace
) -> None:
    asked = client.post("/sign-in", data={"email": holder.account.email, "password": PASSWORD, "next": "/account"})
    assert (asked.status_code, asked.location) == (303, "/sign-in/second-step?next=/account")
    assert client.get_cookie(COOKIE) is None
    cookie = next(one for one in asked.headers.getlist("Set-Cookie") if one.startswith("resana_pending="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=600" in cookie
    page = client.get(asked.location)
    assert 'value="/account"' in page.text and "Confirmer votre connexion" in page.text
    wrong = client.post("/sign-in/second-step", data={"code": "000000", "next": "/account"})
    assert wrong.status_code == 422 and "Ce code ne convient pas" in wrong.text
    right = client.post("/sign-in/second-step", data={"code": code_of(holder.secret), "next": "/account"})
    assert (right.status_code, right.location) == (303, "/account")
    assert client.get_cookie("resana_pending") is None
    assert client.get("/account").status_code == 200
    assert session.execute(select(SignInSession.aal)).scalar_one() == 2


def test_a_password_alone_still_suffices_where_there_is_no_second_factor(
    client: Any, cast: SimpleNamespace, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines)
    assert password(client, cast.ines).status_code == 200
    assert session.execute(select(SignInSession.aal)).scalar_one() == 1


def test_programs_are_told_what_is_owed(client: Any, holder: SimpleNamespace) -> None:
    due = password(client, holder.account)
    assert (due.status_code, due.json) == (202, {"second_factor": ["totp", "recovery"]})
    assert client.get("/api/v1/me").status_code == 401
    wrong = second(client, code="12345")
    assert (wrong.status_code, wrong.json["errors"][0]["field"]) == (422, "code")
    done = second(client, code=code_of(holder.secret))
    assert (done.status_code, done.json["account"]["id"]) == (200, holder.account.public_id)
    assert client.get("/api/v1/sessions").json["items"][0]["aal"] == 2
    assert second(client, code=code_of(holder.secret, 1)).status_code == 401


def test_a_code_serves_once(app: Flask, holder: SimpleNamespace) -> None:
    code = code_of(holder.secret)
    one, other = app.test_client(), app.test_client()
    assert password(one, holder.account).status_code == password(other, holder.account).status_code == 202
    assert second(one, code=code).status_code == 200
    assert second(other, code=code).status_code == 422
    assert second(other, code=code_of(holder.secret, -1)).status_code == 422  # an older one serves no more either
    assert second(other, code=code_of(holder.secret, 1)).status_code == 200


@pytest.mark.parametrize(
    ("steps", "status"), [(-1, 200), (0, 200), (1, 200), (-2, 422), (2, 422), (-120, 422), (120, 422)]
)
def test_a_clock_may_be_off_by_one_step_and_not_by_an_hour(
    client: Any, holder: SimpleNamespace, steps: int, status: int
) -> None:
    with time_machine.travel(now(), tick=False):
        password(client, holder.account)
        assert second(client, code=code_of(holder.secret, steps)).status_code == status


def test_a_recovery_code_serves_once_and_the_person_hears_of_it(app: Flask, holder: SimpleNamespace) -> None:
    one, other = app.test_client(), app.test_client()
    password(one, holder.account)
    password(other, holder.account)
    typed = holder.codes[3].upper().replace("-", " ")
    assert second(one, code=typed).status_code == 200
    assert second(other, code=typed).status_code == 422
    assert recovery.left(holder.account) == 9
    assert "Un code de secours a servi" in mails(holder.account)


def test_nothing_that_proves_anything_lies_readable_in_the_database(holder: SimpleNamespace) -> None:
    factor = session.execute(select(SecondFactor).where(SecondFactor.account_id == holder.account.id)).scalar_one()
    kept = session.execute(select(RecoveryCode.code_hash)).scalars().all()
    assert holder.secret.encode() not in (factor.sealed_secret or b"")
    assert len(kept) == 10
    assert not {code.replace("-", "") for code in holder.codes} & set(kept)


def test_somebody_else_s_code_and_key_prove_nothing(
    client: Any, holder: SimpleNamespace, key: Authenticator, cast: SimpleNamespace
) -> None:
    password(client, cast.bruno)
    assert second(client, code=code_of(holder.secret)).status_code == 422
    assert second(client, code=holder.codes[0]).status_code == 422
    password(client, holder.account)
    options = client.post("/api/v1/session/second-factor/challenge").json["options"]
    assert options["allowCredentials"] == []
    assert second(client, passkey=key.sign(options)).status_code == 422


def test_five_tries_end_the_half_sign_in_and_the_account_has_to_wait(app: Flask, holder: SimpleNamespace) -> None:
    client = app.test_client()
    password(client, holder.account)
    answers = [second(client, code=f"{n:06}").status_code for n in range(6)]
    assert answers == [422, 422, 422, 422, 401, 401]
    assert second(client, code=code_of(holder.secret)).status_code == 401
    fresh = app.test_client()
    assert password(fresh, holder.account).status_code == 202
    assert second(fresh, code="000000").status_code == 422
    wait = second(fresh, code=code_of(holder.secret))
    assert wait.status_code == 429 and int(wait.headers["Retry-After"]) >= 1
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert second(fresh, code=code_of(holder.secret)).status_code == 200


def test_who_knows_the_password_has_a_guess_an_hour_in_the_end() -> None:
    assert throttling.FACTOR.wait(40) == 3600
    assert throttling.FACTOR.leak_s == 3600


def test_other_people_s_guesses_do_not_hold_up_a_known_browser(app: Flask, holder: SimpleNamespace) -> None:
    known = app.test_client()
    password(known, holder.account)
    second(known, code=code_of(holder.secret))
    known.delete_cookie(COOKIE)
    for _round in range(3):
        stranger = app.test_client()
        password(stranger, holder.account)
        for n in range(5):
            second(stranger, code=f"{n:06}")
    assert second(stranger, code="000000").status_code in (401, 429)
    password(known, holder.account)
    assert second(known, code=code_of(holder.secret, 1)).status_code == 200


def test_it_waits_for_ten_minutes(client: Any, holder: SimpleNamespace) -> None:
    password(client, holder.account)
    with time_machine.travel(now() + timedelta(minutes=10, seconds=1)):
        late = client.post("/sign-in/second-step", data={"code": code_of(holder.secret)})
        assert late.status_code == 401 and "à reprendre" in late.text
        assert client.get("/sign-in/second-step").location == "/sign-in"
        assert second(client, code=code_of(holder.secret)).status_code == 401
        assert client.post("/api/v1/session/second-factor/challenge").status_code == 401


@pytest.mark.parametrize("how", ["password", "everywhere", "suspension", "link"])
def test_what_ends_sessions_ends_half_ones(client: Any, holder: SimpleNamespace, how: str) -> None:
    password(client, holder.account)
    account = holder.account
    if how == "password":
        signing_in.change_password(account, PASSWORD, "trois loutres sous le pont neuf", keep=None)
    elif how == "everywhere":
        signing_in.sign_out_everywhere(account)
    elif how == "suspension":
        accounts.suspend(account, by=None)
    else:
        links.send_link(account)
        jobs.drain()
        body = session.execute(select(KeptMail.body).where(KeptMail.recipient == account.email)).scalars().first()
        token = body.split("/password/")[1].split()[0]
        session.rollback()
        links.choose_password(token, "trois loutres sous le pont neuf")
    session.rollback()
    assert second(client, code=code_of(holder.secret)).status_code == 401
    assert session.execute(select(PendingSignIn.ended_at)).scalar_one() is not None


def test_a_new_password_by_a_link_does_not_go_round_the_second_factor(client: Any, holder: SimpleNamespace) -> None:
    """ASVS 5.0.0, 6.4.3."""
    links.send_link(holder.account)
    jobs.drain()
    body = session.execute(select(KeptMail.body)).scalars().first()
    session.rollback()
    links.choose_password(body.split("/password/")[1].split()[0], "trois loutres sous le pont neuf")
    session.rollback()
    answer = client.post(
        "/api/v1/session", json={"email": holder.account.email, "password": "trois loutres sous le pont neuf"}
    )
    assert answer.status_code == 202


def test_a_half_sign_in_opens_no_other_door(app: Flask, holder: SimpleNamespace, cast: SimpleNamespace) -> None:
    """security.md, A4 and the CVE table's row 14 (Nextcloud CVE-2026-45690 and 45691): every route, every verb, the
    half's secret as each cookie and as a bearer token."""
    client = app.test_client()
    password(client, holder.account)
    secret = client.get_cookie("resana_pending").value
    ids = {
        "space_id": cast.space.public_id,
        "account_id": holder.account.public_id,
        "administration_id": cast.at.dreal.public_id,
    }
    opened, tried = [], 0
    for rule in app.url_map.iter_rules():
        door = app.view_functions[rule.endpoint].door  # type: ignore[attr-defined]
        if door.right == "public":
            continue
        values = {name: ids.get(name, 1 if name == "no" else "a" * 26) for name in rule.arguments}
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods or ())))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for disguise in ("own", "session", "bearer"):
                somebody = app.test_client()
                headers = {}
                if disguise == "own":
                    somebody.set_cookie("resana_pending", secret)
                elif disguise == "session":
                    somebody.set_cookie(COOKIE, secret)
                else:
                    headers["Authorization"] = f"Bearer {secret}"
                answer = somebody.open(path, method=method, headers=headers, csrf=False)
                tried += 1
                shut = answer.status_code in (401, 403) or (answer.location or "").startswith("/sign-in")
                if not shut:
                    opened.append((method, path, disguise, answer.status_code))
    assert opened == []
    assert tried > 300
    assert pending.living(secret) is not None  # it was alive all the while
    assert sessions.living_session(secret) is None and sessions.living_token(secret) is None


def test_a_new_browser_is_announced_and_a_known_one_is_not(
    app: Flask, cast: SimpleNamespace, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines)
    first = app.test_client()
    password(first, cast.ines)
    assert mails(cast.ines) == []  # the first of all is the person's own
    first.delete_cookie(COOKIE)
    password(first, cast.ines)
    assert mails(cast.ines) == []
    other = app.test_client()
    other.post(
        "/api/v1/session",
        json={"email": cast.ines.email, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"},
    )
    assert mails(cast.ines) == ["Nouvelle connexion à votre compte Resana"]
    assert "Firefox sur Windows" in session.execute(select(KeptMail.body)).scalar_one()


def test_a_browser_is_announced_when_it_is_in_not_when_the_password_was_right(
    app: Flask, holder: SimpleNamespace
) -> None:
    first = app.test_client()
    password(first, holder.account)
    second(first, code=code_of(holder.secret))
    other = app.test_client()
    password(other, holder.account)
    assert mails(holder.account) == []
    second(other, code=code_of(holder.secret, 1))
    assert mails(holder.account) == ["Nouvelle connexion à votre compte Resana"]
