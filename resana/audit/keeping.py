"""Writing the journal: what was told in a transaction is written at its end, in the same transaction.

Heads are locked there in the order of their names, whatever was told first, so that two transactions never wait for
each other; and only until the commit that follows at once. Three statements for each chain, none without an act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from resana.core.actions import before_commit
from resana.core.acts import Told
from resana.core.database import is_sqlite, session
from resana.spaces.models import Space

from .models import NOTHING, AuditChain, AuditEntry
from .sealing import HEAD, hash_of, plain, signature_of

PLATFORM = "platform"
_WAITING = "journal: told in this transaction"


def hear(told: Told) -> None:
    """Keep an act until the end of the present transaction, where all of them are written."""
    transaction = session().get_transaction()
    of, batch = session().info.get(_WAITING, (None, []))
    if of is not transaction or transaction is None:  # what a transaction that failed was told is not the next one's
        batch = []
        session().connection()
        session().info[_WAITING] = (session().get_transaction(), batch)
        before_commit(lambda: _write(batch))
    batch.append(told)


def chain_of(told: Told) -> str:
    """The chain that an act belongs to."""
    if told.space_id is not None:
        return f"space:{told.space_id}"
    if told.administration_id is not None:
        return f"administration:{told.administration_id}"
    return PLATFORM


def _with_their_owners(batch: list[Told]) -> list[Told]:
    """What happens in a space stands in the scope of whose it is, whether the act said so or not."""
    missing = {told.space_id for told in batch if told.space_id is not None and told.administration_id is None}
    if not missing:
        return batch
    rows = session.execute(select(Space.id, Space.owner_administration_id).where(Space.id.in_(missing))).all()
    owners = {row[0]: row[1] for row in rows}
    return [
        replace(told, administration_id=owners.get(told.space_id)) if told.space_id in missing else told
        for told in batch
    ]


def _write(batch: list[Told]) -> None:
    session().info.pop(_WAITING, None)
    batch = _with_their_owners(batch)
    by_chain: dict[str, list[Told]] = {}
    for told in batch:
        by_chain.setdefault(chain_of(told), []).append(told)
    where = {
        "ip_prefix": prefix_of(request.remote_addr) if has_request_context() else None,
        "signed_in_by": g.get("signed_in_by") if has_request_context() else None,
    }
    session.flush()
    rows: list[tuple[Told, dict[str, Any]]] = []
    for chain in sorted(by_chain):
        made = _chained(chain, [_entry(told) | where for told in by_chain[chain]])[1]
        rows += zip(by_chain[chain], made, strict=True)
    rank = {id(told): number for number, told in enumerate(batch)}
    # Heads in the order of their names, entries in the order in which they were told: a list reads as it happened.
    session.execute(insert(AuditEntry), [row for told, row in sorted(rows, key=lambda one: rank[id(one[0])])])


def append(chain: str, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write entries (all columns but those of the chain) at the end of a chain, within an action; says its new head."""
    session.flush()
    head, rows = _chained(chain, entries)
    session.execute(insert(AuditEntry), rows)
    return head


def _chained(chain: str, entries: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head = take(chain, len(entries))
    seq, previous = head["last_seq"] - len(entries), head["last_hash"]
    rows = []
    for number, entry in enumerate(entries, seq + 1):
        row = entry | {"chain": chain, "seq": number, "previous_hash": previous}
        row["hash"] = previous = hash_of(previous, row)
        rows.append(row)
    head["last_hash"] = previous
    sign(head)
    return head, rows


def take(chain: str, more: int = 0) -> dict[str, Any]:
    """The head of a chain, held until commit, after its number has grown by `more`; a chain begins by that."""
    columns = [getattr(AuditChain, name) for name in HEAD]
    make: Any = sqlite.insert(AuditChain) if is_sqlite() else postgresql.insert(AuditChain)
    begun = {"cut_seq": 0, "cut_hash": NOTHING, "anchored_seq": 0, "signature": ""}
    row = session.execute(
        make.values(chain=chain, last_seq=more, last_hash=NOTHING, **begun)
        .on_conflict_do_update(index_elements=["chain"], set_={"last_seq": AuditChain.last_seq + more})
        .returning(*columns)
    ).one()
    return dict(zip(HEAD, row, strict=True))


def sign(head: dict[str, Any]) -> None:
    """Write a head that is held, with its signature."""
    values = {name: head[name] for name in HEAD[1:]} | {"signature": signature_of(head)}
    session.execute(
        update(AuditChain)
        .where(AuditChain.chain == head["chain"])
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _entry(told: Told) -> dict[str, Any]:
    return {
        "at": told.at,
        "act": str(told.act),
        "actor_id": told.by_id,
        "on_behalf_of_id": told.on_behalf_of_id,
        "administration_id": told.administration_id,
        "space_id": told.space_id,
        "object_kind": told.of_kind,
        "object_id": told.of_id,
        "object_public_id": told.of_public_id,
        "facts": plain(told.facts),
    }


def prefix_of(address: str | None) -> str | None:
    """The /24 (IPv4) or /48 (IPv6) of an address: enough to tell an office, too little to follow a person."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))
