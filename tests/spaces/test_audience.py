"""Who sees a space, in words."""

from __future__ import annotations

from types import SimpleNamespace

from resana.core.database import session
from resana.permissions import Can, accounts_who
from resana.spaces import actions
from resana.spaces.audience import audience_of
from resana.spaces.models import Visibility


def test_the_audience_counts_who_may_read_and_says_through_what(cast: SimpleNamespace) -> None:
    readers = session.execute(accounts_who(Can.READ_SPACE, cast.space)).scalars().all()
    audience = audience_of(cast.space)
    assert audience.count + audience.guests == len(readers)
    assert (audience.count, audience.guests) == (5, 1), "Gaël, and not Gilda, whose time is over"
    assert audience.words == "DREAL et ses services + 4 personnes"


def test_all_agents_are_said_to_be_all(cast: SimpleNamespace) -> None:
    actions.change_visibility(cast.space, Visibility.AGENTS, open_to_read=True, by=cast.ines)
    audience = audience_of(cast.space)
    assert audience.words == "tous les agents"
    assert (audience.count, audience.guests) == (10, 1)
