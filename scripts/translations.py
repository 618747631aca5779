"""Gathers what the code says, in French, into translations/en, where it waits for its English.

`make translations` brings the catalogue up to date: new sentences come empty, those that nobody says any more go.
`--check` changes nothing and fails where a sentence has no English, a doubtful one ("fuzzy"), or one that lost a
placeholder. translations/fr repeats the sentences that count something, because French says « 0 message » and gettext,
left alone, says « 0 messages ».
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
COUNTING = ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.po"
FIXED = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "_n": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def main() -> int:
    said = what_the_code_says()
    if "--check" in sys.argv[1:]:
        complaints = check(said, known())
        for complaint in complaints[:40]:
            print(complaint)
        if len(complaints) > 40:
            print(f"… and {len(complaints) - 40} more")
        return 1 if complaints else 0

    catalogue = known()
    before, after = sentences(catalogue), sentences(said)
    if before == after:  # the date says when the sentences changed, not when somebody looked
        said.creation_date = catalogue.creation_date
    catalogue.update(said, no_fuzzy_matching=True, keep_user_comments=False)
    catalogue.obsolete.clear()
    write(CATALOGUE, catalogue)
    write(COUNTING, counting(said))
    print(
        f"{len(after)} sentences, {len(after - before)} new, {len(before - after)} gone: {CATALOGUE.relative_to(ROOT)}"
    )
    return 0


def what_the_code_says() -> Catalog:
    catalogue = Catalog(project="resana", charset="utf-8")
    for folder, methods in (
        ("resana", [("**.py", "python")]),
        ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.svg", "jinja2")]),
    ):
        if not (ROOT / folder).is_dir():
            continue
        for name, _line, message, comments, context in extract_from_dir(
            ROOT / folder, methods, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        ):
            catalogue.add(message, None, [(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return catalogue


def known() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(
            locale="en",
            project="resana",
            version="0",
            charset="utf-8",
            fuzzy=False,
            header_comment="# Resana in English: what the code says in French, then the same in English.\n#",
            msgid_bugs_address=" ",
            last_translator=" ",
            language_team=" ",
        )
    with CATALOGUE.open("rb") as source:
        return read_po(source, locale="en")


def counting(said: Catalog) -> Catalog:
    """The sentences that count something, in French as they are: the catalogue only brings the rule of the plural."""
    french = Catalog(
        locale="fr",
        project="resana",
        version="0",
        charset="utf-8",
        fuzzy=False,
        header_comment="# What counts something, in French: zero and one are singular.\n#",
        msgid_bugs_address=" ",
        last_translator=" ",
        language_team=" ",
        creation_date=FIXED,
        revision_date=FIXED,
    )
    for message in said:
        if isinstance(message.id, tuple):
            french.add(message.id, message.id, message.locations, context=message.context)
    return french


def known_counting() -> set[tuple[str | None, str | tuple[str, ...]]]:
    if not COUNTING.exists():
        return set()
    with COUNTING.open("rb") as source:
        return sentences(read_po(source, locale="fr"))


def write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue, width=120, sort_by_file=True, include_lineno=False, omit_header=False)


def sentences(catalogue: Catalog) -> set[tuple[str | None, str | tuple[str, ...]]]:
    return {(message.context, message.id) for message in catalogue if message.id}


def check(said: Catalog, catalogue: Catalog) -> list[str]:
    complaints = []
    if sentences(counting(said)) != known_counting():
        complaints.append("translations/fr is not what the code says: make translations")
    for message in said:
        if not message.id:
            continue
        where = f"{message.locations[0][0]}: {first(message.id)!r}"
        there = catalogue.get(message.id, message.context)
        translations = [] if there is None else there.string if isinstance(there.string, tuple) else (there.string,)
        if there is None or not all(translations):
            complaints.append(f"{where} has no English")
        elif there.fuzzy:
            complaints.append(f"{where} has a doubtful English")
        else:
            complaints += [f"{where}: {error}" for error in there.check(catalogue)]
    return complaints


def first(id: str | tuple[str, ...]) -> str:
    return id if isinstance(id, str) else id[0]


sys.exit(main())
