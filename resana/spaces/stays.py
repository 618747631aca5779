"""How long guests stay: in a space until the end of their grant, with us until the end of the last of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from resana.accounts import guests
from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.jobs import enqueue, job
from resana.core.mail import send
from resana.core.words import day_of

from .models import Grant, PrincipalKind

WARNED_BEFORE = timedelta(days=7)


def settle(account: Account, *, by: Account) -> None:
    """Let a guest's account end with the last of their grants: at once, where none is left. Within an action."""
    if not account.is_guest:
        return
    session.flush()
    last = session.execute(
        select(func.max(Grant.expires_at)).where(
            Grant.principal_kind == PrincipalKind.ACCOUNT, Grant.principal_id == account.id, Grant.expires_at > now()
        )
    ).scalar_one()
    guests.stay_until(account, last or now(), by=by)


def guest_of(grant: Grant) -> Account | None:
    """The guest to whom a grant speaks; None where it speaks to anybody else."""
    if grant.principal_kind != PrincipalKind.ACCOUNT:
        return None
    account = session.get(Account, grant.principal_id)
    return account if account is not None and account.is_guest else None


def will_warn(grant: Grant, ends_at: datetime) -> None:
    """Have the guest and their sponsor told a week before the end. Within an action."""
    grant.reminded_at = None
    at = ends_at - WARNED_BEFORE
    if at > now():
        enqueue("guest_ends_soon", {"grant_id": grant.id, "ends_at": ends_at.isoformat()}, not_before=at)


@job("guest_ends_soon")
def warn(payload: dict[str, Any]) -> None:
    """Tell them, unless it has been prolonged, shortened, ended or told meanwhile."""
    _warn(int(payload["grant_id"]), datetime.fromisoformat(payload["ends_at"]))


@action
def _warn(grant_id: int, ends_at: datetime) -> None:
    grant = session.execute(
        select(Grant).where(Grant.id == grant_id).with_for_update(of=Grant).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if grant is None or grant.expires_at != ends_at or grant.reminded_at is not None or ends_at <= now():
        return
    account = guest_of(grant)
    if account is None or not account.is_active:
        return
    grant.reminded_at = now()
    sponsor = guests.sponsor_of(account)
    said = {"title": grant.space.title, "day": day_of(ends_at), "name": account.full_name}
    send(
        account.email,
        _("Votre accès à l’espace « %(title)s » se termine le %(day)s", **said),
        _(
            "Bonjour %(name)s,\n\n"
            "Votre accès à l’espace « %(title)s » se termine le %(day)s. Après cette date, il ne restera rien d’ouvert "
            "pour vous dans cet espace.\n\n"
            "S’il vous le faut plus longtemps, dites-le à la personne qui vous y a invité.\n",
            **said,
        ),
    )
    if sponsor is not None and sponsor.is_active:
        send(
            sponsor.email,
            _("L’accès de %(name)s se termine le %(day)s", **said),
            _(
                "Bonjour,\n\n"
                "L’accès de %(name)s à l’espace « %(title)s » se termine le %(day)s. "
                "Un responsable de l’espace peut le prolonger, sur la page de ses membres. "
                "Sans cela, il n’en restera rien après cette date.\n",
                **said,
            ),
        )
