"""A session knows when its holder last proved who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Whoever is signed in said who they are when they signed in."""
    with op.batch_alter_table("sign_in_sessions") as table:
        table.add_column(sa.Column("confirmed_at", MOMENT, nullable=True))
    op.execute("UPDATE sign_in_sessions SET confirmed_at = created_at")
    with op.batch_alter_table("sign_in_sessions") as table:
        table.alter_column("confirmed_at", existing_type=MOMENT, nullable=False)


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("sign_in_sessions") as table:
        table.drop_column("confirmed_at")
