"""Breaking the glass: asking, agreeing, ending; two persons, four hours, and everybody concerned is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select

from resana.accounts.models import Account
from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict
from resana.core.mail import send
from resana.core.text import paragraph
from resana.core.words import exactly
from resana.events import Event
from resana.permissions import Can, accounts_who, obtain
from resana.spaces.models import Space
from resana.spaces.queries import leads
from resana.spaces.streams import hold, record, shrink

from .models import EmergencyAccess, EmergencyState

LASTS = timedelta(hours=4)
LONGEST_REASON = 1_000
MOST_TOLD = 50


@action
def ask(space: Space, *, reason: str, by: Account) -> EmergencyAccess:
    """Ask the administrators of the owning administration to be let in. Asking again while one waits is the same."""
    hold(space.stream)
    obtain(by, Can.ASK_EMERGENCY_ACCESS, space_id=space.public_id)
    waiting = session.execute(
        select(EmergencyAccess).where(
            EmergencyAccess.space_id == space.id,
            EmergencyAccess.account_id == by.id,
            EmergencyAccess.state == EmergencyState.WAITING,
        )
    ).scalar_one_or_none()
    if waiting is not None:
        return waiting
    access = EmergencyAccess(space=space, account=by, reason=paragraph(reason, "reason", LONGEST_REASON, required=True))
    session.add(access)
    session.flush()
    _tell(Act.EMERGENCY_ASKED, access, by)
    for one in session.execute(accounts_who(Can.ANSWER_EMERGENCY_ACCESS, access).limit(MOST_TOLD)).scalars():
        send(
            one.email,
            _("Accès exceptionnel demandé à l’espace « %(title)s »", title=space.title),
            _(
                "%(name)s, qui administre la plateforme, demande à lire l’espace « %(title)s » pendant quatre heures. "
                "Son motif :\n\n%(reason)s\n\nVotre accord ou votre refus est attendu ici :\n%(url)s",
                name=by.full_name,
                title=space.title,
                reason=access.reason,
                url=_url(),
            ),
        )
    return access


@action
def approve(access: EmergencyAccess, *, by: Account) -> None:
    """Agree: for four hours, the asker reads and changes nothing. Raises Conflict where it has an answer already."""
    space = _answer(access, EmergencyState.APPROVED, by)
    if not access.account.is_active or not access.account.platform_admin:
        raise Conflict(_("Cette personne n’administre plus la plateforme. Refusez sa demande."))
    access.ends_at = now() + LASTS
    session.flush()
    _show(space)
    record(Event.EMERGENCY_OPENED, space.stream, by=by, facts=_facts(access), access_id=access.public_id)
    words = {
        "name": access.account.full_name,
        "by": by.full_name,
        "title": space.title,
        "until": exactly(access.ends_at),
        "reason": access.reason,
        "url": _url(),
    }
    for lead in leads(space):
        send(
            lead.email,
            _("Un accès exceptionnel est ouvert à votre espace « %(title)s »", title=space.title),
            _(
                "%(name)s, qui administre la plateforme, peut lire l’espace « %(title)s » jusqu’au %(until)s, "
                "sans rien y changer. %(by)s a donné son accord. Le motif :\n\n%(reason)s\n\n"
                "Chaque lecture est inscrite au journal de l’espace. Vous pouvez y mettre fin ici :\n%(url)s",
                **words,
            ),
        )
    send(
        access.account.email,
        _("Votre accès exceptionnel à l’espace « %(title)s » est ouvert", title=space.title),
        _(
            "%(by)s a donné son accord : vous pouvez lire l’espace « %(title)s » jusqu’au %(until)s. "
            "Chaque lecture est inscrite au journal.",
            **words,
        ),
    )


@action
def refuse(access: EmergencyAccess, *, by: Account) -> None:
    """Say no. Raises Conflict where it has an answer already."""
    space = _answer(access, EmergencyState.REFUSED, by)
    _tell(Act.EMERGENCY_REFUSED, access, by)
    send(
        access.account.email,
        _("Votre accès exceptionnel à l’espace « %(title)s » est refusé", title=space.title),
        _("%(by)s n’a pas donné son accord.", by=by.full_name),
    )


@action
def end(access: EmergencyAccess, *, by: Account) -> None:
    """End it before its time; it has no effect from the next statement on. Safe to call twice."""
    hold(access.space.stream)
    session.refresh(access, with_for_update={"of": EmergencyAccess})
    if access.ends_at is None or access.ends_at <= now():
        return
    obtain(by, Can.END_EMERGENCY_ACCESS, access_id=access.public_id)
    access.ends_at = now()
    session.flush()
    shrink(access.space.stream)
    _show(access.space)
    record(Event.EMERGENCY_ENDED, access.space.stream, by=by, facts=_facts(access), access_id=access.public_id)


@action
def note_reading(access: EmergencyAccess, thing: object | None, page: str) -> None:
    """Write down that the glass was broken to read this."""
    tell(
        Act.EMERGENCY_READ,
        by=access.account,
        of=thing,
        named=("page", page),
        space_id=access.space_id,
        administration_id=access.space.owner_administration_id,
        access=access.public_id,
    )


def _answer(access: EmergencyAccess, state: EmergencyState, by: Account) -> Space:
    space = access.space
    hold(space.stream)
    session.refresh(access, with_for_update={"of": EmergencyAccess})
    if access.state != EmergencyState.WAITING:
        raise Conflict(_("Cette demande a déjà reçu une réponse."))
    obtain(by, Can.ANSWER_EMERGENCY_ACCESS, access_id=access.public_id)
    access.state, access.answered_at, access.answered_by_id = state, now(), by.id
    if state == EmergencyState.APPROVED:
        access.ends_at = now()
    session.flush()
    return space


def _show(space: Space) -> None:
    """Keep with the space until when its banner is shown."""
    until: datetime | None = session.execute(
        select(func.max(EmergencyAccess.ends_at)).where(
            EmergencyAccess.space_id == space.id,
            EmergencyAccess.state == EmergencyState.APPROVED,
            EmergencyAccess.ends_at > now(),
        )
    ).scalar()
    space.emergency_until = until
    session.flush()


def _tell(act: Act, access: EmergencyAccess, by: Account) -> None:
    place = access.space.owner_administration_id
    tell(act, by=by, of=access, space_id=access.space_id, administration_id=place, account=access.account.public_id)


def _facts(access: EmergencyAccess) -> dict[str, str]:
    assert access.ends_at is not None
    return {"account": access.account.public_id, "until": access.ends_at.isoformat()}


def _url() -> str:
    path = current_app.url_map.bind("localhost").build("emergency.index")
    return f"{current_app.config['SETTINGS'].address}{path}"
