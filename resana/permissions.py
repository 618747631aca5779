"""WHO MAY DO WHAT. One page.

`Can` names every right, `RULES` says when a person has it, and one function, `clause`, turns a rule into SQL. That
clause answers all four questions: `obtain` (give me it, if I may), `allowed` (which ones?), `can` and `abilities`
(may I?), `accounts_who` (who?). No other code decides.

A grant speaks to a person, to an administration, to a sub-tree or to all agents; who belongs to an administration is
computed in each statement, never copied, so that a person who moves gains and loses access at the next one.
Administering is not reading: who manages accounts reads nothing by that.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask, g
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    inspect,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from resana.accounts.factors.models import FactorReset, SecondFactor
from resana.accounts.factors.policy import has_factor, lacks_one_it_must_have
from resana.accounts.life_models import Delegation
from resana.accounts.models import (
    AccessToken,
    Account,
    AccountImport,
    AccountKind,
    AccountRequest,
    AccountRequestState,
    AccountStatus,
    AdminScope,
    SignInSession,
    Sponsorship,
)
from resana.administrations.models import Administration, AdministrationClosure, AdministrationStatus, SpaceCreation
from resana.audit.models import AuditEntry
from resana.core import guarding
from resana.core.clock import now
from resana.core.columns import BigInt
from resana.core.database import Moment, session
from resana.core.errors import NotAllowed, NotThere
from resana.core.templating import offer
from resana.core.text import is_id
from resana.discussions.models import Message, Thread, ThreadState
from resana.documents.models import Document, Folder, FolderGrant, Version
from resana.emergency.models import EmergencyAccess, EmergencyState
from resana.spaces.models import (
    OPEN_STATES,
    AccessRequest,
    Grant,
    Invitation,
    PrincipalKind,
    RequestState,
    Role,
    Space,
    SpaceRequest,
    SpaceState,
)
from resana.spaces.transfer_models import Transfer, TransferState

Clause = ColumnElement[bool]
Condition = Callable[[Any, Any], Clause]
"""Of the actor's row and the thing's row, a condition."""

EDIT_WINDOW = timedelta(hours=24)

ACTOR: Any = aliased(Account, name="actor")
"""The row of who asks, in every statement below."""
ACTED_UPON: Any = aliased(Account, name="acted_upon")
"""The row of an account that is asked about, where the accounts themselves are wanted."""

# Clauses are made once and kept: the moment is asked for when they are executed.
NOW = bindparam("now", callable_=lambda: now(), type_=Moment())
EDITABLE_SINCE = bindparam("editable_since", callable_=lambda: now() - EDIT_WINDOW, type_=Moment())
ME: Any = bindparam("me", type_=BigInt)


class Can(StrEnum):
    """Every right there is. The number is the row of the matrix (tests/permission_matrix.toml)."""

    # administrations and accounts
    SEE_ADMINISTRATION = "see_administration"
    SET_POLICY = "set_policy"
    BROWSE_ADMINISTRATIONS = "browse_administrations"
    OVERSEE_ADMINISTRATION = "oversee_administration"
    CREATE_TOP_ADMINISTRATION = "create_top_administration"  # 29
    CREATE_ADMINISTRATION = "create_administration"  # 29, below this one
    EDIT_ADMINISTRATION = "edit_administration"
    IDENTIFY_ADMINISTRATION = "identify_administration"
    MOVE_ADMINISTRATION = "move_administration"  # 29
    CLOSE_ADMINISTRATION = "close_administration"  # 29
    APPOINT_ADMINISTRATOR = "appoint_administrator"  # 28, over this administration
    APPOINT_ACCOUNT = "appoint_account"  # 28, this person
    ADMINISTER = "administer"
    CREATE_ACCOUNT = "create_account"  # 27
    ADMINISTER_ACCOUNT = "administer_account"  # 27
    IMPORT_ACCOUNTS = "import_accounts"  # 27
    ANSWER_ACCOUNT_REQUEST = "answer_account_request"  # 27
    ERASE_ACCOUNT = "erase_account"  # 27
    SEE_TRANSFER = "see_transfer"  # 27
    ANSWER_TRANSFER = "answer_transfer"  # 27
    WITHDRAW_TRANSFER = "withdraw_transfer"  # 27
    DELEGATE = "delegate"
    END_DELEGATION = "end_delegation"
    SEE_PERSON = "see_person"
    SPONSOR_GUEST = "sponsor_guest"
    ASK_FACTOR_RESET = "ask_factor_reset"
    AGREE_TO_FACTOR_RESET = "agree_to_factor_reset"
    CANCEL_FACTOR_RESET = "cancel_factor_reset"
    CHANGE_SECOND_FACTOR = "change_second_factor"
    END_SESSION = "end_session"
    REVOKE_TOKEN = "revoke_token"
    # the journal
    READ_JOURNALS = "read_journals"  # 30
    READ_ENTRY = "read_entry"  # 30
    READ_SPACE_JOURNAL = "read_space_journal"  # 25
    # spaces
    CREATE_SPACE = "create_space"  # 26
    ANSWER_SPACE_REQUEST = "answer_space_request"  # 26
    SEE_SPACE = "see_space"  # 1
    READ_SPACE = "read_space"  # 2
    BELONG_TO_SPACE = "belong_to_space"
    JOIN_SPACE = "join_space"
    REQUEST_ACCESS = "request_access"
    UNLOCK_SPACE = "unlock_space"  # 2: has been let in, and lacks the second factor that the space asks for
    ANSWER_ACCESS_REQUEST = "answer_access_request"  # 14
    SEE_MEMBERS = "see_members"  # 24
    INVITE_AGENT = "invite_agent"  # 14
    ADD_ADMINISTRATION = "add_administration"  # 15
    ALLOW_GUESTS = "allow_guests"  # 16
    INVITE_GUEST = "invite_guest"  # 16
    WITHDRAW_INVITATION = "withdraw_invitation"  # 16
    SEE_GRANT = "see_grant"  # 24
    CHANGE_GRANT = "change_grant"  # 17
    SET_GUEST_END = "set_guest_end"  # 16
    LEAVE_SPACE = "leave_space"  # 18
    EDIT_SPACE = "edit_space"
    CHANGE_VISIBILITY = "change_visibility"  # 19
    ARCHIVE_SPACE = "archive_space"  # 21
    # exceptional access
    ASK_EMERGENCY_ACCESS = "ask_emergency_access"  # 31
    SEE_EMERGENCY_ACCESS = "see_emergency_access"  # 31
    ANSWER_EMERGENCY_ACCESS = "answer_emergency_access"  # 31
    END_EMERGENCY_ACCESS = "end_emergency_access"  # 31
    TRASH_SPACE = "trash_space"  # 22
    RESTORE_SPACE = "restore_space"  # 22
    APPOINT_LEAD = "appoint_lead"  # 23
    KEEP_MEMBER = "keep_member"
    # documents
    CREATE_FOLDER = "create_folder"  # 8
    UPLOAD = "upload"  # 4
    SEE_TRASH = "see_trash"  # 6
    READ_FOLDER = "read_folder"  # 2
    CHANGE_FOLDER = "change_folder"  # 8
    TRASH_FOLDER = "trash_folder"  # 5
    RESTORE_FOLDER = "restore_folder"  # 6
    FILL_FOLDER = "fill_folder"  # 4, 8
    RESTRICT_FOLDER = "restrict_folder"  # 13
    DISCLOSE_FOLDER = "disclose_folder"  # 9
    SEE_FOLDER_GRANT = "see_folder_grant"  # 13
    CHANGE_FOLDER_GRANT = "change_folder_grant"  # 13
    READ_DOCUMENT = "read_document"  # 2
    DOWNLOAD_DOCUMENT = "download_document"  # 3
    WRITE_DOCUMENT = "write_document"  # 4
    RENAME_DOCUMENT = "rename_document"  # 8
    DISCLOSE_DOCUMENT = "disclose_document"  # 9
    TRASH_DOCUMENT = "trash_document"  # 5
    RESTORE_DOCUMENT = "restore_document"  # 6
    READ_VERSION = "read_version"  # 2
    RESTORE_VERSION = "restore_version"  # 6
    # discussions
    CREATE_THREAD = "create_thread"  # 10
    READ_THREAD = "read_thread"  # 2
    POST_MESSAGE = "post_message"  # 10
    RENAME_THREAD = "rename_thread"  # 12
    CLOSE_THREAD = "close_thread"  # 12
    READ_MESSAGE = "read_message"  # 2
    EDIT_MESSAGE = "edit_message"  # 11
    DELETE_MESSAGE = "delete_message"  # 11


# Conditions: what rules are made of.


def _there_is(row: Any, *conditions: Any, of: tuple[Any, ...] = ()) -> Clause:
    """EXISTS over `row` (and the rows `of`), correlated with everything else."""
    return exists().where(*conditions).correlate_except(row, *of)


def _active(actor: Any) -> Clause:
    """There, not ended, and with a second factor where one is demanded: else nothing is open to them."""
    return and_(_is_there(actor), not_(lacks_one_it_must_have(actor, NOW)))


def _is_there(account: Any) -> Clause:
    return and_(
        account.status == AccountStatus.ACTIVE,
        or_(account.valid_until.is_(None), account.valid_until > NOW),
    )


def _is_agent(actor: Any, _thing: Any) -> Clause:
    return actor.kind == AccountKind.AGENT


def _speaks_to(grant: Any, actor: Any) -> Clause:
    """Whether a grant speaks to a person. A guest is only ever named in person.

    Who also belongs to an administration for a while belongs to that very one: not to what lies below or above it.
    """
    closure, delegation = aliased(AdministrationClosure), aliased(Delegation)
    lent = _there_is(
        delegation,
        delegation.account_id == actor.id,
        delegation.administration_id == grant.principal_id,
        delegation.starts_at <= NOW,
        delegation.ends_at > NOW,
    )
    below = _there_is(
        closure, closure.ancestor_id == grant.principal_id, closure.descendant_id == actor.home_administration_id
    )
    return or_(
        and_(grant.principal_kind == PrincipalKind.ACCOUNT, grant.principal_id == actor.id),
        and_(
            actor.kind == AccountKind.AGENT,
            or_(
                grant.principal_kind == PrincipalKind.AGENTS,
                and_(
                    grant.principal_kind == PrincipalKind.ADMINISTRATION,
                    or_(grant.principal_id == actor.home_administration_id, lent),
                ),
                and_(grant.principal_kind == PrincipalKind.SUBTREE, below),
            ),
        ),
    )


def _holds(grant: Any, actor: Any, space_id: Any) -> Clause:
    return and_(
        grant.space_id == space_id,
        or_(grant.expires_at.is_(None), grant.expires_at > NOW),
        _speaks_to(grant, actor),
    )


def _given(least: Role) -> Condition:
    """Grants give the person this role at least, whatever else the space demands of them.

    Nobody has a role in a space that is shut: one without a lead, or in the trash.
    """

    def condition(actor: Any, thing: Any) -> Clause:
        return and_(_open(thing), _granted(actor, thing, least))

    return condition


def _granted(actor: Any, thing: Any, least: Role) -> Clause:
    grant = aliased(Grant)
    return _there_is(grant, _holds(grant, actor, thing.space_id), grant.role >= least)


def _lead_even_of_a_shut_one(actor: Any, thing: Any) -> Clause:
    return and_(actor.kind == AccountKind.AGENT, _granted(actor, thing, Role.LEAD))


def _open(thing: Any) -> Clause:
    """The space is read: neither sequestered nor in the trash."""
    if inspect(thing).mapper.class_ is Space:
        return thing.state.in_(OPEN_STATES)
    space = aliased(Space)
    return _there_is(space, space.id == thing.space_id, space.state.in_(OPEN_STATES))


def _is_open(_actor: Any, thing: Any) -> Clause:
    return _open(thing)


def _unlocked(actor: Any, thing: Any) -> Clause:
    """The thing's space asks for no second factor, or the person has one."""
    if thing is Space:
        return or_(not_(thing.second_factor_required), has_factor(actor))
    space = aliased(Space)
    return or_(
        not_(_there_is(space, space.id == thing.space_id, space.second_factor_required)),
        has_factor(actor),
    )


