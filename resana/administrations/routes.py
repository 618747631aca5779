"""Pages of the tree: where an administrator begins, and what one administration is and allows."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from resana.core.guarding import current_account, guard
from resana.permissions import Can, can

from . import actions, queries
from .blueprint import bp
from .forms import PolicyForm
from .models import Administration, SpaceCreation


@bp.get("/administration")
@guard(Can.ADMINISTER)
def index() -> str:
    """Where an administrator begins: what there is to do, and the administrations one answers for."""
    branches = queries.scope_of(current_account._get_current_object())
    return render_template(
        "administrations/index.html", branches=branches, accounts=sum(branch.accounts for branch in branches)
    )


@bp.get("/administration/<administration_id>")
@guard(Can.SEE_ADMINISTRATION)
def show(administration: Administration) -> str:
    """What an administration is; its administrators say here who creates spaces."""
    return _page(administration, PolicyForm(formdata=None, space_creation=administration.space_creation))


@bp.post("/administration/<administration_id>/policy")
@guard(Can.SET_POLICY)
def set_policy(administration: Administration) -> Any:
    """Say who creates spaces."""
    form = PolicyForm()
    if not form.validate():
        return _page(administration, form), 422
    actions.set_policy(
        administration, SpaceCreation(form.space_creation.data), by=current_account._get_current_object()
    )
    flash(_("C’est enregistré, et vaut dès maintenant."))
    return redirect(url_for("administrations.show", administration_id=administration.public_id), 303)


def _page(administration: Administration, form: PolicyForm) -> str:
    me = current_account._get_current_object()
    return render_template(
        "administrations/show.html",
        administration=administration,
        above=queries.above(administration),
        sirets=queries.sirets_of(administration),
        domains=queries.domains_of(administration),
        may_set=can(me, Can.SET_POLICY, administration),
        form=form,
    )
