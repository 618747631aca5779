"""Spaces, their members and their events, for programs."""

from __future__ import annotations

from typing import Any, Literal

from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from resana.accounts.models import Account, AccountStatus
from resana.core.api import In, ListQuery, Out, Page, Time, TimeIn, keyset, speaks
from resana.core.database import session
from resana.core.errors import NotThere, Refused
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.events import FOR_SOME
from resana.permissions import Can, abilities_of, allowed, hidden_ids, obtain, role_in

from . import actions, grants, queries, requests
from .blueprint import api
from .member_routes import principal_of
from .models import Grant, PrincipalKind, Role, Space, Stream, StreamEvent, Visibility
from .reading import unread_by_space
from .routes import must_be_validated

MOST_EVENTS = 500

RoleCode = Literal["reader", "contributor", "moderator", "lead"]


class SpaceOut(Out):
    """A space as one person sees it. `unread`, `mentions` and `last_seq` are null for who only sees its card."""

    id: str
    title: str
    description: str
    purpose: str
    visibility: str
    open_to_read: bool
    second_factor_required: bool
    guests_allowed: bool
    state: str
    owner_administration_id: str
    role: str | None
    unread: int | None
    mentions: int | None
    last_seq: int | None
    version: int
    created_at: Time
    last_activity_at: Time | None
    abilities: dict[str, bool]


class NewSpace(In):
    """A space to be created."""

    title: str
    description: str = ""
    purpose: str = ""
    visibility: Literal["private", "administration", "agents"] = "private"
    open_to_read: bool = False


class SpaceRequestOut(Out):
    """A request for a space that waits for an administrator."""

    id: str
    title: str
    state: str


class SpacePatch(In):
    """What changes in a space; what is left out stays."""

    title: str | None = None
    description: str | None = None
    purpose: str | None = None
    visibility: Literal["private", "administration", "agents"] | None = None
    open_to_read: bool | None = None
    second_factor_required: bool | None = None
    guests_allowed: bool | None = None
    state: Literal["active", "archived"] | None = None
    version: int | None = None


class PrincipalOut(Out):
    """To whom a grant speaks."""

    kind: str
    id: str | None
    name: str


class GrantOut(Out):
    """One line "who has which role in this space"."""

    id: str
    principal: PrincipalOut
    role: str
    origin: str
    expires_at: Time | None
    abilities: dict[str, bool]


class PrincipalIn(In):
    """An account by id or e-mail, or an administration by id."""

    kind: Literal["account", "administration", "subtree"]
    id: str | None = None
    email: str | None = None


class NewGrant(In):
    """A role for somebody."""

    principal: PrincipalIn
    role: RoleCode
    expires_at: TimeIn | None = None


class GrantPatch(In):
    """Another role."""

    role: RoleCode


class EventOut(Out):
    """Something that happened; the references depend on its kind."""

    model_config = ConfigDict(extra="allow")

    seq: int
    kind: str
    at: Time
    actor_id: str | None


