"""What happens in a space is heard by those who look at it: soon, in order, once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
from sqlalchemy import select

from resana.core.database import engine, session
from resana.discussions import actions, messages
from resana.discussions.models import Thread
from resana.spaces.models import StreamEvent
from tests.conftest import SECRET
from tests.serving import ROOT, Server

Make = Callable[..., Any]


@pytest.fixture
def thread(cast: SimpleNamespace) -> Thread:
    return actions.create(cast.space, "Arrêté", by=cast.ines, body="un")


def send(who: Any, thread_id: str, text: str, key: str) -> Any:
    return who.call("POST", f"/threads/{thread_id}/messages", json={"body": text, "client_uuid": key})


def test_a_message_is_heard_within_half_a_second(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    ines, bruno = person(cast.ines), person(cast.bruno).connect()
    space, thread_id = cast.space.public_id, thread.public_id
    seen = bruno.watch(space)
    assert seen["ok"] and seen["space"] == space and seen["last_seq"] == cast.space.stream.last_seq
    assert send(ines, thread_id, "chaud", "0").status_code == 201
    assert bruno.next()["no"] == 2
    delays = []
    for turn in range(5):
        began = time.monotonic()
        assert send(ines, thread_id, f"**fort** {turn}", f"k{turn}").status_code == 201
        answered = time.monotonic()
        event = bruno.next()
        delays.append(time.monotonic() - answered)
        assert (event["kind"], event["thread_id"], event["no"]) == ("message_posted", thread_id, turn + 3)
        assert (event["space"], event["folder"]) == (space, None)
        assert "<strong>fort</strong>" in event["html"] and f'id="m{turn + 3}"' in event["html"]
        assert "csrf" not in event["html"] and 'class="message mine' not in event["html"]
        assert answered - began < 5
    assert sorted(delays)[2] < 0.5, delays


def test_five_writers_at_once_are_heard_in_one_order(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    bruno, marc = person(cast.bruno).connect(), person(cast.marc).connect()
    writers = [person(account) for account in (cast.ines, cast.marc, cast.bruno, cast.ines, cast.marc)]
    space, thread_id = cast.space.public_id, thread.public_id
    first = bruno.watch(space)["last_seq"]
    marc.watch(space)

    def write(at: int, who: Any) -> None:
        for turn in range(4):
            send(who, thread_id, f"{at}-{turn}", f"{at}-{turn}")

    runners = [threading.Thread(target=write, args=pair) for pair in enumerate(writers)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    heard = [[who.next()["seq"] for _ in range(20)] for who in (bruno, marc)]
    assert heard[0] == heard[1] == list(range(first + 1, first + 21))
    assert bruno.next(within=0.5) is None


def test_what_another_process_did_is_heard_too(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make, tmp_path: Any
) -> None:
    bruno = person(cast.bruno).connect()
    bruno.watch(cast.space.public_id)
    script = (
        "from resana import create_app\n"
        "from sqlalchemy import func, select\n"
        "from resana.core.database import session\n"
        "from resana.accounts.models import Account\n"
        "from resana.discussions.models import Thread\n"
        "from resana.discussions import messages\n"
        "with create_app().app_context():\n"
        "    thread = session.execute(select(Thread)).scalar_one()\n"
        "    ines = session.execute(select(Account).where(Account.first_name == 'Inès')).scalar_one()\n"
        "    for number in range(3):\n"
        "        messages.post(thread, f'd’ailleurs {number}', by=ines, client_uuid=str(number))\n"
    )
    url = "" if engine().dialect.name == "sqlite" else engine().url.render_as_string(hide_password=False)
    environment = {
        "RESANA_DATA": str(tmp_path),
        "RESANA_DATABASE_URL": url,
        "RESANA_SECRET_KEY": SECRET,
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
    }
    session.rollback()
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True, timeout=120)
    heard = [bruno.next() for _ in range(3)]
    assert [event["no"] for event in heard] == [2, 3, 4]
    assert "d’ailleurs 2" in heard[2]["html"]


def test_who_was_cut_off_catches_up_without_a_hole(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    ines, bruno = person(cast.ines), person(cast.bruno).connect()
    space, thread_id = cast.space.public_id, thread.public_id
    last = bruno.watch(space)["last_seq"]
    bruno.line.disconnect()
    for turn in range(7):
        send(ines, thread_id, f"{turn}", f"k{turn}")
    bruno.connect()
    now_at = bruno.watch(space)["last_seq"]
    assert now_at == last + 7
    seen: list[int] = []
    while last < now_at:
        part = bruno.call("GET", f"/spaces/{space}/events?after={last}&limit=3").json()
        assert part["reset"] is False and part["last_seq"] == now_at
        seen += [event["seq"] for event in part["items"]]
        last = seen[-1]
    assert seen == list(range(now_at - 6, now_at + 1))
    send(ines, thread_id, "après", "k-after")
    assert bruno.next()["seq"] == now_at + 1
    assert bruno.call("GET", f"/spaces/{space}/events?after={now_at + 50}").json()["reset"] is True
    for query in ("after=-1", "after=x", "limit=0", "other=1", "after=1&after=2"):
        assert bruno.call("GET", f"/spaces/{space}/events?{query}").status_code == 422


def test_lists_hear_ticks_and_nothing_of_the_content(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    ines, lucie = person(cast.ines), person(cast.lucie).connect()
    space, thread_id = cast.space.public_id, thread.public_id
    ticket = lucie.call("POST", "/live-ticket", json={"spaces": [space]}).json()["ticket"]
    seen = lucie.line.call("watch", {"ticket": ticket})
    assert seen["ok"] and seen["spaces"][0]["space"] == space
    for turn in range(4):
        send(ines, thread_id, f"{turn}", f"k{turn}")
    last = seen["spaces"][0]["last_seq"] + 4
    tick = lucie.next("tick")
    while tick["last_seq"] < last:
        tick = lucie.next("tick")
    assert set(tick) == {"space", "folder", "last_seq", "message_count", "acl_epoch"}
    assert (tick["space"], tick["message_count"]) == (space, 5)
    assert lucie.next("tick", within=8)["last_seq"] == last, "repeated, so that a lost one shows"
    assert lucie.next("event", within=0.3) is None
    assert lucie.call("POST", "/live-ticket", json={"spaces": ["a" * 26]}).status_code == 404
    assert lucie.call("POST", "/live-ticket", json={"spaces": []}).status_code == 422
    assert lucie.call("POST", "/live-ticket", json={"spaces": ["x"] * 51}).status_code == 422


def test_corrections_and_deletions_are_heard_as_references(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    bruno = person(cast.bruno).connect()
    bruno.watch(cast.space.public_id)
    message = messages.post(thread, "Oups", by=cast.ines, client_uuid="k").message
    messages.edit(message, "Mieux", by=cast.ines)
    messages.delete(message, by=cast.ines)
    heard = [bruno.next() for _ in range(3)]
    assert [event["kind"] for event in heard] == ["message_posted", "message_edited", "message_deleted"]
    assert all("html" not in event and event["no"] == 2 for event in heard[1:])
    assert (
        session.execute(select(StreamEvent.seq).order_by(StreamEvent.seq.desc())).scalars().first() == heard[2]["seq"]
    )


def test_three_hundred_open_pages_leave_the_site_quick(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    bruno = person(cast.bruno)
    idle: list[Any] = []
    try:
        idle += [server.raw() for _turn in range(300)]
        listening = person(cast.marc).connect()
        assert listening.watch(cast.space.public_id)["ok"]
        times = []
        for turn in range(10):
            began = time.monotonic()
            assert send(bruno, thread.public_id, f"{turn}", f"k{turn}").status_code == 201
            times.append(time.monotonic() - began)
            assert listening.next()["no"] == turn + 2
        assert sorted(times)[5] < 0.5, times
    finally:
        for line in idle:
            line.close()


@pytest.mark.parametrize("server", [{"RESANA_LIVE_SOCKETS": "2"}], indirect=True)
def test_beyond_the_limit_sockets_are_refused_and_calls_answered(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    people = [person(cast.bruno).connect(), person(cast.marc).connect()]
    with pytest.raises(socketio.exceptions.ConnectionError):
        person(cast.ines).connect()
    assert people[0].call("GET", f"/spaces/{cast.space.public_id}/events").status_code == 200
