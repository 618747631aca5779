"""People who sign in: accounts, passwords, sessions, access tokens, and the pages by which administrators manage the
accounts of their own administration. It is for everybody who uses the product. What an account may do is not decided
here, but in permissions.py.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages and the calls, and say who is asking."""
    from resana.core.templating import offer

    from . import administering, api, delegation_routes, email_routes, own_routes, routes, sessions, words  # noqa: F401
    from .blueprint import api as calls
    from .blueprint import bp

    sessions.init_app(app)
    app.register_blueprint(bp)
    app.register_blueprint(calls)
    offer(
        app,
        status_name=words.status_name,
        status_kind=words.status_kind,
        token_scope_name=words.scope_name,
        browser_of=words.browser_of,
    )
