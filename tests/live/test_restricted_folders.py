"""A restricted folder is an audience of its own: the space hears nothing of it, and who is put out nothing more."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from resana.core.storage import draft_of
from resana.discussions import actions as threads
from resana.discussions import messages
from resana.documents import actions, restricting
from resana.documents.models import Folder
from resana.documents.writing import deposit
from resana.spaces import grants
from resana.spaces.models import PrincipalKind, Role
from tests.serving import Server

Make = Callable[..., Any]


@pytest.fixture
def folder(cast: SimpleNamespace) -> Folder:
    """Bruno and Inès see it; Marc does not."""
    made = actions.create_folder(cast.space, "Recrutement", by=cast.ines)
    restricting.restrict(made, by=cast.ines)
    restricting.let_in(made, cast.bruno, Role.CONTRIBUTOR, by=cast.ines)
    return made


def watch(person: Any, folder: Folder) -> dict[str, Any]:
    answer = person.call("POST", f"/folders/{folder.public_id}/live-ticket")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = person.line.call("watch", {"ticket": answer.json()["ticket"]}, timeout=10)
    return found


def leave_there(cast: SimpleNamespace, folder: Folder, name: str) -> Any:
    with draft_of(name.encode()) as draft:
        return deposit(cast.space, folder, name, draft, by=cast.ines)


def test_the_space_hears_nothing_of_the_folder(
    cast: SimpleNamespace, folder: Folder, server: Server, person: Make
) -> None:
    marc, bruno = person(cast.marc).connect(), person(cast.bruno).connect()
    assert marc.watch(cast.space.public_id)["ok"]
    assert watch(bruno, folder) | {"last_seq": 0, "message_count": 0} == {
        "ok": True,
        "space": cast.space.public_id,
        "folder": folder.public_id,
        "last_seq": 0,
        "message_count": 0,
    }
    assert marc.call("POST", f"/folders/{folder.public_id}/live-ticket").status_code == 404
    document = leave_there(cast, folder, "Lettre.txt")
    heard = bruno.next()
    assert (heard["kind"], heard["folder"], heard["document_id"]) == (
        "document_added",
        folder.public_id,
        document.public_id,
    )
    assert marc.next(within=1) is None


def test_who_is_put_out_hears_nothing_more(cast: SimpleNamespace, folder: Folder, server: Server, person: Make) -> None:
    bruno, ines = person(cast.bruno).connect(), person(cast.ines).connect()
    ticket = bruno.call("POST", f"/folders/{folder.public_id}/live-ticket").json()["ticket"]
    assert watch(bruno, folder)["ok"] and watch(ines, folder)["ok"] and bruno.watch(cast.space.public_id)["ok"]
    grant = restricting.let_in(folder, cast.bruno, Role.CONTRIBUTOR, by=cast.ines)
    restricting.put_out(grant, by=cast.ines)
    for turn in range(5):
        leave_there(cast, folder, f"Lettre {turn}.txt")
    assert bruno.next("access_revoked") == {"space": cast.space.public_id, "folder": folder.public_id}
    assert [ines.next()["kind"] for _ in range(6)] == ["folder_access_changed"] + ["document_added"] * 5
    assert bruno.next(within=0.7) is None
    assert bruno.line.call("watch", {"ticket": ticket}) == {"ok": False, "error": "stale"}
    threads.create(cast.space, "Question", by=cast.ines, body="un")
    assert bruno.next()["kind"] == "thread_created", "the space itself is still theirs"


def test_who_leaves_the_space_leaves_its_folders(
    cast: SimpleNamespace, folder: Folder, server: Server, person: Make
) -> None:
    bruno = person(cast.bruno).connect()
    assert watch(bruno, folder)["ok"]
    grant = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.bruno.id)
    assert grant is not None
    grants.take_away(grant, by=cast.ines, their_role=Role.LEAD)
    leave_there(cast, folder, "Lettre.txt")
    assert bruno.next("access_revoked")["folder"] == folder.public_id
    assert bruno.next(within=0.7) is None


def test_one_goes_out_of_the_folder_and_stays_in_the_space(
    cast: SimpleNamespace, folder: Folder, server: Server, person: Make
) -> None:
    bruno, space = person(cast.bruno).connect(), cast.space.public_id
    assert watch(bruno, folder)["ok"] and bruno.watch(space)["ok"]
    assert bruno.line.call("unwatch", {"space": space, "folder": folder.public_id}) == {"ok": True}
    assert bruno.line.call("unwatch", {"space": space, "folder": 7}) == {"ok": False, "error": "malformed"}
    leave_there(cast, folder, "Lettre.txt")
    assert bruno.next(within=0.7) is None
    leave_there(cast, None, "Note.txt")  # type: ignore[arg-type]
    assert bruno.next()["kind"] == "document_added"


def test_a_message_that_joins_something_hidden_is_fetched_by_each(
    cast: SimpleNamespace, folder: Folder, server: Server, person: Make
) -> None:
    document = leave_there(cast, folder, "Lettre.txt")
    thread = threads.create(cast.space, "Question", by=cast.ines, body="un")
    marc = person(cast.marc).connect()
    assert marc.watch(cast.space.public_id)["ok"]
    messages.post(thread, "Voici", by=cast.bruno, client_uuid="a", attachments=[document.public_id])
    heard = marc.next()
    assert heard["kind"] == "message_posted" and "html" not in heard
    messages.post(thread, "Rien", by=cast.bruno, client_uuid="b")
    assert "Rien" in marc.next()["html"]
