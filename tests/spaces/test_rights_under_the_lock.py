"""A right that was lost between the door and the lock is lost: actions ask again, whatever their callers have seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from resana.accounts import actions as accounts
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere
from resana.discussions import actions as discussions
from resana.permissions import Can, can, role_in
from resana.spaces import actions, grants, requests
from resana.spaces.models import Grant, PrincipalKind, Role, SpaceRequest, Visibility

SignIn = Callable[..., Any]


def grant_of(cast: SimpleNamespace, account: Any) -> Grant:
    found = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, account.id)
    assert found is not None
    return found


def test_who_was_a_lead_a_moment_ago_makes_no_lead(cast: SimpleNamespace) -> None:
    with pytest.raises(NotAllowed):
        grants.bring_in(cast.space, cast.olga, Role.LEAD, by=cast.marc, their_role=Role.LEAD)
    with pytest.raises(NotAllowed):
        grants.change(grant_of(cast, cast.marc), Role.LEAD, by=cast.marc, their_role=Role.LEAD)
    with pytest.raises(NotAllowed):
        grants.take_away(grant_of(cast, cast.ines), by=cast.marc, their_role=Role.LEAD)
    assert grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.olga.id) is None


def test_who_was_made_a_lead_meanwhile_is_not_taken_away_by_a_moderator(cast: SimpleNamespace) -> None:
    seen = grant_of(cast, cast.bruno)
    session.execute(
        update(Grant).where(Grant.id == seen.id).values(role=4).execution_options(synchronize_session=False)
    )
    session.commit()
    assert seen.role == Role.CONTRIBUTOR  # as the moderator's request has read it
    with pytest.raises(NotAllowed):
        grants.take_away(seen, by=cast.marc, their_role=Role.MODERATOR)


def test_a_grant_that_has_gone_meanwhile_is_not_there(cast: SimpleNamespace) -> None:
    seen = grant_of(cast, cast.bruno)
    grants.take_away(seen, by=cast.ines, their_role=Role.LEAD)
    with pytest.raises(NotThere):
        grants.change(seen, Role.READER, by=cast.ines, their_role=Role.LEAD)


def test_a_space_that_was_closed_meanwhile_is_not_joined(cast: SimpleNamespace) -> None:
    with pytest.raises(NotThere):
        grants.join(cast.space, by=cast.olga)


def test_who_is_out_opens_no_thread_and_changes_no_space(cast: SimpleNamespace) -> None:
    thread = discussions.create(cast.space, "Arrêté", by=cast.bruno)
    for attempt in (
        lambda: discussions.create(cast.space, "Encore là", body="?", by=cast.olga),
        lambda: discussions.rename(thread, "À moi", by=cast.olga),
        lambda: discussions.close(thread, by=cast.olga),
        lambda: actions.archive(cast.space, by=cast.olga),
        lambda: actions.edit(cast.space, title="À moi", description="", purpose="", by=cast.olga),
        lambda: actions.change_visibility(cast.space, Visibility.AGENTS, open_to_read=True, by=cast.olga),
    ):
        with pytest.raises(NotThere):
            attempt()


def test_a_request_is_answered_by_who_leads_now(cast: SimpleNamespace) -> None:
    asked = requests.ask_for_access(cast.space, reason="", by=cast.olga)
    with pytest.raises(NotThere):
        requests.accept_access(asked, by=cast.marc)
    with pytest.raises(NotThere):
        requests.refuse_access(asked, by=cast.marc)


@pytest.mark.parametrize("gone", ["moved", "suspended"])
def test_no_space_opens_for_who_has_left_the_administration(cast: SimpleNamespace, sign_in: SignIn, gone: str) -> None:
    """Else an administrator would open a space in another administration, or one without a lead."""
    sign_in(cast.olga).post("/api/v1/spaces", json={"title": "Orientation"})
    asked = session.execute(select(SpaceRequest)).scalar_one()
    if gone == "moved":
        accounts.change(cast.olga, administration=cast.at.prefecture, by=cast.rose)
    else:
        accounts.suspend(cast.olga, by=cast.rose)
    with pytest.raises(Conflict):
        requests.accept_space(asked, by=cast.rejane)
    requests.refuse_space(asked, answer="Partie.", by=cast.rejane)


@pytest.mark.parametrize("door", ["join", "request"])
def test_who_had_a_role_for_a_time_comes_in_again(cast: SimpleNamespace, door: str) -> None:
    """The ended grant gave nothing any more; it must not stand in the way, nor come back as what it was."""
    ended = grants.bring_in(cast.space, cast.olga, Role.MODERATOR, by=cast.ines, their_role=Role.LEAD)
    session.execute(update(Grant).where(Grant.id == ended.id).values(expires_at=now() - timedelta(hours=1)))
    session.commit()
    assert role_in(cast.olga, cast.space) is None
    if door == "join":
        actions.change_visibility(cast.space, Visibility.AGENTS, open_to_read=True, by=cast.ines)
        grants.join(cast.space, by=cast.olga)
    else:
        actions.change_visibility(cast.space, Visibility.AGENTS, open_to_read=False, by=cast.ines)
        requests.accept_access(requests.ask_for_access(cast.space, reason="", by=cast.olga), by=cast.ines)
    assert can(cast.olga, Can.BELONG_TO_SPACE, cast.space)
    assert role_in(cast.olga, cast.space) == Role.READER


def test_who_was_suspended_while_waiting_is_not_let_in(cast: SimpleNamespace) -> None:
    asked = requests.ask_for_access(cast.space, reason="", by=cast.olga)
    accounts.suspend(cast.olga, by=cast.rose)
    with pytest.raises(Conflict):
        requests.accept_access(asked, by=cast.ines)
    assert grants.grant_of(cast.space, PrincipalKind.ACCOUNT, cast.olga.id) is None
    requests.refuse_access(asked, by=cast.ines)


def test_a_request_for_a_space_is_answered_by_who_administers_now(cast: SimpleNamespace, sign_in: SignIn) -> None:
    sign_in(cast.olga).post("/api/v1/spaces", json={"title": "Orientation"})
    asked = session.execute(select(SpaceRequest)).scalar_one()
    with pytest.raises(NotThere):
        requests.accept_space(asked, by=cast.adam)
    with pytest.raises(NotThere):
        requests.refuse_space(asked, answer="Non.", by=cast.adam)
    assert requests.accept_space(asked, by=cast.rejane).title == "Orientation"
