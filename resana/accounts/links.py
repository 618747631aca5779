"""Links by which a person chooses a password: for a new account, or for a password that was forgotten.

A link is 256 random bits of which we keep the hash; it ends by time and serves once, by a form that is sent, because
mail scanners follow links. It signs nobody in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select, update

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotThere, TooMany
from resana.core.jobs import enqueue, job
from resana.core.languages import present_language
from resana.core.mail import address_of, letter, send

from . import passwords, signing_in, throttling
from .models import Account, AccountStatus, PasswordLink
from .sessions import hashed, new_secret

INVITATION, RESET = "invite", "reset"
LIVES = {INVITATION: timedelta(days=7), RESET: timedelta(minutes=20)}
BUDGET, BUDGET_TIME = 5, timedelta(hours=1)
"""Mails with links that one person may be sent in an hour: nobody's mailbox is flooded through us."""


@action
def ask(email: str, *, address: str | None) -> None:
    """Have a link sent to that address, if an account has it; whoever asks learns nothing. Raises TooMany.

    The same is written for every address, and the worker finds out: known and unknown take the same time.
    """
    counts = throttling.counts_of_links(throttling.network_of(address))
    throttling.check(counts)
    throttling.note_failure(counts)
    enqueue("password_link", {"email": email.strip().lower()[:254], "language": present_language()})


@job("password_link")
def answer(payload: dict[str, Any]) -> None:
    """Send the link that was asked for, where there is an account to open."""
    email = str(payload["email"])
    if not email.isprintable():
        return
    account = session.execute(select(Account).where(Account.email == email)).scalar_one_or_none()
    if account is None:
        return
    with force_locale(str(payload["language"])):
        try:
            send_link(account)
        except (Conflict, TooMany):
            return


@action
def send_link(account: Account, *, by: Account | None = None) -> None:
    """Mail a link to choose a password: a new account's invitation, or the way back in; `by` an administrator or not.

    Raises Conflict for an account that is closed, TooMany where its mailbox has had enough.
    """
    if account.status not in (AccountStatus.ACTIVE, AccountStatus.INVITED):
        raise Conflict(_("Ce compte est fermé : réactivez-le avant d’envoyer un lien."))
    from .email_changes import holds_back_links

    if holds_back_links(account):
        raise Conflict(_("L’adresse de ce compte change ou vient de changer : aucun lien n’y part pendant 72 heures."))
    recent = select(func.count()).where(
        PasswordLink.account_id == account.id, PasswordLink.created_at > now() - BUDGET_TIME
    )
    if session.execute(recent).scalar_one() >= BUDGET:
        raise TooMany(
            _(
                "Cette personne a déjà reçu %(count)d liens depuis une heure. Attendez avant de recommencer.",
                count=BUDGET,
            ),
            int(BUDGET_TIME.total_seconds()),
        )
    write(account, by=by)


def write(account: Account, *, by: Account | None) -> None:
    """Write the link and its mail, however many there were before. Within an action."""
    purpose = INVITATION if account.status == AccountStatus.INVITED else RESET
    secret = new_secret()
    session.add(
        PasswordLink(
            secret_hash=hashed(secret),
            account=account,
            purpose=purpose,
            expires_at=now() + LIVES[purpose],
            asked_by_id=by.id if by else None,
        )
    )
    tell(Act.LINK_SENT, by=by, of=account, administration_id=account.home_administration_id, purpose=purpose)
    send(account.email, *_mail(account, purpose, address_of("accounts.choose_password", token=secret)))


def _mail(account: Account, purpose: str, url: str) -> tuple[str, str]:
    if purpose == INVITATION:
        return (
            _("Votre compte Resana est prêt"),
            letter(
                account.first_name,
                _(
                    "Un compte Resana vient de vous être ouvert dans votre administration, « %(administration)s ».\n"
                    "Choisissez votre mot de passe à cette adresse, valable sept jours et une seule fois :",
                    administration=account.home_administration.name,
                ),
                url,
                _("Vous vous connecterez ensuite avec votre adresse %(email)s.", email=account.email),
                _("Resana ne vous demandera jamais votre mot de passe."),
            ),
        )
    return (
        _("Choisir un nouveau mot de passe"),
        letter(
            account.first_name,
            _(
                "Un nouveau mot de passe a été demandé pour votre compte Resana.\n"
                "Choisissez-le à cette adresse, valable vingt minutes et une seule fois :"
            ),
            url,
            _("Vous n’avez rien demandé ? Ne faites rien : votre mot de passe actuel reste valable."),
        ),
    )


def living(secret: str) -> PasswordLink | None:
    """The link of that secret, if it may still serve."""
    if not secret or len(secret) > 200:
        return None
    link = session.execute(
        select(PasswordLink)
        .where(
            PasswordLink.secret_hash == hashed(secret),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > now(),
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    return link if link is not None and _may_serve(link.account) else None


def choose_password(secret: str, password: str) -> None:
    """Consume the link: the account has this password, and is signed in nowhere.

    Raises Refused at `password`, NotThere where the link does not serve (any more).
    """
    link = living(secret)
    if link is None:
        raise NotThere
    passwords.accepted(password, link.account)
    session.rollback()
    _consume(hashed(secret), passwords.hashed(password))


@action
def _consume(secret_hash: str, password_hash: str) -> None:
    account_id = session.execute(
        update(PasswordLink)
        .where(PasswordLink.secret_hash == secret_hash, PasswordLink.used_at.is_(None), PasswordLink.expires_at > now())
        .values(used_at=now())
        .returning(PasswordLink.account_id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if account_id is None:
        raise NotThere
    account = signing_in.locked(account_id)
    if not _may_serve(account):
        raise NotThere
    end_all(account)
    signing_in.set_password(account, password_hash)


def end_all(account: Account) -> None:
    """No link of this account serves any more. Within an action."""
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.account_id == account.id, PasswordLink.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )


def _may_serve(account: Account) -> bool:
    return account.status in (AccountStatus.ACTIVE, AccountStatus.INVITED)
