"""The bytes of a document, as a browser and a program get them."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image

from resana.core import storage
from resana.core.database import session
from resana.documents.models import Version
from resana.documents.serving import disposition

CONTENT = bytes(range(256)) * 8192  # 2 MiB: not read whole


@pytest.fixture
def served(put: Any, sign_in: Any, cast: Any) -> Any:
    """`served(headers…)`: the answer for a document of CONTENT."""
    document = put("Données.bin", CONTENT)
    client = sign_in(cast.lucie)
    url = f"/api/v1/documents/{document.public_id}/content"

    def ask(method: str = "GET", **headers: str) -> Any:
        return client.open(url, method=method, headers={name.replace("_", "-"): text for name, text in headers.items()})

    ask.etag = f'"{document.sha256}"'
    return ask


def test_a_download_is_whole_and_harmless(served: Any) -> None:
    answer = served()
    assert answer.status_code == 200
    assert answer.data == CONTENT
    headers = answer.headers
    assert headers["ETag"] == served.etag
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Disposition"] == "attachment; filename=\"Donn_es.bin\"; filename*=UTF-8''Donn%C3%A9es.bin"


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=0-99", 206, 0, 100),
        ("bytes=100-", 206, 100, len(CONTENT)),
        ("bytes=-5", 206, len(CONTENT) - 5, len(CONTENT)),
        ("bytes=-99999999", 206, 0, len(CONTENT)),
        ("bytes = 10 - 19", 206, 10, 20),
        ("BYTES=1-1", 206, 1, 2),
        (f"bytes=0-{10**17}", 206, 0, len(CONTENT)),
        (f"bytes={len(CONTENT)}-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=5-4", 200, 0, len(CONTENT)),
        ("bytes=0-1,5-6", 200, 0, len(CONTENT)),
        ("bytes=", 200, 0, len(CONTENT)),
        ("bytes=-", 200, 0, len(CONTENT)),
        ("bytes=a-b", 200, 0, len(CONTENT)),
        ("lines=0-1", 200, 0, len(CONTENT)),
        ("bytes=" + "9" * 400 + "-", 200, 0, len(CONTENT)),
    ],
)
def test_ranges(served: Any, asked: str, status: int, start: int, end: int) -> None:
    answer = served(Range=asked)
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
        return
    assert answer.data == CONTENT[start:end]
    assert answer.headers["Content-Length"] == str(end - start)
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"


def test_conditions(served: Any) -> None:
    assert served(If_None_Match=served.etag).status_code == 304
    assert served(If_None_Match=f'"x", W/{served.etag}').status_code == 304
    assert served(If_None_Match="*").status_code == 304
    assert served(If_None_Match='"x"').status_code == 200
    assert served(If_Match='"x"').status_code == 412
    assert served(If_Match=served.etag).status_code == 200
    assert served(Range="bytes=0-1", If_Range=served.etag).status_code == 206
    assert served(Range="bytes=0-1", If_Range='"x"').status_code == 200
    assert served(Range="bytes=0-1", If_Range=f"W/{served.etag}").status_code == 200
    assert served(Range="bytes=0-1", If_Range="Mon, 23 Nov 2026 10:00:00 GMT").status_code == 200
    assert served(Range="bytes=0-1", If_None_Match=served.etag).status_code == 304
    head = served("HEAD", Range="bytes=0-1")
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(CONTENT)))


def test_nobody_learns_of_a_document_by_its_etag(served: Any, put: Any, sign_in: Any, cast: Any) -> None:
    document = put("Autre.txt")
    for client in (sign_in(cast.olga), sign_in(cast.rose)):
        answer = client.get(
            f"/api/v1/documents/{document.public_id}/content", headers={"If-None-Match": f'"{document.sha256}"'}
        )
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.pdf", b"<html><body onload=alert(1)>"),
        ("page.xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
    ],
)
def test_what_a_browser_would_run_is_only_downloaded(
    put: Any, sign_in: Any, cast: Any, name: str, content: bytes
) -> None:
    document = put(name, content)
    client = sign_in(cast.lucie)
    answer = client.get(f"/documents/{document.public_id}/content")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert client.get(f"/api/v1/documents/{document.public_id}").json["content_type"] != "application/octet-stream"


@pytest.mark.parametrize("name", ['a"b.txt', "a;b.txt", "a%b.txt", "été – 日本.pdf", "a'b.txt", "a,b.txt"])
def test_a_name_cannot_break_out_of_its_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert header.count('"') == 2
    assert "\r" not in header
    assert "%0" not in header
    inside = header.split('"')[1]
    assert ";" not in inside
    assert "\\" not in inside


@pytest.mark.parametrize("how", ["shorter", "gone", "rotten"])
def test_damaged_bytes_are_said_and_not_served(
    put: Any, sign_in: Any, cast: Any, app: Any, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    document = put("Note.txt", b"Bonjour")
    version = session.query(Version).filter_by(document_id=document.id).one()
    path = app.config["SETTINGS"].data / "objects" / version.key[:2] / version.key[2:4] / version.key
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(b"Bonj" if how == "shorter" else b"BonJour")
    answer = sign_in(cast.lucie).get(f"/api/v1/documents/{document.public_id}/content")
    assert answer.status_code == 500
    assert b"BonJour" not in answer.data
    assert "abîmé" in answer.json["detail"]
    assert version.key in caplog.text


def picture(size: tuple[int, int], form: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **more)
    return out.getvalue()


def test_an_image_is_drawn_anew_without_what_it_carried(put: Any, sign_in: Any, cast: Any, app: Any) -> None:
    exif = Image.Exif()
    exif[0x9286] = "secret place"
    document = put("photo.jpg", picture((3000, 1000), exif=exif) + b"<script>secret place</script>")
    client = sign_in(cast.lucie)
    for _time in range(2):  # drawn, then kept
        answer = client.get(f"/documents/{document.public_id}/versions/1/image")
        assert answer.status_code == 200
        assert answer.mimetype == "image/webp"
        assert b"secret" not in answer.data
        assert Image.open(io.BytesIO(answer.data)).size == (2000, 667)
    assert len(list((app.config["SETTINGS"].data / "objects" / "previews").glob("??/??/*"))) == 1


@pytest.mark.parametrize(
    "content",
    [
        picture((8000, 7000), "PNG", compress_level=1),
        b"\x89PNG\r\n\x1a\n" + b"noise" * 100,
        picture((50, 50), "PNG")[:60],
        b"GIF89a\xff\xff\xff\xff\x00\x00\x00",
    ],
)
def test_a_bomb_or_a_broken_image_has_no_preview(put: Any, sign_in: Any, cast: Any, content: bytes) -> None:
    document = put("photo.png", content)
    assert sign_in(cast.lucie).get(f"/api/v1/documents/{document.public_id}/content").status_code == 200
    from resana.core.errors import NotThere
    from resana.documents import previews
    from resana.documents.queries import version_of

    version = version_of(document)
    assert version is not None
    with pytest.raises(NotThere):
        previews.image(version)


def test_a_large_file_goes_up_and_down_in_pieces(put: Any, sign_in: Any, cast: Any, upload: Any) -> None:
    import tracemalloc

    class Zeros(io.RawIOBase):
        """So many bytes that are nowhere."""

        def __init__(self, head: bytes, size: int, tail: bytes) -> None:
            self.parts = [io.BytesIO(head), size, io.BytesIO(tail)]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            head, left, tail = self.parts
            if piece := head.read(len(buffer)):
                buffer[: len(piece)] = piece
                return len(piece)
            if left:
                self.parts[1] = left - min(len(buffer), left)
                return min(len(buffer), left)
            return int(tail.readinto(buffer))

        def close(self) -> None:
            """There is nothing to close."""

    size = 64 * 1024 * 1024
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="z.bin"\r\n\r\n'
    tail = b"\r\n--b--\r\n"
    client = sign_in(cast.bruno)
    tracemalloc.start()
    answer = client.post(
        f"/api/v1/spaces/{cast.space.public_id}/documents",
        environ_overrides={
            "wsgi.input": Zeros(head, size, tail),
            "CONTENT_LENGTH": str(len(head) + size + len(tail)),
            "CONTENT_TYPE": "multipart/form-data; boundary=b",
        },
    )
    assert answer.json["size"] == size
    down = client.get(f"/api/v1/documents/{answer.json['id']}/content", buffered=False)
    assert sum(len(piece) for piece in down.response) == size
    down.close()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


def test_a_bucket_keeps_the_same_promises(app: Any, put: Any, sign_in: Any, cast: Any, tmp_path: Any) -> None:
    from obstore.store import MemoryStore

    app.extensions["storage"] = storage.Bucket(MemoryStore(), tmp_path / "incoming")
    try:
        document = put("Données.bin", CONTENT)
        url = f"/api/v1/documents/{document.public_id}/content"
        client = sign_in(cast.lucie)
        assert client.get(url).data == CONTENT
        assert client.get(url, headers={"Range": "bytes=5-9"}).data == CONTENT[5:10]
        assert list((tmp_path / "incoming").iterdir()) == []
        store = storage.storage()
        store.check()
        (key,) = store.keys(-60)
        store.delete(key)
        store.delete(key)
        assert client.get(url).status_code == 500
    finally:
        del app.extensions["storage"]


@pytest.mark.parametrize("stumble", [struct.error("short"), KeyError(274), ZeroDivisionError(), TypeError("bytes")])
def test_an_image_over_which_the_decoder_stumbles_is_not_shown(
    put: Any, sign_in: Any, cast: Any, monkeypatch: pytest.MonkeyPatch, stumble: Exception
) -> None:
    document = put("Photo.jpg", picture((20, 20)))

    def stumbling(_found: Any) -> None:
        raise stumble

    monkeypatch.setattr("resana.documents.previews.ImageOps.exif_transpose", stumbling)
    url = f"/documents/{document.public_id}/versions/1/image"
    assert sign_in(cast.bruno).get(url).status_code == 404
