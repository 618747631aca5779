"""Pages about spaces themselves: the list, a new one, its settings, asking for one."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.administrations.models import SpaceCreation
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.permissions import Can, can

from . import actions, queries, requests
from .audience import audience_of
from .blueprint import bp
from .forms import AnswerForm, AskForm, EditForm, NewSpaceForm, SecondFactorForm, VisibilityForm
from .guest_forms import GuestPolicyForm
from .models import AccessRequest, Space, SpaceRequest, SpaceState, Visibility

PAGE = 100


@bp.get("/spaces")
@guard(SIGNED_IN)
def index() -> str:
    """All my spaces, and all those I know of."""
    words = request.args.get("q", "").strip()[:200]
    mine, known = queries.mine(current_account), queries.known(current_account)
    if words:
        mine, known = queries.titled(mine, words), queries.titled(known, words)
    spaces = session.execute(mine.limit(PAGE)).scalars().all()
    others = session.execute(known.limit(PAGE)).scalars().all()
    return render_template(
        "spaces/index.html",
        words=words,
        rows=queries.with_unread(current_account, spaces),
        known=others,
        waiting=queries.waiting_spaces(current_account, others),
    )


@bp.get("/spaces/new")
@guard(SIGNED_IN)
def new() -> str:
    """Where a space is described before it is created, or asked for; who may not is told why."""
    return _new_page(NewSpaceForm())


@bp.post("/spaces")
@guard(Can.CREATE_SPACE)
def create() -> Response | tuple[str, int]:
    """Create the space; or send the request, where the administration wants to agree first."""
    form = NewSpaceForm()
    if not form.validate():
        return _new_page(form), 422
    described = {
        "title": form.title.data,
        "description": form.description.data or "",
        "purpose": form.purpose.data or "",
        "visibility": Visibility(form.visibility.data),
        "open_to_read": form.open_to_read.data and form.visibility.data != Visibility.PRIVATE,
        "by": current_account,
    }
    try:
        if must_be_validated():
            requests.ask_for_space(**described)
            flash(_("Votre demande est envoyée. Un administrateur vous répondra par courriel."))
            return redirect(url_for("home.today"), 303)
        space = actions.create(**described)
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _new_page(form), 422
    flash(_("L’espace est créé. Faites-y entrer vos collègues."))
    return redirect(url_for("spaces.members", space_id=space.public_id), 303)


@bp.get("/spaces/<space_id>/settings")
@guard(Can.ARCHIVE_SPACE)
def settings(space: Space) -> str:
    """Title, visibility and archiving of a space."""
    return _settings_page(space)


@bp.post("/spaces/<space_id>/description")
@guard(Can.EDIT_SPACE)
def edit(space: Space) -> Response | tuple[str, int]:
    """Describe the space anew."""
    form = EditForm()
    if not form.validate():
        return _settings_page(space, describe=form), 422
    try:
        actions.edit(
            space,
            title=form.title.data or "",
            description=form.description.data or "",
            purpose=form.purpose.data or "",
            version=form.version.data,
            by=current_account,
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _settings_page(space, describe=form), 422
    flash(_("La présentation est enregistrée."))
    return redirect(url_for("spaces.settings", space_id=space.public_id), 303)


@bp.post("/spaces/<space_id>/visibility")
@guard(Can.CHANGE_VISIBILITY)
def change_visibility(space: Space) -> Response | tuple[str, int]:
    """Say who may know of the space."""
    form = VisibilityForm()
    if not form.validate():
        return _settings_page(space, show=form), 422
    wanted = Visibility(form.visibility.data)
    try:
        actions.change_visibility(
            space, wanted, open_to_read=form.open_to_read.data and wanted != Visibility.PRIVATE, by=current_account
        )
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _settings_page(space, show=form), 422
    flash(_("La visibilité est changée : %(words)s.", words=audience_of(space).words))
    return redirect(url_for("spaces.settings", space_id=space.public_id), 303)


@bp.post("/spaces/<space_id>/second-factor")
@guard(Can.CHANGE_VISIBILITY)
def require_second_factor(space: Space) -> Response | tuple[str, int]:
    """Say whether only accounts with a second factor come in."""
    form = SecondFactorForm()
    try:
        actions.require_second_factor(space, bool(form.second_factor_required.data), by=current_account)
    except Refused as refused:
        if not tell(form, refused):
            raise
        return _settings_page(space, protect=form), 422
    if space.second_factor_required:
        flash(_("L’espace ne s’ouvre plus qu’aux comptes protégés par une vérification en deux étapes."))
    else:
        flash(_("L’espace s’ouvre de nouveau à tous ses membres."))
    return redirect(url_for("spaces.settings", space_id=space.public_id), 303)


@bp.get("/spaces/<space_id>/protection")
@guard(Can.UNLOCK_SPACE)
def unlock(space: Space) -> str:
    """For a member without a second factor: what the space is, and what to do to come in."""
    return render_template("spaces/unlock.html", space=space, leads=queries.leads(space))


@bp.post("/spaces/<space_id>/archive")
@guard(Can.ARCHIVE_SPACE)
def archive(space: Space) -> Response:
    """Close the space for writing."""
    actions.archive(space, by=current_account)
    flash(_("L’espace est archivé : on peut le lire, plus y écrire."))
    return redirect(url_for("spaces.settings", space_id=space.public_id), 303)


@bp.post("/spaces/<space_id>/archive/end")
@guard(Can.ARCHIVE_SPACE)
def reopen(space: Space) -> Response:
    """Open it again."""
    actions.reopen(space, by=current_account)
    flash(_("L’espace est rouvert."))
    return redirect(url_for("spaces.settings", space_id=space.public_id), 303)


@bp.get("/spaces/<space_id>/access-request")
@guard(Can.REQUEST_ACCESS)
def ask(space: Space) -> str:
    """Where somebody says why they would like to be let in."""
    waiting = space.id in queries.waiting_spaces(current_account, [space])
    return render_template("spaces/ask.html", space=space, form=AskForm(), waiting=waiting, leads=queries.leads(space))


@bp.post("/spaces/<space_id>/access-request")
@guard(Can.REQUEST_ACCESS)
def send_request(space: Space) -> Response | tuple[str, int]:
    """Send the request to the leads."""
    form = AskForm()
    if not form.validate():
        page = render_template("spaces/ask.html", space=space, form=form, waiting=False, leads=queries.leads(space))
        return page, 422
    requests.ask_for_access(space, reason=form.reason.data or "", by=current_account)
    flash(_("Votre demande est envoyée aux responsables de « %(title)s ».", title=space.title))
    return redirect(url_for("home.today"), 303)


@bp.post("/access-requests/<demand_id>/acceptance")
@guard(Can.ANSWER_ACCESS_REQUEST)
def accept_request(demand: AccessRequest) -> Response:
    """Let the person in, in one click."""
    requests.accept_access(demand, by=current_account)
    flash(_("%(name)s a maintenant accès à « %(title)s ».", name=demand.account.full_name, title=demand.space.title))
    return redirect(_back(demand), 303)


@bp.post("/access-requests/<demand_id>/refusal")
@guard(Can.ANSWER_ACCESS_REQUEST)
def refuse_request(demand: AccessRequest) -> Response:
    """Say no."""
    requests.refuse_access(demand, by=current_account)
    flash(_("Demande refusée : %(name)s.", name=demand.account.full_name))
    return redirect(_back(demand), 303)


@bp.get("/administration/space-requests")
@guard(Can.ADMINISTER)
def space_requests() -> str:
    """The spaces that people of one's administrations ask for."""
    waiting = session.execute(queries.space_requests(current_account).limit(PAGE)).scalars().all()
    return render_template("spaces/space_requests.html", waiting=waiting, form=AnswerForm())


