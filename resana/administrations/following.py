"""What goes where a node goes. This package knows no people and no spaces: theirs say here how they follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .models import Administration

Account = Any
"""An account's row; its package stands above this one."""

Moved = Callable[[Administration, Sequence[int]], object]
"""Of a node that has another parent, and the ids of the nodes above that it has lost."""
Closed = Callable[[Administration, Administration, Sequence[int], Account], object]
"""Of a node that closes, its successor, the ids of the nodes above that are lost, and who closes it."""
Counted = Callable[[Administration], Mapping[str, int]]
"""Of a node, how much would follow: {"accounts": 12}."""


class Follower(NamedTuple):
    """A package whose rows point at administrations."""

    moved: Moved
    closed: Closed
    counted: Counted


_followers: list[Follower] = []


def listen(*, moved: Moved, closed: Closed, counted: Counted) -> None:
    """Follow: each is called in the transaction that changes the tree, while the node still stands where it stood."""
    follower = Follower(moved, closed, counted)
    if follower not in _followers:
        _followers.append(follower)


def move(administration: Administration, lost: Sequence[int]) -> None:
    """Let all follow a node that is about to have another parent."""
    for follower in _followers:
        follower.moved(administration, lost)


def close(former: Administration, successor: Administration, lost: Sequence[int], by: Account) -> None:
    """Let all pass from a node that is about to close to its successor."""
    for follower in _followers:
        follower.closed(former, successor, lost, by)


def count(administration: Administration) -> dict[str, int]:
    """How much would follow if the node closed: {"accounts": 12, "spaces": 3, …}."""
    return {name: number for follower in _followers for name, number in follower.counted(administration).items()}
