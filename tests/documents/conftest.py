"""What the tests of documents share: a depositor over HTTP, and a look at what lies in the storage."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from resana.core.database import session
from resana.core.storage import draft_of
from resana.documents import writing
from resana.documents.models import Document, Version


@pytest.fixture
def put(cast: SimpleNamespace) -> Callable[..., Document]:
    """`put("Note.txt", b"…", by=cast.bruno)`: a document by the real action."""

    def put(name: str, content: bytes = b"Bonjour", *, by: Any = None, folder: Any = None, **more: Any) -> Document:
        with draft_of(content) as draft:
            return writing.deposit(cast.space, folder, name, draft, by=by or cast.bruno, **more)

    return put


@pytest.fixture
def upload(cast: SimpleNamespace) -> Callable[..., Any]:
    """`upload(client, "Note.txt", b"…", on_conflict="version")`: the answer of the interface."""

    def upload(client: Any, name: str, content: bytes = b"Bonjour", headers: Any = None, **fields: str) -> Any:
        data = {**fields, "file": (io.BytesIO(content), name)}
        url = f"/api/v1/spaces/{cast.space.public_id}/documents"
        return client.post(url, data=data, content_type="multipart/form-data", headers=headers)

    return upload


@pytest.fixture
def lying(app: Flask) -> Callable[[], tuple[set[str], list[Path]]]:
    """`lying()`: the keys in the local storage, and the drafts that were left."""

    def lying() -> tuple[set[str], list[Path]]:
        root = app.config["SETTINGS"].data / "objects"
        return {path.name for path in root.glob("??/??/*")}, list((root / "incoming").glob("*"))

    return lying


@pytest.fixture
def sound(lying: Callable[[], Any]) -> Callable[[], None]:
    """`sound()`: every version has its bytes, every key a version, and no draft is left."""

    def sound() -> None:
        session.rollback()
        session.expire_all()
        keys, drafts = lying()
        assert set(session.execute(select(Version.key)).scalars()) == keys
        assert drafts == []
        for document in session.execute(select(Document)).scalars():
            numbers = session.execute(
                select(Version.number).where(Version.document_id == document.id).order_by(Version.number)
            ).scalars()
            assert list(numbers) == list(range(1, document.version + 1))

    return sound
