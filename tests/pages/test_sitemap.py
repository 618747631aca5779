"""The page of all that can be reached."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


def test_who_administers_reaches_the_requests_for_spaces(cast: SimpleNamespace, sign_in: Callable[[Any], Any]) -> None:
    page = sign_in(cast.rejane).get("/sitemap")
    assert page.status_code == 200 and "/administration/space-requests" in page.text
