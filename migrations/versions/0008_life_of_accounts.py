"""The life of an account: delegations, transfers, new addresses, erasure; and spaces without a lead or in the trash."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

STATUSES = "status IN ('invited', 'active', 'suspended', 'deactivated')"
STATUSES_NOW = "status IN ('invited', 'active', 'suspended', 'deactivated', 'erased')"
STATES = "state IN ('active', 'archived')"
STATES_NOW = "state IN ('active', 'archived', 'sequestered', 'trashed')"


def _say_in_sqlite(table: str, former: str, present: str) -> None:
    """Change what SQLite keeps of a table's definition, as its manual describes for constraints.

    To write the table anew, every table that refers to it would have to be let go of first.
    """
    bind = op.get_bind()
    known = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    definition = bind.execute(known, {"name": table}).scalar_one()
    if definition.count(former) != 1:
        raise RuntimeError(f"{table} is not defined as expected: {former}")
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
        {"sql": definition.replace(former, present), "name": table},
    )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")


def _check(table: str, name: str, former: str, present: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _say_in_sqlite(table, former, present)
        return
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(op.f(name), table, present)


def upgrade() -> None:
    """Make room for them."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    _check("accounts", "ck_accounts_status", STATUSES, STATUSES_NOW)
    _check("spaces", "ck_spaces_state", STATES, STATES_NOW)
    if sqlite:
        _say_in_sqlite("spaces", "state VARCHAR(10)", "state VARCHAR(12)")
    else:
        op.alter_column("spaces", "state", type_=sa.String(12), existing_type=sa.String(10), existing_nullable=False)
    op.add_column("spaces", sa.Column("trashed_at", MOMENT, nullable=True))
    op.add_column("spaces", sa.Column("trashed_from", sa.String(12), nullable=True))
    with op.batch_alter_table("password_links") as batch:
        batch.add_column(sa.Column("asked_by_id", BIG, nullable=True))
        batch.create_foreign_key(op.f("fk_password_links_asked_by_id"), "accounts", ["asked_by_id"], ["id"])
    op.create_table(
        "delegations",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("administration_id", BIG, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("starts_at <= ends_at", name=op.f("ck_delegations_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_delegations_account_id")),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_delegations_administration_id")
        ),
        sa.ForeignKeyConstraint(["granted_by_id"], ["accounts.id"], name=op.f("fk_delegations_granted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delegations_public_id")),
    )
    op.create_index(
        "ix_delegations_account_id_administration_id", "delegations", ["account_id", "administration_id", "ends_at"]
    )
    op.create_index("ix_delegations_administration_id_ends_at", "delegations", ["administration_id", "ends_at"])
    op.create_table(
        "email_changes",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("former_email", sa.String(254), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("by_administrator", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name=op.f("ck_email_changes_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_email_changes_account_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["accounts.id"], name=op.f("fk_email_changes_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_email_changes_public_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_email_changes_secret_hash")),
    )
    op.create_index(
        "ix_email_changes_account_id",
        "email_changes",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "transfers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("origin_id", BIG, nullable=False),
        sa.Column("destination_id", BIG, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'refused', 'expired', 'withdrawn')", name=op.f("ck_transfers_state")
        ),
        sa.CheckConstraint("origin_id <> destination_id", name=op.f("ck_transfers_goes_somewhere")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_transfers_account_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["administrations.id"], name=op.f("fk_transfers_origin_id")),
        sa.ForeignKeyConstraint(["destination_id"], ["administrations.id"], name=op.f("fk_transfers_destination_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["accounts.id"], name=op.f("fk_transfers_proposed_by_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["accounts.id"], name=op.f("fk_transfers_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_transfers_public_id")),
    )
    op.create_index(
        "ix_transfers_account_id",
        "transfers",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index("ix_transfers_origin_id_state", "transfers", ["origin_id", "state"])
    op.create_index("ix_transfers_destination_id_state", "transfers", ["destination_id", "state"])
    op.create_table(
        "transfer_keeps",
        sa.Column("transfer_id", BIG, nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("kept_by_id", BIG, nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_keeps_transfer_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_transfer_keeps_space_id")),
        sa.ForeignKeyConstraint(["kept_by_id"], ["accounts.id"], name=op.f("fk_transfer_keeps_kept_by_id")),
        sa.PrimaryKeyConstraint("transfer_id", "space_id", name=op.f("pk_transfer_keeps")),
    )
    op.create_index(op.f("ix_transfer_keeps_space_id"), "transfer_keeps", ["space_id"])


def downgrade() -> None:
    """Without them; what is erased stays erased, and what is shut stays shut, as far as the former words go."""
    for table in ("transfer_keeps", "transfers", "email_changes", "delegations"):
        op.drop_table(table)
    with op.batch_alter_table("password_links") as batch:
        batch.drop_constraint(op.f("fk_password_links_asked_by_id"), type_="foreignkey")
        batch.drop_column("asked_by_id")
    op.execute("UPDATE accounts SET status = 'deactivated' WHERE status = 'erased'")
    op.execute("UPDATE spaces SET state = 'archived' WHERE state IN ('sequestered', 'trashed')")
    op.drop_column("spaces", "trashed_from")
    op.drop_column("spaces", "trashed_at")
    _check("accounts", "ck_accounts_status", STATUSES_NOW, STATUSES)
    _check("spaces", "ck_spaces_state", STATES_NOW, STATES)
    if op.get_bind().dialect.name == "sqlite":
        _say_in_sqlite("spaces", "state VARCHAR(12)", "state VARCHAR(10)")
    else:
        op.alter_column("spaces", "state", type_=sa.String(10), existing_type=sa.String(12), existing_nullable=False)
