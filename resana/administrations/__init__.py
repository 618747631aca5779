"""The tree of administrations: État › région › département › service. It is what rights are tied to; agents see it when
they bring an administration into a space, and administrators set its policies. It holds no people and no content.
"""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages and the calls."""
    from resana.core.templating import offer

    from . import api, routes, tree_routes, words  # noqa: F401
    from .blueprint import api as calls
    from .blueprint import bp

    app.register_blueprint(bp)
    app.register_blueprint(calls)
    offer(app, administration_kind=words.kind_name, space_creation_name=words.space_creation_name)
