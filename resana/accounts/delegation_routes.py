"""Pages by which administrators receive an agent for a while, and end that."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.core.forms import Form, tell
from resana.core.guarding import current_account, guard
from resana.core.words import PARIS
from resana.permissions import Can, obtain

from . import delegations, queries
from .blueprint import bp
from .life_models import Delegation
from .models import Account

PAGE = 200
MOST_FOUND = 20


class DelegationForm(Form):
    """Where, from when to when, and why."""

    administration_id = SelectField(
        _l("Administration qui accueille"), [DataRequired(_l("Choisissez une administration."))], validate_choice=False
    )
    starts_at = DateField(_l("Du"), [InputRequired(_l("Choisissez une date."))], default=lambda: now().date())
    ends_at = DateField(
        _l("Au"), [InputRequired(_l("Choisissez une date."))], description=_l("Ce jour compris ; un an au plus.")
    )
    reason = TextAreaField(
        _l("Pourquoi"),
        [
            DataRequired(_l("Dites pourquoi, par exemple « Intérim du chef de service ».")),
            Length(max=delegations.LONGEST_REASON, message=_l("1 000 caractères au plus.")),
        ],
    )


@bp.get("/administration/delegations")
@guard(Can.ADMINISTER)
def list_delegations() -> str:
    """Who also belongs to one's administrations for a while, or to others from one's own."""
    me = current_account._get_current_object()
    words = request.args.get("q", "").strip()[:100]
    people = []
    if words:
        found = queries.directory(me, words).order_by(*queries.ORDER).limit(MOST_FOUND)
        people = [one for one in session.execute(found).scalars() if one.id != me.id]
    rows = session.execute(delegations.administered(me).limit(PAGE)).scalars().all()
    return render_template("accounts/delegations.html", rows=rows, words=words, people=people, present=now())


@bp.get("/administration/delegations/new/<account_id>")
@guard(Can.SEE_PERSON)
def new_delegation(account: Account) -> str:
    """Where an administrator says where, from when to when, and why."""
    return _new_page(account, DelegationForm(formdata=None))


def _new_page(account: Account, form: DelegationForm, problem: str = "") -> str:
    obtain(current_account, Can.ADMINISTER)
    form.administration_id.choices = [
        SelectChoice(place.public_id, f"{place.name} ({place.city})")
        for place in queries.places_for_accounts(current_account)
        if place.id != account.home_administration_id
    ]
    return render_template("accounts/new_delegation.html", account=account, form=form, problem=problem)


@bp.post("/administration/delegations/new/<account_id>")
@guard(Can.SEE_PERSON, fresh=True)
def grant_delegation(account: Account) -> Any:
    """Have the agent belong there for a while."""
    me = current_account._get_current_object()
    form = DelegationForm()
    if not form.validate():
        return _new_page(account, form), 422
    place = queries.place_for_accounts(me, form.administration_id.data)
    try:
        delegations.grant(
            account,
            place,
            starts_at=_moment(form.starts_at.data, time.min),
            ends_at=_moment(form.ends_at.data, time(23, 59, 59)),
            reason=form.reason.data or "",
            by=me,
        )
    except (Refused, Conflict) as no:
        session.rollback()
        return _new_page(account, form, "" if tell(form, no) else no.detail), no.status
    flash(_("%(name)s appartient aussi à « %(place)s », pour un temps.", name=account.full_name, place=place.name))
    return redirect(url_for("accounts.list_delegations"), 303)


def _moment(day: Any, at: time) -> datetime:
    return datetime.combine(day, at, PARIS).astimezone(UTC)


@bp.post("/administration/delegations/<delegation_id>/end")
@guard(Can.END_DELEGATION, fresh=True)
def end_delegation(delegation: Delegation) -> Response:
    """End it now."""
    delegations.end(delegation, by=current_account._get_current_object())
    flash(_("L’intérim de %(name)s a pris fin.", name=delegation.account.full_name))
    return redirect(url_for("accounts.list_delegations"), 303)
