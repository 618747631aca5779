"""The one place that commits.

An *action* is a verb of the product. The outermost call owns the transaction; inner ones join it. Effects run after
the commit has returned, in plain code (SQL is impossible inside SQLAlchemy's `after_commit`), and an effect that fails
is logged: it never turns a success into an error.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from .database import prepare_to_write, session, writing

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)
_companions: ContextVar[tuple[Callable[[], object], ...]] = ContextVar("companions", default=())
_last_words: ContextVar[list[Callable[[], object]] | None] = ContextVar("last_words", default=None)
_effects: ContextVar[list[Callable[[], object]] | None] = ContextVar("effects", default=None)


def action(verb: Callable[P, R]) -> Callable[P, R]:
    """Make `verb` one transaction: all of it happens, or nothing does."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _effects.get() is not None:
            return verb(*args, **kwargs)
        effects: list[Callable[[], object]] = []
        companions = _companions.get()
        last_words: list[Callable[[], object]] = []
        token, other_token = _effects.set(effects), _last_words.set(last_words)
        try:
            with writing():
                prepare_to_write()
                result = verb(*args, **kwargs)
                for companion in companions:
                    companion()
                for say in last_words:
                    say()
                session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            _effects.reset(token)
            _last_words.reset(other_token)
        for effect in effects:
            try:
                effect()
            except Exception:
                log.exception("an effect of %s failed", verb.__qualname__)
        return result

    run.is_action = True  # type: ignore[attr-defined]
    return run


@contextlib.contextmanager
def within_next_action(companion: Callable[[], object]) -> Iterator[None]:
    """Do `companion` in the transaction of each action in here, just before its commit."""
    token = _companions.set((*_companions.get(), companion))
    try:
        yield
    finally:
        _companions.reset(token)


def before_commit(say: Callable[[], object]) -> None:
    """Call `say` as the last thing of the present action's transaction; if it fails, all of it is rolled back."""
    last_words = _last_words.get()
    if last_words is None:
        raise RuntimeError("last words belong to an action")
    last_words.append(say)


def after_commit(effect: Callable[[], object]) -> None:
    """Call `effect` once the present action has been committed; never if it is rolled back."""
    effects = _effects.get()
    if effects is None:
        raise RuntimeError("an effect belongs to an action")
    effects.append(effect)
