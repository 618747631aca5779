"""How spaces and grants follow the tree of administrations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import joinedload

from resana.accounts.models import Account
from resana.acts import Act
from resana.administrations.models import Administration
from resana.core.acts import tell
from resana.core.database import session
from resana.events import Event

from .grants import has_ended
from .models import Grant, Invitation, PrincipalKind, Space, SpaceRequest, Stream
from .streams import record, shrink_all
from .transfer_models import Transfer, TransferState

NAMED = (PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE)
EVER = datetime.max.replace(tzinfo=UTC)


def moved(_administration: Administration, lost: Sequence[int]) -> None:
    """Where a sub-tree has a role, those who have left it are to hear nothing more."""
    if lost:
        shrink_all(_streams(_speaks_to_subtrees(lost)))


def closed(former: Administration, successor: Administration, lost: Sequence[int], by: Account | None) -> None:
    """The spaces of a node that closes belong to its successor, and the grants to it speak to that one.

    Proposals from or to it fall: who administers the successor proposes anew, knowing where.
    """
    session.execute(
        update(Transfer)
        .where(
            Transfer.state == TransferState.PROPOSED,
            or_(Transfer.origin_id == former.id, Transfer.destination_id == former.id),
        )
        .values(state=TransferState.EXPIRED)
        .execution_options(synchronize_session=False)
    )
    own, granted = Space.owner_administration_id == former.id, Space.id.in_(_spaces_granted_to(former))
    shrink_all(_streams(or_(own, granted, _speaks_to_subtrees(lost))))
    for space in session.execute(select(Space).where(own).order_by(Space.id)).scalars().all():
        space.owner_administration = successor
        space.owner_administration_id = successor.id
        record(Event.SPACE_EDITED, space.stream, by=by, kept=False)
        tell(
            Act.SPACE_PASSED_ON,
            by=by,
            of=space,
            space_id=space.id,
            former=former.public_id,
            present=successor.public_id,
        )
    _repoint(former, successor, by)
    for model in (SpaceRequest, Invitation):
        session.execute(
            update(model)
            .where(model.administration_id == former.id)
            .values(administration_id=successor.id)
            .execution_options(synchronize_session="fetch")
        )


def counted(administration: Administration) -> dict[str, int]:
    """How many spaces and grants would follow."""
    spaces = select(func.count()).where(Space.owner_administration_id == administration.id)
    grants = select(func.count()).where(Grant.principal_kind.in_(NAMED), Grant.principal_id == administration.id)
    row = session.execute(select(spaces.scalar_subquery(), grants.scalar_subquery())).one()
    return {"spaces": int(row[0]), "grants": int(row[1])}


def _repoint(former: Administration, successor: Administration, by: Account | None) -> None:
    """A grant to `former` speaks to `successor`; where that has one already, the stronger of the two remains."""
    known = {(grant.space_id, grant.principal_kind, grant.origin): grant for grant in _grants_to(successor)}
    for grant in _grants_to(former):
        kept = known.get((grant.space_id, grant.principal_kind, grant.origin))
        if kept is None:
            grant.principal_id = successor.id
            kept = grant
        else:
            if _strength(grant) > _strength(kept):
                kept.role, kept.expires_at, kept.granted_by_id = grant.role, grant.expires_at, grant.granted_by_id
            session.delete(grant)
        session.flush()
        record(Event.MEMBER_CHANGED, kept.space.stream, by=by, kept=False, grant_id=kept.public_id)
        tell(
            Act.GRANT_REPOINTED,
            by=by,
            of=kept,
            space_id=kept.space_id,
            former=former.public_id,
            present=successor.public_id,
            role=kept.role,
            merged=kept is not grant,
        )


def _grants_to(administration: Administration) -> Sequence[Grant]:
    return (
        session.execute(
            select(Grant)
            .options(joinedload(Grant.space))
            .where(Grant.principal_kind.in_(NAMED), Grant.principal_id == administration.id)
            .order_by(Grant.space_id, Grant.id)
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )


def _strength(grant: Grant) -> tuple[bool, int, datetime]:
    """A living grant before one that has ended, then the higher role, then the later end."""
    return not has_ended(grant), grant.role, grant.expires_at or EVER


def _streams(condition: Any) -> Select[Any]:
    return select(Stream.id).join(Space, Space.id == Stream.space_id).where(condition)


def _spaces_granted_to(administration: Administration) -> Select[Any]:
    return select(Grant.space_id).where(Grant.principal_kind.in_(NAMED), Grant.principal_id == administration.id)


def _speaks_to_subtrees(ids: Sequence[int]) -> Any:
    return Space.id.in_(
        select(Grant.space_id).where(Grant.principal_kind == PrincipalKind.SUBTREE, Grant.principal_id.in_(ids))
    )
