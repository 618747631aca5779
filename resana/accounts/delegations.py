"""Delegations (intérim): an agent also belongs to another administration, from a day to a day.

It gives what that very administration is given, and no right to administer; it ends by itself, or earlier.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from resana.acts import Act
from resana.administrations.models import Administration
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.core.text import paragraph
from resana.permissions import Can, allowed, obtain

from . import notices, signing_in
from .life_models import Delegation
from .models import Account, AccountKind, AccountStatus
from .presence import bump

LONGEST = timedelta(days=366)
LONGEST_REASON = 1_000


@action
def grant(
    account: Account,
    administration: Administration,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: Account,
) -> Delegation:
    """Have an agent also belong to an administration for a while; they are told.

    Raises Refused at `ends_at`, `starts_at`, `reason` or `account`, NotThere or NotAllowed where `by` does not
    administer it.
    """
    account = signing_in.locked(account.id)
    obtain(by, Can.DELEGATE, administration_id=administration.public_id)
    if account.id == by.id:
        raise Refused(_("Un autre administrateur doit le faire pour vous."), "account")
    if account.kind != AccountKind.AGENT or account.status not in (AccountStatus.ACTIVE, AccountStatus.INVITED):
        raise Refused(_("Choisissez un agent dont le compte est actif."), "account")
    if account.home_administration_id == administration.id:
        raise Refused(_("Cette personne appartient déjà à « %(place)s ».", place=administration.name), "account")
    starts_at = max(starts_at, now())
    if ends_at <= starts_at:
        raise Refused(_("La fin doit venir après le début, et après aujourd’hui."), "ends_at")
    if ends_at > now() + LONGEST:
        raise Refused(_("Un intérim dure un an au plus. Choisissez une date plus proche."), "ends_at")
    overlapping = select(Delegation.id).where(
        Delegation.account_id == account.id,
        Delegation.administration_id == administration.id,
        Delegation.starts_at < ends_at,
        Delegation.ends_at > starts_at,
    )
    if session.execute(overlapping).first() is not None:
        raise Conflict(_("Cette personne y fait déjà un intérim à ces dates. Mettez-y fin d’abord."))
    delegation = Delegation(
        account=account,
        administration=administration,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=paragraph(reason, "reason", LONGEST_REASON, required=True),
        granted_by_id=by.id,
    )
    session.add(delegation)
    session.flush()
    _told(Act.DELEGATION_GRANTED, delegation, by, until=ends_at.isoformat())
    notices.delegated(delegation, by)
    return delegation


@action
def end(delegation: Delegation, *, by: Account) -> None:
    """End a delegation now; what it opened closes at once. Raises NotThere where it has ended already."""
    account = signing_in.locked(delegation.account_id)
    obtain(by, Can.END_DELEGATION, delegation_id=delegation.public_id)
    moment = now()
    delegation.starts_at, delegation.ends_at = min(delegation.starts_at, moment), moment
    session.flush()
    bump(account)
    _told(Act.DELEGATION_ENDED, delegation, by)
    notices.no_longer_delegated(delegation, by)


def _told(act: Act, delegation: Delegation, by: Account, **facts: Any) -> None:
    tell(
        act,
        by=by,
        of=delegation,
        administration_id=delegation.administration_id,
        account=delegation.account.public_id,
        **facts,
    )


def of(account: Account) -> list[Delegation]:
    """The delegations of an account that run or are to begin, the first to end first."""
    query = select(Delegation).where(Delegation.account_id == account.id, Delegation.ends_at > now())
    return list(session.execute(query.order_by(Delegation.ends_at, Delegation.id)).scalars())


def administered(by: Account) -> Select[Any]:
    """The delegations that `by` may end, the first to end first."""
    return allowed(by, Can.END_DELEGATION).order_by(Delegation.ends_at, Delegation.id)
