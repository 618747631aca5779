"""Appointing and dismissing administrators: strictly below one's own scope, never oneself, told by mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from resana.accounts import administrators
from resana.accounts.models import Account, AccountStatus
from resana.acts import Act
from resana.administrations import actions, closing
from resana.administrations.models import Administration, AdministrationClosure
from resana.core import acts, jobs
from resana.core.actions import action
from resana.core.acts import Told
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import No, NotAllowed, NotThere, Refused
from resana.core.mail import KeptMail
from resana.core.words import PARIS
from resana.permissions import Can, can

Together = Callable[..., list[BaseException | None]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What the journal was told."""
    found: list[Told] = []
    monkeypatch.setattr(acts, "_listeners", [found.append])
    return found


def scopes(account: Account) -> list[int]:
    return [scope.administration_id for scope in administrators.scopes_of(account)]


def mails() -> list[KeptMail]:
    jobs.drain()
    return list(session.execute(select(KeptMail).order_by(KeptMail.id)).scalars())


@action
def put(account: Account, **values: object) -> None:
    for name, value in values.items():
        setattr(account, name, value)


def test_an_administrator_appoints_strictly_below_and_the_person_is_told(
    cast: SimpleNamespace, told: list[Told]
) -> None:
    administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam)
    assert scopes(cast.marc) == [cast.at.dreal_limoges.id]
    assert can(cast.marc, Can.ADMINISTER_ACCOUNT, cast.lucie)
    assert [(one.act, one.by_id, one.of_id, one.administration_id) for one in told] == [
        (Act.ADMINISTRATOR_APPOINTED, cast.adam.id, cast.marc.id, cast.at.dreal_limoges.id)
    ]
    (mail,) = mails()
    assert mail.recipient == cast.marc.email
    assert "Adam Texier" in mail.body
    assert "DREAL, service de Limoges" in mail.subject
    administrators.dismiss(cast.marc, cast.at.dreal_limoges, by=cast.adam)
    assert scopes(cast.marc) == []
    assert not can(cast.marc, Can.ADMINISTER_ACCOUNT, cast.lucie)
    assert told[-1].act == Act.ADMINISTRATOR_DISMISSED
    assert "fin" in mails()[-1].body


def test_nobody_appoints_at_or_above_their_own_scope_or_beside_it(cast: SimpleNamespace) -> None:
    for by, who, where in (
        (cast.adam, cast.marc, cast.at.dreal),
        (cast.adam, cast.marc, cast.at.region),
        (cast.adam, cast.marc, cast.at.rectorat),
        (cast.rose, cast.marc, cast.at.region),
        (cast.rose, cast.marc, cast.at.state),
        (cast.ines, cast.marc, cast.at.dreal_limoges),
        (cast.adam, cast.bruno, cast.at.dreal_limoges),  # not one of theirs
        (cast.adam, cast.rose, cast.at.dreal_limoges),
        (cast.rose, cast.petra, cast.at.dreal),  # the platform's
    ):
        with pytest.raises(NotAllowed):
            administrators.appoint(who, where, by=by)
        session.rollback()
        with pytest.raises(NotAllowed):
            administrators.dismiss(who, where, by=by)
        session.rollback()


def test_nobody_appoints_themselves(cast: SimpleNamespace) -> None:
    for by, where in ((cast.adam, cast.at.dreal_limoges), (cast.petra, cast.at.dreal), (cast.rose, cast.at.dreal)):
        with pytest.raises(Refused) as refused:
            administrators.appoint(by, where, by=by)
        assert refused.value.field == "account_id"
        session.rollback()
    administrators.appoint(cast.adam, cast.at.dreal_limoges)
    with pytest.raises(Refused):
        administrators.dismiss(cast.adam, cast.at.dreal_limoges, by=cast.adam)


def test_the_platform_appoints_anywhere(cast: SimpleNamespace) -> None:
    administrators.appoint(cast.xavier, cast.at.state, by=cast.petra)
    assert scopes(cast.xavier) == [cast.at.state.id]
    administrators.dismiss(cast.rose, cast.at.region, by=cast.petra)
    assert scopes(cast.rose) == []


def test_a_peer_is_not_dismissed(cast: SimpleNamespace) -> None:
    administrators.appoint(cast.marc, cast.at.dreal, by=cast.rose)
    with pytest.raises(NotAllowed):
        administrators.dismiss(cast.marc, cast.at.dreal, by=cast.adam)
    session.rollback()
    with pytest.raises(NotAllowed):
        administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam)
    session.rollback()
    administrators.dismiss(cast.marc, cast.at.dreal, by=cast.rose)


def test_an_appointment_ends_on_its_date_though_nothing_runs(cast: SimpleNamespace) -> None:
    end = now() + timedelta(days=30)
    administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam, ends_at=end)
    assert end.astimezone(PARIS).strftime("%d/%m/%Y") in mails()[0].body
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert can(cast.marc, Can.ADMINISTER_ACCOUNT, cast.lucie)
        assert [one.account.id for one in administrators.administrators_of(cast.at.dreal_limoges)] == [
            cast.marc.id,
            cast.adam.id,
            cast.rose.id,
        ]
    with time_machine.travel(end, tick=False):
        assert not can(cast.marc, Can.ADMINISTER_ACCOUNT, cast.lucie)
        assert not can(cast.marc, Can.BROWSE_ADMINISTRATIONS)
        assert scopes(cast.marc) == []
        assert cast.marc.id not in [one.account.id for one in administrators.administrators_of(cast.at.dreal_limoges)]


