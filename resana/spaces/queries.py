"""Reading spaces: mine, those I know of, who is in one, whom one could bring in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from resana.accounts.models import Account, AccountKind, AccountStatus
from resana.administrations.models import Administration, AdministrationClosure, AdministrationStatus
from resana.core.clock import now
from resana.core.database import session
from resana.core.text import words_of
from resana.permissions import ACTOR, Can, allowed, role_of

from .grants import grant_of
from .models import AccessRequest, Grant, PrincipalKind, RequestState, Role, Space, SpaceRequest, Stream
from .reading import unread_by_space
from .transfer_models import Transfer, TransferKeep, TransferState

SIDE = 30
MOST_FOUND = 8


class MySpace(NamedTuple):
    """A space that a person is in, and what they have not read there; None: they have not come yet."""

    space: Space
    unread: int | None


def mine(account: Account) -> Select[Space]:
    """The spaces that an account is in by a grant, latest activity first."""
    return (
        allowed(account, Can.BELONG_TO_SPACE)
        .join(Stream, (Stream.space_id == Space.id) & Stream.folder_id.is_(None))
        .order_by(Stream.last_activity_at.desc(), Space.id.desc())
    )


def my_spaces(account: Account, most: int = SIDE) -> list[MySpace]:
    """The latest of them with their unread counts: two statements."""
    return with_unread(account, session.execute(mine(account).limit(most)).scalars().all())


def known(account: Account) -> Select[Space]:
    """The active spaces that an account knows of without being in, and those that wait for its second factor."""
    joined = allowed(account, Can.JOIN_SPACE, Space.id).union_all(
        allowed(account, Can.REQUEST_ACCESS, Space.id), allowed(account, Can.UNLOCK_SPACE, Space.id)
    )
    return select(Space).where(Space.id.in_(joined)).order_by(Space.search_title, Space.id)


def waiting_spaces(account: Account, spaces: Sequence[Space]) -> set[int]:
    """Those of `spaces` that the account has asked for, and waits."""
    return set(
        session.execute(
            select(AccessRequest.space_id).where(
                AccessRequest.account_id == account.id,
                AccessRequest.state == RequestState.WAITING,
                AccessRequest.space_id.in_([space.id for space in spaces]),
            )
        ).scalars()
    )


def access_requests(account: Account) -> Select[AccessRequest]:
    """The requests for access that the account may answer, oldest first."""
    return (
        allowed(account, Can.ANSWER_ACCESS_REQUEST)
        .where(AccessRequest.state == RequestState.WAITING)
        .order_by(AccessRequest.created_at, AccessRequest.id)
    )


def space_requests(account: Account) -> Select[SpaceRequest]:
    """The requests for spaces that the account may answer, oldest first."""
    return allowed(account, Can.ANSWER_SPACE_REQUEST).order_by(SpaceRequest.created_at, SpaceRequest.id)


def own_space_requests(account: Account) -> Select[SpaceRequest]:
    """What the account asked for and has no answer to yet, or was refused lately."""
    return (
        select(SpaceRequest)
        .where(SpaceRequest.account_id == account.id, SpaceRequest.state == RequestState.WAITING)
        .order_by(SpaceRequest.created_at)
    )


class Member(NamedTuple):
    """A grant, with whom it speaks to."""

    grant: Grant
    account: Account | None
    administration: Administration | None


def members(space: Space) -> list[Member]:
    """Who is in a space, leads first: one statement."""
    wanted = principals_of(space).where(Grant.origin != "visibility")
    rows = session.execute(
        wanted.order_by(Grant.role.desc(), Account.search_name, Administration.search_name, Grant.id)
    )
    return [Member(*row) for row in rows.unique()]


def principals_of(space: Space) -> Select[Grant, Account, Administration]:
    """The grants of a space, each with the account or the administration it speaks to."""
    return (
        select(Grant, Account, Administration)
        .outerjoin(Account, (Account.id == Grant.principal_id) & (Grant.principal_kind == PrincipalKind.ACCOUNT))
        .outerjoin(
            Administration,
            (Administration.id == Grant.principal_id)
            & Grant.principal_kind.in_((PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE)),
        )
        .where(Grant.space_id == space.id)
        .options(joinedload(Account.home_administration, innerjoin=False))
    )


def leads(space: Space) -> list[Account]:
    """The persons who lead a space."""
    return list(
        session.execute(
            select(Account)
            .join(Grant, (Grant.principal_id == Account.id) & (Grant.principal_kind == PrincipalKind.ACCOUNT))
            .where(Grant.space_id == space.id, Grant.role == Role.LEAD, Account.status == AccountStatus.ACTIVE)
            .order_by(Account.search_name)
        ).scalars()
    )


def still_there_through(account_id: int, space: Space) -> list[str]:
    """The administrations through which a person keeps an access that their own grant no longer gives."""
    closure, person = aliased(AdministrationClosure), aliased(Account)
    belongs = exists().where(
        person.id == account_id,
        closure.descendant_id == person.home_administration_id,
        closure.ancestor_id == Grant.principal_id,
        (Grant.principal_kind == PrincipalKind.SUBTREE) | (closure.depth == 0),
    )
    return list(
        session.execute(
            select(Administration.short_name)
            .join(Grant, Administration.id == Grant.principal_id)
            .where(
                Grant.space_id == space.id,
                Grant.role >= Role.READER,
                Grant.principal_kind.in_((PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE)),
                belongs.correlate(Grant),
            )
        ).scalars()
    )


def has_personal_grant(account: Account, space: Space) -> bool:
    """Whether the account is in the space by its own name."""
    return grant_of(space, PrincipalKind.ACCOUNT, account.id) is not None


def people_called(account: Account, words: str, most: int = MOST_FOUND) -> list[Account]:
    """The agents that an account may know of, by a part of their name or their address: whom it could bring in.

    Guests are not brought in: they are invited.
    """
    wanted = allowed(account, Can.SEE_PERSON).where(
        Account.status == AccountStatus.ACTIVE, Account.kind == AccountKind.AGENT
    )
    for word in words_of(words):
        wanted = wanted.where(
            Account.search_name.contains(word, autoescape=True) | Account.email.contains(word, autoescape=True)
        )
    return list(session.execute(wanted.order_by(Account.search_name, Account.id).limit(most)).scalars())


def administrations_called(account: Account, words: str, most: int = MOST_FOUND) -> list[Administration]:
    """The administrations by a part of their name or city."""
    wanted = allowed(account, Can.SEE_ADMINISTRATION).where(Administration.status == AdministrationStatus.ACTIVE)
    for word in words_of(words):
        wanted = wanted.where(Administration.search_name.contains(word, autoescape=True))
    return list(session.execute(wanted.order_by(Administration.search_name).limit(most)).scalars())


def agents_below(administrations: Sequence[Administration]) -> dict[int, tuple[int, int]]:
    """For each administration, how many active agents it has itself, and with all below it: one statement."""
    closure = aliased(AdministrationClosure)
    rows = session.execute(
        select(
            closure.ancestor_id,
            func.count().filter(closure.depth == 0),
            func.count(),
        )
        .join(Account, Account.home_administration_id == closure.descendant_id)
        .where(
            closure.ancestor_id.in_([one.id for one in administrations]),
            Account.status == AccountStatus.ACTIVE,
            Account.kind == "agent",
        )
        .group_by(closure.ancestor_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def roles(account: Account, spaces: Sequence[Space]) -> dict[int, Role]:
    """The account's effective role in each of `spaces`: one statement."""
    rows = session.execute(
        select(Space.id, role_of(ACTOR))
        .select_from(Space)
        .join(ACTOR, ACTOR.id == account.id)
        .where(Space.id.in_([space.id for space in spaces]))
    )
    return {identity: Role(role) for identity, role in rows if role is not None}


