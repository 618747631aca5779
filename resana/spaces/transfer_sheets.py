"""The sheet of a transfer: what a person keeps, loses and gains, before anybody decides.

An administrator reads titles of their own administrations' spaces only; of the others they read how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import and_, or_, select

from resana.accounts.life_models import Delegation
from resana.accounts.models import Account, AdminScope
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.clock import now
from resana.core.database import session
from resana.permissions import Can, allowed, living_lead

from .models import OPEN_STATES, Grant, PrincipalKind, Role, Space
from .transfer_models import Transfer, TransferKeep
from .transfers import spaces_left


@dataclass
class Some:
    """Spaces: those that the reader may see by name, and how many others there are."""

    named: list[Space] = field(default_factory=list)
    others: int = 0

    def __len__(self) -> int:
        return len(self.named) + self.others


@dataclass
class Sheet:
    """What becomes of a person who moves."""

    account: Account
    origin: Administration
    destination: Administration
    lost: Some
    """Read today through the administration they leave, and not through the next."""
    gained: Some
    removed: Some
    """Their own roles there, which end."""
    kept: Some
    """Their own roles there, which a lead lets them keep."""
    elsewhere: int
    """Their own roles in other administrations' spaces, which stay."""
    orphaned: Some
    """Of those that end, where they are the only lead."""
    scopes: list[Administration]
    delegations: list[Delegation]


def sheet_of(account: Account, destination: Administration, *, by: Account, transfer: Transfer | None = None) -> Sheet:
    """What would become of `account` at `destination`, as far as `by` may know: a constant number of statements."""
    home = account.home_administration if transfer is None else transfer.origin
    left = spaces_left(account, destination, home)
    kept_ids: set[int] = set()
    if transfer is not None:
        kept_ids = set(
            session.execute(select(TransferKeep.space_id).where(TransferKeep.transfer_id == transfer.id)).scalars()
        )
    going = {grant.space_id for grant in left}
    rows = session.execute(
        select(Grant.space_id, Grant.role).where(
            Grant.principal_kind == PrincipalKind.ACCOUNT,
            Grant.principal_id == account.id,
            or_(Grant.expires_at.is_(None), Grant.expires_at > now()),
        )
    )
    own = {row[0]: row[1] for row in rows}
    after_own = {space_id for space_id in own if space_id not in going or space_id in kept_ids}
    below = set(
        session.execute(
            select(AdministrationClosure.descendant_id).where(AdministrationClosure.ancestor_id == home.id)
        ).scalars()
    )
    delegations = list(
        session.execute(
            select(Delegation).where(
                Delegation.account_id == account.id,
                Delegation.administration_id.in_(below),
                Delegation.ends_at > now(),
            )
        ).scalars()
    )
    here, there = _through(home), _through(destination)
    lost = (here - there) - after_own
    gained = (there - here) - set(own)
    removed = {space_id for space_id in going & set(own) if space_id not in kept_ids}
    led = {space_id for space_id in removed if own[space_id] == Role.LEAD}
    orphaned = set(only_lead_of(account, led))
    every = lost | gained | removed | (going & kept_ids)
    seen = {
        space.id: space
        for space in session.execute(
            allowed(by, Can.SEE_SPACE).where(Space.id.in_(every)).order_by(Space.search_title, Space.id)
        )
        .unique()
        .scalars()
    }

    def some(ids: set[int]) -> Some:
        return Some([space for identity, space in seen.items() if identity in ids], len(ids - set(seen)))

    return Sheet(
        account=account,
        origin=home,
        destination=destination,
        lost=some(lost),
        gained=some(gained),
        removed=some(removed),
        kept=some(going & kept_ids),
        elsewhere=len(set(own) - going),
        orphaned=some(orphaned),
        scopes=list(
            session.execute(
                select(Administration)
                .join(AdminScope, AdminScope.administration_id == Administration.id)
                .where(AdminScope.account_id == account.id, Administration.id.in_(below))
                .order_by(Administration.search_name)
            ).scalars()
        ),
        delegations=delegations,
    )


def _through(administration: Administration) -> set[int]:
    """The open spaces that whoever belongs to an administration reads by that."""
    above = select(AdministrationClosure.ancestor_id).where(AdministrationClosure.descendant_id == administration.id)
    return set(
        session.execute(
            select(Grant.space_id)
            .join(Space, Space.id == Grant.space_id)
            .where(
                Grant.role >= Role.READER,
                Space.state.in_(OPEN_STATES),
                or_(Grant.expires_at.is_(None), Grant.expires_at > now()),
                or_(
                    Grant.principal_kind == PrincipalKind.AGENTS,
                    and_(Grant.principal_kind == PrincipalKind.ADMINISTRATION, Grant.principal_id == administration.id),
                    and_(Grant.principal_kind == PrincipalKind.SUBTREE, Grant.principal_id.in_(above)),
                ),
            )
        ).scalars()
    )


def only_lead_of(account: Account, ids: set[int] | None = None) -> list[int]:
    """Of the spaces that an account leads (of `ids` only), those that nobody else leads today."""
    query = select(Grant.space_id).where(
        Grant.principal_kind == PrincipalKind.ACCOUNT,
        Grant.principal_id == account.id,
        Grant.role == Role.LEAD,
        ~living_lead(Grant.space_id, besides=account.id),
    )
    if ids is not None:
        query = query.where(Grant.space_id.in_(ids))
    return list(session.execute(query).scalars())
