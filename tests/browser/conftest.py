"""A real Chromium in front of a real server, and people who sign in with it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from resana.accounts.models import Account
from resana.accounts.sessions import cookie_name, open_session
from tests.conftest import PASSWORD
from tests.serving import ROOT, Server

PATIENCE_MS = 10_000
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["RGAAv4", "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in this folder drive a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, until the file's last test: Playwright's loop must not stay for the tests of others."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=os.environ.get("RESANA_CHROMIUM") or None,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield found
        found.close()


@pytest.fixture
def window(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """`window()`: a browser of its own for one person; what its console complains of fails the test.

    `account` signs it in by its session; `refused` names answers (404, …) that the console may complain of.
    """
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def window(account: Account | None = None, refused: tuple[int, ...] = (), **more: Any) -> Page:
        context = browser.new_context(**{"base_url": server.url, "locale": "fr-FR", **more})
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        if account is not None:
            _opened, secret = open_session(account)
            context.add_cookies([{"name": cookie_name(), "value": secret, "url": server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def hear(message: Any) -> None:
            if message.type == "error" and not any(f"status of {status}" in message.text for status in refused):
                complaints.append(message.text)

        page.on("console", hear)
        return page

    yield window
    for context in opened:
        context.close()
    assert complaints == []


def sign_in(page: Page, account: Account) -> Page:
    """Sign in as a person does."""
    page.goto("/sign-in")
    page.get_by_label("Adresse").fill(account.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(re.compile("^(?!.*sign-in)"))
    return page


def violations(page: Page) -> list[str]:
    """What axe finds against RGAA 4 and WCAG 2.2 AA: the rule, and the first places."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async (tags) => (await axe.run({ runOnly: { type: 'tag', values: tags } })).violations"
        ".map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(' | ')}`)",
        RULES,
    )
    return list(found)


def overflow(page: Page) -> int:
    """CSS pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