def with_unread(account: Account, spaces: Sequence[Space]) -> list[MySpace]:
    """`spaces` with what the account has not read in each: one statement."""
    unread = unread_by_space(account, spaces)
    return [MySpace(space, unread.get(space.id)) for space in spaces]


def titled(spaces: Select[Space], words: str) -> Select[Space]:
    """Those of `spaces` that have all of `words` in their title."""
    for word in words_of(words):
        spaces = spaces.where(Space.search_title.contains(word, autoescape=True))
    return spaces


class Leaving(NamedTuple):
    """Somebody with a role of their own in a space who is about to leave its administration."""

    transfer: Transfer
    kept: bool


def all_leaving(space: Space) -> list[Leaving]:
    """Who is about to lose their own role in a space by a transfer, and whether a lead keeps them: one statement."""
    closure, onward = aliased(AdministrationClosure), aliased(AdministrationClosure)
    rows = session.execute(
        select(Transfer, TransferKeep.space_id.is_not(None))
        .join(Grant, (Grant.principal_id == Transfer.account_id) & (Grant.principal_kind == PrincipalKind.ACCOUNT))
        .outerjoin(TransferKeep, (TransferKeep.transfer_id == Transfer.id) & (TransferKeep.space_id == space.id))
        .where(
            Grant.space_id == space.id,
            Transfer.state == TransferState.PROPOSED,
            Transfer.expires_at > now(),
            exists().where(
                closure.ancestor_id == Transfer.origin_id, closure.descendant_id == space.owner_administration_id
            ),
            ~exists().where(onward.ancestor_id == Transfer.origin_id, onward.descendant_id == Transfer.destination_id),
        )
        .options(joinedload(Transfer.account), joinedload(Transfer.destination))
        .order_by(Transfer.id)
    )
    return [Leaving(transfer, bool(kept)) for transfer, kept in rows.unique()]


def leaving(space: Space, transfer_id: str) -> Transfer | None:
    """The proposal of that id, if it takes somebody out of the space."""
    return next((one.transfer for one in all_leaving(space) if one.transfer.public_id == transfer_id), None)