def test_appointing_again_changes_the_end_and_open_pages_look_again(cast: SimpleNamespace, told: list[Told]) -> None:
    end = now() + timedelta(days=30)
    administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam)
    before = cast.marc.access_epoch
    administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam, ends_at=end)
    administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam, ends_at=end)
    assert [one.facts["ends_at"] for one in told] == [None, end.isoformat()]
    assert session.get_one(Account, cast.marc.id, populate_existing=True).access_epoch == before + 1
    with pytest.raises(Refused) as refused:
        administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam, ends_at=now())
    assert refused.value.field == "ends_at"


def test_only_living_agents_are_appointed(cast: SimpleNamespace) -> None:
    for status in (AccountStatus.SUSPENDED, AccountStatus.DEACTIVATED):
        put(cast.marc, status=status)
        with pytest.raises(Refused):
            administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam)
        session.rollback()
    put(cast.marc, status=AccountStatus.ACTIVE, kind="guest", valid_until=now() + timedelta(days=3))
    for by in (cast.adam, cast.petra):
        with pytest.raises((NotAllowed, NotThere)):
            administrators.appoint(cast.marc, cast.at.dreal_limoges, by=by)
        session.rollback()


def test_dismissing_who_is_none_is_said(cast: SimpleNamespace) -> None:
    with pytest.raises(NotThere):
        administrators.dismiss(cast.marc, cast.at.dreal_limoges, by=cast.adam)


def test_who_has_just_been_dismissed_appoints_nobody(cast: SimpleNamespace) -> None:
    """The right is looked at again under the lock: what the route found a moment ago does not count."""
    administrators.dismiss(cast.adam, cast.at.dreal, by=cast.rose)
    with pytest.raises(NotAllowed):
        administrators.appoint(cast.marc, cast.at.dreal_limoges, by=cast.adam)


def test_two_administrators_appoint_the_same_person_at_once(cast: SimpleNamespace, together: Together) -> None:
    ends = together(
        lambda their: administrators.appoint(their.marc, their.at.dreal_limoges, by=their.adam),
        lambda their: administrators.appoint(their.marc, their.at.dreal_limoges, by=their.rose),
    )
    assert ends == [None, None]
    assert scopes(cast.marc) == [cast.at.dreal_limoges.id]
    assert len(mails()) == 1


def test_one_dismisses_while_the_other_appoints(cast: SimpleNamespace, together: Together) -> None:
    ends = together(
        lambda their: administrators.dismiss(their.adam, their.at.dreal, by=their.rose),
        lambda their: administrators.appoint(their.marc, their.at.dreal_limoges, by=their.adam),
    )
    assert ends[0] is None
    assert ends[1] is None or isinstance(ends[1], NotAllowed)
    assert scopes(cast.adam) == []
    assert scopes(cast.marc) == ([] if ends[1] is not None else [cast.at.dreal_limoges.id])


PEOPLE = ("adam", "rose", "rejane", "marc", "ines", "lucie", "olga", "bruno")
PLACES = ("state", "region", "dreal", "dreal_limoges", "prefecture", "rectorat")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["appoint", "dismiss", "move", "close", "create"]),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.sampled_from(PLACES),
        st.sampled_from(PLACES),
    ),
    min_size=5,
    max_size=25,
)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.generate],  # each example begins where the last one ended, so that none can be made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=ACTS)
def test_no_sequence_of_acts_gives_anybody_of_a_scope_more_than_its_top_had(
    cast: SimpleNamespace, steps: list[tuple[str, str, str, str, str]]
) -> None:
    """I12. Nobody but Rose begins with the région, and the État has no administrator: so it stays."""
    before = _reach(cast.rose)
    assert cast.at.state.id not in before
    for verb, by, who, place, other in steps:
        actor, person = getattr(cast, by), getattr(cast, who)
        node, target = getattr(cast.at, place), getattr(cast.at, other)
        try:
            if verb == "appoint":
                administrators.appoint(person, node, by=actor)
            elif verb == "dismiss":
                administrators.dismiss(person, node, by=actor)
            elif verb == "move":
                actions.move(node, target, by=actor)
            elif verb == "close":
                closing.close(node, target, by=actor)
            else:
                actions.create(name="N", short_name="N", kind="office", city="Pau", parent=node, by=actor)
        except No:
            session.rollback()
    for name in PEOPLE:
        reached = _reach(getattr(cast, name))
        assert cast.at.state.id not in reached
        assert name == "rose" or cast.at.region.id not in reached
    closed = set(session.execute(select(Administration.id).where(Administration.status == "closed")).scalars())
    assert before - closed <= _reach(cast.rose)


def _reach(account: Account) -> set[int]:
    return set(
        session.execute(
            select(Administration.id)
            .join(AdministrationClosure, AdministrationClosure.descendant_id == Administration.id)
            .where(AdministrationClosure.ancestor_id.in_(scopes(account)), Administration.status == "active")
        ).scalars()
    ) | set(scopes(account))
