"""Closing an administration: it ends in another one, and everything that pointed at it follows (permissions.md, 2)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import Refused
from resana.permissions import Can, obtain

from . import following, tree
from .models import Administration, AdministrationDomain, AdministrationSiret, AdministrationStatus

Account = Any
"""An account's row; its package stands above this one."""


@action
def close(administration: Administration, successor: Administration, *, by: Account | None) -> dict[str, int]:
    """Close a node for good, or merge it into another, which is the same: `successor` takes all that it has.

    Accounts, administrators, spaces, grants, SIRETs, mail domains and the nodes directly below follow in this one
    transaction. Returns how many of each. Raises Refused at `successor` for the node itself, one below it or one too
    deep; Conflict where either has closed in between.
    """
    tree.hold()
    for one, field in ((administration, None), (successor, "successor")):
        if tree.as_it_is(one, locked=one is administration).status == AdministrationStatus.CLOSED:
            raise tree.closed(one, field)
    if by is not None:
        obtain(by, Can.CLOSE_ADMINISTRATION, administration_id=administration.public_id)
    if tree.is_below(successor, administration):
        raise Refused(
            _("Une administration ne peut pas se remplacer elle-même.")
            if successor.id == administration.id
            else _(
                "« %(successor)s » dépend de « %(name)s ». Choisissez-en une autre, ou déplacez-la d’abord.",
                successor=successor.name,
                name=administration.name,
            ),
            "successor",
        )
    if by is not None:
        # Who may close the successor too stands above both: nobody's scope grows by a merger.
        obtain(by, Can.CLOSE_ADMINISTRATION, administration_id=successor.public_id)
    tree.fits(successor, tree.height(administration), "successor")
    counted = what_follows(administration)
    following.close(administration, successor, tree.lost(administration, successor), by)
    for child in _children(administration):
        child.parent = successor
        child.parent_id = successor.id
        session.flush()
    for model in (AdministrationSiret, AdministrationDomain):
        session.execute(
            update(model)
            .where(model.administration_id == administration.id)
            .values(administration_id=successor.id)
            .execution_options(synchronize_session="fetch")
        )
    administration.status = AdministrationStatus.CLOSED
    administration.successor = successor
    administration.successor_id = successor.id
    session.flush()
    facts: dict[str, Any] = dict(counted)
    for place in (administration, successor):
        tell(
            Act.ADMINISTRATION_CLOSED,
            by=by,
            of=administration,
            administration_id=place.id,
            successor=successor.public_id,
            **facts,
        )
    return counted


def what_follows(administration: Administration) -> dict[str, int]:
    """How much its successor would take: {"administrations": 2, "accounts": 12, "spaces": 3, …}."""
    return {"administrations": len(_children(administration)), **following.count(administration)}


def _children(administration: Administration) -> list[Administration]:
    return list(
        session.execute(
            select(Administration)
            .where(Administration.parent_id == administration.id, Administration.status == AdministrationStatus.ACTIVE)
            .order_by(Administration.id)
        ).scalars()
    )
