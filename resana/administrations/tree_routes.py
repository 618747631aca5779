"""Pages that change the tree: a new administration, its names, its place, its end."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.wrappers import Response

from resana.core.database import session
from resana.core.errors import Conflict, No, NotAllowed, NotThere, Refused
from resana.core.forms import tell
from resana.core.guarding import current_account, guard
from resana.permissions import Can, can, obtain

from . import actions, closing, identity, queries
from .blueprint import bp
from .forms import AdministrationForm, IdentityForm
from .models import Administration

MOST_FOUND = 20


@bp.get("/administration/new")
@guard(Can.CREATE_TOP_ADMINISTRATION)
def new_top() -> str:
    """Where an administration that depends on none is described."""
    return _new_page(None, AdministrationForm(formdata=None))


@bp.post("/administration/new")
@guard(Can.CREATE_TOP_ADMINISTRATION)
def create_top() -> Any:
    """Add it."""
    return _create(None)


@bp.get("/administration/<administration_id>/new")
@guard(Can.CREATE_ADMINISTRATION)
def new(administration: Administration) -> str:
    """Where an administration below this one is described."""
    return _new_page(administration, AdministrationForm(formdata=None, city=administration.city))


@bp.post("/administration/<administration_id>/new")
@guard(Can.CREATE_ADMINISTRATION)
def create(administration: Administration) -> Any:
    """Add it."""
    return _create(administration)


def _create(parent: Administration | None) -> Any:
    form = AdministrationForm()
    if not form.validate():
        return _new_page(parent, form), 422
    try:
        made = actions.create(**_said(form), parent=parent, by=current_account._get_current_object())
    except (Refused, Conflict) as no:
        return _new_page(parent, _told(form, no)), no.status
    flash(_("« %(name)s » est ajoutée.", name=made.name))
    return redirect(url_for("administrations.show", administration_id=made.public_id), 303)


def _new_page(parent: Administration | None, form: AdministrationForm) -> str:
    return render_template("administrations/new.html", parent=parent, form=form)


@bp.get("/administration/<administration_id>/edit")
@guard(Can.EDIT_ADMINISTRATION)
def edit(administration: Administration) -> str:
    """What an administration is called, and by what it is known outside."""
    return _edit_page(administration)


@bp.post("/administration/<administration_id>/edit")
@guard(Can.EDIT_ADMINISTRATION)
def save(administration: Administration) -> Any:
    """Say it anew."""
    form = AdministrationForm()
    if not form.validate():
        return _edit_page(administration, form=form), 422
    try:
        actions.edit(administration, **_said(form), by=current_account._get_current_object())
    except Refused as no:
        return _edit_page(administration, form=_told(form, no)), no.status
    flash(_("C’est enregistré, et se lit partout dès maintenant."))
    return redirect(url_for("administrations.show", administration_id=administration.public_id), 303)


@bp.post("/administration/<administration_id>/identity")
@guard(Can.IDENTIFY_ADMINISTRATION, fresh=True)
def identify(administration: Administration) -> Any:
    """Say by which SIRETs and mail domains it is known."""
    form = IdentityForm()
    if not form.validate():
        return _edit_page(administration, known=form), 422
    try:
        identity.identify(
            administration,
            sirets=_lines(form.sirets.data),
            mail_domains=_lines(form.mail_domains.data),
            by=current_account._get_current_object(),
        )
    except (Refused, Conflict) as no:
        return _edit_page(administration, known=_told(form, no)), no.status
    flash(_("Les SIRET et les domaines de messagerie sont enregistrés."))
    return redirect(url_for("administrations.show", administration_id=administration.public_id), 303)


def _edit_page(
    administration: Administration, *, form: AdministrationForm | None = None, known: IdentityForm | None = None
) -> str:
    if known is None and can(current_account, Can.IDENTIFY_ADMINISTRATION, administration):
        known = IdentityForm(
            formdata=None,
            sirets="\n".join(queries.sirets_of(administration)),
            mail_domains="\n".join(queries.domains_of(administration)),
        )
    return render_template(
        "administrations/edit.html",
        administration=administration,
        form=form or AdministrationForm(formdata=None, obj=administration),
        known=known,
    )


@bp.get("/administration/<administration_id>/move")
@guard(Can.MOVE_ADMINISTRATION)
def place(administration: Administration) -> str:
    """Where to look for the administration on which this one shall depend."""
    return _move_page(administration)


@bp.post("/administration/<administration_id>/move")
@guard(Can.MOVE_ADMINISTRATION, fresh=True)
def move(administration: Administration) -> Any:
    """Move it, with all below it."""
    me = current_account._get_current_object()
    chosen = request.form.get("parent", "")
    try:
        if not chosen:
            raise Refused(_("Choisissez l’administration dont celle-ci dépendra."), "parent")
        parent = None if chosen == "top" else _chosen(Can.CREATE_ADMINISTRATION, chosen)
        actions.move(administration, parent, by=me)
    except (Refused, Conflict) as no:
        session.rollback()
        return _move_page(administration, no), no.status
    if parent is None:
        flash(_("« %(name)s » ne dépend plus d’aucune administration.", name=administration.name))
    else:
        flash(
            _(
                "« %(name)s » dépend maintenant de « %(parent)s » : les accès ont changé aussitôt.",
                name=administration.name,
                parent=parent.name,
            )
        )
    return redirect(url_for("administrations.show", administration_id=administration.public_id), 303)


def _move_page(administration: Administration, no: No | None = None) -> str:
    me, words = current_account._get_current_object(), _words()
    return render_template(
        "administrations/move.html",
        administration=administration,
        above=queries.above(administration),
        words=words,
        found=_first(queries.new_parents(me, administration, words)) if words else [],
        most=MOST_FOUND,
        may_top=can(me, Can.CREATE_TOP_ADMINISTRATION) and administration.parent_id is not None,
        follows=closing.what_follows(administration),
        no=no,
    )


@bp.get("/administration/<administration_id>/closure")
@guard(Can.CLOSE_ADMINISTRATION)
def end(administration: Administration) -> str:
    """Where to look for the successor; and, once one is chosen, what goes there."""
    chosen = request.args.get("successor", "")
    return _end_page(administration, _chosen(Can.CLOSE_ADMINISTRATION, chosen) if chosen else None)


@bp.post("/administration/<administration_id>/closure")
@guard(Can.CLOSE_ADMINISTRATION, fresh=True)
def close(administration: Administration) -> Response | tuple[str, int]:
    """Close it for good."""
    successor = None
    try:
        if not request.form.get("successor"):
            raise Refused(_("Choisissez l’administration qui remplacera celle-ci."), "successor")
        successor = _chosen(Can.CLOSE_ADMINISTRATION, request.form["successor"])
        closing.close(administration, successor, by=current_account._get_current_object())
    except (Refused, Conflict) as no:
        session.rollback()
        return _end_page(administration, None, no), no.status
    flash(
        _(
            "« %(name)s » est fermée. « %(successor)s » a repris tout ce qu’elle avait.",
            name=administration.name,
            successor=successor.name,
        )
    )
    return redirect(url_for("administrations.show", administration_id=successor.public_id), 303)


def _end_page(administration: Administration, successor: Administration | None, no: No | None = None) -> str:
    me, words = current_account._get_current_object(), _words()
    searching = bool(words) and successor is None
    return render_template(
        "administrations/close.html",
        administration=administration,
        successor=successor,
        words=words,
        found=_first(queries.successors(me, administration, words)) if searching else [],
        most=MOST_FOUND,
        follows=closing.what_follows(administration),
        no=no,
    )


def _chosen(right: Can, administration_id: str) -> Administration:
    """The administration that was chosen from what was offered; any other is refused as one that is not there."""
    try:
        found: Administration = obtain(current_account, right, administration_id=administration_id)
    except NotAllowed:
        raise NotThere from None
    return found


def _first(nodes: Select[Any]) -> list[tuple[Administration, list[str]]]:
    found = list(session.execute(nodes.order_by(*queries.ORDER).limit(MOST_FOUND)).scalars())
    paths = queries.paths(found)
    return [(node, paths[node.id]) for node in found]


def _words() -> str:
    return request.values.get("q", "").strip()[:200]


def _lines(text: str | None) -> list[str]:
    return [one for one in (text or "").replace(",", "\n").replace(";", "\n").splitlines() if one.strip()]


def _said(form: AdministrationForm) -> dict[str, Any]:
    return {name: form[name].data or "" for name in ("name", "short_name", "kind", "city")}


def _told(form: Any, no: No) -> Any:
    """The form with what an action refused of it: at its field, or above all."""
    session.rollback()
    if not tell(form, no):
        form.form_errors = [*form.form_errors, no.detail]
    return form
