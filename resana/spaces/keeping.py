"""Every active space has a living lead, or is sequestered until its administrators have appointed one.

What may take the last lead away (an account that is closed or moved, a role that ends) is looked after here, under the
lock of the space's stream: of two leads who go at the same instant, the second finds that the first has gone.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from resana.accounts import signing_in
from resana.accounts.models import Account, AccountKind, AdminScope
from resana.accounts.turns import Turn, Turned
from resana.acts import Act
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.jobs import enqueue, job
from resana.events import Event
from resana.permissions import Can, accounts_who, living_lead, obtain

from . import notices
from .grants import give, grant_of
from .models import (
    AccessRequest,
    Grant,
    PrincipalKind,
    RequestState,
    Role,
    Space,
    SpaceRequest,
    SpaceState,
    Stream,
    StreamMember,
)
from .streams import hold, record, shrink


@action
def look_after(space: Space, *, by: Account | None) -> None:
    """Shut an active space that nobody leads any more, and open it again once somebody does. Safe to repeat."""
    hold(space.stream)
    space, led = session.execute(
        select(Space, living_lead(Space.id)).where(Space.id == space.id).execution_options(populate_existing=True)
    ).one()
    if space.state == SpaceState.ACTIVE and not led:
        space.state = SpaceState.SEQUESTERED
        shrink(space.stream)
        record(Event.SPACE_SEQUESTERED, space.stream, by=None, kept=False)
        _told(Act.SPACE_SEQUESTERED, space, by)
        for administrator in administrators_of(space.owner_administration):
            notices.without_a_lead(space, administrator)
        enqueue("space_notice", {"space_id": space.id, "kind": "sequestered"})
    elif space.state == SpaceState.SEQUESTERED and led:
        space.state = SpaceState.ACTIVE
        record(Event.SPACE_RELEASED, space.stream, by=None, kept=False)
        _told(Act.SPACE_RELEASED, space, by)
        enqueue("space_notice", {"space_id": space.id, "kind": "released"})


def _told(act: Act, space: Space, by: Account | None, **facts: Any) -> None:
    tell(act, by=by, of=space, administration_id=space.owner_administration_id, space_id=space.id, **facts)


@action
def appoint_lead(space: Space, account: Account, *, by: Account) -> None:
    """Appoint a lead of a space that has none, oneself perhaps; all members are told. Raises Refused, NotAllowed."""
    account = signing_in.locked(account.id)  # before the stream's lock, in the order in which accounts are closed
    hold(space.stream)
    obtain(by, Can.APPOINT_LEAD, space_id=space.public_id)
    if not account.is_active or account.kind != AccountKind.AGENT:
        raise Refused(_("Choisissez un agent dont le compte est actif."), "account")
    grant = grant_of(space, PrincipalKind.ACCOUNT, account.id)
    if grant is None:
        grant = give(space, PrincipalKind.ACCOUNT, account.id, Role.LEAD, by=by)
    else:
        grant.role, grant.expires_at, grant.granted_by_id = Role.LEAD, None, by.id
    if space.state == SpaceState.SEQUESTERED:
        space.state = SpaceState.ACTIVE
    shrink(space.stream)
    record(Event.LEAD_APPOINTED, space.stream, by=by, kept=False, grant_id=grant.public_id)
    _told(Act.LEAD_APPOINTED, space, by, account=account.public_id)
    notices.appointed(space, account, by)
    enqueue("space_notice", {"space_id": space.id, "kind": "appointed", "by": by.id, "lead": account.id})


def led_by(account: Account) -> list[Space]:
    """The spaces in which an account has a lead's role of its own, in the order in which their locks are taken."""
    return list(
        session.execute(
            select(Space)
            .join(Grant, Grant.space_id == Space.id)
            .join(Stream, Stream.space_id == Space.id)
            .where(
                Grant.principal_kind == PrincipalKind.ACCOUNT,
                Grant.principal_id == account.id,
                Grant.role == Role.LEAD,
            )
            .order_by(Stream.id)
        )
        .unique()
        .scalars()
    )


