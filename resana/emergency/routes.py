"""Pages of exceptional accesses: asking for one, and all those that concern one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.forms import tell
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.permissions import Can, allowed, prime
from resana.spaces.models import Space

from . import actions, bp
from .forms import AskForm
from .models import EmergencyAccess

PAGE = 100


@bp.get("/emergency-accesses")
@guard(SIGNED_IN)
def index() -> str:
    """Those that one asked for, may answer, or whose space one leads; the latest first."""
    query = allowed(current_account, Can.SEE_EMERGENCY_ACCESS).order_by(EmergencyAccess.id.desc()).limit(PAGE)
    accesses = session.execute(query).scalars().all()
    prime(current_account, accesses)
    return render_template("emergency/index.html", accesses=accesses, present=now())


@bp.get("/spaces/<space_id>/emergency-access")
@guard(Can.ASK_EMERGENCY_ACCESS)
def ask(space: Space) -> str:
    """Where one says why."""
    return render_template("emergency/ask.html", space=space, form=AskForm(formdata=None))


@bp.post("/spaces/<space_id>/emergency-access")
@guard(Can.ASK_EMERGENCY_ACCESS, fresh=True)
def send(space: Space) -> Response | tuple[str, int]:
    """Ask."""
    form = AskForm()
    try:
        if not form.validate():
            return render_template("emergency/ask.html", space=space, form=form), 422
        actions.ask(space, reason=form.reason.data or "", by=current_account._get_current_object())
    except Refused as refused:
        if not tell(form, refused):
            raise
        return render_template("emergency/ask.html", space=space, form=form), 422
    flash(_("Votre demande est envoyée à l’administration propriétaire. Rien n’est ouvert sans son accord."))
    return redirect(url_for("emergency.index"), 303)


@bp.post("/emergency-accesses/<access_id>/approval")
@guard(Can.ANSWER_EMERGENCY_ACCESS, fresh=True)
def approve(access: EmergencyAccess) -> Response:
    """Agree."""
    actions.approve(access, by=current_account._get_current_object())
    flash(_("L’accès est ouvert pour quatre heures ; les responsables de l’espace sont prévenus."))
    return redirect(url_for("emergency.index"), 303)


@bp.post("/emergency-accesses/<access_id>/refusal")
@guard(Can.ANSWER_EMERGENCY_ACCESS)
def refuse(access: EmergencyAccess) -> Response:
    """Say no."""
    actions.refuse(access, by=current_account._get_current_object())
    flash(_("La demande est refusée ; la personne est prévenue."))
    return redirect(url_for("emergency.index"), 303)


@bp.post("/emergency-accesses/<access_id>/end")
@guard(Can.END_EMERGENCY_ACCESS)
def end(access: EmergencyAccess) -> Response:
    """End it before its time."""
    actions.end(access, by=current_account._get_current_object())
    flash(_("L’accès exceptionnel est terminé. Il n’a plus d’effet dès maintenant."))
    return redirect(url_for("emergency.index"), 303)
