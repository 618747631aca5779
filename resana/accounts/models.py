"""People who sign in, how they prove it, and whom they administer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from flask_login import UserMixin
from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base, Moment


class AccountKind(StrEnum):
    """An agent belongs to an administration; a guest comes from outside, with a sponsor and an end date.

    A guest's home administration is the one that answers for them (« administration garante »).
    """

    AGENT = "agent"
    GUEST = "guest"


class AccountStatus(StrEnum):
    """Where an account is in its life; only an active one may do anything."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    ERASED = "erased"


class Account(UserMixin, Base):
    """A person who signs in.

    `access_epoch` grows with whatever may take access away (suspension, another administration): live sockets
    compare it.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("kind IN ('agent', 'guest')", name="kind"),
        CheckConstraint("status IN ('invited', 'active', 'suspended', 'deactivated', 'erased')", name="status"),
        CheckConstraint("kind = 'agent' OR valid_until IS NOT NULL", name="guest_has_an_end"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(String(10), default=AccountKind.AGENT)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    search_name: Mapped[str] = mapped_column(String(220), index=True)
    job_title: Mapped[str] = mapped_column(String(200), default="")
    organisation: Mapped[str] = mapped_column(String(200), default="")
    """Where a guest comes from, in their own words; empty for agents."""
    home_administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"), index=True)
    status: Mapped[str] = mapped_column(String(12), default=AccountStatus.INVITED)
    team_lead: Mapped[bool] = mapped_column(default=False)
    platform_admin: Mapped[bool] = mapped_column(default=False)
    valid_until: Mapped[datetime | None] = mapped_column(Moment)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    access_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)

    # Outer on purpose: behind a thing's author, an inner join is a nested one, for which SQLite reads every account.
    home_administration: Mapped[Administration] = relationship(lazy="joined")

    @property
    def full_name(self) -> str:
        """First name and last name; who has been erased has neither."""
        if self.status == AccountStatus.ERASED:
            return _("Compte effacé")
        return f"{self.first_name} {self.last_name}"

    @property
    def is_guest(self) -> bool:
        """Whether this person comes from outside: said beside their name wherever it stands."""
        return self.kind == AccountKind.GUEST

    @property
    def initials(self) -> str:
        """Two letters for where there is no room for a name."""
        return (self.first_name[:1] + self.last_name[:1]).upper() or "–"

    @property
    def is_active(self) -> bool:
        """Flask-Login's word: may this account act at all?"""
        return self.status == AccountStatus.ACTIVE and (self.valid_until is None or self.valid_until > now())

    def get_id(self) -> str:
        """Flask-Login's word for the id."""
        return self.public_id


class Sponsorship(Base):
    """Who answers for a guest: the lead who brought them in, or who took over from that one."""

    __tablename__ = "sponsorships"

    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), primary_key=True)
    sponsor_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    since: Mapped[datetime] = mapped_column(Moment, default=now)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    sponsor: Mapped[Account] = relationship(foreign_keys=[sponsor_id], lazy="joined", innerjoin=True)


class AdminScope(Base):
    """The account administers the accounts of this administration and of all below it."""

    __tablename__ = "admin_scopes"

    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), primary_key=True)
    administration_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("administrations.id"), primary_key=True, index=True
    )
    ends_at: Mapped[datetime | None] = mapped_column(Moment)

    administration: Mapped[Administration] = relationship(lazy="joined", innerjoin=True)


