"""An administration ends in another one: everything that pointed at it follows, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text

from resana.accounts import actions as accounts
from resana.accounts import administrators
from resana.accounts.models import Account, AdminScope
from resana.acts import Act
from resana.administrations import actions, closing, identity, queries, tree
from resana.administrations.models import Administration
from resana.core import acts, jobs
from resana.core.actions import action
from resana.core.acts import Told
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, No, NotAllowed, Refused
from resana.core.mail import KeptMail
from resana.permissions import Can, can
from resana.spaces import actions as spaces
from resana.spaces import grants, requests
from resana.spaces.models import Grant, Role, Space, SpaceRequest, Stream, StreamEvent, Visibility

SIRET = "99990001200017"
Together = Callable[..., list[BaseException | None]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What the journal was told."""
    found: list[Told] = []
    monkeypatch.setattr(acts, "_listeners", [found.append])
    return found


def epoch(account: Account) -> int:
    return session.execute(select(Account.access_epoch).where(Account.id == account.id)).scalar_one()


def home(account: Account) -> int:
    return session.execute(select(Account.home_administration_id).where(Account.id == account.id)).scalar_one()


def acl_epoch(space: Space) -> int:
    return session.execute(select(Stream.acl_epoch).where(Stream.space_id == space.id)).scalar_one()


def grants_to(administration: Administration) -> list[tuple[str, int]]:
    rows = session.execute(
        select(Grant.principal_kind, Grant.role)
        .where(Grant.principal_id == administration.id, Grant.principal_kind.in_(("administration", "subtree")))
        .order_by(Grant.id)
    )
    return [(row[0], row[1]) for row in rows]


def bring(cast: SimpleNamespace, place: Administration, role: Role, **more: object) -> Grant:
    return grants.bring_in(cast.space, place, role, by=cast.ines, their_role=Role.LEAD, **more)  # type: ignore[arg-type]


def test_everything_follows_to_the_successor(cast: SimpleNamespace, told: list[Told]) -> None:
    dreal, prefecture = cast.at.dreal, cast.at.prefecture
    identity.identify(dreal, sirets=[SIRET], mail_domains=["dreal.example"], by=None)
    bureau = actions.create(name="Bureau", short_name="Bureau", kind="office", city="Pau", parent=dreal)
    before = {name: epoch(getattr(cast, name)) for name in ("ines", "lucie", "bruno", "olga")}
    was, others = acl_epoch(cast.space), spaces.create(title="Ailleurs", by=cast.bruno)
    elsewhere = acl_epoch(others)
    told.clear()
    counted = closing.close(dreal, prefecture, by=cast.rose)
    assert counted == {"administrations": 2, "accounts": 5, "administrators": 1, "spaces": 1, "grants": 1}
    session.expire_all()
    assert (dreal.status, dreal.successor_id, dreal.parent_id) == ("closed", prefecture.id, cast.at.region.id)
    assert {home(cast.ines), home(cast.marc), home(cast.adam)} == {prefecture.id}
    assert home(cast.lucie) == cast.at.dreal_limoges.id
    assert (cast.at.dreal_limoges.parent_id, bureau.parent_id) == (prefecture.id, prefecture.id)
    assert cast.space.owner_administration_id == prefecture.id
    assert grants_to(dreal) == []
    assert grants_to(prefecture) == [("subtree", Role.READER)]
    assert queries.sirets_of(prefecture) == [SIRET]
    assert queries.domains_of(prefecture) == ["dreal.example", "prefecture.example"]
    assert [scope.administration_id for scope in administrators.scopes_of(cast.adam)] == [prefecture.id]
    assert {name: epoch(getattr(cast, name)) - value for name, value in before.items()} == {
        "ines": 1,
        "lucie": 1,
        "bruno": 0,
        "olga": 0,
    }
    assert acl_epoch(cast.space) == was + 1
    assert acl_epoch(others) == elsewhere
    assert can(cast.lucie, Can.READ_SPACE, cast.space)
    assert [one.act for one in told] == [
        Act.ADMINISTRATOR_APPOINTED,
        Act.SPACE_PASSED_ON,
        Act.GRANT_REPOINTED,
        Act.ADMINISTRATION_CLOSED,
        Act.ADMINISTRATION_CLOSED,
    ]
    assert told[2].space_id == cast.space.id
    assert told[2].facts == {
        "former": dreal.public_id,
        "present": prefecture.public_id,
        "role": Role.READER,
        "merged": False,
    }
    assert {one.administration_id for one in told[-2:]} == {dreal.id, prefecture.id}
    assert told[-1].facts == {"successor": prefecture.public_id, **counted}


def test_open_pages_hear_of_it_in_order(cast: SimpleNamespace) -> None:
    closing.close(cast.at.dreal, cast.at.prefecture, by=cast.petra)
    events = session.execute(
        select(StreamEvent.kind, StreamEvent.seq)
        .where(StreamEvent.stream_id == cast.space.stream.id)
        .order_by(StreamEvent.seq)
    ).all()
    assert [row[0] for row in events[-2:]] == ["space_edited", "member_changed"]
    assert [row[1] for row in events] == list(range(1, len(events) + 1))


