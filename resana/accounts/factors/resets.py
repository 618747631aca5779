"""When somebody has lost every second factor: an administrator asks that they be taken away (permissions.md, 4).

One administrator alone opens no account: another one agrees, or a day passes, in which the person hears of it and can
cancel. Nobody learns a credential by it. Time counts when it is looked at: it needs no job to have run.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from resana.accounts import sessions
from resana.accounts.models import Account
from resana.accounts.presence import bump
from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict
from resana.core.jobs import enqueue, job
from resana.permissions import Can, obtain

from . import notices, proving, recovery
from .models import FactorReset

DELAY = timedelta(hours=24)


@action
def ask(account: Account, *, by: Account) -> FactorReset:
    """Ask that an account's second factors be taken away.

    Raises Conflict where there are none, or it is asked already.
    """
    _locked(account)
    if not proving.factors_of(account):
        raise Conflict(_("Ce compte n’a pas de vérification en deux étapes : il n’y a rien à réinitialiser."))
    if waiting(account) is not None:
        raise Conflict(_("Cette réinitialisation est déjà demandée."))
    asked = FactorReset(account_id=account.id, asked_by_id=by.id, asked_at=now(), due_at=now() + DELAY)
    session.add(asked)
    session.flush()
    notices.reset_asked(account, by)
    enqueue("factor_reset", {"account_id": account.id}, not_before=asked.due_at)
    _told(Act.FACTOR_RESET_ASKED, account, by=by)
    return asked


@action
def agree(reset: FactorReset, *, by: Account) -> None:
    """A second administrator says yes: it takes effect now."""
    account = _locked(reset.account)
    obtain(by, Can.AGREE_TO_FACTOR_RESET, reset_id=reset.public_id)  # it may have ended while we waited for the lock
    reset.agreed_by_id = by.id
    _told(Act.FACTOR_RESET_AGREED, account, by=by)
    _do(reset, account)


@action
def cancel(reset: FactorReset, *, by: Account) -> None:
    """The person, or an administrator, wants none of it: the second factors stay."""
    account = _locked(reset.account)
    obtain(by, Can.CANCEL_FACTOR_RESET, reset_id=reset.public_id)
    reset.cancelled_at = now()
    reset.cancelled_by_id = by.id
    if by.id != account.id:
        notices.reset_cancelled(account)
    _told(Act.FACTOR_RESET_CANCELLED, account, by=by)


def take_effect(account: Account) -> None:
    """Do what a day has passed for. Within an action, the account locked."""
    due = session.execute(
        _open(account).where(FactorReset.due_at <= now()).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if due is not None:
        _do(due, account)


def waiting(account: Account) -> FactorReset | None:
    """The reset that has been asked for and has neither happened nor been cancelled."""
    return session.execute(_open(account).execution_options(populate_existing=True)).scalar_one_or_none()


@job("factor_reset")
def when_the_day_has_passed(payload: dict[str, Any]) -> None:
    """The same for who does not try to sign in: their open sessions end too."""
    with force_locale("fr"):
        _when_due(int(payload["account_id"]))


@action
def _when_due(account_id: int) -> None:
    take_effect(_locked(session.get_one(Account, account_id)))


def _do(reset: FactorReset, account: Account) -> None:
    for factor in proving.factors_of(account):
        session.delete(factor)
    recovery.forget(account)
    reset.done_at = now()
    session.flush()
    sessions.revoke_all(account)
    bump(account)
    notices.reset_done(account)
    _told(Act.FACTORS_RESET, account, by=None)


def _open(account: Account) -> Any:
    return select(FactorReset).where(
        FactorReset.account_id == account.id, FactorReset.done_at.is_(None), FactorReset.cancelled_at.is_(None)
    )


def _locked(account: Account) -> Account:
    return session.execute(
        select(Account)
        .where(Account.id == account.id)
        .with_for_update(of=Account)
        .execution_options(populate_existing=True)
    ).scalar_one()


def _told(act: Act, account: Account, *, by: Account | None) -> None:
    tell(act, by=by, of=account, administration_id=account.home_administration_id)
