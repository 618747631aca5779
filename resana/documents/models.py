"""Folders, documents and their versions; a version points to immutable bytes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from resana.accounts.models import Account
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment
from resana.spaces.models import Role, Space


class Folder(Base):
    """A folder of a space. `parent_id` None: at the top. `folded_name` is what may not stand twice in one place.

    The name of a `restricted` folder is free: that it is taken would tell of the folder (permissions.md, I5).
    `acl_folder_id` is the restricted folder that this is, or stands in; triggers refuse a second one around it, and
    documents that say otherwise than their folder.
    """

    __tablename__ = "folders"
    __table_args__ = (
        UniqueConstraint("space_id", "id"),
        ForeignKeyConstraint(["space_id", "parent_id"], ["folders.space_id", "folders.id"]),
        CheckConstraint("parent_id <> id", name="not_own_parent"),
        CheckConstraint(
            "(restricted AND acl_folder_id IS NOT NULL AND acl_folder_id = id)"
            " OR (NOT restricted AND (acl_folder_id IS NULL OR acl_folder_id <> id))",
            name="restricted",
        ),
        Index(
            "uq_folders_name_in_folder",
            "space_id",
            "parent_id",
            "folded_name",
            unique=True,
            sqlite_where=text("trashed_at IS NULL AND NOT restricted"),
            postgresql_where=text("trashed_at IS NULL AND NOT restricted"),
        ),
        Index(
            "uq_folders_name_at_top",
            "space_id",
            "folded_name",
            unique=True,
            sqlite_where=text("trashed_at IS NULL AND parent_id IS NULL AND NOT restricted"),
            postgresql_where=text("trashed_at IS NULL AND parent_id IS NULL AND NOT restricted"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    parent_id: Mapped[int | None] = mapped_column(BigInt)
    restricted: Mapped[bool] = mapped_column(default=False)
    acl_folder_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    name: Mapped[str] = mapped_column(String(200))
    folded_name: Mapped[str] = mapped_column(String(400))
    search_name: Mapped[str] = mapped_column(String(400))
    """Without accents and capitals: for finding, and for an order in which « Été » stands before « Zone »."""
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    trashed_at: Mapped[datetime | None] = mapped_column(Moment)
    trashed_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    trashed_with_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The folder whose deletion took this one along; None where it was deleted itself."""

    space: Mapped[Space] = relationship()
    parent: Mapped[Folder | None] = relationship(
        remote_side="Folder.id", foreign_keys=[parent_id], primaryjoin="Folder.parent_id == Folder.id"
    )
    created_by: Mapped[Account] = relationship(foreign_keys=[created_by_id])


class FolderGrant(Base):
    """One line "who has which role in this restricted folder". It gives nothing to who may not read the space.

    `principal_id` is as in `resana.spaces.models.Grant`. Leads of the space need none, and there is none for them.
    """

    __tablename__ = "folder_grants"
    __table_args__ = (
        CheckConstraint("principal_kind IN ('account', 'administration', 'subtree', 'agents')", name="principal_kind"),
        CheckConstraint("role BETWEEN 1 AND 3", name="role"),
        CheckConstraint("principal_kind = 'account' OR role <= 2", name="moderators_are_named_persons"),
        CheckConstraint("(principal_kind = 'agents') = (principal_id = 0)", name="principal_id"),
        ForeignKeyConstraint(["space_id", "folder_id"], ["folders.space_id", "folders.id"]),
        UniqueConstraint("folder_id", "principal_kind", "principal_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    folder_id: Mapped[int] = mapped_column(BigInt)
    principal_kind: Mapped[str] = mapped_column(String(15))
    principal_id: Mapped[int] = mapped_column(BigInt)
    role: Mapped[int]
    granted_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    granted_at: Mapped[datetime] = mapped_column(Moment, default=now)

    space: Mapped[Space] = relationship()
    folder: Mapped[Folder] = relationship(foreign_keys=[folder_id], primaryjoin="FolderGrant.folder_id == Folder.id")
    acl_folder_id: Mapped[int] = synonym("folder_id")
    """It concerns who is in the folder: rights on it are asked for as on what stands there."""


HIGHEST_IN_FOLDER = Role.MODERATOR


class Document(Base):
    """A document: a name in a folder, and its versions. `version` is the number of the present one."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("space_id", "id"),
        ForeignKeyConstraint(["space_id", "folder_id"], ["folders.space_id", "folders.id"]),
        Index(
            "uq_documents_name_in_folder",
            "space_id",
            "folder_id",
            "folded_name",
            unique=True,
            sqlite_where=text("trashed_at IS NULL"),
            postgresql_where=text("trashed_at IS NULL"),
        ),
        Index(
            "uq_documents_name_at_top",
            "space_id",
            "folded_name",
            unique=True,
            sqlite_where=text("trashed_at IS NULL AND folder_id IS NULL"),
            postgresql_where=text("trashed_at IS NULL AND folder_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    folder_id: Mapped[int | None] = mapped_column(BigInt)
    acl_folder_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The same as its folder's, at any moment: the rights of a document are asked for without looking at folders."""
    name: Mapped[str] = mapped_column(String(200))
    folded_name: Mapped[str] = mapped_column(String(400))
    search_name: Mapped[str] = mapped_column(String(400))
    version: Mapped[int] = mapped_column(default=1)
    size: Mapped[int] = mapped_column(BigInt)
    sha256: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    trashed_at: Mapped[datetime | None] = mapped_column(Moment)
    trashed_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    trashed_with_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    """The folder whose deletion took this document along; None where it was deleted itself."""

    space: Mapped[Space] = relationship()
    folder: Mapped[Folder | None] = relationship(
        foreign_keys=[folder_id], primaryjoin="Document.folder_id == Folder.id"
    )
    created_by: Mapped[Account] = relationship(foreign_keys=[created_by_id])
    updated_by: Mapped[Account] = relationship(foreign_keys=[updated_by_id])


class Version(Base):
    """One state of a document. `key` names the bytes in the storage: they never change, and versions may share them."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[Key]
    space_id: Mapped[int] = mapped_column(BigInt, ForeignKey("spaces.id"))
    document_id: Mapped[int] = mapped_column(BigInt, ForeignKey("documents.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(120), index=True)
    size: Mapped[int] = mapped_column(BigInt)
    sha256: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(120))
    restored_from: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    created_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))

    document: Mapped[Document] = relationship()
    created_by: Mapped[Account] = relationship()
