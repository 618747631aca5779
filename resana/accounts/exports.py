"""The accounts of a scope as a list for office software."""

from __future__ import annotations

import csv
import io
from typing import Any

from sqlalchemy import Select

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session

from .imports import FORMULAS
from .models import Account
from .words import status_name

HEAD = ("adresse électronique", "prénom", "nom", "fonction", "administration", "responsable d’équipe", "ville", "état")


@action
def export(query: Select[Any], *, by: Account) -> str:
    """The accounts of `query` as CSV, with the mark by which office software knows UTF-8; journalled.

    The first columns are those of an import, so that a list may be corrected and sent back. No cell is a formula
    (OWASP, CSV injection).
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEAD)
    accounts = session.execute(query.order_by(Account.search_name, Account.id)).scalars().all()
    for account in accounts:
        home = account.home_administration
        writer.writerow(
            map(
                unarmed,
                (
                    account.email,
                    account.first_name,
                    account.last_name,
                    account.job_title,
                    home.name,
                    "oui" if account.team_lead else "non",
                    home.city,
                    status_name(account.status),
                ),
            )
        )
    tell(Act.ACCOUNTS_EXPORTED, by=by, administration_id=by.home_administration_id, count=len(accounts))
    return out.getvalue()


def unarmed(cell: str) -> str:
    """`cell`, with an apostrophe before what a spreadsheet would execute."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell
