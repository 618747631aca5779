"""The pages that a public service owes to everybody open for everybody."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

NAMES = ("help", "contact", "legal", "privacy", "cookies", "accessibility", "sitemap", "offline")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_for_each_kind_of_person(
    cast: SimpleNamespace, client: Any, sign_in: Callable[..., Any], name: str
) -> None:
    agent, lead, administrator, platform = cast.lucie, cast.ines, cast.adam, cast.petra
    visitors = [client, *(sign_in(account) for account in (agent, lead, administrator, platform))]
    assert [visitor.get(f"/{name}").status_code for visitor in visitors] == [200] * 5


def test_the_site_map_leads_who_administers_to_pages_that_open(
    cast: SimpleNamespace, sign_in: Callable[..., Any]
) -> None:
    pages = ("/administration", "/administration/accounts", "/administration/space-requests")
    for account in (cast.adam, cast.rose):
        administrator = sign_in(account)
        page = administrator.get("/sitemap").text
        assert [address for address in pages if f'href="{address}"' not in page] == []
        assert [administrator.get(address).status_code for address in pages] == [200] * 3
    assert "/administration" not in sign_in(cast.ines).get("/sitemap").text


def test_no_page_of_these_is_forgotten(app: Flask) -> None:
    files = {"manifest", "service_worker"}
    there = {
        rule.endpoint.removeprefix("pages.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or ())
    }
    assert there - files == set(NAMES)
