"""Pages by which people protect their own account: what they have, adding, naming, removing, recovery codes."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from resana.accounts.blueprint import bp
from resana.accounts.forms import ApplicationForm, PasskeyForm
from resana.accounts.models import SignInSession
from resana.core.errors import Conflict, NotAllowed, Refused
from resana.core.forms import tell
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.permissions import Can

from . import actions, passkeys, policy, proving, recovery, resets, totp
from .models import FactorReset, SecondFactor


def here() -> SignInSession:
    """The session of the present request: a program's token protects nobody's account."""
    found: SignInSession | None = g.get("sign_in_session")
    if found is None:
        raise NotAllowed
    return found


@bp.get("/account/second-factors")
@guard(SIGNED_IN, without_factor=True)
def second_factors() -> str:
    """What protects one's account beside the password, and what to add."""
    return _page()


def _page(codes: list[str] | None = None, problem: str = "") -> str:
    account = current_account._get_current_object()
    factors = proving.factors_of(account)
    return render_template(
        "accounts/factors/index.html",
        factors=factors,
        codes=codes,
        codes_left=recovery.left(account),
        demanded=policy.is_demanded(account),
        reset=resets.waiting(account),
        passkeys_possible=passkeys.are_possible(),
        problem=problem,
    )


@bp.get("/account/second-factors/application")
@guard(SIGNED_IN, fresh=True, without_factor=True)
def new_application() -> str:
    """A QR code for an application, and the field for the code that it shows."""
    return _application_page(ApplicationForm(formdata=None))


@bp.post("/account/second-factors/application")
@guard(SIGNED_IN, fresh=True, without_factor=True)
def add_application() -> Any:
    """Take the application, if it shows the right code."""
    form = ApplicationForm()
    if not form.validate():
        return _application_page(form), 422
    try:
        codes = actions.add_application(
            current_account._get_current_object(),
            name=form.name.data or "",
            draft=form.draft.data or "",
            code=form.code.data or "",
            here=here(),
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _application_page(form), 422
    return _added(codes)


def _application_page(form: ApplicationForm) -> str:
    account = current_account._get_current_object()
    secret = totp.draft(form.draft.data or "", account) or totp.new_secret()
    return render_template(
        "accounts/factors/application.html",
        form=form,
        draft=totp.drafted(secret, account),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=totp.qr_code(secret, account),
        address=totp.address(secret, account),
    )


@bp.get("/account/second-factors/passkey")
@guard(SIGNED_IN, fresh=True, without_factor=True)
def new_passkey() -> str:
    """Where a key is named and touched."""
    return _passkey_page(PasskeyForm(formdata=None))


@bp.post("/account/second-factors/passkey")
@guard(SIGNED_IN, fresh=True, without_factor=True)
def add_passkey() -> Any:
    """Take the key that the browser answers with."""
    form = PasskeyForm()
    if not form.validate():
        return _passkey_page(form), 422
    if not form.answer.data:
        return _passkey_page(form, _("Votre navigateur n’a pas présenté de clé. Recommencez.")), 422
    try:
        codes = actions.add_passkey(
            current_account._get_current_object(), name=form.name.data or "", answer=form.answer.data, here=here()
        )
    except Refused as refused:
        if refused.field == "name" and tell(form, refused):
            return _passkey_page(form), 422
        return _passkey_page(form, refused.detail), 422
    except Conflict as known:
        return _passkey_page(form, known.detail), 409
    return _added(codes)


def _passkey_page(form: PasskeyForm, problem: str = "") -> str:
    return render_template(
        "accounts/factors/passkey.html", form=form, problem=problem, possible=passkeys.are_possible()
    )


def _added(codes: list[str] | None) -> Any:
    flash(_("C’est ajouté. Vos autres connexions sont fermées."))
    if codes is None:
        return redirect(url_for("accounts.second_factors"), 303)
    return _page(codes), 201


@bp.get("/account/second-factors/<factor_id>")
@guard(Can.CHANGE_SECOND_FACTOR)
def second_factor(factor: SecondFactor) -> str:
    """One second factor: its name, and taking it away."""
    return _factor_page(factor)


@bp.post("/account/second-factors/<factor_id>")
@guard(Can.CHANGE_SECOND_FACTOR, fresh=True)
def rename_second_factor(factor: SecondFactor) -> Any:
    """Call it otherwise."""
    name = request.form.get("name", "")
    try:
        actions.rename(factor, name)
    except Refused as refused:
        return _factor_page(factor, name, refused.detail), 422
    flash(_("Le nom est enregistré."))
    return redirect(url_for("accounts.second_factors"), 303)


def _factor_page(factor: SecondFactor, name: str | None = None, problem: str = "") -> str:
    return render_template(
        "accounts/factors/show.html", factor=factor, name=factor.name if name is None else name, problem=problem
    )


@bp.post("/account/second-factors/<factor_id>/removal")
@guard(Can.CHANGE_SECOND_FACTOR, fresh=True)
def remove_second_factor(factor: SecondFactor) -> Any:
    """Take it away."""
    try:
        actions.remove(current_account._get_current_object(), factor, here=here())
    except Conflict as demanded:
        return _page(problem=demanded.detail), 409
    flash(_("C’est retiré. Vos autres connexions sont fermées."))
    return redirect(url_for("accounts.second_factors"), 303)


@bp.post("/account/second-factors/recovery-codes")
@guard(SIGNED_IN, fresh=True)
def renew_recovery_codes() -> Any:
    """Ten new codes; they are on the page that answers, and never again."""
    try:
        codes = actions.renew_codes(current_account._get_current_object(), here=here())
    except Conflict as nothing:
        return _page(problem=nothing.detail), 409
    return _page(codes), 201


@bp.post("/account/second-factors/recovery-codes/file")
@guard(SIGNED_IN, fresh=True)
def recovery_codes_file() -> Response:
    """The codes that the page shows, as a file: only those that are this account's and still serve."""
    account = current_account._get_current_object()
    codes = request.form.getlist("code")[: recovery.HOW_MANY + 1]
    if not recovery.are_unused(account, codes):
        raise Refused(_("Ces codes ne servent pas, ou plus. Créez-en de nouveaux."))
    words = _(
        "Codes de secours Resana de %(email)s. Chacun sert une fois. Gardez-les loin de votre mot de passe.",
        email=account.email,
    )
    response = current_app.response_class("\r\n".join([words, "", *codes, ""]), mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="codes-de-secours-resana.txt"'
    return response


@bp.post("/account/second-factors/reset/<reset_id>/cancellation")
@guard(Can.CANCEL_FACTOR_RESET)
def cancel_factor_reset(reset: FactorReset) -> BaseResponse:
    """Keep the second factors: by the person, or by an administrator."""
    me = current_account._get_current_object()
    account = reset.account
    resets.cancel(reset, by=me)
    flash(_("La réinitialisation est annulée : rien ne change."))
    if account.id == me.id:
        return redirect(url_for("accounts.second_factors"), 303)
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)
