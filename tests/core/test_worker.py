"""Who drains the outbox where nobody starts a worker: the web process itself."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from resana.core.actions import action
from resana.core.database import session
from resana.core.jobs import Outbox
from resana.core.mail import send
from tests.serving import Server


@action
def write(address: str) -> None:
    send(address, "Bonjour", "Un mot.")


def left() -> int:
    session.rollback()
    return len(session.execute(select(Outbox.id).where(Outbox.done_at.is_(None), Outbox.kind == "mail")).all())


@pytest.mark.parametrize("server", [{"RESANA_WORKER": "inline"}], indirect=True)
def test_one_process_sends_its_mails_itself(cast: SimpleNamespace, server: Server) -> None:
    write(cast.ines.email)
    assert left() == 1
    session.rollback()
    until = time.monotonic() + 20
    while left() and time.monotonic() < until:
        time.sleep(0.2)
    assert left() == 0


def test_a_process_leaves_the_outbox_to_the_worker_where_there_is_one(cast: SimpleNamespace, server: Server) -> None:
    write(cast.ines.email)
    time.sleep(3)
    assert left() == 1
