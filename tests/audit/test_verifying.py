"""`flask audit verify` finds whatever was done to the journal behind its back, and says where."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from resana.acts import Act
from resana.audit import upkeep, verifying
from resana.audit.keeping import append
from resana.audit.models import NOTHING, AuditChain, AuditEntry
from resana.audit.sealing import COLUMNS, hash_of
from resana.audit.upkeep import anchor, purge, witnesses
from resana.audit.verifying import CHECKPOINTS, verify
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now, pretending
from resana.core.database import engine, session

Tamper = Callable[..., None]


@pytest.fixture
def chain(cast: SimpleNamespace) -> str:
    """A space's chain of at least a dozen entries."""
    for number in range(12):
        _edited(cast, number)
    return f"space:{cast.space.id}"


@action
def _edited(cast: SimpleNamespace, number: int) -> None:
    tell(Act.SPACE_EDITED, by=cast.ines, of=cast.space, space_id=cast.space.id, number=number)


def _whats(chain: str) -> list[tuple[int, str]]:
    faults = verify().faults
    assert {fault.chain for fault in faults} <= {chain}
    return [(fault.seq, fault.what) for fault in faults]


def _head(chain: str) -> AuditChain:
    session.rollback()
    return session.get_one(AuditChain, chain, populate_existing=True)


def test_an_honest_journal_is_found_to_be_so(chain: str) -> None:
    proof = verify()
    assert proof.faults == []
    assert proof.entries == session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
    assert proof.chains == session.execute(select(func.count()).select_from(AuditChain)).scalar_one()


@pytest.mark.parametrize("column", [name for name in COLUMNS if name not in ("chain", "seq")])
def test_a_change_of_any_column_is_found(chain: str, tamper: Tamper, column: str) -> None:
    value = {
        "at": "2020-01-01 00:00:00.000000",
        "facts": '{"number": 99}',
    }.get(column, "7" if column.endswith("_id") or column == "on_behalf_of_id" else "x")
    tamper(f"UPDATE audit_entries SET {column} = '{value}' WHERE chain = :chain AND seq = 5", chain=chain)
    assert _whats(chain) == [(5, "this entry was changed")]


def test_an_entry_made_anew_with_its_hash_does_not_fit_the_next(chain: str, tamper: Tamper) -> None:
    five = session.execute(select(AuditEntry).where(AuditEntry.chain == chain, AuditEntry.seq == 5)).scalar_one()
    forged = {name: getattr(five, name) for name in COLUMNS} | {"act": "space_archived"}
    tamper(
        "UPDATE audit_entries SET act = 'space_archived', hash = :hash WHERE chain = :chain AND seq = 5",
        chain=chain,
        hash=hash_of(five.previous_hash, forged),
    )
    assert _whats(chain) == [(6, "this entry does not stand behind the one before it")]


