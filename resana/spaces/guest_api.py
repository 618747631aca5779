"""People from outside, for programs: inviting them, and until when they stay."""

from __future__ import annotations

from typing import Literal

from resana.core.api import In, ListQuery, Out, Page, Time, TimeIn, keyset, speaks
from resana.core.guarding import current_account, guard
from resana.permissions import Can

from . import guests, invitations
from .api import GrantOut, must_be_in, one_grant
from .blueprint import api
from .models import Grant, Invitation, Role, Space


class InvitationOut(Out):
    """An invitation that waits. Its secret went to the address, and nowhere else."""

    id: str
    email: str
    role: str
    invited_by_id: str
    created_at: Time
    expires_at: Time
    ends_at: Time


class NewInvitation(In):
    """Whom to invite, to what, until when."""

    email: str
    role: Literal["reader", "contributor"]
    ends_at: TimeIn


class EndIn(In):
    """Until when a guest stays."""

    ends_at: TimeIn


@api.get("/spaces/<space_id>/invitations")
@guard(Can.INVITE_GUEST)
@speaks(query=ListQuery, gives=Page[InvitationOut])
def list_invitations(space: Space, query: ListQuery) -> Page[InvitationOut]:
    """The invitations that wait. For leads only."""
    rows, following = keyset(
        invitations.waiting_in(space), [Invitation.id], [int], cursor=query.cursor, limit=query.limit
    )
    return Page(items=[_out(row[0]) for row in rows], next=following)


@api.post("/spaces/<space_id>/invitations")
@guard(Can.INVITE_GUEST)
@speaks(takes=NewInvitation, gives=InvitationOut, status=201)
def create_invitation(space: Space, body: NewInvitation) -> InvitationOut:
    """Invite somebody from outside by e-mail."""
    return _out(invitations.invite(space, body.email, Role.of(body.role), body.ends_at, by=current_account))


@api.delete("/invitations/<invitation_id>")
@guard(Can.WITHDRAW_INVITATION)
@speaks(status=204)
def delete_invitation(invitation: Invitation) -> None:
    """Take an invitation back; 409 where it was used."""
    invitations.withdraw(invitation, by=current_account)


@api.put("/spaces/<space_id>/grants/<grant_id>/end")
@guard(Can.SET_GUEST_END)
@speaks(takes=EndIn, gives=GrantOut)
def set_end(grant: Grant, space_id: str, body: EndIn) -> GrantOut:
    """Let a guest stay longer, or less long."""
    must_be_in(grant, space_id)
    guests.set_end(grant, body.ends_at, by=current_account)
    return one_grant(grant)


def _out(invitation: Invitation) -> InvitationOut:
    return InvitationOut(
        id=invitation.public_id,
        email=invitation.email,
        role=Role(invitation.role).code,
        invited_by_id=invitation.invited_by.public_id,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        ends_at=invitation.ends_at,
    )
