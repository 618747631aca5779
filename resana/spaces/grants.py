"""Who is in a space: giving a role, changing it, taking it away, joining, leaving.

A space always keeps a lead: whoever takes leads away does so under the lock of the space's stream.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, func, or_, select, true, update

from resana.accounts.models import Account, AccountStatus
from resana.administrations import tree
from resana.administrations.models import Administration
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.core.jobs import enqueue
from resana.events import Event
from resana.permissions import Can, obtain, role_in

from .models import Grant, Invitation, PrincipalKind, Role, Space, Visibility
from .stays import guest_of, settle
from .streams import hold, record, shrink


@action
def bring_in(
    space: Space,
    principal: Account | Administration,
    role: Role,
    *,
    by: Account,
    their_role: Role,
    subtree: bool = False,
    expires_at: datetime | None = None,
) -> Grant:
    """Give a role to a person, to an administration, or to an administration and all below it (`subtree`).

    `their_role` is the role of `by` in the space: nobody gives more than they have, and a moderator gives at most
    contributor. Giving again changes the role.
    """
    if isinstance(principal, Administration):
        tree.stays_open(principal, "principal")
    hold(space.stream)
    their_role = _still(by, space, their_role)
    _may_give(role, their_role)
    if isinstance(principal, Account):
        if principal.status not in (AccountStatus.ACTIVE, AccountStatus.INVITED):
            raise Refused(_("Ce compte n’est pas actif."), "principal")
        if principal.is_guest:
            raise Refused(
                _("Cette personne est externe : un responsable l’invite par son adresse électronique."), "principal"
            )
        kind = PrincipalKind.ACCOUNT
    else:
        if their_role < Role.LEAD:
            raise NotAllowed
        if role > Role.CONTRIBUTOR:
            raise Refused(_("Une administration peut recevoir au plus le rôle de contributeur."), "role")
        kind = PrincipalKind.SUBTREE if subtree else PrincipalKind.ADMINISTRATION
    if role < Role.READER:
        raise Refused(_("Choisissez un rôle."), "role")
    if expires_at is not None and expires_at <= now():
        raise Refused(_("Choisissez une date à venir."), "expires_at")
    known = grant_of(space, kind, principal.id)
    if known is not None:
        change(known, role, by=by, their_role=their_role, expires_at=expires_at)
        return known
    grant = give(space, kind, principal.id, role, by=by, expires_at=expires_at)
    record(Event.MEMBER_ADDED, space.stream, by=by, grant_id=grant.public_id, facts=facts_of(grant))
    return grant


@action
def change(grant: Grant, role: Role, *, by: Account, their_role: Role, expires_at: datetime | None = None) -> None:
    """Change the role of a grant. Raises Conflict where the space would lose its last lead."""
    their_role = _looked_at_again(grant, by, their_role)
    _may_give(role, their_role)
    if their_role < Role.LEAD and grant.role > Role.CONTRIBUTOR:
        raise NotAllowed
    if role < Role.READER:
        raise Refused(_("Choisissez un rôle."), "role")
    if grant.principal_kind != PrincipalKind.ACCOUNT and role > Role.CONTRIBUTOR:
        raise Refused(_("Une administration peut recevoir au plus le rôle de contributeur."), "role")
    if guest_of(grant) is not None and (role > Role.CONTRIBUTOR or expires_at is None):
        raise Refused(_("Un invité externe est lecteur ou contributeur."), "role")
    if grant.role == role and grant.expires_at == expires_at:
        return
    shrink(grant.space.stream)
    if grant.role == Role.LEAD and (role < Role.LEAD or expires_at is not None):
        _keep_a_lead(grant)
    if grant.role == Role.LEAD and role < Role.LEAD:
        end_invitations(grant.space, by_id=grant.principal_id)
    former = Role(grant.role).code
    grant.role = role
    grant.expires_at = expires_at
    facts = facts_of(grant) | {"former_role": former}
    _look_after_at_its_end(grant)
    record(Event.MEMBER_CHANGED, grant.space.stream, by=by, grant_id=grant.public_id, facts=facts)


@action
def take_away(grant: Grant, *, by: Account, their_role: Role) -> None:
    """Take a grant away; it has no effect from the next statement on. Raises Conflict for the last lead's."""
    their_role = _looked_at_again(grant, by, their_role)
    if their_role < Role.LEAD and grant.role > Role.CONTRIBUTOR:
        raise NotAllowed
    stream, guest = grant.space.stream, guest_of(grant)
    shrink(stream)
    if grant.role == Role.LEAD:
        _keep_a_lead(grant)
        end_invitations(grant.space, by_id=grant.principal_id)
    reference, facts = grant.public_id, facts_of(grant)
    session.delete(grant)
    session.flush()
    if guest is not None:
        settle(guest, by=by)
    record(Event.MEMBER_REMOVED, stream, by=by, grant_id=reference, facts=facts)


