"""Signing in with an e-mail address and a password, changing it, signing out.

Whatever is wrong, the answer is the same: the same words, the same status, after the same work.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import literal, select

from resana.core.actions import action
from resana.core.database import session
from resana.core.errors import NotSignedIn, Refused

from . import devices, passwords, sessions, throttling, turns
from .models import Account, AccountStatus, SignInSession
from .presence import bump

log = logging.getLogger(__name__)


class Browser(NamedTuple):
    """What a browser shows when it signs in: its address, the secrets of its cookies, what it says it is."""

    address: str | None
    device: str = ""
    session: str = ""
    user_agent: str = ""


class SignedIn(NamedTuple):
    """Who has signed in, and the secrets that the two cookies shall hold."""

    account: Account
    session: SignInSession
    secret: str
    device: str


class _Known(NamedTuple):
    id: int | None
    password_hash: str | None
    active: bool
    device: bool


def sign_in(email: str, password: str, browser: Browser) -> SignedIn:
    """Open a session. Raises NotSignedIn with one message for all failures, TooMany after many of them."""
    email = _as_kept(email)
    known = _known(email, browser.device)
    counts = throttling.counts_of(
        email, throttling.network_of(browser.address), sessions.hashed(browser.device) if known.device else None
    )
    throttling.check(counts)
    session.rollback()
    with passwords.turn():
        throttling.check(counts)  # again: whoever sends a thousand at once has to wait like the others
        session.rollback()
        right = passwords.matches(known.password_hash, password) and known.active
        if not right:
            throttling.note_failure(counts)
    if not right or known.id is None or known.password_hash is None:
        log.info("sign-in failed for account %s", known.id)
        raise _wrong()
    renewed = passwords.hashed(password) if passwords.is_dated(known.password_hash) else None
    return _enter(known.id, known.password_hash, renewed, counts, browser)


def _known(email: str, device: str) -> _Known:
    row = session.execute(
        select(Account, devices.is_known(device) if device else literal(False))
        .where(Account.email == email)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return _Known(None, None, False, False)
    return _Known(row[0].id, row[0].password_hash, row[0].is_active, bool(row[1]))


def _as_kept(email: str) -> str:
    email = email.strip().lower()
    return email if email.isprintable() else ""


def _wrong() -> NotSignedIn:
    return NotSignedIn(
        _(
            "L’adresse ou le mot de passe ne convient pas. "
            "Vérifiez-les, ou demandez un lien par « Mot de passe oublié »."
        )
    )


@action
def _enter(
    account_id: int, seen_hash: str, renewed_hash: str | None, counts: throttling.Counts, browser: Browser
) -> SignedIn:
    """The password was right a moment ago: is it still, now that we hold the lock?"""
    account = locked(account_id)
    if not account.is_active or account.password_hash != seen_hash:
        raise _wrong()
    if renewed_hash is not None:
        account.password_hash = renewed_hash
    former = sessions.living_session(browser.session)
    if former is not None:
        sessions.revoke(former)
    throttling.forget(counts)
    device = devices.remember(account, browser.device)
    opened, secret = sessions.open_session(account, user_agent=browser.user_agent)
    return SignedIn(account, opened, secret, device)


def change_password(account: Account, present: str, password: str, *, keep: SignInSession | None) -> None:
    """Choose another password, proving the present one; all other sessions end.

    Raises Refused at `present` or `password`, TooMany after many wrong present ones.
    """
    account_id = account.id
    passwords.accepted(password, account)
    seen_hash, counts = _prove(account, present)
    _change_password(account_id, seen_hash, passwords.hashed(password), counts, keep)


def confirm(account: Account, present: str, *, here: SignInSession) -> None:
    """Prove by the password that whoever sits at this session is still its holder, before a sensitive act.

    Raises Refused at `present`, TooMany after many wrong ones.
    """
    account_id = account.id
    seen_hash, counts = _prove(account, present)
    _confirm(account_id, seen_hash, counts, here)


def _prove(account: Account, present: str) -> tuple[str, throttling.Counts]:
    """The hash that `present` was found to match, outside any transaction: to be looked at again under the lock."""
    seen_hash = account.password_hash
    counts = throttling.counts_of_own(account.id)
    throttling.check(counts)
    session.rollback()
    with passwords.turn():
        right = passwords.matches(seen_hash, present)
        if not right:
            throttling.note_failure(counts)
    if not right or seen_hash is None:
        raise Refused(_("Ce n’est pas votre mot de passe actuel."), "present")
    return seen_hash, counts


@action
def _confirm(account_id: int, seen_hash: str, counts: throttling.Counts, here: SignInSession) -> None:
    _still_so(account_id, seen_hash, here)
    throttling.forget(counts)
    sessions.confirm(here)


def _still_so(account_id: int, seen_hash: str, here: SignInSession | None) -> Account:
    """The account under its lock, if its password and the session are what they were. Raises NotSignedIn."""
    account = locked(account_id)
    if not account.is_active or account.password_hash != seen_hash:
        raise NotSignedIn
    if here is not None and session.get_one(SignInSession, here.id, populate_existing=True).revoked_at is not None:
        raise NotSignedIn
    return account


@action
def _change_password(
    account_id: int, seen_hash: str, new_hash: str, counts: throttling.Counts, keep: SignInSession | None
) -> None:
    account = _still_so(account_id, seen_hash, keep)
    account.password_hash = new_hash
    throttling.forget(counts)
    devices.forget_all(account)
    sessions.revoke_all(account, but=keep)


def set_password(account: Account, password_hash: str) -> None:
    """Give an account a password that its holder has chosen: it is active, and signed in nowhere. Within an action."""
    account.password_hash = password_hash
    if account.status == AccountStatus.INVITED:
        account.status = AccountStatus.ACTIVE
        turns.say(turns.Turn.OPENED, account, account)
    session.flush()
    sign_out_everywhere(account)


@action
def sign_out_everywhere(account: Account) -> None:
    """End all sessions of an account, and know none of its browsers any more."""
    sessions.revoke_all(account)
    devices.forget_all(account)
    bump(account)


def locked(account_id: int) -> Account:
    """The account as it is now, held until commit. Within an action.

    What merely names the account (a message that its holder is writing) does not wait for this lock: else the two
    could wait for one another, as closing an account also takes the locks of the spaces it leads.
    """
    return session.execute(
        select(Account)
        .where(Account.id == account_id)
        .with_for_update(of=Account, key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()
