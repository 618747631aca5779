"""What every template may ask: `can(Can.X, thing)`, and who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, g
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf

from .guarding import current_account


def offer(app: Flask, **names: Any) -> None:
    """Make `names` known to every template."""
    app.jinja_env.globals.update(names)


def init_app(app: Flask) -> None:
    """Prepare Jinja: no stray blank lines, and a mistake in a name is an error in development."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    offer(app, csrf_token=generate_csrf, get_locale=get_locale)

    @app.context_processor
    def person() -> dict[str, Any]:
        account = current_account._get_current_object()
        return {"current_account": account}


def remembered(question: str, ask: Callable[[], Any]) -> Any:
    """The answer to a question that a page asks more than once; forgotten with the request."""
    memory: dict[str, Any] = g.setdefault("remembered", {})
    if question not in memory:
        memory[question] = ask()
    return memory[question]
