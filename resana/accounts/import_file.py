"""Reading a list of people as office software writes it: any of its encodings, separators and ways of saying yes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from flask_babel import gettext as _

from resana.core.errors import Refused
from resana.core.text import searchable

MOST_LINES = 10_000
SEPARATORS = ";,\t|"

COLUMNS = {
    "email": ("email", "e-mail", "mail", "courriel", "adresse electronique", "adresse mail", "adresse e-mail"),
    "first_name": ("first_name", "first name", "prenom"),
    "last_name": ("last_name", "last name", "nom", "nom de famille"),
    "job_title": ("job_title", "job title", "fonction", "poste"),
    "administration": ("administration", "service", "siret"),
    "team_lead": ("team_lead", "team lead", "responsable d'equipe", "responsable"),
}
"""What a column may be called, in the letters of `searchable`."""
NEEDED = ("email", "first_name", "last_name")
NAMES = {name: column for column, names in COLUMNS.items() for name in names}

YES = {"oui", "o", "x", "1", "vrai", "true", "yes", "y"}
NO = {"", "non", "n", "0", "faux", "false", "no"}


class Line(NamedTuple):
    """A person as the file says. `number` is the line's in the file; `team_lead` None: nothing is said."""

    number: int
    email: str
    first_name: str
    last_name: str
    job_title: str
    administration: str
    team_lead: str | None


class People(NamedTuple):
    """What a file holds: its lines, and the columns that nothing was made of."""

    lines: list[Line]
    unknown_columns: list[str]


def read(data: bytes) -> People:
    """The people of a CSV file: UTF-8 (with or without its mark), UTF-16 or Latin-1; `;`, `,`, tabs or `|`.

    The first line that says something names the columns, in any order. Raises Refused at `file` where this is no such
    list, names too few columns, or has more than MOST_LINES lines.
    """
    text = _decoded(data)
    head = next((said for said in text.splitlines() if said.strip()), "")
    separator = max(SEPARATORS, key=head.count)
    rows = _rows(text, separator)
    _number, names = next(rows, (0, []))
    found: dict[str, int] = {}
    unknown = []
    for place, name in enumerate(names):
        column = NAMES.get(" ".join(searchable(name).replace("’", "'").split()))
        if column is not None and column not in found:
            found[column] = place
        elif name.strip():
            unknown.append(name.strip()[:80])
    if missing := [column for column in NEEDED if column not in found]:
        raise Refused(
            _("Il manque des colonnes : %(columns)s. Partez du modèle.", columns=", ".join(_said(missing))), "file"
        )
    lines = [_line(number, cells, found) for number, cells in rows]
    if not lines:
        raise Refused(_("Ce fichier ne contient aucune personne."), "file")
    return People(lines, unknown[:20])


def model() -> str:
    """A file to begin with: the columns' French names, and nobody."""
    return "\ufeff" + ";".join(_said(list(COLUMNS))) + "\r\n"


def _said(columns: list[str]) -> list[str]:
    words = {
        "email": "adresse électronique",
        "first_name": "prénom",
        "last_name": "nom",
        "job_title": "fonction",
        "administration": "administration",
        "team_lead": "responsable d’équipe",
    }
    return [words[column] for column in columns]


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(_("Ce fichier ne se lit pas comme du texte. Enregistrez votre tableau au format CSV."), "file")


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that says something, with its number in the file."""
    if "\x00" in text:
        raise Refused(_("Ce fichier ne se lit pas comme du texte. Enregistrez votre tableau au format CSV."), "file")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    count = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MOST_LINES + 1:
                raise Refused(
                    _("Ce fichier a plus de %(most)d lignes : coupez-le en plusieurs.", most=MOST_LINES), "file"
                )
            yield reader.line_num, cells
    except csv.Error as wrong:
        raise Refused(
            _(
                "La ligne %(number)d ne peut pas être lue : un guillemet n’y est sans doute pas fermé.",
                number=reader.line_num,
            ),
            "file",
        ) from wrong


def _line(number: int, cells: list[str], places: dict[str, int]) -> Line:
    def cell(column: str) -> str:
        place = places.get(column)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    return Line(
        number=number,
        email=cell("email"),
        first_name=cell("first_name"),
        last_name=cell("last_name"),
        job_title=cell("job_title"),
        administration=cell("administration"),
        team_lead=cell("team_lead") if "team_lead" in places else None,
    )