class SignInSession(Base):
    """One signed-in browser. The cookie holds a secret; the row holds its hash, and can be revoked."""

    __tablename__ = "sign_in_sessions"
    __table_args__ = (CheckConstraint("aal IN (1, 2)", name="aal"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(Moment, default=now)
    confirmed_at: Mapped[datetime] = mapped_column(Moment, default=now)
    """When its holder last proved who they are: a sensitive act asks for a recent proof."""
    aal: Mapped[int] = mapped_column(default=1)
    """How its holder signed in: 1 by a password alone, 2 with a second factor (NIST SP 800-63B)."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)

    factor_due = False
    """Whether its account owes a second factor that it has not set up; `sessions.living_session` says it."""


class AccessToken(Base):
    """A personal access token for a program; hashed at rest, with an end date. `scope`: read or write."""

    __tablename__ = "access_tokens"
    __table_args__ = (CheckConstraint("scope IN ('read', 'write')", name="scope"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)

    factor_due = False
    """The same as a session's."""


class PasswordLink(Base):
    """A link by which a person chooses a password: hashed, ends, used once."""

    __tablename__ = "password_links"

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))
    """The administrator who had it sent; None where its holder asked for it."""

    account: Mapped[Account] = relationship(foreign_keys=[account_id], lazy="joined", innerjoin=True)


class SignInFailure(Base):
    """Failed sign-ins counted by key (account and network, account, network, device): limits survive a restart.

    `failures` leaks away with time, so that it is not a whole number.
    """

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[float] = mapped_column(Float, default=0.0)
    last_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)


class KnownDevice(Base):
    """A browser on which an account has signed in before: a flood of bad passwords does not lock it out."""

    __tablename__ = "known_devices"
    __table_args__ = (
        Index(
            "ix_known_devices_account_id_secret_hash",
            "account_id",
            "secret_hash",
            unique=True,
        ),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"))
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(Moment, default=now)


class ImportState(StrEnum):
    """Where an import of accounts is: looked at, being done by the worker, done."""

    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"


class Verdict(StrEnum):
    """What a line of an import comes to."""

    OPEN = "open"
    EDIT = "edit"
    SAME = "same"
    REFUSED = "refused"


class AccountImport(Base):
    """A list of people that an administrator wants accounts for: first a report, then the accounts."""

    __tablename__ = "account_imports"
    __table_args__ = (CheckConstraint("state IN ('checked', 'running', 'done')", name="state"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("accounts.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    unknown_columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(10), default=ImportState.CHECKED)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, index=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    by: Mapped[Account] = relationship()


class AccountImportRow(Base):
    """A line of an import: what it says, what it comes to, and why not. `line` counts from 1 as a spreadsheet does."""

    __tablename__ = "account_import_rows"
    __table_args__ = (
        CheckConstraint("verdict IN ('open', 'edit', 'same', 'refused')", name="verdict"),
        Index("ix_account_import_rows_import_id_done", "import_id", "done", "verdict"),
    )

    import_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("account_imports.id", ondelete="CASCADE"), primary_key=True
    )
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(String(254), default="")
    first_name: Mapped[str] = mapped_column(String(200), default="")
    last_name: Mapped[str] = mapped_column(String(200), default="")
    job_title: Mapped[str] = mapped_column(String(200), default="")
    team_lead: Mapped[bool | None]
    administration_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("administrations.id"))
    verdict: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(40), default="")
    about: Mapped[str] = mapped_column(String(200), default="")
    """What the problem is about: the other line, what was written instead of an administration."""
    done: Mapped[bool] = mapped_column(default=False)


class AccountRequestState(StrEnum):
    """How far a request for an account has come: sent by anybody, confirmed from its address, answered."""

    SENT = "sent"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class AccountRequest(Base):
    """Somebody asks for an account with an address whose domain belongs to an administration."""

    __tablename__ = "account_requests"
    __table_args__ = (
        CheckConstraint("state IN ('sent', 'confirmed', 'accepted', 'refused')", name="state"),
        Index("ix_account_requests_administration_id_state", "administration_id", "state"),
        Index("ix_account_requests_email_created_at", "email", "created_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    job_title: Mapped[str] = mapped_column(String(200), default="")
    administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"))
    language: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=AccountRequestState.SENT)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("accounts.id"))

    administration: Mapped[Administration] = relationship()
