"""The pages that a public service owes to everybody: help, contact, legal notice, personal data, cookies,
accessibility, site map; and what the browser asks for beside the pages (manifest, service worker, offline page). For
people signed in or not. Nothing here reads the database.
"""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("pages", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    from . import routes  # noqa: F401

    app.register_blueprint(bp)