def _role(least: Role) -> Condition:
    """The person's effective role where the thing stands is at least this one; a guest's is at most contributor.

    Where the space asks for a second factor and the person has none, it is no more than the card. In a restricted
    folder it is the lesser of the roles in the space and in the folder; leads of the space pass.
    """

    def condition(actor: Any, thing: Any) -> Clause:
        reached = _in_space(actor, thing, least)
        restricted_by = _restricted_by(thing)
        if restricted_by is None or least == Role.LEAD:
            return reached
        inside = aliased(FolderGrant)
        let_in = _there_is(inside, inside.folder_id == restricted_by, inside.role >= least, _speaks_to(inside, actor))
        return and_(reached, or_(restricted_by.is_(None), let_in, _in_space(actor, thing, Role.LEAD)))

    return condition


def _in_space(actor: Any, thing: Any, least: Role) -> Clause:
    reached = _given(least)(actor, thing)
    if least == Role.CARD:
        return reached
    reached = and_(reached, _unlocked(actor, thing))
    if least <= Role.CONTRIBUTOR:
        return reached
    return and_(actor.kind == AccountKind.AGENT, reached)


def _restricted_by(thing: Any) -> Any:
    """The restricted folder that a row stands in, as a column that may be NULL; None for what stands in none ever."""
    if inspect(thing).mapper.class_ is Version:
        document = aliased(Document)
        its = select(document.acl_folder_id).where(document.id == thing.document_id)
        return its.correlate_except(document).scalar_subquery()
    return getattr(thing, "acl_folder_id", None)


