"""Passwords: what is accepted, how it is kept, how it is compared.

Hashing is slow on purpose, so that it never happens inside a transaction, and only so many at a time.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask_babel import gettext as _

from resana.core.database import session
from resana.core.errors import Refused, TooMany
from resana.core.text import searchable

from .models import Account

SHORTEST, LONGEST = 15, 128
"""Characters (OWASP ASVS 5.0.0, 6.2.1 and 6.2.9); no rule of composition (6.2.5)."""
LONGEST_TYPED = 1_000
"""Characters that are looked at all: more is not a password."""
LEFT_OVER = 8
"""Characters that must remain of a password without what anybody would guess."""
PATIENCE_S = 15

# RFC 9106 and OWASP: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))

COMMON = [
    "resana",
    "nouvelle",
    "aquitaine",
    "dreal",
    "draaf",
    "ddt",
    "ddtm",
    "prefecture",
    "rectorat",
    "academie",
    "region",
    "departement",
    "direction",
    "service",
    "administration",
    "ministere",
    "france",
    "etat",
    "bordeaux",
    "limoges",
    "poitiers",
    "motdepasse",
    "password",
    "passe",
    "secret",
    "bonjour",
    "bienvenue",
    "bienvenu",
    "soleil",
    "azerty",
    "qwerty",
    "admin",
    "administrateur",
    "utilisateur",
    "changeme",
    "welcome",
    "letmein",
    "iloveyou",
    "jetaime",
]
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "01234567890",
    "1234567890",
)
YEAR = re.compile(r"(?:19|20)\d\d")


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """Wait for one of the few places where hashing happens. Raises TooMany where the wait is long."""
    if not _slots.acquire(timeout=PATIENCE_S):
        raise TooMany(_("Beaucoup de personnes se connectent en ce moment. Recommencez dans quelques secondes."), 5)
    try:
        yield
    finally:
        _slots.release()


def hashed(password: str) -> str:
    """What is kept of a password. The caller holds no transaction."""
    _outside_any_transaction()
    with turn():
        return _hasher.hash(_bytes(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one of which `kept` was kept; as long for nobody's (None) as for somebody's.

    The caller holds a `turn()` and no transaction.
    """
    _outside_any_transaction()
    try:
        same = _hasher.verify(kept or _nobodys(), _bytes(password))
    except (Argon2Error, InvalidHashError):
        return False
    return bool(same) and kept is not None


def is_dated(kept: str) -> bool:
    """Whether `kept` was made with other parameters than today's, and should be made again."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_bytes(16))


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _outside_any_transaction() -> None:
    if session().in_transaction():
        raise RuntimeError("a password is hashed outside of any transaction")


def accepted(password: str, account: Account) -> str:
    """`password`, if its owner may choose it. Raises Refused with what is wrong and what would help."""
    if len(password) < SHORTEST:
        raise Refused(
            _(
                "Ce mot de passe est trop court : il y faut %(least)d caractères au moins. Une petite phrase convient.",
                least=SHORTEST,
            ),
            "password",
        )
    if len(password) > LONGEST:
        raise Refused(_("Ce mot de passe est trop long : %(most)d caractères au plus.", most=LONGEST), "password")
    left, found = _without_the_obvious(password, _words_of(account))
    if len(left) < LEFT_OVER or len(set(left)) < 5:
        if found:
            raise Refused(
                _(
                    "Ce mot de passe se devine : il tient surtout à « %(what)s ». "
                    "Ajoutez des mots sans rapport avec vous ni votre travail.",
                    what=_(" », « ").join(found),
                ),
                "password",
            )
        raise Refused(
            _("Ce mot de passe se devine : il se répète ou suit une suite. Préférez quelques mots sans rapport."),
            "password",
        )
    return password


def _words_of(account: Account) -> list[str]:
    home = account.home_administration
    said = " ".join(
        [account.first_name, account.last_name, account.email, home.name, home.short_name, home.city, account.job_title]
    )
    own = [word for word in re.split(r"[^a-z0-9]+", searchable(said)) if len(word) >= 3]
    return sorted({*own, *COMMON}, key=len, reverse=True)


def _without_the_obvious(password: str, words: list[str]) -> tuple[str, list[str]]:
    """What remains of a password without known words, years, sequences and repetitions; and the words found."""
    left = re.sub(r"[^\w]|_", "", searchable(password))
    found: list[str] = []
    for word in words:
        if word in left:
            left = left.replace(word, " ")
            found.append(word)
    found += YEAR.findall(left)
    left = YEAR.sub(" ", left)
    for row in ROWS:
        for line in (row, row[::-1]):
            left = _without_sequences(left, line)
    left = left.replace(" ", "")
    left = re.sub(r"(.+?)\1{2,}", r"\1", left)
    whole = re.fullmatch(r"(.+?)\1+", left)
    return (whole[1] if whole else left), found[:3]


def _without_sequences(text: str, line: str, least: int = 4) -> str:
    kept, at = [], 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[at : end + 1] in line:
            end += 1
        if end - at >= least:
            kept.append(" ")
        else:
            end = at + 1
            kept.append(text[at])
        at = end
    return "".join(kept)
