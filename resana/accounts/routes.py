"""Pages that open and close the door: signing in and out, a forgotten password, choosing one."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.core.addresses import local_path
from resana.core.errors import NotSignedIn, NotThere, TooMany
from resana.core.guarding import PUBLIC, current_account, guard

from . import devices, links, sessions, signing_in
from .blueprint import bp
from .factors import pending
from .forms import ChoosePasswordForm, ForgottenForm, SignInForm

ON_SIGN_OUT = '"cache", "storage"'


def browser() -> signing_in.Browser:
    """The browser of the present request."""
    return signing_in.Browser(
        address=request.remote_addr,
        device=request.cookies.get(devices.cookie_name(), ""),
        session=request.cookies.get(sessions.cookie_name(), ""),
        user_agent=request.headers.get("User-Agent", ""),
    )


def start_afresh() -> None:
    """Forget what Flask's cookie holds of whoever sat here before; the language stays."""
    language = cookie.get("language")
    cookie.clear()
    if language is not None:
        cookie["language"] = language
    g.pop("csrf_token", None)


def set_cookies(response: Any, signed_in: signing_in.SignedIn) -> None:
    """Give the browser its session, and let it be known again."""
    sessions.set_cookie(response, signed_in.secret)
    devices.set_cookie(response, signed_in.device)


@bp.get("/sign-in")
@guard(PUBLIC)
def sign_in() -> str | Response:
    """Where one says who one is."""
    if current_account:
        return redirect(local_path(request.args.get("next", "")) or "/", 303)
    return sign_in_page(SignInForm())


@bp.post("/sign-in")
@guard(PUBLIC)
def enter() -> Any:
    """Open a session, and go where one was going."""
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form), 422
    try:
        signed_in = signing_in.sign_in(form.email.data or "", form.password.data or "", browser())
    except NotSignedIn as wrong:
        return sign_in_page(form, wrong.detail), 401
    except TooMany as wait:
        return sign_in_page(form, wait.detail), 429, {"Retry-After": str(wait.retry_after)}
    if isinstance(signed_in, signing_in.HalfSignedIn):
        wanted = local_path(request.form.get("next", "")) or None
        response = redirect(url_for("accounts.second_step_page", next=wanted), 303)
        pending.set_cookie(response, signed_in.secret)  # type: ignore[arg-type]
        return response
    start_afresh()
    response = redirect(local_path(request.form.get("next", "")) or "/", 303)
    set_cookies(response, signed_in)
    return response


def sign_in_page(form: SignInForm, problem: str = "") -> str:
    """The door, with what went wrong at it."""
    wanted = local_path(request.values.get("next", "")) or "/"
    return render_template("accounts/sign_in.html", form=form, problem=problem, next=wanted if wanted != "/" else "")


@bp.post("/sign-out")
@guard(PUBLIC)
def sign_out() -> Response:
    """End this session; a second time does no harm."""
    found = sessions.living_session(request.cookies.get(sessions.cookie_name(), ""))
    if found is not None:
        signing_in.sign_out(found)
    return signed_out(_("Vous êtes déconnecté."))


def signed_out(words: str) -> Response:
    """Leave nothing behind in the browser, and go to the door."""
    g.pop("_login_user", None)
    start_afresh()
    flash(words, "info")
    response = redirect(url_for("accounts.sign_in"), 303)
    sessions.clear_cookie(response)  # type: ignore[arg-type]
    response.headers["Clear-Site-Data"] = ON_SIGN_OUT
    return response


@bp.get("/password/forgotten")
@guard(PUBLIC)
def forgotten() -> str:
    """Where one asks for a link."""
    return render_template("accounts/forgotten.html", form=ForgottenForm(), problem="")


@bp.post("/password/forgotten")
@guard(PUBLIC)
def ask_for_link() -> Any:
    """Have a link sent, if there is an account; the answer is the same if there is not."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("accounts/forgotten.html", form=form, problem=""), 422
    try:
        links.ask(form.email.data or "", address=request.remote_addr)
    except TooMany as wait:
        page = render_template("accounts/forgotten.html", form=form, problem=wait.detail)
        return page, 429, {"Retry-After": str(wait.retry_after)}
    return redirect(url_for("accounts.link_sent"), 303)


@bp.get("/password/sent")
@guard(PUBLIC)
def link_sent() -> str:
    """What happens next, whether there is such an account or not."""
    return render_template("accounts/link_sent.html")


@bp.get("/password/<token>")
@guard(PUBLIC)
def choose_password(token: str) -> Any:
    """Where the holder of a link chooses a password. Looking at it consumes nothing."""
    return _choose_page(token, ChoosePasswordForm())


@bp.post("/password/<token>")
@guard(PUBLIC)
def set_password(token: str) -> Any:
    """Consume the link, and go to the door."""
    link = links.living(token)
    if link is None:
        return render_template("accounts/link_ended.html"), 404
    form = ChoosePasswordForm()
    form.owner = link.account
    if not form.validate():
        return _choose_page(token, form, 422)
    try:
        links.choose_password(token, form.password.data or "")
    except NotThere:
        return render_template("accounts/link_ended.html"), 404
    flash(_("Votre mot de passe est enregistré. Connectez-vous avec lui."))
    return redirect(url_for("accounts.sign_in"), 303)


def _choose_page(token: str, form: ChoosePasswordForm, status: int = 200) -> Any:
    link = links.living(token)
    if link is None:
        return render_template("accounts/link_ended.html"), 404
    return render_template("accounts/choose_password.html", form=form, link=link), status
