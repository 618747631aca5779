"""Signing in with a key, in a real Chromium with an authenticator of its own (WebAuthn through CDP)."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Page, expect

from resana.accounts.models import Account
from tests.accounts.factors.conftest import give_application
from tests.conftest import PASSWORD
from tests.serving import Server

from .conftest import overflow, violations

Window = Callable[..., Page]
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasResidentKey": True,
    "automaticPresenceSimulation": True,
}


def plug_in(page: Page) -> Any:
    """A key in this window; its handle takes it out again."""
    there = page.context.new_cdp_session(page)
    there.send("WebAuthn.enable")
    identity = there.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
    return lambda: there.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": identity})


def give_the_password(page: Page, account: Account) -> None:
    page.goto("/sign-in")
    page.get_by_label("Adresse").fill(account.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def in_order(page: Page) -> None:
    """No barrier, nothing beyond the edge."""
    assert violations(page) == []
    assert overflow(page) <= 0


def test_a_key_is_added_and_signs_in(
    window: Window, server: Server, cast: SimpleNamespace, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines)
    # Browsers bind no key to a bare address.
    page = window(base_url=f"http://localhost:{urlsplit(server.url).port}", viewport={"width": 320, "height": 640})
    take_out = plug_in(page)
    give_the_password(page, cast.ines)
    page.wait_for_url("**/")
    page.goto("/account/second-factors")
    page.get_by_role("link", name="Ajouter une clé").click()
    page.get_by_label("Comment l’appeler").fill("Ordinateur du bureau")
    page.get_by_role("button", name="Ajouter cette clé").click()
    expect(page.locator("ol.codes li")).to_have_count(10)
    in_order(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    assert download.value.suggested_filename == "codes-de-secours-resana.txt"
    page.context.clear_cookies()
    give_the_password(page, cast.ines)
    page.wait_for_url("**/sign-in/second-step")
    in_order(page)
    page.get_by_role("button", name="Me servir de ma clé").click()
    page.wait_for_url(re.compile("/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    take_out()


def test_a_code_signs_in_without_script(
    window: Window, cast: SimpleNamespace, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines)
    secret = pyotp.random_base32(32)
    give_application(cast.ines, secret)
    page = window(java_script_enabled=False, refused=(422,))
    give_the_password(page, cast.ines)
    page.wait_for_url("**/sign-in/second-step")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_text("Ce code ne convient pas").first).to_be_visible()
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(re.compile("/$"))
