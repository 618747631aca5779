"""Transfers: the administrators of one administration propose a person, those of the other accept or refuse.

Who administers both does it in one step; either way it is `accounts.life.carry`, and what becomes of the person's
roles follows in the same transaction (permissions.md, 3).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from resana.accounts import life, signing_in
from resana.accounts.models import Account, AccountStatus
from resana.accounts.turns import Turn, Turned
from resana.acts import Act
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.core.text import paragraph
from resana.events import Event
from resana.permissions import Can, allowed, can, obtain

from . import notices
from .grants import facts_of
from .keeping import administrators_of, look_after
from .models import Grant, PrincipalKind, Role, Space, Stream
from .streams import hold, record, shrink
from .transfer_models import Transfer, TransferKeep, TransferState

WAITS = timedelta(days=30)
"""How long a proposal may be answered."""
LONGEST_REASON = 1_000


@action
def propose(account: Account, destination: Administration, *, reason: str = "", by: Account) -> Transfer:
    """Propose a person to another administration, whose administrators are told, and the leads of their spaces.

    Raises Conflict where they are proposed already, NotThere where `by` does not administer them (any more).
    """
    life.hold(account, by)
    obtain(by, Can.SEE_ADMINISTRATION, administration_id=destination.public_id)
    if account.status == AccountStatus.DEACTIVATED:
        raise Conflict(_("Ce compte est désactivé : réactivez-le avant de le déplacer."))
    if destination.id == account.home_administration_id:
        raise Refused(_("Cette personne appartient déjà à « %(place)s ».", place=destination.name), "to")
    waiting = open_transfer(account)
    if waiting is not None:
        raise Conflict(_("Cette personne est déjà proposée à « %(place)s ».", place=waiting.destination.name))
    transfer = Transfer(
        account=account,
        origin=account.home_administration,
        destination=destination,
        reason=paragraph(reason, "reason", LONGEST_REASON),
        proposed_by=by,
        expires_at=now() + WAITS,
    )
    session.add(transfer)
    try:
        session.flush()
    except IntegrityError as other:  # proposed by somebody else, since we looked
        raise Conflict(_("Cette personne vient d’être proposée par un autre administrateur.")) from other
    _told(Act.TRANSFER_PROPOSED, transfer, by)
    for administrator in administrators_of(destination):
        if administrator.id != by.id:
            notices.proposed(transfer, administrator)
    notices.about_to_move(transfer)
    for lead, space in _leads_of(spaces_left(account, destination)):
        if lead.id != account.id:
            notices.member_leaves(transfer, space, lead)
    return transfer


def open_transfer(account: Account) -> Transfer | None:
    """The proposal that waits for an answer, if there is one; one whose time has passed is noted as such."""
    waiting = session.execute(
        select(Transfer).where(Transfer.account_id == account.id, Transfer.state == TransferState.PROPOSED)
    ).scalar_one_or_none()
    if waiting is not None and waiting.expires_at <= now():
        waiting.state = TransferState.EXPIRED
        session.flush()
        return None
    return waiting


@action
def accept(transfer: Transfer, *, by: Account) -> None:
    """Take the person in: all that follows happens now. Raises Conflict where it can no longer be."""
    account = transfer.account
    signing_in.locked(account.id)
    _hold(transfer, by, Can.ANSWER_TRANSFER)
    proposer = transfer.proposed_by
    if not can(proposer, Can.ADMINISTER_ACCOUNT, account):
        raise Conflict(
            _("%(name)s n’administre plus ce compte : demandez une nouvelle proposition.", name=proposer.full_name)
        )
    life.carry(account, transfer.destination, by=by, seen=transfer.origin)
    _answered(transfer, TransferState.ACCEPTED, by)
    _told(Act.TRANSFER_ACCEPTED, transfer, by)
    notices.answered(transfer, by)


@action
def refuse(transfer: Transfer, *, answer: str, by: Account) -> None:
    """Say no, with the reason; nothing has changed for the person. Raises Refused, or Conflict where it is too late."""
    _hold(transfer, by, Can.ANSWER_TRANSFER)
    transfer.answer = paragraph(answer, "answer", LONGEST_REASON, required=True)
    _answered(transfer, TransferState.REFUSED, by)
    _told(Act.TRANSFER_REFUSED, transfer, by)
    notices.answered(transfer, by)


@action
def withdraw(transfer: Transfer, *, by: Account) -> None:
    """Take the proposal back. Raises Conflict where it is answered already."""
    _hold(transfer, by, Can.WITHDRAW_TRANSFER)
    _answered(transfer, TransferState.WITHDRAWN, by)
    _told(Act.TRANSFER_WITHDRAWN, transfer, by)


def _hold(transfer: Transfer, by: Account, right: Can) -> None:
    session.execute(
        select(Transfer)
        .where(Transfer.id == transfer.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    obtain(by, Can.SEE_TRANSFER, transfer_id=transfer.public_id)
    if transfer.state != TransferState.PROPOSED or transfer.expires_at <= now():
        raise Conflict(_("Cette proposition n’attend plus de réponse."))
    obtain(by, right, transfer_id=transfer.public_id)


def _answered(transfer: Transfer, state: TransferState, by: Account) -> None:
    transfer.state, transfer.answered_by_id, transfer.answered_at = state, by.id, now()
    session.flush()


def _told(act: Act, transfer: Transfer, by: Account) -> None:
    for place in (transfer.origin_id, transfer.destination_id):
        tell(
            act,
            by=by,
            of=transfer,
            administration_id=place,
            account=transfer.account.public_id,
            destination=transfer.destination.public_id,
        )


@action
def keep(transfer: Transfer, space: Space, *, kept: bool, by: Account) -> None:
    """Let the person keep their own role in a space after the transfer, or not after all; a lead of it decides."""
    hold(space.stream)
    obtain(by, Can.KEEP_MEMBER, space_id=space.public_id)
    if open_transfer(transfer.account) is not transfer:
        raise Conflict(_("Cette proposition n’attend plus de réponse."))
    known = session.get(TransferKeep, (transfer.id, space.id))
    if kept == (known is not None):
        return
    if known is None:
        session.add(TransferKeep(transfer_id=transfer.id, space_id=space.id, kept_by_id=by.id))
    else:
        session.delete(known)
    tell(
        Act.MEMBER_KEPT if kept else Act.MEMBER_NOT_KEPT,
        by=by,
        of=transfer,
        administration_id=space.owner_administration_id,
        space_id=space.id,
        account=transfer.account.public_id,
    )


def _below(administration_id: int) -> Select[int]:
    return select(AdministrationClosure.descendant_id).where(AdministrationClosure.ancestor_id == administration_id)


def spaces_left(account: Account, destination: Administration, former: Administration | None = None) -> list[Grant]:
    """The person's own roles in spaces owned at or below what they leave, in the order of the spaces' locks.

    None where the destination lies below it: whoever goes from a directorate to one of its services has not left it.
    """
    former = former or account.home_administration
    stays = session.execute(_below(former.id).where(AdministrationClosure.descendant_id == destination.id)).first()
    if stays is not None:
        return []
    return list(
        session.execute(
            select(Grant)
            .join(Space, Space.id == Grant.space_id)
            .join(Stream, Stream.space_id == Space.id)
            .where(
                Grant.principal_kind == PrincipalKind.ACCOUNT,
                Grant.principal_id == account.id,
                Space.owner_administration_id.in_(_below(former.id)),
            )
            .order_by(Stream.id)
        ).scalars()
    )


def _leads_of(left: list[Grant]) -> list[tuple[Account, Space]]:
    rows = session.execute(
        select(Account, Space)
        .join(Grant, Grant.principal_id == Account.id)
        .join(Space, Space.id == Grant.space_id)
        .where(
            Grant.principal_kind == PrincipalKind.ACCOUNT,
            Grant.role == Role.LEAD,
            Grant.space_id.in_([grant.space_id for grant in left]),
            Account.status == AccountStatus.ACTIVE,
        )
        .order_by(Account.id, Space.id)
    ).unique()
    return [(account, space) for account, space in rows]


def follow(turned: Turned) -> None:
    """A person has moved: what they held in the spaces of the former administration ends, unless a lead kept it."""
    if turned.turn != Turn.MOVED or turned.former is None:
        return
    account = turned.account
    waiting = session.execute(
        select(Transfer).where(Transfer.account_id == account.id, Transfer.state == TransferState.PROPOSED)
    ).scalar_one_or_none()
    kept: set[int] = set()
    if waiting is not None:
        kept = set(
            session.execute(select(TransferKeep.space_id).where(TransferKeep.transfer_id == waiting.id)).scalars()
        )
        if turned.by is not None and waiting.destination_id != account.home_administration_id:
            _answered(waiting, TransferState.WITHDRAWN, turned.by)  # moved elsewhere by who administers both
        elif turned.by is not None:
            _answered(waiting, TransferState.ACCEPTED, turned.by)
    for grant in spaces_left(account, account.home_administration, turned.former):
        if grant.space_id not in kept:
            _take(grant, turned.by)


def _take(grant: Grant, by: Account | None) -> None:
    space, reference, led = grant.space, grant.public_id, grant.role == Role.LEAD
    facts = facts_of(grant)
    hold(space.stream)
    session.delete(grant)
    session.flush()
    shrink(space.stream)
    record(Event.MEMBER_REMOVED, space.stream, by=by, grant_id=reference, facts=facts)
    if led:
        look_after(space, by=by)


def incoming(by: Account) -> Select[Any]:
    """The proposals that `by` may answer, the oldest first."""
    return _listed(by, Can.ANSWER_TRANSFER)


def outgoing(by: Account) -> Select[Any]:
    """The proposals that `by` may take back, the oldest first."""
    return _listed(by, Can.WITHDRAW_TRANSFER)


def _listed(by: Account, right: Can) -> Select[Any]:
    return allowed(by, right).order_by(Transfer.proposed_at, Transfer.id)
