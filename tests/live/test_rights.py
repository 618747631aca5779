"""Who may not listen hears nothing; who may not any more hears nothing from then on."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
import websocket
from flask import Flask
from itsdangerous import URLSafeSerializer
from sqlalchemy import update

from resana.accounts.models import AccessToken, Account, AccountStatus, SignInSession
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.discussions import actions, messages
from resana.discussions.models import Thread
from resana.live import sockets
from resana.permissions import Can, accounts_who
from resana.spaces import grants
from resana.spaces.models import PrincipalKind, Role, Stream
from tests.conftest import SECRET
from tests.serving import Server

Make = Callable[..., Any]


@pytest.fixture
def thread(cast: SimpleNamespace) -> Thread:
    return actions.create(cast.space, "Arrêté", by=cast.ines, body="un")


def test_every_handler_says_what_it_asks_for(app: Flask) -> None:
    registered = app.extensions["live"].server.handlers["/"]
    said = sockets.handlers(app.extensions["live"])
    assert set(registered) == set(said) == {"connect", "disconnect", "watch", "unwatch", "*"}
    assert all(isinstance(handler.door, sockets.Door) for handler in said.values())


def test_a_removed_member_hears_nothing_more(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    bruno, marc = person(cast.bruno).connect(), person(cast.marc).connect()
    space = cast.space.public_id
    ticket = bruno.ticket(space)
    assert bruno.watch(space)["ok"] and marc.watch(space)["ok"]
    grant = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.bruno.id)
    assert grant is not None
    began = time.monotonic()
    grants.take_away(grant, by=cast.ines, their_role=Role.LEAD)
    for turn in range(10):
        messages.post(thread, f"secret {turn}", by=cast.ines, client_uuid=f"k{turn}")
    assert bruno.next("access_revoked") == {"space": space, "folder": None}
    assert time.monotonic() - began < 5
    assert [marc.next()["kind"] for _ in range(11)] == ["member_removed"] + ["message_posted"] * 10
    assert bruno.next("event", within=0.7) is None
    assert bruno.call("POST", f"/spaces/{space}/live-ticket").status_code == 404
    assert bruno.line.call("watch", {"ticket": ticket}) == {"ok": False, "error": "stale"}
    messages.post(thread, "encore", by=cast.ines, client_uuid="after")
    assert marc.next()["kind"] == "message_posted"
    assert bruno.next("event", within=0.5) is None


def test_lists_lose_their_ticks_with_the_right(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    bruno = person(cast.bruno).connect()
    ticket = bruno.call("POST", "/live-ticket", json={"spaces": [cast.space.public_id]}).json()["ticket"]
    assert bruno.line.call("watch", {"ticket": ticket})["ok"]
    grants.leave(cast.space, by=cast.bruno)
    assert bruno.next("access_revoked")["space"] == cast.space.public_id
    while bruno.next("tick", within=0.1):
        pass
    messages.post(thread, "secret", by=cast.ines, client_uuid="k")
    assert bruno.next("tick", within=1) is None


def test_a_suspended_account_is_disconnected_within_a_second_or_so(
    cast: SimpleNamespace, server: Server, person: Make
) -> None:
    lucie, bruno = person(cast.lucie).connect(), person(cast.bruno).connect()
    lucie.watch(cast.space.public_id)

    @action
    def suspend() -> None:
        session.execute(update(Account).where(Account.id == lucie.account_id).values(status=AccountStatus.SUSPENDED))

    began = time.monotonic()
    suspend()
    assert lucie.is_gone()
    assert time.monotonic() - began < 3  # a second, on a quiet machine
    assert not bruno.gone
    with pytest.raises(socketio.exceptions.ConnectionError):
        lucie.connect()


def test_a_person_who_moves_to_another_administration_is_disconnected(
    cast: SimpleNamespace, server: Server, person: Make
) -> None:
    lucie = person(cast.lucie).connect()

    @action
    def move() -> None:
        session.execute(
            update(Account)
            .where(Account.id == lucie.account_id)
            .values(home_administration_id=cast.at.rectorat.id, access_epoch=Account.access_epoch + 1)
        )

    move()
    assert lucie.is_gone()
    assert lucie.call("POST", f"/spaces/{cast.space.public_id}/live-ticket").status_code == 404


def test_signing_out_and_revoking_a_token_close_that_socket_only(
    cast: SimpleNamespace, server: Server, person: Make
) -> None:
    browser, other = person(cast.bruno, cookie=True).connect(), person(cast.bruno, cookie=True).connect()
    program = person(cast.bruno).connect()

    @action
    def revoke(model: Any, identity: int) -> None:
        session.execute(update(model).where(model.id == identity).values(revoked_at=now()))

    revoke(SignInSession, browser.opened.id)
    assert browser.is_gone()
    assert not other.gone and not program.gone
    revoke(AccessToken, program.token.id)
    assert program.is_gone()
    time.sleep(1.2)
    assert not other.gone
    with pytest.raises(socketio.exceptions.ConnectionError):
        browser.connect()


def test_tickets_serve_only_whom_they_were_made_for(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make
) -> None:
    bruno, marc = person(cast.bruno).connect(), person(cast.marc).connect()
    again = person(cast.bruno).connect()
    space = cast.space.public_id
    ticket = bruno.ticket(space)
    assert marc.line.call("watch", {"ticket": ticket}) == {"ok": False, "error": "invalid"}, "stolen"
    assert again.line.call("watch", {"ticket": ticket}) == {"ok": False, "error": "invalid"}, "another sign-in"
    signer = URLSafeSerializer(SECRET, salt="live-ticket")
    honest = signer.loads(ticket)
    forged = [
        ticket[:-2] + ("aa" if ticket[-2:] != "aa" else "bb"),
        URLSafeSerializer("another secret", salt="live-ticket").dumps(honest),
        URLSafeSerializer(SECRET, salt="another salt").dumps(honest),
        signer.dumps([*honest[:6], time.time() - 1]),
        signer.dumps(honest[:3]),
        signer.dumps("x"),
        "",
        "a.b.c",
    ]
    for text in forged:
        assert bruno.line.call("watch", {"ticket": text}) == {"ok": False, "error": "invalid"}, text
    stale = signer.dumps([*honest[:4], honest[4] + 1, *honest[5:]])
    assert bruno.line.call("watch", {"ticket": stale}) == {"ok": False, "error": "stale"}
    stale = signer.dumps([*honest[:5], [[honest[5][0][0], honest[5][0][1] + 1]], honest[6]])
    assert bruno.line.call("watch", {"ticket": stale}) == {"ok": False, "error": "stale"}
    short = signer.dumps([*honest[:6], time.time() + 1.5])
    assert bruno.line.call("watch", {"ticket": short})["ok"]
    assert bruno.next("expired", within=6) == {"space": space, "folder": None}
    messages.post(thread, "x", by=cast.ines, client_uuid="k")
    assert bruno.next("event", within=0.7) is None, "its ticket has ended"
    assert bruno.line.call("watch", {"ticket": ticket})["ok"]
    assert bruno.line.call("unwatch", {"space": space}) == {"ok": True}
    messages.post(thread, "y", by=cast.ines, client_uuid="k2")
    assert bruno.next("event", within=0.7) is None


def test_a_ticket_ends_with_the_grant(app: Flask, cast: SimpleNamespace, sign_in: Make) -> None:
    from datetime import datetime, timedelta

    soon = now() + timedelta(minutes=2)
    grants.bring_in(cast.space, cast.olga, Role.READER, by=cast.ines, their_role=Role.LEAD, expires_at=soon)
    answer = sign_in(cast.olga).post(f"/api/v1/spaces/{cast.space.public_id}/live-ticket")
    assert datetime.fromisoformat(answer.json["expires_at"]) == soon
    answer = sign_in(cast.ines).post(f"/api/v1/spaces/{cast.space.public_id}/live-ticket").json
    assert timedelta(minutes=9) < datetime.fromisoformat(answer["expires_at"]) - now() <= timedelta(minutes=10)
    assert sign_in(cast.rejane).post(f"/api/v1/spaces/{cast.space.public_id}/live-ticket").status_code == 404
    assert sign_in(cast.rose).post(f"/api/v1/spaces/{cast.space.public_id}/live-ticket").status_code == 403


def test_only_our_own_pages_may_use_the_cookie(cast: SimpleNamespace, server: Server, person: Make) -> None:
    browser = person(cast.bruno, cookie=True)
    cookie = browser.socket_headers["Cookie"]
    for origin in (
        "https://evil.example",
        "null",
        server.url + ".evil.example",
        "http://127.0.0.1:1",
        "http://localhost",
    ):
        with pytest.raises(websocket.WebSocketBadStatusException):
            server.raw(origin=origin, cookie=cookie)
    line = server.raw(cookie=cookie)
    assert line.recv().startswith("0")
    line.send("40")
    assert line.recv().startswith("44"), "a cookie without an Origin does not sign in"
    line.close()
    line = server.raw(origin=server.url, cookie=cookie)
    line.recv()
    line.send("40")
    assert line.recv().startswith("40")
    line.close()
    line = server.raw()
    line.recv()
    line.send('40{"token": "wrong"}')
    assert line.recv().startswith("44")
    line.close()


def ended(line: websocket.WebSocket, within: float = 8) -> bool:
    """Whether the other side hangs up."""
    line.settimeout(within)
    try:
        return _hears_the_end(line)
    finally:
        line.shutdown()


def _hears_the_end(line: websocket.WebSocket) -> bool:
    try:
        while True:
            if line.recv() in ("", b""):
                return True
    except websocket.WebSocketTimeoutException:
        return False
    except (websocket.WebSocketException, OSError):
        return True


def signed_in(server: Server, who: Any) -> websocket.WebSocket:
    line = server.raw()
    line.recv()
    line.send("40" + json.dumps({"token": who.secret}))
    assert line.recv().startswith("40")
    return line


def test_hostile_frames_end_their_own_connection_and_nothing_else(
    cast: SimpleNamespace, server: Server, person: Make
) -> None:
    bruno = person(cast.bruno)
    for frame in (
        "42" + '["watch", "' + "x" * 1_000_000 + '"]',
        '42["shutdown", {}]',
        '451-["watch", {"_placeholder": true, "num": 0}]',
        '4\uff151-["watch", {"_placeholder": true, "num": 0}]',
        '4\u06661-[{"_placeholder": true, "num": 0}]',
        "4" + "[" * 5000,
        "42[",
        "42",
        "4x",
        "42[]",
        "42{}",
    ):
        line = signed_in(server, bruno)
        line.send(frame)
        assert ended(line), frame[:40]
    line = signed_in(server, bruno)
    with contextlib.suppress(OSError, websocket.WebSocketException):
        for _turn in range(400):
            line.send('42["unwatch", {"space": "x"}]')
            time.sleep(0.002)
    assert ended(line), "too many at once"
    line = signed_in(server, bruno)
    for number, data in enumerate(("1", "{}", '{"ticket": 1}', '{"ticket": "x", "more": 1}', "[]", "null", '"x"')):
        line.send(f'42{number}["watch", {data}]')
        answer = line.recv()
        assert answer.startswith(f"43{number}[") and '"ok":false' in answer
    line.close()
    listening = person(cast.marc).connect()
    assert listening.watch(cast.space.public_id)["ok"]
    assert server.process.poll() is None


def test_an_account_has_so_many_sockets_and_no_more(cast: SimpleNamespace, server: Server, person: Make) -> None:
    bruno = person(cast.bruno)
    lines = [signed_in(server, bruno) for _ in range(20)]
    extra = server.raw()
    extra.recv()
    extra.send("40" + json.dumps({"token": bruno.secret}))
    assert extra.recv().startswith("44")
    assert person(cast.marc).connect().line.connected
    for line in [*lines, extra]:
        line.close()


def test_who_may_hear_is_asked_of_the_same_clause(cast: SimpleNamespace) -> None:
    who = set(session.execute(accounts_who(Can.READ_SPACE, cast.space)).scalars())
    assert cast.sami not in who and cast.olga not in who and {cast.ines, cast.lucie, cast.bruno} <= who
    assert session.execute(update(Stream).values(acl_epoch=Stream.acl_epoch)) is not None


def test_who_never_says_who_it_is_is_looked_after_where_nobody_sits(
    app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else anybody could hold all the places after a start, and nobody would ever be let in."""
    hub = app.extensions["live"]
    monkeypatch.setattr(hub, "crier", None)
    worked: list[bool] = []
    monkeypatch.setattr(hub, "_cry", lambda: worked.append(True))
    assert client.get("/socket.io/?EIO=4&transport=polling").status_code == 400
    hub.crier.join()
    assert worked == [True]


@pytest.mark.parametrize("name", sorted(sockets.LIFECYCLE))
def test_a_socket_cannot_say_that_it_begins_or_ends(
    cast: SimpleNamespace, thread: Thread, server: Server, person: Make, name: str
) -> None:
    """The library hands a client's "connect" to the handler that seats sockets: with another's token it would stay."""
    bruno, marc, ines = (person(one) for one in (cast.bruno, cast.marc, cast.ines))
    bruno.connect(), marc.connect()
    space = cast.space.public_id
    assert bruno.watch(space)["ok"] and marc.watch(space)["ok"]
    bruno.line._send_packet(bruno.line.packet_class(2, namespace="/", data=[name, {}, {"token": ines.secret}]))
    assert bruno.is_gone()
    messages.post(thread, "secret", by=cast.ines, client_uuid="after")
    assert marc.next()["kind"] == "message_posted"
    assert bruno.next("event", within=0.5) is None
    assert marc.watch(space)["ok"], "the others go on"
