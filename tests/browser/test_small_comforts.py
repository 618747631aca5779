"""What script and style add to a page that works without them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from playwright.sync_api import Page, expect

Window = Callable[..., Page]
TOKEN = "À quoi sert ce jeton"
COPY = "Copier"
PROGRESS = """() => {
  Turbo.session.adapter.progressBar.show()
  const probe = document.createElement("i")
  document.body.append(probe)
  probe.style.backgroundColor = "var(--clay-mark)"
  const colour = (element) => getComputedStyle(element).backgroundColor
  return [colour(document.querySelector(".turbo-progress-bar")), colour(probe)]
}"""


def make_token(page: Page) -> str:
    page.goto("/account")
    page.get_by_label(TOKEN).fill("Relevés")
    page.get_by_role("button", name="Créer le jeton").click()
    return page.get_by_label("Jeton d’accès", exact=True).input_value()


def test_a_new_token_is_copied_by_a_button(cast: SimpleNamespace, window: Window) -> None:
    page = window(cast.ines, permissions=["clipboard-read", "clipboard-write"])
    secret = make_token(page)
    page.get_by_role("button", name=COPY).click()
    expect(page.locator("#status")).to_have_text("Jeton copié")
    assert page.evaluate("navigator.clipboard.readText()") == secret


def test_without_script_there_is_no_button_that_does_nothing(cast: SimpleNamespace, window: Window) -> None:
    page = window(cast.ines, java_script_enabled=False)
    assert make_token(page).startswith("resana_")
    expect(page.get_by_role("button", name=COPY)).to_have_count(0)


def test_the_bar_of_a_slow_page_has_a_colour_of_the_palette(cast: SimpleNamespace, window: Window) -> None:
    page = window(cast.ines)
    page.goto("/")
    bar, palette = page.evaluate(PROGRESS)
    assert bar == palette


def test_the_words_of_the_search_field_are_whole_on_a_small_screen(cast: SimpleNamespace, window: Window) -> None:
    page = window(cast.ines, viewport={"width": 320, "height": 640})
    page.goto("/")
    wide = """(field) => {
      const style = getComputedStyle(field)
      const pen = document.createElement("canvas").getContext("2d")
      pen.font = `${style.fontSize} ${style.fontFamily}`
      const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
      return room - pen.measureText(field.placeholder).width
    }"""
    assert page.locator("#top-search").evaluate(wide) > 0
