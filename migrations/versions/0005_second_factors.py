"""Second factors, the half of a sign-in that waits for one, who has to have one, and how a lost one is taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Nobody has a second factor yet, and nobody has to."""
    op.create_table(
        "second_factors",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("credential_id", sa.LargeBinary),
        sa.Column("public_key", sa.LargeBinary),
        sa.Column("sign_count", BIG, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary),
        sa.Column("last_step", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.UniqueConstraint("public_id", name="uq_second_factors_public_id"),
        sa.UniqueConstraint("credential_id", name="uq_second_factors_credential_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_second_factors_account_id"),
        sa.CheckConstraint("kind IN ('passkey', 'totp')", name="ck_second_factors_kind"),
        sa.CheckConstraint(
            "(kind = 'passkey') = (credential_id IS NOT NULL) AND (kind = 'passkey') = (public_key IS NOT NULL)"
            " AND (kind = 'totp') = (sealed_secret IS NOT NULL)",
            name="ck_second_factors_holds_what_its_kind_needs",
        ),
    )
    op.create_index("ix_second_factors_account_id", "second_factors", ["account_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_recovery_codes_account_id"),
    )
    op.create_index(
        "ix_recovery_codes_account_id_code_hash", "recovery_codes", ["account_id", "code_hash"], unique=True
    )
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.UniqueConstraint("secret_hash", name="uq_pending_sign_ins_secret_hash"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_pending_sign_ins_account_id"),
    )
    op.create_index("ix_pending_sign_ins_account_id", "pending_sign_ins", ["account_id"])
    op.create_index("ix_pending_sign_ins_expires_at", "pending_sign_ins", ["expires_at"])
    op.create_table(
        "passkey_challenges",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("pending_id", BIG),
        sa.Column("session_id", BIG),
        sa.Column("challenge", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["pending_id"], ["pending_sign_ins.id"], name="fk_passkey_challenges_pending_id"),
        sa.ForeignKeyConstraint(["session_id"], ["sign_in_sessions.id"], name="fk_passkey_challenges_session_id"),
        sa.CheckConstraint("purpose IN ('sign_in', 'confirm', 'register')", name="ck_passkey_challenges_purpose"),
        sa.CheckConstraint("(purpose = 'sign_in') = (pending_id IS NOT NULL)", name="ck_passkey_challenges_holder"),
        sa.CheckConstraint("(pending_id IS NULL) <> (session_id IS NULL)", name="ck_passkey_challenges_one_holder"),
    )
    op.create_index("ix_passkey_challenges_pending_id", "passkey_challenges", ["pending_id"])
    op.create_index("ix_passkey_challenges_session_id", "passkey_challenges", ["session_id"])
    op.create_index("ix_passkey_challenges_expires_at", "passkey_challenges", ["expires_at"])
    op.create_table(
        "factor_resets",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("public_id", sa.String(26), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("agreed_by_id", BIG),
        sa.Column("done_at", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        sa.Column("cancelled_by_id", BIG),
        sa.UniqueConstraint("public_id", name="uq_factor_resets_public_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_factor_resets_account_id"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["accounts.id"], name="fk_factor_resets_asked_by_id"),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["accounts.id"], name="fk_factor_resets_agreed_by_id"),
        sa.ForeignKeyConstraint(["cancelled_by_id"], ["accounts.id"], name="fk_factor_resets_cancelled_by_id"),
    )
    op.create_index("ix_factor_resets_account_id_done_at", "factor_resets", ["account_id", "done_at"])
    # Not by batch: SQLite would write the tables anew, and lose the triggers of the tree and what refers to them.
    op.add_column(
        "sign_in_sessions",
        sa.Column(
            "aal",
            sa.Integer,
            sa.CheckConstraint("aal IN (1, 2)", name="ck_sign_in_sessions_aal"),
            nullable=False,
            server_default="1",
        ),
    )
    op.add_column(
        "administrations",
        sa.Column(
            "second_factor",
            sa.String(14),
            sa.CheckConstraint(
                "second_factor IN ('nobody', 'administrators', 'everyone')", name="ck_administrations_second_factor"
            ),
            nullable=False,
            server_default="nobody",
        ),
    )
    op.add_column("spaces", sa.Column("second_factor_required", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Forget them: whoever had one signs in by the password alone."""
    op.drop_column("spaces", "second_factor_required")
    op.drop_column("administrations", "second_factor")
    op.drop_column("sign_in_sessions", "aal")
    for name in ("factor_resets", "passkey_challenges", "pending_sign_ins", "recovery_codes", "second_factors"):
        op.drop_table(name)
