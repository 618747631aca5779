"""An exceptional access: a reading of a space by an administrator of the platform, agreed to and for some hours."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from resana.accounts.models import Account
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment
from resana.spaces.models import Space


class EmergencyState(StrEnum):
    """What became of it."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class EmergencyAccess(Base):
    """Asked with a reason; once approved, its asker reads the space until `ends_at`, or until it is ended."""

    __tablename__ = "emergency_accesses"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'refused')", name="state"),
        CheckConstraint("state <> 'approved' OR ends_at IS NOT NULL", name="approved_has_an_end"),
        CheckConstraint("answered_by_id <> account_id", name="two_persons"),
        Index("ix_emergency_accesses_space_id_account_id", "space_id", "account_id"),
        Index("ix_emergency_accesses_account_id_ends_at", "account_id", "ends_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=EmergencyState.WAITING)
    asked_at: Mapped[datetime] = mapped_column(Moment, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    ends_at: Mapped[datetime | None] = mapped_column(Moment)

    space: Mapped[Space] = relationship(lazy="joined")
    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined")
    answered_by: Mapped[Account | None] = relationship(foreign_keys=[answered_by_id])
