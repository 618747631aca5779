"""Who reads the journal, how it is narrowed and taken away, and that this stands in it too."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from resana.accounts import actions as accounts
from resana.acts import Act
from resana.audit import exporting, queries, routes
from resana.audit.exporting import harmless
from resana.audit.models import AuditEntry
from resana.audit.queries import Filters, lines, of_scope, of_space
from resana.audit.words import act_name, groups, said, sentences
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.documents import actions as folders
from resana.spaces import grants
from resana.spaces.models import Role

Entries = Callable[..., list[AuditEntry]]


def test_every_act_has_its_sentence_and_its_group() -> None:
    assert set(sentences()) == set(Act)
    assert {act for _name, acts in groups() for act in acts} == set(Act) - {Act.CHECKPOINT}
    names = [act_name(act) for act in Act]
    assert all(name[0].isupper() and "%" not in name for name in names)


def test_a_lead_reads_the_journal_of_their_space_in_sentences(
    cast: SimpleNamespace, sign_in: Callable[..., Any]
) -> None:
    folder = folders.create_folder(cast.space, "Comptes rendus", by=cast.ines)
    client = sign_in(cast.ines)
    page = client.get(f"/spaces/{cast.space.public_id}/journal")
    assert page.status_code == 200
    assert "Bruno Castaing dans l’espace comme contributeur" in page.text
    assert "DREAL" in page.text or "Direction de l’environnement et ses services" in page.text
    assert "Comptes rendus" in page.text
    assert f"/folders/{folder.public_id}" in page.text
    assert f"/spaces/{cast.space.public_id}/journal" in client.get(f"/spaces/{cast.space.public_id}/settings").text


def test_an_administrator_sees_ids_and_no_names_of_what_they_may_not_read(
    cast: SimpleNamespace, sign_in: Callable[..., Any]
) -> None:
    folder = folders.create_folder(cast.space, "Nom confidentiel", by=cast.ines)
    for who in (cast.rose, cast.petra):
        page = sign_in(who).get(f"/spaces/{cast.space.public_id}/journal")
        assert page.status_code == 200
        assert "Nom confidentiel" not in page.text
        assert folder.public_id in page.text
        listed = sign_in(who).get("/administration/journal").text
        assert "Nom confidentiel" not in listed
        assert folder.public_id in listed


def test_the_journal_of_a_scope_ends_at_its_border(cast: SimpleNamespace) -> None:
    accounts.suspend(cast.bruno, by=cast.rose)
    accounts.suspend(cast.olga, by=cast.rose)
    accounts.suspend(cast.marc, by=cast.rose)

    def seen(reader: Any) -> set[int | None]:
        found = session.execute(of_scope(reader, Filters(act="account_suspended"))).scalars()
        return {entry.object_id for entry in found}

    assert seen(cast.adam) == {cast.marc.id}
    assert seen(cast.rejane) == {cast.olga.id}
    assert seen(cast.rose) == {cast.bruno.id, cast.olga.id, cast.marc.id}
    assert seen(cast.petra) == {cast.bruno.id, cast.olga.id, cast.marc.id}
    assert seen(cast.ines) == set()


@pytest.mark.parametrize("door", ["/administration/journal", "/administration/journal.csv", "/api/v1/journal"])
def test_who_administers_nothing_has_no_journal_of_a_scope(
    cast: SimpleNamespace, sign_in: Callable[..., Any], door: str
) -> None:
    assert sign_in(cast.ines).get(door).status_code == 403


def test_the_list_is_narrowed_by_day_person_act_and_object(cast: SimpleNamespace) -> None:
    with pretending(now() - timedelta(days=10)):
        old = folders.create_folder(cast.space, "Ancien", by=cast.bruno)
    new = folders.create_folder(cast.space, "Nouveau", by=cast.ines)
    today = now().date()

    def found(**narrowed: Any) -> list[str | None]:
        rows = session.execute(of_space(cast.space, Filters(**narrowed)).order_by(AuditEntry.id)).scalars()
        return [entry.object_public_id for entry in rows if entry.act == "folder_created"]

    assert found() == [old.public_id, new.public_id]
    assert found(since=today - timedelta(days=2)) == [new.public_id]
    assert found(until=today - timedelta(days=8)) == [old.public_id]
    assert found(who="castaing") == [old.public_id]
    assert found(who="nobody of that name") == []
    assert found(act="space_edited") == []
    assert found(thing=new.public_id) == [new.public_id]


@pytest.mark.parametrize(
    "query",
    ["since=hier", "until=9999-12-31", "since=0001-01-01", "act=nothing", "object=%00x", "who=%00", "since=2026-02-30"],
)
def test_what_is_not_understood_narrows_nothing_and_breaks_nothing(
    cast: SimpleNamespace, sign_in: Callable[..., Any], query: str
) -> None:
    assert sign_in(cast.ines).get(f"/spaces/{cast.space.public_id}/journal?{query}").status_code == 200


def test_reading_is_written_down_once_an_hour_and_sign_in(
    cast: SimpleNamespace, sign_in: Callable[..., Any], entries: Entries
) -> None:
    before = entries()[-1].id
    door = f"/spaces/{cast.space.public_id}/journal"
    client = sign_in(cast.ines)
    client.get(door)
    client.get(door + "?act=space_created")
    client.get("/api/v1" + door)
    sign_in(cast.ines).get(door)
    sign_in(cast.rose).get("/administration/journal")
    found = entries(before)
    assert [(one.act, one.actor_id, one.space_id) for one in found] == [
        ("journal_read", cast.ines.id, cast.space.id),
        ("journal_read", cast.ines.id, cast.space.id),
        ("journal_read", cast.rose.id, None),
    ]
    assert found[2].chain == f"administration:{cast.at.region.id}"


def test_reading_is_written_down_again_after_an_hour(
    cast: SimpleNamespace, sign_in: Callable[..., Any], entries: Entries
) -> None:
    door = f"/spaces/{cast.space.public_id}/journal"
    client = sign_in(cast.ines)
    before = entries()[-1].id
    client.get(door)
    (first,) = entries(before)
    assert first.act == Act.JOURNAL_READ
    with pretending(now() + timedelta(minutes=59)):
        assert queries.read_lately(cast.ines, first.signed_in_by, cast.space)
    with pretending(now() + timedelta(minutes=61)):
        assert not queries.read_lately(cast.ines, first.signed_in_by, cast.space)


def test_every_export_is_written_down_with_how_it_was_narrowed(
    cast: SimpleNamespace, sign_in: Callable[..., Any], entries: Entries
) -> None:
    before = entries()[-1].id
    client = sign_in(cast.ines)
    for _ in range(2):
        answer = client.get(f"/spaces/{cast.space.public_id}/journal.csv?act=member_added&who=moreau", buffered=True)
        assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    found = entries(before)
    assert [one.act for one in found] == ["journal_exported"] * 2
    assert found[0].facts == {"narrowed": {"act": "member_added", "who": True}}
    table = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(table) == 5  # the head, and those who were brought in
    assert {row[1] for row in table[1:]} == {"Inès Moreau"}
    assert all(len(row) == len(table[0]) for row in table)


def test_a_long_export_comes_in_pieces_and_whole(
    cast: SimpleNamespace, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, entries: Entries
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    answer = sign_in(cast.petra).get("/administration/journal.csv", buffered=True)
    table = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(table) - 1 == len(entries())


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_a_name_that_is_a_formula_is_exported_as_text(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    accounts.change(cast.ines, first_name='=HYPERLINK("https://evil.example")', by=None)
    folders.create_folder(cast.space, "=1+cmd|calc!A0", by=cast.ines)
    answer = sign_in(cast.ines).get(f"/spaces/{cast.space.public_id}/journal.csv", buffered=True)
    table = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert any("HYPERLINK" in cell for row in table for cell in row)
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_pages_follow_each_other_without_a_hole(
    cast: SimpleNamespace, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(cast, 7)
    client = sign_in(cast.ines)
    path, seen = f"/api/v1/spaces/{cast.space.public_id}/journal?limit=3", []
    cursor = None
    while True:
        part = client.get(path + (f"&cursor={cursor}" if cursor else "")).json
        seen += [one["number"] for one in part["items"]]
        cursor = part["next"]
        if cursor is None:
            break
    assert seen == list(range(seen[0], 0, -1))
    monkeypatch.setattr(routes, "PAGE", 3)
    page = client.get(f"/spaces/{cast.space.public_id}/journal")
    assert "Suivants" in page.text
    assert client.get(f"/spaces/{cast.space.public_id}/journal?cursor=nonsense").status_code == 422


def test_the_call_says_what_the_page_says(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    grants.bring_in(cast.space, cast.olga, Role.READER, by=cast.ines, their_role=Role.LEAD)
    answer = sign_in(cast.ines).get(f"/api/v1/spaces/{cast.space.public_id}/journal?act=member_added&limit=1")
    (one,) = answer.json["items"]
    assert one["actor_id"] == cast.ines.public_id
    assert one["sentence"] == "a fait entrer Olga Roussel dans l’espace comme lecteur"
    assert one["facts"]["principal_id"] == cast.olga.public_id
    assert one["space_id"] == cast.space.public_id
    assert sign_in(cast.bruno).get(f"/api/v1/spaces/{cast.space.public_id}/journal").status_code == 403
    assert sign_in(cast.xavier).get(f"/api/v1/spaces/{cast.space.public_id}/journal").status_code == 404


def test_a_page_asks_the_same_number_of_questions_whatever_it_shows(
    app: Flask, cast: SimpleNamespace, statements: Callable[..., Any]
) -> None:
    def asked() -> int:
        session.rollback()
        entries = list(session.execute(of_space(cast.space, Filters()).order_by(AuditEntry.id)).scalars())
        with app.test_request_context(), statements() as seen:
            assert len(lines(cast.ines, entries)) == len(entries)
        return len(seen)

    folders.create_folder(cast.space, "Un", by=cast.ines)
    few = asked()
    for number in range(5):
        folders.create_folder(cast.space, f"Dossier {number}", by=cast.bruno if number % 2 else cast.marc)
    _fill(cast, 10)
    assert asked() == few <= 6


def test_an_act_that_this_version_does_not_know_is_shown_all_the_same() -> None:
    assert "of_tomorrow" in said("of_tomorrow", {}, {})


@action
def _fill(cast: SimpleNamespace, count: int) -> None:
    for _ in range(count):
        tell(
            Act.SPACE_EDITED,
            by=cast.ines,
            of=cast.space,
            space_id=cast.space.id,
            administration_id=cast.space.owner_administration_id,
        )
