"""What the worker does for the journal: checkpoints each hour, the retention each day; and the commands."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import delete, func, select

from resana.acts import Act
from resana.core.actions import action, after_commit
from resana.core.clock import now
from resana.core.database import session
from resana.core.jobs import every

from .keeping import append, sign, take
from .models import AuditChain, AuditEntry
from .sealing import witness_of
from .verifying import CHECKPOINTS, Witness, verify

CHAINS_AT_ONCE = 200
ENTRIES_AT_ONCE = 5_000
MONTH = timedelta(days=30.5)
_LINE = re.compile(r"journal witness chain=(\S+) seq=(\d+) hash=([0-9a-f]{64}) signature=([0-9a-f]{64})")

log = logging.getLogger("resana.journal")


@every(timedelta(hours=1))
def anchor() -> int:
    """Write checkpoints: how far each chain has come that grew; says how many chains that was.

    The head of the checkpoints' own chain also goes to the log, which lies on another machine.
    """
    done = 0
    while count := _anchor_some():
        done += count
    return done


@action
def _anchor_some() -> int:
    grown = select(AuditChain.chain).where(
        AuditChain.last_seq > AuditChain.anchored_seq, AuditChain.chain != CHECKPOINTS
    )
    chains = list(session.execute(grown.limit(CHAINS_AT_ONCE)).scalars())
    if not chains:
        return 0
    take(CHECKPOINTS)  # first: one worker at a time
    heads = {}
    for chain in sorted(chains):
        head = take(chain)
        heads[chain] = [head["last_seq"], head["last_hash"]]
        head["anchored_seq"] = head["last_seq"]
        sign(head)
    entry = {
        "at": now(),
        "act": Act.CHECKPOINT.value,
        "actor_id": None,
        "on_behalf_of_id": None,
        "administration_id": None,
        "space_id": None,
        "object_kind": "",
        "object_id": None,
        "object_public_id": None,
        "facts": {"heads": heads},
        "ip_prefix": None,
        "signed_in_by": None,
    }
    mark = append(CHECKPOINTS, [entry])
    line = witness_of(CHECKPOINTS, mark["last_seq"], mark["last_hash"])
    after_commit(
        lambda: log.warning(
            "journal witness chain=%s seq=%d hash=%s signature=%s",
            CHECKPOINTS,
            mark["last_seq"],
            mark["last_hash"],
            line,
        )
    )
    return len(chains)


@every(timedelta(days=1))
def purge() -> int:
    """Forget entries older than RESANA_AUDIT_MONTHS, from the beginning of each chain; says how many.

    The cut is signed before anything below it is deleted: no trigger lets anything else go.
    """
    limit = now() - MONTH * current_app.config["SETTINGS"].audit_months
    gone = 0
    chains = list(session.execute(select(AuditEntry.chain).where(AuditEntry.at < limit).distinct()).scalars())
    session.rollback()
    for chain in sorted(chains):
        while count := _purge_some(chain, limit):
            gone += count
    return gone


@action
def _purge_some(chain: str, limit: object) -> int:
    head = take(chain)
    kept = select(func.min(AuditEntry.seq)).where(AuditEntry.chain == chain, AuditEntry.at >= limit)
    first = session.execute(kept).scalar()
    cut = min(head["last_seq"] if first is None else first - 1, head["cut_seq"] + ENTRIES_AT_ONCE)
    if cut <= head["cut_seq"]:
        return 0
    head["cut_hash"] = session.execute(
        select(AuditEntry.hash).where(AuditEntry.chain == chain, AuditEntry.seq == cut)
    ).scalar_one()
    count, head["cut_seq"] = cut - head["cut_seq"], cut
    sign(head)
    session.execute(
        delete(AuditEntry)
        .where(AuditEntry.chain == chain, AuditEntry.seq <= cut)
        .execution_options(synchronize_session=False)
    )
    return count


def witnesses(lines: Iterable[str]) -> Iterator[Witness]:
    """The lines that checkpoints left in a log."""
    for line in lines:
        if found := _LINE.search(line):
            yield Witness(found[1], int(found[2]), found[3], found[4])


def init_app(app: Flask) -> None:
    """Register `flask audit …`."""

    @app.cli.group("audit")
    def audit() -> None:
        """The journal: prove it, write a checkpoint, apply the retention."""

    @audit.command("verify")
    @click.option(
        "--log",
        "logs",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        multiple=True,
        help="A log with the lines of former checkpoints; several may be given.",
    )
    def verify_command(logs: tuple[Path, ...]) -> None:
        """Find every entry that was changed, removed or moved. Ends with 1 where there is one."""
        found: list[Witness] = []
        for path in logs:
            with path.open(encoding="utf-8", errors="replace") as lines:
                found += witnesses(lines)
        proof = verify(found)
        for fault in proof.faults:
            click.echo(f"{fault.chain} {fault.seq}: {fault.what}", err=True)
        click.echo(f"{proof.entries} entries in {proof.chains} chains, {len(proof.faults)} faults")
        if proof.faults:
            raise SystemExit(1)

    @audit.command("anchor")
    def anchor_command() -> None:
        """Write a checkpoint now, as the worker does each hour."""
        click.echo(f"{anchor()} chains")

    @audit.command("purge")
    def purge_command() -> None:
        """Forget what is older than RESANA_AUDIT_MONTHS, as the worker does each day."""
        click.echo(f"{purge()} entries")
