"""Guests: who answers for them, the invitations they come by, and the spaces that allow them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Columns are added without copying the tables that all others refer to."""
    op.add_column("accounts", sa.Column("organisation", sa.String(200), nullable=False, server_default=""))
    op.add_column("spaces", sa.Column("guests_allowed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("grants", sa.Column("reminded_at", MOMENT, nullable=True))
    op.create_table(
        "sponsorships",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("sponsor_id", BIG, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sponsorships_account_id"),
        sa.ForeignKeyConstraint(["sponsor_id"], ["accounts.id"], name="fk_sponsorships_sponsor_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_sponsorships"),
    )
    op.create_index("ix_sponsorships_sponsor_id", "sponsorships", ["sponsor_id"])
    op.create_table(
        "invitations",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("administration_id", BIG, nullable=False),
        sa.Column("invited_by_id", BIG, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint("role IN (1, 2)", name=op.f("ck_invitations_role")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name="fk_invitations_space_id"),
        sa.ForeignKeyConstraint(["administration_id"], ["administrations.id"], name="fk_invitations_administration_id"),
        sa.ForeignKeyConstraint(["invited_by_id"], ["accounts.id"], name="fk_invitations_invited_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("public_id", name="uq_invitations_public_id"),
        sa.UniqueConstraint("secret_hash", name="uq_invitations_secret_hash"),
    )
    op.create_index("ix_invitations_space_id_accepted_at", "invitations", ["space_id", "accepted_at"])
    op.create_index("ix_invitations_email", "invitations", ["email"])
    op.create_index("ix_invitations_invited_by_id", "invitations", ["invited_by_id"])


def downgrade() -> None:
    """Nobody from outside any more."""
    op.drop_table("invitations")
    op.drop_table("sponsorships")
    op.drop_column("grants", "reminded_at")
    op.drop_column("spaces", "guests_allowed")
    op.drop_column("accounts", "organisation")
