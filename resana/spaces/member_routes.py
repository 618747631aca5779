"""Pages about who is in a space: bringing in, changing a role, taking it away, joining, leaving."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.accounts.models import Account
from resana.administrations.models import Administration
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.core.guarding import current_account, guard
from resana.permissions import Can, can, obtain, role_in

from . import grants, guests, invitations, queries
from .audience import audience_of
from .blueprint import bp
from .forms import role_choices
from .guest_forms import last_day
from .models import AccessRequest, Grant, PrincipalKind, Role, Space


@bp.get("/spaces/<space_id>/members")
@guard(Can.SEE_MEMBERS)
def members(space: Space) -> str:
    """Who is in the space; and, for those who may, whom to bring in."""
    return _page(space)


@bp.post("/spaces/<space_id>/members")
@guard(Can.INVITE_AGENT)
def bring_in(space: Space) -> Response:
    """Give a role to a person or to an administration."""
    kind, principal_id = request.form.get("kind", ""), request.form.get("principal", "")
    principal = principal_of(kind, principal_id, space)
    grants.bring_in(
        space,
        principal,
        role_of_code(request.form.get("role", "")),
        by=current_account,
        their_role=_their_role(space),
        subtree=kind == PrincipalKind.SUBTREE,
    )
    name = principal.full_name if isinstance(principal, Account) else principal.name
    flash(_("%(name)s a maintenant accès à l’espace.", name=name))
    return redirect(url_for("spaces.members", space_id=space.public_id), 303)


@bp.post("/grants/<grant_id>/role")
@guard(Can.CHANGE_GRANT)
def change_role(grant: Grant) -> Response:
    """Change a member's role."""
    page, role = url_for("spaces.members", space_id=grant.space.public_id), role_of_code(request.form.get("role", ""))
    try:
        grants.change(grant, role, by=current_account, their_role=_their_role(grant.space), expires_at=grant.expires_at)
    except Conflict as last:
        return _kept(last, page)
    flash(_("Le rôle est changé."))
    return redirect(page, 303)


@bp.post("/grants/<grant_id>/removal")
@guard(Can.CHANGE_GRANT)
def take_away(grant: Grant) -> Response:
    """Take a member's access away; and say so where an administration still gives it."""
    space, kind, principal = grant.space, grant.principal_kind, grant.principal_id
    page = url_for("spaces.members", space_id=space.public_id)
    try:
        grants.take_away(grant, by=current_account, their_role=_their_role(space))
    except Conflict as last:
        return _kept(last, page)
    flash(_("L’accès est retiré. Il n’a plus d’effet dès maintenant."))
    if kind == PrincipalKind.ACCOUNT and (through := queries.still_there_through(principal, space)):
        flash(
            _(
                "Cette personne lit encore l’espace par son administration : %(names)s. "
                "Pour l’en écarter, restreignez l’accès de cette administration.",
                names=", ".join(through),
            ),
            "warning",
        )
    if role_in(current_account, space) is None:
        return redirect(url_for("home.today"), 303)
    return redirect(page, 303)


@bp.post("/spaces/<space_id>/membership")
@guard(Can.JOIN_SPACE)
def join(space: Space) -> Response:
    """Become a reader of a space that is open to read."""
    grants.join(space, by=current_account)
    flash(_("Vous faites maintenant partie de « %(title)s ».", title=space.title))
    return redirect(url_for("home.space", space_id=space.public_id), 303)


@bp.post("/spaces/<space_id>/membership/end")
@guard(Can.LEAVE_SPACE)
def leave(space: Space) -> Response:
    """Give up one's own role."""
    title, page = space.title, url_for("spaces.members", space_id=space.public_id)
    try:
        grants.leave(space, by=current_account)
    except Conflict as last:
        return _kept(last, page)
    flash(_("Vous avez quitté « %(title)s ».", title=title))
    return redirect(url_for("home.today"), 303)


def principal_of(kind: str, identity: str, space: Space) -> Account | Administration:
    """The person or administration that may be brought in; asked for through the guard like everything else."""
    if kind == PrincipalKind.ACCOUNT:
        person: Account = obtain(current_account, Can.SEE_PERSON, account_id=identity)
        return person
    if kind in (PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE):
        obtain(current_account, Can.ADD_ADMINISTRATION, space_id=space.public_id)
        node: Administration = obtain(current_account, Can.SEE_ADMINISTRATION, administration_id=identity)
        return node
    raise Refused(_("Choisissez une personne ou une administration."), "principal")


def role_of_code(code: str) -> Role:
    """The role of that code; Refused for none."""
    try:
        return Role.of(code)
    except KeyError as wrong:
        raise Refused(_("Choisissez un rôle."), "role") from wrong


def _kept(conflict: Conflict, page: str) -> Response:
    """Nothing was changed: say why, where the person was."""
    flash(conflict.detail, "warning")
    return redirect(page, 303)


def _their_role(space: Space) -> Role:
    return role_in(current_account, space) or Role.CARD


def _page(space: Space) -> str:
    words = request.args.get("q", "").strip()[:100]
    people, administrations = [], []
    if words:
        people = queries.people_called(current_account, words)
        administrations = queries.administrations_called(current_account, words)
    rows = [row for row in queries.members(space) if row.account is None or not row.account.is_guest]
    may_invite = can(current_account, Can.INVITE_GUEST, space)
    shown = [row.administration for row in rows if row.administration is not None]
    role = _their_role(space)
    waiting = session.execute(
        queries.access_requests(current_account).where(AccessRequest.space_id == space.id)
    ).scalars()
    return render_template(
        "spaces/members.html",
        space=space,
        audience=audience_of(space),
        rows=rows,
        agents=queries.agents_below([*shown, *administrations]),
        role=role,
        choices=role_choices(role),
        words=words,
        people=people,
        administrations=administrations,
        already={(row.grant.principal_kind, row.grant.principal_id) for row in rows},
        waiting=list(waiting),
        leaving=queries.all_leaving(space) if role == Role.LEAD else [],
        guests=guests.guests_of(space),
        invitations=invitations.waiting(space) if may_invite else [],
        may_invite=may_invite,
        last_day=last_day(),
        personal=queries.has_personal_grant(current_account, space),
    )
