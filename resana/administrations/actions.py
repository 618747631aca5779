"""Changing the tree of administrations: creating, naming, setting policies, moving. Closing stands in closing.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.text import line, searchable
from resana.permissions import Can, obtain

from . import following, identity, tree
from .models import (
    AccountOpening,
    Administration,
    AdministrationKind,
    AdministrationStatus,
    FactorPolicy,
    SpaceCreation,
)

Account = Any
"""An account's row; its package stands above this one."""


Listener = Callable[[Administration], object]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(administration)` within each transaction that changes of whom a second factor is demanded."""
    if listener not in _listeners:
        _listeners.append(listener)


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
    all_agents_may_read: bool = False,
    by: Account | None = None,
) -> Administration:
    """Add a node below `parent`; the closure follows by itself (triggers).

    `by` is None for the product itself. Raises Refused at the field, Conflict where the parent has closed.
    """
    tree.hold()
    _may_stand_below(parent, by)
    tree.fits(parent, 1, "parent")
    made = Administration(
        name="",
        short_name="",
        search_name="",
        kind="",
        city="",
        parent=parent,
        parent_id=parent.id if parent is not None else None,
        space_creation=space_creation,
        all_agents_may_read=all_agents_may_read,
    )
    _describe(made, name=name, short_name=short_name, kind=kind, city=city)
    session.add(made)
    session.flush()
    if sirets or mail_domains:
        identity.identify(made, sirets=sirets, mail_domains=mail_domains, by=by)
    tell(Act.ADMINISTRATION_CREATED, by=by, of=made, administration_id=made.id)
    return made


@action
def edit(
    administration: Administration,
    *,
    name: str | None = None,
    short_name: str | None = None,
    kind: str | None = None,
    city: str | None = None,
    by: Account | None,
) -> None:
    """Say anew what a node is called, what it is and where; what is None stays. Raises Refused at the field."""
    _hold(administration, Can.EDIT_ADMINISTRATION, by)
    before = _said_of(administration)
    _describe(
        administration,
        name=administration.name if name is None else name,
        short_name=administration.short_name if short_name is None else short_name,
        kind=administration.kind if kind is None else kind,
        city=administration.city if city is None else city,
    )
    session.flush()
    _tell_fields(Act.ADMINISTRATION_EDITED, administration, before, by)


@action
def set_policy(
    administration: Administration,
    space_creation: SpaceCreation | None = None,
    *,
    all_agents_may_read: bool | None = None,
    account_opening: AccountOpening | None = None,
    second_factor: FactorPolicy | None = None,
    by: Account | None,
) -> None:
    """Say who creates spaces here, whether all agents may read some, who gets an account by asking, who needs a factor.

    It holds for this one alone: nothing is inherited. What is None stays. Spaces that are open already remain so.
    """
    _hold(administration, Can.SET_POLICY, by)
    before = _said_of(administration)
    if space_creation is not None:
        administration.space_creation = space_creation
    if all_agents_may_read is not None:
        administration.all_agents_may_read = all_agents_may_read
    if account_opening is not None:
        administration.account_opening = account_opening
    if second_factor is not None:
        administration.second_factor = second_factor
    session.flush()
    for listener in _listeners if second_factor is not None else ():
        listener(administration)
    _tell_fields(Act.POLICY_SET, administration, before, by, values=True)


@action
def change(
    administration: Administration,
    *,
    name: str | None = None,
    short_name: str | None = None,
    kind: str | None = None,
    city: str | None = None,
    space_creation: SpaceCreation | None = None,
    all_agents_may_read: bool | None = None,
    by: Account | None,
) -> None:
    """Both at once: all of it, or nothing. What is None stays."""
    if (name, short_name, kind, city) != (None, None, None, None):
        edit(administration, name=name, short_name=short_name, kind=kind, city=city, by=by)
    if (space_creation, all_agents_may_read) != (None, None):
        set_policy(administration, space_creation, all_agents_may_read=all_agents_may_read, by=by)


@action
def move(administration: Administration, parent: Administration | None, *, by: Account | None) -> None:
    """Have a node, with all below it, depend on `parent` from now on (None: on nothing).

    Whoever belongs to one of them loses what the administrations above gave them, at once, also on open pages. Raises
    Refused at `parent` for a node that would stand below itself or too deep, Conflict for one that is closed.
    """
    _hold(administration, Can.MOVE_ADMINISTRATION, by)
    if parent is not None and tree.is_below(parent, administration):
        raise Refused(
            _("Une administration ne peut pas dépendre d’elle-même.")
            if parent.id == administration.id
            else _(
                "« %(parent)s » dépend de « %(name)s » : l’une ne peut pas dépendre de l’autre dans les deux sens.",
                parent=parent.name,
                name=administration.name,
            ),
            "parent",
        )
    _may_stand_below(parent, by)
    former = administration.parent
    if (parent.id if parent is not None else None) == administration.parent_id:
        return
    tree.fits(parent, tree.height(administration) + 1, "parent")
    following.move(administration, tree.lost(administration, parent))
    administration.parent = parent
    administration.parent_id = parent.id if parent is not None else None
    session.flush()
    tell(
        Act.ADMINISTRATION_MOVED,
        by=by,
        of=administration,
        administration_id=administration.id,
        former=former.public_id if former is not None else None,
        present=parent.public_id if parent is not None else None,
    )


def _hold(administration: Administration, right: Can, by: Account | None) -> None:
    """Have the tree to oneself and look again: at the node, and at what `by` may do there."""
    tree.hold()
    if tree.as_it_is(administration).status == AdministrationStatus.CLOSED:
        raise tree.closed(administration)
    if by is not None:
        obtain(by, right, administration_id=administration.public_id)


def _may_stand_below(parent: Administration | None, by: Account | None) -> None:
    if parent is None:
        if by is not None:
            obtain(by, Can.CREATE_TOP_ADMINISTRATION)
        return
    if tree.as_it_is(parent).status == AdministrationStatus.CLOSED:
        raise tree.closed(parent, "parent")
    if by is not None:
        obtain(by, Can.CREATE_ADMINISTRATION, administration_id=parent.public_id)


def _describe(administration: Administration, *, name: str, short_name: str, kind: str, city: str) -> None:
    if kind not in set(AdministrationKind):
        raise Refused(_("Choisissez une réponse."), "kind")
    administration.name = line(name, "name")
    administration.short_name = line(short_name, "short_name", 80)
    administration.city = line(city, "city", 80)
    administration.kind = AdministrationKind(kind).value
    words = f"{administration.name} {administration.short_name} {administration.city}"
    administration.search_name = searchable(words)[:300]


POLICIES = ("space_creation", "all_agents_may_read", "account_opening", "second_factor")


def _said_of(administration: Administration) -> dict[str, object]:
    return {name: getattr(administration, name) for name in ("name", "short_name", "kind", "city", *POLICIES)}


def _tell_fields(
    act: Act, administration: Administration, before: dict[str, object], by: Account | None, *, values: bool = False
) -> None:
    """Name the fields that have changed; with their `values` where they are codes, and nobody's words."""
    said = _said_of(administration)
    fields = sorted(name for name, value in said.items() if value != before[name])
    if fields:
        facts: dict[str, Any] = {name: said[name] for name in fields} if values else {}
        tell(act, by=by, of=administration, administration_id=administration.id, fields=fields, **facts)
