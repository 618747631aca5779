"""What the journal is told: an act, in the transaction that does it.

Actions say what they did by `tell`; whoever keeps the journal (`resana/audit/`) listens. Acts are handed over just
before the commit and in the order in which they were told, so that the journal's locks are held for a moment only; an
act that is rolled back was never told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .actions import before_commit
from .clock import now


@dataclass(frozen=True)
class Told:
    """One act. `of_kind` and `of_id` name its object by its table's word and its id in the database, `of_public_id` by
    the id that people see; `facts` are numbers, codes and public ids: never a text that people wrote, never a secret.
    """

    act: StrEnum
    by_id: int | None
    of_kind: str
    of_id: int | None
    administration_id: int | None
    space_id: int | None
    on_behalf_of_id: int | None
    facts: dict[str, Any] = field(default_factory=dict)
    at: datetime = field(default_factory=now)
    of_public_id: str | None = None


Listener = Callable[[Told], object]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(told)` within each transaction that did something, just before its commit."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(
    act: StrEnum,
    *,
    by: Any | None,
    of: Any | None = None,
    named: tuple[str, str] | None = None,
    administration_id: int | None = None,
    space_id: int | None = None,
    on_behalf_of: Any | None = None,
    **facts: Any,
) -> None:
    """Say that `by` (an account, or None for the product itself) has done `act` to the row `of`.

    Where there is no row at hand, `named` says the object's kind and its public id: ("document", "k3…").

    `space_id` and `administration_id` are the scopes in whose journal it stands; where none is given, it stands in
    the platform's.
    """
    kind, public_id = named or ("", None)
    if of is not None:
        kind, public_id = type(of).__name__.lower(), getattr(of, "public_id", None)
    told = Told(
        act=act,
        by_id=by.id if by is not None else None,
        of_kind=kind,
        of_id=of.id if of is not None else None,
        administration_id=administration_id,
        space_id=space_id,
        on_behalf_of_id=on_behalf_of.id if on_behalf_of is not None else None,
        facts=facts,
        of_public_id=public_id,
    )
    before_commit(lambda: _hand_over(told))


def _hand_over(told: Told) -> None:
    for listener in _listeners:
        listener(told)