@action
def leave(space: Space, *, by: Account) -> None:
    """Give up one's own personal role. Raises Conflict for the last lead."""
    shrink(space.stream)
    grant = grant_of(space, PrincipalKind.ACCOUNT, by.id)
    if grant is None:
        raise Conflict(_("Vous n’êtes pas membre à titre personnel : votre accès vient de votre administration."))
    if grant.role == Role.LEAD:
        _keep_a_lead(grant)
        end_invitations(space, by_id=by.id)
    facts = facts_of(grant)
    # As a row: "who is signed in" is nobody any more once a guest's time is over.
    who = session.get_one(Account, by.id)
    session.delete(grant)
    session.flush()
    settle(who, by=who)
    record(Event.MEMBER_LEFT, space.stream, by=who, facts=facts)


@action
def join(space: Space, *, by: Account) -> Grant:
    """Become a reader of a space that is open to read. Safe to call twice."""
    hold(space.stream)
    known = grant_of(space, PrincipalKind.ACCOUNT, by.id)
    if known is not None and not has_ended(known):
        return known
    obtain(by, Can.JOIN_SPACE, space_id=space.public_id)
    return let_in(space, by, Role.READER, by=by)


def let_in(space: Space, account: Account, role: Role, *, by: Account) -> Grant:
    """Give a person a role unless they hold one, within an action and under the stream's lock.

    A grant that has ended gives nothing any more: it begins anew with this role, whatever it was before.
    """
    known = grant_of(space, PrincipalKind.ACCOUNT, account.id)
    if known is None:
        grant = give(space, PrincipalKind.ACCOUNT, account.id, role, by=by)
        record(
            Event.MEMBER_JOINED if by.id == account.id else Event.MEMBER_ADDED,
            space.stream,
            by=by,
            grant_id=grant.public_id,
            facts=facts_of(grant),
        )
        return grant
    if has_ended(known):
        former = Role(known.role).code
        known.role, known.expires_at, known.granted_by_id = role, None, by.id
        record(
            Event.MEMBER_JOINED if by.id == account.id else Event.MEMBER_CHANGED,
            space.stream,
            by=by,
            grant_id=known.public_id,
            facts=facts_of(known) | {"former_role": former},
        )
    return known


def facts_of(grant: Grant) -> dict[str, Any]:
    """What the journal keeps of a grant, which may be gone tomorrow: to whom it speaks, the role, the end."""
    model: Any = Account if grant.principal_kind == PrincipalKind.ACCOUNT else Administration
    principal = session.get(model, grant.principal_id) if grant.principal_id else None
    return {
        "principal": str(grant.principal_kind),
        "principal_id": principal.public_id if principal is not None else None,
        "role": Role(grant.role).code,
        "until": grant.expires_at.isoformat() if grant.expires_at is not None else None,
    }


def has_ended(grant: Grant) -> bool:
    """Whether its date has passed."""
    return grant.expires_at is not None and grant.expires_at <= now()


