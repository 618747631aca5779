"""That somebody read the journal stands in the journal (security.md, 40)."""

from __future__ import annotations

from flask import g

from resana.accounts.models import Account
from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.spaces.models import Space

from . import queries
from .queries import Filters


def note_reading(space: Space | None, *, by: Account) -> None:
    """Write down that `by` reads a space's journal, or their scope's: once an hour and sign-in."""
    if not queries.read_lately(by, g.get("signed_in_by"), space):
        _note(Act.JOURNAL_READ, space, by, {})


def note_export(space: Space | None, filters: Filters, *, by: Account) -> None:
    """Write down that `by` takes a journal away, and how it was narrowed. Words of a name are not kept."""
    narrowed: dict[str, object] = dict(filters.as_arguments())
    if "who" in narrowed:
        narrowed["who"] = True
    _note(Act.JOURNAL_EXPORTED, space, by, narrowed)


@action
def _note(act: Act, space: Space | None, by: Account, facts: dict[str, object]) -> None:
    place = None if by.platform_admin else by.home_administration_id
    tell(
        act,
        by=by,
        of=space,
        administration_id=space.owner_administration_id if space is not None else place,
        space_id=space.id if space is not None else None,
        narrowed=facts,
    )