def administrators_of(administration: Administration) -> list[Account]:
    """Those who administer an administration from nearest to it: its own administrators, or else those above."""
    rows = session.execute(
        select(Account, AdministrationClosure.depth)
        .join(AdminScope, AdminScope.account_id == Account.id)
        .join(AdministrationClosure, AdministrationClosure.ancestor_id == AdminScope.administration_id)
        .where(
            AdministrationClosure.descendant_id == administration.id,
            Account.id.in_(accounts_who(Can.SET_POLICY, administration).with_only_columns(Account.id)),
        )
        .order_by(AdministrationClosure.depth, Account.id)
    ).all()
    return list(dict.fromkeys(account for account, depth in rows if depth == rows[0][1]))


def follow(turned: Turned) -> None:
    """An account was opened or closed: look after the spaces that it leads. Listens to `accounts.turns`.

    One that is erased holds nothing any more, and what it wrote to ask for something is forgotten.
    """
    if turned.turn == Turn.ERASED:
        who = turned.account.id
        for forgotten in (
            delete(Grant).where(Grant.principal_kind == PrincipalKind.ACCOUNT, Grant.principal_id == who),
            delete(StreamMember).where(StreamMember.account_id == who),
            delete(AccessRequest).where(AccessRequest.account_id == who, AccessRequest.state == RequestState.WAITING),
            delete(SpaceRequest).where(SpaceRequest.account_id == who, SpaceRequest.state == RequestState.WAITING),
            update(AccessRequest).where(AccessRequest.account_id == who).values(reason=""),
        ):
            session.execute(forgotten.execution_options(synchronize_session=False))
        return
    if turned.turn not in (Turn.OPENED, Turn.CLOSED):
        return
    spaces = led_by(turned.account)
    for space in spaces:
        look_after(space, by=turned.by)
    if turned.turn == Turn.CLOSED:
        # Once more after the commit: somebody may have made it the only lead of a space while it was being closed.
        enqueue("look_after_spaces_of", {"account_id": turned.account.id})


@job("look_after_spaces_of")
def look_after_spaces_of(payload: dict[str, Any]) -> None:
    """Look after all the spaces that an account leads."""
    account = session.get(Account, int(payload["account_id"]))
    for space in led_by(account) if account is not None else []:
        look_after(space, by=None)


@job("look_after_space")
def look_after_one(payload: dict[str, Any]) -> None:
    """A lead's role there has ended, or was to end: look after the space."""
    space = session.get(Space, int(payload["space_id"]))
    if space is not None:
        look_after(space, by=None)


@job("space_notice")
def notify(payload: dict[str, Any]) -> None:
    """Mail the persons of a space that it was shut or opened, in one transaction: a repeated job tells nobody twice."""
    _notify(payload)


@action
def _notify(payload: dict[str, Any]) -> None:
    space = session.get(Space, int(payload["space_id"]))
    if space is None:
        return
    by = session.get(Account, payload["by"]) if payload.get("by") else None
    lead = session.get(Account, payload["lead"]) if payload.get("lead") else None
    for member in members_of(space):
        if lead is None or member.id != lead.id:
            notices.to_member(payload["kind"], space, member, by=by, lead=lead)


def members_of(space: Space) -> list[Account]:
    """The persons with a living role of their own in a space, whose accounts are active."""
    rows = session.execute(
        select(Account)
        .join(Grant, Grant.principal_id == Account.id)
        .where(
            Grant.space_id == space.id,
            Grant.principal_kind == PrincipalKind.ACCOUNT,
            Grant.role >= Role.READER,
            Grant.expires_at.is_(None) | (Grant.expires_at > now()),
        )
        .order_by(Account.id)
    ).scalars()
    return [account for account in rows if account.is_active]
