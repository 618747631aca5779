"""Buttons by which administrators take lost second factors back."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.accounts.blueprint import bp
from resana.accounts.models import Account
from resana.core.errors import Conflict
from resana.core.guarding import current_account, guard
from resana.permissions import Can

from . import resets
from .models import FactorReset


@bp.post("/administration/accounts/<account_id>/factor-reset")
@guard(Can.ASK_FACTOR_RESET, fresh=True)
def ask_factor_reset(account: Account) -> Response:
    """Ask; the person is told at once."""
    try:
        resets.ask(account, by=current_account._get_current_object())
    except Conflict as already:
        flash(already.detail, "warning")
    else:
        flash(
            _(
                "C’est demandé, et la personne est prévenue. "
                "Un second administrateur peut donner son accord ; sinon, cela prendra effet dans vingt-quatre heures."
            )
        )
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)


@bp.post("/administration/factor-resets/<reset_id>/agreement")
@guard(Can.AGREE_TO_FACTOR_RESET, fresh=True)
def agree_to_factor_reset(reset: FactorReset) -> Response:
    """The second administrator's yes."""
    account = reset.account
    resets.agree(reset, by=current_account._get_current_object())
    flash(
        _(
            "C’est fait : la personne se connecte maintenant avec son seul mot de passe, "
            "et doit protéger de nouveau son compte."
        )
    )
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)
