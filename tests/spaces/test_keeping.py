"""A space always has a living lead, or is sequestered until one is appointed; and the trash of spaces."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from resana.accounts import actions as accounts
from resana.accounts import life
from resana.accounts.models import Account, AccountStatus
from resana.core import acts, jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.core.jobs import Outbox
from resana.core.mail import KeptMail
from resana.events import Event
from resana.permissions import Can, can
from resana.spaces import actions, grants, keeping
from resana.spaces.models import Grant, PrincipalKind, Role, Space, SpaceState, StreamEvent

SignIn = Callable[[Account], Any]


def state_of(space: Space) -> str:
    session.rollback()
    return session.execute(select(Space.state).where(Space.id == space.id)).scalar_one()


def events_of(space: Space) -> list[str]:
    return list(
        session.execute(
            select(StreamEvent.kind).where(StreamEvent.stream_id == space.stream.id).order_by(StreamEvent.seq)
        ).scalars()
    )


def mails() -> dict[str, list[str]]:
    """The subjects that each recipient got."""
    jobs.drain()
    found: dict[str, list[str]] = {}
    for mail in session.execute(select(KeptMail).order_by(KeptMail.id)).scalars():
        found.setdefault(mail.recipient.partition("@")[0], []).append(mail.subject)
    return found


def second_lead(cast: SimpleNamespace, account: Account, expires_at: Any = None) -> Grant:
    return grants.bring_in(cast.space, account, Role.LEAD, by=cast.ines, their_role=Role.LEAD, expires_at=expires_at)


@pytest.mark.parametrize("verb", [life.suspend, life.deactivate])
def test_a_space_whose_last_lead_is_closed_is_shut(cast: SimpleNamespace, verb: Any) -> None:
    epoch = cast.space.stream.acl_epoch
    verb(cast.ines, by=cast.adam)
    assert state_of(cast.space) == SpaceState.SEQUESTERED
    session.refresh(cast.space.stream)
    assert cast.space.stream.acl_epoch > epoch
    assert events_of(cast.space)[-1] == Event.SPACE_SEQUESTERED
    for member in (cast.marc, cast.bruno, cast.lucie):
        for right in (Can.SEE_SPACE, Can.READ_SPACE, Can.BELONG_TO_SPACE, Can.UPLOAD, Can.SEE_MEMBERS):
            assert not can(member, right, cast.space), (member.first_name, right)
    assert can(cast.adam, Can.SEE_SPACE, cast.space)
    assert not can(cast.adam, Can.READ_SPACE, cast.space)
    told = mails()
    assert any("n’a plus de responsable" in subject for subject in told["adam"])
    assert "rose" not in told, "the administrators nearest to the owner are told, not those above"
    assert any("attend un responsable" in subject for subject in told["marc"])
    assert "sami" not in told, "a suspended account is told nothing"


def test_a_space_with_another_lead_stays_open(cast: SimpleNamespace) -> None:
    second_lead(cast, cast.marc)
    life.suspend(cast.ines, by=cast.adam)
    assert state_of(cast.space) == SpaceState.ACTIVE
    assert can(cast.bruno, Can.READ_SPACE, cast.space)


def test_what_a_suspension_shut_its_end_opens_with_the_same_access(cast: SimpleNamespace) -> None:
    people = (cast.ines, cast.marc, cast.bruno, cast.lucie)
    rights = (Can.READ_SPACE, Can.UPLOAD, Can.INVITE_AGENT, Can.EDIT_SPACE)
    before = [can(one, right, cast.space) for one in people for right in rights]
    session.execute(update(Account).where(Account.id == cast.ines.id).values(password_hash="kept"))
    session.commit()
    life.suspend(cast.ines, by=cast.adam)
    life.reactivate(cast.ines, by=cast.adam)
    assert state_of(cast.space) == SpaceState.ACTIVE
    assert events_of(cast.space)[-1] == Event.SPACE_RELEASED
    assert [can(one, right, cast.space) for one in people for right in rights] == before


def test_a_lead_without_a_password_opens_the_space_by_choosing_one(cast: SimpleNamespace) -> None:
    from resana.accounts import links

    life.suspend(cast.ines, by=cast.adam)
    life.reactivate(cast.ines, by=cast.adam)
    assert cast.ines.status == AccountStatus.INVITED
    assert state_of(cast.space) == SpaceState.SEQUESTERED
    links.send_link(cast.ines)
    jobs.drain()
    letters = session.execute(select(KeptMail.body).where(KeptMail.recipient == cast.ines.email)).scalars().all()
    secret = next(body for body in letters if "/password/" in body).split("/password/")[1].split()[0]
    links.choose_password(secret, "quatre marées hautes et une barque")
    assert state_of(cast.space) == SpaceState.ACTIVE


def test_an_archived_space_stays_read_and_reopens_only_with_a_lead(cast: SimpleNamespace) -> None:
    actions.archive(cast.space, by=cast.ines)
    life.suspend(cast.ines, by=cast.adam)
    assert state_of(cast.space) == SpaceState.ARCHIVED
    assert can(cast.bruno, Can.READ_SPACE, cast.space)
    actions.reopen(cast.space, by=cast.adam)
    assert state_of(cast.space) == SpaceState.SEQUESTERED


def test_a_role_that_ends_shuts_the_space_when_it_was_the_last(cast: SimpleNamespace) -> None:
    second_lead(cast, cast.marc, expires_at=now() + timedelta(days=1))
    life.suspend(cast.ines, by=cast.adam)
    assert state_of(cast.space) == SpaceState.ACTIVE
    session.execute(update(Grant).where(Grant.principal_id == cast.marc.id).values(expires_at=now()))
    session.execute(update(Outbox).where(Outbox.kind == "look_after_space").values(not_before=now()))
    session.commit()
    jobs.drain()
    assert state_of(cast.space) == SpaceState.SEQUESTERED


def test_an_administrator_appoints_a_lead_and_everybody_hears_of_it(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    page = f"/spaces/{cast.space.public_id}/lead"
    assert adam.get(page).status_code == 403, "there is a lead"
    life.deactivate(cast.ines, by=cast.adam)
    assert "n’a plus de responsable" in adam.get(f"/spaces/{cast.space.public_id}").text
    assert cast.space.title in adam.get("/administration/spaces").text
    assert "Marc Leroux" in adam.get(f"{page}?q=leroux").text
    assert adam.post(page, data={"account": cast.sami.public_id}).status_code == 422
    assert adam.post(page, data={"account": "nobody"}).status_code == 404
    assert adam.post(page, data={"account": cast.marc.public_id}).status_code == 303
    assert state_of(cast.space) == SpaceState.ACTIVE
    assert can(cast.marc, Can.EDIT_SPACE, cast.space)
    assert events_of(cast.space)[-1] == Event.LEAD_APPOINTED
    told = mails()
    assert any("Vous êtes responsable" in subject for subject in told["marc"])
    assert any("un nouveau responsable" in subject for subject in told["bruno"])
    assert adam.post(page, data={"account": cast.adam.public_id}).status_code == 403
    assert sign_in(cast.marc).get(f"/spaces/{cast.space.public_id}").status_code == 200


def test_nobody_else_appoints_a_lead(cast: SimpleNamespace) -> None:
    life.suspend(cast.ines, by=cast.adam)
    for stranger, no in ((cast.rejane, NotThere), (cast.marc, NotThere), (cast.petra, NotAllowed)):
        with pytest.raises(no):
            keeping.appoint_lead(cast.space, cast.marc, by=stranger)
    with pytest.raises(Refused):
        keeping.appoint_lead(cast.space, cast.sami, by=cast.adam)
    assert state_of(cast.space) == SpaceState.SEQUESTERED


def _at_once(app: Flask, *deeds: Callable[[], object]) -> list[str]:
    session.rollback()
    start, outcomes = threading.Barrier(len(deeds)), []

    def do(deed: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                deed()
                outcomes.append("done")
            except Conflict:
                outcomes.append("conflict")
            finally:
                session.remove()

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def _fresh(model: Any, identity: int) -> Any:
    return session.get_one(model, identity)


@pytest.mark.parametrize("_turn", range(3))
def test_of_two_leads_who_leave_at_once_one_stays(app: Flask, cast: SimpleNamespace, _turn: int) -> None:
    second_lead(cast, cast.marc)
    space, leads = cast.space.id, [cast.ines.id, cast.marc.id]
    deeds = [lambda who=who: grants.leave(_fresh(Space, space), by=_fresh(Account, who)) for who in leads]
    assert _at_once(app, *deeds) == ["conflict", "done"]


@pytest.mark.parametrize("_turn", range(3))
def test_two_leads_who_are_closed_at_once_leave_no_space_open(app: Flask, cast: SimpleNamespace, _turn: int) -> None:
    second_lead(cast, cast.marc)
    leads, by = [cast.ines.id, cast.marc.id], cast.rose.id
    deeds = [lambda who=who: life.suspend(_fresh(Account, who), by=_fresh(Account, by)) for who in leads]
    assert _at_once(app, *deeds) == ["done", "done"]
    assert state_of(cast.space) == SpaceState.SEQUESTERED


@pytest.mark.parametrize("_turn", range(3))
def test_one_lead_leaves_while_the_other_is_closed(app: Flask, cast: SimpleNamespace, _turn: int) -> None:
    second_lead(cast, cast.marc)
    space, ines, marc, by = cast.space.id, cast.ines.id, cast.marc.id, cast.rose.id
    outcomes = _at_once(
        app,
        lambda: grants.leave(_fresh(Space, space), by=_fresh(Account, ines)),
        lambda: life.suspend(_fresh(Account, marc), by=_fresh(Account, by)),
    )
    left = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, ines) is None
    assert outcomes == (["done", "done"] if left else ["conflict", "done"])
    assert state_of(cast.space) == (SpaceState.SEQUESTERED if left else SpaceState.ACTIVE)


def test_writing_while_the_account_is_closed_does_not_lock_up(app: Flask, cast: SimpleNamespace) -> None:
    """Closing takes the account's lock and then the space's; writing takes the space's and names the account."""
    space, ines, by = cast.space.id, cast.ines.id, cast.rose.id

    def describe() -> None:
        for number in range(20):
            try:
                actions.edit(
                    _fresh(Space, space), title=f"T{number}", description="", purpose="", by=_fresh(Account, ines)
                )
            except NotThere:
                return

    assert _at_once(app, describe, lambda: life.suspend(_fresh(Account, ines), by=_fresh(Account, by))) == [
        "done",
        "done",
    ]


