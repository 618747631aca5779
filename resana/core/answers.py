"""How "no" looks: a page for people, `application/problem+json` (RFC 9457) for programs. The only place
that renders errors.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from .database import session
from .errors import FactorDue, No, NotFresh, NotSignedIn, TooMany

NOT_SENT_ON = {"csrf_token", "confirmation-password", "confirmation-code", "confirmation-passkey"}


def titles() -> dict[int, tuple[str, str]]:
    """For each status, what happened and what to do, in the present language."""
    return {
        400: (_("Cette demande est illisible"), _("Elle n’a rien changé. Revenez en arrière et recommencez.")),
        401: (_("Connectez-vous pour continuer"), _("Cette page est réservée aux personnes connectées.")),
        403: (
            _("Cette action ne vous est pas ouverte"),
            _(
                "Rien n’a été changé. Si vous en avez besoin, adressez-vous à un responsable s’il s’agit d’un espace, "
                "sinon à l’administrateur de votre administration."
            ),
        ),
        404: (
            _("Cette page n’est pas accessible"),
            _("L’adresse est peut-être inexacte, ou son contenu n’est pas ouvert à votre compte."),
        ),
        405: (_("Cette adresse ne s’utilise pas ainsi"), _("Rien n’a été changé. Revenez en arrière et recommencez.")),
        409: (
            _("Cela contredit ce qui est en place"),
            _("Rien n’a été changé. Rechargez la page pour voir où en sont les choses."),
        ),
        412: (
            _("Quelqu’un a changé cela entre-temps"),
            _("Rien n’a été écrasé. Rechargez la page, puis reprenez votre modification."),
        ),
        413: (_("L’envoi est trop volumineux"), _("Rien n’a été enregistré. Réduisez-le puis recommencez.")),
        415: (_("Ce type de contenu n’est pas lu ici"), _("Rien n’a été enregistré.")),
        416: (_("Cette partie du document n’existe pas"), _("Téléchargez le document en entier.")),
        422: (_("Quelque chose est à corriger"), _("Rien n’a été enregistré. Corrigez puis recommencez.")),
        428: (_("La version de départ manque"), _("Indiquez par If-Match la version que vous remplacez.")),
        429: (_("Trop d’essais"), _("Patientez un moment, puis recommencez.")),
        500: (
            _("Un incident nous empêche de répondre"),
            _("Ce n’est pas de votre fait. Recommencez dans un instant ; si cela dure, écrivez au contact du service."),
        ),
        503: (_("Le service reprend dans un instant"), _("Rien n’est perdu. Recommencez dans quelques secondes.")),
        507: (_("Il n’y a plus de place"), _("Rien n’a été enregistré. Prévenez la personne qui exploite le service.")),
    }


def wants_json() -> bool:
    """Whether the present request is a program's."""
    return request.path.startswith("/api/")


def problem(
    status: int, detail: str = "", errors: list[dict[str, str]] | None = None, facts: dict[str, Any] | None = None
) -> Response:
    """An RFC 9457 answer; `facts` are its further members."""
    title, advice = titles().get(status, titles()[400 if status < 500 else 500])
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail or advice}
    body |= facts or {}
    if errors:
        body["errors"] = errors
    return current_app.response_class(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def say_no(
    status: int, detail: str = "", errors: list[dict[str, str]] | None = None, facts: dict[str, Any] | None = None
) -> Response:
    """The answer for `status`, to a person or a program."""
    if wants_json():
        return problem(status, detail, errors, facts)
    title, advice = titles().get(status, titles()[400 if status < 500 else 500])
    g.refused = (
        True  # the page does not repeat the address: what is not there and what may not be seen are the same bytes
    )
    page = render_template("errors/error.html", code=status, title=title, detail=detail or advice)
    return current_app.response_class(page, status)


def ask_who_it_is(problem: str = "", status: int = 403, at: str = "") -> Response:
    """The page that comes before a sensitive act: it keeps what the form held, and sends it on once that is known.

    `at` names the field that `problem` is about: "present", "code" or "passkey".
    """
    own = request.endpoint == "accounts.confirm"
    page = render_template(
        "accounts/confirm.html",
        next=request.args.get("next", "") if own else request.full_path.rstrip("?"),
        again=request.args.get("again", "") if own else request.method,
        sent=[(name, value) for name, value in request.form.items(multi=True) if name not in NOT_SENT_ON],
        problem=problem,
        at=at,
    )
    return current_app.response_class(page, status)


def init_app(app: Flask) -> None:
    """Register what is said to each error."""

    @app.errorhandler(No)
    def no(error: No) -> BaseResponse:
        session.rollback()
        if isinstance(error, NotSignedIn) and not wants_json() and request.method in ("GET", "HEAD"):
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
        if isinstance(error, FactorDue) and not wants_json() and request.method in ("GET", "HEAD"):
            return redirect(url_for("accounts.second_factors"), 303)
        if isinstance(error, NotFresh) and not wants_json():
            return ask_who_it_is()
        errors = [{"field": error.field, "message": error.detail}] if error.field else None
        response = say_no(error.status, error.detail, errors, error.facts)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Response:
        session.rollback()
        return say_no(422, errors=[_as_field(one) for one in error.errors()])

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> BaseResponse:
        session.rollback()
        if error.code is None or error.code < 400:
            return error.get_response()
        response = say_no(error.code)
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after", "content-range"):
                response.headers[name] = value
        return response

    @app.errorhandler(OperationalError)
    def database_away(error: OperationalError) -> Response:
        session.rollback()
        app.logger.error("the database did not answer: %s", error.orig)
        if is_full(error):
            return say_no(507)
        response = say_no(503)
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        session.rollback()
        app.logger.error("unexpected", exc_info=error)
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        return say_no(500)


def is_full(error: OperationalError) -> bool:
    """Whether the database refused because its disk is full (SQLITE_FULL; SQLSTATE 53100)."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_FULL or getattr(error.orig, "sqlstate", None) == "53100"


def _as_field(error: Any) -> dict[str, str]:
    """A pydantic error, in the user's words."""
    field = ".".join(str(part) for part in error["loc"])
    words = {
        "missing": _("Ce champ est obligatoire."),
        "extra_forbidden": _("Ce champ n’est pas connu."),
        "string_too_long": _("Ce texte est trop long."),
        "string_too_short": _("Ce texte est trop court."),
        "literal_error": _("Cette valeur ne fait pas partie des choix."),
        "enum": _("Cette valeur ne fait pas partie des choix."),
        "value_error": _("Cette valeur n’est pas acceptée."),
    }
    return {"field": field, "message": words.get(error["type"], _("Cette valeur n’est pas du type attendu."))}
