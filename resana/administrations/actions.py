"""Changing the tree of administrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.text import line, searchable

from .models import Administration, AdministrationDomain, AdministrationSiret, SpaceCreation


@action
def create(
    *,
    name: str,
    short_name: str,
    kind: str,
    city: str,
    parent: Administration | None = None,
    sirets: Sequence[str] = (),
    mail_domains: Sequence[str] = (),
    space_creation: SpaceCreation = SpaceCreation.TEAM_LEADS,
) -> Administration:
    """Add a node below `parent`; the closure follows by itself (triggers)."""
    made = Administration(
        name=line(name, "name"),
        short_name=line(short_name, "short_name", 80),
        search_name=searchable(f"{name} {short_name} {city}")[:300],
        kind=kind,
        city=line(city, "city", 80),
        parent=parent,
        parent_id=parent.id if parent is not None else None,
        space_creation=space_creation,
    )
    session.add(made)
    session.flush()
    session.add_all(AdministrationSiret(siret=siret, administration_id=made.id) for siret in sirets)
    session.add_all(AdministrationDomain(domain=domain, administration_id=made.id) for domain in mail_domains)
    session.flush()
    return made


@action
def set_policy(administration: Administration, space_creation: SpaceCreation, *, by: Any | None) -> None:
    """Say who creates spaces in this administration. `by` is an account, whose package stands above this one."""
    former = str(administration.space_creation)
    if former == space_creation:
        return
    administration.space_creation = space_creation
    facts: dict[str, Any] = {"space_creation": str(space_creation), "former": former}
    tell(Act.POLICY_SET, by=by, of=administration, administration_id=administration.id, **facts)
