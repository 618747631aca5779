"""A folder for some of those who read the space: who reads, and that nothing tells the others of it."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from resana.core import acts
from resana.core.acts import Told
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.discussions import actions as threads
from resana.discussions import messages
from resana.documents import actions, restricting, trash
from resana.documents.audiences import AudienceChanges, audience_at
from resana.documents.models import Document, Folder, FolderGrant, Version
from resana.documents.queries import entries
from resana.permissions import Can, abilities_of, accounts_who, can
from resana.spaces import grants
from resana.spaces.models import PrincipalKind, Role, Stream, StreamEvent

UNKNOWN = "a" * 26


@pytest.fixture
def secret(cast: SimpleNamespace, put: Callable[..., Document]) -> SimpleNamespace:
    """A restricted folder with a folder and documents in it; Bruno contributes there, Marc and Lucie are not in it."""
    folder = actions.create_folder(cast.space, "Recrutement", by=cast.ines)
    inner = actions.create_folder(cast.space, "Candidatures", parent=folder, by=cast.ines)
    document = put("Lettre confidentielle.txt", by=cast.ines, folder=inner)
    gone = put("Ancienne lettre.txt", by=cast.ines, folder=inner)
    trash.trash(gone, by=cast.ines)
    restricting.restrict(folder, by=cast.ines)
    grant = restricting.let_in(folder, cast.bruno, Role.CONTRIBUTOR, by=cast.ines)
    return SimpleNamespace(folder=folder, inner=inner, document=document, gone=gone, grant=grant)


@pytest.fixture
def told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What the journal would be told."""
    heard: list[Told] = []
    monkeypatch.setattr(acts, "_listeners", [heard.append])
    return heard


def readers(thing: Folder | Document) -> set[str]:
    right = Can.READ_FOLDER if isinstance(thing, Folder) else Can.READ_DOCUMENT
    return {one.first_name for one in session.execute(accounts_who(right, thing)).scalars()}


