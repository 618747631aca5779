"""The pages of documents: what each person finds there, and what works without script."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask

from resana.core.database import session
from resana.documents import actions, trash


@pytest.fixture(autouse=True)
def links(app: Flask) -> Any:
    """Pages link to one another; those of a package that is left out lead nowhere."""
    handlers = app.url_build_error_handlers
    handlers.append(lambda _error, endpoint, _values: f"#{endpoint}")
    yield
    handlers.pop()


def test_a_contributor_finds_what_to_do_and_a_reader_what_to_read(cast: Any, sign_in: Any, put: Any) -> None:
    url = f"/spaces/{cast.space.public_id}/documents"
    assert "Glissez des fichiers ici" in sign_in(cast.bruno).get(url).text
    empty = sign_in(cast.lucie).get(url).text
    assert "Aucun document pour l’instant" in empty
    assert "Nouveau dossier" not in empty
    folder = actions.create_folder(cast.space, "<b>Réunions", by=cast.bruno)
    put("Note & suite.txt", folder=folder)
    page = sign_in(cast.lucie).get(url).text
    assert "&lt;b&gt;Réunions" in page
    assert 'type="checkbox"' not in page
    inside = sign_in(cast.bruno).get(f"/folders/{folder.public_id}").text
    assert "Note &amp; suite.txt" in inside
    assert 'value="document:' in inside
    assert "style=" not in inside


def test_a_page_of_a_folder_costs_the_same_however_long(cast: Any, sign_in: Any, put: Any, statements: Any) -> None:
    client, url = sign_in(cast.bruno), f"/spaces/{cast.space.public_id}/documents"
    for rank in range(3):
        put(f"{rank}.txt")
    actions.create_folder(cast.space, "A", by=cast.bruno)
    client.get(url)
    with statements() as few:
        client.get(url)
    for rank in range(3, 30):
        put(f"{rank}.txt", by=cast.marc if rank % 2 else cast.bruno)
    with statements() as many:
        client.get(url)
    assert len(many) <= len(few) + 1  # things of others are asked about too, once


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("a.txt", b"Bonjour <script>", "Bonjour &lt;script&gt;"),
        ("a.md", "# Réunion de cet été".encode("cp1252"), "# Réunion de cet été"),
        ("long.txt", b"x" * 300_000, "Seul le début est affiché"),
        ("vide.txt", b"", "Ce fichier est vide"),
        ("a.bin", b"\x00\x01", "Pas d’aperçu"),
        ("a.html", b"<!doctype html><script>alert(1)</script>", "Pas d’aperçu"),
        ("a.pdf", b"%PDF-1.4", 'data-controller="pdf"'),
    ],
)
def test_a_document_shows_what_can_be_shown(
    cast: Any, sign_in: Any, put: Any, name: str, content: bytes, shown: str
) -> None:
    document = put(name, content)
    page = sign_in(cast.lucie).get(f"/documents/{document.public_id}")
    assert page.status_code == 200
    assert shown in page.text
    assert document.sha256 in page.text


def test_names_are_asked_again_with_what_was_typed(cast: Any, sign_in: Any, put: Any) -> None:
    document, other = put("Note.txt"), put("Autre.txt")
    client = sign_in(cast.bruno)
    url = f"/documents/{document.public_id}/name"
    assert client.get(url).status_code == 200
    again = client.post(url, data={"name": "autre.TXT"})
    assert again.status_code == 422
    assert 'value="autre.TXT"' in again.text
    assert "est déjà à cet endroit" in again.text
    assert client.post(url, data={"name": "note.txt"}).status_code == 303
    assert client.post(f"/spaces/{cast.space.public_id}/folders", data={"name": "con"}).status_code == 422
    assert client.post(f"/spaces/{cast.space.public_id}/folders", data={"name": "Réunions"}).status_code == 303
    assert other.name == "Autre.txt"


def test_trash_by_the_page_can_be_undone(cast: Any, sign_in: Any, put: Any) -> None:
    document = put("Note.txt")
    client = sign_in(cast.bruno)
    gone = client.post(f"/documents/{document.public_id}/trash")
    assert gone.status_code == 303
    page = client.get(gone.location).text
    undo = re.search(r'action="(/documents/\w+/restoration)"', page)
    assert undo is not None
    assert "Remettre à sa place" not in client.get(gone.location).text
    assert "Note.txt" in client.get(f"/spaces/{cast.space.public_id}/trash").text
    assert client.post(undo[1]).status_code == 303
    assert "La corbeille est vide" in client.get(f"/spaces/{cast.space.public_id}/trash").text


def test_one_act_has_one_name_wherever_it_is_done(cast: Any, sign_in: Any, put: Any) -> None:
    document = put("Note.txt")
    client = sign_in(cast.bruno)
    page = client.get(f"/documents/{document.public_id}").text
    assert "Supprimer" not in page and "<span>Mettre à la corbeille</span>" in page
    client.post(f"/documents/{document.public_id}/trash")
    page = client.get(f"/spaces/{cast.space.public_id}/trash").text
    assert "Restaurer" not in page and "<span>Remettre à sa place</span>" in page


def test_many_are_moved_and_trashed_each_by_its_right(cast: Any, sign_in: Any, put: Any) -> None:
    mine, theirs = put("mine.txt"), put("theirs.txt", by=cast.ines)
    folder = actions.create_folder(cast.space, "A", by=cast.bruno)
    client, url = sign_in(cast.bruno), f"/spaces/{cast.space.public_id}/documents/selection"
    chosen = [f"document:{mine.public_id}", f"document:{theirs.public_id}", "document:x", "space:" + "a" * 26]
    assert client.post(url, data={"chosen": chosen, "do": "move", "place": folder.public_id}).status_code == 303
    inside = client.get(f"/folders/{folder.public_id}").text
    assert "mine.txt" in inside
    assert "theirs.txt" not in inside
    assert client.post(url, data={"chosen": [f"folder:{folder.public_id}"], "do": "trash"}).status_code == 303
    assert client.get(f"/folders/{folder.public_id}").status_code == 404
    assert client.post(url, data={"chosen": chosen, "do": "erase"}).status_code == 422


def test_a_new_version_by_the_page_says_what_it_replaces(cast: Any, sign_in: Any, put: Any) -> None:
    document = put("Note.txt", b"un")
    seen, client = document.sha256, sign_in(cast.bruno)
    url = f"/documents/{document.public_id}/versions"

    def send(content: bytes) -> int:
        data = {"seen": seen, "file": (io.BytesIO(content), "whatever.txt")}
        return int(client.post(url, data=data, content_type="multipart/form-data").status_code)

    assert send(b"deux") == 303
    assert send(b"trois") == 412
    assert client.post(f"{url}/1/restoration").status_code == 303
    page = client.get(f"/documents/{document.public_id}").text
    assert "reprise de la version 1" in page


def test_a_folder_moves_by_a_form(cast: Any, sign_in: Any, put: Any) -> None:
    a = actions.create_folder(cast.space, "A", by=cast.bruno)
    b = actions.create_folder(cast.space, "B", by=cast.bruno)
    client = sign_in(cast.bruno)
    url = f"/folders/{b.public_id}/place"
    assert client.get(url).status_code == 200
    assert client.post(url, data={"place": b.public_id}).status_code == 422
    assert client.post(url, data={"place": a.public_id}).status_code == 303
    session.expire_all()
    assert trash.place_in_words(b) == "A"