def _belongs(actor: Any, thing: Any) -> Clause:
    grant = aliased(Grant)
    held = _holds(grant, actor, thing.space_id)
    there = _there_is(grant, held, grant.role >= Role.READER, grant.origin != "visibility")
    return and_(_open(thing), there, _unlocked(actor, thing))


def living_lead(space_id: Any, besides: int | None = None) -> Clause:
    """There is somebody who leads that space today: an agent with an active account and a role that has not ended.

    `besides`: an account that does not count.
    """
    grant, lead = aliased(Grant), aliased(Account)
    return _there_is(
        grant,
        grant.space_id == space_id,
        grant.principal_kind == PrincipalKind.ACCOUNT,
        grant.role == Role.LEAD,
        or_(grant.expires_at.is_(None), grant.expires_at > NOW),
        lead.id == grant.principal_id,
        lead.kind == AccountKind.AGENT,
        _active(lead),
        lead.id != besides if besides is not None else true(),
        of=(lead,),
    )


def _without_a_lead(_actor: Any, thing: Any) -> Clause:
    return not_(living_lead(thing.space_id))


def _share_a_space(actor: Any, thing: Any) -> Clause:
    """The two are in one space, which the actor may read: whom a guest meets, and who meets a guest."""
    mine, theirs = aliased(Grant), aliased(Grant)
    return _there_is(
        mine,
        _holds(mine, actor, theirs.space_id),
        mine.role >= Role.READER,
        mine.origin != "visibility",
        _unlocked(actor, theirs),
        or_(theirs.expires_at.is_(None), theirs.expires_at > NOW),
        _speaks_to(theirs, thing),
        theirs.role >= Role.READER,
        theirs.origin != "visibility",
        of=(theirs,),
    )


def _leads_a_space_of(actor: Any, thing: Any) -> Clause:
    """The actor leads a space in which the guest still is."""
    mine, theirs = aliased(Grant), aliased(Grant)
    return and_(
        actor.kind == AccountKind.AGENT,
        _there_is(
            mine,
            _holds(mine, actor, theirs.space_id),
            mine.role >= Role.LEAD,
            theirs.principal_kind == PrincipalKind.ACCOUNT,
            theirs.principal_id == thing.id,
            theirs.expires_at > NOW,
            of=(theirs,),
        ),
    )


def _sponsor_is_gone(_actor: Any, thing: Any) -> Clause:
    sponsorship, sponsor = aliased(Sponsorship), aliased(Account)
    return _there_is(
        sponsorship,
        sponsorship.account_id == thing.id,
        sponsor.id == sponsorship.sponsor_id,
        not_(_is_there(sponsor)),
        of=(sponsor,),
    )


def _guests_grant(_actor: Any, thing: Any) -> Clause:
    guest = aliased(Account)
    return and_(
        thing.principal_kind == PrincipalKind.ACCOUNT,
        _there_is(guest, guest.id == thing.principal_id, guest.kind == AccountKind.GUEST),
    )


def _has_personal_grant(actor: Any, thing: Any) -> Clause:
    grant = aliased(Grant)
    return _there_is(
        grant,
        grant.space_id == thing.space_id,
        grant.principal_kind == PrincipalKind.ACCOUNT,
        grant.principal_id == actor.id,
    )


def _state(wanted: SpaceState) -> Condition:
    def condition(_actor: Any, thing: Any) -> Clause:
        if inspect(thing).mapper.class_ is Space:
            return thing.state == wanted
        space = aliased(Space)
        return _there_is(space, space.id == thing.space_id, space.state == wanted)

    return condition


def _administers(actor: Any, administration_id: Any, strictly: bool = False) -> Clause:
    scope, closure = aliased(AdminScope), aliased(AdministrationClosure)
    return _there_is(
        scope,
        scope.account_id == actor.id,
        or_(scope.ends_at.is_(None), scope.ends_at > NOW),
        closure.ancestor_id == scope.administration_id,
        closure.descendant_id == administration_id,
        closure.depth > 0 if strictly else true(),
        of=(closure,),
    )


def _administers_this(actor: Any, thing: Any) -> Clause:
    return and_(actor.kind == AccountKind.AGENT, _administers(actor, thing.id))


def _administers_above(actor: Any, thing: Any) -> Clause:
    return and_(actor.kind == AccountKind.AGENT, _administers(actor, thing.id, strictly=True))


def _administers_owner(actor: Any, thing: Any) -> Clause:
    return and_(actor.kind == AccountKind.AGENT, _administers(actor, thing.owner_administration_id))


def _administers_place(actor: Any, thing: Any) -> Clause:
    return and_(actor.kind == AccountKind.AGENT, _administers(actor, thing.administration_id))


