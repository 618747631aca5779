"""Who sees this? In words: "41 agents: DREAL Nouvelle-Aquitaine + 3 persons"."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from resana.accounts.models import Account, AccountKind
from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.database import session
from resana.permissions import Can, accounts_who

from .models import Grant, PrincipalKind, Role, Space

MOST_NAMED = 3


@dataclass(frozen=True)
class Audience:
    """How many agents and how many people from outside may read, and through what the agents do."""

    count: int
    words: str
    guests: int = 0
    restricted: bool = False
    """Whether they are only some of those who read the space."""


def audience_of(space: Space) -> Audience:
    """Who may read the space, now: two statements."""
    agents = Account.kind == AccountKind.AGENT
    readers = accounts_who(Can.READ_SPACE, space).with_only_columns(
        func.count().filter(agents), func.count().filter(~agents)
    )
    number, guests = session.execute(readers).one()
    guest = aliased(Account)
    rows = session.execute(
        select(Grant.principal_kind, Administration.short_name, func.count())
        .outerjoin(
            Administration,
            (Administration.id == Grant.principal_id)
            & Grant.principal_kind.in_((PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE)),
        )
        .outerjoin(
            guest,
            (guest.id == Grant.principal_id)
            & (Grant.principal_kind == PrincipalKind.ACCOUNT)
            & (guest.kind == AccountKind.GUEST),
        )
        .where(
            Grant.space_id == space.id,
            Grant.role >= Role.READER,
            or_(Grant.expires_at.is_(None), Grant.expires_at > now()),
            guest.id.is_(None),
        )
        .group_by(Grant.principal_kind, Administration.short_name)
        .order_by(Grant.principal_kind.desc(), Administration.short_name)
    ).all()
    if any(kind == PrincipalKind.AGENTS for kind, _name, _count in rows):
        return Audience(number, _("tous les agents"), guests)
    names = list(
        dict.fromkeys(
            name if kind == PrincipalKind.ADMINISTRATION else _("%(name)s et ses services", name=name)
            for kind, name, _count in rows
            if name
        )
    )
    more = len(names) - MOST_NAMED
    parts = names[:MOST_NAMED]
    if more > 0:
        parts.append(ngettext("%(num)d autre administration", "%(num)d autres administrations", more))
    persons = sum(count for kind, _name, count in rows if kind == PrincipalKind.ACCOUNT)
    if persons:
        parts.append(ngettext("%(num)d personne", "%(num)d personnes", persons))
    return Audience(number, " + ".join(parts), guests)
