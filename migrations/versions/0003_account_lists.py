"""Imports of accounts, and accounts that people ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "account_imports",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("unknown_columns", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('checked', 'running', 'done')", name=op.f("ck_account_imports_state")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_account_imports_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_imports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_imports_public_id")),
    )
    op.create_index(op.f("ix_account_imports_by_id"), "account_imports", ["by_id"], unique=False)
    op.create_index(op.f("ix_account_imports_created_at"), "account_imports", ["created_at"], unique=False)
    op.create_table(
        "account_import_rows",
        sa.Column("import_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("job_title", sa.String(length=200), nullable=False),
        sa.Column("team_lead", sa.Boolean(), nullable=True),
        sa.Column("administration_id", BIG, nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('open', 'edit', 'same', 'refused')", name=op.f("ck_account_import_rows_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["account_imports.id"], name=op.f("fk_account_import_rows_import_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_account_import_rows_administration_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_account_import_rows")),
    )
    op.create_index(
        "ix_account_import_rows_import_id_done", "account_import_rows", ["import_id", "done", "verdict"], unique=False
    )
    op.create_table(
        "account_requests",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("job_title", sa.String(length=200), nullable=False),
        sa.Column("administration_id", BIG, nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "state IN ('sent', 'confirmed', 'accepted', 'refused')", name=op.f("ck_account_requests_state")
        ),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_account_requests_administration_id")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["accounts.id"], name=op.f("fk_account_requests_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_account_requests_public_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_account_requests_secret_hash")),
    )
    op.create_index(
        "ix_account_requests_administration_id_state", "account_requests", ["administration_id", "state"], unique=False
    )
    op.create_index("ix_account_requests_email_created_at", "account_requests", ["email", "created_at"], unique=False)
    # Not a batch: that makes the table anew, and SQLite's triggers on it would be gone.
    op.execute(
        "ALTER TABLE administrations ADD COLUMN account_opening VARCHAR(10) DEFAULT 'closed' NOT NULL "
        "CONSTRAINT ck_administrations_account_opening CHECK (account_opening IN ('closed', 'validated', 'immediate'))"
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_column("administrations", "account_opening")
    op.drop_table("account_requests")
    op.drop_table("account_import_rows")
    op.drop_table("account_imports")
