"""Spaces that are shut: without a lead, or in the trash; what their leads and administrators do about it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.wrappers import Response

from resana.accounts.models import Account
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.guarding import current_account, guard
from resana.permissions import Can, allowed, obtain

from . import actions, keeping, queries
from .blueprint import bp
from .models import Space

PAGE = 100


@bp.get("/administration/spaces")
@guard(Can.ADMINISTER)
def shut() -> str:
    """The spaces of one's administrations that wait for a lead, or lie in the trash."""
    return render_template(
        "spaces/shut.html",
        orphans=_listed(allowed(current_account, Can.APPOINT_LEAD)),
        trashed=_listed(allowed(current_account, Can.RESTORE_SPACE)),
    )


def _listed(spaces: Select[Space]) -> list[Space]:
    return list(session.execute(spaces.order_by(Space.search_title, Space.id).limit(PAGE)).scalars())


@bp.get("/spaces/<space_id>/lead")
@guard(Can.APPOINT_LEAD)
def choose_lead(space: Space) -> str:
    """Where an administrator looks for somebody to lead the space."""
    return _choose_page(space)


@bp.post("/spaces/<space_id>/lead")
@guard(Can.APPOINT_LEAD, fresh=True)
def appoint_lead(space: Space) -> Response | tuple[str, int]:
    """Appoint that person; everybody in the space is told."""
    account: Account = obtain(current_account, Can.SEE_PERSON, account_id=request.form.get("account", ""))
    try:
        keeping.appoint_lead(space, account, by=current_account._get_current_object())
    except Refused as refused:
        session.rollback()
        return _choose_page(space, refused.detail), 422
    flash(
        _(
            "%(name)s est maintenant responsable de « %(title)s ». Les membres en sont informés.",
            name=account.full_name,
            title=space.title,
        )
    )
    return redirect(url_for("home.space", space_id=space.public_id), 303)


def _choose_page(space: Space, problem: str = "") -> str:
    words = request.args.get("q", "").strip()[:100]
    people = queries.people_called(current_account, words) if words else []
    return render_template("spaces/choose_lead.html", space=space, words=words, people=people, problem=problem)


@bp.post("/spaces/<space_id>/trash")
@guard(Can.TRASH_SPACE, fresh=True)
def trash(space: Space) -> Response:
    """Put the space into the trash."""
    actions.trash(space, by=current_account._get_current_object())
    flash(_("L’espace « %(title)s » est à la corbeille. Vous pouvez l’en sortir.", title=space.title))
    return redirect(url_for("home.space", space_id=space.public_id), 303)


@bp.post("/spaces/<space_id>/trash/end")
@guard(Can.RESTORE_SPACE)
def restore(space: Space) -> Response:
    """Bring it back."""
    actions.restore(space, by=current_account._get_current_object())
    flash(_("L’espace « %(title)s » est sorti de la corbeille.", title=space.title))
    return redirect(url_for("home.space", space_id=space.public_id), 303)