@bp.post("/administration/space-requests/<demand_id>/acceptance")
@guard(Can.ANSWER_SPACE_REQUEST)
def accept_space(demand: SpaceRequest) -> Response:
    """Open the space that was asked for."""
    requests.accept_space(demand, answer=request.form.get("answer", ""), by=current_account)
    flash(_("L’espace « %(title)s » est ouvert ; son responsable est prévenu.", title=demand.title))
    return redirect(url_for("spaces.space_requests"), 303)


@bp.post("/administration/space-requests/<demand_id>/refusal")
@guard(Can.ANSWER_SPACE_REQUEST)
def refuse_space(demand: SpaceRequest) -> Response | tuple[str, int]:
    """Say no, with the reason."""
    form = AnswerForm()
    try:
        requests.refuse_space(demand, answer=form.answer.data or "", by=current_account)
    except Refused as refused:
        session.rollback()
        form.answer.errors = [_("Expliquez votre refus en une phrase : la personne la recevra."), *refused.args[1:]]
        waiting = session.execute(queries.space_requests(current_account).limit(PAGE)).scalars().all()
        page = render_template("spaces/space_requests.html", waiting=waiting, form=form, wrong=demand.public_id)
        return page, 422
    flash(_("La demande est refusée ; la personne est prévenue."))
    return redirect(url_for("spaces.space_requests"), 303)


def tell(form: object, refused: Refused) -> bool:
    """Show what an action refused at its field; False where the form has no such field."""
    field = getattr(form, refused.field or "", None)
    if field is None or not hasattr(field, "errors"):
        return False
    session.rollback()
    field.errors = [*field.errors, refused.detail]
    return True


def _new_page(form: NewSpaceForm) -> str:
    allowed_to = can(current_account, Can.CREATE_SPACE)
    return render_template(
        "spaces/new.html",
        form=form,
        allowed_to=allowed_to,
        validated=allowed_to and must_be_validated(),
        administration=current_account.home_administration,
    )


def must_be_validated() -> bool:
    """Whether a space of the present account must be agreed to by an administrator, if they are not one."""
    home = current_account.home_administration
    return home.space_creation == SpaceCreation.VALIDATED and not can(current_account, Can.CREATE_ACCOUNT, home)


def _settings_page(
    space: Space,
    describe: EditForm | None = None,
    show: VisibilityForm | None = None,
    protect: SecondFactorForm | None = None,
) -> str:
    if space.state not in (SpaceState.ACTIVE, SpaceState.ARCHIVED):
        abort(404)
    return render_template(
        "spaces/settings.html",
        space=space,
        audience=audience_of(space),
        describe=describe
        or EditForm(
            formdata=None,
            title=space.title,
            description=space.description,
            purpose=space.purpose,
            version=space.version,
        ),
        protect=protect or SecondFactorForm(formdata=None, second_factor_required=space.second_factor_required),
        taking=GuestPolicyForm(formdata=None, guests_allowed=space.guests_allowed),
        show=show or VisibilityForm(formdata=None, visibility=space.visibility, open_to_read=space.open_to_read),
    )


def _back(demand: AccessRequest) -> str:
    if request.form.get("back") == "home":
        return url_for("home.today")
    return url_for("spaces.members", space_id=demand.space.public_id)