def test_the_administrators_who_follow_are_told(cast: SimpleNamespace) -> None:
    closing.close(cast.at.dreal, cast.at.prefecture, by=cast.rose)
    jobs.drain()
    (mail,) = session.execute(select(KeptMail)).scalars()
    assert mail.recipient == cast.adam.email
    assert "Préfecture de région" in mail.body


@pytest.mark.parametrize(
    ("of_former", "of_successor", "kept"),
    [(2, 1, 2), (1, 2, 2), (1, 1, 1)],
)
def test_of_two_grants_that_become_one_the_higher_role_is_kept(
    cast: SimpleNamespace, told: list[Told], of_former: int, of_successor: int, kept: int
) -> None:
    bring(cast, cast.at.rectorat, Role(of_former), subtree=True)
    bring(cast, cast.at.prefecture, Role(of_successor), subtree=True)
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    assert grants_to(cast.at.prefecture) == [("subtree", kept)]
    (repointed,) = [one for one in told if one.act == Act.GRANT_REPOINTED]
    assert repointed.facts["merged"] is True
    assert repointed.facts["role"] == kept


def test_a_grant_to_the_node_and_one_to_its_sub_tree_stay_two(cast: SimpleNamespace) -> None:
    bring(cast, cast.at.rectorat, Role.CONTRIBUTOR)
    bring(cast, cast.at.prefecture, Role.READER, subtree=True)
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    assert sorted(grants_to(cast.at.prefecture)) == [("administration", 2), ("subtree", 1)]


def test_a_grant_that_has_ended_gives_its_role_to_nobody(cast: SimpleNamespace) -> None:
    ended = bring(cast, cast.at.rectorat, Role.CONTRIBUTOR)
    _end(ended)
    bring(cast, cast.at.prefecture, Role.READER)
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    (grant,) = session.execute(
        select(Grant).where(Grant.principal_id == cast.at.prefecture.id, Grant.principal_kind == "administration")
    ).scalars()
    assert (grant.role, grant.expires_at) == (Role.READER, None)


@action
def _end(grant: Grant) -> None:
    grant.expires_at = now() - timedelta(days=1)


def test_of_two_equal_roles_the_later_end_is_kept(cast: SimpleNamespace) -> None:
    soon = now() + timedelta(days=2)
    bring(cast, cast.at.rectorat, Role.READER, expires_at=soon + timedelta(days=9))
    bring(cast, cast.at.prefecture, Role.READER, expires_at=soon)
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    ends = select(Grant.expires_at).where(
        Grant.principal_id == cast.at.prefecture.id, Grant.principal_kind == "administration"
    )
    assert session.execute(ends).scalars().all() == [soon + timedelta(days=9)]


def test_what_a_space_shows_its_administration_follows_its_owner(cast: SimpleNamespace) -> None:
    space = spaces.create(title="Site", by=cast.olga, visibility=Visibility.ADMINISTRATION, open_to_read=True)
    assert not can(cast.bruno, Can.READ_SPACE, space)
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    assert can(cast.bruno, Can.READ_SPACE, space)
    assert can(cast.olga, Can.READ_SPACE, space)
    assert (
        session.execute(
            select(func.count()).where(Grant.space_id == space.id, Grant.origin == "visibility")
        ).scalar_one()
        == 1
    )


def test_what_stood_above_the_former_one_alone_is_lost(cast: SimpleNamespace) -> None:
    stranger = actions.create(name="Collectivité", short_name="Coll.", kind="local_authority", city="Pau")
    bring(cast, cast.at.region, Role.READER, subtree=True)
    was = acl_epoch(cast.space)
    assert can(cast.olga, Can.READ_SPACE, cast.space)
    closing.close(cast.at.rectorat, stranger, by=cast.petra)
    assert not can(cast.olga, Can.READ_SPACE, cast.space)
    assert acl_epoch(cast.space) == was + 1
    assert epoch(cast.olga) == 1


def test_a_waiting_request_is_answered_by_the_successors_administrators(cast: SimpleNamespace) -> None:
    asked = requests.ask_for_space(
        title="Nouveau", description="", purpose="", visibility=Visibility.PRIVATE, open_to_read=False, by=cast.olga
    )
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    assert can(cast.rejane, Can.ANSWER_SPACE_REQUEST, asked)
    space = requests.accept_space(session.get_one(SpaceRequest, asked.id), by=cast.rejane)
    assert space.owner_administration_id == cast.at.prefecture.id


def test_two_scopes_that_become_one_last_as_long_as_either(cast: SimpleNamespace) -> None:
    soon = now() + timedelta(days=3)
    administrators.appoint(cast.marc, cast.at.rectorat, ends_at=soon + timedelta(days=1))
    administrators.appoint(cast.marc, cast.at.prefecture, ends_at=soon)
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    scopes = session.execute(select(AdminScope.ends_at).where(AdminScope.account_id == cast.marc.id)).scalars().all()
    assert scopes == [soon + timedelta(days=1)]


