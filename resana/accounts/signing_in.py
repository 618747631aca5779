"""Signing in with an e-mail address and a password, changing it, signing out.

Whatever is wrong, the answer is the same: the same words, the same status, after the same work.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import literal, select

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import NotSignedIn, Refused

from . import devices, passwords, sessions, throttling, turns
from .factors import notices, pending, proving, resets
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


class HalfSignedIn(NamedTuple):
    """The password was right and a second factor is owed: which kinds would do, and the secret of the half sign-in."""

    kinds: list[str]
    secret: str


class _Known(NamedTuple):
    id: int | None
    password_hash: str | None
    active: bool
    device: bool
    public_id: str | None = None
    home_administration_id: int | None = None


def sign_in(email: str, password: str, browser: Browser) -> SignedIn | HalfSignedIn:
    """Open a session, or the half of one where a second factor is owed.

    Raises NotSignedIn with one message for all failures, TooMany after many of them.
    """
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
            _fail(known, counts)
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
    account: Account = row[0]
    return _Known(
        account.id,
        account.password_hash,
        account.is_active,
        bool(row[1]),
        account.public_id,
        account.home_administration_id,
    )


@action
def _fail(known: _Known, counts: throttling.Counts) -> None:
    """The same statements for an address with an account and for one without."""
    throttling.note_failure(counts)
    named = ("account", known.public_id) if known.public_id is not None else None
    tell(Act.SIGN_IN_FAILED, by=None, named=named, administration_id=known.home_administration_id)


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
) -> SignedIn | HalfSignedIn:
    """The password was right a moment ago: is it still, now that we hold the lock?"""
    account = locked(account_id)
    if not account.is_active or account.password_hash != seen_hash:
        raise _wrong()
    if renewed_hash is not None:
        account.password_hash = renewed_hash
    resets.take_effect(account)
    kinds = proving.kinds_of(account)
    if kinds:
        throttling.forget(counts)
        return HalfSignedIn(kinds, pending.begin(account))
    return let_in(account, counts, browser, aal=1)


def let_in(account: Account, counts: throttling.Counts, browser: Browser, *, aal: int) -> SignedIn:
    """Open the session of somebody who has proved who they are. Within an action, the account locked."""
    former = sessions.living_session(browser.session)
    if former is not None:
        sessions.revoke(former)
    throttling.forget(counts)
    if not devices.knows(account, browser.device) and sessions.has_had_one(account):
        notices.new_device(account, browser.user_agent)
    device = devices.remember(account, browser.device)
    opened, secret = sessions.open_session(account, user_agent=browser.user_agent, aal=aal)
    _told(Act.SIGNED_IN, account, of=opened)
    return SignedIn(account, opened, secret, device)


def change_password(account: Account, present: str, password: str, *, keep: SignInSession | None) -> None:
    """Choose another password, proving the present one; all other sessions end.

    Raises Refused at `present` or `password`, TooMany after many wrong present ones.
    """
    account_id = account.id
    passwords.accepted(password, account)
    seen_hash, counts = _prove(account, present)
    _change_password(account_id, seen_hash, passwords.hashed(password), counts, keep)


def confirm(account: Account, present: str, *, here: SignInSession, code: str = "", passkey: str = "") -> None:
    """Prove that whoever sits at this session is still its holder, before a sensitive act.

    By the password; with a code of the second factor, where there is one; or by a passkey alone. Raises Refused at
    `present`, `code` or `passkey`, TooMany after many wrong ones.
    """
    account_id = account.id
    if passkey:
        step = _confirm(account_id, None, None, here, passkey=passkey)
        wrong = Refused(_("Votre clé n’a pas confirmé. Recommencez, ou servez-vous de votre mot de passe."), "passkey")
    else:
        if not code.strip() and proving.kinds_of(account):
            raise Refused(_("Écrivez le code de votre application, ou un code de secours."), "code")
        seen_hash, counts = _prove(account, present)
        step = _confirm(account_id, seen_hash, counts, here, code=code)
        wrong = Refused(_("Ce code ne convient pas, ou a déjà servi. Attendez le suivant, puis recommencez."), "code")
    if not step:
        raise wrong


def _prove(account: Account, present: str) -> tuple[str, throttling.Counts]:
    """The hash that `present` was found to match, outside any transaction: to be looked at again under the lock."""
    seen_hash, account_id = account.password_hash, account.id
    counts = throttling.counts_of_own(account.id)
    throttling.check(counts)
    session.rollback()
    with passwords.turn():
        right = passwords.matches(seen_hash, present)
        if not right:
            _fail_to_confirm(account_id, counts)
    if not right or seen_hash is None:
        raise Refused(_("Ce n’est pas votre mot de passe actuel."), "present")
    return seen_hash, counts


@action
def _fail_to_confirm(account_id: int, counts: throttling.Counts) -> None:
    throttling.note_failure(counts)
    _told(Act.IDENTITY_NOT_CONFIRMED, session.get_one(Account, account_id))


@action
def _confirm(
    account_id: int,
    seen_hash: str | None,
    counts: throttling.Counts | None,
    here: SignInSession,
    *,
    code: str = "",
    passkey: str = "",
) -> bool:
    """False where the second factor was wrong: that it was tried stays noted."""
    account = _still_so(account_id, seen_hash, here)
    if passkey or proving.kinds_of(account):
        factor_counts = throttling.counts_of_factor(account_id, "confirm")
        throttling.check(factor_counts)
        if proving.use(account, here, code=code, passkey=passkey) is None:
            throttling.note_failure(factor_counts)
            _told(Act.IDENTITY_NOT_CONFIRMED, account)
            return False
        throttling.forget(factor_counts)
    if counts is not None:
        throttling.forget(counts)
    sessions.confirm(here)
    _told(Act.IDENTITY_CONFIRMED, account, of=here)
    return True


def _still_so(account_id: int, seen_hash: str | None, here: SignInSession | None) -> Account:
    """The account under its lock, if its password (unless None) and the session are what they were.

    Raises NotSignedIn.
    """
    account = locked(account_id)
    if not account.is_active or (seen_hash is not None and account.password_hash != seen_hash):
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
    _told(Act.PASSWORD_CHANGED, account)


def set_password(account: Account, password_hash: str) -> None:
    """Give an account a password that its holder has chosen: it is active, and signed in nowhere. Within an action."""
    account.password_hash = password_hash
    if account.status == AccountStatus.INVITED:
        account.status = AccountStatus.ACTIVE
        turns.say(turns.Turn.OPENED, account, account)
    session.flush()
    _end_everything(account)
    _told(Act.PASSWORD_CHOSEN, account)


@action
def sign_out_everywhere(account: Account) -> None:
    """End all of one's sessions, and have none of one's browsers known any more."""
    _end_everything(account)
    _told(Act.SIGNED_OUT_EVERYWHERE, account)


@action
def sign_out(found: SignInSession) -> None:
    """End the session that one is in."""
    sessions.revoke(found)
    _told(Act.SIGNED_OUT, found.account, of=found)


@action
def end_session(found: SignInSession) -> None:
    """End another one of one's sessions."""
    sessions.revoke(found)
    _told(Act.SESSION_ENDED, found.account, of=found)


def _end_everything(account: Account) -> None:
    sessions.revoke_all(account)
    devices.forget_all(account)
    bump(account)


def _told(act: Act, account: Account, of: SignInSession | None = None) -> None:
    tell(act, by=account, of=of if of is not None else account, administration_id=account.home_administration_id)


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
