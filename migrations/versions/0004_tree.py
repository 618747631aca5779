"""A closed administration names its successor; each says whether its spaces may be open to read for all agents."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# No batch on SQLite: it writes a table anew, and both the rows that point at it and the triggers that keep the closure
# would be lost. So the constraints stand in the column.
SQLITE = (
    (
        "ALTER TABLE administrations ADD COLUMN successor_id INTEGER "
        "CONSTRAINT ck_administrations_closed_has_a_successor CHECK ((status = 'closed') = (successor_id IS NOT NULL)) "
        "CONSTRAINT fk_administrations_successor_id REFERENCES administrations (id)"
    ),
    "ALTER TABLE administrations ADD COLUMN all_agents_may_read BOOLEAN DEFAULT FALSE NOT NULL",
)
POSTGRESQL = (
    (
        "ALTER TABLE administrations ADD COLUMN successor_id BIGINT "
        "CONSTRAINT fk_administrations_successor_id REFERENCES administrations (id)"
    ),
    (
        "ALTER TABLE administrations ADD CONSTRAINT ck_administrations_closed_has_a_successor "
        "CHECK ((status = 'closed') = (successor_id IS NOT NULL))"
    ),
    "ALTER TABLE administrations ADD COLUMN all_agents_may_read BOOLEAN DEFAULT FALSE NOT NULL",
    "ALTER TABLE administrations ALTER COLUMN all_agents_may_read DROP DEFAULT",
)


def upgrade() -> None:
    """What is open to read for all agents today stays allowed where it is; elsewhere somebody has to allow it."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.create_index("ix_administrations_successor_id", "administrations", ["successor_id"])
    op.execute(
        "UPDATE administrations SET all_agents_may_read = TRUE WHERE id IN "
        "(SELECT owner_administration_id FROM spaces WHERE visibility = 'agents' AND open_to_read)"
    )


def downgrade() -> None:
    """Forget both; what is closed stays closed."""
    op.drop_index("ix_administrations_successor_id", "administrations")
    op.execute("ALTER TABLE administrations DROP COLUMN all_agents_may_read")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE administrations DROP CONSTRAINT ck_administrations_closed_has_a_successor")
    op.execute("ALTER TABLE administrations DROP COLUMN successor_id")
