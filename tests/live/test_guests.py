"""A guest's time is over: their open pages hear nothing more within a second or so, and nobody had to say so."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
from sqlalchemy import update

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.discussions import actions, messages
from resana.spaces import grants, guests
from resana.spaces.models import PrincipalKind, Role
from tests.serving import Server

Make = Callable[..., Any]


def test_a_socket_ends_with_the_guests_date_though_no_job_ran_and_nothing_was_bumped(
    cast: SimpleNamespace, server: Server, person: Make
) -> None:
    thread = actions.create(cast.space, "Arrêté", by=cast.ines, body="un")

    @action
    def soon_over() -> None:
        session.execute(update(Account).where(Account.id == cast.gael.id).values(valid_until=ends))

    other, bruno = person(cast.gael).connect(), person(cast.bruno).connect()
    program = person(cast.gael).connect()
    space = cast.space.public_id
    assert other.watch(space)["ok"] and program.watch(space)["ok"] and bruno.watch(space)["ok"]
    ends = now() + timedelta(seconds=3)
    browser = person(cast.gael, cookie=True).connect()
    soon_over()
    messages.post(thread, "before", by=cast.ines, client_uuid="before")
    assert other.next()["kind"] == program.next()["kind"] == bruno.next()["kind"] == "message_posted"
    time.sleep(max(0.0, (ends - now()).total_seconds()) + 1.3)  # the poll is each second
    assert other.is_gone(within=2) and program.is_gone(within=2) and browser.is_gone(within=2)
    messages.post(thread, "secret", by=cast.ines, client_uuid="after")
    assert bruno.next()["kind"] == "message_posted"
    for one in (other, program):
        assert one.next("event", within=0.3) is None
        assert one.call("POST", f"/spaces/{space}/live-ticket").status_code == 401
        with pytest.raises(socketio.exceptions.ConnectionError):
            one.connect()


def test_a_guest_whose_end_is_brought_forward_hears_nothing_after_it(
    cast: SimpleNamespace, server: Server, person: Make
) -> None:
    """The ticket was for longer: it is the end that counts, not what was signed before."""
    thread = actions.create(cast.space, "Arrêté", by=cast.ines, body="un")
    gael, bruno = person(cast.gael).connect(), person(cast.bruno).connect()
    space = cast.space.public_id
    assert gael.watch(space)["ok"] and bruno.watch(space)["ok"]
    grant = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.gael.id)
    assert grant is not None
    guests.set_end(grant, now() + timedelta(seconds=1), by=cast.ines)
    time.sleep(2.5)
    messages.post(thread, "secret", by=cast.ines, client_uuid="after")
    while (heard := bruno.next()) is not None and heard["kind"] != "message_posted":
        pass
    assert heard is not None
    while (heard := gael.next("event", within=0.5)) is not None:
        assert heard["kind"] != "message_posted"


def test_a_guest_who_is_sent_away_hears_nothing_of_what_comes_after(
    cast: SimpleNamespace, server: Server, person: Make
) -> None:
    thread = actions.create(cast.space, "Arrêté", by=cast.ines, body="un")
    gael, bruno = person(cast.gael).connect(), person(cast.bruno).connect()
    space = cast.space.public_id
    assert gael.watch(space)["ok"] and bruno.watch(space)["ok"]
    grant = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.gael.id)
    assert grant is not None
    grants.take_away(grant, by=cast.ines, their_role=Role.LEAD)
    for turn in range(5):
        messages.post(thread, f"secret {turn}", by=cast.ines, client_uuid=f"k{turn}")
    assert [bruno.next()["kind"] for _ in range(6)] == ["member_removed"] + ["message_posted"] * 5
    assert gael.is_gone(), "nothing else was open to him"
    while (heard := gael.next("event", within=0.3)) is not None:
        assert heard["kind"] != "message_posted"