class EventsQuery(BaseModel):
    """From which event on."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(0, ge=0, le=2**53)
    limit: int = Field(200, ge=1, le=MOST_EVENTS)


class EventsOut(Out):
    """What happened after `after`, in order; `reset`: too far behind, fetch everything anew."""

    items: list[EventOut]
    last_seq: int
    reset: bool


@api.get("/spaces")
@guard(SIGNED_IN)
@speaks(query=ListQuery, gives=Page[SpaceOut])
def spaces(query: ListQuery) -> Page[SpaceOut]:
    """All spaces that I see, those I am in and those I know of."""
    rows, following = keyset(
        allowed(current_account, Can.SEE_SPACE), [Space.id], [int], cursor=query.cursor, limit=query.limit
    )
    return Page(items=_spaces_out([row[0] for row in rows]), next=following)


@api.post("/spaces")
@guard(Can.CREATE_SPACE)
@speaks(takes=NewSpace, gives=SpaceOut, status=201, other={202: SpaceRequestOut})
def create_space(body: NewSpace) -> Any:
    """Create a space; 202 where an administrator must agree first."""
    described = body.model_dump() | {"visibility": Visibility(body.visibility), "by": current_account}
    if must_be_validated():
        asked = requests.ask_for_space(**described)
        return SpaceRequestOut(id=asked.public_id, title=asked.title, state=asked.state), 202
    return space_out(actions.create(**described))


@api.get("/spaces/<space_id>")
@guard(Can.SEE_SPACE)
@speaks(gives=SpaceOut)
def space(space: Space) -> SpaceOut:
    """One space."""
    return space_out(space)


@api.patch("/spaces/<space_id>")
@guard(Can.ARCHIVE_SPACE)
@speaks(takes=SpacePatch, gives=SpaceOut)
def change_space(space: Space, body: SpacePatch) -> SpaceOut:
    """Describe, show, archive or reopen a space; each needs its own right."""
    describes = any(value is not None for value in (body.title, body.description, body.purpose))
    shows = any(value is not None for value in (body.visibility, body.open_to_read, body.second_factor_required))
    if describes:
        obtain(current_account, Can.EDIT_SPACE, space_id=space.public_id)
    if shows:
        obtain(current_account, Can.CHANGE_VISIBILITY, space_id=space.public_id)
    if body.guests_allowed is not None:
        obtain(current_account, Can.ALLOW_GUESTS, space_id=space.public_id)
    actions.change(
        space,
        title=body.title,
        description=body.description,
        purpose=body.purpose,
        visibility=Visibility(body.visibility) if body.visibility else None,
        open_to_read=body.open_to_read,
        second_factor_required=body.second_factor_required,
        guests_allowed=body.guests_allowed,
        archived=None if body.state is None else body.state == "archived",
        version=body.version,
        by=current_account,
    )
    return space_out(space)


@api.post("/spaces/<space_id>/membership")
@guard(Can.JOIN_SPACE)
@speaks(gives=SpaceOut)
def join_space(space: Space) -> SpaceOut:
    """Join a space that is open to read."""
    grants.join(space, by=current_account)
    return space_out(space)


@api.delete("/spaces/<space_id>/membership")
@guard(Can.LEAVE_SPACE)
@speaks(status=204)
def leave_space(space: Space) -> None:
    """Leave; 409 for the last lead."""
    grants.leave(space, by=current_account)


@api.get("/spaces/<space_id>/grants")
@guard(Can.SEE_MEMBERS)
@speaks(query=ListQuery, gives=Page[GrantOut])
def list_grants(space: Space, query: ListQuery) -> Page[GrantOut]:
    """Who is in the space."""
    rows, following = keyset(queries.principals_of(space), [Grant.id], [int], cursor=query.cursor, limit=query.limit)
    may = abilities_of(current_account, [row[0] for row in rows])
    return Page(items=[_grant_out(row[0], row[1], row[2], may[row[0].id]) for row in rows], next=following)


@api.post("/spaces/<space_id>/grants")
@guard(Can.INVITE_AGENT)
@speaks(takes=NewGrant, gives=GrantOut, status=201)
def create_grant(space: Space, body: NewGrant) -> GrantOut:
    """Bring in a person, an administration, or an administration and all below it."""
    principal = body.principal
    if principal.email is not None:
        if principal.kind != PrincipalKind.ACCOUNT or principal.id is not None:
            raise Refused(_("Donnez un identifiant ou une adresse, pas les deux."), "principal")
        email = principal.email.strip().lower()
        found: Any = session.execute(
            allowed(current_account, Can.SEE_PERSON).where(
                Account.email == (email if email.isprintable() else ""), Account.status == AccountStatus.ACTIVE
            )
        ).scalar_one_or_none()
        if found is None:
            raise Refused(_("Aucun agent n’a cette adresse."), "principal.email")
    elif principal.id is None:
        raise Refused(_("Ce champ est obligatoire."), "principal.id")
    else:
        found = principal_of(principal.kind, principal.id, space)
    grant = grants.bring_in(
        space,
        found,
        Role.of(body.role),
        by=current_account,
        their_role=role_in(current_account, space) or Role.CARD,
        subtree=principal.kind == PrincipalKind.SUBTREE,
        expires_at=body.expires_at,
    )
    return one_grant(grant)


@api.patch("/spaces/<space_id>/grants/<grant_id>")
@guard(Can.CHANGE_GRANT)
@speaks(takes=GrantPatch, gives=GrantOut)
def change_grant(grant: Grant, space_id: str, body: GrantPatch) -> GrantOut:
    """Change a role; 409 where the space would lose its last lead."""
    must_be_in(grant, space_id)
    their_role = role_in(current_account, grant.space) or Role.CARD
    grants.change(grant, Role.of(body.role), by=current_account, their_role=their_role, expires_at=grant.expires_at)
    return one_grant(grant)


@api.delete("/spaces/<space_id>/grants/<grant_id>")
@guard(Can.CHANGE_GRANT)
@speaks(status=204)
def delete_grant(grant: Grant, space_id: str) -> None:
    """Take an access away, at once; 409 for the last lead's."""
    must_be_in(grant, space_id)
    their_role = role_in(current_account, grant.space) or Role.CARD
    grants.take_away(grant, by=current_account, their_role=their_role)


