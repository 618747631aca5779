"""French by default, English for those who ask for it."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_app_context, has_request_context, request
from flask import session as cookie
from flask_babel import Babel, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

LANGUAGES = ("fr", "en")
babel = Babel()


def present_language() -> str:
    """The language of this request: the one chosen on the page; else, for programs, the one asked for; else French."""
    if not has_request_context():
        return "fr"
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGUAGES, "fr") or "fr"
    chosen = cookie.get("language")
    return str(chosen) if chosen in LANGUAGES else "fr"


def init_app(app: Flask) -> None:
    """Let Flask-Babel ask here."""
    babel.init_app(app, locale_selector=present_language)
    # In the place of Jinja's own, which formats every word as if it had variables, and asks Flask-Babel anew for each.
    app.jinja_env.globals.update(gettext=_said, _=_said)


@pass_eval_context
def _said(context: EvalContext, message: str, /, **variables: Any) -> str:
    """`_("…")` in a template, where variables are escaped; a variable may have any name."""
    found: str = _catalogue().ugettext(message)
    if context.autoescape:
        found = Markup(found)  # noqa: S704 - our own words
    return found % variables if "%" in found else found


def _catalogue() -> Any:
    """This request's translations, for templates: Flask-Babel looks them up anew for each of a page's thousand words.

    They are kept beside the locale that they are for, so that `force_locale` has its own.
    """
    memory = g.get("_flask_babel") if has_app_context() else None
    locale = getattr(memory, "babel_locale", None)
    if memory is None or locale is None:
        return get_translations()
    known = getattr(memory, "catalogue", None)
    if known is None or known[0] is not locale:
        known = memory.catalogue = (locale, get_translations())
    return known[1]
