"""Pages by which somebody asks for an account, and by which administrators answer."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.core.database import session
from resana.core.errors import Conflict, NotThere, Refused, TooMany
from resana.core.forms import tell
from resana.core.guarding import PUBLIC, current_account, guard
from resana.core.text import paragraph
from resana.permissions import Can

from . import account_requests
from .blueprint import bp
from .forms import AccountRequestForm
from .models import AccountRequest, AccountRequestState

PAGE = 50
LONGEST_REASON = 1000


@bp.get("/account-request")
@guard(PUBLIC)
def ask_for_account() -> str:
    """Where one asks for an account."""
    return _ask_page(AccountRequestForm())


@bp.post("/account-request")
@guard(PUBLIC)
def send_account_request() -> Any:
    """Ask; the answer is the same for every address."""
    form = AccountRequestForm()
    if not form.validate():
        return _ask_page(form), 422
    try:
        account_requests.ask(
            form.email.data or "",
            form.first_name.data or "",
            form.last_name.data or "",
            form.job_title.data or "",
            address=request.remote_addr,
        )
    except Refused as no:
        if not tell(form, no):
            raise
        return _ask_page(form), 422
    except TooMany as wait:
        return _ask_page(form, wait.detail), 429, {"Retry-After": str(wait.retry_after)}
    return redirect(url_for("accounts.account_request_sent"), 303)


def _ask_page(form: AccountRequestForm, problem: str = "") -> str:
    return render_template("accounts/ask_for_account.html", form=form, problem=problem)


@bp.get("/account-request/sent")
@guard(PUBLIC)
def account_request_sent() -> str:
    """What happens next, whatever the address."""
    return render_template("accounts/account_request_sent.html")


@bp.get("/account-request/<token>")
@guard(PUBLIC)
def look_at_account_request(token: str) -> Any:
    """Where the holder of the address confirms it. Looking consumes nothing: mail scanners follow links."""
    found = account_requests.living(token)
    if found is None:
        return render_template("accounts/account_request_ended.html"), 404
    return render_template("accounts/confirm_account_request.html", asked=found, token=token)


@bp.post("/account-request/<token>")
@guard(PUBLIC)
def confirm_account_request(token: str) -> Any:
    """Confirm the address."""
    try:
        found = account_requests.confirm(token)
    except (NotThere, Conflict):
        return render_template("accounts/account_request_ended.html"), 404
    opened = found.state == AccountRequestState.ACCEPTED
    return redirect(url_for("accounts.account_request_confirmed", opened="1" if opened else None), 303)


@bp.get("/account-request/confirmed")
@guard(PUBLIC)
def account_request_confirmed() -> str:
    """What happens once the address is confirmed."""
    return render_template("accounts/account_request_confirmed.html", opened="opened" in request.args)


@bp.get("/administration/account-requests", endpoint="account_requests")
@guard(Can.ADMINISTER)
def waiting() -> str:
    """The requests for accounts that wait for one's answer."""
    found = account_requests.waiting(current_account._get_current_object()).limit(PAGE)
    return render_template("accounts/account_requests.html", waiting=session.execute(found).scalars().all())


@bp.post("/administration/account-requests/<demand_id>/acceptance")
@guard(Can.ANSWER_ACCOUNT_REQUEST)
def accept_account(demand: AccountRequest) -> Any:
    """Open the account that was asked for."""
    try:
        account = account_requests.accept(demand, by=current_account._get_current_object())
    except Conflict as no:
        flash(no.detail, "warn")
    else:
        flash(_("Le compte est ouvert. Un lien pour choisir un mot de passe part à %(email)s.", email=account.email))
    return redirect(url_for("accounts.account_requests"), 303)


@bp.post("/administration/account-requests/<demand_id>/refusal")
@guard(Can.ANSWER_ACCOUNT_REQUEST)
def refuse_account(demand: AccountRequest) -> Response:
    """Open no account."""
    reason = paragraph(request.form.get("reason", ""), "reason", LONGEST_REASON)
    try:
        account_requests.refuse(demand, reason, by=current_account._get_current_object())
    except Conflict as no:
        flash(no.detail, "warn")
    else:
        flash(_("La demande est refusée, et la personne en est prévenue."))
    return redirect(url_for("accounts.account_requests"), 303)
