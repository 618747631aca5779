"""Where administrations stand: what has to be held and known before the tree is changed."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select, text

from resana.core.database import is_sqlite, session
from resana.core.errors import Conflict, Refused

from .models import MOST_LEVELS, Administration, AdministrationClosure, AdministrationStatus


def hold() -> None:
    """Have the tree to oneself until commit: two who change it at once would make a cycle that neither sees.

    SQLite's writing transactions exclude one another already. Reading, and pointing at a node, go on.
    """
    if not is_sqlite():
        session.execute(text("LOCK TABLE administrations IN SHARE ROW EXCLUSIVE MODE"))


def as_it_is(administration: Administration, *, locked: bool = False) -> Administration:
    """The node, read anew. `locked`: nobody begins to point at it until commit."""
    query = select(Administration).where(Administration.id == administration.id)
    if locked:
        query = query.with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one()


def stays_open(administration: Administration, field: str | None = None) -> None:
    """Make sure, until commit, that the node is not closed: whatever is about to point at it would be left behind.

    Taken before any lock of an account or of a stream. Raises Conflict at `field` where it is closed already.
    """
    found = session.execute(
        select(Administration)
        .where(Administration.id == administration.id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()
    if found.status == AdministrationStatus.CLOSED:
        raise closed(found, field)


def closed(administration: Administration, field: str | None = None) -> Conflict:
    """What to say of a node that is closed."""
    return Conflict(
        _(
            "« %(name)s » est fermée, et remplacée par « %(successor)s ».",
            name=administration.name,
            successor=administration.successor.name if administration.successor is not None else "…",
        ),
        field,
    )


def level(administration: Administration | None) -> int:
    """At which level the node stands: 1 at the top, 0 for none."""
    if administration is None:
        return 0
    return int(
        session.execute(
            select(func.count()).where(AdministrationClosure.descendant_id == administration.id)
        ).scalar_one()
    )


def height(administration: Administration) -> int:
    """How many levels of living nodes there are below this one."""
    return int(
        session.execute(
            select(func.max(AdministrationClosure.depth))
            .join(Administration, Administration.id == AdministrationClosure.descendant_id)
            .where(
                AdministrationClosure.ancestor_id == administration.id,
                (Administration.status == AdministrationStatus.ACTIVE) | (AdministrationClosure.depth == 0),
            )
        ).scalar_one()
    )


def is_below(administration: Administration, other: Administration) -> bool:
    """Whether `administration` is `other` or stands below it."""
    return (
        session.execute(
            select(AdministrationClosure.depth).where(
                AdministrationClosure.descendant_id == administration.id,
                AdministrationClosure.ancestor_id == other.id,
            )
        ).first()
        is not None
    )


def fits(parent: Administration | None, levels: int, field: str) -> None:
    """Make sure that `levels` more levels find room below `parent`. Raises Refused at `field`."""
    if level(parent) + levels > MOST_LEVELS:
        raise Refused(
            _(
                "L’arbre a %(most)d niveaux au plus, de l’État au bureau. Choisissez une administration plus haut.",
                most=MOST_LEVELS,
            ),
            field,
        )


def lost(administration: Administration, parent: Administration | None) -> list[int]:
    """The ids of the nodes that stand above `administration` now, and would not any more below `parent`."""
    above = select(AdministrationClosure.ancestor_id).where(
        AdministrationClosure.descendant_id == administration.id, AdministrationClosure.depth > 0
    )
    if parent is not None:
        kept = select(AdministrationClosure.ancestor_id).where(AdministrationClosure.descendant_id == parent.id)
        above = above.where(AdministrationClosure.ancestor_id.not_in(kept))
    return list(session.execute(above).scalars())
