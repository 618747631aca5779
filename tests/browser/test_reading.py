"""What is read is no longer counted, wherever the page counts it."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

from playwright.sync_api import Page, expect

from resana.discussions import actions as threads
from resana.discussions import messages
from resana.spaces.reading import visit

Window = Callable[..., Page]


def test_the_numbers_of_a_space_and_of_its_discussion_fall_together(cast: SimpleNamespace, window: Window) -> None:
    visit(cast.space, by=cast.bruno)
    other = threads.create(cast.space, "Étiage", by=cast.ines, body="À lire plus tard.")
    thread = threads.create(cast.space, "Arrêté de juillet", by=cast.ines, body="Voici le projet.")
    for number in range(3):
        messages.post(thread, f"Article {number}", by=cast.ines, client_uuid=str(number))
    page = window(cast.bruno)
    page.goto(f"/threads/{other.public_id}")
    row = page.locator(f"[data-thread='{thread.public_id}']")
    expect(row.locator(".count")).to_have_text("4 messages non lus")
    expect(row).to_have_class(re.compile("unread"))
    expect(page.locator(f"[data-thread='{other.public_id}'] .count")).to_have_count(0)

    page.goto(f"/threads/{thread.public_id}")
    space = page.get_by_role("navigation", name="Navigation principale").locator("[data-space-unread]")
    for place in (row, space):
        expect(place.locator(".count")).to_have_count(0)
    expect(row).not_to_have_class(re.compile("unread"))
    expect(row.get_by_role("link")).to_have_attribute("aria-current", "page")

    messages.post(thread, "Article 4", by=cast.ines, client_uuid="4")
    expect(page.get_by_role("log").get_by_text("Article 4")).to_be_visible()
    expect(row.get_by_text("Article 4")).to_be_visible()
    for place in (row, space):
        expect(place.locator(".count")).to_have_count(0)


def test_another_discussion_keeps_its_number(cast: SimpleNamespace, window: Window) -> None:
    visit(cast.space, by=cast.bruno)
    other = threads.create(cast.space, "Étiage", by=cast.ines, body="À lire plus tard.")
    thread = threads.create(cast.space, "Arrêté de juillet", by=cast.ines, body="Voici le projet.")
    page = window(cast.bruno)
    page.goto(f"/threads/{thread.public_id}")
    expect(page.locator(f"[data-thread='{thread.public_id}'] .count")).to_have_count(0)
    expect(page.locator(f"[data-thread='{other.public_id}'] .count")).to_have_text("1 message non lu")
    space = page.get_by_role("navigation", name="Navigation principale").locator("[data-space-unread]")
    expect(space.locator(".count")).to_have_text("1 message non lu")
