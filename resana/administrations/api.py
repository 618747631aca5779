"""The same for programs, and for choosing an administration by its name."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from resana.core.api import In, ListQuery, Out, Page, keyset, speaks
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.permissions import Can, abilities_of, obtain

from . import actions, closing, identity, queries
from .blueprint import api
from .models import Administration, SpaceCreation

SpaceCreationCode = Literal["everyone", "team_leads", "validated"]


class AdministrationOut(Out):
    """A node of the tree. `successor_id` is that of a closed one."""

    id: str
    name: str
    short_name: str
    city: str
    kind: str
    parent_id: str | None
    status: str
    successor_id: str | None
    space_creation: str
    all_agents_may_read: bool
    abilities: dict[str, bool]


class AdministrationsQuery(ListQuery):
    """Words of a name, a short name or a city."""

    q: str = Field("", max_length=200)


class NewAdministration(In):
    """A node to be added below `parent_id`; null for the top, which the platform's administrators alone may."""

    name: str
    short_name: str
    kind: str
    city: str
    parent_id: str | None


class AdministrationChange(In):
    """What is said of a node, and its policies; what is left out stays."""

    name: str | None = None
    short_name: str | None = None
    kind: str | None = None
    city: str | None = None
    space_creation: SpaceCreationCode | None = None
    all_agents_may_read: bool | None = None


class IdentityOut(Out):
    """By what an administration is known outside."""

    sirets: list[str]
    mail_domains: list[str]


class IdentityIn(In):
    """All its SIRETs and mail domains: those that are left out are given up."""

    sirets: list[str] = Field(max_length=identity.MOST)
    mail_domains: list[str] = Field(max_length=identity.MOST)


class NewParent(In):
    """On which administration a node depends from now on; null: on none."""

    parent_id: str | None


class Successor(In):
    """In which administration a node ends."""

    successor_id: str


class ClosedOut(Out):
    """How much the successor has taken."""

    administrations: int
    accounts: int
    administrators: int
    spaces: int
    grants: int


@api.get("/administrations")
@guard(SIGNED_IN)
@speaks(query=AdministrationsQuery, gives=Page[AdministrationOut])
def list_administrations(query: AdministrationsQuery) -> Page[AdministrationOut]:
    """The administrations of today, by name."""
    me = current_account._get_current_object()
    rows, following = keyset(
        queries.known_to(me, query.q), queries.ORDER, queries.ORDER_KINDS, cursor=query.cursor, limit=query.limit
    )
    able = abilities_of(me, [row[0] for row in rows])
    items = [_out(row[0], row[1], able[row[0].id]) for row in rows]
    return Page[AdministrationOut](items=items, next=following)


@api.post("/administrations")
@guard(Can.BROWSE_ADMINISTRATIONS)
@speaks(takes=NewAdministration, gives=AdministrationOut, status=201)
def create(body: NewAdministration) -> AdministrationOut:
    """Add a node to the tree."""
    me = current_account._get_current_object()
    parent = None
    if body.parent_id is not None:
        parent = obtain(me, Can.CREATE_ADMINISTRATION, administration_id=body.parent_id)
    made = actions.create(
        name=body.name, short_name=body.short_name, kind=body.kind, city=body.city, parent=parent, by=me
    )
    return _one(made)


@api.get("/administrations/<administration_id>")
@guard(Can.SEE_ADMINISTRATION)
@speaks(gives=AdministrationOut)
def show(administration: Administration) -> AdministrationOut:
    """One administration."""
    return _one(administration)


@api.patch("/administrations/<administration_id>")
@guard(Can.EDIT_ADMINISTRATION)
@speaks(takes=AdministrationChange, gives=AdministrationOut)
def change(administration: Administration, body: AdministrationChange) -> AdministrationOut:
    """Say anew what a node is called, and what it allows: all of it, or nothing."""
    actions.change(
        administration,
        name=body.name,
        short_name=body.short_name,
        kind=body.kind,
        city=body.city,
        space_creation=SpaceCreation(body.space_creation) if body.space_creation is not None else None,
        all_agents_may_read=body.all_agents_may_read,
        by=current_account._get_current_object(),
    )
    return _one(administration)


@api.get("/administrations/<administration_id>/identity")
@guard(Can.SEE_ADMINISTRATION)
@speaks(gives=IdentityOut)
def show_identity(administration: Administration) -> IdentityOut:
    """Its SIRETs and mail domains."""
    return _identity(administration)


@api.put("/administrations/<administration_id>/identity")
@guard(Can.IDENTIFY_ADMINISTRATION, fresh=True)
@speaks(takes=IdentityIn, gives=IdentityOut)
def identify(administration: Administration, body: IdentityIn) -> IdentityOut:
    """Say by which SIRETs and mail domains it is known."""
    identity.identify(
        administration,
        sirets=body.sirets,
        mail_domains=body.mail_domains,
        by=current_account._get_current_object(),
    )
    return _identity(administration)


@api.put("/administrations/<administration_id>/parent")
@guard(Can.MOVE_ADMINISTRATION, fresh=True)
@speaks(takes=NewParent, gives=AdministrationOut)
def move(administration: Administration, body: NewParent) -> AdministrationOut:
    """Have it, with all below it, depend on another one."""
    me = current_account._get_current_object()
    parent = None
    if body.parent_id is not None:
        parent = obtain(me, Can.CREATE_ADMINISTRATION, administration_id=body.parent_id)
    actions.move(administration, parent, by=me)
    return _one(administration)


@api.post("/administrations/<administration_id>/closure")
@guard(Can.CLOSE_ADMINISTRATION, fresh=True)
@speaks(takes=Successor, gives=ClosedOut)
def close(administration: Administration, body: Successor) -> ClosedOut:
    """Close it for good: its successor takes all that it has."""
    me = current_account._get_current_object()
    successor = obtain(me, Can.CLOSE_ADMINISTRATION, administration_id=body.successor_id)
    return ClosedOut(**closing.close(administration, successor, by=me))


def _identity(administration: Administration) -> IdentityOut:
    return IdentityOut(sirets=queries.sirets_of(administration), mail_domains=queries.domains_of(administration))


def _one(administration: Administration) -> AdministrationOut:
    parent, successor = administration.parent, administration.successor
    able = abilities_of(current_account._get_current_object(), [administration])[administration.id]
    return _out(
        administration,
        parent.public_id if parent is not None else None,
        able,
        successor.public_id if successor is not None else None,
    )


def _out(
    administration: Administration, parent_id: str | None, able: dict[str, bool], successor_id: str | None = None
) -> AdministrationOut:
    return AdministrationOut(
        id=administration.public_id,
        name=administration.name,
        short_name=administration.short_name,
        city=administration.city,
        kind=administration.kind,
        parent_id=parent_id,
        status=administration.status,
        successor_id=successor_id,
        space_creation=administration.space_creation,
        all_agents_may_read=administration.all_agents_may_read,
        abilities=able,
    )
