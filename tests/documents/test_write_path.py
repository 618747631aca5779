"""The one write path, by each of its doors: the same limits, names, rights and promises."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from resana.core import storage
from resana.core.database import session
from resana.documents import sweeping, writing
from resana.documents.models import Document, Version
from resana.spaces.models import Grant, StreamEvent
from tests.conftest import Client

BOUNDARY = "----resana"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def multipart(name: str, content: bytes, field: str = "file", **fields: str) -> bytes:
    parts = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return (parts + head).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


class Door:
    """One way for bytes to come in. `send` gives the answer; a document is there already, as Note.txt."""

    names = True  # whether the sender chooses a name

    def __init__(self, client: Client, cast: SimpleNamespace, document: Document) -> None:
        self.client, self.document = client, document
        self.space_id, self.document_id, self.sha256 = cast.space.public_id, document.public_id, document.sha256

    def body(self, name: str, content: bytes) -> bytes:
        return multipart(name, content)

    def send(self, content: bytes, name: str = "Autre.txt", length: int | None = None, **headers: str) -> Any:
        body = self.body(name, content)
        return self.client.open(
            self.url(),
            method=self.method,
            input_stream=io.BytesIO(body),
            headers={**self.headers(), **headers},
            environ_overrides={"CONTENT_LENGTH": str(length or len(body))},
        )

    method = "POST"

    def headers(self) -> dict[str, str]:
        return {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    def url(self) -> str:
        raise NotImplementedError


class Api(Door):
    def url(self) -> str:
        return f"/api/v1/spaces/{self.space_id}/documents"


class Page(Door):
    def url(self) -> str:
        return f"/spaces/{self.space_id}/documents"


class PageVersion(Door):
    names = False

    def url(self) -> str:
        return f"/documents/{self.document_id}/versions"


class Put(Door):
    names, method = False, "PUT"

    def url(self) -> str:
        return f"/api/v1/documents/{self.document_id}/content"

    def body(self, name: str, content: bytes) -> bytes:
        return content

    def headers(self) -> dict[str, str]:
        return {"If-Match": f'"{self.sha256}"', "Content-Type": "application/octet-stream"}


@pytest.fixture(params=[Api, Page, PageVersion, Put])
def door(
    request: pytest.FixtureRequest, put: Callable[..., Document], sign_in: Callable[..., Client], cast: SimpleNamespace
) -> Door:
    """Each door, with Bruno before it; he has deposited Note.txt."""
    document = put("Note.txt", b"un")
    return request.param(sign_in(cast.bruno), cast, document)


def counts() -> tuple[int, int, int]:
    session.rollback()
    return tuple(  # type: ignore[return-value]
        session.execute(select(func.count()).select_from(model)).scalar_one()
        for model in (Document, Version, StreamEvent)
    )


class TestEachDoor:
    def test_bytes_arrive_whole_with_their_hash_and_event(self, door: Door, sound: Callable[[], None]) -> None:
        content = os.urandom(3 * 1024 * 1024 + 17)
        before = counts()
        answer = door.send(content)
        assert answer.status_code in (200, 201, 303), answer.text
        after = counts()
        assert after[1:] == (before[1] + 1, before[2] + 1)
        version = session.execute(select(Version).order_by(Version.id.desc()).limit(1)).scalar_one()
        assert (version.size, version.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        stored = storage.storage().open(version.key)
        assert b"".join(stored.pieces(0, stored.size)) == content
        stored.close()
        sound()

    def test_an_empty_file_is_a_file(self, door: Door, sound: Callable[[], None]) -> None:
        assert door.send(b"", name="vide.txt").status_code in (200, 201, 303)
        sound()

    def test_more_than_the_limit_is_refused(
        self, door: Door, app: Flask, monkeypatch: pytest.MonkeyPatch, sound: Callable[[], None]
    ) -> None:
        monkeypatch.setattr(app.config["SETTINGS"], "upload_max_bytes", 1000)
        before = counts()
        assert door.send(b"x" * 1001).status_code == 413
        assert counts() == before
        assert door.send(b"x" * 1000).status_code in (200, 201, 303)
        sound()

    def test_a_cut_upload_leaves_nothing(self, door: Door, sound: Callable[[], None]) -> None:
        before = counts()
        assert door.send(b"x" * 700_000, length=2_000_000).status_code == 400
        assert counts() == before
        sound()

    def test_without_a_token_nothing_is_done(self, door: Door, sound: Callable[[], None]) -> None:
        before = counts()
        door.client.csrf_header = None
        assert door.send(b"x" * 1000).status_code == 403
        assert counts() == before
        sound()

    def test_a_reader_may_not(
        self, door: Door, cast: SimpleNamespace, sign_in: Callable[..., Client], sound: Callable[[], None]
    ) -> None:
        before = counts()
        door.client = sign_in(cast.lucie)
        assert door.send(b"deux").status_code == 403
        door.client = sign_in(cast.olga)
        assert door.send(b"deux").status_code == 404
        assert counts() == before
        sound()

    def test_a_right_that_is_lost_meanwhile_is_missed_at_the_end(
        self, door: Door, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, sound: Callable[[], None]
    ) -> None:
        before = counts()
        begin, space = storage.Folder.begin, cast.space

        def taken_away(self: Any, longest: int | None = None) -> Any:
            theirs = select(Grant).where(Grant.space_id == space.id, Grant.principal_id == cast.bruno.id)
            for grant in session.execute(theirs).scalars().all():
                if grant.principal_kind == "account":
                    session.delete(grant)
            session.commit()
            return begin(self, longest)

        monkeypatch.setattr(storage.Folder, "begin", taken_away)
        assert door.send(b"deux").status_code in (403, 404)
        assert counts() == before
        sound()

    @pytest.mark.parametrize("step", ["open", "write", "fsync", "mkdir", "rename", "sync"])
    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
    def test_a_full_disk_is_said_and_leaves_nothing(
        self, door: Door, monkeypatch: pytest.MonkeyPatch, sound: Callable[[], None], step: str, code: int
    ) -> None:
        before = counts()
        with monkeypatch.context() as broken:
            fail_at(broken, step, OSError(code, os.strerror(code)))
            assert door.send(b"x" * 600_000).status_code == 507
        assert counts() == before
        sound()

    @pytest.mark.parametrize("step", ["open", "write", "fsync", "mkdir", "rename", "sync", "row", "commit"])
    def test_what_breaks_anywhere_leaves_nothing(
        self, door: Door, app: Flask, monkeypatch: pytest.MonkeyPatch, sound: Callable[[], None], step: str
    ) -> None:
        before = counts()
        monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
        monkeypatch.setitem(app.config, "TESTING", False)
        with monkeypatch.context() as broken:
            fail_at(broken, step, RuntimeError("killed"))
            assert door.send(b"x" * 600_000).status_code == 500
        assert counts() == before
        sound()

    def test_a_hostile_name_is_refused(self, door: Door, sound: Callable[[], None]) -> None:
        if not door.names:
            pytest.skip("the document keeps its name")
        before = counts()
        for name in ("../evil", "con.txt", "x" * 300, "a\u202eb.txt", ".htaccess", "trailing."):
            answer = door.send(b"deux", name=name)
            assert answer.status_code == (303 if isinstance(door, Page) else 422), name
        assert counts() == before
        sound()

    def test_a_taken_name_is_not_overwritten(self, door: Door, sound: Callable[[], None]) -> None:
        if not door.names:
            pytest.skip("the document keeps its name")
        before = counts()
        assert door.send(b"deux", name="NOTE.txt").status_code == (303 if isinstance(door, Page) else 409)
        assert counts() == before
        sound()


def fail_at(broken: pytest.MonkeyPatch, step: str, error: BaseException) -> None:
    """Make one step of the write path fail."""

    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise error

    if step == "open":
        broken.setattr(storage.os, "open", fail)
    elif step == "write":
        whole = storage.os.fdopen

        def fdopen(*args: Any, **kwargs: Any) -> Any:
            file = whole(*args, **kwargs)
            return SimpleNamespace(write=fail, close=file.close, fileno=file.fileno)

        broken.setattr(storage.os, "fdopen", fdopen)
    elif step == "fsync":
        broken.setattr(storage.os, "fsync", fail)
    elif step == "mkdir":
        broken.setattr(storage.Folder, "_make", fail)
    elif step == "rename":
        broken.setattr(storage.Path, "rename", fail)
    elif step == "sync":
        broken.setattr(storage, "_sync", fail)
    elif step == "row":
        broken.setattr(writing, "_add_version", fail)
    elif step == "commit":
        broken.setattr(type(session()), "commit", fail)


def test_what_a_killed_process_left_is_swept_after_a_day(
    put: Callable[..., Document], lying: Callable[[], Any], sound: Callable[[], None]
) -> None:
    put("Note.txt")
    store = storage.storage()
    orphan = store.begin()
    orphan.write(b"orphan")
    key = store.keep(orphan)
    orphan.drop()
    abandoned = store.begin()
    abandoned.write(b"abandoned")
    abandoned.file.close()
    assert sweeping.sweep() == 0
    assert key in lying()[0]
    old = abandoned.path.stat().st_mtime - 2 * 86400
    os.utime(abandoned.path, (old, old))
    for path in store.root.glob("??/??/*"):  # type: ignore[attr-defined]
        os.utime(path, (old, old))
    assert sweeping.sweep() == 2
    sound()


def test_a_suspended_account_is_asked_to_sign_in(upload: Any, sign_in: Any, cast: Any, client: Client) -> None:
    assert upload(sign_in(cast.sami), "a.txt").status_code == 401
    assert upload(client, "a.txt").status_code == 401


def test_a_stale_write_is_refused(
    put: Callable[..., Document], sign_in: Callable[..., Client], cast: SimpleNamespace
) -> None:
    document = put("Note.txt", b"un")
    first, url = document.sha256, f"/api/v1/documents/{document.public_id}/content"
    client = sign_in(cast.bruno)
    assert client.put(url, data=b"deux").status_code == 428
    assert client.put(url, data=b"deux", headers={"If-Match": f'"{first}"'}).status_code == 200
    assert client.put(url, data=b"trois", headers={"If-Match": f'"{first}"'}).status_code == 412
    assert client.put(url, data=b"trois", headers={"If-Match": f'W/"{first}"'}).status_code == 412
    assert client.put(url, data=b"trois", headers={"If-Match": first}).status_code == 412
    answer = client.put(url, data=b"trois", headers={"If-Match": "*"})
    assert answer.json["version"] == 3
    assert answer.json["sha256"] == hashlib.sha256(b"trois").hexdigest()


def test_what_was_said_of_the_hash_is_verified(upload: Any, sign_in: Any, cast: Any, sound: Any) -> None:
    client = sign_in(cast.bruno)
    assert upload(client, "a.txt", b"un", sha256="0" * 64).status_code == 422
    assert upload(client, "a.txt", b"un", sha256=hashlib.sha256(b"un").hexdigest().upper()).status_code == 201
    sound()


def test_a_same_name_becomes_a_version_or_another_name(upload: Any, sign_in: Any, cast: Any, sound: Any) -> None:
    client = sign_in(cast.bruno)
    first = upload(client, "Été.txt", b"un").json
    assert upload(client, "E\u0301TE\u0301.TXT", b"deux").status_code == 409
    again = upload(client, "été.txt", b"deux", on_conflict="version").json
    assert (again["id"], again["version"], again["name"]) == (first["id"], 2, "Été.txt")
    other = upload(client, "Été.txt", b"trois", on_conflict="rename").json
    assert (other["name"], other["version"]) == ("Été (2).txt", 1)
    assert upload(client, "x.txt", b"", on_conflict="overwrite").status_code == 422
    sound()


def test_a_retried_upload_has_one_effect(upload: Any, sign_in: Any, cast: Any, sound: Any) -> None:
    client = sign_in(cast.bruno)
    key = {"Idempotency-Key": "k1"}
    first = upload(client, "Note.txt", b"un", headers=key)
    again = upload(client, "Note.txt", b"un", headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert upload(client, "Note.txt", b"deux", headers=key).status_code == 409
    assert upload(client, "Note.txt", b"un", headers=key, on_conflict="rename").status_code == 409
    assert counts()[0] == 1
    sound()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", FORM, 422),
        (b"noise", FORM, 400),
        (b"{}", "application/json", 415),
        (b"x", "multipart/form-data", 415),
        (multipart("a.txt", b"x", unknown="1"), FORM, 422),
        (multipart("a.txt", b"x", field="other"), FORM, 422),
        (multipart("a.txt", b"x", folder_id="nothing"), FORM, 404),
        (multipart("a.txt", b"x")[:-6], FORM, 400),
        (multipart("a.txt", b"x", sha256="y" * 70_000), FORM, 413),
        (b"--" + BOUNDARY.encode() + b"\r\n" + b"X: y" * 1_000_000, FORM, 413),
        (b"--" + BOUNDARY.encode() + b"\r\n\r\nx", FORM, 400),
        (b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: \xff\r\n\r\nx", FORM, 400),
    ],
)  # fmt: skip
def test_a_bad_body_is_no_incident(
    sign_in: Any, cast: Any, sound: Any, body: bytes, content_type: str, status: int
) -> None:
    url = f"/api/v1/spaces/{cast.space.public_id}/documents"
    answer = sign_in(cast.bruno).post(url, data=body, content_type=content_type)
    assert answer.status_code == status, answer.text
    assert counts()[0] == 0
    sound()


def test_a_plain_form_brings_several_files_and_its_token(
    client: Client, sign_in: Any, cast: SimpleNamespace, sound: Any
) -> None:
    browser = sign_in(cast.bruno)
    token, browser.csrf_header = browser.csrf_header, None
    url = f"/spaces/{cast.space.public_id}/documents"

    def form(**fields: str) -> Any:
        files = [(io.BytesIO(b"a"), "a.txt"), (io.BytesIO(b"b"), "con"), (io.BytesIO(b"c"), "c.txt")]
        return browser.post(url, data={**fields, "file": files}, content_type="multipart/form-data")

    assert form().status_code == 403
    assert form(csrf_token="wrong").status_code == 403
    assert counts()[0] == 0
    assert form(csrf_token=token).status_code == 303
    assert counts()[0] == 2
    token_part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--{BOUNDARY}--'
    late = multipart("z.txt", b"x").replace(f"--{BOUNDARY}--".encode(), token_part.encode())
    assert browser.post(url, data=late, content_type=FORM).status_code == 403
    assert counts()[0] == 2
    sound()