def _administers_account(actor: Any, thing: Any) -> Clause:
    """Home in scope, every scope of theirs strictly inside, not oneself, not the platform's, and somebody still."""
    theirs = aliased(AdminScope)
    return and_(
        actor.kind == AccountKind.AGENT,
        thing.status != AccountStatus.ERASED,
        _administers(actor, thing.home_administration_id),
        thing.id != actor.id,
        not_(thing.platform_admin),
        not_(
            _there_is(
                theirs,
                theirs.account_id == thing.id,
                not_(_administers(actor, theirs.administration_id, strictly=True)),
            )
        ),
    )


def _administers_whose_it_is(actor: Any, thing: Any) -> Clause:
    """Of a thing with an `account_id`: the person administers that account."""
    whose = aliased(Account)
    return _there_is(whose, whose.id == thing.account_id, _administers_account(actor, whose))


def _waiting(_actor: Any, thing: Any) -> Clause:
    return and_(thing.done_at.is_(None), thing.cancelled_at.is_(None), thing.due_at > NOW)


def _administers_end(column: str) -> Condition:
    """The administration that a thing names there is in scope, and it is not about oneself."""
    return lambda actor, thing: and_(
        actor.kind == AccountKind.AGENT,
        _administers(actor, getattr(thing, column)),
        thing.account_id != actor.id,
    )


def _administers_delegate(actor: Any, thing: Any) -> Clause:
    """The delegate's own home is in scope, and it is not oneself."""
    delegate = aliased(Account)
    return _there_is(
        delegate,
        delegate.id == thing.account_id,
        delegate.id != actor.id,
        _administers(actor, delegate.home_administration_id),
    )


def _runs(_actor: Any, thing: Any) -> Clause:
    return thing.ends_at > NOW


def _waits(_actor: Any, thing: Any) -> Clause:
    return and_(thing.state == TransferState.PROPOSED, thing.expires_at > NOW)


def _administers_something(actor: Any, _thing: Any) -> Clause:
    scope = aliased(AdminScope)
    return and_(
        actor.kind == AccountKind.AGENT,
        _there_is(scope, scope.account_id == actor.id, or_(scope.ends_at.is_(None), scope.ends_at > NOW)),
    )


def _platform(actor: Any, _thing: Any) -> Clause:
    return and_(actor.kind == AccountKind.AGENT, actor.platform_admin)


def _may_create_spaces(actor: Any, _thing: Any) -> Clause:
    """The home administration's setting; its administrators always may."""
    home = aliased(Administration)
    by_policy = _there_is(
        home,
        home.id == actor.home_administration_id,
        home.status == AdministrationStatus.ACTIVE,
        or_(home.space_creation != SpaceCreation.TEAM_LEADS, actor.team_lead),
    )
    return or_(by_policy, _administers(actor, actor.home_administration_id))


def _broken_glass(actor: Any, thing: Any) -> Clause:
    """An administrator of the platform reads this space by an exceptional access that was agreed to, and goes on."""
    access = aliased(EmergencyAccess)
    return and_(
        actor.kind == AccountKind.AGENT,
        actor.platform_admin,
        _there_is(
            access,
            access.space_id == thing.space_id,
            access.account_id == actor.id,
            access.state == EmergencyState.APPROVED,
            access.ends_at > NOW,
        ),
    )


def _administers_owner_of_space(actor: Any, thing: Any) -> Clause:
    space = aliased(Space)
    mine = _there_is(space, space.id == thing.space_id, _administers(actor, space.owner_administration_id))
    return and_(actor.kind == AccountKind.AGENT, mine)


def _goes_on(_actor: Any, thing: Any) -> Clause:
    return and_(thing.state == EmergencyState.APPROVED, thing.ends_at > NOW)


def _mine(column: str) -> Condition:
    return lambda actor, thing: getattr(thing, column) == actor.id


def _is(column: str, value: Any) -> Condition:
    return lambda _actor, thing: getattr(thing, column) == value


def _alive(_actor: Any, thing: Any) -> Clause:
    """Not in the trash."""
    return thing.trashed_at.is_(None)


def _trashed(_actor: Any, thing: Any) -> Clause:
    return thing.trashed_at.is_not(None)


def _document_alive(_actor: Any, thing: Any) -> Clause:
    document = aliased(Document)
    return _there_is(document, document.id == thing.document_id, document.trashed_at.is_(None))


def _document_mine(actor: Any, thing: Any) -> Clause:
    document = aliased(Document)
    return _there_is(document, document.id == thing.document_id, document.created_by_id == actor.id)


def _target_is_at_most_contributor(_actor: Any, thing: Any) -> Clause:
    return thing.role <= Role.CONTRIBUTOR


def _not_visibility(_actor: Any, thing: Any) -> Clause:
    return thing.origin != "visibility"


def _thread_open(_actor: Any, thing: Any) -> Clause:
    return thing.state == ThreadState.OPEN


def _recent(_actor: Any, thing: Any) -> Clause:
    return thing.created_at > EDITABLE_SINCE


def _not_deleted(_actor: Any, thing: Any) -> Clause:
    return thing.deleted_at.is_(None)


def _both(*conditions: Condition) -> Condition:
    return lambda actor, thing: and_(*(condition(actor, thing) for condition in conditions))


def _either(*conditions: Condition) -> Condition:
    return lambda actor, thing: or_(*(condition(actor, thing) for condition in conditions))


def _except(condition: Condition) -> Condition:
    return lambda actor, thing: not_(condition(actor, thing))


_given_reader = _given(Role.READER)
_card, _reader, _contributor = _role(Role.CARD), _role(Role.READER), _role(Role.CONTRIBUTOR)
_moderator, _lead = _role(Role.MODERATOR), _role(Role.LEAD)
_reading = _either(_reader, _broken_glass)
"""For rights that only read."""
_writable = _state(SpaceState.ACTIVE)
_not_closed = _is("status", AdministrationStatus.ACTIVE)
_own_or_moderated = _either(_moderator, _both(_contributor, _mine("created_by_id")))


@dataclass(frozen=True)
class Rule:
    """When a person has a right.

    `on` is what it is about (None: the platform); `may` is the condition; `seen` names the right without which the
    thing is not there for that person (404); None: `may` itself. `writes`: the space must be active.
    """

    on: type[Any] | None
    may: Condition
    seen: Can | None = None
    writes: bool = False


