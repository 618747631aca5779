"""`/healthz`: the process lives. `/readyz`: database, storage and queue answer. They need no sign-in and tell
nothing else.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app
from sqlalchemy import select, text

from .database import session
from .guarding import PUBLIC, guard
from .jobs import Outbox

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@guard(PUBLIC)
def alive() -> Response:
    """The process lives."""
    return current_app.response_class("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@guard(PUBLIC)
def ready() -> Response:
    """The schema is there, the queue can be read, the storage answers, and what had to be seeded is."""
    try:
        session.execute(text("SELECT 1 FROM alembic_version"))
        session.execute(select(Outbox.id).limit(1))
        for question in current_app.extensions.get("readiness", []):
            question()
    except Exception:
        current_app.logger.exception("not ready")
        return current_app.response_class("not ready\n", 503, mimetype="text/plain")
    return current_app.response_class("ready\n", mimetype="text/plain")


def ask_before_ready(app: Flask, question: object) -> None:
    """Have `question()` asked by /readyz; it raises where the answer is no."""
    app.extensions.setdefault("readiness", []).append(question)


def init_app(app: Flask) -> None:
    """Add the two doors."""
    app.register_blueprint(bp)
