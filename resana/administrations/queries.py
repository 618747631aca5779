"""Reading the tree of administrations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from resana.core.database import session
from resana.core.text import words_of
from resana.permissions import ACTOR, Can, allowed, clause

from .models import (
    Administration,
    AdministrationClosure,
    AdministrationDomain,
    AdministrationSiret,
    AdministrationStatus,
)

Account = Any
"""An account's row; its package stands above this one."""

ORDER: Sequence[ColumnElement[Any]] = (Administration.search_name, Administration.id)  # type: ignore[assignment]
ORDER_KINDS = (str, int)
PARENT: Any = aliased(Administration, name="parent")


class Branch(NamedTuple):
    """A node of the tree, how many living ones stand directly below it and how many in all, and its accounts."""

    administration: Administration
    children: int
    below: int
    accounts: int


def known_to(by: Account, words: str = "") -> Select[Any]:
    """The administrations of today that `by` may see, with each parent's public id; by name, short name or city."""
    parent = aliased(Administration)
    return (
        allowed(by, Can.SEE_ADMINISTRATION)
        .outerjoin(parent, parent.id == Administration.parent_id)
        .add_columns(parent.public_id)
        .where(Administration.status == AdministrationStatus.ACTIVE, named(words))
    )


def named(words: str) -> ColumnElement[bool]:
    """Each word stands in the name, the short name or the city; accents and capitals do not count."""
    return and_(true(), *(Administration.search_name.contains(part, autoescape=True) for part in words_of(words)))


def overseen(by: Account, words: str = "", *, closed: bool = False) -> Select[Any]:
    """The administrations that `by` looks after: those of today, or the `closed` ones; by name, short name or city."""
    status = AdministrationStatus.CLOSED if closed else AdministrationStatus.ACTIVE
    return allowed(by, Can.OVERSEE_ADMINISTRATION).where(Administration.status == status, named(words))


def tops(by: Account) -> Select[Any]:
    """The topmost of them: all others stand below one of these."""
    return (
        overseen(by)
        .outerjoin(PARENT, PARENT.id == Administration.parent_id)
        .where(or_(PARENT.id.is_(None), not_(clause(Can.OVERSEE_ADMINISTRATION, ACTOR, PARENT))))
    )


def directly_below(by: Account, administration: Administration) -> Select[Any]:
    """Those of them that depend on this one directly."""
    return overseen(by).where(Administration.parent_id == administration.id)


def branches(by: Account, nodes: Iterable[Administration]) -> list[Branch]:
    """`nodes` with their figures: three statements, however many. Accounts are those that `by` administers."""
    nodes = list(nodes)
    ids = [node.id for node in nodes]
    below: dict[int, tuple[int, int]] = {
        row[0]: (int(row[1]), int(row[2]))
        for row in session.execute(
            select(
                AdministrationClosure.ancestor_id,
                func.count().filter(AdministrationClosure.depth == 1),
                func.count(),
            )
            .join(Administration, Administration.id == AdministrationClosure.descendant_id)
            .where(
                AdministrationClosure.ancestor_id.in_(ids),
                AdministrationClosure.depth > 0,
                Administration.status == AdministrationStatus.ACTIVE,
            )
            .group_by(AdministrationClosure.ancestor_id)
        )
    }
    people = allowed(by, Can.ADMINISTER_ACCOUNT).subquery()
    accounts = {
        row[0]: int(row[1])
        for row in session.execute(
            select(people.c.home_administration_id, func.count())
            .where(people.c.home_administration_id.in_(ids))
            .group_by(people.c.home_administration_id)
        )
    }
    return [Branch(node, *below.get(node.id, (0, 0)), accounts.get(node.id, 0)) for node in nodes]


def accounts_of(by: Account) -> int:
    """How many accounts `by` administers."""
    people = allowed(by, Can.ADMINISTER_ACCOUNT).subquery()
    return int(session.execute(select(func.count()).select_from(people)).scalar_one())


def paths(nodes: Iterable[Administration]) -> dict[int, list[str]]:
    """Where each of `nodes` stands: the short names of those above it, from the top. One statement."""
    found: dict[int, list[str]] = {node.id: [] for node in nodes}
    rows = session.execute(
        select(AdministrationClosure.descendant_id, Administration.short_name)
        .join(Administration, Administration.id == AdministrationClosure.ancestor_id)
        .where(AdministrationClosure.descendant_id.in_(found), AdministrationClosure.depth > 0)
        .order_by(AdministrationClosure.descendant_id, AdministrationClosure.depth.desc())
    )
    for node, name in rows:
        found[node].append(name)
    return found


def outside(nodes: Select[Any], administration: Administration) -> Select[Any]:
    """Those of `nodes` that neither are `administration` nor stand below it."""
    below = select(AdministrationClosure.descendant_id).where(AdministrationClosure.ancestor_id == administration.id)
    return nodes.where(Administration.id.not_in(below))


def new_parents(by: Account, administration: Administration, words: str) -> Select[Any]:
    """Where `by` may have a node depend on another one."""
    return outside(allowed(by, Can.CREATE_ADMINISTRATION).where(named(words)), administration)


def successors(by: Account, administration: Administration, words: str) -> Select[Any]:
    """In which other node `by` may have one end."""
    return outside(allowed(by, Can.CLOSE_ADMINISTRATION).where(named(words)), administration)


def above(administration: Administration) -> list[Administration]:
    """The administrations above this one, from the top."""
    query = (
        select(Administration)
        .join(AdministrationClosure, AdministrationClosure.ancestor_id == Administration.id)
        .where(AdministrationClosure.descendant_id == administration.id, AdministrationClosure.depth > 0)
        .order_by(AdministrationClosure.depth.desc())
    )
    return list(session.execute(query).scalars())


def sirets_of(administration: Administration) -> list[str]:
    """The SIRETs of an administration."""
    query = select(AdministrationSiret.siret).where(AdministrationSiret.administration_id == administration.id)
    return list(session.execute(query.order_by(AdministrationSiret.siret)).scalars())


def domains_of(administration: Administration) -> list[str]:
    """The mail domains of an administration."""
    query = select(AdministrationDomain.domain).where(AdministrationDomain.administration_id == administration.id)
    return list(session.execute(query.order_by(AdministrationDomain.domain)).scalars())
