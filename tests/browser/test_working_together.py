"""The main job: three people of three administrations in three browsers, and a fourth who administers accounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

from playwright.sync_api import Page, expect

from .conftest import sign_in

Window = Callable[..., Page]


def say(page: Page, words: str) -> None:
    """Write in the discussion that is open, and send by the keyboard."""
    page.get_by_label("Votre message").fill(words)
    page.get_by_label("Votre message").press("Control+Enter")


def hears(page: Page, words: str) -> None:
    """The message stands in the log, once, and is not waiting any more."""
    message = page.get_by_role("log").locator("article").filter(has_text=words)
    expect(message).to_have_count(1)
    expect(message).not_to_have_class(re.compile("pending"))


def bring_in(page: Page, name: str, role: str, *, button: str) -> None:
    """Search for somebody on the members' page, and give them a role."""
    page.get_by_label("Nom d’une personne ou d’une administration").fill(name)
    page.get_by_role("button", name="Chercher", exact=True).last.click()
    line = page.locator("#bring-in").locator("xpath=ancestor::section").get_by_role("listitem")
    line = line.filter(has=page.get_by_role("button", name=button, exact=True))
    line.get_by_label("Rôle : ").first.select_option(value=role)
    line.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("table").get_by_role("rowheader", name=name)).to_be_visible()


def test_three_people_work_together_and_one_is_moved_away(
    cast: SimpleNamespace, window: Window, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines, cast.bruno, cast.olga, cast.rose)
    ines, bruno, olga, rose = (window(refused=(404,)) for _ in range(4))

    # In Poitiers, Inès creates a space, and brings in the other two.
    sign_in(ines, cast.ines)
    ines.get_by_role("link", name="Nouvel espace").first.click()
    ines.get_by_label("Titre").fill("Retour d’expérience des crues")
    ines.get_by_label(re.compile("^Description")).fill("Tirer les leçons de l’hiver, entre les trois sites.")
    ines.get_by_role("button", name="Créer l’espace").click()
    expect(ines.get_by_role("heading", level=1)).to_have_text("Membres")
    expect(ines.get_by_text("Retour d’expérience des crues").first).to_be_visible()
    bring_in(ines, "Bruno Castaing", "contributor", button="Faire entrer Bruno Castaing")
    bring_in(ines, "Rectorat de Limoges", "contributor", button="Faire entrer Rectorat de Limoges")

    # She deposits a document, and opens a discussion.
    ines.get_by_role("navigation", name="Sections de l’espace").get_by_role("link", name="Documents").click()
    ines.get_by_role("button", name="Déposer").first.click()
    ines.get_by_label("Fichiers").set_input_files(
        {"name": "Bilan.txt", "mimeType": "text/plain", "buffer": b"Premier jet du bilan."}
    )
    expect(ines.get_by_role("table").get_by_role("link", name="Bilan.txt", exact=True)).to_be_visible()
    ines.get_by_role("navigation", name="Sections de l’espace").get_by_role("link", name="Discussions").click()
    ines.get_by_role("link", name="Ouvrir la première discussion").click()
    ines.get_by_label("Titre").fill("Que retenir ?")
    ines.get_by_label(re.compile("^Premier message")).fill("Le bilan est déposé : qu’en dites-vous ?")
    ines.get_by_role("button", name="Ouvrir la discussion").click()
    hears(ines, "qu’en dites-vous")
    discussion = ines.url

    # In Bordeaux and Limoges, the space is on the home page, and the discussion is one click further.
    for page, account in ((bruno, cast.bruno), (olga, cast.olga)):
        sign_in(page, account)
        page.get_by_role("navigation", name="Navigation principale").get_by_role(
            "link", name="Retour d’expérience des crues"
        ).click()
        page.get_by_role("navigation", name="Sections de l’espace").get_by_role("link", name="Discussions").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Discussions")
        page.get_by_role("main").get_by_role("link", name="Que retenir ?", exact=True).click()
        hears(page, "qu’en dites-vous")
        page.wait_for_timeout(500)

    # All discuss, live.
    say(bruno, "Il manque les chiffres de la **Gironde**.")
    for page in (ines, bruno, olga):
        hears(page, "chiffres de la Gironde")
    say(olga, "Et ceux des établissements scolaires.")
    for page in (ines, bruno, olga):
        hears(page, "établissements scolaires")

    # Bruno deposits the second version.
    bruno.get_by_role("navigation", name="Sections de l’espace").get_by_role("link", name="Documents").click()
    bruno.get_by_role("link", name="Bilan.txt", exact=True).click()
    bruno.get_by_role("button", name="Nouvelle version").click()
    bruno.get_by_label("Fichier", exact=True).set_input_files(
        {"name": "Bilan.txt", "mimeType": "text/plain", "buffer": b"Le bilan, avec la Gironde."}
    )
    bruno.get_by_role("button", name="Déposer la version").click()
    expect(bruno.get_by_text("Version 2", exact=True)).to_be_visible()
    expect(bruno.get_by_text("Le bilan, avec la Gironde.")).to_be_visible()
    bruno.goto(discussion)
    bruno.wait_for_timeout(500)

    # Olga is writing when Rose, who administers the région, moves her account to the préfecture.
    olga.get_by_label("Votre message").fill("J’allais justement vous dire que")
    sign_in(rose, cast.rose)
    rose.goto("/administration/accounts?q=Olga")
    rose.get_by_role("link", name="Olga Roussel").click()
    expect(rose.get_by_role("heading", level=1)).to_have_text("Olga Roussel")
    rose.get_by_label("Administration", exact=True).select_option(value=cast.at.prefecture.public_id)
    rose.get_by_role("button", name="Enregistrer le compte").click()
    rose.get_by_role("button", name="Déplacer maintenant").click()

    # Her page closes at once, whatever she was doing; the others go on without her.
    expect(olga.get_by_role("heading", name="Vous n’avez plus accès")).to_be_visible(timeout=3000)
    expect(olga.get_by_text("qu’en dites-vous")).to_have_count(0)
    say(ines, "Nous continuons à deux.")
    hears(bruno, "Nous continuons à deux.")
    expect(olga.get_by_text("Nous continuons à deux.")).to_have_count(0)
    olga.goto(discussion)
    expect(olga.get_by_role("heading", level=1)).to_have_text("Cette page n’est pas accessible")


