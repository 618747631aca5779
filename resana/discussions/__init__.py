"""Threads and messages: talking live in a space, and knowing what one has not read. For everybody in a space. It does
not know how open pages hear of a message: that is live/.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages and the calls."""
    from . import api, routes

    app.register_blueprint(routes.bp)
    app.register_blueprint(api.bp)
