"""A post is one transaction: numbered without a hole, stored once, and never after the right to it has gone."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused, Stale
from resana.discussions import actions, messages
from resana.discussions.models import Message, MessageVersion, Thread
from resana.permissions import Can, obtain
from resana.spaces import grants
from resana.spaces.models import PrincipalKind, Role, Stream, StreamEvent, StreamMember


@pytest.fixture
def thread(cast: SimpleNamespace) -> Thread:
    return actions.create(cast.space, "Arrêté de juillet", by=cast.ines, body="Voici le projet.")


def test_numbers_have_no_hole_and_every_message_has_its_event(cast: SimpleNamespace, thread: Thread) -> None:
    for turn in range(3):
        messages.post(thread, f"message {turn}", by=cast.bruno, client_uuid=f"key-{turn}")
    said = session.execute(select(Message).order_by(Message.no)).scalars().all()
    assert [message.no for message in said] == [1, 2, 3, 4]
    assert thread.message_count == 4
    events = session.execute(select(StreamEvent).order_by(StreamEvent.seq)).scalars().all()
    assert [event.seq for event in events] == list(range(1, thread.stream.last_seq + 1))
    posted = [event for event in events if event.kind == "message_posted"]
    assert [(event.seq, event.payload["no"]) for event in posted] == [(message.seq, message.no) for message in said]
    assert all(set(event.payload) == {"thread_id", "no"} for event in posted), "references, never text"
    assert thread.stream.message_count == 4


def test_a_retry_is_the_same_message_and_gives_its_number_back(cast: SimpleNamespace, thread: Thread) -> None:
    first, is_new = messages.post(thread, "Bonjour", by=cast.bruno, client_uuid="k")
    assert is_new
    seq = thread.stream.last_seq
    again, is_new = messages.post(thread, "Bonjour", by=cast.bruno, client_uuid="k")
    assert (again.id, is_new) == (first.id, False)
    assert session.execute(select(Stream.last_seq)).scalar_one() == seq
    other = actions.create(cast.space, "Autre", by=cast.ines)
    for change in (
        lambda: messages.post(thread, "Bonsoir", by=cast.bruno, client_uuid="k"),
        lambda: messages.post(other, "Bonjour", by=cast.bruno, client_uuid="k"),
        lambda: messages.post(thread, "Bonjour", by=cast.bruno, client_uuid="k", reply_to_no=1),
    ):
        with pytest.raises(Conflict):
            change()
    assert messages.post(thread, "Bonsoir", by=cast.ines, client_uuid="k").is_new, "keys belong to their author"


def test_five_at_once_are_one(app: Flask, cast: SimpleNamespace, thread: Thread) -> None:
    found: list[Any] = []
    thread_id, author = thread.public_id, cast.bruno.id
    session.remove()

    def send() -> None:
        with app.app_context():
            try:
                here = session.execute(select(Thread).where(Thread.public_id == thread_id)).scalar_one()
                posted = messages.post(here, "Une fois", by=session.get_one(Account, author), client_uuid="k")
                found.append((posted.message.no, posted.is_new))
            except Exception as error:  # told to the test
                found.append(error)

    runners = [threading.Thread(target=lambda: contextvars.Context().run(send)) for _ in range(5)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert sorted(found) == [(2, False)] * 4 + [(2, True)]
    assert session.execute(select(func.count()).select_from(Message)).scalar_one() == 2
    count, last = session.execute(select(func.count(), func.max(StreamEvent.seq))).one()
    assert count == last


def test_what_cannot_be_said_is_refused_with_its_field(cast: SimpleNamespace, thread: Thread) -> None:
    for field, arguments in (
        ("body", {"body": " \n "}),
        ("body", {"body": "x" * 20_001}),
        ("body", {"body": "x" * 1_000_000}),
        ("body", {"body": ">" * 10_000 + "x"}),
        ("reply_to", {"reply_to_no": 2}),
        ("reply_to", {"reply_to_no": 0}),
        ("client_uuid", {"client_uuid": "é" * 10}),
        ("client_uuid", {"client_uuid": "x" * 65}),
        ("attachments", {"attachments": ["a" * 26]}),
        ("attachments", {"attachments": [str(number) for number in range(21)]}),
    ):
        with pytest.raises(Refused) as no:
            messages.post(thread, **{"body": "x", "client_uuid": "k", "by": cast.bruno} | arguments)
        assert no.value.field == field
    assert session.execute(select(Stream.message_count)).scalar_one() == 1


def test_a_right_that_went_between_the_guard_and_the_lock_is_missed_by_nobody(
    app: Flask, cast: SimpleNamespace, thread: Thread
) -> None:
    guarded = obtain(cast.bruno, Can.POST_MESSAGE, thread_id=thread.public_id)
    grant = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.bruno.id)
    assert guarded.stream.acl_epoch is not None and grant is not None
    epoch = guarded.stream.acl_epoch

    @action
    def as_if_another_process_had_shrunk() -> None:
        from sqlalchemy.orm.attributes import set_committed_value

        session.execute(update(Stream).values(acl_epoch=Stream.acl_epoch + 1))
        session.delete(grant)
        session.flush()
        session.refresh(guarded.stream)
        set_committed_value(guarded.stream, "acl_epoch", epoch)
        messages.post(guarded, "trop tard", by=cast.bruno, client_uuid="late")

    with pytest.raises(NotThere):
        as_if_another_process_had_shrunk()
    session.rollback()
    assert session.execute(select(func.count()).select_from(Message)).scalar_one() == 1


def test_nobody_writes_in_a_closed_thread(cast: SimpleNamespace, thread: Thread) -> None:
    actions.close(thread, by=cast.ines)
    actions.close(thread, by=cast.ines)
    with pytest.raises(NotAllowed):
        messages.post(thread, "x", by=cast.bruno, client_uuid="k")
    actions.reopen(thread, by=cast.ines)
    assert messages.post(thread, "x", by=cast.bruno, client_uuid="k").is_new
    count, last = session.execute(select(func.count(), func.max(StreamEvent.seq))).one()
    assert count == last


def test_a_correction_keeps_what_was_said_and_refuses_a_stale_one(cast: SimpleNamespace, thread: Thread) -> None:
    message, _new = messages.post(thread, "Demin", by=cast.bruno, client_uuid="k")
    messages.edit(message, "Demain", by=cast.bruno, version=1)
    assert (message.version, message.body_html, message.edited_at is not None) == (2, "<p>Demain</p>", True)
    assert session.execute(select(MessageVersion.body)).scalars().all() == ["Demin"]
    with pytest.raises(Stale):
        messages.edit(message, "Autre", by=cast.bruno, version=1)
    with pytest.raises(NotAllowed):
        messages.edit(message, "Autre", by=cast.ines, version=2)
    kinds = session.execute(select(StreamEvent.kind).order_by(StreamEvent.seq)).scalars().all()
    assert kinds[-2:] == ["message_posted", "message_edited"]


def test_a_message_taken_back_keeps_its_number(cast: SimpleNamespace, thread: Thread) -> None:
    message, _new = messages.post(thread, "Oups", by=cast.bruno, client_uuid="k")
    messages.delete(message, by=cast.bruno)
    assert message.deleted_at is not None
    with pytest.raises(NotAllowed):
        messages.edit(message, "x", by=cast.bruno)
    with pytest.raises(NotAllowed):
        messages.delete(message, by=cast.bruno)
    assert messages.post(thread, "Suite", by=cast.bruno, client_uuid="k2").message.no == 3


def test_a_post_sends_as_many_statements_to_three_hundred_members_as_to_ten(
    app: Flask, cast: SimpleNamespace, thread: Thread, statements: Callable[[], Any]
) -> None:
    def cost(key: str) -> int:
        here = obtain(cast.bruno, Can.POST_MESSAGE, thread_id=thread.public_id)
        with statements() as seen:
            messages.post(here, "x", by=cast.bruno, client_uuid=key)
        return len(seen)

    messages.post(thread, "x", by=cast.bruno, client_uuid="first")
    few = cost("few")
    crowd(cast, 300)
    assert cost("many") == few <= 14


@action
def crowd(cast: SimpleNamespace, size: int) -> None:
    """Bring so many people in, each with a count of their own."""
    for number in range(size):
        account = Account(
            email=f"n{number}@dreal.example",
            first_name="N",
            last_name=str(number),
            search_name=f"n {number}",
            home_administration=cast.at.rectorat,
            status="active",
        )
        session.add(account)
        session.flush()
        grants.give(cast.space, PrincipalKind.ACCOUNT, account.id, Role.READER, by=cast.ines)
        session.add(StreamMember(account_id=account.id, stream_id=cast.space.stream.id))
