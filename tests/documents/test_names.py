"""Names of documents: those that failed elsewhere, and what is said to each."""

from __future__ import annotations

import unicodedata

import pytest
from flask import Flask

from resana.core.errors import Refused
from resana.core.text import folded
from resana.documents import names

HOSTILE = [
    "",
    "   ",
    "\u00a0",
    ".",
    "..",
    ".htaccess",
    "../etc/passwd",
    "..\\windows",
    "a/b",
    "a\\b",
    "note.",
    "note. ",
    " note",
    "note ",
    "no\x00te",
    "no\nte",
    "no\rte",
    "no\tte",
    "no\x7fte",
    "no\x85te",
    "no\u2028te",
    "facture\u202efdp.exe",
    "\u2066note\u2069",
    "no\u200bte",
    "no\ufeffte",
    "no\U000e0041te",
    "con",
    "CON.txt",
    "Aux",
    "nul.tar.gz",
    "com1",
    "LPT9.doc",
    "lpt¹",
    "CONIN$",
    "x" * 201,
    "é" * 101,
    "x" * 300,
    "\ud800",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused_with_words(app: Flask, name: str) -> None:
    with pytest.raises(Refused) as refused:
        names.clean(name)
    assert refused.value.detail
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "name",
    [
        "Note.pdf",
        "Compte rendu – été 2026.docx",
        "a" * 200,
        "é" * 100,
        "console.txt",
        "com10",
        "日本語.txt",
        "x.y.z",
        "-rf",
        "~$",
    ],
)
def test_an_ordinary_name_stays_as_it_is(app: Flask, name: str) -> None:
    assert names.clean(name) == name


def test_the_two_ways_to_write_an_accent_are_one_name(app: Flask) -> None:
    apart = unicodedata.normalize("NFD", "Été.pdf")
    assert names.clean(apart) == "Été.pdf"
    assert folded(apart) == folded("ÉTÉ.PDF")


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("Note.pdf", set(), "Note.pdf"),
        ("Note.pdf", {"note.pdf"}, "Note (2).pdf"),
        ("Note.pdf", {"note.pdf", "note (2).pdf"}, "Note (3).pdf"),
        ("Note (2).pdf", {"note (2).pdf"}, "Note (3).pdf"),
        ("Dossier", {"dossier"}, "Dossier (2)"),
        ("v1.2 finale", {"v1.2 finale"}, "v1.2 finale (2)"),
        ("é" * 98 + ".pdf", {"é" * 98 + ".pdf"}, "é" * 96 + " (2).pdf"),
    ],
)
def test_a_taken_name_gets_a_number_before_its_extension(name: str, taken: set[str], free: str) -> None:
    found = names.free(name, taken)
    assert found == free
    assert len(found.encode()) <= 200
