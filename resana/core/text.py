"""Text that people and programs send, made sane."""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata

from flask_babel import gettext as _

from .errors import Refused

LONGEST_NAME = 200
"""Bytes of a name in UTF-8 (documents.md, "names")."""

_ID = re.compile(r"[a-z2-7]{26}")
_BIDI = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def new_id() -> str:
    """An id for a URL: 128 random bits, 26 characters, that cannot be guessed or counted."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id; what has not names nothing."""
    return _ID.fullmatch(text) is not None


def folded(name: str) -> str:
    """What two names that people take for the same have in common: casefold(NFC(name))."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def searchable(text: str) -> str:
    """`text` without accents and capitals, for finding: "Préfecture" and "prefecture" are one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words_of(text: str, most: int = 6) -> list[str]:
    """What is looked for: the first words of `text` as `searchable` says them, without those that nothing contains."""
    return [word for word in searchable(text).split() if word.isprintable()][:most]


def line(text: str, field: str, longest: int = LONGEST_NAME) -> str:
    """One line that people read: NFC, no control, no bidirectional override, between 1 and `longest` bytes.

    Raises Refused, naming `field`.
    """
    text = unicodedata.normalize("NFC", text.strip()) if not _SURROGATE.search(text) else "\x00"
    if not text:
        raise Refused(_("Ce champ est obligatoire."), field)
    if _CONTROL.search(text) or _BIDI.search(text):
        raise Refused(
            _("Ce texte contient des caractères invisibles ou de contrôle. Retirez-les puis recommencez."), field
        )
    if len(text.encode()) > longest:
        raise Refused(_("Ce texte est trop long. Raccourcissez-le."), field)
    return text


def paragraph(text: str, field: str, longest: int, required: bool = False) -> str:
    """Several lines that people read: NFC, line feeds only, no control, at most `longest` characters. Or Refused."""
    if _SURROGATE.search(text):
        raise Refused(_("Ce texte contient des caractères qui ne peuvent pas être enregistrés."), field)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL_BUT_LINES.sub("", text).strip("\n")
    if required and not text.strip():
        raise Refused(_("Ce champ est obligatoire."), field)
    if len(text) > longest:
        raise Refused(_("Ce texte est trop long : %(most)d caractères au plus.", most=longest), field)
    return text
