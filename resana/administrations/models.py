"""The tree of administrations, and who stands below whom."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from resana.core.columns import BigInt, Key, PublicId
from resana.core.database import Base


class AdministrationStatus(StrEnum):
    """Whether an administration exists today."""

    ACTIVE = "active"
    CLOSED = "closed"


class SpaceCreation(StrEnum):
    """Who creates spaces in an administration: a setting of each."""

    EVERYONE = "everyone"
    TEAM_LEADS = "team_leads"
    VALIDATED = "validated"


class AccountOpening(StrEnum):
    """What becomes of who asks for an account with one of an administration's addresses: a setting of each."""

    CLOSED = "closed"
    VALIDATED = "validated"
    IMMEDIATE = "immediate"


class AdministrationKind(StrEnum):
    """What sort of node an administration is."""

    STATE = "state"
    MINISTRY = "ministry"
    REGION = "region"
    DEPARTMENT = "department"
    PREFECTURE = "prefecture"
    DIRECTORATE = "directorate"
    AGENCY = "agency"
    ACADEMY = "academy"
    SERVICE = "service"
    OFFICE = "office"
    PARTNERS = "partners"
    LOCAL_AUTHORITY = "local_authority"


MOST_LEVELS = 6
"""État › ministère › région › département › service › bureau (permissions.md, 2)."""


class FactorPolicy(StrEnum):
    """Of whom an administration demands a second factor: a setting of each."""

    NOBODY = "nobody"
    ADMINISTRATORS = "administrators"
    EVERYONE = "everyone"


class Administration(Base):
    """A node of the tree État › région › département › service.

    A closed one stays where it was and names its successor, to which its accounts, spaces, grants and administrators
    have gone. `all_agents_may_read`: whether its spaces may be open to read for all agents.
    """

    __tablename__ = "administrations"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'closed')", name="status"),
        CheckConstraint("space_creation IN ('everyone', 'team_leads', 'validated')", name="space_creation"),
        CheckConstraint("account_opening IN ('closed', 'validated', 'immediate')", name="account_opening"),
        CheckConstraint("second_factor IN ('nobody', 'administrators', 'everyone')", name="second_factor"),
        CheckConstraint("parent_id <> id", name="not_own_parent"),
        CheckConstraint("(status = 'closed') = (successor_id IS NOT NULL)", name="closed_has_a_successor"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    parent_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("administrations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(80))
    search_name: Mapped[str] = mapped_column(String(300))
    city: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10), default=AdministrationStatus.ACTIVE)
    successor_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("administrations.id"), index=True)
    space_creation: Mapped[str] = mapped_column(String(12), default=SpaceCreation.TEAM_LEADS)
    account_opening: Mapped[str] = mapped_column(String(10), default=AccountOpening.CLOSED)
    all_agents_may_read: Mapped[bool] = mapped_column(default=False)
    second_factor: Mapped[str] = mapped_column(String(14), default=FactorPolicy.NOBODY)

    parent: Mapped[Administration | None] = relationship(remote_side="Administration.id", foreign_keys=[parent_id])
    successor: Mapped[Administration | None] = relationship(
        remote_side="Administration.id", foreign_keys=[successor_id]
    )


class AdministrationClosure(Base):
    """`descendant` is `ancestor` or stands `depth` levels below it. Kept by triggers (see the migration)."""

    __tablename__ = "administration_closure"
    __table_args__ = (Index("ix_administration_closure_ancestor_id", "ancestor_id", "descendant_id"),)

    descendant_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"), primary_key=True)
    depth: Mapped[int]


class AdministrationSiret(Base):
    """A SIRET that names an administration; one may have several (a merger)."""

    __tablename__ = "administration_sirets"

    siret: Mapped[str] = mapped_column(String(14), primary_key=True)
    administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"), index=True)


class AdministrationDomain(Base):
    """A mail domain of an administration; one may have several."""

    __tablename__ = "administration_domains"

    domain: Mapped[str] = mapped_column(String(200), primary_key=True)
    administration_id: Mapped[int] = mapped_column(BigInt, ForeignKey("administrations.id"), index=True)
