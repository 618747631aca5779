"""Pages about who administers an administration: who does, appointing somebody, ending it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.administrations.models import Administration
from resana.core.database import session
from resana.core.errors import Conflict, No, Refused
from resana.core.guarding import current_account, guard
from resana.core.words import PARIS
from resana.permissions import Can, allowed, can, obtain

from . import administrators
from .blueprint import bp
from .forms import AppointmentForm
from .models import Account


@bp.get("/administration/<administration_id>/administrators")
@guard(Can.OVERSEE_ADMINISTRATION)
def administrators_page(administration: Administration) -> str:
    """Who administers an administration, and whom one could appoint."""
    return _page(administration, AppointmentForm(formdata=None))


@bp.post("/administration/<administration_id>/administrators")
@guard(Can.APPOINT_ADMINISTRATOR, fresh=True)
def appoint(administration: Administration) -> Any:
    """Let a person administer it, and all below it."""
    me = current_account._get_current_object()
    form = AppointmentForm()
    if not form.validate():
        return _page(administration, form), 422
    try:
        if not form.account_id.data:
            raise Refused(_("Cherchez une personne, puis choisissez-la."), "account_id")
        account: Account = obtain(me, Can.APPOINT_ACCOUNT, account_id=form.account_id.data)
        administrators.appoint(account, administration, by=me, ends_at=_end_of(form))
    except (Refused, Conflict) as no:
        session.rollback()
        return _page(administration, form, no), no.status
    flash(
        _(
            "%(person)s administre maintenant « %(name)s », et l’apprend par courriel.",
            person=account.full_name,
            name=administration.name,
        )
    )
    return redirect(url_for("accounts.administrators_page", administration_id=administration.public_id), 303)


@bp.post("/administration/<administration_id>/administrators/<account_id>/end")
@guard(Can.APPOINT_ADMINISTRATOR, fresh=True)
def dismiss(administration: Administration, account_id: str) -> Response:
    """End it, at once."""
    me = current_account._get_current_object()
    account: Account = obtain(me, Can.APPOINT_ACCOUNT, account_id=account_id)
    administrators.dismiss(account, administration, by=me)
    flash(
        _(
            "%(person)s n’administre plus « %(name)s », et l’apprend par courriel.",
            person=account.full_name,
            name=administration.name,
        )
    )
    return redirect(url_for("accounts.administrators_page", administration_id=administration.public_id), 303)


def _end_of(form: AppointmentForm) -> datetime | None:
    """The end of the day that was chosen."""
    day = form.ends_on.data
    return datetime.combine(day, time(23, 59, 59), PARIS).astimezone(UTC) if day is not None else None


def _page(administration: Administration, form: AppointmentForm, no: No | None = None) -> str:
    me = current_account._get_current_object()
    words = request.values.get("q", "").strip()[:200]
    known = administrators.administrators_of(administration)
    may_appoint = can(me, Can.APPOINT_ADMINISTRATOR, administration)
    mine = set()
    if may_appoint:
        wanted = allowed(me, Can.APPOINT_ACCOUNT, Account.id).where(
            Account.id.in_([one.account.id for one in known if one.here])
        )
        mine = set(session.execute(wanted).scalars())
    return render_template(
        "accounts/administrators.html",
        administration=administration,
        known=known,
        may_appoint=may_appoint,
        may_dismiss=mine,
        words=words,
        found=administrators.appointable_called(me, words) if may_appoint else [],
        form=form,
        no=no,
    )
