"""Folders, documents and their versions: deposit, find, read, bring back. For everybody in a space. Every door writes
through one path, and the bytes of a version never change.
"""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("documents", __name__)


def init_app(app: Flask) -> None:
    """Add the pages, the interface for programs, and the sweep."""
    from . import access_api, access_routes, api, changes, routes, sweeping  # noqa: F401

    app.register_blueprint(bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(access_api.bp)
    sweeping.init_app(app)
