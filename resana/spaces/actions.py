"""Changing a space itself: opening, describing, showing, archiving."""

from __future__ import annotations

from flask_babel import gettext as _

from resana.accounts.factors import policy
from resana.accounts.models import Account
from resana.acts import Act
from resana.administrations import tree
from resana.administrations.models import Administration
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Refused, Stale
from resana.core.jobs import enqueue
from resana.core.text import line, paragraph, searchable
from resana.events import Event
from resana.permissions import Can, obtain

from . import guests
from .grants import give, give_by_visibility
from .keeping import look_after
from .models import Role, Space, SpaceState, Stream, Visibility
from .streams import hold, record, shrink

LONGEST_DESCRIPTION = 2_000
LONGEST_PURPOSE = 5_000


@action
def create(
    *,
    title: str,
    by: Account,
    description: str = "",
    purpose: str = "",
    visibility: Visibility = Visibility.PRIVATE,
    open_to_read: bool = False,
) -> Space:
    """Open a space, owned by the home administration of its first lead."""
    tree.stays_open(by.home_administration)
    space = Space(
        owner_administration=by.home_administration,
        title="",
        search_title="",
        visibility=Visibility.PRIVATE,
        created_by_id=by.id,
        stream=Stream(),
    )
    _describe(space, title, description, purpose)
    session.add(space)
    session.flush()
    give(space, "account", by.id, Role.LEAD, by=by)
    record(Event.SPACE_CREATED, space.stream, by=by)
    if visibility != Visibility.PRIVATE:
        _show(space, visibility, open_to_read, by)
    return space


@action
def edit(space: Space, *, title: str, description: str, purpose: str, by: Account, version: int | None = None) -> None:
    """Describe a space anew. `version` is the one that the writer saw; raises Stale where another one is there now."""
    _hold(space, Can.EDIT_SPACE, by)
    if version is not None and version != space.version:
        raise Stale
    _describe(space, title, description, purpose)
    space.version += 1
    record(Event.SPACE_EDITED, space.stream, by=by)


@action
def change_visibility(space: Space, visibility: Visibility, *, open_to_read: bool, by: Account) -> None:
    """Say who may know of the space without being in it, and whether they may read it."""
    _hold(space, Can.CHANGE_VISIBILITY, by)
    if space.visibility == visibility and space.open_to_read == open_to_read:
        return
    _show(space, visibility, open_to_read, by)


@action
def require_second_factor(space: Space, required: bool, *, by: Account) -> None:
    """Open the space only to who has a second factor, or to all its members again. Raises Refused at
    `second_factor_required` where `by` would close it to themselves.
    """
    _hold(space, Can.CHANGE_VISIBILITY, by)
    if space.second_factor_required == required:
        return
    if required and not policy.has_one(by):
        raise Refused(
            _("Protégez d’abord votre propre compte : sans vérification en deux étapes, vous n’y auriez plus accès."),
            "second_factor_required",
        )
    space.second_factor_required = required
    shrink(space.stream)
    record(Event.VISIBILITY_CHANGED, space.stream, by=by, kept=False)
    tell(
        Act.FACTOR_REQUIREMENT_CHANGED,
        by=by,
        of=space,
        administration_id=space.owner_administration_id,
        space_id=space.id,
        required=required,
    )


@action
def archive(space: Space, *, by: Account) -> None:
    """Close a space for writing; everybody in it goes on reading. Safe to call twice."""
    _hold(space, Can.ARCHIVE_SPACE, by)
    if space.state == SpaceState.ARCHIVED:
        return
    space.state = SpaceState.ARCHIVED
    shrink(space.stream)
    record(Event.SPACE_ARCHIVED, space.stream, by=by)


@action
def reopen(space: Space, *, by: Account) -> None:
    """Open an archived space for writing again. Safe to call twice."""
    _hold(space, Can.ARCHIVE_SPACE, by)
    if space.state == SpaceState.ACTIVE:
        return
    space.state = SpaceState.ACTIVE
    record(Event.SPACE_REOPENED, space.stream, by=by)
    session.flush()
    look_after(space, by=by)


