"""Changing the tree of administrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.text import line, searchable

from .models import Administration, AdministrationDomain, AdministrationSiret, FactorPolicy, SpaceCreation


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


Listener = Callable[[Administration], object]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(administration)` within each transaction that changes a policy."""
    if listener not in _listeners:
        _listeners.append(listener)


@action
def set_policy(
    administration: Administration,
    space_creation: SpaceCreation,
    second_factor: FactorPolicy | None = None,
    *,
    by: Any | None = None,
) -> None:
    """Say who creates spaces in this administration, and of whom a second factor is demanded (None: as before)."""
    administration.space_creation = space_creation
    if second_factor is not None:
        administration.second_factor = second_factor
    session.flush()
    for listener in _listeners:
        listener(administration)
    tell(
        Act.POLICY_SET,
        by=by,
        of=administration,
        administration_id=administration.id,
        space_creation=administration.space_creation,
        second_factor=administration.second_factor,
    )
