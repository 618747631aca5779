"""A folder may be restricted to some of those who read the space; such a folder is an audience of its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

SQLITE = (
    """
    CREATE TRIGGER folders_restricted_inside BEFORE UPDATE OF restricted, parent_id ON folders
    WHEN NEW.restricted AND EXISTS (SELECT 1 FROM folders WHERE id = NEW.parent_id AND acl_folder_id IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'a restricted folder does not stand in another one'); END
    """,
    """
    CREATE TRIGGER folders_restricted_around BEFORE UPDATE OF acl_folder_id ON folders
    WHEN NEW.acl_folder_id IS NOT NULL AND EXISTS (SELECT 1 FROM folders WHERE parent_id = NEW.id AND restricted)
    BEGIN SELECT RAISE(ABORT, 'a restricted folder does not stand in another one'); END
    """,
    """
    CREATE TRIGGER documents_audience_new BEFORE INSERT ON documents
    WHEN NEW.acl_folder_id IS NOT (SELECT acl_folder_id FROM folders WHERE id = NEW.folder_id)
    BEGIN SELECT RAISE(ABORT, 'a document has the audience of its folder'); END
    """,
    """
    CREATE TRIGGER documents_audience_changed BEFORE UPDATE OF folder_id, acl_folder_id ON documents
    WHEN NEW.acl_folder_id IS NOT (SELECT acl_folder_id FROM folders WHERE id = NEW.folder_id)
    BEGIN SELECT RAISE(ABORT, 'a document has the audience of its folder'); END
    """,
)

POSTGRESQL = (
    """
    CREATE FUNCTION keep_restrictions_apart() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (NEW.restricted
          AND EXISTS (SELECT 1 FROM folders WHERE id = NEW.parent_id AND acl_folder_id IS NOT NULL))
        OR (NEW.acl_folder_id IS NOT NULL
          AND EXISTS (SELECT 1 FROM folders WHERE parent_id = NEW.id AND restricted)) THEN
        RAISE EXCEPTION 'a restricted folder does not stand in another one' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER folders_restricted BEFORE UPDATE OF restricted, parent_id, acl_folder_id ON folders
    FOR EACH ROW EXECUTE FUNCTION keep_restrictions_apart()
    """,
    """
    CREATE FUNCTION keep_audience_of_folder() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.acl_folder_id IS DISTINCT FROM (SELECT acl_folder_id FROM folders WHERE id = NEW.folder_id) THEN
        RAISE EXCEPTION 'a document has the audience of its folder' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER documents_audience BEFORE INSERT OR UPDATE OF folder_id, acl_folder_id ON documents
    FOR EACH ROW EXECUTE FUNCTION keep_audience_of_folder()
    """,
)


def _unique_names(alive: str) -> None:
    for where, columns, top in (("in_folder", ["parent_id"], ""), ("at_top", [], " AND parent_id IS NULL")):
        condition = text(alive + top)
        op.create_index(
            f"uq_folders_name_{where}",
            "folders",
            ["space_id", *columns, "folded_name"],
            unique=True,
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _no_unique_names() -> None:
    for where in ("in_folder", "at_top"):
        op.drop_index(f"uq_folders_name_{where}", "folders")


def upgrade() -> None:
    """Nothing is restricted yet; each space has its one stream."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    _no_unique_names()
    op.add_column("folders", sa.Column("acl_folder_id", BIG, nullable=True))
    op.create_index("ix_folders_acl_folder_id", "folders", ["acl_folder_id"])
    check = (
        "(restricted AND acl_folder_id IS NOT NULL AND acl_folder_id = id)"
        " OR (NOT restricted AND (acl_folder_id IS NULL OR acl_folder_id <> id))"
    )
    if sqlite:  # with the column: a table's constraint cannot come later
        op.execute(
            "ALTER TABLE folders ADD COLUMN restricted BOOLEAN NOT NULL DEFAULT 0"
            f" CONSTRAINT ck_folders_restricted CHECK ({check})"
        )
    else:
        op.add_column("folders", sa.Column("restricted", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.create_check_constraint(op.f("ck_folders_restricted"), "folders", check)
    _unique_names("trashed_at IS NULL AND NOT restricted")
    op.add_column("documents", sa.Column("acl_folder_id", BIG, nullable=True))
    op.create_index("ix_documents_acl_folder_id", "documents", ["acl_folder_id"])
    op.create_table(
        "folder_grants",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("folder_id", BIG, nullable=False),
        sa.Column("principal_kind", sa.String(length=15), nullable=False),
        sa.Column("principal_id", BIG, nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("granted_by_id", BIG, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "principal_kind IN ('account', 'administration', 'subtree', 'agents')",
            name=op.f("ck_folder_grants_principal_kind"),
        ),
        sa.CheckConstraint("role BETWEEN 1 AND 3", name=op.f("ck_folder_grants_role")),
        sa.CheckConstraint(
            "principal_kind = 'account' OR role <= 2", name=op.f("ck_folder_grants_moderators_are_named_persons")
        ),
        sa.CheckConstraint(
            "(principal_kind = 'agents') = (principal_id = 0)", name=op.f("ck_folder_grants_principal_id")
        ),
        sa.ForeignKeyConstraint(
            ["space_id", "folder_id"],
            ["folders.space_id", "folders.id"],
            name=op.f("fk_folder_grants_space_id_folder_id"),
        ),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_folder_grants_space_id")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["accounts.id"], name=op.f("fk_folder_grants_granted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder_grants")),
        sa.UniqueConstraint("public_id", name=op.f("uq_folder_grants_public_id")),
        sa.UniqueConstraint(
            "folder_id",
            "principal_kind",
            "principal_id",
            name=op.f("uq_folder_grants_folder_id_principal_kind_principal_id"),
        ),
    )
    with op.batch_alter_table("streams") as table:
        table.drop_constraint(op.f("uq_streams_space_id"), type_="unique")
        table.add_column(sa.Column("folder_id", BIG, nullable=True))
        table.create_foreign_key(op.f("fk_streams_folder_id"), "folders", ["folder_id"], ["id"])
        table.create_unique_constraint(op.f("uq_streams_folder_id"), ["folder_id"])
    op.create_index("ix_streams_space_id", "streams", ["space_id"])
    whole = text("folder_id IS NULL")
    op.create_index(
        "uq_streams_space", "streams", ["space_id"], unique=True, sqlite_where=whole, postgresql_where=whole
    )
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Only where nothing is restricted any more: an older version would show it to the whole space."""
    if op.get_bind().execute(text("SELECT 1 FROM folders WHERE restricted")).first() is not None:
        raise RuntimeError("open the restricted folders first: the older version would show them to everybody")
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        for trigger in (
            "folders_restricted_inside",
            "folders_restricted_around",
            "documents_audience_new",
            "documents_audience_changed",
        ):
            op.execute(f"DROP TRIGGER {trigger}")
    else:
        op.execute("DROP TRIGGER folders_restricted ON folders")
        op.execute("DROP TRIGGER documents_audience ON documents")
        op.execute("DROP FUNCTION keep_restrictions_apart()")
        op.execute("DROP FUNCTION keep_audience_of_folder()")
    op.execute("DELETE FROM stream_events WHERE stream_id IN (SELECT id FROM streams WHERE folder_id IS NOT NULL)")
    op.execute("DELETE FROM streams WHERE folder_id IS NOT NULL")
    op.drop_index("uq_streams_space", "streams")
    op.drop_index("ix_streams_space_id", "streams")
    with op.batch_alter_table("streams") as table:
        table.drop_constraint(op.f("fk_streams_folder_id"), type_="foreignkey")
        table.drop_constraint(op.f("uq_streams_folder_id"), type_="unique")
        table.drop_column("folder_id")
        table.create_unique_constraint(op.f("uq_streams_space_id"), ["space_id"])
    op.drop_table("folder_grants")
    op.drop_index("ix_documents_acl_folder_id", "documents")
    op.drop_column("documents", "acl_folder_id")
    _no_unique_names()
    if not sqlite:
        op.drop_constraint(op.f("ck_folders_restricted"), "folders", type_="check")
    op.drop_column("folders", "restricted")
    op.drop_index("ix_folders_acl_folder_id", "folders")
    op.drop_column("folders", "acl_folder_id")
    _unique_names("trashed_at IS NULL")