@action
def trash(space: Space, *, by: Account) -> None:
    """Put a space into the trash: nobody reads it any more, and its leads and administrators may bring it back."""
    _hold(space, Can.TRASH_SPACE, by)
    space.trashed_from, space.state, space.trashed_at = space.state, SpaceState.TRASHED, now()
    shrink(space.stream)
    record(Event.SPACE_TRASHED, space.stream, by=by, kept=False)
    _tell_of_trash(Act.SPACE_TRASHED, "trashed", space, by)


@action
def restore(space: Space, *, by: Account) -> None:
    """Bring a space back from the trash as it was; without a lead, it waits for one."""
    _hold(space, Can.RESTORE_SPACE, by)
    space.state = space.trashed_from or SpaceState.ACTIVE
    space.trashed_from = space.trashed_at = None
    record(Event.SPACE_RESTORED, space.stream, by=by, kept=False)
    _tell_of_trash(Act.SPACE_RESTORED, "restored", space, by)
    session.flush()
    look_after(space, by=by)


def _tell_of_trash(act: Act, kind: str, space: Space, by: Account) -> None:
    tell(act, by=by, of=space, administration_id=space.owner_administration_id, space_id=space.id)
    enqueue("space_notice", {"space_id": space.id, "kind": kind, "by": by.id})


@action
def change(
    space: Space,
    *,
    by: Account,
    title: str | None = None,
    description: str | None = None,
    purpose: str | None = None,
    visibility: Visibility | None = None,
    open_to_read: bool | None = None,
    guests_allowed: bool | None = None,
    archived: bool | None = None,
    second_factor_required: bool | None = None,
    version: int | None = None,
) -> None:
    """Change several things of a space at once; what is None stays."""
    if (title, description, purpose) != (None, None, None):
        edit(
            space,
            title=space.title if title is None else title,
            description=space.description if description is None else description,
            purpose=space.purpose if purpose is None else purpose,
            version=version,
            by=by,
        )
    if visibility is not None or open_to_read is not None:
        change_visibility(
            space,
            Visibility(space.visibility) if visibility is None else visibility,
            open_to_read=space.open_to_read if open_to_read is None else open_to_read,
            by=by,
        )
    if second_factor_required is not None:
        require_second_factor(space, second_factor_required, by=by)
    if guests_allowed is not None:
        guests.allow(space, guests_allowed, by=by)
    if archived is not None:
        (archive if archived else reopen)(space, by=by)


def _hold(space: Space, right: Can, by: Account) -> None:
    """Take the stream's lock and ask again: who has been lowered a moment ago changes nothing any more.

    The space is read anew with it.
    """
    hold(space.stream)
    obtain(by, right, space_id=space.public_id)


def _describe(space: Space, title: str, description: str, purpose: str) -> None:
    space.title = line(title, "title")
    space.search_title = searchable(space.title)[:300]
    space.description = paragraph(description, "description", LONGEST_DESCRIPTION)
    space.purpose = paragraph(purpose, "purpose", LONGEST_PURPOSE)


def _show(space: Space, visibility: Visibility, open_to_read: bool, by: Account) -> None:
    if visibility == Visibility.PRIVATE and open_to_read:
        raise Refused(_("Un espace privé ne peut pas être ouvert en lecture."), "open_to_read")
    if visibility == Visibility.AGENTS and open_to_read:
        may_be_open_to_all(space.owner_administration)
    facts = {
        "visibility": str(visibility),
        "open_to_read": open_to_read,
        "former_visibility": str(space.visibility),
        "formerly_open_to_read": space.open_to_read,
    }
    space.visibility = visibility
    space.open_to_read = open_to_read
    give_by_visibility(space, visibility, Role.READER if open_to_read else Role.CARD, by=by)
    shrink(space.stream)
    record(Event.VISIBILITY_CHANGED, space.stream, by=by, facts=facts)


def may_be_open_to_all(owner: Administration) -> None:
    """Make sure that a space of this administration may be open to read for all agents. Raises Refused."""
    if not tree.as_it_is(owner).all_agents_may_read:
        raise Refused(
            _(
                "« %(name)s » ne permet pas d’ouvrir ses espaces en lecture à tous les agents. "
                "Laissez-les voir la présentation et demander l’accès, ou parlez-en à un administrateur.",
                name=owner.name,
            ),
            "open_to_read",
        )
