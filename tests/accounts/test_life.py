"""The turns in the life of an account: under its lock, told to the person, and by who may still do it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from resana.accounts import actions, life
from resana.accounts.models import Account, AccountStatus, AdminScope, SignInSession
from resana.core import jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotThere
from resana.core.guarding import FRESH
from resana.core.mail import KeptMail

SignIn = Callable[[Account], Any]


def mails() -> list[tuple[str, str]]:
    """What was sent: to whom, and about what."""
    jobs.drain()
    return [(one.recipient, one.subject) for one in session.execute(select(KeptMail).order_by(KeptMail.id)).scalars()]


def test_who_lost_the_scope_a_moment_ago_suspends_nobody(cast: SimpleNamespace) -> None:
    session.execute(delete(AdminScope).where(AdminScope.account_id == cast.adam.id))
    session.commit()
    for verb in (actions.suspend, actions.deactivate, actions.reactivate):
        with pytest.raises(NotThere):
            verb(cast.ines, by=cast.adam)
    with pytest.raises(NotThere):
        actions.change(cast.ines, first_name="À moi", by=cast.adam)
    session.refresh(cast.ines)
    assert (cast.ines.status, cast.ines.first_name) == (AccountStatus.ACTIVE, "Inès")


def test_nobody_is_moved_from_where_they_no_longer_are(cast: SimpleNamespace) -> None:
    life.move(cast.bruno, cast.at.dreal, by=cast.rose, seen=cast.at.prefecture)
    with pytest.raises(Conflict) as told:
        life.move(cast.bruno, cast.at.rectorat, by=cast.rose, seen=cast.at.prefecture)
    assert cast.at.dreal.name in told.value.detail
    session.refresh(cast.bruno)
    assert cast.bruno.home_administration_id == cast.at.dreal.id


@pytest.mark.parametrize("verb", ["suspend", "deactivate", "move"])
def test_of_two_administrators_at_once_one_is_told_so(app: Flask, cast: SimpleNamespace, verb: str) -> None:
    targets = [cast.at.dreal.id, cast.at.rectorat.id]
    who, by, seen = cast.bruno.id, cast.rose.id, cast.at.prefecture.id
    session.rollback()
    start, outcomes = threading.Barrier(2), []

    def do(target: int) -> None:
        with app.app_context():
            account, rose = session.get_one(Account, who), session.get_one(Account, by)
            place = session.get_one(type(account.home_administration), target)
            home = session.get_one(type(place), seen)
            session.rollback()
            start.wait()
            try:
                if verb == "move":
                    life.move(account, place, by=rose, seen=home)
                else:
                    getattr(actions, verb)(account, by=rose)
                outcomes.append("done")
            except Conflict:
                outcomes.append("conflict")
            finally:
                session.remove()

    threads = [threading.Thread(target=do, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "done"]


def test_the_page_says_what_a_colleague_has_done_meanwhile(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam, path = sign_in(cast.adam), f"/administration/accounts/{cast.ines.public_id}"
    actions.suspend(cast.ines, by=cast.rose)
    assert adam.post(f"{path}/suspension").status_code == 303
    assert "déjà suspendu" in adam.get(path).text
    assert adam.post(f"/api/v1/accounts/{cast.ines.public_id}/suspension").status_code == 409


def test_the_person_is_told_of_each_act(cast: SimpleNamespace) -> None:
    actions.suspend(cast.bruno, by=cast.rose)
    actions.reactivate(cast.bruno, by=cast.rose)
    actions.change(cast.bruno, job_title="Chef", by=cast.rose)
    actions.change(cast.bruno, administration=cast.at.dreal, by=cast.rose)
    actions.deactivate(cast.bruno, by=cast.rose)
    assert [recipient for recipient, _subject in mails()] == [cast.bruno.email] * 5
    assert [subject.split("Resana ")[1] for _recipient, subject in mails()] == [
        "est suspendu",
        "est réactivé",
        "a été corrigée",
        "change d’administration",
        "est désactivé",
    ]


def test_acts_on_accounts_ask_who_it_is(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    session.execute(update(SignInSession).values(confirmed_at=now() - 2 * FRESH))
    session.commit()
    path = f"/administration/accounts/{cast.ines.public_id}"
    for act in ("", "/suspension", "/deactivation", "/reactivation", "/link"):
        assert adam.post(f"{path}{act}").status_code == 403, act
    assert adam.post(f"/api/v1/accounts/{cast.ines.public_id}/suspension").status_code == 403
    session.refresh(cast.ines)
    assert cast.ines.status == AccountStatus.ACTIVE
