"""What anybody may send, and nobody means: it is refused, never a 500, and never without a bound."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from resana.core.guarding import SMALL_BODY

SignIn = Callable[[Any], FlaskClient]
JSON = {"Content-Type": "application/json"}


class Endless(io.RawIOBase):
    """A body without an end; counts what was read of it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "all of it at once"
        self.taken += size
        assert self.taken < 32 * SMALL_BODY, "it is read for ever"
        return b"a" * size

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[:] = piece
        return len(piece)


@pytest.mark.parametrize("path", ["/api/v1/session", "/sign-in", "/language"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_without_a_length_is_bounded_too(app: Flask, client: Any, path: str, kind: str) -> None:
    endless = Endless()
    if kind == "multipart/form-data":
        kind += "; boundary=x"
    answer = client.post(
        path,
        headers={"Transfer-Encoding": "chunked", "Content-Type": kind},
        environ_overrides={"wsgi.input": endless, "wsgi.input_terminated": True},
    )
    assert answer.status_code == 413
    assert endless.taken < 10 * SMALL_BODY


def test_json_without_a_bottom(client: Any) -> None:
    assert client.post("/api/v1/session", data="[" * 500_000, headers=JSON).status_code == 400


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/accounts?cursor=" + cursor("\ud800", 1),
        "/api/v1/administrations?cursor=" + cursor("a\x00", 1),
        "/api/v1/spaces?cursor=" + cursor(2**63),
        "/spaces/{space}/documents?sort=date&after=" + cursor("document", "0001-01-01T00:00:00+23:59", 1),
        "/spaces/{space}/documents?sort=date&after=" + cursor("document", "2026-01-01T00:00:00", 1),
    ],
)
def test_a_cursor_that_no_list_gave(sign_in: SignIn, cast: SimpleNamespace, address: str) -> None:
    assert sign_in(cast.ines).get(address.format(space=cast.space.public_id)).status_code == 422


def test_numbers_beyond_a_columns_type(sign_in: SignIn, cast: SimpleNamespace) -> None:
    here = sign_in(cast.ines)
    url = f"/api/v1/spaces/{cast.space.public_id}/documents"
    document = here.post(url, data={"file": (io.BytesIO(b"a"), "a.txt")}).json["id"]
    assert here.get(f"/api/v1/documents/{document}/versions/5000000000/content").status_code == 404
    assert here.get(f"/api/v1/documents/{document}/versions?cursor={cursor(2**62)}").status_code == 200


@pytest.mark.parametrize("words", ["%00", "a%00b", "%ff", "a " * 100, "\ufdfa" * 200])
@pytest.mark.parametrize("address", ["/search", "/spaces", "/spaces/{space}/members", "/api/v1/accounts"])
def test_words_that_nothing_contains(sign_in: SignIn, cast: SimpleNamespace, address: str, words: str) -> None:
    here = sign_in(cast.ines)
    assert here.get(address.format(space=cast.space.public_id) + f"?q={words}").status_code == 200


@pytest.mark.parametrize("at", ["2099-01-01T00:00:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", ""])
def test_an_end_that_is_no_moment(sign_in: SignIn, cast: SimpleNamespace, at: str) -> None:
    answer = sign_in(cast.ines).post(
        f"/api/v1/spaces/{cast.space.public_id}/grants",
        json={"principal": {"kind": "account", "id": cast.olga.public_id}, "role": "reader", "expires_at": at},
    )
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "expires_at"


def test_an_address_that_no_agent_has(sign_in: SignIn, cast: SimpleNamespace) -> None:
    answer = sign_in(cast.ines).post(
        f"/api/v1/spaces/{cast.space.public_id}/grants",
        json={"principal": {"kind": "account", "email": "a\x00b"}, "role": "reader"},
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("body", ["[" * 100_000, '{"email": 5, "password": [1]}', '"\\ud800"', "{}"])
@pytest.mark.parametrize("address", ["/sign-in", "/password/forgotten"])
def test_a_page_takes_forms_and_nothing_else(client: Any, address: str, body: str) -> None:
    assert client.post(address, data=body, headers=JSON).status_code == 415
    in_pieces = {"wsgi.input": io.BytesIO(body.encode()), "wsgi.input_terminated": True}
    answer = client.post(address, headers=JSON | {"Transfer-Encoding": "chunked"}, environ_overrides=in_pieces)
    assert answer.status_code == 415
