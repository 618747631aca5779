"""People from outside: an account with a sponsor and an end, which opens nothing once its date has passed."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from resana.acts import Act
from resana.administrations.models import Administration
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, Refused
from resana.core.text import line, searchable

from . import sessions, signing_in, tokens
from .models import Account, AccountKind, AccountStatus, Sponsorship
from .presence import bump

LONGEST_STAY = timedelta(days=180)
"""Of a guest, from the day on which a lead says so; it can be prolonged."""


def sane_end(ends_at: datetime) -> datetime:
    """`ends_at`, if a guest's stay may end then. Raises Refused at `ends_at`."""
    if ends_at <= now():
        raise Refused(_("Choisissez une date à venir."), "ends_at")
    # A day is chosen, and lasts until its end.
    if ends_at > now() + LONGEST_STAY + timedelta(days=1):
        raise Refused(
            _(
                "Un invité externe a accès 180 jours au plus. Choisissez une date plus proche ; "
                "vous pourrez la repousser."
            ),
            "ends_at",
        )
    return ends_at


def described(*, email: str, first_name: str, last_name: str, organisation: str, home: Administration) -> Account:
    """A guest who is not in the database yet. Raises Refused at what is wrong."""
    account = Account(
        kind=AccountKind.GUEST,
        email=email,
        first_name=line(first_name, "first_name", 100),
        last_name=line(last_name, "last_name", 100),
        search_name="",
        job_title="",
        organisation=line(organisation, "organisation"),
        home_administration=home,
        home_administration_id=home.id,
        status=AccountStatus.ACTIVE,
    )
    account.search_name = searchable(account.full_name)[:220]
    return account


@action
def open_account(account: Account, *, sponsor: Account, valid_until: datetime, password_hash: str | None) -> Account:
    """Open the account that was `described`. Raises Conflict where the address has one by now."""
    account.valid_until = sane_end(valid_until)
    account.password_hash = password_hash
    session.add(account)
    try:
        session.flush()
    except IntegrityError as taken:
        raise Conflict(_("Cette invitation ne sert plus.")) from taken
    session.add(Sponsorship(account_id=account.id, sponsor_id=sponsor.id))
    session.flush()
    tell(
        Act.GUEST_OPENED,
        by=sponsor,
        of=account,
        administration_id=account.home_administration_id,
        until=valid_until.isoformat(),
    )
    return account


def stay_until(account: Account, until: datetime, *, by: Account) -> None:
    """Let a guest's account end then, later or earlier than before. Within an action.

    One that had ended begins anew: what it had open then stays closed.
    """
    if account.valid_until == until:
        return
    ended = account.valid_until is not None and account.valid_until <= now()
    sooner = account.valid_until is None or until < account.valid_until
    account.valid_until = until
    session.flush()
    if ended or until <= now():
        tokens.revoke_all(account)
        sessions.revoke_all(account)
    if ended or sooner:
        bump(account)
    tell(
        Act.GUEST_END_SET,
        by=by,
        of=account,
        administration_id=account.home_administration_id,
        until=until.isoformat(),
    )


@action
def take_over(account: Account, *, by: Account) -> None:
    """Answer for a guest whose sponsor is gone. Raises NotAllowed where somebody answers for them."""
    signing_in.locked(account.id)
    sponsorship = session.get(Sponsorship, account.id, populate_existing=True)
    if sponsorship is None or sponsorship.sponsor.is_active or not by.is_active or by.is_guest:
        raise NotAllowed
    sponsorship.sponsor_id, sponsorship.since = by.id, now()
    session.flush()
    session.expire(sponsorship)
    tell(Act.GUEST_TAKEN_OVER, by=by, of=account, administration_id=account.home_administration_id)


def sponsor_of(account: Account) -> Account | None:
    """Who answers for a guest; None for an agent."""
    return session.execute(
        select(Account)
        .join(Sponsorship, Sponsorship.sponsor_id == Account.id)
        .where(Sponsorship.account_id == account.id)
    ).scalar_one_or_none()