def test_leaving_and_archiving_a_space_are_asked_in_a_dialog(
    cast: SimpleNamespace, window: Window, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines, cast.marc)
    ines, marc = window(), window()

    # Marc leaves; Inès, who is the last lead, is told on the page why she cannot.
    sign_in(marc, cast.marc)
    marc.goto(f"/spaces/{cast.space.public_id}/members")
    marc.get_by_role("button", name="Quitter l’espace").click()
    marc.get_by_role("dialog").get_by_role("button", name="Quitter l’espace").click()
    expect(marc.get_by_text("Vous avez quitté")).to_be_visible()
    sign_in(ines, cast.ines)
    ines.goto(f"/spaces/{cast.space.public_id}/members")
    ines.get_by_role("button", name="Quitter l’espace").click()
    ines.get_by_role("dialog").get_by_role("button", name="Quitter l’espace").click()
    expect(ines.get_by_text("Un espace garde toujours un responsable.")).to_be_visible()
    expect(ines.get_by_role("heading", level=1)).to_have_text("Membres")

    # She archives it instead.
    ines.goto(f"/spaces/{cast.space.public_id}/settings")
    ines.get_by_role("button", name="Archiver l’espace").click()
    ines.get_by_role("dialog").get_by_role("button", name="Archiver l’espace").click()
    expect(ines.get_by_text("Archivé").first).to_be_visible()