RULES: dict[Can, Rule] = {
    Can.SEE_ADMINISTRATION: Rule(Administration, _is_agent),
    Can.SET_POLICY: Rule(Administration, _either(_platform, _administers_this), seen=Can.SEE_ADMINISTRATION),
    Can.BROWSE_ADMINISTRATIONS: Rule(None, _either(_platform, _administers_something)),
    Can.OVERSEE_ADMINISTRATION: Rule(
        Administration, _either(_platform, _administers_this), seen=Can.SEE_ADMINISTRATION
    ),
    Can.CREATE_TOP_ADMINISTRATION: Rule(None, _platform),
    Can.CREATE_ADMINISTRATION: Rule(
        Administration, _both(_not_closed, _either(_platform, _administers_this)), seen=Can.SEE_ADMINISTRATION
    ),
    Can.EDIT_ADMINISTRATION: Rule(
        Administration, _both(_not_closed, _either(_platform, _administers_this)), seen=Can.SEE_ADMINISTRATION
    ),
    # Who comes in by which SIRET or which mail domain: a claim that nobody makes for themselves.
    Can.IDENTIFY_ADMINISTRATION: Rule(Administration, _both(_not_closed, _platform), seen=Can.SEE_ADMINISTRATION),
    Can.MOVE_ADMINISTRATION: Rule(
        Administration, _both(_not_closed, _either(_platform, _administers_above)), seen=Can.SEE_ADMINISTRATION
    ),
    Can.CLOSE_ADMINISTRATION: Rule(
        Administration, _both(_not_closed, _either(_platform, _administers_above)), seen=Can.SEE_ADMINISTRATION
    ),
    Can.APPOINT_ADMINISTRATOR: Rule(
        Administration, _both(_not_closed, _either(_platform, _administers_above)), seen=Can.SEE_ADMINISTRATION
    ),
    Can.APPOINT_ACCOUNT: Rule(
        Account,
        _both(
            _is("kind", AccountKind.AGENT),
            _either(_administers_account, _both(_platform, _except(_mine("id")))),
        ),
        seen=Can.SEE_PERSON,
    ),
    Can.ADMINISTER: Rule(None, _administers_something),
    Can.CREATE_ACCOUNT: Rule(
        Administration,
        _both(_administers_this, _not_closed),
        seen=Can.SEE_ADMINISTRATION,
    ),
    Can.ADMINISTER_ACCOUNT: Rule(Account, _administers_account),
    Can.IMPORT_ACCOUNTS: Rule(AccountImport, _both(_mine("by_id"), _administers_something)),
    Can.ANSWER_ACCOUNT_REQUEST: Rule(
        AccountRequest, _both(_administers_place, _is("state", AccountRequestState.CONFIRMED))
    ),
    Can.ERASE_ACCOUNT: Rule(
        Account,
        _both(_administers_account, _is("status", AccountStatus.DEACTIVATED)),
        seen=Can.ADMINISTER_ACCOUNT,
    ),
    Can.SEE_TRANSFER: Rule(Transfer, _either(_administers_end("origin_id"), _administers_end("destination_id"))),
    Can.ANSWER_TRANSFER: Rule(Transfer, _both(_administers_end("destination_id"), _waits), seen=Can.SEE_TRANSFER),
    Can.WITHDRAW_TRANSFER: Rule(Transfer, _both(_administers_end("origin_id"), _waits), seen=Can.SEE_TRANSFER),
    Can.DELEGATE: Rule(
        Administration,
        _both(_administers_this, _is("status", AdministrationStatus.ACTIVE)),
        seen=Can.SEE_ADMINISTRATION,
    ),
    Can.END_DELEGATION: Rule(
        Delegation,
        _both(_is_agent, _either(_administers_end("administration_id"), _administers_delegate), _runs),
    ),
    Can.SEE_PERSON: Rule(
        Account,
        _either(
            _both(
                _is_agent,
                _is("kind", AccountKind.AGENT),
                _except(_is("status", AccountStatus.INVITED)),
                _except(_is("status", AccountStatus.ERASED)),
            ),
            _mine("id"),
            _administers_account,
            _both(
                _either(_except(_is_agent), _is("kind", AccountKind.GUEST)),
                _except(_is("status", AccountStatus.INVITED)),
                _share_a_space,
            ),
        ),
    ),
    Can.SPONSOR_GUEST: Rule(
        Account,
        _both(_is("kind", AccountKind.GUEST), _sponsor_is_gone, _leads_a_space_of),
        seen=Can.SEE_PERSON,
    ),
    Can.ASK_FACTOR_RESET: Rule(Account, _administers_account),
    Can.AGREE_TO_FACTOR_RESET: Rule(
        FactorReset, _both(_administers_whose_it_is, _waiting, _except(_mine("asked_by_id")))
    ),
    Can.CANCEL_FACTOR_RESET: Rule(FactorReset, _both(_either(_mine("account_id"), _administers_whose_it_is), _waiting)),
    Can.CHANGE_SECOND_FACTOR: Rule(SecondFactor, _mine("account_id")),
    Can.END_SESSION: Rule(SignInSession, _mine("account_id")),
    Can.REVOKE_TOKEN: Rule(AccessToken, _mine("account_id")),
    Can.READ_JOURNALS: Rule(None, _either(_administers_something, _platform)),
    Can.READ_ENTRY: Rule(AuditEntry, _either(_platform, _administers_place)),
    Can.READ_SPACE_JOURNAL: Rule(Space, _either(_lead, _administers_owner, _platform), seen=Can.SEE_SPACE),
    Can.CREATE_SPACE: Rule(None, _both(_is_agent, _may_create_spaces)),
    Can.ANSWER_SPACE_REQUEST: Rule(
        SpaceRequest,
        _both(_administers_place, _is("state", RequestState.WAITING), _except(_mine("account_id"))),
    ),
    Can.SEE_SPACE: Rule(Space, _either(_card, _lead_even_of_a_shut_one, _administers_owner, _platform)),
    Can.READ_SPACE: Rule(Space, _reading, seen=Can.SEE_SPACE),
    Can.BELONG_TO_SPACE: Rule(Space, _belongs, seen=Can.SEE_SPACE),
    Can.JOIN_SPACE: Rule(Space, _both(_reader, _except(_belongs)), seen=Can.SEE_SPACE, writes=True),
    Can.REQUEST_ACCESS: Rule(Space, _both(_card, _except(_given_reader)), seen=Can.SEE_SPACE, writes=True),
    Can.UNLOCK_SPACE: Rule(Space, _both(_given_reader, _except(_reader)), seen=Can.SEE_SPACE),
    Can.ANSWER_ACCESS_REQUEST: Rule(AccessRequest, _lead, writes=True),
    Can.SEE_MEMBERS: Rule(Space, _reading, seen=Can.SEE_SPACE),
    Can.INVITE_AGENT: Rule(Space, _moderator, seen=Can.SEE_SPACE, writes=True),
    Can.ADD_ADMINISTRATION: Rule(Space, _lead, seen=Can.SEE_SPACE, writes=True),
    Can.ALLOW_GUESTS: Rule(Space, _lead, seen=Can.SEE_SPACE, writes=True),
    Can.INVITE_GUEST: Rule(Space, _both(_lead, _is("guests_allowed", True)), seen=Can.SEE_SPACE, writes=True),
    Can.WITHDRAW_INVITATION: Rule(Invitation, _lead),
    Can.SEE_GRANT: Rule(Grant, _reading),
    Can.CHANGE_GRANT: Rule(
        Grant,
        _both(_not_visibility, _either(_lead, _both(_moderator, _target_is_at_most_contributor))),
        seen=Can.SEE_GRANT,
        writes=True,
    ),
    Can.SET_GUEST_END: Rule(Grant, _both(_not_visibility, _guests_grant, _lead), seen=Can.SEE_GRANT, writes=True),
    Can.LEAVE_SPACE: Rule(Space, _has_personal_grant, seen=Can.SEE_SPACE),
    Can.EDIT_SPACE: Rule(Space, _lead, seen=Can.SEE_SPACE, writes=True),
    Can.CHANGE_VISIBILITY: Rule(Space, _lead, seen=Can.SEE_SPACE, writes=True),
    Can.ASK_EMERGENCY_ACCESS: Rule(Space, _both(_platform, _except(_reading)), seen=Can.SEE_SPACE),
    Can.SEE_EMERGENCY_ACCESS: Rule(
        EmergencyAccess, _either(_both(_platform, _mine("account_id")), _administers_owner_of_space, _lead)
    ),
    Can.ANSWER_EMERGENCY_ACCESS: Rule(
        EmergencyAccess,
        _both(_administers_owner_of_space, _is("state", EmergencyState.WAITING), _except(_mine("account_id"))),
        seen=Can.SEE_EMERGENCY_ACCESS,
    ),
    Can.END_EMERGENCY_ACCESS: Rule(EmergencyAccess, _goes_on, seen=Can.SEE_EMERGENCY_ACCESS),
    Can.ARCHIVE_SPACE: Rule(Space, _both(_is_open, _either(_lead, _administers_owner)), seen=Can.SEE_SPACE),
    Can.TRASH_SPACE: Rule(Space, _lead, seen=Can.SEE_SPACE),
    Can.RESTORE_SPACE: Rule(
        Space,
        _both(_state(SpaceState.TRASHED), _either(_lead_even_of_a_shut_one, _administers_owner)),
        seen=Can.SEE_SPACE,
    ),
    Can.APPOINT_LEAD: Rule(
        Space,
        _both(_administers_owner, _without_a_lead, _except(_state(SpaceState.TRASHED))),
        seen=Can.SEE_SPACE,
    ),
    Can.KEEP_MEMBER: Rule(Space, _lead, seen=Can.SEE_SPACE),
    Can.CREATE_FOLDER: Rule(Space, _contributor, seen=Can.SEE_SPACE, writes=True),
    Can.UPLOAD: Rule(Space, _contributor, seen=Can.SEE_SPACE, writes=True),
    Can.SEE_TRASH: Rule(Space, _contributor, seen=Can.SEE_SPACE),
    Can.READ_FOLDER: Rule(Folder, _both(_reading, _alive)),
    Can.CHANGE_FOLDER: Rule(Folder, _own_or_moderated, seen=Can.READ_FOLDER, writes=True),
    Can.TRASH_FOLDER: Rule(Folder, _own_or_moderated, seen=Can.READ_FOLDER, writes=True),
    Can.RESTORE_FOLDER: Rule(Folder, _both(_own_or_moderated, _trashed), writes=True),
    Can.FILL_FOLDER: Rule(Folder, _contributor, seen=Can.READ_FOLDER, writes=True),
    Can.RESTRICT_FOLDER: Rule(
        Folder, _either(_lead, _both(_moderator, _is("restricted", True))), seen=Can.READ_FOLDER, writes=True
    ),
    Can.DISCLOSE_FOLDER: Rule(Folder, _moderator, seen=Can.READ_FOLDER, writes=True),
    Can.SEE_FOLDER_GRANT: Rule(FolderGrant, _reader),
    Can.CHANGE_FOLDER_GRANT: Rule(
        FolderGrant,
        _either(_lead, _both(_moderator, _target_is_at_most_contributor)),
        seen=Can.SEE_FOLDER_GRANT,
        writes=True,
    ),
    Can.READ_DOCUMENT: Rule(Document, _both(_reading, _alive)),
    Can.DOWNLOAD_DOCUMENT: Rule(Document, _both(_reading, _alive)),
    Can.WRITE_DOCUMENT: Rule(Document, _contributor, seen=Can.READ_DOCUMENT, writes=True),
    Can.RENAME_DOCUMENT: Rule(Document, _own_or_moderated, seen=Can.READ_DOCUMENT, writes=True),
    Can.DISCLOSE_DOCUMENT: Rule(Document, _moderator, seen=Can.READ_DOCUMENT, writes=True),
    Can.TRASH_DOCUMENT: Rule(Document, _own_or_moderated, seen=Can.READ_DOCUMENT, writes=True),
    Can.RESTORE_DOCUMENT: Rule(Document, _both(_own_or_moderated, _trashed), writes=True),
    Can.READ_VERSION: Rule(Version, _both(_reading, _document_alive)),
    Can.RESTORE_VERSION: Rule(
        Version, _either(_moderator, _both(_contributor, _document_mine)), seen=Can.READ_VERSION, writes=True
    ),
    Can.CREATE_THREAD: Rule(Space, _contributor, seen=Can.SEE_SPACE, writes=True),
    Can.READ_THREAD: Rule(Thread, _reading),
    Can.POST_MESSAGE: Rule(Thread, _both(_contributor, _thread_open), seen=Can.READ_THREAD, writes=True),
    Can.RENAME_THREAD: Rule(Thread, _own_or_moderated, seen=Can.READ_THREAD, writes=True),
    Can.CLOSE_THREAD: Rule(Thread, _moderator, seen=Can.READ_THREAD, writes=True),
    Can.READ_MESSAGE: Rule(Message, _reading),
    Can.EDIT_MESSAGE: Rule(
        Message,
        _both(_contributor, _mine("author_id"), _recent, _not_deleted),
        seen=Can.READ_MESSAGE,
        writes=True,
    ),
    Can.DELETE_MESSAGE: Rule(
        Message,
        _both(_not_deleted, _either(_moderator, _both(_contributor, _mine("author_id")))),
        seen=Can.READ_MESSAGE,
        writes=True,
    ),
}

