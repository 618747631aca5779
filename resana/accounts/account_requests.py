"""Asking for an account with a professional address, and what becomes of it.

Nothing that is answered tells whether an address is known or a domain is somebody's: the same is written for every
address, and the worker finds out. The address proves itself by a link; what happens then is a setting of the
administration whose domain it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Select, delete, func, select, update

from resana.acts import Act
from resana.administrations.models import (
    AccountOpening,
    Administration,
    AdministrationDomain,
    AdministrationStatus,
)
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotThere
from resana.core.jobs import enqueue, job
from resana.core.languages import present_language
from resana.core.mail import address_of, letter, send
from resana.core.text import line
from resana.permissions import Can, accounts_who, allowed

from . import actions, links, throttling
from .models import Account, AccountRequest, AccountRequestState
from .sessions import hashed, new_secret

LIVES = timedelta(days=1)
BUDGET, BUDGET_TIME = 3, timedelta(hours=1)
"""Mails that one address may be sent in an hour: nobody's mailbox is flooded through us (CVE-2022-31184)."""
KEPT = timedelta(days=30)
"""How long a request is kept that was never confirmed, or that was answered."""


@action
def ask(email: str, first_name: str, last_name: str, job_title: str, *, address: str | None) -> None:
    """Ask for an account; whoever asks learns nothing but what is wrong with what they wrote.

    Raises Refused at a field, TooMany.
    """
    said = {
        "email": actions.clean_email(email),
        "first_name": line(first_name, "first_name", 100),
        "last_name": line(last_name, "last_name", 100),
        "job_title": line(job_title, "job_title") if job_title.strip() else "",
        "language": present_language(),
    }
    counts = throttling.counts_of_links(throttling.network_of(address))
    throttling.check(counts)
    throttling.note_failure(counts)
    enqueue("account_request", said)


@job("account_request")
def receive(said: dict[str, Any]) -> None:
    """Find out whether this address may ask, and write to it."""
    with force_locale(str(said["language"])):
        begin(said)


@action
def begin(said: dict[str, Any]) -> str | None:
    """Write to the address, and return the secret of the link, where this address may ask for an account."""
    forgotten = AccountRequest.created_at < now() - KEPT, AccountRequest.state != AccountRequestState.CONFIRMED
    session.execute(delete(AccountRequest).where(*forgotten).execution_options(synchronize_session=False))
    email = str(said["email"])
    account = session.execute(select(Account).where(Account.email == email)).scalar_one_or_none()
    if account is not None:
        _remind(account)
        return None
    place = _place_of(email)
    recent = select(func.count()).where(AccountRequest.email == email, AccountRequest.created_at > now() - BUDGET_TIME)
    if place is None or session.execute(recent).scalar_one() >= BUDGET:
        return None
    secret = new_secret()
    request = AccountRequest(secret_hash=hashed(secret), administration_id=place.id, expires_at=now() + LIVES, **said)
    session.add(request)
    send(
        email,
        _("Votre demande de compte Resana"),
        letter(
            request.first_name,
            _("Un compte Resana a été demandé pour vous : %(place)s.", place=place.name),
            _("Confirmez que cette adresse est la vôtre, dans les 24 heures :"),
            address_of("accounts.confirm_account_request", token=secret),
            _("Vous n’avez rien demandé ? Ne faites rien : la demande s’efface d’elle-même."),
        ),
    )
    return secret


def _remind(account: Account) -> None:
    """Whoever has an account and asks for one hears of it by mail only; their mailbox has its budget there too."""
    links.answer({"email": account.email, "language": present_language()})


def _place_of(email: str) -> Administration | None:
    """The administration that has exactly this domain, and takes requests (never a suffix: CVE-2026-33393)."""
    return session.execute(
        select(Administration)
        .join(AdministrationDomain, AdministrationDomain.administration_id == Administration.id)
        .where(
            AdministrationDomain.domain == email.rpartition("@")[2],
            Administration.status == AdministrationStatus.ACTIVE,
            Administration.account_opening != AccountOpening.CLOSED,
        )
    ).scalar_one_or_none()


