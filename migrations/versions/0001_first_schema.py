"""The first schema: administrations, accounts, spaces, streams, documents, discussions, queue."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

SQLITE_CLOSURE = (
    """
    CREATE TRIGGER administrations_insert AFTER INSERT ON administrations BEGIN
      INSERT INTO administration_closure (descendant_id, ancestor_id, depth)
      SELECT NEW.id, NEW.id, 0
      UNION ALL
      SELECT NEW.id, ancestor_id, depth + 1 FROM administration_closure WHERE descendant_id = NEW.parent_id;
    END
    """,
    """
    CREATE TRIGGER administrations_no_cycle BEFORE UPDATE OF parent_id ON administrations
    WHEN NEW.parent_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM administration_closure WHERE ancestor_id = NEW.id AND descendant_id = NEW.parent_id
    )
    BEGIN SELECT RAISE(ABORT, 'an administration cannot stand below itself'); END
    """,
    """
    CREATE TRIGGER administrations_move AFTER UPDATE OF parent_id ON administrations
    WHEN OLD.parent_id IS NOT NEW.parent_id BEGIN
      DELETE FROM administration_closure
      WHERE descendant_id IN (SELECT descendant_id FROM administration_closure WHERE ancestor_id = NEW.id)
        AND ancestor_id NOT IN (SELECT descendant_id FROM administration_closure WHERE ancestor_id = NEW.id);
      INSERT INTO administration_closure (descendant_id, ancestor_id, depth)
      SELECT below.descendant_id, above.ancestor_id, below.depth + above.depth + 1
      FROM administration_closure below, administration_closure above
      WHERE below.ancestor_id = NEW.id AND above.descendant_id = NEW.parent_id;
    END
    """,
    """
    CREATE TRIGGER administrations_delete BEFORE DELETE ON administrations BEGIN
      DELETE FROM administration_closure WHERE descendant_id = OLD.id;
    END
    """,
)

POSTGRESQL_CLOSURE = (
    """
    CREATE FUNCTION keep_administration_closure() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        INSERT INTO administration_closure (descendant_id, ancestor_id, depth)
        SELECT NEW.id, NEW.id, 0
        UNION ALL
        SELECT NEW.id, ancestor_id, depth + 1 FROM administration_closure WHERE descendant_id = NEW.parent_id;
        RETURN NEW;
      ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM administration_closure WHERE descendant_id = OLD.id;
        RETURN OLD;
      ELSIF NEW.parent_id IS DISTINCT FROM OLD.parent_id THEN
        PERFORM pg_advisory_xact_lock(7201601);
        IF EXISTS (
          SELECT 1 FROM administration_closure WHERE ancestor_id = NEW.id AND descendant_id = NEW.parent_id
        ) THEN
          RAISE EXCEPTION 'an administration cannot stand below itself' USING ERRCODE = 'check_violation';
        END IF;
        DELETE FROM administration_closure
        WHERE descendant_id IN (SELECT descendant_id FROM administration_closure WHERE ancestor_id = NEW.id)
          AND ancestor_id NOT IN (SELECT descendant_id FROM administration_closure WHERE ancestor_id = NEW.id);
        INSERT INTO administration_closure (descendant_id, ancestor_id, depth)
        SELECT below.descendant_id, above.ancestor_id, below.depth + above.depth + 1
        FROM administration_closure below, administration_closure above
        WHERE below.ancestor_id = NEW.id AND above.descendant_id = NEW.parent_id;
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER administrations_closure_after AFTER INSERT OR UPDATE OF parent_id ON administrations
    FOR EACH ROW EXECUTE FUNCTION keep_administration_closure()
    """,
    """
    CREATE TRIGGER administrations_closure_delete BEFORE DELETE ON administrations
    FOR EACH ROW EXECUTE FUNCTION keep_administration_closure()
    """,
)


def upgrade() -> None:
    op.create_table(
        "administrations",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=80), nullable=False),
        sa.Column("search_name", sa.String(length=300), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("space_creation", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "space_creation IN ('everyone', 'team_leads', 'validated')", name=op.f("ck_administrations_space_creation")
        ),
        sa.CheckConstraint("status IN ('active', 'closed')", name=op.f("ck_administrations_status")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_administrations_not_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["administrations.id"], name=op.f("fk_administrations_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_administrations_public_id")),
    )
    op.create_index(op.f("ix_administrations_parent_id"), "administrations", ["parent_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_at"), "idempotency_keys", ["at"], unique=False)
    op.create_table(
        "kept_mails",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_kept_mails_message_id")),
    )
    op.create_index(op.f("ix_kept_mails_recipient"), "kept_mails", ["recipient"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_done_at_not_before", "outbox", ["done_at", "not_before"], unique=False)
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Float(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_last_at"), "sign_in_failures", ["last_at"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("search_name", sa.String(length=220), nullable=False),
        sa.Column("job_title", sa.String(length=200), nullable=False),
        sa.Column("home_administration_id", BIG, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("team_lead", sa.Boolean(), nullable=False),
        sa.Column("platform_admin", sa.Boolean(), nullable=False),
        sa.Column("valid_until", MOMENT, nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("access_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind = 'agent' OR valid_until IS NOT NULL", name=op.f("ck_accounts_guest_has_an_end")),
        sa.CheckConstraint("kind IN ('agent', 'guest')", name=op.f("ck_accounts_kind")),
        sa.CheckConstraint(
            "status IN ('invited', 'active', 'suspended', 'deactivated')", name=op.f("ck_accounts_status")
        ),
        sa.ForeignKeyConstraint(
            ["home_administration_id"], ["administrations.id"], name=op.f("fk_accounts_home_administration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_public_id")),
    )
    op.create_index(op.f("ix_accounts_home_administration_id"), "accounts", ["home_administration_id"], unique=False)
    op.create_index(op.f("ix_accounts_search_name"), "accounts", ["search_name"], unique=False)
    op.create_table(
        "administration_closure",
        sa.Column("descendant_id", BIG, nullable=False),
        sa.Column("ancestor_id", BIG, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["administrations.id"], name=op.f("fk_administration_closure_ancestor_id")
        ),
        sa.ForeignKeyConstraint(
            ["descendant_id"], ["administrations.id"], name=op.f("fk_administration_closure_descendant_id")
        ),
        sa.PrimaryKeyConstraint("descendant_id", "ancestor_id", name=op.f("pk_administration_closure")),
    )
    op.create_index(
        "ix_administration_closure_ancestor_id",
        "administration_closure",
        ["ancestor_id", "descendant_id"],
        unique=False,
    )
    op.create_table(
        "administration_domains",
        sa.Column("domain", sa.String(length=200), nullable=False),
        sa.Column("administration_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_administration_domains_administration_id")
        ),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_administration_domains")),
    )
    op.create_index(
        op.f("ix_administration_domains_administration_id"),
        "administration_domains",
        ["administration_id"],
        unique=False,
    )
    op.create_table(
        "administration_sirets",
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("administration_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_administration_sirets_administration_id")
        ),
        sa.PrimaryKeyConstraint("siret", name=op.f("pk_administration_sirets")),
    )
    op.create_index(
        op.f("ix_administration_sirets_administration_id"), "administration_sirets", ["administration_id"], unique=False
    )
    op.create_table(
        "access_tokens",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write')", name=op.f("ck_access_tokens_scope")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_access_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_tokens")),
        sa.UniqueConstraint("public_id", name=op.f("uq_access_tokens_public_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_access_tokens_secret_hash")),
    )
    op.create_index(op.f("ix_access_tokens_account_id"), "access_tokens", ["account_id"], unique=False)
    op.create_table(
        "admin_scopes",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("administration_id", BIG, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_admin_scopes_account_id")),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_admin_scopes_administration_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "administration_id", name=op.f("pk_admin_scopes")),
    )
    op.create_index(op.f("ix_admin_scopes_administration_id"), "admin_scopes", ["administration_id"], unique=False)
    op.create_table(
        "known_devices",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_known_devices_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
    )
    op.create_index(
        "ix_known_devices_account_id_secret_hash", "known_devices", ["account_id", "secret_hash"], unique=True
    )
    op.create_table(
        "password_links",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_password_links_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_links")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_password_links_secret_hash")),
    )
    op.create_index(op.f("ix_password_links_account_id"), "password_links", ["account_id"], unique=False)
    op.create_table(
        "sign_in_sessions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sign_in_sessions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sessions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_in_sessions_public_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_in_sessions_secret_hash")),
    )
    op.create_index(op.f("ix_sign_in_sessions_account_id"), "sign_in_sessions", ["account_id"], unique=False)
    op.create_table(
        "spaces",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("owner_administration_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("search_title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=15), nullable=False),
        sa.Column("open_to_read", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint("state IN ('active', 'archived')", name=op.f("ck_spaces_state")),
        sa.CheckConstraint("visibility IN ('private', 'administration', 'agents')", name=op.f("ck_spaces_visibility")),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_spaces_created_by_id")),
        sa.ForeignKeyConstraint(
            ["owner_administration_id"], ["administrations.id"], name=op.f("fk_spaces_owner_administration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spaces")),
        sa.UniqueConstraint("public_id", name=op.f("uq_spaces_public_id")),
    )
    op.create_index(op.f("ix_spaces_owner_administration_id"), "spaces", ["owner_administration_id"], unique=False)
    op.create_table(
        "access_requests",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'accepted', 'refused')", name=op.f("ck_access_requests_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_access_requests_account_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["accounts.id"], name=op.f("fk_access_requests_answered_by_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_access_requests_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_access_requests_public_id")),
    )
    op.create_index(
        "ix_access_requests_account_id_space_id", "access_requests", ["account_id", "space_id"], unique=False
    )
    op.create_index("ix_access_requests_space_id_state", "access_requests", ["space_id", "state"], unique=False)
    op.create_table(
        "folders",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded_name", sa.String(length=400), nullable=False),
        sa.Column("search_name", sa.String(length=400), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("trashed_at", MOMENT, nullable=True),
        sa.Column("trashed_by_id", BIG, nullable=True),
        sa.Column("trashed_with_id", BIG, nullable=True),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_folders_not_own_parent")),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_folders_created_by_id")),
        sa.ForeignKeyConstraint(
            ["space_id", "parent_id"], ["folders.space_id", "folders.id"], name=op.f("fk_folders_space_id_parent_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_folders_space_id")),
        sa.ForeignKeyConstraint(["trashed_by_id"], ["accounts.id"], name=op.f("fk_folders_trashed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folders")),
        sa.UniqueConstraint("public_id", name=op.f("uq_folders_public_id")),
        sa.UniqueConstraint("space_id", "id", name=op.f("uq_folders_space_id_id")),
    )
    op.create_index(op.f("ix_folders_trashed_with_id"), "folders", ["trashed_with_id"], unique=False)
    op.create_table(
        "grants",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("principal_kind", sa.String(length=15), nullable=False),
        sa.Column("principal_id", BIG, nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=15), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("granted_by_id", BIG, nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.CheckConstraint("(principal_kind = 'agents') = (principal_id = 0)", name=op.f("ck_grants_principal_id")),
        sa.CheckConstraint("origin IN ('person', 'visibility', 'administration')", name=op.f("ck_grants_origin")),
        sa.CheckConstraint(
            "principal_kind = 'account' OR role <= 2", name=op.f("ck_grants_moderators_are_named_persons")
        ),
        sa.CheckConstraint(
            "principal_kind IN ('account', 'administration', 'subtree', 'agents')",
            name=op.f("ck_grants_principal_kind"),
        ),
        sa.CheckConstraint("role BETWEEN 0 AND 4", name=op.f("ck_grants_role")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["accounts.id"], name=op.f("fk_grants_granted_by_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_grants_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("public_id", name=op.f("uq_grants_public_id")),
        sa.UniqueConstraint(
            "space_id",
            "principal_kind",
            "principal_id",
            "origin",
            name=op.f("uq_grants_space_id_principal_kind_principal_id_origin"),
        ),
    )
    op.create_index(
        "ix_grants_principal", "grants", ["principal_kind", "principal_id", "space_id", "role"], unique=False
    )
    op.create_table(
        "space_requests",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("administration_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=15), nullable=False),
        sa.Column("open_to_read", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", BIG, nullable=True),
        sa.Column("space_id", BIG, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'accepted', 'refused')", name=op.f("ck_space_requests_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_space_requests_account_id")),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["administrations.id"], name=op.f("fk_space_requests_administration_id")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["accounts.id"], name=op.f("fk_space_requests_answered_by_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_space_requests_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_space_requests_public_id")),
    )
    op.create_index(op.f("ix_space_requests_account_id"), "space_requests", ["account_id"], unique=False)
    op.create_index(
        "ix_space_requests_administration_id_state", "space_requests", ["administration_id", "state"], unique=False
    )
    op.create_table(
        "streams",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("message_count", BIG, nullable=False),
        sa.Column("acl_epoch", sa.Integer(), nullable=False),
        sa.Column("last_activity_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_streams_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_streams")),
        sa.UniqueConstraint("space_id", name=op.f("uq_streams_space_id")),
    )
    op.create_table(
        "documents",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("folder_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded_name", sa.String(length=400), nullable=False),
        sa.Column("search_name", sa.String(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by_id", BIG, nullable=False),
        sa.Column("trashed_at", MOMENT, nullable=True),
        sa.Column("trashed_by_id", BIG, nullable=True),
        sa.Column("trashed_with_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_documents_created_by_id")),
        sa.ForeignKeyConstraint(
            ["space_id", "folder_id"], ["folders.space_id", "folders.id"], name=op.f("fk_documents_space_id_folder_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_documents_space_id")),
        sa.ForeignKeyConstraint(["trashed_by_id"], ["accounts.id"], name=op.f("fk_documents_trashed_by_id")),
        sa.ForeignKeyConstraint(["updated_by_id"], ["accounts.id"], name=op.f("fk_documents_updated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_public_id")),
        sa.UniqueConstraint("space_id", "id", name=op.f("uq_documents_space_id_id")),
    )
    op.create_index(op.f("ix_documents_trashed_with_id"), "documents", ["trashed_with_id"], unique=False)
    op.create_table(
        "stream_events",
        sa.Column("stream_id", BIG, nullable=False),
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_stream_events_actor_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name=op.f("fk_stream_events_stream_id")),
        sa.PrimaryKeyConstraint("stream_id", "seq", name=op.f("pk_stream_events")),
    )
    op.create_table(
        "stream_members",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("stream_id", BIG, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("baseline_seq", BIG, nullable=False),
        sa.Column("read_count", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_stream_members_account_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name=op.f("fk_stream_members_stream_id")),
        sa.PrimaryKeyConstraint("account_id", "stream_id", name=op.f("pk_stream_members")),
    )
    op.create_index(op.f("ix_stream_members_stream_id"), "stream_members", ["stream_id"], unique=False)
    op.create_table(
        "threads",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("stream_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("search_title", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("message_count", BIG, nullable=False),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.Column("last_activity_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_threads_state")),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_threads_created_by_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_threads_space_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name=op.f("fk_threads_stream_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("public_id", name=op.f("uq_threads_public_id")),
    )
    op.create_index(op.f("ix_threads_space_id"), "threads", ["space_id"], unique=False)
    op.create_index("ix_threads_stream_id_last_seq", "threads", ["stream_id", "last_seq", "id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("stream_id", BIG, nullable=False),
        sa.Column("thread_id", BIG, nullable=False),
        sa.Column("no", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("client_uuid", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("reply_to_no", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.Column("deleted_by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_messages_author_id")),
        sa.ForeignKeyConstraint(["deleted_by_id"], ["accounts.id"], name=op.f("fk_messages_deleted_by_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_messages_space_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name=op.f("fk_messages_stream_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_messages_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("author_id", "client_uuid", name=op.f("uq_messages_author_id_client_uuid")),
        sa.UniqueConstraint("thread_id", "no", name=op.f("uq_messages_thread_id_no")),
    )
    op.create_index("ix_messages_thread_id_seq", "messages", ["thread_id", "seq"], unique=False)
    op.create_table(
        "thread_reads",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("thread_id", BIG, nullable=False),
        sa.Column("stream_id", BIG, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("last_read_no", BIG, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_thread_reads_account_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name=op.f("fk_thread_reads_stream_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_thread_reads_thread_id")),
        sa.PrimaryKeyConstraint("account_id", "thread_id", name=op.f("pk_thread_reads")),
    )
    op.create_index(op.f("ix_thread_reads_thread_id"), "thread_reads", ["thread_id"], unique=False)
    op.create_table(
        "versions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("space_id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_versions_created_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_versions_document_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_versions_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_versions_document_id_number")),
    )
    op.create_index(op.f("ix_versions_key"), "versions", ["key"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_attachments_document_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attachments_message_id")),
        sa.PrimaryKeyConstraint("message_id", "document_id", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_document_id"), "attachments", ["document_id"], unique=False)
    op.create_table(
        "message_versions",
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_versions_message_id")),
        sa.PrimaryKeyConstraint("message_id", "version", name=op.f("pk_message_versions")),
    )

    for table, parent in (("folders", "parent_id"), ("documents", "folder_id")):
        for where, columns in (("in_folder", [parent]), ("at_top", [])):
            alive = text("trashed_at IS NULL" if columns else f"trashed_at IS NULL AND {parent} IS NULL")
            op.create_index(
                f"uq_{table}_name_{where}",
                table,
                ["space_id", *columns, "folded_name"],
                unique=True,
                sqlite_where=alive,
                postgresql_where=alive,
            )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_CLOSURE if sqlite else POSTGRESQL_CLOSURE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("message_versions")
    op.drop_table("attachments")
    op.drop_table("versions")
    op.drop_table("thread_reads")
    op.drop_table("messages")
    op.drop_table("threads")
    op.drop_table("stream_members")
    op.drop_table("stream_events")
    op.drop_table("documents")
    op.drop_table("streams")
    op.drop_table("space_requests")
    op.drop_table("grants")
    op.drop_table("folders")
    op.drop_table("access_requests")
    op.drop_table("spaces")
    op.drop_table("sign_in_sessions")
    op.drop_table("password_links")
    op.drop_table("known_devices")
    op.drop_table("admin_scopes")
    op.drop_table("access_tokens")
    op.drop_table("administration_sirets")
    op.drop_table("administration_domains")
    op.drop_table("administration_closure")
    op.drop_table("accounts")
    op.drop_table("sign_in_failures")
    op.drop_table("outbox")
    op.drop_table("kept_mails")
    op.drop_table("idempotency_keys")
    op.drop_table("administrations")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_administration_closure()")