if missing := set(Can) - set(RULES):
    raise RuntimeError(f"rights without a rule: {sorted(missing)}")


@functools.cache
def clause(right: Can, actor: Any, thing: Any = None) -> Clause:
    """The rule of `right` in SQL, of an account's row and a thing's row. Everything below asks this."""
    rule = RULES[right]
    parts = [_active(actor), rule.may(actor, thing)]
    if rule.seen is not None:
        parts.append(RULES[rule.seen].may(actor, thing))
    if rule.writes:
        parts.append(_writable(actor, thing))
    return and_(*parts)


def _seen(right: Can, actor: Any, thing: Any) -> Clause:
    rule = RULES[right]
    return clause(rule.seen, actor, thing) if rule.seen is not None else clause(right, actor, thing)


# Give me it, if I may.


def _by_public_id(model: Any, parameter: str) -> Callable[[Mapping[str, Any]], Clause]:
    def key(ids: Mapping[str, Any]) -> Clause:
        value = str(ids[parameter])
        return model.public_id == value if is_id(value) else false()

    return key


def _by_number(model: Any, parent: Any, foreign_key: Any, parameter: str, number: Any) -> Any:
    """How a thing without an id of its own is named: its parent, and its number there."""
    by_parent = _by_public_id(parent, parameter)

    def key(ids: Mapping[str, Any]) -> Clause:
        no = int(ids["no"])
        if not 0 < no < 2**53:
            return false()
        return and_(
            number == literal(no, BigInt), foreign_key == select(parent.id).where(by_parent(ids)).scalar_subquery()
        )

    return key


