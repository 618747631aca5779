"""Threads, messages, their former texts, and how far each person has read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from resana.accounts.models import Account
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment
from resana.documents.models import Document
from resana.spaces.models import Space, Stream


class ThreadState(StrEnum):
    """Whether one may still write in a thread."""

    OPEN = "open"
    CLOSED = "closed"


class Thread(Base):
    """A live discussion in a space; its messages are numbered 1, 2, 3… (`no`)."""

    __tablename__ = "threads"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        Index("ix_threads_stream_id_last_seq", "stream_id", "last_seq", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"), index=True)
    stream_id: Mapped[int] = mapped_column(BigInt, ForeignKey("streams.id"))
    title: Mapped[str] = mapped_column(String(200))
    search_title: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10), default=ThreadState.OPEN)
    message_count: Mapped[int] = mapped_column(BigInt, default=0)
    last_seq: Mapped[int] = mapped_column(BigInt, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    last_activity_at: Mapped[datetime] = mapped_column(Moment, default=now)

    # Joined: the epoch that a post compares is read in the very statement that asked for the right.
    space: Mapped[Space] = relationship(lazy="joined", innerjoin=True)
    stream: Mapped[Stream] = relationship(lazy="joined", innerjoin=True)
    created_by: Mapped[Account] = relationship()


class Message(Base):
    """What a person said in a thread. `client_uuid` makes a retried send the same message, without time limit."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("thread_id", "no"),
        UniqueConstraint("author_id", "client_uuid"),
        Index("ix_messages_thread_id_seq", "thread_id", "seq"),
    )

    id: Mapped[Key]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    stream_id: Mapped[int] = mapped_column(BigInt, ForeignKey("streams.id"))
    thread_id: Mapped[int] = mapped_column(BigInt, ForeignKey("threads.id"))
    no: Mapped[int] = mapped_column(BigInt)
    seq: Mapped[int] = mapped_column(BigInt)
    author_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    client_uuid: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the thread, text, reply and attachments as first sent: the same key with other ones is a conflict."""
    reply_to_no: Mapped[int | None] = mapped_column(BigInt)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    deleted_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))

    thread: Mapped[Thread] = relationship()
    author: Mapped[Account] = relationship(foreign_keys=[author_id])
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.position")


class MessageVersion(Base):
    """A former text of a message."""

    __tablename__ = "message_versions"

    message_id: Mapped[int] = mapped_column(BigInt, ForeignKey("messages.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Moment)


class Attachment(Base):
    """A document of the space that a message points to."""

    __tablename__ = "attachments"

    message_id: Mapped[int] = mapped_column(BigInt, ForeignKey("messages.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(BigInt, ForeignKey("documents.id"), primary_key=True, index=True)
    position: Mapped[int]

    document: Mapped[Document] = relationship()


class ThreadRead(Base):
    """How far a person has read a thread they opened; counts only within the member's present generation."""

    __tablename__ = "thread_reads"

    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(BigInt, ForeignKey("threads.id"), primary_key=True, index=True)
    stream_id: Mapped[int] = mapped_column(BigInt, ForeignKey("streams.id"))
    generation: Mapped[int]
    last_read_no: Mapped[int] = mapped_column(BigInt, default=0)
