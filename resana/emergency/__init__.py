"""Exceptional access (« break-glass »): an administrator of the platform, who reads no content by that, asks with a
reason to read one space; an administrator of the owning administration agrees, another person. It reads and changes
nothing, ends after four hours, everybody in the space sees a banner, and every reading stands in the journal.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, request

bp = Blueprint("emergency", __name__)


def init_app(app: Flask) -> None:
    """Add the pages, and watch what is read."""
    from resana.core import guarding
    from resana.core.clock import now
    from resana.core.templating import offer

    from . import routes  # noqa: F401

    app.register_blueprint(bp)
    offer(app, present_moment=now)
    guarding.watch(_witness)


def _witness(account: Any, thing: Any | None) -> None:
    """Before somebody with a broken glass is shown anything of its space, that is written down."""
    if not account.platform_admin:
        return
    from . import actions, queries

    for access in queries.living_of(account):
        if thing is None or getattr(thing, "space_id", None) == access.space_id:
            actions.note_reading(access, thing, request.endpoint or "")
