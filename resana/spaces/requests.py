"""Asking: to be let into a space, or for a new one; and the answers."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from resana.accounts.models import Account, AccountStatus
from resana.acts import Act
from resana.administrations import tree
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed
from resana.core.mail import address_of, letter, send
from resana.core.text import line, paragraph
from resana.events import Event
from resana.permissions import Can, accounts_who, obtain

from .actions import LONGEST_DESCRIPTION, LONGEST_PURPOSE, create, may_be_open_to_all
from .grants import let_in
from .guests import admit
from .models import AccessRequest, RequestState, Role, Space, SpaceRequest, Visibility
from .streams import hold, record

LONGEST_REASON = 1_000


@action
def ask_for_access(space: Space, *, reason: str, by: Account) -> AccessRequest:
    """Ask the leads to be let in. Asking again while one waits is the same request."""
    hold(space.stream)
    waiting = session.execute(
        select(AccessRequest).where(
            AccessRequest.space_id == space.id,
            AccessRequest.account_id == by.id,
            AccessRequest.state == RequestState.WAITING,
        )
    ).scalar_one_or_none()
    if waiting is not None:
        return waiting
    asked = AccessRequest(space=space, account=by, reason=paragraph(reason, "reason", LONGEST_REASON))
    session.add(asked)
    session.flush()
    record(Event.ACCESS_REQUESTED, space.stream, by=by, request_id=asked.public_id)
    for lead in session.execute(accounts_who(Can.ANSWER_ACCESS_REQUEST, asked)).scalars():
        send(
            lead.email,
            _("%(name)s demande l’accès à « %(title)s »", name=by.full_name, title=space.title),
            letter(
                lead.first_name,
                _(
                    "%(name)s (%(administration)s) demande l’accès à l’espace « %(title)s ».",
                    name=by.full_name,
                    administration=by.home_administration.name,
                    title=space.title,
                ),
                _("Sa raison : « %(reason)s »", reason=asked.reason) if asked.reason else "",
                address_of("spaces.members", space_id=space.public_id),
            ),
        )
    return asked


@action
def accept_access(asked: AccessRequest, *, role: Role = Role.READER, by: Account) -> None:
    """Let the person in, as a reader unless said otherwise. Raises Conflict where their account is not active."""
    hold(asked.space.stream)
    obtain(by, Can.ANSWER_ACCESS_REQUEST, demand_id=asked.public_id)
    if asked.account.status != AccountStatus.ACTIVE:
        raise Conflict(_("Le compte de cette personne n’est plus actif. Refusez sa demande."))
    _answer(asked, RequestState.ACCEPTED, by)
    if asked.account.is_guest:
        _let_guest_in(asked, role, by)
    else:
        let_in(asked.space, asked.account, role, by=by)
    _record_answer(asked, True, by)
    send(
        asked.account.email,
        _("Vous avez accès à l’espace « %(title)s »", title=asked.space.title),
        letter(
            asked.account.first_name,
            _("%(name)s vous a ouvert l’espace « %(title)s ».", name=by.full_name, title=asked.space.title),
            address_of("home.space", space_id=asked.space.public_id),
        ),
    )


def _let_guest_in(asked: AccessRequest, role: Role, by: Account) -> None:
    """For as long as they are with us anyway: who lets them in for longer says so."""
    if asked.account.valid_until is None or asked.account.valid_until <= now():
        raise Conflict(_("Le compte de cette personne n’est plus actif. Refusez sa demande."))
    try:
        admit(asked.space, asked.account, role, asked.account.valid_until, by=by)
    except NotAllowed as closed:
        raise Conflict(
            _("Cette personne est externe, et cet espace n’accueille pas d’invités externes. Réglez-le d’abord.")
        ) from closed


@action
def refuse_access(asked: AccessRequest, *, by: Account) -> None:
    """Say no to the person."""
    hold(asked.space.stream)
    obtain(by, Can.ANSWER_ACCESS_REQUEST, demand_id=asked.public_id)
    _answer(asked, RequestState.REFUSED, by)
    _record_answer(asked, False, by)
    if not asked.account.is_active:
        return
    send(
        asked.account.email,
        _("Votre demande d’accès à « %(title)s »", title=asked.space.title),
        letter(
            asked.account.first_name,
            _(
                "%(name)s n’a pas retenu votre demande d’accès à l’espace « %(title)s ».",
                name=by.full_name,
                title=asked.space.title,
            ),
            address_of("home.space", space_id=asked.space.public_id),
        ),
    )


def _record_answer(asked: AccessRequest, accepted: bool, by: Account) -> None:
    record(
        Event.ACCESS_ANSWERED,
        asked.space.stream,
        by=by,
        facts={"accepted": accepted, "account": asked.account.public_id},
        request_id=asked.public_id,
    )


@action
def ask_for_space(
    *, title: str, description: str, purpose: str, visibility: Visibility, open_to_read: bool, by: Account
) -> SpaceRequest:
    """Ask the administrators of one's administration for a new space. Raises Refused at the field."""
    tree.stays_open(by.home_administration)
    if visibility == Visibility.AGENTS and open_to_read:
        may_be_open_to_all(by.home_administration)
    asked = SpaceRequest(
        administration=by.home_administration,
        account=by,
        title=line(title, "title"),
        description=paragraph(description, "description", LONGEST_DESCRIPTION),
        purpose=paragraph(purpose, "purpose", LONGEST_PURPOSE),
        visibility=visibility,
        open_to_read=open_to_read,
    )
    session.add(asked)
    session.flush()
    _told(Act.SPACE_REQUESTED, asked, by)
    return asked