@api.get("/spaces/<space_id>/events")
@guard(Can.READ_SPACE)
@speaks(query=EventsQuery, gives=EventsOut)
def events(space: Space, query: EventsQuery) -> EventsOut:
    """What happened in the space after an event: how a page or a program catches up."""
    return told(space.stream, query)


def told(stream: Stream, query: EventsQuery) -> EventsOut:
    """The events of an audience after `query.after`, for the present account, which was found to be of it.

    What happened to something that has gone into a restricted folder since, is told to who sees it there; the others
    hear that something happened, and no more: not even its id.
    """
    last = session.execute(select(Stream.last_seq).where(Stream.id == stream.id)).scalar_one()
    rows = session.execute(
        select(StreamEvent, Account.public_id)
        .outerjoin(Account, Account.id == StreamEvent.actor_id)
        .where(StreamEvent.stream_id == stream.id, StreamEvent.seq > query.after, StreamEvent.seq <= last)
        .order_by(StreamEvent.seq)
        .limit(query.limit)
    ).all()
    unknown = hidden_ids(
        current_account,
        {row.payload.get("folder_id") for row, _actor in rows},
        {row.payload.get("document_id") for row, _actor in rows},
    )
    items = [
        EventOut(seq=row.seq, kind="other", at=row.at, actor_id=None)
        if row.kind in FOR_SOME or unknown & {row.payload.get("folder_id"), row.payload.get("document_id")}
        else EventOut(seq=row.seq, kind=row.kind, at=row.at, actor_id=actor, **row.payload)
        for row, actor in rows
    ]
    return EventsOut(items=items, last_seq=last, reset=query.after > last)


def space_out(space: Space) -> SpaceOut:
    """One space, as the present account sees it."""
    return _spaces_out([space])[0]


def _spaces_out(spaces: list[Space]) -> list[SpaceOut]:
    if not spaces:
        return []
    may = abilities_of(current_account, spaces)
    role = queries.roles(current_account, spaces)
    unread = unread_by_space(current_account, spaces)
    return [_space_out(one, role.get(one.id), unread.get(one.id), may[one.id]) for one in spaces]


def _space_out(space: Space, role: Role | None, unread: int | None, may: dict[str, bool]) -> SpaceOut:
    reads = may[Can.READ_SPACE.value]
    return SpaceOut(
        id=space.public_id,
        title=space.title,
        description=space.description,
        purpose=space.purpose,
        visibility=space.visibility,
        open_to_read=space.open_to_read,
        second_factor_required=space.second_factor_required,
        guests_allowed=space.guests_allowed,
        state=space.state,
        owner_administration_id=space.owner_administration.public_id,
        role=role.code if role is not None else None,
        unread=(unread or 0) if reads else None,
        mentions=0 if reads else None,
        last_seq=space.stream.last_seq if reads else None,
        version=space.version,
        created_at=space.created_at,
        last_activity_at=space.stream.last_activity_at if reads else None,
        abilities=may,
    )


def must_be_in(grant: Grant, space_id: str) -> None:
    """Raise NotThere where the grant is another space's."""
    if grant.space.public_id != space_id:
        raise NotThere


def one_grant(grant: Grant) -> GrantOut:
    """One line "who has which role", as the present account sees it."""
    row = session.execute(queries.principals_of(grant.space).where(Grant.id == grant.id)).unique().one()
    return _grant_out(row[0], row[1], row[2], abilities_of(current_account, [grant])[grant.id])


def _grant_out(grant: Grant, account: Any, administration: Any, may: dict[str, bool]) -> GrantOut:
    named = account or administration
    name = account.full_name if account else administration.name if administration else _("Tous les agents")
    return GrantOut(
        id=grant.public_id,
        principal=PrincipalOut(kind=grant.principal_kind, id=named.public_id if named else None, name=name),
        role=Role(grant.role).code,
        origin=grant.origin,
        expires_at=grant.expires_at,
        abilities=may,
    )
