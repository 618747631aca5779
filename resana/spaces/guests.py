"""People from outside in a space: whether it takes them, letting them in, until when, who answers for them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from resana.accounts import guests as people
from resana.accounts.models import Account, AccountKind, AccountStatus, Sponsorship
from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotThere, Refused
from resana.events import Event
from resana.permissions import Can, obtain

from .grants import end_invitations, give, grant_of
from .models import Grant, PrincipalKind, Role, Space
from .stays import guest_of, settle, will_warn
from .streams import hold, record, shrink


class Guest(NamedTuple):
    """A guest of a space, until when they are there, and who answers for them."""

    account: Account
    grant: Grant
    sponsor: Account | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing is open to them here any more."""
        return self.grant.expires_at is None or self.grant.expires_at <= now() or not self.account.is_active

    @property
    def needs_a_sponsor(self) -> bool:
        """Whether nobody answers for them any more."""
        return self.sponsor is None or not self.sponsor.is_active


@action
def allow(space: Space, allowed: bool, *, by: Account) -> None:
    """Say whether leads may bring in people from outside. Who is in stays until their date; invitations end."""
    hold(space.stream)
    obtain(by, Can.ALLOW_GUESTS, space_id=space.public_id)
    if space.guests_allowed == allowed:
        return
    space.guests_allowed = allowed
    if not allowed:
        end_invitations(space)
    record(Event.SPACE_EDITED, space.stream, by=by, kept=False)
    tell(Act.GUESTS_ALLOWED, by=by, of=space, space_id=space.id, allowed=allowed)


@action
def admit(space: Space, account: Account, role: Role, ends_at: datetime, *, by: Account) -> Grant:
    """Let a guest into a space until a date, by a lead who may. A grant that they hold begins anew.

    Raises NotAllowed or NotThere where `by` may not (any more), Refused for a role or a date that no guest has.
    """
    hold(space.stream)
    obtain(by, Can.INVITE_GUEST, space_id=space.public_id)
    if role not in (Role.READER, Role.CONTRIBUTOR):
        raise Refused(_("Un invité externe est lecteur ou contributeur."), "role")
    if not account.is_guest or account.status != AccountStatus.ACTIVE:
        raise NotThere
    ends_at = people.sane_end(ends_at)
    grant = grant_of(space, PrincipalKind.ACCOUNT, account.id)
    if grant is None:
        grant = give(space, PrincipalKind.ACCOUNT, account.id, role, by=by, expires_at=ends_at)
        record(Event.MEMBER_ADDED, space.stream, by=by, kept=False, grant_id=grant.public_id)
    else:
        shrink(space.stream)
        grant.role, grant.expires_at, grant.granted_by_id = role, ends_at, by.id
        record(Event.MEMBER_CHANGED, space.stream, by=by, kept=False, grant_id=grant.public_id)
    will_warn(grant, ends_at)
    settle(account, by=by)
    tell(Act.GUEST_ADMITTED, by=by, of=account, space_id=space.id, role=role.code, until=ends_at.isoformat())
    return grant


@action
def set_end(grant: Grant, ends_at: datetime, *, by: Account) -> None:
    """Let a guest stay longer, or less long. Longer needs a space that takes guests. Raises Refused at `ends_at`."""
    hold(grant.space.stream)
    session.refresh(grant)
    obtain(by, Can.SET_GUEST_END, grant_id=grant.public_id)
    account = guest_of(grant)
    if account is None:
        raise NotThere
    ends_at = people.sane_end(ends_at)
    if grant.expires_at is None or ends_at > grant.expires_at:
        if not grant.space.guests_allowed:
            raise Conflict(_("Cet espace n’accueille plus d’invités externes : leur accès ne peut pas être prolongé."))
        if account.status != AccountStatus.ACTIVE:
            raise Conflict(_("Le compte de cette personne est fermé : son accès ne peut pas être prolongé."))
    elif ends_at < grant.expires_at:
        shrink(grant.space.stream)
    grant.expires_at = ends_at
    will_warn(grant, ends_at)
    settle(account, by=by)
    record(Event.MEMBER_CHANGED, grant.space.stream, by=by, kept=False, grant_id=grant.public_id)
    tell(Act.GUEST_END_SET, by=by, of=account, space_id=grant.space_id, until=ends_at.isoformat())


@action
def take_over(account: Account, *, by: Account) -> None:
    """Answer for a guest whose sponsor is gone, as a lead of a space they are in."""
    obtain(by, Can.SPONSOR_GUEST, account_id=account.public_id)
    people.take_over(account, by=by)


def guests_of(space: Space) -> list[Guest]:
    """The guests of a space, those who have left by their date last: one statement."""
    sponsor = aliased(Account)
    rows = session.execute(
        select(Account, Grant, sponsor)
        .join(Grant, (Grant.principal_id == Account.id) & (Grant.principal_kind == PrincipalKind.ACCOUNT))
        .outerjoin(Sponsorship, Sponsorship.account_id == Account.id)
        .outerjoin(sponsor, sponsor.id == Sponsorship.sponsor_id)
        .where(Grant.space_id == space.id, Account.kind == AccountKind.GUEST)
        .order_by(Account.search_name, Account.id)
    )
    found = [Guest(*row) for row in rows.unique()]
    return sorted(found, key=lambda guest: guest.has_ended)


def number_of_guests(space: Space) -> int:
    """How many guests may read a space, now: one statement, for the banner of each of its pages."""
    return session.execute(
        select(func.count())
        .select_from(Grant)
        .join(Account, Account.id == Grant.principal_id)
        .where(
            Grant.space_id == space.id,
            Grant.principal_kind == PrincipalKind.ACCOUNT,
            Grant.role >= Role.READER,
            or_(Grant.expires_at.is_(None), Grant.expires_at > now()),
            Account.kind == AccountKind.GUEST,
            Account.status == AccountStatus.ACTIVE,
            Account.valid_until > now(),
        )
    ).scalar_one()