def test_a_space_goes_into_the_trash_and_comes_back_as_it_was(sign_in: SignIn, cast: SimpleNamespace) -> None:
    told: list[str] = []
    ines, path = sign_in(cast.ines), f"/spaces/{cast.space.public_id}"
    actions.archive(cast.space, by=cast.ines)
    acts.listen(listener := lambda one: told.append(one.act))
    try:
        assert "Mettre l’espace à la corbeille" in ines.get(f"{path}/settings").text
        assert ines.post(f"{path}/trash").status_code == 303
        assert state_of(cast.space) == SpaceState.TRASHED
        assert "est à la corbeille" in ines.get(path).text
        for member in (cast.marc, cast.bruno, cast.lucie):
            assert sign_in(member).get(path).status_code == 404
        assert ines.get(f"/api/v1/spaces/{cast.space.public_id}/documents").status_code == 403
        assert ines.post(f"{path}/trash").status_code == 403
        assert sign_in(cast.adam).get("/administration/spaces").text.count("Sortir de la corbeille</span>") == 1
        assert ines.post(f"{path}/trash/end").status_code == 303
    finally:
        acts._listeners.remove(listener)
    assert state_of(cast.space) == SpaceState.ARCHIVED
    assert can(cast.bruno, Can.READ_SPACE, cast.space)
    assert told == ["space_trashed", "space_restored"]
    assert any("à la corbeille" in subject for subject in mails()["bruno"])


def test_a_space_that_lost_its_lead_in_the_trash_waits_for_one(cast: SimpleNamespace) -> None:
    actions.trash(cast.space, by=cast.ines)
    life.suspend(cast.ines, by=cast.adam)
    assert state_of(cast.space) == SpaceState.TRASHED
    actions.restore(cast.space, by=cast.adam)
    assert state_of(cast.space) == SpaceState.SEQUESTERED


def test_no_account_is_closed_twice_by_one_notice(cast: SimpleNamespace) -> None:
    accounts.change(cast.ines, status=AccountStatus.SUSPENDED, by=cast.adam)
    jobs.drain()
    keeping.look_after(cast.space, by=None)
    keeping.look_after_spaces_of({"account_id": cast.ines.id})
    assert events_of(cast.space).count(Event.SPACE_SEQUESTERED) == 1
