"""The journal's tables. Triggers (see the migration) keep entries from being changed, and from being deleted above the
signed cut of the retention.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from resana.core.columns import BigInt, Key
from resana.core.database import Base, Moment

NOTHING = "0" * 64
"""The hash before the first entry of a chain."""


class AuditEntry(Base):
    """One act. `hash` is of the entry before and of all columns but `id`.

    No foreign keys on purpose: an entry outlives what it speaks of.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_audit_entries_space_id_id", "space_id", "id"),
        Index("ix_audit_entries_administration_id_id", "administration_id", "id"),
        Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entries_act_id", "act", "id"),
        Index("ix_audit_entries_object_public_id_id", "object_public_id", "id"),
        Index("ix_audit_entries_at", "at"),
    )

    id: Mapped[Key]
    chain: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int] = mapped_column(BigInt)
    at: Mapped[datetime] = mapped_column(Moment)
    act: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(BigInt)
    on_behalf_of_id: Mapped[int | None] = mapped_column(BigInt)
    administration_id: Mapped[int | None] = mapped_column(BigInt)
    space_id: Mapped[int | None] = mapped_column(BigInt)
    object_kind: Mapped[str] = mapped_column(String(40), default="")
    object_id: Mapped[int | None] = mapped_column(BigInt)
    object_public_id: Mapped[str | None] = mapped_column(String(80))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ip_prefix: Mapped[str | None] = mapped_column(String(50))
    """The /24 or /48 that the request came from."""
    signed_in_by: Mapped[str | None] = mapped_column(String(40))
    """`session:` or `token:`, and its public id."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditChain(Base):
    """The head of one chain ("space:12", "administration:3", "platform"), signed with a key that the database lacks.

    Entries up to `cut_seq` have been purged; `cut_hash` is the hash of the last of them. Those up to `anchored_seq`
    stand in a checkpoint.
    """

    __tablename__ = "audit_chains"

    chain: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInt)
    last_hash: Mapped[str] = mapped_column(String(64))
    cut_seq: Mapped[int] = mapped_column(BigInt, default=0)
    cut_hash: Mapped[str] = mapped_column(String(64), default=NOTHING)
    anchored_seq: Mapped[int] = mapped_column(BigInt, default=0)
    signature: Mapped[str] = mapped_column(String(64))