@action
def accept_space(asked: SpaceRequest, *, answer: str = "", by: Account) -> Space:
    """Open the space that was asked for; who asked is its lead. Raises Conflict where they have gone since."""
    _hold(asked, by)
    if not asked.account.is_active or asked.account.home_administration_id != asked.administration_id:
        raise Conflict(_("Cette personne n’appartient plus à cette administration. Refusez sa demande."))
    _answer(asked, RequestState.ACCEPTED, by)
    asked.answer = paragraph(answer, "answer", LONGEST_REASON)
    space = create(
        title=asked.title,
        description=asked.description,
        purpose=asked.purpose,
        visibility=Visibility(asked.visibility),
        open_to_read=asked.open_to_read,
        by=asked.account,
    )
    asked.space_id = space.id
    _told(Act.SPACE_REQUEST_ACCEPTED, asked, by)
    send(
        asked.account.email,
        _("Votre espace « %(title)s » est ouvert", title=asked.title),
        letter(
            asked.account.first_name,
            _(
                "%(name)s a accepté votre demande : l’espace « %(title)s » est ouvert.",
                name=by.full_name,
                title=asked.title,
            ),
            _("Sa réponse : « %(answer)s »", answer=asked.answer) if asked.answer else "",
            address_of("home.space", space_id=space.public_id),
        ),
    )
    return space


@action
def refuse_space(asked: SpaceRequest, *, answer: str, by: Account) -> None:
    """Say no, with the reason."""
    _hold(asked, by)
    _answer(asked, RequestState.REFUSED, by)
    asked.answer = paragraph(answer, "answer", LONGEST_REASON, required=True)
    _told(Act.SPACE_REQUEST_REFUSED, asked, by)
    send(
        asked.account.email,
        _("Votre demande d’espace « %(title)s »", title=asked.title),
        letter(
            asked.account.first_name,
            _(
                "%(name)s n’a pas retenu votre demande de l’espace « %(title)s ».",
                name=by.full_name,
                title=asked.title,
            ),
            _("Sa réponse : « %(answer)s »", answer=asked.answer),
            address_of("spaces.index"),
        ),
    )


def _told(act: Act, asked: SpaceRequest, by: Account) -> None:
    facts: dict[str, Any] = {} if asked.account_id == by.id else {"account": asked.account.public_id}
    tell(act, by=by, of=asked, administration_id=asked.administration_id, **facts)


def _hold(asked: SpaceRequest, by: Account) -> None:
    """Have the request to oneself, as it is now: two administrators do not open two spaces, nor does a former one."""
    session.execute(
        select(SpaceRequest)
        .where(SpaceRequest.id == asked.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if asked.state == RequestState.WAITING:
        obtain(by, Can.ANSWER_SPACE_REQUEST, demand_id=asked.public_id)


def _answer(asked: AccessRequest | SpaceRequest, state: RequestState, by: Account) -> None:
    if asked.state != RequestState.WAITING:
        raise Conflict(_("Cette demande a déjà reçu une réponse."))
    asked.state = state
    asked.answered_at = now()
    asked.answered_by_id = by.id
