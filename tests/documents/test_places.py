"""Folders, names, places, versions and the trash."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.documents import actions, trash, writing
from resana.documents.models import Document, Folder, Version
from resana.documents.queries import entries, in_trash
from resana.spaces import actions as spaces
from resana.spaces.models import StreamEvent


def kinds() -> list[str]:
    return list(session.execute(select(StreamEvent.kind).order_by(StreamEvent.seq)).scalars())


def names(cast: Any, folder: Any = None) -> list[str]:
    return [entry.name for entry in entries(cast.ines, cast.space, folder)[0]]


@pytest.fixture
def tree(cast: Any, put: Any) -> Any:
    """Bruno's folder A, with B in it; a.txt in A, b.txt in B, top.txt at the top: all Bruno's."""
    a = actions.create_folder(cast.space, "A", by=cast.bruno)
    b = actions.create_folder(cast.space, "B", parent=a, by=cast.bruno)
    return a, b, put("a.txt", folder=a), put("b.txt", folder=b), put("top.txt")


def test_a_folder_is_made_renamed_and_moved(cast: Any, tree: Any) -> None:
    a, b, *_rest = tree
    actions.rename_folder(b, "Comptes rendus", by=cast.bruno)
    actions.move_folder(b, None, by=cast.bruno)
    assert names(cast) == ["A", "Comptes rendus", "top.txt"]
    assert kinds()[-2:] == ["folder_renamed", "folder_moved"]
    with pytest.raises(Conflict):
        actions.rename_folder(b, "a", by=cast.bruno)
    with pytest.raises(Conflict):
        actions.create_folder(cast.space, "TOP.txt", by=cast.bruno)
    actions.rename_folder(a, "a", by=cast.bruno)
    assert a.name == "a"


def test_a_folder_cannot_go_into_itself(cast: Any, tree: Any) -> None:
    a, b, *_rest = tree
    for into in (a, b):
        with pytest.raises(Conflict):
            actions.move_folder(a, into, by=cast.bruno)


def test_folders_have_a_deepest_level(cast: Any) -> None:
    folder = None
    for level in range(40):
        folder = actions.create_folder(cast.space, str(level), parent=folder, by=cast.bruno)
    with pytest.raises(Conflict):
        actions.create_folder(cast.space, "trop", parent=folder, by=cast.bruno)


def test_a_document_is_renamed_and_moved_with_its_versions(cast: Any, tree: Any, put: Any) -> None:
    a, b, document, *_rest = tree
    actions.rename(document, "A.TXT", by=cast.bruno)
    assert document.name == "A.TXT"
    actions.move(document, b, by=cast.bruno)
    assert names(cast, b) == ["A.TXT", "b.txt"]
    with pytest.raises(Conflict):
        actions.rename(document, "B.txt", by=cast.bruno)
    with pytest.raises(Refused):
        actions.rename(document, "../b", by=cast.bruno)
    put("A.txt", folder=a)
    with pytest.raises(Conflict):
        actions.move(document, a, by=cast.bruno)
    other = spaces.create(title="Autre", by=cast.bruno)
    elsewhere = actions.create_folder(other, "Ailleurs", by=cast.bruno)
    with pytest.raises(NotThere):
        actions.move(document, elsewhere, by=cast.bruno)


def test_only_who_made_it_or_a_moderator_changes_it(cast: Any, put: Any) -> None:
    document = put("Note.txt", by=cast.ines)
    for action in (lambda: actions.rename(document, "x", by=cast.bruno), lambda: trash.trash(document, by=cast.bruno)):
        with pytest.raises(NotAllowed):
            action()
    actions.rename(document, "x", by=cast.marc)


def test_a_document_goes_to_the_trash_and_comes_back(cast: Any, tree: Any, put: Any) -> None:
    a, _b, document, *_rest = tree
    trash.trash(document, by=cast.bruno)
    assert names(cast, a) == ["B"]
    assert in_trash(cast.bruno, cast.space) == [document]
    put("a.txt", folder=a)
    trash.restore(document, by=cast.bruno)
    assert names(cast, a) == ["B", "a (2).txt", "a.txt"]
    assert kinds()[-3:] == ["document_trashed", "document_added", "document_restored"]
    with pytest.raises(NotThere):
        trash.restore(document, by=cast.bruno)


def test_a_folder_goes_with_all_below_it_and_comes_back(cast: Any, tree: Any) -> None:
    a, b, in_a, in_b, _top = tree
    trash.trash(in_b, by=cast.bruno)
    trash.trash_folder(a, by=cast.bruno)
    assert names(cast) == ["top.txt"]
    assert in_trash(cast.bruno, cast.space) == [a, in_b]
    trash.restore(in_b, by=cast.bruno)
    assert names(cast) == ["b.txt", "top.txt"]
    trash.restore_folder(a, by=cast.bruno)
    session.expire_all()
    assert names(cast) == ["A", "b.txt", "top.txt"]
    assert names(cast, a) == ["B", "a.txt"]
    assert names(cast, b) == []
    assert in_a.trashed_with_id is None


def test_a_folder_whose_place_is_gone_comes_back_to_the_top(cast: Any, tree: Any) -> None:
    a, b, *_rest = tree
    trash.trash_folder(b, by=cast.bruno)
    trash.trash_folder(a, by=cast.bruno)
    trash.restore_folder(b, by=cast.bruno)
    assert names(cast) == ["B", "top.txt"]
    assert names(cast, b) == ["b.txt"]


def test_a_contributor_does_not_bring_others_documents_back_with_a_folder(cast: Any, tree: Any, put: Any) -> None:
    a = tree[0]
    put("hers.txt", folder=a, by=cast.ines)
    trash.trash_folder(a, by=cast.ines)
    with pytest.raises(NotAllowed):
        trash.restore_folder(a, by=cast.bruno)
    trash.restore_folder(a, by=cast.marc)
    assert "hers.txt" in names(cast, a)


def test_a_contributor_s_folder_does_not_take_others_documents_along(cast: Any, tree: Any, put: Any) -> None:
    a, b, *_rest = tree
    put("marc.txt", folder=b, by=cast.marc)
    with pytest.raises(NotAllowed) as refused:
        trash.trash_folder(a, by=cast.bruno)
    assert "animateur" in refused.value.detail
    assert a.trashed_at is None
    trash.trash_folder(a, by=cast.marc)
    assert session.execute(select(Document.id).where(Document.trashed_at.is_(None))).all().__len__() == 1
    with pytest.raises(NotThere):
        put("tard.txt", folder=b)


def test_a_folder_that_goes_while_a_file_arrives_takes_nothing_with_it(
    cast: Any, tree: Any, upload: Any, sign_in: Any, sound: Any
) -> None:
    a, *_rest = tree
    trash.trash_folder(a, by=cast.bruno)
    assert upload(sign_in(cast.bruno), "x.txt", folder_id=a.public_id).status_code == 404
    sound()


def test_an_old_version_becomes_a_new_one_with_the_same_bytes(cast: Any, put: Any, sign_in: Any, app: Any) -> None:
    document = put("Note.txt", b"un")
    put("Note.txt", b"deux", on_conflict=writing.OnConflict.VERSION)
    client = sign_in(cast.bruno)
    url = f"/api/v1/documents/{document.public_id}/versions"
    stale = client.post(f"{url}/1/restoration", headers={"If-Match": '"x"'})
    assert stale.status_code == 412
    assert client.post(f"{url}/1/restoration").json["version"] == 3
    listed = client.get(url).json["items"]
    assert [(one["number"], one["restored_from"]) for one in listed] == [(3, 1), (2, None), (1, None)]
    assert client.get(f"{url}/2/content").data == b"deux"
    assert client.get(f"{url}/3/content").data == b"un"
    assert client.get(f"{url}/4/content").status_code == 404
    assert len(set(session.execute(select(Version.key)).scalars())) == 2
    assert client.post(f"{url}/9/restoration").status_code == 404


def test_programs_do_the_same(cast: Any, sign_in: Any, upload: Any) -> None:
    client = sign_in(cast.bruno)
    space = f"/api/v1/spaces/{cast.space.public_id}"
    folder = client.post(f"{space}/folders", json={"name": "Dossier"})
    assert folder.status_code == 201
    inner = client.post(f"{space}/folders", json={"name": "Dedans", "parent_id": folder.json["id"]}).json
    assert client.post(f"{space}/folders", json={"name": "dossier"}).status_code == 409
    assert client.post(f"{space}/folders", json={"name": "con"}).status_code == 422
    assert client.post(f"{space}/folders", json={"nom": "x"}).status_code == 422
    document = upload(client, "Note.txt", folder_id=inner["id"]).json
    assert document["folder_id"] == inner["id"]
    mine = f"/api/v1/documents/{document['id']}"
    changed = client.patch(mine, json={"name": "Autre.txt", "folder_id": None}).json
    assert (changed["name"], changed["folder_id"]) == ("Autre.txt", None)
    assert client.patch(f"/api/v1/folders/{inner['id']}", json={"parent_id": inner["id"]}).status_code == 409
    assert client.patch(f"/api/v1/folders/{inner['id']}", json={"name": "B"}).json["name"] == "B"
    assert client.delete(mine).status_code == 204
    assert client.get(mine).status_code == 404
    assert [one["id"] for one in client.get(f"{space}/trash").json["items"]] == [document["id"]]
    assert client.post(f"{mine}/restoration").json["id"] == document["id"]
    assert client.delete(f"/api/v1/folders/{folder.json['id']}").status_code == 204
    assert client.get(f"/api/v1/folders/{inner['id']}").status_code == 404
    assert client.post(f"/api/v1/folders/{folder.json['id']}/restoration").status_code == 200
    assert client.get(f"/api/v1/folders/{inner['id']}").json["abilities"]["change_folder"] is True


def test_an_archived_space_is_only_read(cast: Any, put: Any, sign_in: Any, upload: Any) -> None:
    document = put("Note.txt")
    spaces.archive(cast.space, by=cast.ines)
    client = sign_in(cast.bruno)
    assert client.get(f"/api/v1/documents/{document.public_id}/content").status_code == 200
    assert upload(client, "x.txt").status_code == 403
    assert client.delete(f"/api/v1/documents/{document.public_id}").status_code == 403
    assert session.execute(select(Folder)).first() is None
