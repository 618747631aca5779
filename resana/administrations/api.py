"""The same for programs, and for choosing an administration by its name."""

from __future__ import annotations

from pydantic import Field

from resana.core.api import ListQuery, Out, Page, keyset, speaks
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.permissions import Can, abilities_of

from . import queries
from .blueprint import api
from .models import Administration


class AdministrationOut(Out):
    """A node of the tree."""

    id: str
    name: str
    short_name: str
    city: str
    kind: str
    parent_id: str | None
    abilities: dict[str, bool]


class AdministrationsQuery(ListQuery):
    """Words of a name, a short name or a city."""

    q: str = Field("", max_length=200)


@api.get("/administrations")
@guard(SIGNED_IN)
@speaks(query=AdministrationsQuery, gives=Page[AdministrationOut])
def list_administrations(query: AdministrationsQuery) -> Page[AdministrationOut]:
    """The administrations, by name."""
    me = current_account._get_current_object()
    rows, following = keyset(
        queries.known_to(me, query.q), queries.ORDER, queries.ORDER_KINDS, cursor=query.cursor, limit=query.limit
    )
    able = abilities_of(me, [row[0] for row in rows])
    items = [_out(row[0], row[1], able[row[0].id]) for row in rows]
    return Page[AdministrationOut](items=items, next=following)


@api.get("/administrations/<administration_id>")
@guard(Can.SEE_ADMINISTRATION)
@speaks(gives=AdministrationOut)
def show(administration: Administration) -> AdministrationOut:
    """One administration."""
    parent = administration.parent
    able = abilities_of(current_account._get_current_object(), [administration])[administration.id]
    return _out(administration, parent.public_id if parent is not None else None, able)


def _out(administration: Administration, parent_id: str | None, able: dict[str, bool]) -> AdministrationOut:
    return AdministrationOut(
        id=administration.public_id,
        name=administration.name,
        short_name=administration.short_name,
        city=administration.city,
        kind=administration.kind,
        parent_id=parent_id,
        abilities=able,
    )
