"""The journal as a CSV that a spreadsheet opens and never executes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select

from resana.accounts.models import Account
from resana.core.api import keyset
from resana.core.database import session
from resana.core.words import PARIS

from .models import AuditEntry
from .queries import ORDER, ORDER_KINDS, Line, lines

AT_ONCE = 500
BOM = "\ufeff"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is a formula for a spreadsheet (OWASP, CSV injection)."""


def rows(reader: Account, query: Select[AuditEntry]) -> Iterator[str]:
    """The CSV, piece by piece: semicolons and a byte order mark, as French spreadsheets want it.

    The right is part of `query`: it is asked again for each piece.
    """
    yield BOM + _written([_header()])
    cursor: str | None = None
    while True:
        found, cursor = keyset(query, ORDER, ORDER_KINDS, cursor=cursor, limit=AT_ONCE, descending=True)
        yield _written([_row(line) for line in lines(reader, [row[0] for row in found])])
        session.expunge_all()
        session.rollback()
        if cursor is None:
            return


def harmless(cell: Any) -> str:
    """A cell as text that no spreadsheet calculates."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _written(found: list[list[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [harmless(cell) for cell in row] for row in found
    )
    return out.getvalue()


def _header() -> list[str]:
    return [
        _("Date et heure (Paris)"),
        _("Qui"),
        _("Identifiant de la personne"),
        _("Au nom de"),
        _("Acte"),
        _("Code de l’acte"),
        _("Nature de l’objet"),
        _("Objet"),
        _("Identifiant de l’objet"),
        _("Espace"),
        _("Réseau"),
        _("Connexion"),
        _("Précisions"),
        _("Chaîne"),
        _("Numéro"),
        _("Empreinte"),
    ]


def _row(line: Line) -> list[Any]:
    entry = line.entry
    return [
        _moment(entry.at),
        line.who,
        line.actor.public_id if line.actor is not None else "",
        line.on_behalf_of.full_name if line.on_behalf_of is not None else "",
        line.sentence,
        entry.act,
        line.kind,
        line.thing,
        entry.object_public_id,
        line.space.title if line.space is not None else "",
        entry.ip_prefix,
        entry.signed_in_by,
        json.dumps(entry.facts, ensure_ascii=False, sort_keys=True) if entry.facts else "",
        entry.chain,
        entry.seq,
        entry.hash,
    ]


def _moment(at: datetime) -> str:
    return at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S")
