"""Pages by which a person changes administration: the sheet, the proposal, and its answer."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.accounts import life
from resana.accounts.models import Account
from resana.administrations.models import Administration, AdministrationStatus
from resana.core.database import session
from resana.core.errors import Conflict, NotThere, Refused
from resana.core.guarding import current_account, guard
from resana.permissions import Can, can, obtain

from . import queries, transfers
from .blueprint import bp
from .models import Space
from .transfer_models import Transfer
from .transfer_sheets import sheet_of

PAGE = 100


@bp.get("/administration/transfers")
@guard(Can.ADMINISTER)
def list_transfers() -> str:
    """The proposals that wait for one's answer, and those one's administrations have made."""
    me = current_account._get_current_object()
    return render_template(
        "spaces/transfers.html",
        incoming=session.execute(transfers.incoming(me).limit(PAGE)).scalars().all(),
        outgoing=session.execute(transfers.outgoing(me).limit(PAGE)).scalars().all(),
    )


@bp.get("/administration/accounts/<account_id>/transfer")
@guard(Can.ADMINISTER_ACCOUNT)
def transfer(account: Account) -> str:
    """Where an administrator chooses the next administration of a person, and reads what follows from it."""
    chosen = request.args.get("to", "")
    return _transfer_page(account, _place(chosen) if chosen else None)


def _place(identity: str) -> Administration:
    found: Administration = obtain(current_account, Can.SEE_ADMINISTRATION, administration_id=identity)
    if found.status != AdministrationStatus.ACTIVE:
        raise NotThere
    return found


def _transfer_page(account: Account, place: Administration | None, problem: str = "") -> str:
    me = current_account._get_current_object()
    words = request.args.get("q", "").strip()[:100]
    found = queries.administrations_called(me, words, 20) if words and place is None else []
    home = account.home_administration
    return render_template(
        "spaces/transfer.html",
        account=account,
        words=words,
        places=[one for one in found if one.id != home.id],
        place=place if place is not None and place.id != home.id else None,
        sheet=sheet_of(account, place, by=me) if place is not None and place.id != home.id else None,
        at_once=place is not None and can(me, Can.CREATE_ACCOUNT, place),
        waiting=transfers.open_transfer(account),
        problem=problem,
    )


@bp.post("/administration/accounts/<account_id>/transfer")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
def send_transfer(account: Account) -> Any:
    """Move the person now, or propose them; the form names the administration in which they were seen."""
    me = current_account._get_current_object()
    place, seen = _place(request.form.get("to", "")), _place(request.form.get("from", ""))
    try:
        if request.form.get("do") == "propose":
            transfers.propose(account, place, reason=request.form.get("reason", ""), by=me)
            flash(_("%(name)s est proposé à « %(place)s ».", name=account.full_name, place=place.name))
            return redirect(url_for("spaces.list_transfers"), 303)
        life.move(account, place, by=me, seen=seen)
    except (Conflict, Refused) as no:
        session.rollback()
        return _transfer_page(account, place, no.detail), no.status
    flash(
        _(
            "%(name)s appartient maintenant à « %(place)s » : ses accès ont changé aussitôt.",
            name=account.full_name,
            place=place.name,
        )
    )
    return redirect(url_for("accounts.edit", account_id=account.public_id), 303)


@bp.get("/administration/transfers/<transfer_id>")
@guard(Can.SEE_TRANSFER)
def show_transfer(transfer: Transfer) -> str:
    """One proposal, with its sheet."""
    return _show_page(transfer)


def _show_page(transfer: Transfer, problem: str = "") -> str:
    me = current_account._get_current_object()
    sheet = sheet_of(transfer.account, transfer.destination, by=me, transfer=transfer)
    return render_template("spaces/show_transfer.html", transfer=transfer, sheet=sheet, problem=problem)


@bp.post("/administration/transfers/<transfer_id>/acceptance")
@guard(Can.SEE_TRANSFER, fresh=True)
def accept_transfer(transfer: Transfer) -> Any:
    """Take the person in."""
    return _answer(
        transfer,
        lambda me: transfers.accept(transfer, by=me),
        _(
            "%(name)s appartient maintenant à « %(place)s ».",
            name=transfer.account.full_name,
            place=transfer.destination.name,
        ),
    )


@bp.post("/administration/transfers/<transfer_id>/refusal")
@guard(Can.SEE_TRANSFER, fresh=True)
def refuse_transfer(transfer: Transfer) -> Any:
    """Say no, with the reason."""
    answer = request.form.get("answer", "")
    return _answer(
        transfer,
        lambda me: transfers.refuse(transfer, answer=answer, by=me),
        _("La proposition est refusée ; la personne qui l’a faite est prévenue."),
    )


@bp.post("/administration/transfers/<transfer_id>/withdrawal")
@guard(Can.SEE_TRANSFER, fresh=True)
def withdraw_transfer(transfer: Transfer) -> Any:
    """Take the proposal back."""
    return _answer(transfer, lambda me: transfers.withdraw(transfer, by=me), _("La proposition est retirée."))


def _answer(transfer: Transfer, do: Any, words: str) -> Any:
    try:
        do(current_account._get_current_object())
    except Conflict as late:
        flash(late.detail, "warning")
        return redirect(url_for("spaces.list_transfers"), 303)
    except Refused:
        session.rollback()
        return _show_page(transfer, _("Expliquez votre refus en une phrase : la personne la recevra.")), 422
    flash(words)
    return redirect(url_for("spaces.list_transfers"), 303)


@bp.post("/spaces/<space_id>/members/kept")
@guard(Can.KEEP_MEMBER)
def keep_member(space: Space) -> Response:
    """A lead lets somebody who is about to leave the administration keep their role here, or not after all."""
    leaving = queries.leaving(space, request.form.get("transfer", ""))
    if leaving is None:
        raise NotThere
    kept = request.form.get("kept") == "yes"
    try:
        transfers.keep(leaving, space, kept=kept, by=current_account._get_current_object())
    except Conflict as late:
        flash(late.detail, "warning")
        return redirect(url_for("spaces.members", space_id=space.public_id), 303)
    name = leaving.account.full_name
    flash(
        _("%(name)s gardera son rôle ici.", name=name)
        if kept
        else _("%(name)s ne gardera pas son rôle ici.", name=name)
    )
    return redirect(url_for("spaces.members", space_id=space.public_id), 303)
