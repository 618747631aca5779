"""One question over all that a person may see: spaces, people, threads and documents, by name. For everybody. Contents
are not searched.
"""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("search", __name__)


def init_app(app: Flask) -> None:
    """Add the page."""
    from . import routes  # noqa: F401

    app.register_blueprint(bp)
