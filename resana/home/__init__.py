"""What one sees first: « Aujourd’hui », and the overview of a space. For everybody who is signed in. It gathers what
the other packages know and owns nothing.
"""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("home", __name__)


def init_app(app: Flask) -> None:
    """Add the pages."""
    from resana.core.templating import offer

    from . import dead_end_routes, dead_ends, routes  # noqa: F401

    app.register_blueprint(bp)
    offer(app, is_dead_end=dead_ends.is_dead_end)
