"""The search box's page."""

from __future__ import annotations

from flask import render_template, request

from resana.core.guarding import SIGNED_IN, current_account, guard

from . import bp
from .queries import called


@bp.get("/search")
@guard(SIGNED_IN)
def results() -> str:
    """What was found, by kind."""
    words = request.args.get("q", "").strip()
    return render_template("search/results.html", words=words[:200], found=called(current_account, words))
