"""Changing, by forms: deposit, new folder, rename, move, trash and restore. Each works without script."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from resana.core.errors import Conflict, No, NotAllowed, NotThere, Refused
from resana.core.guarding import current_account, guard
from resana.core.receiving import Sent, received
from resana.core.text import is_id
from resana.permissions import Can, can, obtain
from resana.spaces.models import Space

from . import actions, bp, writing
from . import trash as the_trash
from .audiences import AudienceChanges, persons
from .forms import NameForm, PlaceForm, places
from .models import Document, Folder, Version
from .places import folder_named
from .routes import steps_to

MOST_FILES = 100
MOST_SELECTED = 500
Answer = str | BaseResponse | tuple[str, int]


def _place_url(space: Space, folder: Folder | None) -> str:
    if folder is None:
        return url_for("documents.index", space_id=space.public_id)
    return url_for("documents.folder", folder_id=folder.public_id)


def _back_to(space: Space, folder: Folder | None) -> BaseResponse:
    return redirect(_place_url(space, folder), 303)


# Deposit


@bp.post("/spaces/<space_id>/documents")
@guard(Can.UPLOAD, body="stream")
def upload(space: Space) -> Answer:
    """Deposit one or several files."""
    account = current_account._get_current_object()
    with received(files="file", fields={"folder_id", "on_conflict"}, most_files=MOST_FILES) as sent:
        files = [file for file in sent.files if file.name or file.draft.size]
        if not files:
            raise Refused(_("Choisissez au moins un fichier."), "file")
        folder = folder_named(space, sent.fields.get("folder_id"), account)
        kept, refused = _deposit(space, folder, sent, files, account)
        if kept:
            flash(ngettext("%(num)s document déposé.", "%(num)s documents déposés.", kept))
        for words in refused:
            flash(words, "warning")
        return _back_to(space, folder)


def _deposit(space: Space, folder: Folder | None, sent: Sent, files: Any, account: Any) -> tuple[int, list[str]]:
    word = sent.fields.get("on_conflict") or "refuse"
    if word not in (*writing.OnConflict, "skip"):
        raise Refused(_("Cette valeur ne fait pas partie des choix."), "on_conflict")
    on_conflict = writing.OnConflict.REFUSE if word == "skip" else writing.OnConflict(word)
    kept, refused = 0, []
    for file in files:
        try:
            writing.deposit(space, folder, file.name, file.draft, by=account, on_conflict=on_conflict)
            kept += 1
        except (Refused, Conflict) as no:
            refused.append(_("« %(name)s » n’a pas été déposé. %(why)s", name=file.name[:200], why=no.detail))
    return kept, refused


@bp.post("/documents/<document_id>/versions")
@guard(Can.WRITE_DOCUMENT, body="stream")
def add_version(document: Document) -> Answer:
    """Give a document a new version."""
    account = current_account._get_current_object()
    with received(files="file", fields={"seen"}) as sent:
        if not sent.files or not (sent.files[0].name or sent.files[0].draft.size):
            raise Refused(_("Choisissez un fichier."), "file")
        seen = sent.fields.get("seen")
        known = (lambda sha256: sha256 == seen) if seen else None
        writing.replace(document, sent.files[0].draft, by=account, seen=known)
    flash(_("La version %(number)s est en place.", number=document.version))
    return redirect(url_for("documents.show", document_id=document.public_id), 303)


@bp.post("/documents/<document_id>/versions/<int:no>/restoration")
@guard(Can.RESTORE_VERSION)
def restore_version(version: Version) -> Answer:
    """Make an old version the present one."""
    number = version.number
    document = writing.restore_version(version, by=current_account._get_current_object())
    flash(_("La version %(old)s est de nouveau en place, comme version %(new)s.", old=number, new=document.version))
    return redirect(url_for("documents.show", document_id=document.public_id), 303)


# Names


@bp.post("/spaces/<space_id>/folders")
@guard(Can.CREATE_FOLDER)
def create_folder(space: Space) -> Answer:
    """Make a folder."""
    account = current_account._get_current_object()
    parent = folder_named(space, request.form.get("parent_id"), account)
    form = NameForm()
    if form.validate():
        try:
            made = actions.create_folder(space, form.name.data or "", parent=parent, by=account)
        except (Refused, Conflict) as no:
            form.name.errors = [no.detail]
        else:
            flash(_("Le dossier « %(name)s » est prêt.", name=made.name))
            return _back_to(space, made)
    return _ask_name(space, parent, form, _("Nouveau dossier"), _("Créer le dossier"), request.path), 422


@bp.route("/folders/<folder_id>/name", methods=["GET", "POST"])
@guard(Can.CHANGE_FOLDER)
def rename_folder(folder: Folder) -> Answer:
    """Call a folder otherwise."""
    form = NameForm(name=folder.name)
    if request.method == "POST" and form.validate():
        try:
            actions.rename_folder(folder, form.name.data or "", by=current_account._get_current_object())
        except (Refused, Conflict) as no:
            form.name.errors = [no.detail]
        else:
            flash(_("Le dossier s’appelle maintenant « %(name)s ».", name=folder.name))
            return _back_to(folder.space, folder)
    page = _ask_name(folder.space, folder, form, _("Renommer le dossier"), _("Renommer"), request.path)
    return page, 422 if request.method == "POST" else 200


@bp.route("/documents/<document_id>/name", methods=["GET", "POST"])
@guard(Can.RENAME_DOCUMENT)
def rename(document: Document) -> Answer:
    """Call a document otherwise."""
    form = NameForm(name=document.name)
    if request.method == "POST" and form.validate():
        try:
            actions.rename(document, form.name.data or "", by=current_account._get_current_object())
        except (Refused, Conflict) as no:
            form.name.errors = [no.detail]
        else:
            flash(_("Le document s’appelle maintenant « %(name)s ».", name=document.name))
            return redirect(url_for("documents.show", document_id=document.public_id), 303)
    back = url_for("documents.show", document_id=document.public_id)
    page = _ask_name(
        document.space, document.folder, form, _("Renommer le document"), _("Renommer"), request.path, back
    )
    return page, 422 if request.method == "POST" else 200


def _ask_name(
    space: Space, folder: Folder | None, form: NameForm, title: str, verb: str, url: str, back: str | None = None
) -> str:
    return render_template(
        "documents/name.html",
        space=space,
        form=form,
        title=title,
        verb=verb,
        url=url,
        parent_id=request.form.get("parent_id", ""),
        back=back or _place_url(space, folder),
        steps=steps_to(space, folder, title),
        section="documents",
    )


# Places


@bp.route("/folders/<folder_id>/place", methods=["GET", "POST"])
@guard(Can.CHANGE_FOLDER)
def move_folder(folder: Folder) -> Answer:
    """Put a folder elsewhere in its space."""
    return _move(folder, folder.parent, _place_url(folder.space, folder))


@bp.route("/documents/<document_id>/place", methods=["GET", "POST"])
@guard(Can.RENAME_DOCUMENT)
def move(document: Document) -> Answer:
    """Put a document elsewhere in its space."""
    return _move(document, document.folder, url_for("documents.show", document_id=document.public_id))


def _move(thing: Document | Folder, present: Folder | None, back: str) -> Answer:
    account, space = current_account._get_current_object(), thing.space
    form = PlaceForm(place=present.public_id if present is not None else "")
    form.place.choices = places(account, space)
    changes: AudienceChanges | None = None
    if request.method == "POST" and form.validate():
        place = folder_named(space, form.place.data, account)
        shown = request.form.get("confirm_audience")
        try:
            actions.rearrange(thing, name=None, place=place, moves=True, by=account, shown=shown)
        except AudienceChanges as asked:
            changes = asked
        except (Conflict, NotAllowed) as no:
            form.place.errors = [no.detail or _("Vous ne pouvez rien mettre à cet endroit.")]
        else:
            flash(_("« %(name)s » est maintenant dans « %(place)s ».", name=thing.name, place=_name(place)))
            return redirect(_after_move(thing, back), 303)
    page = render_template(
        "documents/place.html",
        space=space,
        thing=thing,
        form=form,
        changes=changes,
        persons=persons,
        back=back,
        steps=steps_to(space, present, _("Déplacer")),
        section="documents",
    )
    if changes is not None:
        return page, 409
    return page, 422 if request.method == "POST" else 200


def _after_move(thing: Document | Folder, back: str) -> str:
    """Where the thing is shown; the list, where who moved it sees it no more."""
    right = Can.READ_FOLDER if isinstance(thing, Folder) else Can.READ_DOCUMENT
    if can(current_account._get_current_object(), right, thing):
        return back
    return url_for("documents.index", space_id=thing.space.public_id)


def _name(place: Folder | None) -> str:
    return place.name if place is not None else _("Documents")


# Trash


@bp.post("/documents/<document_id>/trash")
@guard(Can.TRASH_DOCUMENT)
def trash_document(document: Document) -> Answer:
    """Put a document into the trash."""
    space, folder = document.space, document.folder
    the_trash.trash(document, by=current_account._get_current_object())
    cookie["trashed"] = ["document", document.public_id]
    return _back_to(space, folder)


@bp.post("/folders/<folder_id>/trash")
@guard(Can.TRASH_FOLDER)
def trash_folder(folder: Folder) -> Answer:
    """Put a folder into the trash, with all below it."""
    space, parent = folder.space, folder.parent
    the_trash.trash_folder(folder, by=current_account._get_current_object())
    cookie["trashed"] = ["folder", folder.public_id]
    return _back_to(space, parent)


@bp.post("/documents/<document_id>/restoration")
@guard(Can.RESTORE_DOCUMENT)
def restore(document: Document) -> Answer:
    """Bring a document back from the trash."""
    the_trash.restore(document, by=current_account._get_current_object())
    flash(_("« %(name)s » est revenu dans « %(place)s ».", name=document.name, place=_name(document.folder)))
    return _back_to(document.space, document.folder)


@bp.post("/folders/<folder_id>/restoration")
@guard(Can.RESTORE_FOLDER)
def restore_folder(folder: Folder) -> Answer:
    """Bring a folder back from the trash."""
    the_trash.restore_folder(folder, by=current_account._get_current_object())
    flash(_("« %(name)s » est revenu dans « %(place)s ».", name=folder.name, place=_name(folder.parent)))
    return _back_to(folder.space, folder.parent)


@bp.post("/spaces/<space_id>/documents/selection")
@guard(Can.UPLOAD)
def many(space: Space) -> Answer:
    """Move or put into the trash what was ticked, each by its own right; what is refused stays, and is said."""
    account = current_account._get_current_object()
    here = folder_named(space, request.form.get("folder_id"), account)
    chosen = request.form.getlist("chosen")
    verb = request.form.get("do")
    if verb not in ("move", "trash") or len(chosen) > MOST_SELECTED:
        raise Refused(_("Cette valeur ne fait pas partie des choix."), "do")
    place = folder_named(space, request.form.get("place"), account) if verb == "move" else None
    done, last = 0, None
    for one in chosen:
        kind, _colon, identity = one.partition(":")
        try:
            thing = _chosen(space, kind, identity, verb)
            if verb == "move":
                actions.rearrange(thing, name=None, place=place, moves=True, by=account)
            else:
                the_trash.trash_folder(thing, by=account) if kind == "folder" else the_trash.trash(thing, by=account)
        except AudienceChanges as changes:
            name = thing.name
            flash(
                _(
                    "« %(name)s » n’a pas été déplacé. %(why)s Déplacez-le seul pour le confirmer.",
                    name=name,
                    why=changes.detail,
                ),
                "warning",
            )
        except No as no:
            flash(no.detail or _("Un élément n’a pas pu être changé : il n’est plus là, ou pas à vous."), "warning")
        else:
            done, last = done + 1, [kind, identity]
    if verb == "trash" and done == 1:
        cookie["trashed"] = last
    elif done:
        flash(
            ngettext("%(num)s élément déplacé.", "%(num)s éléments déplacés.", done)
            if verb == "move"
            else ngettext("%(num)s élément à la corbeille.", "%(num)s éléments à la corbeille.", done)
        )
    return _back_to(space, here)


def _chosen(space: Space, kind: str, identity: str, verb: str) -> Any:
    if not is_id(identity) or kind not in ("folder", "document"):
        raise NotThere
    account = current_account._get_current_object()
    if kind == "folder":
        right = Can.CHANGE_FOLDER if verb == "move" else Can.TRASH_FOLDER
        thing = obtain(account, right, folder_id=identity)
    else:
        right = Can.RENAME_DOCUMENT if verb == "move" else Can.TRASH_DOCUMENT
        thing = obtain(account, right, document_id=identity)
    if thing.space_id != space.id:
        raise NotThere
    return thing
