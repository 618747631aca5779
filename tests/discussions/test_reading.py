"""Unread counts are what counting would say: always."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from resana.core.actions import action
from resana.core.database import session
from resana.discussions import actions, messages, reading
from resana.discussions.models import Thread
from resana.spaces import actions as spaces
from resana.spaces import grants
from resana.spaces.models import Role, StreamMember, Visibility
from resana.spaces.reading import mark_all_read, membership, unread_by_space, visit


def unread(cast: SimpleNamespace, who: str) -> int | None:
    return unread_by_space(getattr(cast, who), [cast.space])[cast.space.id]


def say(thread: Thread, by: object, key: str, seen_no: int | None = None) -> int:
    return messages.post(thread, "x", by=by, client_uuid=key, seen_no=seen_no).message.no  # type: ignore[arg-type]


def test_a_space_is_new_until_the_first_visit_then_what_follows_is_unread(cast: SimpleNamespace) -> None:
    thread = actions.create(cast.space, "Un", by=cast.ines, body="un")
    assert unread(cast, "lucie") is None
    assert reading.position(thread, cast.lucie) is None
    visit(cast.space, by=cast.lucie)
    assert unread(cast, "lucie") == 0
    say(thread, cast.ines, "2")
    assert unread(cast, "lucie") == 1
    assert reading.position(thread, cast.lucie) == (1, 1)
    assert unread(cast, "ines") == 0, "one's own messages are read"


def test_who_sees_a_space_only_by_its_visibility_is_not_counted(cast: SimpleNamespace) -> None:
    spaces.change_visibility(cast.space, Visibility.AGENTS, open_to_read=True, by=cast.ines)
    thread = actions.create(cast.space, "Un", by=cast.ines, body="un")
    assert visit(cast.space, by=cast.olga) is None
    assert reading.read(thread, 1, by=cast.olga) is None
    mark_all_read(cast.space, by=cast.olga)
    assert membership(cast.olga, cast.space.stream) is None
    grants.join(cast.space, by=cast.olga)
    assert visit(cast.space, by=cast.olga) is not None


def test_reading_never_goes_back_unless_asked(cast: SimpleNamespace) -> None:
    thread = actions.create(cast.space, "Un", by=cast.ines)
    visit(cast.space, by=cast.bruno)
    for number in range(1, 8):
        say(thread, cast.ines, str(number))
    assert reading.read(thread, 5, by=cast.bruno) == 2
    assert reading.read(thread, 3, by=cast.bruno) == 2
    assert reading.unread_from(thread, 4, by=cast.bruno) == 4
    assert reading.unread_from(thread, 6, by=cast.bruno) == 4
    mark_all_read(cast.space, by=cast.bruno)
    assert unread(cast, "bruno") == 0
    assert reading.unread_from(thread, 7, by=cast.bruno) == 1
    assert reading.read(thread, 7, by=cast.bruno) == 0
    assert unread(cast, "bruno") == 0


def test_a_late_send_does_not_hide_what_was_missed(cast: SimpleNamespace) -> None:
    thread = actions.create(cast.space, "Un", by=cast.ines)
    visit(cast.space, by=cast.bruno)
    say(thread, cast.ines, "1")
    assert reading.read(thread, 1, by=cast.bruno) == 0
    say(thread, cast.ines, "2")
    say(thread, cast.bruno, "late", seen_no=1)
    assert reading.position(thread, cast.bruno) == (1, 2)
    say(thread, cast.bruno, "informed", seen_no=3)
    assert reading.position(thread, cast.bruno) == (4, 0)


def test_who_comes_back_finds_what_was_said_meanwhile(cast: SimpleNamespace) -> None:
    thread = actions.create(cast.space, "Un", by=cast.ines, body="un")
    visit(cast.space, by=cast.bruno)
    grants.leave(cast.space, by=cast.bruno)
    say(thread, cast.ines, "2")
    grants.bring_in(cast.space, cast.bruno, Role.READER, by=cast.ines, their_role=Role.LEAD)
    assert unread(cast, "bruno") == 1


WHO = ("ines", "bruno", "marc")
Step = tuple[str, str, int, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.sampled_from(WHO), st.integers(0, 2), st.integers(0, 12)),
        st.tuples(st.just("read"), st.sampled_from(WHO), st.integers(0, 2), st.integers(0, 12)),
        st.tuples(st.just("unread"), st.sampled_from(WHO), st.integers(0, 2), st.integers(1, 12)),
        st.tuples(st.just("all"), st.sampled_from(WHO), st.just(0), st.just(0)),
        st.tuples(st.just("delete"), st.just("ines"), st.integers(0, 2), st.integers(1, 12)),
        st.tuples(st.just("visit"), st.sampled_from(WHO), st.just(0), st.just(0)),
        st.tuples(st.just("open"), st.just("ines"), st.just(0), st.just(0)),
    ),
    max_size=30,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_counts_are_what_counting_says(
    app: Flask, cast: SimpleNamespace, steps: list[tuple[str, str, int, int]]
) -> None:
    class Undo(Exception):
        pass

    @action
    def play() -> None:
        """Everything in one transaction, which is then rolled back, so that each example starts afresh."""
        threads = [actions.create(cast.space, f"Fil {number}", by=cast.ines) for number in range(2)]
        heard: dict[str, dict[int, int]] = {}  # who → thread's id → up to where they have read

        def begin(who: str) -> None:
            heard.setdefault(who, {one.id: one.message_count for one in threads})

        for turn, (verb, who, at, number) in enumerate(steps):
            thread, person = threads[at % len(threads)], getattr(cast, who)
            count = thread.message_count
            if verb == "post":
                begin(who)
                mine = heard[who].get(thread.id, 0)
                seen = max(mine, min(number, count))
                say(thread, person, f"{turn}", seen_no=number)
                heard[who][thread.id] = count + 1 if seen == count else seen
            elif verb == "read" and number <= count:
                begin(who)
                reading.read(thread, number, by=person)
                heard[who][thread.id] = max(heard[who].get(thread.id, 0), number)
            elif verb == "unread" and number <= count:
                begin(who)
                reading.unread_from(thread, number, by=person)
                heard[who][thread.id] = min(heard[who].get(thread.id, 0), number - 1)
            elif verb == "all":
                mark_all_read(cast.space, by=person)
                heard[who] = {one.id: one.message_count for one in threads}
            elif verb == "delete" and number <= count:
                found = session.execute(
                    select(messages.Message).where(
                        messages.Message.thread_id == thread.id, messages.Message.no == number
                    )
                ).scalar_one()
                if found.deleted_at is None:
                    messages.delete(found, by=cast.ines)
            elif verb == "visit":
                visit(cast.space, by=person)
                begin(who)
            elif verb == "open":
                threads.append(actions.create(cast.space, f"Fil {turn}", by=cast.ines))
            for name in WHO:
                account = getattr(cast, name)
                places = reading.positions(threads, account)
                if name not in heard:
                    assert places == {} and unread(cast, name) is None
                    continue
                expected = {one.id: one.message_count - heard[name].get(one.id, 0) for one in threads}
                assert {identity: place.unread for identity, place in places.items()} == expected
                assert unread(cast, name) == sum(expected.values())
        raise Undo

    session.rollback()
    with contextlib.suppress(Undo):
        play()
    assert session.execute(select(StreamMember)).first() is None
