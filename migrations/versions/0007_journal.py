"""The journal: entries that only grow, and the signed heads of their chains. Exceptional accesses."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

# Entries are never changed, and deleted only up to the cut of their chain; heads only grow, and stay.
SQLITE = (
    """
    CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER audit_entries_are_kept BEFORE DELETE ON audit_entries
    WHEN OLD.seq > COALESCE((SELECT cut_seq FROM audit_chains WHERE chain = OLD.chain), 0)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER audit_chains_grow BEFORE UPDATE ON audit_chains
    WHEN NEW.chain <> OLD.chain OR NEW.last_seq < OLD.last_seq OR NEW.cut_seq < OLD.cut_seq
      OR NEW.anchored_seq < OLD.anchored_seq
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER audit_chains_are_kept BEFORE DELETE ON audit_chains
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
)

POSTGRESQL = (
    """
    CREATE FUNCTION keep_audit_entries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.seq <= COALESCE((SELECT cut_seq FROM audit_chains WHERE chain = OLD.chain), 0) THEN
          RETURN OLD;
        END IF;
      END IF;
      RAISE EXCEPTION 'the journal is append-only';
    END $$
    """,
    """
    CREATE FUNCTION keep_audit_chains() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW.chain = OLD.chain AND NEW.last_seq >= OLD.last_seq AND NEW.cut_seq >= OLD.cut_seq
          AND NEW.anchored_seq >= OLD.anchored_seq THEN
          RETURN NEW;
        END IF;
      END IF;
      RAISE EXCEPTION 'the journal is append-only';
    END $$
    """,
    """
    CREATE FUNCTION refuse_to_empty_the_journal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the journal is append-only';
    END $$
    """,
    """
    CREATE TRIGGER audit_entries_are_kept BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION keep_audit_entries()
    """,
    """
    CREATE TRIGGER audit_chains_are_kept BEFORE UPDATE OR DELETE ON audit_chains
    FOR EACH ROW EXECUTE FUNCTION keep_audit_chains()
    """,
    """
    CREATE TRIGGER audit_entries_are_not_emptied BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_empty_the_journal()
    """,
    """
    CREATE TRIGGER audit_chains_are_not_emptied BEFORE TRUNCATE ON audit_chains
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_empty_the_journal()
    """,
)

FUNCTIONS = ("keep_audit_entries", "keep_audit_chains", "refuse_to_empty_the_journal")


def upgrade() -> None:
    """Begin an empty journal."""
    op.create_table(
        "audit_chains",
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("cut_seq", BIG, nullable=False),
        sa.Column("cut_hash", sa.String(length=64), nullable=False),
        sa.Column("anchored_seq", BIG, nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_chains")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("on_behalf_of_id", BIG, nullable=True),
        sa.Column("administration_id", BIG, nullable=True),
        sa.Column("space_id", BIG, nullable=True),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", BIG, nullable=True),
        sa.Column("object_public_id", sa.String(length=80), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("ip_prefix", sa.String(length=50), nullable=True),
        sa.Column("signed_in_by", sa.String(length=40), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_audit_entries_chain_seq")),
    )
    op.create_table(
        "emergency_accesses",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'refused')", name=op.f("ck_emergency_accesses_state")),
        sa.CheckConstraint(
            "state <> 'approved' OR ends_at IS NOT NULL", name=op.f("ck_emergency_accesses_approved_has_an_end")
        ),
        sa.CheckConstraint("answered_by_id <> account_id", name=op.f("ck_emergency_accesses_two_persons")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_emergency_accesses_space_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_emergency_accesses_account_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["accounts.id"], name=op.f("fk_emergency_accesses_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_accesses")),
        sa.UniqueConstraint("public_id", name=op.f("uq_emergency_accesses_public_id")),
    )
    op.create_index("ix_emergency_accesses_space_id_account_id", "emergency_accesses", ["space_id", "account_id"])
    op.create_index("ix_emergency_accesses_account_id_ends_at", "emergency_accesses", ["account_id", "ends_at"])
    op.add_column("spaces", sa.Column("emergency_until", MOMENT, nullable=True))
    for name in ("space_id", "administration_id", "actor_id", "object_public_id"):
        op.create_index(f"ix_audit_entries_{name}_id", "audit_entries", [name, "id"])
    op.create_index("ix_audit_entries_act_id", "audit_entries", ["act", "id"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Forget the journal, with its triggers."""
    # Not in a batch: SQLite would make the table anew, which other tables refer to.
    op.execute("ALTER TABLE spaces DROP COLUMN emergency_until")
    op.drop_table("emergency_accesses")
    op.drop_table("audit_entries")
    op.drop_table("audit_chains")
    if op.get_bind().dialect.name == "postgresql":
        for name in FUNCTIONS:
            op.execute(sa.text("DROP FUNCTION " + name + "()"))
