"""What proves a second time who somebody is, and the half of a sign-in that waits for it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from resana.accounts.models import Account
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment


class FactorKind(StrEnum):
    """How a second factor proves it: a key that signs (WebAuthn), or an application that shows codes (TOTP)."""

    PASSKEY = "passkey"
    TOTP = "totp"


class SecondFactor(Base):
    """One passkey or one application of an account.

    `sealed_secret` is the application's secret, encrypted; `last_step` the last 30-second step whose code was used:
    no code serves twice. `public_key` is in COSE.
    """

    __tablename__ = "second_factors"
    __table_args__ = (
        CheckConstraint("kind IN ('passkey', 'totp')", name="kind"),
        CheckConstraint(
            "(kind = 'passkey') = (credential_id IS NOT NULL) AND (kind = 'passkey') = (public_key IS NOT NULL)"
            " AND (kind = 'totp') = (sealed_secret IS NOT NULL)",
            name="holds_what_its_kind_needs",
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInt, default=0)
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInt, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """One of ten codes for the day when nothing else is at hand: hashed, used once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_account_id_code_hash", "account_id", "code_hash", unique=True),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class PendingSignIn(Base):
    """Somebody gave the right password, and owes the second factor.

    It is no session: its secret stands in a cookie of its own, and only the pages of the second step look for it.
    """

    __tablename__ = "pending_sign_ins"

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class Challenge(Base):
    """What a passkey is to sign next: for one pending sign-in or one session, for one purpose, once."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (
        CheckConstraint("purpose IN ('sign_in', 'confirm', 'register')", name="purpose"),
        CheckConstraint("(purpose = 'sign_in') = (pending_id IS NOT NULL)", name="holder"),
        CheckConstraint("(pending_id IS NULL) <> (session_id IS NULL)", name="one_holder"),
    )

    id: Mapped[Key]
    purpose: Mapped[str] = mapped_column(String(10))
    pending_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("pending_sign_ins.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("sign_in_sessions.id"), index=True)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class FactorReset(Base):
    """An administrator asks that an account's second factors be taken away, because they are lost.

    It takes effect when another administrator agrees, or a day later; until then the person can cancel it.
    """

    __tablename__ = "factor_resets"
    __table_args__ = (Index("ix_factor_resets_account_id_done_at", "account_id", "done_at"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    asked_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment, default=now)
    due_at: Mapped[datetime] = mapped_column(Moment)
    agreed_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id])
