"""Shared spaces, who has which role in them, and what happens in them, numbered."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from resana.accounts.models import Account
from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment


class Role(IntEnum):
    """What a person may do in a space; ordered."""

    CARD = 0
    READER = 1
    CONTRIBUTOR = 2
    MODERATOR = 3
    LEAD = 4

    @property
    def code(self) -> str:
        """The word in the programming interface: "reader"."""
        return self.name.lower()

    @classmethod
    def of(cls, code: str) -> Role:
        """The role of that code; KeyError for no role's."""
        return cls[code.upper()]


class PrincipalKind(StrEnum):
    """To whom a grant speaks."""

    ACCOUNT = "account"
    ADMINISTRATION = "administration"
    SUBTREE = "subtree"
    AGENTS = "agents"


class SpaceState(StrEnum):
    """Where a space is in its life: archived ones are read, not written.

    One without a living lead is sequestered, one in the trash waits to be brought back: of both, leads and
    administrators know that it is there, and nobody reads what is in it.
    """

    ACTIVE = "active"
    ARCHIVED = "archived"
    SEQUESTERED = "sequestered"
    TRASHED = "trashed"


OPEN_STATES = (SpaceState.ACTIVE, SpaceState.ARCHIVED)
"""Those in which a space is read."""


class Visibility(StrEnum):
    """Who may know of a space without being in it."""

    PRIVATE = "private"
    ADMINISTRATION = "administration"
    AGENTS = "agents"


class Space(Base):
    """A shared project space; it belongs to an administration, so that nothing is lost when a person leaves."""

    __tablename__ = "spaces"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'archived', 'sequestered', 'trashed')", name="state"),
        CheckConstraint("visibility IN ('private', 'administration', 'agents')", name="visibility"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    search_title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(String(15), default=Visibility.PRIVATE)
    open_to_read: Mapped[bool] = mapped_column(default=False)
    """Whether those who know of it may read it, and join; else they see its card, and ask."""
    second_factor_required: Mapped[bool] = mapped_column(default=False)
    """Whether only accounts with a second factor read it; the others see its card."""
    guests_allowed: Mapped[bool] = mapped_column(default=False)
    """Whether leads may bring in people from outside."""
    emergency_until: Mapped[datetime | None] = mapped_column(Moment)
    """Until when somebody reads by an exceptional access (resana/emergency): for the banner; it gives no right."""
    state: Mapped[str] = mapped_column(String(12), default=SpaceState.ACTIVE)
    trashed_at: Mapped[datetime | None] = mapped_column(Moment)
    trashed_from: Mapped[str | None] = mapped_column(String(12))
    """The state that comes back with it."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))

    # Outer on purpose: behind something in the space, inner joins are nested ones, for which SQLite reads every space.
    owner_administration: Mapped[Administration] = relationship(lazy="joined")
    stream: Mapped[Stream] = relationship(
        back_populates="space",
        uselist=False,
        lazy="joined",
        primaryjoin="and_(Space.id == Stream.space_id, Stream.folder_id.is_(None))",
    )

    space_id: Mapped[int] = synonym("id")
    """The space that this is in: itself. Everything in a space has this name."""


class Grant(Base):
    """One line "who has which role in this space". Additive only: there is no "deny".

    `principal_id` is an account's or an administration's id, by `principal_kind`; 0 for all agents.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("principal_kind IN ('account', 'administration', 'subtree', 'agents')", name="principal_kind"),
        CheckConstraint("role BETWEEN 0 AND 4", name="role"),
        CheckConstraint("principal_kind = 'account' OR role <= 2", name="moderators_are_named_persons"),
        CheckConstraint("(principal_kind = 'agents') = (principal_id = 0)", name="principal_id"),
        CheckConstraint("origin IN ('person', 'visibility', 'administration')", name="origin"),
        UniqueConstraint("space_id", "principal_kind", "principal_id", "origin"),
        Index("ix_grants_principal", "principal_kind", "principal_id", "space_id", "role"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    principal_kind: Mapped[str] = mapped_column(String(15))
    principal_id: Mapped[int] = mapped_column(BigInt)
    role: Mapped[int]
    origin: Mapped[str] = mapped_column(String(15))
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a guest was told that this ends soon; empty again once it is prolonged."""
    granted_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    granted_at: Mapped[datetime] = mapped_column(Moment, default=now)

    space: Mapped[Space] = relationship()


class Invitation(Base):
    """A guest is asked into a space by e-mail: for one address, one space, one role, by one lead; used once.

    `ends_at` is when the guest's access will end; `expires_at` when the invitation itself does.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("role IN (1, 2)", name="role"),
        Index("ix_invitations_space_id_accepted_at", "space_id", "accepted_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[int]
    administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"))
    invited_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    space: Mapped[Space] = relationship()
    administration: Mapped[Administration] = relationship()
    invited_by: Mapped[Account] = relationship(foreign_keys=[invited_by_id])


class RequestState(StrEnum):
    """What became of a request."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class AccessRequest(Base):
    """Somebody asks to be let into a space; a lead answers."""

    __tablename__ = "access_requests"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'accepted', 'refused')", name="state"),
        Index("ix_access_requests_space_id_state", "space_id", "state"),
        Index("ix_access_requests_account_id_space_id", "account_id", "space_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default=RequestState.WAITING)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))

    space: Mapped[Space] = relationship()
    account: Mapped[Account] = relationship(foreign_keys=[account_id])


class SpaceRequest(Base):
    """Somebody asks for a new space, where their administration wants to agree first; an administrator answers."""

    __tablename__ = "space_requests"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'accepted', 'refused')", name="state"),
        Index("ix_space_requests_administration_id_state", "administration_id", "state"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"))
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    purpose: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(String(15))
    open_to_read: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=RequestState.WAITING)
    answer: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    space_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("spaces.id"))

    administration: Mapped[Administration] = relationship()
    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    space: Mapped[Space | None] = relationship()


class Stream(Base):
    """One audience, a space or a restricted folder in it: it has its sequence, its counters and its epoch.

    `acl_epoch` grows with whatever can take access to it away; the live room is named by it.
    """

    __tablename__ = "streams"
    __table_args__ = (
        Index(
            "uq_streams_space",
            "space_id",
            unique=True,
            sqlite_where=text("folder_id IS NULL"),
            postgresql_where=text("folder_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"), index=True)
    folder_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("folders.id"), unique=True)
    """The restricted folder; None: the whole space."""
    last_seq: Mapped[int] = mapped_column(BigInt, default=0)
    message_count: Mapped[int] = mapped_column(BigInt, default=0)
    acl_epoch: Mapped[int] = mapped_column(default=0)
    last_activity_at: Mapped[datetime] = mapped_column(Moment, default=now)

    space: Mapped[Space] = relationship(back_populates="stream")


class StreamEvent(Base):
    """Something that happened in a stream; `seq` is 1, 2, 3… without a hole. `payload` holds references, never text."""

    __tablename__ = "stream_events"

    stream_id: Mapped[int] = mapped_column(BigInt, ForeignKey("streams.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment, default=now)

    actor: Mapped[Account | None] = relationship()


class StreamMember(Base):
    """How far a person has read in a stream. Unread = the stream's message_count − read_count."""

    __tablename__ = "stream_members"

    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), primary_key=True)
    stream_id: Mapped[int] = mapped_column(BigInt, ForeignKey("streams.id"), primary_key=True, index=True)
    generation: Mapped[int] = mapped_column(default=0)
    baseline_seq: Mapped[int] = mapped_column(BigInt, default=0)
    read_count: Mapped[int] = mapped_column(BigInt, default=0)
