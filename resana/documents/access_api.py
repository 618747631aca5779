"""Restricted folders for programs: who is in one, and what happens in it."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint

from resana.accounts.models import Account
from resana.core.api import In, ListQuery, Out, Page, keyset, speaks
from resana.core.database import session
from resana.core.errors import NotThere
from resana.core.guarding import current_account, guard
from resana.permissions import Can, abilities_of
from resana.spaces.api import EventsOut, EventsQuery, PrincipalOut, told
from resana.spaces.models import PrincipalKind, Role

from . import restricting
from .models import Folder, FolderGrant
from .out import FolderOut, folder_out
from .places import stream_of
from .readers import Inside, lines_of, principal_named

bp = Blueprint("folder_access_api", __name__, url_prefix="/api/v1")

FolderRole = Literal["reader", "contributor", "moderator"]


class FolderGrantOut(Out):
    """One line "who has which role in this restricted folder"; leads of the space need none."""

    id: str
    principal: PrincipalOut
    role: str
    abilities: dict[str, bool]


class FolderPrincipal(In):
    """An account or an administration, by id; one that reads the space."""

    kind: Literal["account", "administration", "subtree"]
    id: str


class NewFolderGrant(In):
    """A role for somebody."""

    principal: FolderPrincipal
    role: FolderRole


class FolderGrantChange(In):
    """Another role."""

    role: FolderRole


@bp.post("/folders/<folder_id>/restriction")
@guard(Can.RESTRICT_FOLDER)
@speaks(gives=FolderOut)
def restrict(folder: Folder) -> FolderOut:
    """Show a folder to the leads of the space, and to those whom they then let in, only."""
    restricting.restrict(folder, by=_me())
    return folder_out(folder, _me())


@bp.delete("/folders/<folder_id>/restriction")
@guard(Can.RESTRICT_FOLDER)
@speaks(gives=FolderOut)
def open_up(folder: Folder) -> FolderOut:
    """Show a restricted folder to all who read the space again; 409 where its name is taken there."""
    restricting.open_up(folder, by=_me())
    return folder_out(folder, _me())


@bp.get("/folders/<folder_id>/grants")
@guard(Can.READ_FOLDER)
@speaks(query=ListQuery, gives=Page[FolderGrantOut])
def index(folder: Folder, query: ListQuery) -> Page[FolderGrantOut]:
    """Who is in a restricted folder beside the leads of the space; nothing, for a folder that is not."""
    rows, following = keyset(lines_of(folder), [FolderGrant.id], [int], cursor=query.cursor, limit=query.limit)
    may = abilities_of(_me(), [row[0] for row in rows])
    return Page[FolderGrantOut](items=[_out(Inside(*row[:3]), may[row[0].id]) for row in rows], next=following)


@bp.post("/folders/<folder_id>/grants")
@guard(Can.RESTRICT_FOLDER)
@speaks(takes=NewFolderGrant, gives=FolderGrantOut, status=201)
def create(folder: Folder, body: NewFolderGrant) -> FolderGrantOut:
    """Let somebody who reads the space into a restricted folder; again, to change their role."""
    kind = body.principal.kind
    principal = principal_named(kind, body.principal.id, _me())
    subtree = kind == PrincipalKind.SUBTREE
    return _one(restricting.let_in(folder, principal, Role.of(body.role), by=_me(), subtree=subtree))


@bp.patch("/folders/<folder_id>/grants/<folder_grant_id>")
@guard(Can.CHANGE_FOLDER_GRANT)
@speaks(takes=FolderGrantChange, gives=FolderGrantOut)
def change(folder_grant: FolderGrant, folder_id: str, body: FolderGrantChange) -> FolderGrantOut:
    """Change a role."""
    _must_be_of(folder_grant, folder_id)
    restricting.change_role(folder_grant, Role.of(body.role), by=_me())
    return _one(folder_grant)


@bp.delete("/folders/<folder_id>/grants/<folder_grant_id>")
@guard(Can.CHANGE_FOLDER_GRANT)
@speaks(status=204)
def delete(folder_grant: FolderGrant, folder_id: str) -> None:
    """Take a role away, at once."""
    _must_be_of(folder_grant, folder_id)
    restricting.put_out(folder_grant, by=_me())


@bp.get("/folders/<folder_id>/events")
@guard(Can.READ_FOLDER)
@speaks(query=EventsQuery, gives=EventsOut)
def events(folder: Folder, query: EventsQuery) -> EventsOut:
    """What happened in a restricted folder after an event; for another folder, in its space."""
    return told(stream_of(folder, folder.space), query)


def _must_be_of(grant: FolderGrant, folder_id: str) -> None:
    if grant.folder.public_id != folder_id:
        raise NotThere


def _one(grant: FolderGrant) -> FolderGrantOut:
    row = session.execute(lines_of(grant.folder).where(FolderGrant.id == grant.id)).unique().one()
    return _out(Inside(*row), abilities_of(_me(), [grant])[grant.id])


def _out(line: Inside, may: dict[str, bool]) -> FolderGrantOut:
    named = line.account or line.administration
    return FolderGrantOut(
        id=line.grant.public_id,
        principal=PrincipalOut(
            kind=line.grant.principal_kind, id=named.public_id if named is not None else None, name=line.name
        ),
        role=Role(line.grant.role).code,
        abilities=may,
    )


def _me() -> Account:
    account: Account = current_account._get_current_object()
    return account
