"""Pages of the tree: where an administrator begins, and what one administration is and allows."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from resana.core.api import keyset
from resana.core.guarding import current_account, guard
from resana.permissions import Can, can

from . import actions, queries
from .blueprint import bp
from .forms import PolicyForm
from .models import AccountOpening, Administration, FactorPolicy, SpaceCreation

PAGE = 100
FOUND = 50


@bp.get("/administration")
@guard(Can.BROWSE_ADMINISTRATIONS)
def index() -> str:
    """Where an administrator begins: what there is to do, and the administrations one answers for, or those found."""
    me = current_account._get_current_object()
    words = request.args.get("q", "").strip()[:200]
    closed = bool(request.args.get("closed"))
    searching = bool(words) or closed
    wanted = queries.overseen(me, words, closed=closed) if searching else queries.tops(me)
    rows, following = keyset(
        wanted,
        queries.ORDER,
        queries.ORDER_KINDS,
        cursor=request.args.get("cursor") or None,
        limit=FOUND if searching else PAGE,
    )
    nodes = [row[0] for row in rows]
    # Whose scope is one administration sees at once what stands below it.
    opened = nodes[0] if len(nodes) == 1 and not searching and not request.args.get("cursor") else None
    below, more_below = _below(opened) if opened is not None else ([], None)
    return render_template(
        "administrations/index.html",
        words=words,
        closed=closed,
        searching=searching,
        branches=queries.branches(me, nodes),
        paths=queries.paths(nodes) if searching else {},
        following=following,
        opened=opened,
        below=below,
        more_below=more_below,
        accounts=queries.accounts_of(me),
        is_continued="cursor" in request.args,
    )


@bp.get("/administration/<administration_id>/below")
@guard(Can.OVERSEE_ADMINISTRATION)
def below(administration: Administration) -> str:
    """What depends on an administration directly: a page, and what the tree unfolds."""
    branches, following = _below(administration, request.args.get("cursor") or None)
    return render_template(
        "administrations/below.html",
        administration=administration,
        above=queries.above(administration),
        branches=branches,
        following=following,
    )


def _below(administration: Administration, cursor: str | None = None) -> tuple[list[queries.Branch], str | None]:
    me = current_account._get_current_object()
    rows, following = keyset(
        queries.directly_below(me, administration), queries.ORDER, queries.ORDER_KINDS, cursor=cursor, limit=PAGE
    )
    return queries.branches(me, [row[0] for row in rows]), following


@bp.get("/administration/<administration_id>")
@guard(Can.SEE_ADMINISTRATION)
def show(administration: Administration) -> str:
    """What an administration is; its administrators say here what it allows."""
    return _page(administration, PolicyForm(formdata=None, obj=administration))


@bp.post("/administration/<administration_id>/policy")
@guard(Can.SET_POLICY, fresh=True)
def set_policy(administration: Administration) -> Any:
    """Say what an administration allows, and what it demands."""
    form = PolicyForm()
    if not form.validate():
        return _page(administration, form), 422
    actions.set_policy(
        administration,
        SpaceCreation(form.space_creation.data),
        all_agents_may_read=bool(form.all_agents_may_read.data),
        account_opening=AccountOpening(form.account_opening.data),
        second_factor=FactorPolicy(form.second_factor.data),
        by=current_account._get_current_object(),
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
        may_set=can(me, Can.SET_POLICY, administration) and administration.status == "active",
        form=form,
    )
