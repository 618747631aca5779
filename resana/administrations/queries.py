"""Reading the tree of administrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import aliased

from resana.core.database import session
from resana.core.text import words_of
from resana.permissions import Can, allowed

from .models import Administration, AdministrationClosure, AdministrationDomain, AdministrationSiret

Account = Any
"""An account's row; its package stands above this one."""

ORDER: Sequence[ColumnElement[Any]] = (Administration.search_name, Administration.id)  # type: ignore[assignment]
ORDER_KINDS = (str, int)


class Branch(NamedTuple):
    """An administration in a scope, how deep it stands there, and how many accounts it has."""

    administration: Administration
    depth: int
    accounts: int


def known_to(by: Account, words: str = "") -> Select[Any]:
    """The administrations of today that `by` may see, with each parent's public id; by name, short name or city."""
    parent = aliased(Administration)
    parts = words_of(words)
    return (
        allowed(by, Can.SEE_ADMINISTRATION)
        .outerjoin(parent, parent.id == Administration.parent_id)
        .add_columns(parent.public_id)
        .where(
            Administration.status == "active",
            and_(true(), *(Administration.search_name.contains(part, autoescape=True) for part in parts)),
        )
    )


def scope_of(by: Account) -> list[Branch]:
    """All administrations whose accounts `by` administers, as a tree read from top to bottom."""
    nodes = {node.id: node for node in session.execute(allowed(by, Can.SET_POLICY)).scalars()}
    people = allowed(by, Can.ADMINISTER_ACCOUNT).subquery()
    counts = {
        row[0]: int(row[1])
        for row in session.execute(
            select(people.c.home_administration_id, func.count()).group_by(people.c.home_administration_id)
        )
    }
    below: dict[int | None, list[Administration]] = {}
    for node in sorted(nodes.values(), key=lambda node: (node.search_name, node.id)):
        below.setdefault(node.parent_id if node.parent_id in nodes else None, []).append(node)
    found: list[Branch] = []

    def visit(parent: int | None, depth: int) -> None:
        for node in below.get(parent, []):
            found.append(Branch(node, depth, counts.get(node.id, 0)))
            visit(node.id, depth + 1)

    visit(None, 0)
    return found


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
