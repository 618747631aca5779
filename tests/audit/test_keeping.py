"""What the journal holds of an act, and that it only grows."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from resana.accounts import actions as accounts
from resana.acts import ACT_OF, NOT_KEPT, Act
from resana.audit.keeping import prefix_of
from resana.audit.models import AuditEntry
from resana.audit.sealing import COLUMNS
from resana.audit.verifying import verify
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import engine, session
from resana.discussions import actions as threads
from resana.discussions import messages
from resana.events import Event
from resana.spaces import actions as spaces
from resana.spaces import grants
from resana.spaces.models import Role

Entries = Callable[..., list[AuditEntry]]


def test_every_event_is_an_act_or_is_said_not_to_be() -> None:
    assert set(ACT_OF) | NOT_KEPT == set(Event)


def test_an_act_stands_in_the_journal_with_who_when_what_and_from_where(
    cast: SimpleNamespace, sign_in: Callable[..., Any], entries: Entries
) -> None:
    client = sign_in(cast.rose)
    before = entries()[-1].id
    answer = client.patch(
        f"/api/v1/accounts/{cast.bruno.public_id}",
        json={"status": "suspended"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.77"},
    )
    assert answer.status_code == 200
    (one,) = entries(before)
    assert (one.act, one.actor_id, one.object_kind, one.object_id, one.object_public_id) == (
        "account_suspended",
        cast.rose.id,
        "account",
        cast.bruno.id,
        cast.bruno.public_id,
    )
    assert one.administration_id == cast.at.prefecture.id
    assert one.chain == f"administration:{cast.at.prefecture.id}"
    assert one.ip_prefix == "192.0.2.0/24"
    assert one.signed_in_by is not None and one.signed_in_by.startswith("session:")


def test_a_grant_is_described_so_that_it_is_understood_when_it_is_gone(cast: SimpleNamespace, entries: Entries) -> None:
    before = entries()[-1].id
    grant = grants.bring_in(cast.space, cast.olga, Role.READER, by=cast.ines, their_role=Role.LEAD)
    grants.change(grant, Role.MODERATOR, by=cast.ines, their_role=Role.LEAD)
    grants.take_away(grant, by=cast.ines, their_role=Role.LEAD)
    added, changed, removed = entries(before)
    whom = {"principal": "account", "principal_id": cast.olga.public_id, "until": None}
    assert added.facts == whom | {"role": "reader"}
    assert changed.facts == whom | {"role": "moderator", "former_role": "reader"}
    assert removed.facts == whom | {"role": "moderator"}
    assert {one.chain for one in (added, changed, removed)} == {f"space:{cast.space.id}"}
    assert added.administration_id == cast.at.dreal.id


def test_no_text_that_people_wrote_is_kept(cast: SimpleNamespace, entries: Entries) -> None:
    before = entries()[-1].id
    spaces.edit(cast.space, title="Mot-témoin", description="Mot-témoin", purpose="Mot-témoin", by=cast.ines)
    thread = threads.create(cast.space, "Mot-témoin", by=cast.ines, body="Mot-témoin")
    threads.rename(thread, "Autre mot-témoin", by=cast.ines)
    found = entries(before)
    assert [one.act for one in found] == ["space_edited", "thread_created", "thread_renamed"]
    assert "témoin" not in str([[getattr(one, name) for name in COLUMNS] for one in found])


def test_posting_a_message_costs_the_journal_nothing(
    cast: SimpleNamespace, entries: Entries, statements: Callable[..., Any]
) -> None:
    thread = threads.create(cast.space, "Question", by=cast.ines, body="Bonjour")
    before = entries()[-1].id
    with statements() as seen:
        messages.post(thread, "Bonsoir", by=cast.ines, client_uuid=str(uuid.uuid4()))
    assert not [one for one in seen if "audit" in one]
    assert entries(before) == []


def test_an_act_costs_three_statements_whatever_is_told_at_once(
    cast: SimpleNamespace, statements: Callable[..., Any]
) -> None:
    @action
    def often() -> None:
        for _ in range(20):
            tell(Act.SPACE_EDITED, by=cast.ines, of=cast.space, space_id=cast.space.id)

    with statements() as seen:
        often()
    assert len([one for one in seen if "audit" in one]) == 3


def test_what_is_rolled_back_leaves_nothing_and_nothing_for_the_next(cast: SimpleNamespace, entries: Entries) -> None:
    @action
    def fail() -> None:
        accounts.suspend(cast.bruno, by=cast.rose)
        raise RuntimeError

    before = entries()[-1].id
    with pytest.raises(RuntimeError):
        fail()
    accounts.suspend(cast.marc, by=cast.rose)
    assert [one.object_id for one in entries(before)] == [cast.marc.id]
    assert verify().faults == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET act = 'nothing'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_chains",
        "UPDATE audit_chains SET last_seq = last_seq - 1",
        "UPDATE audit_chains SET chain = chain || 'x'",
        "UPDATE audit_chains SET cut_seq = -1",
    ],
)
def test_the_database_itself_refuses(cast: SimpleNamespace, statement: str) -> None:
    session.rollback()
    with pytest.raises(DatabaseError, match="append-only"), engine().begin() as connection:
        connection.execute(text(statement))


def test_two_transactions_that_tell_in_opposite_orders_do_not_wait_for_each_other(
    app: Flask, cast: SimpleNamespace
) -> None:
    places = [cast.at.dreal.id, cast.at.rectorat.id]
    account_id = cast.rose.id
    failures: list[BaseException] = []
    start = threading.Barrier(4)
    session.rollback()

    def work(order: list[int]) -> None:
        with app.app_context():
            start.wait()
            try:
                for _ in range(10):
                    _told_in(order, account_id)
            except BaseException as error:
                failures.append(error)

    crowd = [threading.Thread(target=work, args=(places[:: 1 if n % 2 else -1],)) for n in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    assert failures == []
    assert verify().faults == []


@action
def _told_in(order: list[int], account_id: int) -> None:
    for place in order:
        tell(Act.POLICY_SET, by=SimpleNamespace(id=account_id), administration_id=place)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("nonsense", None),
        (None, None),
    ],
)
def test_an_address_is_kept_as_an_office_not_as_a_person(address: str | None, prefix: str | None) -> None:
    assert prefix_of(address) == prefix