def give(
    space: Space,
    kind: str,
    principal_id: int,
    role: Role,
    *,
    by: Account,
    origin: str | None = None,
    expires_at: datetime | None = None,
) -> Grant:
    """Write a grant, within an action."""
    grant = Grant(
        space=space,
        principal_kind=kind,
        principal_id=principal_id,
        role=role,
        origin=origin or ("person" if kind == PrincipalKind.ACCOUNT else "administration"),
        expires_at=expires_at,
        granted_by_id=by.id,
    )
    session.add(grant)
    session.flush()
    _look_after_at_its_end(grant)
    return grant


def _look_after_at_its_end(grant: Grant) -> None:
    """A lead's role that ends may be the last: the worker looks after the space then (`keeping`)."""
    if grant.role == Role.LEAD and grant.expires_at is not None:
        enqueue("look_after_space", {"space_id": grant.space_id}, not_before=grant.expires_at)


def give_by_visibility(space: Space, visibility: Visibility, role: Role, *, by: Account) -> None:
    """Keep the one grant that a space's visibility amounts to, within an action."""
    session.execute(delete(Grant).where(Grant.space_id == space.id, Grant.origin == "visibility"))
    if visibility == Visibility.ADMINISTRATION:
        give(space, PrincipalKind.SUBTREE, space.owner_administration_id, role, by=by, origin="visibility")
    elif visibility == Visibility.AGENTS:
        give(space, PrincipalKind.AGENTS, 0, role, by=by, origin="visibility")


def grant_of(space: Space, kind: str, principal_id: int) -> Grant | None:
    """The member's grant of that principal, if there is one."""
    return session.execute(
        select(Grant).where(
            Grant.space_id == space.id,
            Grant.principal_kind == kind,
            Grant.principal_id == principal_id,
            Grant.origin != "visibility",
        )
    ).scalar_one_or_none()


def end_invitations(space: Space, *, by_id: int | None = None) -> None:
    """No invitation to a space (by that account) can be used any more. Within an action."""
    _end_invitations(Invitation.space_id == space.id, Invitation.invited_by_id == by_id if by_id else true())


def end_invitations_of(account_id: int) -> None:
    """No invitation by that account can be used any more. Within an action."""
    _end_invitations(Invitation.invited_by_id == account_id)


def _end_invitations(*which: ColumnElement[bool]) -> None:
    session.execute(
        update(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), *which)
        .values(revoked_at=now())
        .execution_options(synchronize_session="fetch")
    )


def _looked_at_again(grant: Grant, by: Account, their_role: Role) -> Role:
    """Take the lock, read the grant anew, and say what `by` is now. Raises NotThere where the grant is gone."""
    hold(grant.space.stream)
    found = session.execute(
        select(Grant).where(Grant.id == grant.id).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotThere
    return _still(by, grant.space, their_role)


def _still(by: Account, space: Space, their_role: Role) -> Role:
    """What is left, under the stream's lock, of the role that `by` was found to have a moment ago."""
    return min(their_role, role_in(by, space) or Role.CARD)


def _may_give(role: Role, their_role: Role) -> None:
    if their_role < Role.MODERATOR or role > their_role or (their_role < Role.LEAD and role > Role.CONTRIBUTOR):
        raise NotAllowed


def _keep_a_lead(losing: Grant) -> None:
    """Raise Conflict where `losing` is the last living lead's grant. The stream's lock is held."""
    others = session.execute(
        select(func.count())
        .select_from(Grant)
        .join(Account, Account.id == Grant.principal_id)
        .where(
            Grant.space_id == losing.space_id,
            Grant.principal_kind == PrincipalKind.ACCOUNT,
            Grant.role == Role.LEAD,
            Grant.id != losing.id,
            Grant.expires_at.is_(None),
            Account.status == AccountStatus.ACTIVE,
            or_(Account.valid_until.is_(None), Account.valid_until > now()),
        )
    ).scalar_one()
    if not others:
        raise Conflict(_("Un espace garde toujours un responsable. Nommez-en un autre d’abord."))