KEYS: dict[type[Any], tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Clause]]] = {
    model: ((parameter,), _by_public_id(model, parameter))
    for model, parameter in (
        (Administration, "administration_id"),
        (Account, "account_id"),
        (AccountImport, "import_list_id"),
        (AccountRequest, "demand_id"),
        (SignInSession, "session_id"),
        (AccessToken, "token_id"),
        (SecondFactor, "factor_id"),
        (FactorReset, "reset_id"),
        (Space, "space_id"),
        (Transfer, "transfer_id"),
        (Delegation, "delegation_id"),
        (Grant, "grant_id"),
        (Invitation, "invitation_id"),
        (AccessRequest, "demand_id"),
        (SpaceRequest, "demand_id"),
        (Folder, "folder_id"),
        (FolderGrant, "folder_grant_id"),
        (Document, "document_id"),
        (Thread, "thread_id"),
        (EmergencyAccess, "access_id"),
    )
} | {
    Version: (
        ("document_id", "no"),
        _by_number(Version, Document, Version.document_id, "document_id", Version.number),
    ),
    Message: (("thread_id", "no"), _by_number(Message, Thread, Message.thread_id, "thread_id", Message.no)),
}
"""For each model, the names of its parameters in a URL, and the clause that finds it by them."""


def parameters(right: Can) -> tuple[str, ...]:
    """The URL parameters that name the thing `right` is about: ("document_id",)."""
    on = RULES[right].on
    return KEYS[on][0] if on is not None else ()


def obtain(account: Account, right: Can, **ids: Any) -> Any:
    """The thing that `ids` name, if `account` has `right` on it: one query.

    Raises NotThere where it does not exist or may not be seen, NotAllowed where it is seen and this is refused.
    """
    rule = RULES[right]
    if rule.on is None:
        if not can(account, right):
            raise NotAllowed
        return None
    wanted = _obtaining(right).where(KEYS[rule.on][1](ids))
    found = session.execute(wanted, {"me": account.id}).one_or_none()
    if found is None:
        raise NotThere
    if not found[1]:
        raise NotAllowed
    return found[0]


@functools.cache
def _obtaining(right: Can) -> Select[Any]:
    on: Any = RULES[right].on
    return (
        select(on, clause(right, ACTOR, on))
        .join(ACTOR, ACTOR.id == ME)
        .where(_seen(right, ACTOR, on))
        .execution_options(populate_existing=True)
    )


# Which ones?


def allowed(account: Account, right: Can, *columns: Any) -> Select[Any]:
    """All that `account` has `right` on, as a Select of the model (or of `columns` of it) to be narrowed further."""
    on: Any = RULES[right].on
    if on is None:
        raise TypeError(f"{right} is not about things that can be listed")
    chosen = select(*(columns or (on,)))
    return chosen.select_from(on).join(ACTOR, ACTOR.id == account.id).where(clause(right, ACTOR, on))


def hidden(account: Account, model: Any, *columns: Any) -> Select[Any]:
    """Of the folders or documents in restricted folders, in the trash or not, those that `account` may not know of."""
    chosen = select(*(columns or (model,))).select_from(model).join(ACTOR, ACTOR.id == account.id)
    return chosen.where(model.acl_folder_id.is_not(None), not_(and_(_active(ACTOR), _reading(ACTOR, model))))


def hidden_ids(account: Account, folders: Iterable[str | None], documents: Iterable[str | None]) -> set[str]:
    """Those of these public ids that `account` may not know of: at most one statement for each kind."""
    unknown: set[str] = set()
    for model, ids in ((Folder, folders), (Document, documents)):
        if wanted := {identity for identity in ids if identity}:
            query = hidden(account, model, model.public_id).where(model.public_id.in_(wanted))
            unknown |= set(session.execute(query).scalars())
    return unknown


# May I?


