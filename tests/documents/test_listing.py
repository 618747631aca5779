"""What is in a folder: the order, the parts of a long list, the abilities, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from resana.core.database import session
from resana.documents import actions
from resana.documents.models import Document, Folder
from resana.documents.queries import SORTS, entries
from resana.permissions import abilities_of


@pytest.fixture
def full(cast: Any, put: Any) -> Any:
    """`full(n)`: n documents at the top, copies of one another's row, and three folders."""

    def full(number: int) -> None:
        first = put("Note 0000.txt")
        for name in ("Zone", "Été", "Archives"):
            actions.create_folder(cast.space, name, by=cast.ines)
        columns = {c.key: getattr(first, c.key) for c in Document.__table__.columns if c.key not in ("id", "public_id")}
        for rank in range(1, number):
            name = f"Note {rank:04}.txt"
            who = cast.ines.id if rank % 3 else cast.bruno.id
            own = {"name": name, "folded_name": name.lower(), "search_name": name.lower(), "size": rank}
            session.add(Document(**{**columns, **own, "created_by_id": who, "updated_by_id": who}))
        session.commit()

    return full


def address(cast: Any, **query: Any) -> str:
    return f"/api/v1/spaces/{cast.space.public_id}/documents?" + "&".join(f"{k}={v}" for k, v in query.items())


def test_folders_come_first_then_documents_in_the_order_of_names(full: Any, sign_in: Any, cast: Any) -> None:
    full(4)
    names = [item["name"] for item in sign_in(cast.lucie).get(address(cast)).json["items"]]
    assert names == ["Archives", "Été", "Zone", "Note 0000.txt", "Note 0001.txt", "Note 0002.txt", "Note 0003.txt"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 50])
def test_parts_of_a_list_make_the_whole_once(full: Any, sign_in: Any, cast: Any, limit: int) -> None:
    full(10)
    client = sign_in(cast.bruno)
    whole = [item["id"] for item in client.get(address(cast, limit=200)).json["items"]]
    assert len(whole) == 13
    found, cursor = [], None
    while True:
        part = client.get(address(cast, limit=limit, **({"cursor": cursor} if cursor else {}))).json
        assert len(part["items"]) <= limit
        found += [item["id"] for item in part["items"]]
        cursor = part["next"]
        if cursor is None:
            break
        assert part["items"]
    assert found == whole


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_has_parts(full: Any, cast: Any, sort: str, descending: bool) -> None:
    full(10)
    found: list[str] = []
    cursor = None
    while True:
        part, cursor = entries(cast.bruno, cast.space, None, sort=sort, descending=descending, cursor=cursor, limit=4)
        found += [entry.public_id for entry in part]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 13


def test_a_list_costs_the_same_however_long(full: Any, sign_in: Any, cast: Any, statements: Any) -> None:
    full(10)
    client = sign_in(cast.bruno)
    client.get(address(cast, limit=200))
    with statements() as few:
        client.get(address(cast, limit=200))
    for rank in range(300):
        name = f"Autre {rank}"
        session.add(
            Folder(
                space_id=cast.space.id,
                name=name,
                folded_name=name.lower(),
                search_name=name.lower(),
                created_by_id=cast.ines.id if rank % 2 else cast.bruno.id,
            )
        )
    session.commit()
    with statements() as many:
        assert len(client.get(address(cast, limit=200)).json["items"]) == 200
    assert len(many) <= len(few) <= 8


def test_abilities_of_a_list_are_those_of_each_thing(full: Any, cast: Any) -> None:
    full(10)
    for account in (cast.ines, cast.marc, cast.bruno, cast.lucie):
        listed, _next = entries(account, cast.space, None, limit=200)
        for model, kind in ((Document, "document"), (Folder, "folder")):
            each = abilities_of(account, session.execute(select(model)).scalars().all())
            assert {entry.id: entry.abilities for entry in listed if entry.kind == kind} == each


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "cursor=WzFd", "sort=name", "limit=1&limit=2"])
def test_a_bad_query_is_said(sign_in: Any, cast: Any, query: str) -> None:
    url = f"/api/v1/spaces/{cast.space.public_id}/documents?{query}"
    assert sign_in(cast.bruno).get(url).status_code == 422


def test_another_space_s_folder_is_not_there(sign_in: Any, cast: Any, put: Any) -> None:
    from resana.spaces import actions as spaces

    other = spaces.create(title="Autre", by=cast.bruno)
    folder = actions.create_folder(other, "Ailleurs", by=cast.bruno)
    client = sign_in(cast.bruno)
    document = put("Note.txt")
    answers = [
        client.get(address(cast, folder=folder.public_id)),
        client.get(address(cast, folder="a" * 26)),
        client.get(address(cast, folder="%00")),
        client.patch(f"/api/v1/documents/{document.public_id}", json={"folder_id": folder.public_id}),
        client.post(
            f"/api/v1/spaces/{cast.space.public_id}/folders", json={"name": "x", "parent_id": folder.public_id}
        ),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
