"""A person on the way from one administration to another, and what the leads of the spaces there let them keep."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from resana.accounts.models import Account
from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment

from .models import Space


class TransferState(StrEnum):
    """What became of a proposal."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Transfer(Base):
    """The administrators of `origin` propose a person to those of `destination`, who answer before `expires_at`."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'accepted', 'refused', 'expired', 'withdrawn')", name="state"),
        CheckConstraint("origin_id <> destination_id", name="goes_somewhere"),
        Index(
            "ix_transfers_account_id",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_transfers_origin_id_state", "origin_id", "state"),
        Index("ix_transfers_destination_id_state", "destination_id", "state"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    origin_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"))
    destination_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"))
    state: Mapped[str] = mapped_column(String(10), default=TransferState.PROPOSED)
    reason: Mapped[str] = mapped_column(Text, default="")
    proposed_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    origin: Mapped[Administration] = relationship(foreign_keys=[origin_id])
    destination: Mapped[Administration] = relationship(foreign_keys=[destination_id])
    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id])


class TransferKeep(Base):
    """A lead of the space lets the person keep their own role there, though they leave its administration."""

    __tablename__ = "transfer_keeps"

    transfer_id: Mapped[int] = mapped_column(BigInt, ForeignKey("transfers.id"), primary_key=True)
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"), primary_key=True, index=True)
    kept_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment, default=now)

    space: Mapped[Space] = relationship()