def living(secret: str) -> AccountRequest | None:
    """The request that this link confirms, if it still may."""
    if not secret or len(secret) > 200:
        return None
    return session.execute(
        select(AccountRequest).where(
            AccountRequest.secret_hash == hashed(secret),
            AccountRequest.state == AccountRequestState.SENT,
            AccountRequest.expires_at > now(),
        )
    ).scalar_one_or_none()


@action
def confirm(secret: str) -> AccountRequest:
    """The address has proved itself: the account is opened, or waits for an administrator's yes, as the policy says.

    Raises NotThere where the link does not serve (any more).
    """
    taken = session.execute(
        update(AccountRequest)
        .where(
            AccountRequest.secret_hash == hashed(secret[:200]),
            AccountRequest.state == AccountRequestState.SENT,
            AccountRequest.expires_at > now(),
        )
        .values(state=AccountRequestState.CONFIRMED)
        .returning(AccountRequest.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if taken is None:
        raise NotThere
    request = session.get_one(AccountRequest, taken, populate_existing=True)
    place = _place_of(request.email)
    if place is None or place.id != request.administration_id:  # the setting changed in between
        raise NotThere
    if place.account_opening == AccountOpening.IMMEDIATE:
        _open(request, by=None)
    else:
        _tell_administrators(request)
    return request


def _tell_administrators(request: AccountRequest) -> None:
    for administrator in session.execute(accounts_who(Can.ANSWER_ACCOUNT_REQUEST, request)).scalars():
        send(
            administrator.email,
            _("Une demande de compte attend votre réponse"),
            letter(
                administrator.full_name,
                _(
                    "%(name)s (%(email)s) demande un compte : %(place)s.",
                    name=f"{request.first_name} {request.last_name}",
                    email=request.email,
                    place=request.administration.name,
                ),
                address_of("accounts.account_requests"),
            ),
        )


def waiting(by: Account) -> Select[Any]:
    """The requests that `by` may answer, the oldest first."""
    return allowed(by, Can.ANSWER_ACCOUNT_REQUEST).order_by(AccountRequest.id)


@action
def accept(request: AccountRequest, *, by: Account) -> Account:
    """Open the account that was asked for. Raises Conflict where its address has got one in between."""
    _hold(request)
    return _open(request, by=by)


@action
def refuse(request: AccountRequest, reason: str, *, by: Account) -> None:
    """Open no account, and say so to who asked."""
    _hold(request)
    _answered(request, AccountRequestState.REFUSED, by=by)
    tell(Act.ACCOUNT_REQUEST_REFUSED, by=by, of=request, administration_id=request.administration_id)
    with force_locale(request.language):
        send(
            request.email,
            _("Votre demande de compte Resana"),
            letter(
                request.first_name,
                _("Votre demande de compte n’a pas été acceptée : %(place)s.", place=request.administration.name),
                _("Motif : %(reason)s", reason=reason) if reason else "",
            ),
        )


def _hold(request: AccountRequest) -> None:
    """Take the request's lock: of two administrators who answer, the second hears that it is answered."""
    state = session.execute(
        select(AccountRequest.state).where(AccountRequest.id == request.id).with_for_update()
    ).scalar_one()
    if state != AccountRequestState.CONFIRMED:
        raise Conflict(_("Quelqu’un vient de répondre à cette demande."))


def _open(request: AccountRequest, *, by: Account | None) -> Account:
    with force_locale(request.language):
        account = actions.invite(
            email=request.email,
            first_name=request.first_name,
            last_name=request.last_name,
            job_title=request.job_title,
            administration=request.administration,
            by=by,
        )
    _answered(request, AccountRequestState.ACCEPTED, by=by)
    return account


def _answered(request: AccountRequest, state: AccountRequestState, *, by: Account | None) -> None:
    request.state = state
    request.answered_at = now()
    request.answered_by_id = by.id if by is not None else None
    session.flush()
