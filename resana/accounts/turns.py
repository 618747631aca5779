"""What has become of an account, said within the transaction that does it: other packages follow at once."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from resana.administrations.models import Administration
from resana.core.database import session

from .models import Account


class Turn(StrEnum):
    """The kinds there are."""

    OPENED = "opened"
    CLOSED = "closed"
    MOVED = "moved"
    ERASED = "erased"


class Turned(NamedTuple):
    """One turn: of whom, by whom; `former` is the administration that somebody who moves has left."""

    turn: Turn
    account: Account
    by: Account | None
    former: Administration | None = None


Listener = Callable[[Turned], object]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(turned)` within each transaction that turned an account, once its row says so."""
    if listener not in _listeners:
        _listeners.append(listener)


def say(turn: Turn, account: Account, by: Account | None, former: Administration | None = None) -> None:
    """Tell the others. The account's lock is held."""
    session.flush()
    for listener in _listeners:
        listener(Turned(turn, account, by, former))
