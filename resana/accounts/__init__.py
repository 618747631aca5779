"""People who sign in: accounts, passwords, sessions, access tokens, and the pages by which administrators manage the
accounts of their own administration. It is for everybody who uses the product. What an account may do is not decided
here, but in permissions.py.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages and the calls, and say who is asking."""
    from resana.administrations import actions as administrations
    from resana.administrations.following import listen
    from resana.core.templating import offer

    from . import (  # noqa: F401
        account_request_routes,
        administering,
        administrators_api,
        administrators_routes,
        api,
        delegation_routes,
        email_routes,
        following,
        import_routes,
        own_routes,
        routes,
        sessions,
        words,
    )
    from .blueprint import api as calls
    from .blueprint import bp
    from .factors import api as factors_api  # noqa: F401
    from .factors import passkeys, policy, proving, reset_routes, sign_in_routes  # noqa: F401
    from .factors import routes as factor_routes  # noqa: F401

    sessions.init_app(app)
    administrations.listen(policy.policy_changed)
    app.register_blueprint(bp)
    app.register_blueprint(calls)
    listen(moved=following.moved, closed=following.closed, counted=following.counted)
    offer(
        app,
        status_name=words.status_name,
        status_kind=words.status_kind,
        token_scope_name=words.scope_name,
        browser_of=words.browser_of,
        verdict_name=words.verdict_name,
        import_problem=words.import_problem,
        factor_kind=words.factor_kind,
        my_factor_kinds=proving.my_kinds,
        passkeys_possible=passkeys.are_possible,
    )