def test_only_leads_and_who_is_let_in_read_it(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    for thing in (secret.folder, secret.inner, secret.document):
        assert readers(thing) == {"Inès", "Bruno"}
    assert not can(cast.marc, Can.READ_FOLDER, secret.folder), "a moderator does not pass by default"
    assert can(cast.bruno, Can.WRITE_DOCUMENT, secret.document)


def test_the_role_inside_is_the_lesser_of_the_two(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    restricting.let_in(secret.folder, cast.marc, Role.READER, by=cast.ines)
    restricting.let_in(secret.folder, cast.lucie, Role.MODERATOR, by=cast.ines)
    assert can(cast.marc, Can.READ_DOCUMENT, secret.document)
    assert not can(cast.marc, Can.WRITE_DOCUMENT, secret.document), "a reader there, whatever they moderate"
    assert can(cast.lucie, Can.READ_DOCUMENT, secret.document)
    assert not can(cast.lucie, Can.WRITE_DOCUMENT, secret.document), "a reader of the space, whatever they are there"


def test_an_administration_is_let_in_as_it_is_into_a_space(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    restricting.let_in(secret.folder, cast.at.dreal, Role.READER, by=cast.ines)
    assert readers(secret.document) == {"Inès", "Bruno", "Marc", "Adam"}
    restricting.let_in(secret.folder, cast.at.dreal, Role.READER, by=cast.ines, subtree=True)
    assert readers(secret.document) == {"Inès", "Bruno", "Marc", "Adam", "Lucie"}
    with pytest.raises(Refused):
        restricting.let_in(secret.folder, cast.at.dreal, Role.MODERATOR, by=cast.ines)


def test_the_folder_never_opens_the_space(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    for principal in (cast.olga, cast.at.rectorat):
        with pytest.raises(Refused):
            restricting.let_in(secret.folder, principal, Role.READER, by=cast.ines)
    grant = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.bruno.id)
    assert grant is not None
    grants.take_away(grant, by=cast.ines, their_role=Role.LEAD)
    assert not can(cast.bruno, Can.READ_DOCUMENT, secret.document), "and never outlives it"


def test_who_is_put_out_reads_nothing_from_then_on(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    stream = session.execute(select(Stream).where(Stream.folder_id == secret.folder.id)).scalar_one()
    before = stream.acl_epoch
    restricting.put_out(secret.grant, by=cast.ines)
    assert readers(secret.document) == {"Inès"}
    assert stream.acl_epoch == before + 1


def test_leaving_the_space_shrinks_its_folders_too(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    stream = session.execute(select(Stream).where(Stream.folder_id == secret.folder.id)).scalar_one()
    before = stream.acl_epoch
    grants.leave(cast.space, by=cast.bruno)
    session.expire_all()
    assert stream.acl_epoch == before + 1


def test_only_a_lead_restricts_and_who_moderates_it_manages_it(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    plain = actions.create_folder(cast.space, "Ouvert", by=cast.bruno)
    with pytest.raises(NotAllowed):
        restricting.restrict(plain, by=cast.marc)
    with pytest.raises(NotAllowed):
        restricting.restrict(plain, by=cast.bruno)
    with pytest.raises(NotThere):
        restricting.open_up(secret.folder, by=cast.marc)
    restricting.let_in(secret.folder, cast.marc, Role.MODERATOR, by=cast.ines)
    restricting.let_in(secret.folder, cast.lucie, Role.READER, by=cast.marc)
    with pytest.raises(NotAllowed):
        restricting.let_in(secret.folder, cast.lucie, Role.MODERATOR, by=cast.marc)
    own = session.execute(
        select(FolderGrant).where(FolderGrant.role == Role.MODERATOR, FolderGrant.principal_id == cast.marc.id)
    ).scalar_one()
    with pytest.raises(NotAllowed):
        restricting.put_out(own, by=cast.marc)


def test_one_does_not_stand_in_another(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    with pytest.raises(Conflict, match="déjà dans un dossier restreint"):
        restricting.restrict(secret.inner, by=cast.ines)
    around = actions.create_folder(cast.space, "Direction", by=cast.ines)
    actions.move_folder(secret.folder, around, by=cast.ines)
    with pytest.raises(Conflict, match="contient déjà un dossier restreint"):
        restricting.restrict(around, by=cast.ines)
    other = actions.create_folder(cast.space, "Budget", by=cast.ines)
    restricting.restrict(other, by=cast.ines)
    for moved in (secret.folder, around):
        with pytest.raises(Conflict, match="dans un autre dossier restreint"):
            actions.move_folder(moved, other, by=cast.ines, shown=True)


def test_the_database_refuses_it_as_well(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    for folder, values in (
        (secret.inner, {"restricted": True, "acl_folder_id": secret.inner.id}),
        (secret.inner, {"restricted": True}),
        (secret.folder, {"restricted": False}),
    ):
        with pytest.raises(DBAPIError):
            session.execute(update(Folder).where(Folder.id == folder.id).values(**values))
        session.rollback()
    with pytest.raises(DBAPIError):
        session.execute(update(Document).where(Document.id == secret.document.id).values(acl_folder_id=None))
    session.rollback()


def test_what_is_in_the_trash_is_restricted_with_its_folder(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    assert secret.gone.acl_folder_id == secret.folder.id
    assert not can(cast.marc, Can.RESTORE_DOCUMENT, secret.gone)
    trash.trash_folder(secret.inner, by=cast.ines)
    trash.restore(secret.gone, by=cast.ines)
    assert secret.gone.folder_id == secret.folder.id, "it comes back inside, not to the top of the space"
    trash.trash(secret.gone, by=cast.ines)
    trash.trash_folder(secret.folder, by=cast.ines)
    with pytest.raises(Conflict, match="à la corbeille"):
        trash.restore(secret.gone, by=cast.ines)


def test_a_name_in_it_and_its_own_are_free_for_the_others(
    cast: SimpleNamespace, secret: SimpleNamespace, put: Any
) -> None:
    actions.create_folder(cast.space, "Recrutement", by=cast.marc)
    with pytest.raises(Conflict):
        actions.create_folder(cast.space, "recrutement", by=cast.bruno)
    other = actions.create_folder(cast.space, "Divers", by=cast.marc)
    actions.rename_folder(secret.folder, "Mutations", by=cast.ines)
    actions.rename_folder(other, "Mutations", by=cast.marc)
    put("Mutations", by=cast.marc, on_conflict="rename")
    assert {one.name for one in session.execute(select(Document)).scalars()} >= {"Mutations (2)"}
    with pytest.raises(Conflict, match="déjà le nom"):
        restricting.open_up(secret.folder, by=cast.ines)


def test_opening_gives_it_back_to_the_space(cast: SimpleNamespace, secret: SimpleNamespace, told: list[Told]) -> None:
    restricting.open_up(secret.folder, by=cast.ines)
    for thing in (secret.folder, secret.inner, secret.document, secret.gone):
        assert thing.acl_folder_id is None
    assert readers(secret.document) == {"Inès", "Bruno", "Marc", "Adam", "Lucie", "Gaël"}
    assert session.execute(select(FolderGrant)).first() is None
    assert [(one.act, one.facts["persons"]) for one in told] == [("folder_opened", 4)]


def test_a_move_that_changes_who_reads_is_asked_about(
    cast: SimpleNamespace, secret: SimpleNamespace, put: Any, told: list[Told]
) -> None:
    own = put("La mienne.txt", by=cast.bruno, folder=secret.inner)
    with pytest.raises(NotAllowed, match="Sortir"):
        actions.move(own, None, by=cast.bruno, shown=True)
    with pytest.raises(AudienceChanges) as asked:
        actions.move(secret.document, None, by=cast.ines)
    assert (asked.value.before.count, asked.value.after.count) == (2, 5)
    assert readers(secret.document) == {"Inès", "Bruno"}
    grants.bring_in(cast.space, cast.olga, Role.READER, by=cast.ines, their_role=Role.LEAD)
    with pytest.raises(AudienceChanges) as again:
        actions.move(secret.document, None, by=cast.ines, shown=asked.value.digest)
    assert again.value.after.count == 6, "one more came meanwhile: they were not shown (I8)"
    actions.move(secret.document, None, by=cast.ines, shown=again.value.digest)
    assert "Olga" in readers(secret.document)
    note = put("Note.txt", by=cast.bruno)
    with pytest.raises(AudienceChanges):
        actions.move(note, secret.folder, by=cast.bruno)
    actions.move(note, secret.folder, by=cast.bruno, shown=True)
    assert readers(note) == {"Inès", "Bruno"}
    moves = [one.facts for one in told if one.act == "audience_changed"]
    assert [(one["before"], one["after"]) for one in moves] == [(2, 6), (6, 2)]


def test_a_whole_folder_takes_its_versions_along(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    version = session.execute(select(Version).where(Version.document_id == secret.document.id)).scalar_one()
    assert not can(cast.marc, Can.READ_VERSION, version)
    actions.move_folder(secret.inner, None, by=cast.ines, shown=True)
    assert can(cast.marc, Can.READ_VERSION, version)
    assert secret.gone.acl_folder_id is None
    actions.move_folder(secret.inner, secret.folder, by=cast.ines, shown=True)
    assert not can(cast.marc, Can.READ_VERSION, version)
    assert secret.gone.acl_folder_id == secret.folder.id


def test_a_reader_of_the_folder_puts_nothing_into_it(cast: SimpleNamespace, secret: SimpleNamespace, put: Any) -> None:
    restricting.let_in(secret.folder, cast.marc, Role.READER, by=cast.ines)
    with pytest.raises(NotAllowed):
        put("Note.txt", by=cast.marc, folder=secret.inner)
    with pytest.raises(NotAllowed):
        actions.create_folder(cast.space, "Autre", parent=secret.inner, by=cast.marc)
    note = put("Note.txt", by=cast.marc)
    with pytest.raises(NotAllowed):
        actions.move(note, secret.folder, by=cast.marc, shown=True)


def test_a_hidden_folder_stays_when_its_parent_goes(cast: SimpleNamespace, secret: SimpleNamespace) -> None:
    """To take it along would be more than they may, to refuse would tell of it."""
    parent = actions.create_folder(cast.space, "Ressources", by=cast.marc)
    actions.move_folder(secret.folder, parent, by=cast.ines)
    trash.trash_folder(parent, by=cast.marc)
    assert secret.folder.parent_id is None and secret.folder.trashed_at is None
    assert readers(secret.document) == {"Inès", "Bruno"}

    trash.restore_folder(parent, by=cast.marc)
    actions.move_folder(secret.folder, parent, by=cast.ines)
    trash.trash_folder(parent, by=cast.ines)
    assert secret.document.trashed_at is not None
    trash.restore_folder(parent, by=cast.marc)
    session.expire_all()
    assert secret.folder.trashed_at is not None and secret.document.trashed_with_id == secret.folder.id
    trash.restore_folder(secret.folder, by=cast.ines)
    session.expire_all()
    assert secret.document.trashed_at is None and secret.folder.parent_id == parent.id

    other = actions.create_folder(cast.space, "Budget", by=cast.ines)
    restricting.restrict(other, by=cast.ines)
    restricting.let_in(other, cast.marc, Role.MODERATOR, by=cast.ines)
    actions.move_folder(parent, other, by=cast.marc, shown=True)
    session.expire_all()
    assert parent.acl_folder_id == other.id
    assert secret.folder.parent_id is None and secret.folder.acl_folder_id == secret.folder.id


def test_events_and_lists_tell_the_others_nothing(
    cast: SimpleNamespace, secret: SimpleNamespace, put: Any, sign_in: Any
) -> None:
    space, late = cast.space.public_id, session.execute(select(Stream.last_seq)).scalars().first()
    put("Nouvelle.txt", by=cast.bruno, folder=secret.folder)
    marc, bruno = sign_in(cast.marc), sign_in(cast.bruno)
    assert marc.get(f"/api/v1/spaces/{space}/events?after={late}").json["items"] == []
    heard = bruno.get(f"/api/v1/folders/{secret.folder.public_id}/events").json["items"]
    assert heard[-1]["kind"] == "document_added"
    everything = marc.get(f"/api/v1/spaces/{space}/events?limit=500").text
    for thing in (secret.folder, secret.inner, secret.document, secret.gone):
        assert thing.public_id not in everything, "nor what happened before it was restricted"
    pages = [
        f"/spaces/{space}",
        "/",
        f"/spaces/{space}/documents",
        f"/spaces/{space}/trash",
        "/search?q=lettre",
        "/search?q=nouvelle",
        f"/spaces/{space}/threads/new",
        f"/api/v1/spaces/{space}/documents",
        f"/api/v1/spaces/{space}/trash",
        f"/spaces/{space}/members",
    ]
    for page in pages:
        answer = marc.get(page)
        assert answer.status_code == 200, page
        assert not re.search(
            "recrutement|candidatures|confidentielle|Ancienne lettre|Nouvelle.txt", answer.text, re.I
        ), page
        assert secret.folder.public_id not in answer.text
    assert "Nouvelle.txt" in bruno.get("/search?q=nouvelle").text, "I2: who may, finds it"
    assert "Recrutement" in bruno.get(f"/spaces/{space}/documents").text


def test_a_joined_document_has_no_name_for_who_may_not_read_it(
    cast: SimpleNamespace, secret: SimpleNamespace, sign_in: Any
) -> None:
    thread = threads.create(cast.space, "Question", by=cast.ines, body="Bonjour")
    ids = [secret.document.public_id]
    messages.post(thread, "Voici", by=cast.bruno, client_uuid="a", attachments=ids)
    with pytest.raises(Refused):
        messages.post(thread, "Voici", by=cast.marc, client_uuid="b", attachments=ids)
    address = f"/api/v1/threads/{thread.public_id}/messages"
    assert sign_in(cast.marc).get(address).json["items"][-1]["attachments"] == [
        {"id": "", "name": "", "size": 0, "content_type": "", "available": False}
    ]
    assert sign_in(cast.bruno).get(address).json["items"][-1]["attachments"][0]["name"] == secret.document.name
    for path in (f"/threads/{thread.public_id}", f"/threads/{thread.public_id}/messages/2"):
        text = sign_in(cast.marc).get(path, headers={"X-Fragment": "message"}, follow_redirects=True).text
        assert secret.document.name not in text and secret.document.public_id not in text
        assert "Document que vous ne pouvez pas voir" in text
        assert secret.document.name in sign_in(cast.bruno).get(path, headers={"X-Fragment": "message"}).text


def test_every_line_says_what_may_be_done_with_it(cast: SimpleNamespace, secret: SimpleNamespace, put: Any) -> None:
    actions.create_folder(cast.space, "Ouvert", by=cast.ines)
    restricting.let_in(secret.folder, cast.marc, Role.READER, by=cast.ines)
    found, _more = entries(cast.marc, cast.space, None)
    folders = [entry for entry in found if entry.kind == "folder"]
    asked = abilities_of(cast.marc, [session.get_one(Folder, entry.id) for entry in folders])
    assert [entry.restricted for entry in folders] == [False, True]
    assert {entry.id: entry.abilities for entry in folders} == asked
    assert folders[0].abilities["trash_folder"] and not folders[1].abilities["trash_folder"]


def test_the_audience_is_said_in_words(cast: SimpleNamespace, secret: SimpleNamespace, sign_in: Any) -> None:
    audience = audience_at(secret.document, cast.space)
    assert (audience.count, audience.words) == (2, "1 personne choisie + responsables de l’espace")
    bruno = sign_in(cast.bruno)
    for page in (f"/folders/{secret.folder.public_id}", f"/documents/{secret.document.public_id}"):
        text = re.sub(r"<[^>]+>", "", bruno.get(page).text)
        assert re.search(r"Visible par\s+2\spersonnes", text), page


@pytest.mark.parametrize("who", ["marc", "lucie", "adam"])
def test_every_door_is_the_door_of_something_unknown(
    app: Flask, cast: SimpleNamespace, secret: SimpleNamespace, sign_in: Any, who: str
) -> None:
    """Each route with the id of a folder, a document, a version or a line inside: 404, with the same bytes."""
    client, tried = sign_in(getattr(cast, who)), 0
    inside = {
        "folder_id": (secret.folder.public_id, secret.inner.public_id),
        "document_id": (secret.document.public_id, secret.gone.public_id),
        "folder_grant_id": (secret.grant.public_id,),
    }
    for rule in app.url_map.iter_rules():
        named = [name for name in inside if name in rule.arguments]
        if not named:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for turn in range(2):
                known = {name: inside[name][min(turn, len(inside[name]) - 1)] for name in named}
                unknown = dict.fromkeys(named, UNKNOWN)
                more = {"no": 1} if "no" in rule.arguments else {}
                assert rule.arguments <= set(known) | set(more), rule.rule
                answers = [_open(client, method, app, rule, ids | more) for ids in (known, unknown)]
                assert answers[0] == answers[1], (method, rule.rule)
                assert answers[0][0] == 404, (method, rule.rule)
                tried += 1
    assert tried > 60


def _open(client: Any, method: str, app: Flask, rule: Any, ids: dict[str, Any]) -> tuple[int, bytes]:
    with app.test_request_context():
        path = app.url_map.bind("localhost").build(rule.endpoint, ids, method=method)
    arguments: dict[str, Any] = {"method": method}
    if rule.rule.startswith("/api/") and method in ("POST", "PATCH", "PUT"):
        arguments["json"] = {}
    answer = client.open(path, **arguments)
    return _bytes(answer)


def _bytes(answer: Any) -> tuple[int, bytes]:
    """The answer without its CSRF tokens: they carry the second, whatever was asked for."""
    return answer.status_code, re.sub(rb"(?<=\")[\w-]{10,}\.[\w-]{6}\.[\w-]{27}(?=\")", b"token", answer.data)


@pytest.mark.parametrize("who", ["marc", "bruno"])
def test_ids_in_bodies_are_those_of_something_unknown(
    cast: SimpleNamespace, secret: SimpleNamespace, sign_in: Any, put: Any, who: str
) -> None:
    """Deposits, new folders, moves, selections, attachments that name something one may not see."""
    actor = getattr(cast, who)
    restricting.put_out(secret.grant, by=cast.ines)
    note, space = put("Note.txt", by=actor), cast.space.public_id
    thread = threads.create(cast.space, "Question", by=cast.ines, body="Bonjour")
    client = sign_in(actor)

    def answers(folder: str, document: str) -> list[tuple[int, bytes]]:
        found = [
            client.post(f"/api/v1/spaces/{space}/folders", json={"name": "Neuf", "parent_id": folder}),
            client.get(f"/api/v1/spaces/{space}/documents?folder={folder}"),
            client.post(
                f"/api/v1/spaces/{space}/documents",
                data={"folder_id": folder, "file": (io.BytesIO(b"x"), "n.txt")},
                content_type="multipart/form-data",
            ),
            client.patch(f"/api/v1/documents/{note.public_id}", json={"folder_id": folder}),
            client.patch(f"/api/v1/documents/{note.public_id}", json={"folder_id": folder, "confirm_audience": True}),
            client.post(
                f"/api/v1/threads/{thread.public_id}/messages",
                json={"body": "x", "client_uuid": str(uuid.uuid4()), "attachments": [document]},
            ),
            client.post(f"/spaces/{space}/documents/selection", data={"do": "trash", "chosen": f"document:{document}"}),
            client.post(f"/spaces/{space}/documents/selection", data={"do": "move", "place": folder}),
        ]
        return [_bytes(one) for one in found]

    assert answers(secret.folder.public_id, secret.document.public_id) == answers(UNKNOWN, UNKNOWN)


def test_a_program_is_told_both_audiences_and_confirms(
    cast: SimpleNamespace, secret: SimpleNamespace, sign_in: Any
) -> None:
    client, address = sign_in(cast.ines), f"/api/v1/documents/{secret.document.public_id}"
    asked = client.patch(address, json={"folder_id": None})
    assert asked.status_code == 409
    assert [asked.json["audience"][when]["count"] for when in ("before", "after")] == [2, 5]
    assert client.patch(address, json={"folder_id": None, "confirm_audience": True}).status_code == 200


def test_a_page_shows_both_audiences_and_asks(cast: SimpleNamespace, secret: SimpleNamespace, sign_in: Any) -> None:
    client, address = sign_in(cast.ines), f"/documents/{secret.document.public_id}/place"
    asked = client.post(address, data={"place": ""})
    assert asked.status_code == 409
    assert re.search(r"<dd>2\s+personnes.*<dd>5\s+personnes", asked.text, re.DOTALL)
    found = re.search(r'name="confirm_audience" value="(\w+)"', asked.text)
    assert found is not None
    assert client.post(address, data={"place": "", "confirm_audience": "0" * 64}).status_code == 409
    assert client.post(address, data={"place": "", "confirm_audience": found[1]}).status_code == 303
    session.expire_all()
    assert secret.document.folder_id is None
    several = client.post(
        f"/spaces/{cast.space.public_id}/documents/selection",
        data={
            "do": "move",
            "place": secret.folder.public_id,
            "chosen": f"document:{secret.document.public_id}",
        },
        follow_redirects=True,
    )
    assert "Déplacez-le seul pour le confirmer" in several.text
    session.expire_all()
    assert secret.document.folder_id is None


def test_the_pages_of_a_folder_restrict_let_in_and_open(cast: SimpleNamespace, sign_in: Any) -> None:
    folder = actions.create_folder(cast.space, "Recrutement", by=cast.ines)
    client, address = sign_in(cast.ines), f"/folders/{folder.public_id}"
    assert client.post(f"{address}/restriction").status_code == 303
    page = client.get(f"{address}/access?q=marc")
    assert "Laisser voir à Marc Leroux" in page.text
    assert "Faites d’abord entrer" in client.get(f"{address}/access?q=olga").text
    data = {"kind": "account", "principal": cast.marc.public_id, "role": "reader"}
    assert client.post(f"{address}/access", data=data).status_code == 303
    data = {"kind": "account", "principal": cast.olga.public_id, "role": "reader"}
    assert client.post(f"{address}/access", data=data).status_code == 422
    assert sign_in(cast.marc).get(f"{address}/access").status_code == 200
    grant = session.execute(select(FolderGrant)).scalar_one()
    change = f"/folder-access/{grant.public_id}"
    assert client.post(f"{change}/role", data={"role": "contributor"}).status_code == 303
    assert sign_in(cast.marc).post(f"{change}/removal").status_code == 403
    assert client.post(f"{change}/removal").status_code == 303
    assert sign_in(cast.marc).get(f"{address}/access").status_code == 404
    assert client.post(f"{address}/restriction/end").status_code == 303
    assert sign_in(cast.marc).get(f"{address}/access").status_code == 200


def test_the_journal_is_told(cast: SimpleNamespace, told: list[Told]) -> None:
    folder = actions.create_folder(cast.space, "Recrutement", by=cast.ines)
    restricting.restrict(folder, by=cast.ines)
    grant = restricting.let_in(folder, cast.marc, Role.READER, by=cast.ines)
    restricting.change_role(grant, Role.CONTRIBUTOR, by=cast.ines)
    restricting.put_out(grant, by=cast.ines)
    assert [one.act for one in told] == [
        "folder_created",
        "folder_restricted",
        "folder_access_given",
        "folder_access_changed",
        "folder_access_taken",
    ]
    assert all(one.space_id == cast.space.id and one.of_public_id == folder.public_id for one in told)


def test_a_restricted_thing_moves_the_space_in_nothing(
    cast: SimpleNamespace, secret: SimpleNamespace, put: Any
) -> None:
    """Neither a count nor the rhythm of what happens in the folder is seen from outside."""
    before = (cast.space.stream.last_seq, cast.space.stream.last_activity_at)
    note = put("Note.txt", by=cast.bruno, folder=secret.folder)
    actions.rename(note, "Autre note.txt", by=cast.bruno)
    actions.move(note, secret.inner, by=cast.bruno)
    trash.trash(note, by=cast.bruno)
    trash.restore(note, by=cast.bruno)
    actions.create_folder(cast.space, "Encore", parent=secret.folder, by=cast.bruno)
    session.expire_all()
    assert (cast.space.stream.last_seq, cast.space.stream.last_activity_at) == before
    kinds = session.execute(
        select(StreamEvent.kind)
        .join(Stream, Stream.id == StreamEvent.stream_id)
        .where(Stream.folder_id == secret.folder.id)
        .order_by(StreamEvent.seq.desc())
        .limit(6)
    )
    assert list(kinds.scalars())[::-1] == [
        "document_added",
        "document_renamed",
        "document_moved",
        "document_trashed",
        "document_restored",
        "folder_created",
    ]
