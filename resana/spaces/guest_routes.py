"""Pages about people from outside: inviting them, until when they stay, who answers for them; and coming in."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.accounts.models import Account
from resana.core.errors import Conflict, NotThere, Refused
from resana.core.forms import tell
from resana.core.guarding import PUBLIC, current_account, guard
from resana.core.text import is_id
from resana.permissions import Can

from . import guests, invitations
from .blueprint import bp
from .guest_forms import AcceptForm, EndForm, GuestPolicyForm, InviteForm, end_of, last_day
from .models import Grant, Invitation, Role, Space


@bp.post("/spaces/<space_id>/guest-policy")
@guard(Can.ALLOW_GUESTS)
def allow_guests(space: Space) -> Response:
    """Say whether the space takes people from outside."""
    form = GuestPolicyForm()
    guests.allow(space, bool(form.guests_allowed.data), by=current_account)
    flash(
        _("Les responsables peuvent maintenant inviter des personnes externes, sur la page des membres.")
        if space.guests_allowed
        else _("L’espace n’accueille plus de nouveaux invités externes.")
    )
    return redirect(url_for("spaces.settings", space_id=space.public_id), 303)


@bp.get("/spaces/<space_id>/invitations/new")
@guard(Can.INVITE_GUEST)
def new_invitation(space: Space) -> str:
    """Where a lead says whom to invite, to what, and until when."""
    return _invite_page(space, InviteForm())


@bp.post("/spaces/<space_id>/invitations")
@guard(Can.INVITE_GUEST)
def invite(space: Space) -> Any:
    """Send the invitation."""
    form = InviteForm()
    if not form.validate():
        return _invite_page(space, form), 422
    assert form.ends_at.data is not None
    try:
        invitations.invite(
            space,
            form.email.data or "",
            Role.of(form.role.data),
            end_of(form.ends_at.data),
            by=current_account,
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _invite_page(space, form), 422
    flash(_("L’invitation est partie. Elle est valable sept jours."))
    return redirect(_members(space), 303)


@bp.post("/invitations/<invitation_id>/withdrawal")
@guard(Can.WITHDRAW_INVITATION)
def withdraw(invitation: Invitation) -> Response:
    """Take an invitation back."""
    try:
        invitations.withdraw(invitation, by=current_account)
    except Conflict as too_late:
        flash(too_late.detail, "warning")
    else:
        flash(_("L’invitation est retirée : son lien ne sert plus."))
    return redirect(_members(invitation.space), 303)


@bp.post("/grants/<grant_id>/end-date")
@guard(Can.SET_GUEST_END)
def set_guest_end(grant: Grant) -> Response:
    """Let a guest stay longer, or less long."""
    form = EndForm()
    page = _members(grant.space)
    if not form.validate() or form.ends_at.data is None:
        flash(_("Choisissez une date."), "warning")
        return redirect(page, 303)
    try:
        guests.set_end(grant, end_of(form.ends_at.data), by=current_account)
    except (Conflict, Refused) as no:
        flash(no.detail, "warning")
    else:
        flash(_("Le dernier jour d’accès est changé."))
    return redirect(page, 303)


@bp.post("/people/<account_id>/sponsorship")
@guard(Can.SPONSOR_GUEST)
def take_over(account: Account) -> Response:
    """Answer for a guest whose sponsor is gone."""
    guests.take_over(account, by=current_account)
    flash(_("Vous êtes maintenant le répondant de %(name)s.", name=account.full_name))
    back = request.form.get("back", "")
    if is_id(back):
        return redirect(url_for("spaces.members", space_id=back), 303)
    return redirect(url_for("accounts.person", account_id=account.public_id), 303)


@bp.get("/invitations/<token>")
@guard(PUBLIC)
def invitation(token: str) -> Any:
    """Where somebody from outside says who they are, and comes in. Looking at it consumes nothing."""
    return _invitation_page(token, AcceptForm())


@bp.post("/invitations/<token>")
@guard(PUBLIC)
def accept_invitation(token: str) -> Any:
    """Come in; and sign in next."""
    found = invitations.living(token)
    if found is None:
        return _ended()
    form, known = AcceptForm(), invitations.holder_of(found)
    if known is None and not form.validate():
        return _invitation_page(token, form, 422)
    title = found.space.title
    try:
        grant = invitations.accept(
            token,
            by=current_account._get_current_object(),
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            organisation=form.organisation.data or "",
            password=form.password.data or "",
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _invitation_page(token, form, 422)
    except Conflict:
        return _invitation_page(token, form, 409)
    except NotThere:
        return _ended()
    if current_account:
        flash(_("Vous faites maintenant partie de « %(title)s ».", title=title))
        return redirect(url_for("home.space", space_id=grant.space.public_id), 303)
    flash(_("L’espace « %(title)s » vous est ouvert. Connectez-vous.", title=title))
    return redirect(url_for("accounts.sign_in", next=url_for("home.space", space_id=grant.space.public_id)), 303)


def _invitation_page(token: str, form: AcceptForm, status: int = 200) -> Any:
    found = invitations.living(token)
    if found is None:
        return _ended()
    known, here = invitations.holder_of(found), current_account._get_current_object()
    page = render_template(
        "spaces/invitation.html",
        form=form,
        invitation=found,
        known=known,
        stranger=here is not None and here.email != found.email,
    )
    return page, status


def _ended() -> Any:
    return render_template("spaces/invitation_ended.html"), 404


def _invite_page(space: Space, form: InviteForm) -> str:
    return render_template("spaces/invite.html", space=space, form=form, last_day=last_day())


def _members(space: Space) -> str:
    return url_for("spaces.members", space_id=space.public_id)
