"""Changing an address: by the person, who says yes at the new one; by an administrator, to whom the former one may
say no (permissions.md, section 4, rule 3).

An administrator learns no credential by it: their change waits for a yes at the former address, or 72 hours; and
neither follows the other, a new address and a link to choose a password, within that time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from resana.acts import Act
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotThere, Refused
from resana.core.jobs import enqueue, job

from . import notices, signing_in
from .life import hold, told
from .life_models import EmailChange
from .links import end_all
from .models import Account, AccountStatus, PasswordLink
from .sessions import hashed, new_secret

OWN_LIVES = timedelta(hours=24)
DELAY = timedelta(hours=72)


@action
def ask(account: Account, email: str) -> None:
    """Ask for another address for oneself: a link goes to it, and a notice to the present one.

    Raises Refused at `email`. Whether somebody else has that address is not told: the mail there says it.
    """
    account = signing_in.locked(account.id)
    if not account.is_active:
        raise NotThere
    if waiting := waiting_for(account):
        if waiting.by_administrator:
            raise Conflict(_("Un administrateur change déjà votre adresse. Confirmez ou refusez d’abord."))
        _close(waiting, "refused")
    if email == account.email:
        raise Refused(_("C’est déjà votre adresse."), "email")
    secret = new_secret()
    _write(account, email, secret, by=account, due_at=now() + OWN_LIVES, by_administrator=False)
    if _is_taken(email):
        notices.address_is_taken(email)
    else:
        notices.confirm_new_address(account, email, _url(secret))
    notices.new_address_asked(account, email)


@action
def ask_for(account: Account, email: str, *, by: Account) -> EmailChange:
    """Ask for another address for a person one administers: done on their yes, or in 72 hours unless they say no.

    Raises Refused at `email`, Conflict where it is taken, waits already, or a link was sent within 72 hours.
    """
    hold(account, by)
    if account.status == AccountStatus.DEACTIVATED:
        raise Conflict(_("Ce compte est désactivé."))
    if email == account.email:
        raise Refused(_("C’est déjà son adresse."), "email")
    if _is_taken(email):
        raise Conflict(_("Un compte existe déjà pour cette adresse."), "email")
    sent = select(PasswordLink.id).where(
        PasswordLink.account_id == account.id,
        PasswordLink.asked_by_id.is_not(None),
        PasswordLink.created_at > now() - DELAY,
    )
    if session.execute(sent).first() is not None:
        raise Conflict(
            _("Un administrateur a envoyé un lien à cette personne depuis moins de 72 heures. Attendez avant."), "email"
        )
    if (waiting := waiting_for(account)) is not None:
        if waiting.by_administrator:
            raise Conflict(_("Un changement d’adresse attend déjà."), "email")
        _close(waiting, "refused")
    secret, due_at = new_secret(), now() + DELAY
    change = _write(account, email, secret, by=by, due_at=due_at, by_administrator=True)
    told(Act.EMAIL_CHANGE_ASKED, account, by=by, due=due_at.isoformat())
    notices.address_changed_by_administrator(account, email, by, _url(secret), due_at)
    enqueue("email_change", {"change_id": change.id}, not_before=due_at)
    return change


def _write(
    account: Account, email: str, secret: str, *, by: Account, due_at: datetime, by_administrator: bool
) -> EmailChange:
    change = EmailChange(
        secret_hash=hashed(secret),
        account=account,
        former_email=account.email,
        email=email,
        by_administrator=by_administrator,
        asked_by=by,
        due_at=due_at,
    )
    session.add(change)
    session.flush()
    return change


def _url(secret: str) -> str:
    path = current_app.url_map.bind("localhost").build("accounts.answer_email_change", {"token": secret})
    return f"{current_app.config['SETTINGS'].address}{path}"


def _is_taken(email: str) -> bool:
    return session.execute(select(Account.id).where(Account.email == email)).first() is not None


def waiting_for(account: Account) -> EmailChange | None:
    """The change that waits for this account, if one does."""
    found = session.execute(
        select(EmailChange).where(EmailChange.account_id == account.id, EmailChange.state == "waiting")
    ).scalar_one_or_none()
    if found is not None and not found.by_administrator and found.due_at <= now():
        return None
    return found


def living(secret: str) -> EmailChange | None:
    """The change of that link, if it still waits."""
    if not secret or len(secret) > 200:
        return None
    found = session.execute(
        select(EmailChange).where(EmailChange.secret_hash == hashed(secret), EmailChange.state == "waiting")
    ).scalar_one_or_none()
    if found is None or found.account.status in (AccountStatus.DEACTIVATED, AccountStatus.ERASED):
        return None
    return found if found.by_administrator or found.due_at > now() else None


@action
def confirm(secret: str) -> None:
    """Say yes by the link. Raises NotThere where it does not serve (any more), Conflict where the address is taken."""
    change = _held(secret)
    _do(change, confirmed=True)


@action
def refuse(secret: str) -> None:
    """Say no by the link: nothing changes. Raises NotThere where it does not serve (any more)."""
    change = _held(secret)
    _close(change, "refused")
    told(Act.EMAIL_CHANGE_REFUSED, change.account, by=change.account)
    if change.by_administrator:
        notices.address_was_refused(change)


@action
def refuse_own(account: Account) -> None:
    """Say no as the person who is signed in. Raises NotThere where nothing waits (any more)."""
    signing_in.locked(account.id)
    change = waiting_for(account)
    if change is None:
        raise NotThere
    _close(change, "refused")
    told(Act.EMAIL_CHANGE_REFUSED, account, by=account)
    if change.by_administrator:
        notices.address_was_refused(change)


def _held(secret: str) -> EmailChange:
    found = living(secret)
    if found is None:
        raise NotThere
    signing_in.locked(found.account_id)
    session.refresh(found)
    if found.state != "waiting":
        raise NotThere
    return found


@job("email_change")
def when_due(payload: dict[str, Any]) -> None:
    """72 hours have passed, and nobody said no."""
    _when_due(int(payload["change_id"]))


@action
def _when_due(change_id: int) -> None:
    change = session.get(EmailChange, change_id)
    if change is None:
        return
    signing_in.locked(change.account_id)
    session.refresh(change)
    closed = change.account.status in (AccountStatus.DEACTIVATED, AccountStatus.ERASED)
    if change.state != "waiting" or change.due_at > now():
        return
    if closed or (change.email != change.account.email and _is_taken(change.email)):
        _close(change, "refused")
        return
    _do(change, confirmed=False)


def _do(change: EmailChange, *, confirmed: bool) -> None:
    account, former = change.account, change.account.email
    if _is_taken(change.email):
        raise Conflict(_("Un compte existe déjà pour cette adresse."))
    account.email = change.email
    try:
        session.flush()
    except IntegrityError as taken:  # by somebody else, since we looked
        raise Conflict(_("Un compte existe déjà pour cette adresse.")) from taken
    change.confirmed = confirmed
    _close(change, "done")
    end_all(account)
    told(Act.EMAIL_CHANGED, account, by=account if confirmed else None, confirmed=confirmed)
    notices.address_is_changed(account, former)


def _close(change: EmailChange, state: str) -> None:
    change.state, change.answered_at = state, now()
    session.flush()


def holds_back_links(account: Account) -> bool:
    """An administrator changes the address, or has within 72 hours and time alone said yes: no link to it meanwhile."""
    recent = select(EmailChange.id).where(
        EmailChange.account_id == account.id,
        EmailChange.by_administrator,
        or_(
            EmailChange.state == "waiting",
            (EmailChange.state == "done") & ~EmailChange.confirmed & (EmailChange.answered_at > now() - DELAY),
        ),
    )
    return session.execute(recent).first() is not None