def test_nothing_ends_in_itself_or_in_what_stands_below_it(cast: SimpleNamespace) -> None:
    for successor in (cast.at.region, cast.at.dreal_limoges):
        with pytest.raises(Refused) as refused:
            closing.close(cast.at.region, successor, by=cast.petra)
        assert refused.value.field == "successor"
        session.rollback()


def test_what_is_closed_stays_closed(cast: SimpleNamespace) -> None:
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    gone = cast.at.rectorat
    for tried in (
        lambda: closing.close(gone, cast.at.dreal, by=cast.rose),
        lambda: closing.close(cast.at.dreal, gone, by=cast.rose),
        lambda: actions.move(gone, cast.at.dreal, by=cast.petra),
        lambda: actions.move(cast.at.dreal, gone, by=cast.petra),
        lambda: actions.edit(gone, name="Autre", by=cast.petra),
        lambda: actions.create(name="N", short_name="N", kind="office", city="Pau", parent=gone, by=cast.petra),
        lambda: administrators.appoint(cast.marc, gone, by=cast.petra),
        lambda: bring(cast, gone, Role.READER),
        lambda: accounts.create(email="n@x.example", first_name="N", last_name="N", administration=gone, by=None),
        lambda: accounts.change(cast.lucie, administration=gone, by=cast.rose),
    ):
        with pytest.raises(Conflict) as conflict:
            tried()
        assert "Préfecture de région" in conflict.value.detail
        session.rollback()


def test_a_successor_may_close_in_its_turn(cast: SimpleNamespace) -> None:
    closing.close(cast.at.rectorat, cast.at.prefecture, by=cast.rose)
    closing.close(cast.at.prefecture, cast.at.dreal, by=cast.rose)
    assert home(cast.olga) == cast.at.dreal.id
    assert session.get_one(Administration, cast.at.rectorat.id).successor_id == cast.at.prefecture.id
    assert grants_to(cast.at.prefecture) == []


def test_nobodys_scope_grows_by_a_merger(cast: SimpleNamespace) -> None:
    for by, node, successor in (
        (cast.adam, cast.at.dreal_limoges, cast.at.dreal),  # into the top of one's own scope
        (cast.adam, cast.at.dreal, cast.at.rectorat),
        (cast.adam, cast.at.rectorat, cast.at.dreal_limoges),
        (cast.adam, cast.at.dreal_limoges, cast.at.rectorat),
        (cast.rose, cast.at.region, cast.at.state),
        (cast.rose, cast.at.dreal, cast.at.region),
        (cast.ines, cast.at.dreal_limoges, cast.at.rectorat),
    ):
        with pytest.raises((NotAllowed, Refused)):
            closing.close(node, successor, by=by)
        session.rollback()
        assert session.get_one(Administration, node.id, populate_existing=True).status == "active"


def test_a_tree_too_high_does_not_go_below_its_successor(cast: SimpleNamespace) -> None:
    at = cast.at.dreal_limoges
    for _level in range(2):
        at = actions.create(name="N", short_name="N", kind="office", city="Pau", parent=at)
    deep = actions.create(name="D", short_name="D", kind="office", city="Pau", parent=cast.at.rectorat)
    with pytest.raises(Refused) as refused:
        closing.close(cast.at.dreal, deep, by=cast.petra)
    assert refused.value.field == "successor"
    session.rollback()
    assert tree.level(at) == 6


def test_two_administrators_who_close_the_same_node_close_it_once(cast: SimpleNamespace, together: Together) -> None:
    ends = together(
        lambda their: closing.close(their.at.rectorat, their.at.prefecture, by=their.rose),
        lambda their: closing.close(their.at.rectorat, their.at.dreal, by=their.petra),
    )
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "NoneType"]
    kept = session.get_one(Administration, cast.at.rectorat.id, populate_existing=True).successor_id
    assert home(cast.olga) == kept


def test_two_moves_at_once_make_no_cycle(cast: SimpleNamespace, together: Together) -> None:
    ends = together(
        lambda their: actions.move(their.at.dreal, their.at.rectorat, by=their.rose),
        lambda their: actions.move(their.at.rectorat, their.at.dreal, by=their.petra),
    )
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "Refused"]
    cycles = "SELECT count(*) FROM administration_closure WHERE descendant_id = ancestor_id AND depth > 0"
    assert session.execute(text(cycles)).scalar_one() == 0


def test_nobody_is_left_behind_who_arrives_while_it_closes(cast: SimpleNamespace, together: Together) -> None:
    def arrive(their: SimpleNamespace) -> None:
        accounts.create(
            email="n@rectorat.example",
            first_name="N",
            last_name="N",
            administration=their.at.rectorat,
            by=their.rejane,
        )

    def close(their: SimpleNamespace) -> None:
        closing.close(their.at.rectorat, their.at.prefecture, by=their.rose)

    for end in together(arrive, close):
        assert end is None or isinstance(end, No), end
    left = select(func.count()).where(Account.home_administration_id == cast.at.rectorat.id)
    assert session.execute(left).scalar_one() == 0
