"""Choosing a language leads back to where one was, and nowhere else."""

from __future__ import annotations

import pytest

from resana.core.addresses import local_path


@pytest.mark.parametrize("address", ["/", "/spaces/abc/threads?after=3", "/help#trouble", "/search?q=a//b"])
def test_a_path_of_ours_is_gone_back_to(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "help",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\r\nLocation: x",
        "javascript:x",
    ],
)
def test_no_other_site_is_ever_gone_to(address: str) -> None:
    assert local_path(address) is None
