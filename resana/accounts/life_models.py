"""What happens to an account for a while: belonging elsewhere too, and an address that is about to change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment

from .models import Account


class Delegation(Base):
    """An agent also belongs to another administration, from a moment to a moment (permissions.md, 3).

    It is that very administration, not what lies below it, and it administers nothing. Ended early, it ends earlier.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("starts_at <= ends_at", name="starts_before_it_ends"),
        Index("ix_delegations_account_id_administration_id", "account_id", "administration_id", "ends_at"),
        Index("ix_delegations_administration_id_ends_at", "administration_id", "ends_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"))
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")
    granted_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined", innerjoin=True)
    administration: Mapped[Administration] = relationship(lazy="joined", innerjoin=True)
    granted_by: Mapped[Account | None] = relationship(foreign_keys=[granted_by_id])


class EmailChange(Base):
    """A new address for an account, not its own yet. `state`: waiting, done, refused.

    Asked by the person, it waits for the link at the new address until `due_at`; asked by an administrator, it waits
    for a yes at the former address, and is done at `due_at` where nobody said no.
    """

    __tablename__ = "email_changes"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'refused')", name="state"),
        Index(
            "ix_email_changes_account_id",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    former_email: Mapped[str] = mapped_column(String(254))
    email: Mapped[str] = mapped_column(String(254))
    by_administrator: Mapped[bool]
    asked_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(Moment, default=now)
    due_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed: Mapped[bool] = mapped_column(default=False)
    """Whether somebody said yes by the link; else time did."""

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined", innerjoin=True)
    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id])
