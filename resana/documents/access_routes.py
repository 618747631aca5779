"""Pages about who sees a folder: restricting it, letting people in, opening it again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.accounts.models import Account
from resana.core.errors import Conflict, Refused
from resana.core.guarding import current_account, guard
from resana.permissions import Can, can, prime
from resana.spaces.member_routes import role_of_code
from resana.spaces.models import PrincipalKind, Role
from resana.spaces.queries import agents_below, leads
from resana.spaces.words import role_name

from . import bp, restricting
from .audiences import around_of, audience_at, persons
from .models import Folder, FolderGrant
from .readers import administrations_to_let_in, inside, people_to_let_in, principal_named
from .routes import steps_to


@bp.get("/folders/<folder_id>/access")
@guard(Can.READ_FOLDER)
def access(folder: Folder) -> str:
    """Who sees a folder; and, for those who may, restricting it or letting somebody in."""
    return _page(folder)


@bp.post("/folders/<folder_id>/restriction")
@guard(Can.RESTRICT_FOLDER)
def restrict(folder: Folder) -> Response | tuple[str, int]:
    """Show a folder to some of those who read the space only."""
    try:
        restricting.restrict(folder, by=_me())
    except Conflict as no:
        return _page(folder, no.detail), 409
    flash(_("« %(name)s » est maintenant restreint. Choisissez qui le voit avec vous.", name=folder.name))
    return _back(folder)


@bp.post("/folders/<folder_id>/restriction/end")
@guard(Can.RESTRICT_FOLDER)
def open_up(folder: Folder) -> Response | tuple[str, int]:
    """Show a restricted folder to the whole space again."""
    try:
        restricting.open_up(folder, by=_me())
    except Conflict as no:
        return _page(folder, no.detail), 409
    flash(_("Tout l’espace voit maintenant « %(name)s ».", name=folder.name))
    return _back(folder)


@bp.post("/folders/<folder_id>/access")
@guard(Can.RESTRICT_FOLDER)
def let_in(folder: Folder) -> Response | tuple[str, int]:
    """Let a person or an administration see a restricted folder."""
    kind = request.form.get("kind", "")
    principal = principal_named(kind, request.form.get("principal", ""), _me())
    role = role_of_code(request.form.get("role", ""))
    try:
        restricting.let_in(folder, principal, role, by=_me(), subtree=kind == PrincipalKind.SUBTREE)
    except (Refused, Conflict) as no:
        return _page(folder, no.detail), no.status
    name = principal.full_name if isinstance(principal, Account) else principal.name
    flash(_("%(name)s voit maintenant ce dossier.", name=name))
    return _back(folder)


@bp.post("/folder-access/<folder_grant_id>/role")
@guard(Can.CHANGE_FOLDER_GRANT)
def change_folder_role(folder_grant: FolderGrant) -> Response:
    """Change a role in a restricted folder."""
    restricting.change_role(folder_grant, role_of_code(request.form.get("role", "")), by=_me())
    flash(_("Le rôle est changé."))
    return _back(folder_grant.folder)


@bp.post("/folder-access/<folder_grant_id>/removal")
@guard(Can.CHANGE_FOLDER_GRANT)
def put_out(folder_grant: FolderGrant) -> Response:
    """Take a role in a restricted folder away."""
    folder = folder_grant.folder
    restricting.put_out(folder_grant, by=_me())
    flash(_("L’accès au dossier est retiré. Il n’a plus d’effet dès maintenant."))
    if not can(_me(), Can.READ_FOLDER, folder):
        return redirect(url_for("documents.index", space_id=folder.space.public_id), 303)
    return _back(folder)


def _page(folder: Folder, refused: str = "") -> str:
    account, space = _me(), folder.space
    may = can(account, Can.RESTRICT_FOLDER, folder)
    words = request.args.get("q", "").strip()[:100]
    people: list[Any] = []
    administrations: list[Any] = []
    if words and folder.restricted and may:
        people = people_to_let_in(account, space, words)
        administrations = administrations_to_let_in(account, space, words)
    rows = inside(folder) if folder.restricted else []
    prime(account, [row.grant for row in rows])
    shown = [row.administration for row in rows if row.administration is not None]
    return render_template(
        "documents/access.html",
        space=space,
        folder=folder,
        around=around_of(folder),
        steps=steps_to(space, folder, _("Qui voit ce dossier")),
        section="documents",
        audience=None,
        here=audience_at(folder, space),
        everybody=persons(audience_at(None, space)),
        present=persons(audience_at(folder, space)),
        refused=refused,
        may=may,
        rows=rows,
        agents=agents_below([*shown, *administrations]),
        already={(row.grant.principal_kind, row.grant.principal_id) for row in rows},
        leads=leads(space),
        words=words,
        people=people,
        administrations=administrations,
        choices=_choices(folder),
    )


def _choices(folder: Folder) -> list[tuple[str, str]]:
    most = Role.MODERATOR if can(_me(), Can.EDIT_SPACE, folder.space) else Role.CONTRIBUTOR
    return [(role.code, role_name(role).capitalize()) for role in Role if Role.READER <= role <= most]


def _back(folder: Folder) -> Response:
    return redirect(url_for("documents.access", folder_id=folder.public_id), 303)


def _me() -> Account:
    account: Account = current_account._get_current_object()
    return account
