"""Resana: one place for each project of agents who sit in different cities and administrations."""

from __future__ import annotations

from flask import Flask

from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application assembled, top to bottom."""
    from resana import (
        accounts,
        administrations,
        audit,
        cli,
        demo,
        discussions,
        documents,
        emergency,
        home,
        live,
        pages,
        permissions,
        search,
        spaces,
    )
    from resana.core import (
        answers,
        assets,
        database,
        guarding,
        headers,
        health,
        languages,
        mail,
        openapi,
        proxies,
        storage,
        templating,
        words,
        worker,
    )

    settings = settings or Settings()
    app = Flask("resana", template_folder="../templates", static_folder=None)
    app.config.from_mapping(settings.as_flask())

    for plumbing in (
        database,
        languages,
        guarding,
        answers,
        headers,
        assets,
        templating,
        words,
        health,
        storage,
        mail,
        proxies,
    ):
        plumbing.init_app(app)
    openapi.init_app(app)
    for feature in (
        administrations,
        accounts,
        spaces,
        documents,
        discussions,
        search,
        home,
        audit,
        emergency,
        pages,
        live,
    ):
        feature.init_app(app)
    permissions.init_app(app)
    cli.init_app(app)
    demo.init_app(app)
    worker.init_app(app)
    return app
