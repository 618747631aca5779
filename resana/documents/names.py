"""Names of documents and folders: what people read, and what no system stumbles over when they take it home."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _

from resana.core.errors import Refused
from resana.core.text import LONGEST_NAME, folded

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\U000e0000-\U000e007f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(.*) \((\d{1,6})\)", re.DOTALL)


def clean(name: str, field: str = "name") -> str:
    """The name as it is kept: NFC. Raises Refused, and says what is wrong with it; nothing is changed silently."""
    if _SURROGATE.search(name):
        raise Refused(_("Ce nom contient des caractères qui ne peuvent pas être enregistrés."), field)
    name = unicodedata.normalize("NFC", name)
    if not name.strip():
        raise Refused(_("Donnez un nom."), field)
    if _CONTROL.search(name):
        raise Refused(_("Ce nom contient un caractère de contrôle. Retirez-le puis recommencez."), field)
    if _INVISIBLE.search(name):
        raise Refused(
            _("Ce nom contient un caractère invisible, qui peut en fausser la lecture. Retirez-le puis recommencez."),
            field,
        )
    if "/" in name or "\\" in name:
        raise Refused(_("Un nom ne peut contenir ni « / » ni « \\ »."), field)
    if name.startswith("."):
        raise Refused(_("Un nom ne peut pas commencer par un point."), field)
    if name != name.strip():
        raise Refused(_("Un nom ne peut ni commencer ni finir par une espace."), field)
    if name.endswith("."):
        raise Refused(_("Un nom ne peut pas finir par un point."), field)
    if _RESERVED.fullmatch(name):
        raise Refused(_("« %(name)s » est un nom réservé par Windows. Choisissez-en un autre.", name=name), field)
    if len(name.encode()) > LONGEST_NAME:
        raise Refused(_("Ce nom est trop long. Raccourcissez-le."), field)
    return name


def split(name: str) -> tuple[str, str]:
    """The name before its extension, and the extension with its point: ("Note", ".pdf")."""
    stem, point, extension = name.rpartition(".")
    if not point or not stem or len(extension) > 12 or " " in extension:
        return name, ""
    return stem, point + extension


def free(name: str, taken: set[str]) -> str:
    """`name`, or "Note (2).pdf" and so on, whose folded form is not in `taken`; cut where it would be too long."""
    if folded(name) not in taken:
        return name
    stem, extension = split(name)
    number = 2
    if (found := _NUMBERED.fullmatch(stem)) is not None:
        stem, number = found[1], int(found[2]) + 1
    while True:
        end = f" ({number}){extension}"
        candidate = _cut(stem, LONGEST_NAME - len(end.encode())) + end
        if folded(candidate) not in taken:
            return candidate
        number += 1


def _cut(text: str, longest: int) -> str:
    """The beginning of `text` that takes at most `longest` bytes."""
    return text.encode()[:longest].decode(errors="ignore").rstrip()
