"""Pages by which administrators manage the accounts of their sub-tree, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from resana.administrations.models import Administration
from resana.core.api import keyset
from resana.core.errors import Conflict, Refused, TooMany
from resana.core.forms import tell
from resana.core.guarding import current_account, guard
from resana.core.text import is_id
from resana.permissions import Can

from . import actions, administrators, erasing, life, links, queries
from .blueprint import bp
from .factors import policy, resets
from .forms import AccountForm, NewAccountForm
from .models import Account

PAGE = 50
MOST_PLACES = 200
"""More administrations than this are no list to choose from: they are found in the tree."""


@bp.get("/administration/accounts")
@guard(Can.ADMINISTER)
def administer() -> str:
    """The accounts one answers for, found by name, state and administration; the filters stay in the address."""
    me = current_account._get_current_object()
    words = request.args.get("q", "").strip()[:200]
    chosen = request.args.get("administration", "")
    place = queries.place_for_accounts(me, chosen) if chosen else None
    places = queries.places_for_accounts(me, MOST_PLACES + 1)
    team_lead = True if request.args.get("team_lead") else None
    found = queries.administered(me, words=words, administration=place, team_lead=team_lead)
    counts = queries.counts_by_status(found)
    status = queries.status_of(request.args.get("status", ""))
    if status is not None:
        found = found.where(Account.status == status)
    rows, following = keyset(
        found, queries.ORDER, queries.ORDER_KINDS, cursor=request.args.get("cursor") or None, limit=PAGE
    )
    filters = {
        name: value
        for name, value in (
            ("q", words),
            ("administration", chosen),
            ("team_lead", "1" if team_lead else ""),
            ("status", status.value if status is not None else ""),
        )
        if value
    }
    return render_template(
        "accounts/administer.html",
        accounts=[row[0] for row in rows],
        following=following,
        counts=counts,
        total=sum(counts.values()),
        words=words,
        status=status,
        place=place,
        team_lead=team_lead,
        filters=filters,
        places=places if len(places) <= MOST_PLACES else [],
        is_continued="cursor" in request.args,
    )


@bp.get("/administration/accounts/new")
@guard(Can.ADMINISTER)
def new() -> str:
    """Where an account is described before it is opened."""
    chosen = request.args.get("administration", "")
    place = queries.place_for_accounts(current_account, chosen) if chosen else None
    form = NewAccountForm(formdata=None, administration_id=place.public_id if place is not None else None)
    return _new_page(form)


@bp.post("/administration/accounts")
@guard(Can.ADMINISTER)
def create() -> Any:
    """Open the account, and mail its holder a link."""
    form = NewAccountForm()
    if not form.validate():
        return _new_page(form), 422
    place = queries.place_for_accounts(current_account, form.administration_id.data)
    try:
        account = actions.invite(
            email=form.email.data or "",
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            job_title=form.job_title.data or "",
            team_lead=bool(form.team_lead.data),
            administration=place,
            by=current_account._get_current_object(),
        )
    except (Refused, Conflict) as no:
        if not tell(form, no):
            raise
        return _new_page(form), 409 if isinstance(no, Conflict) else 422
    flash(_("Le compte est ouvert. Un lien pour choisir un mot de passe part à %(email)s.", email=account.email))
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)


def _new_page(form: NewAccountForm) -> str:
    _offer_places(form, None)
    return render_template("accounts/new.html", form=form)


@bp.get("/administration/accounts/<account_id>")
@guard(Can.ADMINISTER_ACCOUNT)
def edit(account: Account) -> str:
    """All that an administrator may change of an account."""
    return _edit_page(account)


@bp.post("/administration/accounts/<account_id>")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
def save(account: Account) -> Any:
    """Correct what is said of the person, or move them."""
    form = AccountForm()
    if not form.validate():
        return _edit_page(account, form), 422
    chosen = form.administration_id.data
    home = account.home_administration
    place = home if chosen == home.public_id else queries.place_for_accounts(current_account, chosen)
    try:
        actions.change(
            account,
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            job_title=form.job_title.data or "",
            team_lead=bool(form.team_lead.data),
            by=current_account._get_current_object(),
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _edit_page(account, form), 422
    if place.id != home.id:
        return redirect(url_for("spaces.transfer", account_id=account.public_id, to=place.public_id), 303)
    flash(_("Le compte est enregistré."))
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)


def _edit_page(account: Account, form: AccountForm | None = None) -> str:
    form = form or AccountForm(formdata=None, obj=account, administration_id=account.home_administration.public_id)
    _offer_places(form, account.home_administration)
    return render_template(
        "accounts/edit.html",
        account=account,
        form=form,
        scopes=administrators.scopes_of(account),
        has_factor=policy.has_one(account),
        reset=resets.waiting(account),
    )


def _offer_places(form: AccountForm, home: Administration | None) -> None:
    places = queries.places_for_accounts(current_account)
    if home is not None and home.id not in {place.id for place in places}:
        places.insert(0, home)
    choices = [SelectChoice(place.public_id, f"{place.name} ({place.city})") for place in places]
    if home is None:
        choices.insert(0, SelectChoice("", _("Choisissez une administration")))
    form.administration_id.choices = choices
    if not is_id(form.administration_id.data or ""):
        form.administration_id.data = ""


@bp.post("/administration/accounts/<account_id>/suspension")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
def suspend(account: Account) -> Response:
    """Close the account for a while."""
    return _done(account, life.suspend, _("Le compte est suspendu : ses connexions sont fermées."))


@bp.post("/administration/accounts/<account_id>/reactivation")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
def reactivate(account: Account) -> Response:
    """Open the account again."""
    return _done(account, life.reactivate, _("Le compte est réactivé, avec les mêmes accès qu’auparavant."))


@bp.post("/administration/accounts/<account_id>/deactivation")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
def deactivate(account: Account) -> Response:
    """Close the account of somebody who has left."""
    return _done(
        account,
        life.deactivate,
        _("Le compte est désactivé. Ce que la personne a écrit et déposé reste dans les espaces."),
    )


@bp.post("/administration/accounts/<account_id>/erasure")
@guard(Can.ERASE_ACCOUNT, fresh=True)
def erase(account: Account) -> Response:
    """Forget who the person was, for good."""
    erasing.erase(account, by=current_account._get_current_object())
    flash(_("Le compte est effacé. Les documents et les messages restent, sous le nom « Compte effacé »."))
    return redirect(url_for("accounts.administer"), 303)


@bp.post("/administration/accounts/<account_id>/link")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
def send_link(account: Account) -> Response:
    """Mail the person a link to choose a password."""
    try:
        links.send_link(account, by=current_account._get_current_object())
    except (Conflict, TooMany) as enough:
        flash(enough.detail, "warning")
        return _back(account)
    flash(_("Un lien part à %(email)s.", email=account.email))
    return _back(account)


def _done(account: Account, verb: Callable[..., object], words: str) -> Response:
    """Do it and say so; or say what a colleague has done meanwhile."""
    try:
        verb(account, by=current_account._get_current_object())
    except Conflict as conflict:
        flash(conflict.detail, "warning")
        return _back(account)
    flash(words)
    return _back(account)


def _back(account: Account) -> Response:
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)
