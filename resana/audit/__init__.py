"""The journal: who did what, when, to what. It only grows; each entry vouches for the one before, and heads are signed.
For administrators (their scope) and for the leads of a space (theirs). It keeps acts, never what people wrote.
"""

from __future__ import annotations

from flask import Blueprint, Flask

bp = Blueprint("audit", __name__)
calls = Blueprint("audit_api", __name__, url_prefix="/api/v1")


def init_app(app: Flask) -> None:
    """Listen to what is done; add the pages, the calls and the commands."""
    from resana.core import acts

    from . import api, keeping, routes, upkeep  # noqa: F401

    app.register_blueprint(bp)
    app.register_blueprint(calls)
    acts.listen(keeping.hear)
    upkeep.init_app(app)
