"""The form of the page that is not there, and what is said once it is sent."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from resana.core.errors import Refused
from resana.core.forms import Form, tell
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.spaces.requests import LONGEST_REASON

from . import bp, dead_ends


class AskForm(Form):
    """Why one asks; and the address, where the browser does not say which page it comes from."""

    address = StringField(
        _l("Adresse de la page"),
        [Length(max=2000, message=_l("Cette adresse est trop longue."))],
        description=_l("Copiez le lien que l’on vous a donné : il mène à un espace, un document ou une discussion."),
    )
    reason = TextAreaField(
        _l("Pourquoi en avez-vous besoin ?"),
        [
            DataRequired(_l("Dites en une phrase pourquoi vous en avez besoin.")),
            Length(max=LONGEST_REASON, message=_l("1 000 caractères au plus.")),
        ],
        description=_l("Une phrase suffit ; les responsables de l’espace la liront."),
    )


@bp.get("/access-requests/new")
@guard(SIGNED_IN)
def ask_access() -> str:
    """Where one asks for what a link leads to."""
    return render_template("home/ask_access.html", form=AskForm())


@bp.post("/access-requests")
@guard(SIGNED_IN)
def send_access_request() -> Any:
    """Have the leads asked, if there is something; the answer is the same if there is not."""
    form = AskForm()
    # The page that is not there does not repeat its address: it is the same for all; the browser says where it was.
    place = dead_ends.place_of(form.address.data or request.referrer or "")
    if form.address.data is None or not form.address.data.strip():
        form.address.data = request.referrer if place is not None else ""
    if not form.validate():
        return render_template("home/ask_access.html", form=form), 422
    if place is None:
        form.address.errors = [_l("Cette adresse ne mène ni à un espace, ni à un document, ni à une discussion.")]
        return render_template("home/ask_access.html", form=form), 422
    try:
        dead_ends.ask(place, reason=form.reason.data or "", by=current_account)
    except Refused as refused:
        if not tell(form, refused):
            raise
        return render_template("home/ask_access.html", form=form), 422
    return redirect(url_for("home.access_asked"), 303)


@bp.get("/access-requests/sent")
@guard(SIGNED_IN)
def access_asked() -> str:
    """What happens next, whether there is something at that address or not."""
    return render_template("home/access_asked.html")
