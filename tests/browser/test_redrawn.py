"""A page that is drawn again in place, for what happened in its space, stays as it was under the reader’s eyes."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from resana.core.storage import draft_of
from resana.documents import actions as folders
from resana.documents import trash, writing
from resana.documents.models import Document

Window = Callable[..., Page]


def put(cast: SimpleNamespace, name: str, content: bytes = b"Bonjour", folder: Any = None) -> Document:
    with draft_of(content) as draft:
        return writing.deposit(cast.space, folder, name, draft, by=cast.ines)


def pdf(pages: int) -> bytes:
    out = io.BytesIO()
    first, *more = [Image.new("RGB", (320, 200), "#17636b") for _ in range(pages)]
    first.save(out, "PDF", save_all=True, append_images=more)
    return out.getvalue()


DRAWN = "document.addEventListener('turbo:morph', () => (document.documentElement.dataset.drawn = 'true'))"


def redrawn(page: Page, act: Callable[[], Any]) -> None:
    """Do this, and wait until the page was drawn again for it."""
    page.evaluate("delete document.documentElement.dataset.drawn")
    page.evaluate(DRAWN)
    act()
    expect(page.locator("html")).to_have_attribute("data-drawn", "true")


@pytest.fixture
def page(window: Window, cast: SimpleNamespace) -> Page:
    return window(cast.ines)


def test_what_was_just_done_can_be_undone_until_one_leaves(cast: SimpleNamespace, page: Page) -> None:
    put(cast, "Reste.txt")
    document = put(cast, "Note.txt")
    page.goto(f"/documents/{document.public_id}")
    page.get_by_role("button", name="Mettre à la corbeille").click()
    page.get_by_role("dialog").get_by_role("button", name="Mettre à la corbeille").click()
    undo = page.get_by_role("button", name="Remettre à sa place")
    expect(undo).to_be_visible()
    for rank in range(2):
        redrawn(page, lambda rank=rank: put(cast, f"Autre {rank}.txt"))
        expect(page.get_by_role("link", name=f"Autre {rank}.txt", exact=True)).to_be_visible()
        expect(undo).to_have_count(1)
        expect(undo).to_be_visible()
    undo.click()
    expect(page.get_by_role("link", name="Note.txt", exact=True)).to_be_visible()
    expect(page.get_by_text("est revenu dans")).to_be_visible()
    expect(undo).to_have_count(0)


def test_where_one_goes_is_not_drawn_again_for_what_was_heard_before(cast: SimpleNamespace, page: Page) -> None:
    page.goto(f"/spaces/{cast.space.public_id}/documents")
    page.evaluate(DRAWN)
    link = page.get_by_role("link", name="Corbeille")
    link.evaluate(
        "async (link) => (await import('resana/live/refresher.js')).refreshFor('document_renamed') ?? link.click()"
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("Corbeille")
    page.wait_for_timeout(1000)
    expect(page.locator("html")).not_to_have_attribute("data-drawn", "true")


def test_what_was_said_stays_until_it_is_closed(cast: SimpleNamespace, page: Page) -> None:
    folder = folders.create_folder(cast.space, "Arrêtés", by=cast.ines)
    trash.trash_folder(folder, by=cast.ines)
    page.goto(f"/spaces/{cast.space.public_id}/trash")
    page.get_by_role("button", name="Remettre à sa place : Arrêtés").click()
    said = page.get_by_text("est revenu dans")
    expect(said).to_be_visible()
    redrawn(page, lambda: put(cast, "Note.txt"))
    expect(said).to_have_count(1)
    page.get_by_role("button", name="Fermer ce message").click()
    expect(said).to_have_count(0)
    redrawn(page, lambda: put(cast, "Autre.txt"))
    expect(said).to_have_count(0)


def test_a_restored_version_is_said_until_one_leaves(cast: SimpleNamespace, page: Page) -> None:
    document = put(cast, "Note.txt")
    with draft_of(b"deux") as draft:
        writing.replace(document, draft, by=cast.ines)
    page.goto(f"/documents/{document.public_id}")
    page.get_by_role("button", name="Restaurer la version 1").click()
    said = page.get_by_text("est de nouveau en place")
    expect(said).to_be_visible()
    with draft_of(b"quatre") as draft:
        redrawn(page, lambda: writing.replace(document, draft, by=cast.ines))
    expect(said).to_be_visible()
    page.get_by_role("link", name="Vue d’ensemble").click()
    expect(said).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Note.txt")
    expect(said).to_have_count(0)


def test_the_bar_for_many_waits_until_something_is_ticked(cast: SimpleNamespace, page: Page) -> None:
    put(cast, "Note.txt")
    page.goto(f"/spaces/{cast.space.public_id}/documents")
    bar = page.get_by_role("button", name="Mettre à la corbeille")
    expect(bar).to_be_hidden()
    redrawn(page, lambda: put(cast, "Autre.txt"))
    expect(page.get_by_role("link", name="Autre.txt", exact=True)).to_be_visible()
    expect(bar).to_be_hidden()
    page.get_by_label("Sélectionner Autre.txt").check()
    expect(bar).to_be_visible()
    page.get_by_role("button", name="Tout désélectionner").click()
    expect(bar).to_be_hidden()


def test_dialogs_and_the_choice_of_colours_work_as_before(cast: SimpleNamespace, page: Page) -> None:
    page.goto(f"/spaces/{cast.space.public_id}/documents")
    redrawn(page, lambda: put(cast, "Note.txt"))
    page.get_by_role("button", name="Nouveau dossier").click()
    dialog = page.get_by_role("dialog", name="Nouveau dossier")
    assert dialog.evaluate("dialog => dialog.matches(':modal:not([popover])')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator(".tools summary").click()
    expect(page.get_by_role("button", name="Sombre")).to_be_visible()


def test_a_pdf_stays_at_its_page_until_there_is_another_version(cast: SimpleNamespace, page: Page) -> None:
    document = put(cast, "Carte.pdf", pdf(pages=3))
    page.goto(f"/documents/{document.public_id}")
    page.get_by_role("button", name="Page suivante").click()
    expect(page.get_by_text("Page 2 sur 3")).to_be_visible()
    redrawn(page, lambda: put(cast, "Note.txt"))
    expect(page.get_by_text("Page 2 sur 3")).to_be_visible()
    expect(page.locator("canvas")).to_be_visible()
    with draft_of(pdf(pages=2)) as draft:
        redrawn(page, lambda: writing.replace(document, draft, by=cast.ines))
    expect(page.get_by_text("Page 1 sur 2")).to_be_visible()
    expect(page.locator("canvas")).to_be_visible()
