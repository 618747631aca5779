"""One's own account: who one is for the others, password, open sessions, access tokens. And a colleague's page."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.core.addresses import local_path
from resana.core.answers import ask_who_it_is
from resana.core.errors import Conflict, NotAllowed, Refused, TooMany
from resana.core.forms import tell
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.core.words import PARIS
from resana.permissions import Can

from . import delegations, guests, sessions, signing_in, tokens
from .blueprint import bp
from .factors import proving
from .forms import ChangePasswordForm, TokenForm
from .models import AccessToken, Account, SignInSession
from .passwords import LONGEST_TYPED
from .routes import signed_out


@bp.get("/account")
@guard(SIGNED_IN, without_factor=True)
def me() -> str:
    """One's own account."""
    return _page()


def _page(
    password: ChangePasswordForm | None = None, token: TokenForm | None = None, secret: str = "", problem: str = ""
) -> str:
    account = current_account._get_current_object()
    return render_template(
        "accounts/me.html",
        account=account,
        password_form=password or ChangePasswordForm(formdata=None, prefix="own-"),
        token_form=token or TokenForm(formdata=None, prefix="token-"),
        factors=proving.factors_of(account),
        sessions=sessions.of(account),
        present_session=g.get("sign_in_session"),
        tokens=tokens.of(account),
        delegations=delegations.of(account),
        secret=secret,
        problem=problem,
    )


@bp.post("/account/password")
@guard(SIGNED_IN, without_factor=True)
def change_password() -> Any:
    """Choose another password; all other sessions end."""
    form = ChangePasswordForm(prefix="own-")
    form.owner = current_account._get_current_object()
    if not form.validate():
        return _page(password=form), 422
    try:
        signing_in.change_password(
            form.owner,
            form.present.data or "",
            form.password.data or "",
            keep=g.get("sign_in_session"),
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _page(password=form), 422
    flash(_("Votre mot de passe est changé. Vos autres connexions sont fermées."))
    return redirect(url_for("accounts.me"), 303)


@bp.post("/account/confirmation")
@guard(SIGNED_IN, without_factor=True)
def confirm() -> Any:
    """Say that it is still oneself (password and second factor, or a passkey), and send on what asked for it."""
    wanted = local_path(request.args.get("next", "")) or url_for("accounts.me")
    here: SignInSession | None = g.get("sign_in_session")
    if here is None:
        raise NotAllowed
    typed = request.form.get("confirmation-password", "")[:LONGEST_TYPED]
    try:
        signing_in.confirm(
            current_account._get_current_object(),
            typed,
            here=here,
            code=request.form.get("confirmation-code", "")[:100],
            passkey=request.form.get("confirmation-passkey", ""),
        )
    except Refused as refused:
        return ask_who_it_is(refused.detail, 422, at=refused.field or "")
    except TooMany as wait:
        answer = ask_who_it_is(wait.detail, 429)
        answer.headers["Retry-After"] = str(wait.retry_after)
        return answer
    return redirect(wanted, 307 if request.args.get("again") == "POST" else 303)


@bp.post("/account/sessions/<session_id>/end")
@guard(Can.END_SESSION)
def end_session(session: SignInSession) -> Response:
    """Close one of one's sessions, on another device or here."""
    here = g.get("sign_in_session")
    was_here = here is not None and session.id == here.id
    (signing_in.sign_out if was_here else signing_in.end_session)(session)
    if was_here:
        return signed_out(_("Vous êtes déconnecté."))
    flash(_("Cette connexion est fermée."))
    return redirect(url_for("accounts.me", _anchor="sessions"), 303)


@bp.post("/account/sessions/end")
@guard(SIGNED_IN, without_factor=True)
def sign_out_everywhere() -> Response:
    """Close all of one's sessions, this one too."""
    signing_in.sign_out_everywhere(current_account._get_current_object())
    return signed_out(_("Toutes vos connexions sont fermées."))


@bp.post("/account/tokens")
@guard(SIGNED_IN, fresh=True)
def make_token() -> Any:
    """Make an access token; its secret is on the page that answers, and never again."""
    form = TokenForm(prefix="token-")
    if not form.validate():
        return _page(token=form), 422
    assert form.expires_at.data is not None
    try:
        _token, secret = tokens.make(
            current_account._get_current_object(),
            name=form.name.data or "",
            scope=tokens.TokenScope(form.scope.data),
            expires_at=datetime.combine(form.expires_at.data, time(23, 59, 59), PARIS).astimezone(UTC),
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _page(token=form), 422
    except Conflict as full:
        return _page(token=form, problem=full.detail), 409
    return _page(secret=secret), 201


@bp.post("/account/tokens/<token_id>/revocation")
@guard(Can.REVOKE_TOKEN)
def revoke_token(token: AccessToken) -> Response:
    """End one of one's access tokens."""
    tokens.revoke(token)
    flash(_("Ce jeton ne sert plus."))
    return redirect(url_for("accounts.me", _anchor="tokens"), 303)


@bp.get("/people/<account_id>")
@guard(Can.SEE_PERSON)
def person(account: Account) -> str:
    """Who somebody is: name, function, administration, how to write to them."""
    sponsor = guests.sponsor_of(account) if account.is_guest else None
    return render_template("accounts/person.html", account=account, sponsor=sponsor)
