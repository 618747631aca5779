"""Pages by which an administrator opens many accounts from a list, and takes the list of those that are there."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from resana.core.api import keyset
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.forms import tell
from resana.core.guarding import current_account, guard
from resana.permissions import Can

from . import exports, imports, queries
from .blueprint import bp
from .forms import ImportForm
from .import_file import model, read
from .models import AccountImport, AccountImportRow, Verdict

PAGE = 100


@bp.get("/administration/accounts/import")
@guard(Can.ADMINISTER)
def new_import() -> str:
    """Where a list is sent."""
    return _new_page(ImportForm(formdata=None))


@bp.get("/administration/accounts/import/model.csv")
@guard(Can.ADMINISTER)
def import_model() -> Response:
    """A list with its columns, to be filled."""
    return _csv(model(), "comptes-modele.csv")


@bp.post("/administration/accounts/import")
@guard(Can.ADMINISTER)
def check_import() -> Any:
    """Look at a list, and report line by line what it would come to; nothing is changed."""
    form = ImportForm()
    file = request.files.get("file")
    chosen = form.administration_id.data or ""
    home = queries.place_for_accounts(current_account, chosen) if chosen else None
    try:
        if file is None or not file.filename:
            raise Refused(_("Choisissez un fichier."), "file")
        people = read(file.read())
    except Refused as no:
        form.validate()
        tell(form, no)
        return _new_page(form), 422
    made = imports.check(people, file_name=file.filename, home=home, by=current_account._get_current_object())
    return redirect(url_for("accounts.show_import", import_list_id=made.public_id), 303)


@bp.get("/administration/imports/<import_list_id>")
@guard(Can.IMPORT_ACCOUNTS)
def show_import(import_list: AccountImport) -> str:
    """The report of a list, or how far it is done."""
    verdict = request.args.get("verdict", "")
    chosen = Verdict(verdict) if verdict in set(Verdict) else None
    rows = select(AccountImportRow).where(AccountImportRow.import_id == import_list.id)
    if chosen is not None:
        rows = rows.where(AccountImportRow.verdict == chosen)
    found, following = keyset(
        rows, (AccountImportRow.line,), (int,), cursor=request.args.get("cursor") or None, limit=PAGE
    )
    return render_template(
        "accounts/import.html",
        found=import_list,
        counts=imports.counts(import_list),
        rows=[row[0] for row in found],
        verdict=chosen,
        following=following,
        is_continued="cursor" in request.args,
    )


@bp.post("/administration/imports/<import_list_id>/start")
@guard(Can.IMPORT_ACCOUNTS, fresh=True)
def start_import(import_list: AccountImport) -> Response:
    """Do what the report says."""
    imports.start(import_list)
    return redirect(url_for("accounts.show_import", import_list_id=import_list.public_id), 303)


@bp.post("/administration/accounts/export")
@guard(Can.ADMINISTER, fresh=True)
def export() -> Response:
    """The accounts that one administers, as a list that office software opens; the filters of the page hold."""
    chosen = request.form.get("administration", "")
    query = queries.administered(
        current_account._get_current_object(),
        words=request.form.get("q", "").strip()[:200],
        administration=queries.place_for_accounts(current_account, chosen) if chosen else None,
        team_lead=True if request.form.get("team_lead") else None,
        status=queries.status_of(request.form.get("status", "")),
    )
    text = exports.export(query, by=current_account._get_current_object())
    return _csv(text, "comptes.csv")


def _csv(text: str, name: str) -> Response:
    answer = current_app.response_class(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _new_page(form: ImportForm) -> str:
    places = queries.places_for_accounts(current_account)
    form.offer(places)
    mine = (
        select(AccountImport)
        .where(AccountImport.by_id == current_account.id)
        .order_by(AccountImport.id.desc())
        .limit(10)
    )
    return render_template("accounts/import_new.html", form=form, former=session.execute(mine).scalars().all())
