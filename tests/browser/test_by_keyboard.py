"""Everything by the keyboard, and dialogs that do what their buttons say."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD

Window = Callable[..., Page]


def focused(page: Page) -> str:
    """What has the focus, in the words that are heard."""
    return str(
        page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent").strip()
    )


def tab_to(page: Page, words: str, most: int = 60) -> None:
    """Go forward until these words have the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == words:
            return
    raise AssertionError(f"« {words} » is not reached by the keyboard")


def test_one_signs_in_skips_to_the_content_and_makes_a_folder(
    cast: SimpleNamespace, window: Window, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines)
    page = window()
    page.goto("/sign-in")
    page.get_by_label("Adresse").focus()
    page.keyboard.type(cast.ines.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour Inès")

    page.goto(f"/spaces/{cast.space.public_id}/documents")
    page.keyboard.press("Tab")
    assert focused(page) == "Aller au contenu"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    # Escape closes a dialog and leads back to its button; Enter in it sends.
    tab_to(page, "Nouveau dossier")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Nouveau dossier")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Nouveau dossier")).to_be_hidden()
    assert focused(page) == "Nouveau dossier"
    page.keyboard.press("Enter")
    page.keyboard.type("Arrêtés")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Arrêtés")


def test_a_dialog_does_what_its_button_says(cast: SimpleNamespace, window: Window) -> None:
    page = window(cast.ines)
    page.goto(f"/spaces/{cast.space.public_id}/members")
    page.get_by_role("button", name="Retirer l’accès : Bruno Castaing").click()
    dialog = page.get_by_role("dialog", name="Retirer l’accès ?")
    dialog.get_by_role("button", name="Annuler").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Retirer l’accès : Bruno Castaing").click()
    dialog.get_by_role("button", name="Retirer l’accès").click()
    expect(page.get_by_role("rowheader", name="Bruno Castaing")).to_have_count(0)
    expect(page.get_by_role("rowheader", name="Marc Leroux")).to_be_visible()


def test_reading_and_writing_need_no_script(cast: SimpleNamespace, window: Window) -> None:
    page = window(cast.ines, java_script_enabled=False)
    page.goto(f"/spaces/{cast.space.public_id}/threads/new")
    page.get_by_label("Titre").fill("Sans script")
    page.get_by_label("Premier message").fill("Bonjour à tous.")
    page.get_by_role("button", name="Ouvrir la discussion").click()
    page.get_by_label("Votre message").fill("Et un second.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("log").get_by_role("article")).to_have_count(2)
    page.goto(f"/spaces/{cast.space.public_id}/documents")
    page.get_by_role("button", name="Déposer").first.click()
    page.get_by_label("Fichiers").set_input_files({"name": "Note.txt", "mimeType": "text/plain", "buffer": b"Note"})
    page.get_by_role("button", name="Déposer").last.click()
    expect(page.get_by_role("link", name="Note.txt", exact=True)).to_be_visible()
