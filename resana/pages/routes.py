"""Public pages, the language of the interface, and what a browser needs to install Resana."""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app, jsonify, redirect, render_template, request, send_file, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from resana.core.addresses import local_path
from resana.core.assets import asset
from resana.core.guarding import PUBLIC, guard
from resana.core.languages import LANGUAGES

from . import bp


@bp.get("/help")
@guard(PUBLIC)
def help() -> str:
    """How to do each thing in Resana."""
    return render_template("pages/help.html")


@bp.get("/contact")
@guard(PUBLIC)
def contact() -> str:
    """Whom to write to."""
    return render_template("pages/contact.html")


@bp.get("/legal")
@guard(PUBLIC)
def legal() -> str:
    """Mentions légales (loi n° 2004-575, article 1-1)."""
    return render_template("pages/legal.html")


@bp.get("/privacy")
@guard(PUBLIC)
def privacy() -> str:
    """What is kept about people, why, and for how long (RGPD, article 13)."""
    return render_template("pages/privacy.html")


@bp.get("/cookies")
@guard(PUBLIC)
def cookies() -> str:
    """The cookies: only strictly necessary ones, so that no consent is asked."""
    return render_template("pages/cookies.html")


@bp.get("/accessibility")
@guard(PUBLIC)
def accessibility() -> str:
    """The statement of accessibility, in the format that RGAA 4.1.2 mandates."""
    return render_template("pages/accessibility.html")


@bp.get("/sitemap")
@guard(PUBLIC)
def sitemap() -> str:
    """All that can be reached, in one page (RGAA 12.3)."""
    return render_template("pages/sitemap.html")


@bp.get("/offline")
@guard(PUBLIC)
def offline() -> str:
    """What the service worker shows when the network is gone: the same page for everybody."""
    return render_template("pages/offline.html")


@bp.get("/manifest.webmanifest")
@guard(PUBLIC)
def manifest() -> Response:
    """How Resana looks once installed on a device."""
    icons = [
        {"src": asset("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": asset("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": asset("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": asset("img/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    answer = jsonify(
        id="/",
        name="Resana",
        short_name="Resana",
        description=_("Espace de travail partagé des agents publics"),
        lang="fr",
        start_url=url_for("home.today"),
        scope="/",
        display="standalone",
        background_color="#f1f0ea",
        theme_color="#0a5a68",
        icons=icons,
    )
    answer.mimetype = "application/manifest+json"
    return answer


@bp.get("/service-worker.js")
@guard(PUBLIC)
def service_worker() -> Response:
    """The service worker, at the root because its address is the limit of what it sees."""
    script = Path(current_app.root_path).parent / "static" / "js" / "service-worker.js"
    answer = send_file(script, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.post("/language")
@guard(PUBLIC)
def language() -> BaseResponse:
    """Choose the language of the interface, and go back to where one was."""
    chosen = request.form.get("locale", "")
    if chosen in LANGUAGES:
        cookie["language"] = chosen
    return redirect(local_path(request.form.get("next", "")) or url_for("home.today"), 303)
