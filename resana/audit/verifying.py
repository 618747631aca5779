"""Proving the journal: every chain is read from its cut to its head, hashed anew, and compared.

What each trespass leaves behind: an edited entry has another hash; a missing or moved one breaks the numbers; a tail
that was cut off does not reach the signed head; a head that was written by hand has no signature; a tail and its head
that were put back together do not reach the last checkpoint; and where the checkpoints were put back as well, the lines
of the log know better (`verify(witnesses=…)`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select

from resana.acts import Act
from resana.core.database import session

from .models import NOTHING, AuditChain, AuditEntry
from .sealing import COLUMNS, HEAD, hash_of, is_signed, witness_of

CHECKPOINTS = "checkpoints"
"""The chain whose entries say how far all others have come."""
AT_ONCE = 2_000
"""Entries in memory: a journal of any length is proved within it."""
MOST_NAMED = 20
"""Faults of one chain that are named; one that has so many is not proved further."""


class Fault(NamedTuple):
    """Something is not as it was written: in which chain, at which number, what."""

    chain: str
    seq: int
    what: str


class Witness(NamedTuple):
    """A line of the log: at that moment, this chain had come so far."""

    chain: str
    seq: int
    hash: str
    signature: str


@dataclass
class Proof:
    """What was read, and what is wrong with it."""

    chains: int = 0
    entries: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass
class _Anchors:
    """How far a chain has come at least, by the checkpoints and the log: number → hash."""

    by_chain: dict[str, dict[int, str]] = field(default_factory=dict)

    def add(self, chain: str, seq: int, found: str) -> None:
        self.by_chain.setdefault(chain, {})[seq] = found


def verify(witnesses: Iterable[Witness] = ()) -> Proof:
    """Prove the whole journal. `witnesses` are lines of the log, whose own signatures are looked at too."""
    proof, anchors = Proof(), _Anchors()
    for one in witnesses:
        if witness_of(one.chain, one.seq, one.hash) == one.signature:
            anchors.add(one.chain, one.seq, one.hash)
        else:
            proof.faults.append(Fault(one.chain, one.seq, "this line of the log is not signed by us"))
    _prove(CHECKPOINTS, proof, anchors, collect=True)
    chains = _names()
    for chain in chains:
        if chain != CHECKPOINTS:
            _prove(chain, proof, anchors)
    for chain in sorted(set(anchors.by_chain) - {*chains, CHECKPOINTS}):
        proof.faults.append(Fault(chain, max(anchors.by_chain[chain]), "the whole chain is missing"))
    return proof


def _names() -> list[str]:
    """Every chain that has a head or an entry."""
    heads = set(session.execute(select(AuditChain.chain)).scalars())
    # Distinct by hops over the index: a million entries are of a few thousand chains.
    found, at = set(heads), ""
    while (
        following := session.execute(select(AuditEntry.chain).where(AuditEntry.chain > at).order_by("chain").limit(1))
        .scalars()
        .first()
    ) is not None:
        found.add(following)
        at = following
    return sorted(found)


def _prove(chain: str, proof: Proof, anchors: _Anchors, collect: bool = False) -> None:
    """One chain; a second time where something is wrong, for the journal may have grown or been purged meanwhile."""
    for _try in range(2):
        session.rollback()
        count, faults = _read(chain, anchors, collect)
        if not faults:
            break
    if count is None:
        return
    proof.chains += 1
    proof.entries += count
    proof.faults += faults


def _read(chain: str, anchors: _Anchors, collect: bool) -> tuple[int | None, list[Fault]]:
    columns = [getattr(AuditChain, name) for name in (*HEAD, "signature")]
    row = session.execute(select(*columns).where(AuditChain.chain == chain)).one_or_none()
    if row is None:
        orphan = session.execute(select(AuditEntry.seq).where(AuditEntry.chain == chain).limit(1)).first()
        if orphan is None and chain not in anchors.by_chain:
            return None, []
        return 0, [Fault(chain, 0, "the head of the chain is missing")]
    head = dict(row._mapping)
    faults = []
    if not is_signed(head):
        faults.append(Fault(chain, head["last_seq"], "the head of the chain is not signed by us"))
    expected = dict(anchors.by_chain.get(chain, {}))
    count, seq, previous, former_id = 0, head["cut_seq"], head["cut_hash"], 0
    if head["cut_seq"] == 0 and head["cut_hash"] != NOTHING:
        faults.append(Fault(chain, 0, "the beginning of the chain is not the beginning"))
    for entry in _entries(chain, head["cut_seq"], head["last_seq"]):
        if len(faults) >= MOST_NAMED:
            return count, faults
        count += 1
        if entry["seq"] != seq + 1:
            gap = f"{seq + 1}" if entry["seq"] == seq + 2 else f"{seq + 1} to {entry['seq'] - 1}"
            faults.append(Fault(chain, seq + 1, f"entries are missing: {gap}"))
        elif entry["previous_hash"] != previous:
            faults.append(Fault(chain, entry["seq"], "this entry does not stand behind the one before it"))
        if entry["hash"] != hash_of(entry["previous_hash"], entry):
            faults.append(Fault(chain, entry["seq"], "this entry was changed"))
        if entry["id"] <= former_id:
            faults.append(Fault(chain, entry["seq"], "this entry was moved"))
        anchored = expected.pop(entry["seq"], None)
        if anchored is not None and anchored != entry["hash"]:
            faults.append(Fault(chain, entry["seq"], "a checkpoint knows another entry here"))
        if collect and entry["act"] == Act.CHECKPOINT:
            for name, (number, found) in entry["facts"].get("heads", {}).items():
                anchors.add(name, number, found)
        seq, previous, former_id = entry["seq"], entry["hash"], entry["id"]
    if seq < head["last_seq"]:
        faults.append(Fault(chain, seq + 1, f"the last entries are missing: up to {head['last_seq']}"))
    elif previous != head["last_hash"]:
        faults.append(Fault(chain, seq, "the last entry is not the one that the head knows"))
    faults += [
        Fault(chain, number, "a checkpoint knows more entries than there are")
        for number in sorted(expected)
        if number > head["last_seq"]
    ][:1]
    return count, faults


def _entries(chain: str, after: int, until: int) -> Iterator[dict[str, Any]]:
    """The entries of a chain in the order of their numbers, some at a time."""
    columns = [getattr(AuditEntry, name) for name in ("id", *COLUMNS, "previous_hash", "hash")]
    while True:
        rows = session.execute(
            select(*columns)
            .where(AuditEntry.chain == chain, AuditEntry.seq > after, AuditEntry.seq <= until)
            .order_by(AuditEntry.seq)
            .limit(AT_ONCE)
        ).all()
        for row in rows:
            yield dict(row._mapping)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].seq
