"""Shared spaces: one place for each project, who has which role in it, and the numbered events that happen there. For
agents, and for the leads who bring them in. What lies in a space (documents, threads) has packages of its own.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages and the calls, and the left column's list."""
    from resana.accounts import turns
    from resana.administrations.following import listen
    from resana.core.guarding import current_account
    from resana.core.templating import offer, remembered

    from . import (  # noqa: F401
        api,
        following,
        guest_api,
        guest_routes,
        guests,
        invitations,
        keeping,
        member_routes,
        queries,
        routes,
        shut_api,
        shut_routes,
        transfer_routes,
        transfers,
        words,
    )
    from .blueprint import api as calls
    from .blueprint import bp

    turns.listen(keeping.follow)
    turns.listen(transfers.follow)
    app.register_blueprint(bp)
    app.register_blueprint(calls)
    listen(moved=following.moved, closed=following.closed, counted=following.counted)
    invitations.init_app()
    offer(
        app,
        my_spaces=lambda: remembered("my spaces", lambda: queries.my_spaces(current_account)),
        number_of_guests=guests.number_of_guests,
        role_name=words.role_name,
        role_explained=words.role_explained,
        visibility_name=words.visibility_name,
    )