def can(account: Account | None, right: Can, thing: Any = None) -> bool:
    """Whether `account` has `right` on `thing` (on the platform, without one)."""
    if account is None:
        return False
    on: Any = RULES[right].on
    if on is not None and not isinstance(thing, on):
        raise TypeError(f"{right} is about {on.__name__}, not {type(thing).__name__}")
    known = {"me": account.id} if on is None else {"me": account.id, "thing": thing.id}
    return bool(session.execute(_asking(right), known).scalar_one_or_none())


@functools.cache
def _asking(right: Can) -> Select[bool]:
    on: Any = RULES[right].on
    asked = select(clause(right, ACTOR, on))
    if on is None:
        return asked.where(ACTOR.id == ME)
    return asked.select_from(on).join(ACTOR, ACTOR.id == ME).where(on.id == bindparam("thing", type_=BigInt))


@functools.cache
def rights_on(model: type[Any] | None) -> tuple[Can, ...]:
    """All rights that are about `model`."""
    return tuple(right for right, rule in RULES.items() if rule.on is model)


def abilities_of(account: Account, things: Iterable[Any]) -> dict[int, dict[str, bool]]:
    """What `account` may do with each of `things` (all of one model): id → {"read_document": true, …}, in one query."""
    things = list(things)
    if not things:
        return {}
    model: Any = type(things[0])
    rows = session.execute(_abilities(model), {"me": account.id, "things": [thing.id for thing in things]})
    return {row[0]: _named(model, row[1:]) for row in rows}


@functools.cache
def _abilities(model: Any) -> Select[*tuple[Any, ...]]:
    wanted = [clause(right, ACTOR, model) for right in rights_on(model)]
    if model is None:
        return select(*wanted).where(ACTOR.id == ME)
    things = bindparam("things", expanding=True, type_=BigInt)
    return select(model.id, *wanted).join(ACTOR, ACTOR.id == ME).where(model.id.in_(things))


def _named(model: Any, answers: Iterable[Any]) -> dict[str, bool]:
    return {right.value: bool(answer) for right, answer in zip(rights_on(model), answers, strict=True)}


def abilities(account: Account, thing: Any = None) -> dict[str, bool]:
    """What `account` may do with `thing`, or on the platform: {"read_document": true, …}, in one query."""
    if thing is not None:
        return abilities_of(account, [thing])[thing.id]
    return _named(None, session.execute(_abilities(None), {"me": account.id}).one())


@functools.cache
def role_of(actor: Any, space: Any = Space) -> ColumnElement[int | None]:
    """The effective role of an account's row in a space's row, as a column: 0 to 4, or NULL. Only for showing."""
    grant = aliased(Grant)
    most = case((actor.kind == AccountKind.GUEST, Role.CONTRIBUTOR.value), else_=Role.LEAD.value)
    least_of_both = case((grant.role > most, most), else_=grant.role)
    role = case((_unlocked(actor, space), least_of_both), else_=Role.CARD.value)
    held = select(func.max(role)).where(_holds(grant, actor, space.id), _open(space))
    return held.correlate_except(grant).scalar_subquery()


def role_in(account: Account, space: Space) -> Role | None:
    """The effective role of `account` in `space`; None where it has none."""
    found = session.execute(
        select(role_of(ACTOR))
        .select_from(Space)
        .join(ACTOR, ACTOR.id == account.id)
        .where(Space.id == space.id, _active(ACTOR))
    ).scalar_one_or_none()
    return None if found is None else Role(found)


def earliest_end(account: Account, spaces: Iterable[Space]) -> datetime | None:
    """When the first of the grants, delegations or exceptional accesses ends by which `account` reads these spaces.

    None where none of them has an end.
    """
    actor, grant, delegation = aliased(Account), aliased(Grant), aliased(Delegation)
    ids = [space.id for space in spaces]
    by_grant = (
        select(grant.expires_at.label("ends"))
        .select_from(grant)
        .join(actor, actor.id == account.id)
        .where(grant.space_id.in_(ids), grant.role >= Role.READER, _holds(grant, actor, grant.space_id))
    )
    by_delegation = (
        select(delegation.ends_at)
        .join(grant, grant.principal_id == delegation.administration_id)
        .where(
            delegation.account_id == account.id,
            delegation.starts_at <= NOW,
            delegation.ends_at > NOW,
            grant.space_id.in_(ids),
            grant.role >= Role.READER,
            grant.principal_kind == PrincipalKind.ADMINISTRATION,
        )
    )
    by_glass = select(EmergencyAccess.ends_at).where(
        EmergencyAccess.account_id == account.id,
        EmergencyAccess.space_id.in_(ids),
        EmergencyAccess.state == EmergencyState.APPROVED,
        EmergencyAccess.ends_at > NOW,
    )
    ends = by_grant.union_all(by_delegation, by_glass).subquery()
    return session.execute(select(func.min(ends.c.ends))).scalar_one()


# Who?


def accounts_who(right: Can, thing: Any) -> Select[Account]:
    """All accounts that have `right` on `thing`, as a Select to be narrowed (by `Account`), ordered or counted."""
    model = RULES[right].on
    if model is None or not isinstance(thing, model):
        raise TypeError(f"{right} is not about {type(thing).__name__}")
    row: Any = ACTED_UPON if model is Account else model
    return select(Account).where(_there_is(row, row.id == thing.id, clause(right, Account, row)))


# In templates: `can(Can.X, thing)`.


def prime(account: Account, things: Iterable[Any]) -> None:
    """Ask at once what a page will ask of each of `things` (all of one model)."""
    things = list(things)
    g.setdefault("known_abilities", {})
    for identity, answers in abilities_of(account, things).items():
        g.known_abilities[account.id, type(things[0]).__name__, identity] = answers


def _can_in_template(right: Can, thing: Any = None) -> bool:
    account = guarding.current_account._get_current_object()
    if account is None:
        return False
    known: dict[Any, dict[str, bool]] = g.setdefault("known_abilities", {})
    key = (account.id, type(thing).__name__, thing.id if thing is not None else None)
    if key not in known:
        known[key] = abilities(account, thing)
    return known[key][right.value]


def init_app(app: Flask) -> None:
    """Let templates ask their one question."""
    offer(app, Can=Can, can=_can_in_template)


guarding.rule_book = guarding.RuleBook(Can, parameters, obtain)
