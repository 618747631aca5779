"""« Nouvel espace » is offered to those who can create one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.mark.parametrize("path", ["/", "/spaces", "/sitemap"])
def test_a_new_space_is_offered_to_those_who_can_create_one(
    cast: SimpleNamespace, sign_in: Callable[[Any], Any], path: str
) -> None:
    assert "/spaces/new" in sign_in(cast.ines).get(path).text
    assert "/spaces/new" in sign_in(cast.olga).get(path).text
    assert "/spaces/new" not in sign_in(cast.bruno).get(path).text


def test_who_cannot_is_told_whom_to_ask(cast: SimpleNamespace, sign_in: Callable[[Any], Any]) -> None:
    page = sign_in(cast.bruno).get("/spaces/new").text
    assert "votre administration, « Préfecture de région »." in page
    assert "ce sont les responsables d’équipe qui créent les espaces" in page