def test_a_missing_entry_is_found(chain: str, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_entries WHERE chain = :chain AND seq = 5", chain=chain)
    assert _whats(chain) == [(5, "entries are missing: 5")]


def test_missing_entries_in_the_middle_are_found(chain: str, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_entries WHERE chain = :chain AND seq BETWEEN 5 AND 7", chain=chain)
    assert _whats(chain) == [(5, "entries are missing: 5 to 7")]


def test_two_entries_that_changed_places_are_found(chain: str, tamper: Tamper) -> None:
    tamper(
        "UPDATE audit_entries SET seq = -5 WHERE chain = :chain AND seq = 5",
        "UPDATE audit_entries SET seq = 5 WHERE chain = :chain AND seq = 6",
        "UPDATE audit_entries SET seq = 6 WHERE chain = :chain AND seq = -5",
        chain=chain,
    )
    assert (5, "this entry was changed") in _whats(chain)
    assert (6, "this entry was moved") in _whats(chain)


def test_entries_that_changed_only_their_order_in_the_list_are_found(chain: str, tamper: Tamper) -> None:
    ids = session.execute(
        select(AuditEntry.id).where(AuditEntry.chain == chain, AuditEntry.seq.in_([5, 6])).order_by(AuditEntry.seq)
    ).scalars()
    five, six = ids.all()
    tamper(
        "UPDATE audit_entries SET id = -1 WHERE id = :five",
        "UPDATE audit_entries SET id = :five WHERE id = :six",
        "UPDATE audit_entries SET id = :six WHERE id = -1",
        five=five,
        six=six,
    )
    assert _whats(chain) == [(6, "this entry was moved")]


def test_a_tail_that_was_cut_off_is_found(chain: str, tamper: Tamper) -> None:
    last = _head(chain).last_seq
    tamper("DELETE FROM audit_entries WHERE chain = :chain AND seq > :seq", chain=chain, seq=last - 3)
    assert _whats(chain) == [(last - 2, f"the last entries are missing: up to {last}")]


def test_a_beginning_that_was_cut_off_is_found(chain: str, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_entries WHERE chain = :chain AND seq <= 3", chain=chain)
    assert _whats(chain) == [(1, "entries are missing: 1 to 3")]


def test_a_head_that_was_written_by_hand_is_found(chain: str, tamper: Tamper) -> None:
    """Somebody who knows how hashes are made, and has not the secret key, rewrites the chain and its head."""
    rows = session.execute(select(AuditEntry).where(AuditEntry.chain == chain).order_by(AuditEntry.seq)).scalars().all()
    previous = NOTHING
    statements = []
    for row in rows:
        entry = {name: getattr(row, name) for name in COLUMNS} | {"actor_id": 999}
        made = hash_of(previous, entry)
        statements.append(
            f"UPDATE audit_entries SET actor_id = 999, previous_hash = '{previous}', hash = '{made}' "
            f"WHERE id = {row.id}"
        )
        previous = made
    tamper(*statements, f"UPDATE audit_chains SET last_hash = '{previous}' WHERE chain = :chain", chain=chain)
    assert _whats(chain) == [(rows[-1].seq, "the head of the chain is not signed by us")]


def test_a_cut_that_nobody_signed_is_found(chain: str, tamper: Tamper) -> None:
    third = session.execute(select(AuditEntry.hash).where(AuditEntry.chain == chain, AuditEntry.seq == 3)).scalar_one()
    tamper(
        "UPDATE audit_chains SET cut_seq = 3, cut_hash = :hash WHERE chain = :chain",
        "DELETE FROM audit_entries WHERE chain = :chain AND seq <= 3",
        chain=chain,
        hash=third,
    )
    assert [what for _seq, what in _whats(chain)] == ["the head of the chain is not signed by us"]


def test_a_head_that_is_gone_is_found(chain: str, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_chains WHERE chain = :chain", chain=chain)
    assert _whats(chain) == [(0, "the head of the chain is missing")]


def test_a_chain_put_back_to_an_hour_ago_does_not_reach_its_checkpoint(
    cast: SimpleNamespace, chain: str, tamper: Tamper
) -> None:
    """A former head has a good signature: only the checkpoint knows that there was more."""
    old = _head(chain)
    values = {name: getattr(old, name) for name in ("last_seq", "last_hash", "anchored_seq", "signature")}
    _edited(cast, 13)
    assert anchor() > 0
    tamper(
        "DELETE FROM audit_entries WHERE chain = :chain AND seq > :last_seq",
        "UPDATE audit_chains SET last_seq = :last_seq, last_hash = :last_hash, anchored_seq = :anchored_seq, "
        "signature = :signature WHERE chain = :chain",
        chain=chain,
        **values,
    )
    assert _whats(chain) == [(values["last_seq"] + 1, "a checkpoint knows more entries than there are")]


def test_a_whole_chain_that_is_gone_is_missed_by_its_checkpoint(chain: str, tamper: Tamper) -> None:
    anchor()
    last = _head(chain).last_seq
    tamper(
        "DELETE FROM audit_entries WHERE chain = :chain", "DELETE FROM audit_chains WHERE chain = :chain", chain=chain
    )
    assert _whats(chain) == [(last, "the whole chain is missing")]


def test_a_database_that_was_put_back_is_found_by_the_log(
    app: Flask, cast: SimpleNamespace, chain: str, tamper: Tamper, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.WARNING, logger="resana.journal"):
        anchor()
    tamper("DELETE FROM audit_entries", "DELETE FROM audit_chains")
    log = tmp_path / "resana.log"
    log.write_text("something else\n" + "\n".join(record.getMessage() for record in caplog.records))
    assert verify().faults == []
    found = verify(witnesses(log.read_text().splitlines()))
    assert [(fault.chain, fault.what) for fault in found.faults] == [(CHECKPOINTS, "the head of the chain is missing")]
    told = app.test_cli_runner().invoke(args=["audit", "verify", "--log", str(log)])
    assert told.exit_code == 1


def test_a_line_of_the_log_that_we_did_not_write_is_found(chain: str) -> None:
    line = f"journal witness chain={CHECKPOINTS} seq=1 hash={'a' * 64} signature={'b' * 64}"
    assert [fault.what for fault in verify(witnesses([line])).faults] == ["this line of the log is not signed by us"]


def test_the_command_says_where_and_ends_with_one(app: Flask, chain: str, tamper: Tamper) -> None:
    run = app.test_cli_runner()
    good = run.invoke(args=["audit", "verify"])
    assert good.exit_code == 0
    assert "0 faults" in good.output
    tamper("UPDATE audit_entries SET act = 'x' WHERE chain = :chain AND seq = 5", chain=chain)
    bad = run.invoke(args=["audit", "verify"])
    assert bad.exit_code == 1
    assert f"{chain} 5: this entry was changed" in bad.output


def test_a_checkpoint_is_written_once_for_what_has_grown(cast: SimpleNamespace, chain: str) -> None:
    assert anchor() > 1
    assert anchor() == 0
    _edited(cast, 14)
    assert anchor() == 1
    assert verify().faults == []


def test_checkpoints_of_many_chains_are_written_some_at_a_time(
    cast: SimpleNamespace, chain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "CHAINS_AT_ONCE", 1)
    count = anchor()
    assert count > 1
    assert verify().faults == []
    assert _head(CHECKPOINTS).last_seq == count


def test_the_retention_forgets_what_is_old_and_the_rest_is_still_proved(
    cast: SimpleNamespace, chain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor()
    last = _head(chain).last_seq
    with pretending(now() + timedelta(days=300)):
        _edited(cast, 15)
    monkeypatch.setattr(upkeep, "ENTRIES_AT_ONCE", 5)
    with pretending(now() + timedelta(days=400)):
        assert purge() >= last
        assert purge() == 0
    assert verify().faults == []
    assert _head(chain).cut_seq == last
    left = session.execute(select(AuditEntry.seq).where(AuditEntry.chain == chain)).scalars().all()
    assert left == [last + 1]
    _edited(cast, 16)
    assert verify().faults == []


def test_an_old_entry_behind_a_young_one_stays_until_both_are_old(cast: SimpleNamespace, chain: str) -> None:
    with pretending(now() - timedelta(days=500)):
        _edited(cast, 17)
    assert purge() == 0
    assert verify().faults == []


def test_a_long_chain_is_proved_some_entries_at_a_time(
    chain: str, monkeypatch: pytest.MonkeyPatch, statements: Callable[..., Any], tamper: Tamper
) -> None:
    monkeypatch.setattr(verifying, "AT_ONCE", 4)
    assert verify().faults == []
    tamper("UPDATE audit_entries SET act = 'x' WHERE chain = :chain AND seq = 9", chain=chain)
    assert _whats(chain) == [(9, "this entry was changed")]


def test_a_chain_with_nothing_but_faults_does_not_fill_the_memory(chain: str, tamper: Tamper) -> None:
    tamper("UPDATE audit_entries SET act = 'x' WHERE chain = :chain", chain=chain)
    assert 0 < len(_whats(chain)) <= verifying.MOST_NAMED


_SOME = st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.lists(_SOME, min_size=1, max_size=6), data=st.data())
def test_whatever_is_written_is_proved_and_whatever_is_changed_is_found(
    app: Flask, facts: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Random facts, one random trespass, within one transaction that is rolled back."""
    try:
        with app.app_context():
            _whatever(facts, data)
    finally:
        session.rollback()


class _Back(Exception):
    """The world is put back."""


def _whatever(facts: list[dict[str, Any]], data: st.DataObject) -> None:
    if any("\x00" in str(one) or _halved(one) for one in facts):
        return  # PostgreSQL keeps neither, and no act says them

    @action
    def write() -> None:
        append("hypothesis", [_entry(one) for one in facts])
        assert _read() == []
        victim = data.draw(st.integers(1, len(facts)))
        how = data.draw(st.sampled_from(["act", "facts", "delete", "previous_hash", "last_hash", "last_seq"]))
        _trespass(victim, how)
        assert _read() != [], (victim, how)
        raise _Back

    with pytest.raises(_Back):
        write()


def _halved(one: dict[str, Any]) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in str(one))


def _read() -> list[Any]:
    return verifying._read("hypothesis", verifying._Anchors(), False)[1]


def _entry(facts: dict[str, Any]) -> dict[str, Any]:
    empty = dict.fromkeys(name for name in COLUMNS if name not in ("chain", "seq"))
    return empty | {"at": now(), "act": "x", "object_kind": "", "facts": facts}


def _trespass(victim: int, how: str) -> None:
    off = (
        ("DROP TRIGGER IF EXISTS audit_entries_stay", "DROP TRIGGER IF EXISTS audit_entries_are_kept")
        if engine().dialect.name == "sqlite"
        else ("ALTER TABLE audit_entries DISABLE TRIGGER USER",)
    )
    where = {"seq": victim}
    statement = {
        "act": "UPDATE audit_entries SET act = 'y' WHERE chain = 'hypothesis' AND seq = :seq",
        "facts": "UPDATE audit_entries SET facts = '{\"a_new\": [1]}' WHERE chain = 'hypothesis' AND seq = :seq",
        "delete": "DELETE FROM audit_entries WHERE chain = 'hypothesis' AND seq = :seq",
        "previous_hash": "UPDATE audit_entries SET previous_hash = 'x' WHERE chain = 'hypothesis' AND seq = :seq",
        "last_hash": "UPDATE audit_chains SET last_hash = 'x' WHERE chain = 'hypothesis' AND 0 < :seq",
        "last_seq": "UPDATE audit_chains SET last_seq = last_seq + 1 WHERE chain = 'hypothesis' AND 0 < :seq",
    }[how]
    for one in off:
        session.execute(text(one))
    session.execute(text(statement), where)
