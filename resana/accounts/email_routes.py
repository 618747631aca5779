"""Pages by which an address changes: asked for by its holder or an administrator, answered by a link."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.core.database import session
from resana.core.errors import Conflict, NotThere, Refused
from resana.core.guarding import PUBLIC, SIGNED_IN, current_account, guard
from resana.permissions import Can

from . import email_changes
from .actions import clean_email
from .blueprint import bp
from .models import Account


@bp.get("/account/email")
@guard(SIGNED_IN)
def new_email() -> str:
    """Where one writes one's new address."""
    return _own_page()


def _own_page(problem: str = "") -> str:
    account = current_account._get_current_object()
    return render_template(
        "accounts/email.html",
        account=account,
        own=True,
        waiting=email_changes.waiting_for(account),
        typed=request.form.get("email", "")[:254],
        problem=problem,
    )


@bp.post("/account/email")
@guard(SIGNED_IN, fresh=True)
def ask_email() -> Any:
    """Send a link to the new address."""
    try:
        email_changes.ask(current_account._get_current_object(), clean_email(request.form.get("email", "")[:300]))
    except (Refused, Conflict) as no:
        session.rollback()
        return _own_page(no.detail), no.status
    flash(_("Un lien part à votre nouvelle adresse. D’ici là, votre adresse actuelle reste valable."))
    return redirect(url_for("accounts.me"), 303)


@bp.post("/account/email/refusal")
@guard(SIGNED_IN)
def refuse_email() -> Response:
    """Say no to a change that waits."""
    email_changes.refuse_own(current_account._get_current_object())
    flash(_("Votre adresse ne change pas."))
    return redirect(url_for("accounts.me"), 303)


@bp.get("/administration/accounts/<account_id>/email")
@guard(Can.ADMINISTER_ACCOUNT)
def new_email_for(account: Account) -> str:
    """Where an administrator writes a person's new address."""
    return _their_page(account)


def _their_page(account: Account, problem: str = "") -> str:
    return render_template(
        "accounts/email.html",
        account=account,
        own=False,
        waiting=email_changes.waiting_for(account),
        typed=request.form.get("email", "")[:254],
        problem=problem,
    )


@bp.post("/administration/accounts/<account_id>/email")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
def ask_email_for(account: Account) -> Any:
    """Have the person asked at their present address; in 72 hours, silence is a yes."""
    me = current_account._get_current_object()
    try:
        email_changes.ask_for(account, clean_email(request.form.get("email", "")[:300]), by=me)
    except (Refused, Conflict) as no:
        session.rollback()
        return _their_page(account, no.detail), no.status
    flash(
        _("La personne est prévenue à ses deux adresses. Sans réponse de sa part, l’adresse changera dans 72 heures.")
    )
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)


@bp.get("/email/<token>")
@guard(PUBLIC)
def answer_email_change(token: str) -> Any:
    """What the link is about. Looking at it decides nothing: mail scanners follow links."""
    change = email_changes.living(token)
    if change is None:
        return render_template("accounts/link_ended.html"), 404
    return render_template("accounts/email_answer.html", change=change, token=token)


@bp.post("/email/<token>")
@guard(PUBLIC)
def send_email_answer(token: str) -> Any:
    """Yes or no."""
    try:
        if request.form.get("do") == "refuse":
            email_changes.refuse(token)
            words = _("L’adresse ne change pas. Rien d’autre n’a été modifié.")
        else:
            email_changes.confirm(token)
            words = _("L’adresse est changée. Connectez-vous avec elle.")
    except (NotThere, Conflict):
        session.rollback()
        return render_template("accounts/link_ended.html"), 404
    flash(words)
    return redirect(url_for("accounts.sign_in"), 303)
