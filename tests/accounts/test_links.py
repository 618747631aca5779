"""Links to choose a password: single use, soon over, and telling nobody whether an account exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from resana.accounts import actions, links, passwords, presence, signing_in
from resana.accounts.models import Account, AccountStatus, PasswordLink
from resana.core import jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotThere, TooMany
from resana.core.jobs import Outbox
from resana.core.mail import KeptMail

from .test_signing_in import GOOD, HERE, with_password

NEW = "le vent tourne sur la dune"


def letters(to: str | None = None) -> list[KeptMail]:
    """The mails that went out."""
    jobs.drain()
    query = select(KeptMail).order_by(KeptMail.id)
    return list(session.execute(query if to is None else query.where(KeptMail.recipient == to)).scalars())


def secret_in(letter: KeptMail) -> str:
    """The secret of the link in a mail."""
    found = re.search(r"/password/([\w-]{43})\b", letter.body)
    assert found
    return found[1]


def test_a_forgotten_password_is_chosen_anew_by_the_link_once(
    client: Any, sign_in: Callable[[Account], Any], cast: SimpleNamespace
) -> None:
    with_password(cast.ines)
    there = sign_in(cast.ines)
    asked = client.post(
        "/password/forgotten", data={"email": "Ines@dreal.example "}, headers={"X-Forwarded-Host": "evil.example"}
    )
    assert (asked.status_code, asked.location) == (303, "/password/sent")
    (letter,) = letters()
    assert letter.recipient == cast.ines.email
    assert "http://127.0.0.1:8000/password/" in letter.body
    assert "evil.example" not in letter.body
    path = f"/password/{secret_in(letter)}"
    for _scanner in range(3):
        assert client.get(path).status_code == 200
    epoch = cast.ines.access_epoch
    assert client.post(path, data={"password": NEW, "again": "autre chose"}).status_code == 422
    assert client.post(path, data={"password": "dreal-2026-dreal", "again": "dreal-2026-dreal"}).status_code == 422
    done = client.post(path, data={"password": NEW, "again": NEW})
    assert (done.status_code, done.location) == (303, "/sign-in")
    assert client.get_cookie("resana_session") is None
    assert there.get("/api/v1/me").status_code == 401
    session.refresh(cast.ines)
    assert cast.ines.access_epoch == epoch + 1
    assert client.get(path).status_code == 404
    assert client.post(path, data={"password": NEW, "again": NEW}).status_code == 404
    session.rollback()
    assert signing_in.sign_in(cast.ines.email, NEW, HERE)


def test_asking_tells_nobody_whether_there_is_an_account(
    client: Any, cast: SimpleNamespace, statements: Callable[[], Any]
) -> None:
    answers, counted = [], []
    for email in (cast.ines.email, "personne@dreal.example", cast.sami.email, "pas une adresse"):
        with statements() as seen:
            answers.append(client.post("/password/forgotten", data={"email": email}))
        counted.append(len(seen))
    assert {(answer.status_code, answer.location, answer.data) for answer in answers} == {
        (303, "/password/sent", answers[0].data)
    }
    assert len(set(counted)) == 1
    assert [letter.recipient for letter in letters()] == [cast.ines.email]
    assert client.get("/password/sent").status_code == 200
    assert client.post("/password/forgotten", data={"email": ""}).status_code == 422


def test_the_host_of_a_request_is_in_no_link(app: Flask, cast: SimpleNamespace) -> None:
    with app.test_request_context(base_url="http://evil.example"):
        links.send_link(session.merge(cast.ines))
    (letter,) = letters()
    assert "http://127.0.0.1:8000/password/" in letter.body
    assert "evil" not in letter.body


def test_what_is_kept_of_a_link_does_not_open_anything(cast: SimpleNamespace) -> None:
    links.send_link(cast.ines)
    secret = secret_in(letters()[0])
    kept = session.execute(select(PasswordLink)).scalar_one()
    assert secret not in kept.secret_hash
    assert len(kept.secret_hash) == 64
    assert all(secret not in str(row.payload) for row in session.execute(select(Outbox)).scalars())


@pytest.mark.parametrize(("invited", "life"), [(False, timedelta(minutes=20)), (True, timedelta(days=7))])
def test_a_link_ends_by_time(client: Any, cast: SimpleNamespace, invited: bool, life: timedelta) -> None:
    account = _newcomer(cast) if invited else cast.ines
    links.send_link(account)
    path = f"/password/{secret_in(letters(account.email)[-1])}"
    with time_machine.travel(now() + life - timedelta(seconds=5)):
        assert client.get(path).status_code == 200
    with time_machine.travel(now() + life + timedelta(seconds=5)):
        assert client.get(path).status_code == 404
        assert client.post(path, data={"password": NEW, "again": NEW}).status_code == 404


def test_a_newcomer_chooses_a_password_and_is_active(client: Any, cast: SimpleNamespace) -> None:
    account = _newcomer(cast)
    (letter,) = letters(account.email)
    assert "Direction de l’environnement" in letter.body
    done = client.post(f"/password/{secret_in(letter)}", data={"password": NEW, "again": NEW})
    assert done.status_code == 303
    session.refresh(account)
    assert account.status == AccountStatus.ACTIVE


def _newcomer(cast: SimpleNamespace) -> Account:
    return actions.invite(
        email="neuve@dreal.example", first_name="Neuve", last_name="Arrivée", administration=cast.at.dreal, by=cast.adam
    )


def test_suspending_ends_the_links_too(client: Any, cast: SimpleNamespace) -> None:
    links.send_link(cast.ines)
    secret = secret_in(letters()[0])
    actions.suspend(cast.ines, by=cast.adam)
    assert client.get(f"/password/{secret}").status_code == 404
    with pytest.raises(Conflict):
        links.send_link(cast.ines)


def test_two_who_hold_the_same_link_do_not_both_choose(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    links.send_link(cast.ines)
    secret = secret_in(letters()[0])
    real, first = passwords.hashed, []

    def slow(password: str) -> str:
        if not first:
            first.append(password)
            links.choose_password(secret, "un autre a été plus rapide")
        return real(password)

    monkeypatch.setattr(passwords, "hashed", slow)
    with pytest.raises(NotThere):
        links.choose_password(secret, NEW)
    session.rollback()
    assert signing_in.sign_in(cast.ines.email, "un autre a été plus rapide", HERE)


def test_a_mailbox_has_a_budget(client: Any, cast: SimpleNamespace) -> None:
    for _time in range(8):
        assert client.post("/password/forgotten", data={"email": cast.ines.email}).status_code == 303
    assert len(letters()) == links.BUDGET
    with pytest.raises(TooMany):
        links.send_link(cast.ines)
    with time_machine.travel(now() + timedelta(minutes=61)):
        links.send_link(cast.ines)


def test_a_network_that_asks_for_links_all_day_waits(client: Any) -> None:
    statuses = [
        client.post("/password/forgotten", data={"email": f"inconnu{i}@dreal.example"}).status_code for i in range(40)
    ]
    assert statuses[0] == 303
    assert statuses[-1] == 429


@pytest.mark.parametrize("secret", ["x", "x" * 43, "x" * 3_000, "%00", "é", "..%2f"])
def test_what_is_no_link_is_404(client: Any, secret: str) -> None:
    assert client.get(f"/password/{secret}").status_code == 404


def test_the_live_side_hears_of_a_new_password(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(presence, "_listeners", [lambda *said: heard.append(said)])
    with_password(cast.ines)
    opened = signing_in.sign_in(cast.ines.email, GOOD, HERE).session
    links.send_link(cast.ines)
    secret = secret_in(letters()[0])
    session.rollback()
    links.choose_password(secret, NEW)
    assert heard == [("session", cast.ines.id, opened.id, None), ("account", cast.ines.id, None, None)]
