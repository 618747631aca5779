"""Changing the tree by actions: naming, moving, what is known outside, policies; and who may not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from resana.accounts import administrators, presence
from resana.accounts.models import Account
from resana.acts import Act
from resana.administrations import actions, identity, queries
from resana.administrations.models import MOST_LEVELS, Administration, SpaceCreation
from resana.core import acts
from resana.core.acts import Told
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, Refused
from resana.permissions import Can, can
from resana.spaces import actions as spaces
from resana.spaces import requests
from resana.spaces.models import SpaceRequest, Stream, Visibility

SIRET, OTHER_SIRET = "99990001200017", "99990002000010"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What the journal was told."""
    found: list[Told] = []
    monkeypatch.setattr(acts, "_listeners", [found.append])
    return found


def add(parent: Administration | None, by: Account | None = None, name: str = "Bureau de l’eau") -> Administration:
    return actions.create(name=name, short_name="Eau", kind="office", city="Limoges", parent=parent, by=by)


def epoch(account: Account) -> int:
    return session.execute(select(Account.access_epoch).where(Account.id == account.id)).scalar_one()


def test_administrators_add_below_what_they_administer_and_nowhere_else(
    cast: SimpleNamespace, told: list[Told]
) -> None:
    made = add(cast.at.dreal_limoges, cast.adam)
    assert made.parent_id == cast.at.dreal_limoges.id
    assert [(one.act, one.by_id, one.administration_id) for one in told] == [
        (Act.ADMINISTRATION_CREATED, cast.adam.id, made.id)
    ]
    assert add(cast.at.dreal, cast.adam).parent_id == cast.at.dreal.id
    for by, parent in (
        (cast.adam, cast.at.region),
        (cast.adam, cast.at.rectorat),
        (cast.adam, None),
        (cast.rose, None),
        (cast.ines, cast.at.dreal),
    ):
        with pytest.raises(NotAllowed):
            add(parent, by)
    assert add(None, cast.petra).parent_id is None
    assert add(cast.at.rectorat, cast.petra).parent_id == cast.at.rectorat.id


def test_a_tree_has_six_levels(cast: SimpleNamespace) -> None:
    at = cast.at.dreal_limoges
    for _level in range(MOST_LEVELS - 4):
        at = add(at)
    with pytest.raises(Refused) as refused:
        add(at)
    assert refused.value.field == "parent"
    with pytest.raises(Refused) as refused:
        actions.move(cast.at.dreal, cast.at.rectorat, by=cast.petra)
    assert refused.value.field == "parent"


@pytest.mark.parametrize("hostile", ["", "  ", "a\x00b", "a\u202eb", "a\nb", "x" * 201])
def test_names_are_made_sane(cast: SimpleNamespace, hostile: str) -> None:
    for field in ("name", "short_name", "city"):
        with pytest.raises(Refused) as refused:
            actions.edit(cast.at.dreal, **{field: hostile}, by=cast.adam)
        assert refused.value.field == field
        session.rollback()
    with pytest.raises(Refused) as refused:
        actions.edit(cast.at.dreal, kind=hostile, by=cast.adam)
    assert refused.value.field == "kind"


def test_a_new_name_is_found_at_once_and_told(cast: SimpleNamespace, told: list[Told]) -> None:
    actions.edit(cast.at.dreal, name="Direction de l’eau", city="Niort", by=cast.adam)
    assert [one.facts for one in told] == [{"fields": ["city", "name"]}]
    rows = session.execute(queries.known_to(cast.bruno, "niort eau")).all()
    assert [row[0].id for row in rows] == [cast.at.dreal.id]
    actions.edit(cast.at.dreal, name="Direction de l’eau", by=cast.adam)
    assert len(told) == 1
    for by in (cast.rejane, cast.ines):
        with pytest.raises(NotAllowed):
            actions.edit(cast.at.dreal, name="Autre", by=by)


def test_a_node_moves_with_all_below_it(cast: SimpleNamespace, told: list[Told]) -> None:
    heard: list[object] = []
    presence.listen(lambda *what: heard.append(what))
    before = {name: epoch(getattr(cast, name)) for name in ("lucie", "ines", "olga")}
    stream = cast.space.stream.acl_epoch
    assert can(cast.lucie, Can.READ_SPACE, cast.space)
    actions.move(cast.at.dreal_limoges, cast.at.rectorat, by=cast.rose)
    assert not can(cast.lucie, Can.READ_SPACE, cast.space)
    assert epoch(cast.lucie) == before["lucie"] + 1
    assert epoch(cast.ines) == before["ines"]
    assert epoch(cast.olga) == before["olga"]
    assert ("account", 0, None, None) in heard
    stream_now = select(Stream.acl_epoch).where(Stream.id == cast.space.stream.id)
    assert session.execute(stream_now).scalar_one() == stream + 1
    assert [(one.act, one.facts) for one in told] == [
        (
            Act.ADMINISTRATION_MOVED,
            {"former": cast.at.dreal.public_id, "present": cast.at.rectorat.public_id},
        )
    ]
    assert can(cast.rejane, Can.ADMINISTER_ACCOUNT, cast.lucie)
    assert not can(cast.adam, Can.ADMINISTER_ACCOUNT, cast.lucie)


def test_a_move_to_where_it_stands_is_no_move(cast: SimpleNamespace, told: list[Told]) -> None:
    before = epoch(cast.lucie)
    actions.move(cast.at.dreal_limoges, cast.at.dreal, by=cast.rose)
    assert epoch(cast.lucie) == before
    assert told == []


def test_a_cycle_is_refused_in_words(cast: SimpleNamespace) -> None:
    for parent in (cast.at.region, cast.at.dreal, cast.at.dreal_limoges):
        with pytest.raises(Refused) as refused:
            actions.move(cast.at.region, parent, by=cast.petra)
        assert refused.value.field == "parent"
        assert "dépend" in refused.value.detail


def test_administrators_move_only_within_their_scope(cast: SimpleNamespace) -> None:
    for by, node, parent in (
        (cast.adam, cast.at.dreal, cast.at.region),  # one's own scope
        (cast.adam, cast.at.dreal_limoges, cast.at.region),  # out of it
        (cast.adam, cast.at.rectorat, cast.at.dreal),  # into it
        (cast.adam, cast.at.dreal_limoges, None),
        (cast.rose, cast.at.region, None),
        (cast.ines, cast.at.dreal_limoges, cast.at.rectorat),
    ):
        with pytest.raises(NotAllowed):
            actions.move(node, parent, by=by)
        session.rollback()
    actions.move(cast.at.dreal_limoges, cast.at.prefecture, by=cast.rose)
    actions.move(cast.at.dreal_limoges, cast.at.region, by=cast.rose)
    actions.move(cast.at.dreal_limoges, None, by=cast.petra)
    assert session.get_one(Administration, cast.at.dreal_limoges.id).parent_id is None


def test_policies_hold_for_one_administration_alone(cast: SimpleNamespace, told: list[Told]) -> None:
    actions.set_policy(cast.at.region, SpaceCreation.EVERYONE, all_agents_may_read=True, by=cast.rose)
    values = {"all_agents_may_read": True, "space_creation": "everyone"}
    assert told[0].facts == {"fields": ["all_agents_may_read", "space_creation"], **values}
    below = session.execute(
        select(func.count()).where(Administration.all_agents_may_read, Administration.parent_id == cast.at.region.id)
    ).scalar_one()
    assert below == 1  # the DREAL had it before
    with pytest.raises(NotAllowed):
        actions.set_policy(cast.at.region, all_agents_may_read=True, by=cast.adam)
    actions.set_policy(cast.at.rectorat, all_agents_may_read=True, by=cast.petra)


def test_spaces_are_open_to_all_only_where_their_administration_allows_it(cast: SimpleNamespace) -> None:
    space = spaces.create(title="Fermé", by=cast.bruno)
    wide = {"visibility": Visibility.AGENTS, "open_to_read": True}
    for refused_way in (
        lambda: spaces.create(title="Ouvert", **wide, by=cast.bruno),  # type: ignore[arg-type]
        lambda: spaces.change_visibility(space, Visibility.AGENTS, open_to_read=True, by=cast.bruno),
        lambda: spaces.change(space, **wide, by=cast.bruno),  # type: ignore[arg-type]
        lambda: requests.ask_for_space(title="Ouvert", description="", purpose="", **wide, by=cast.olga),  # type: ignore[arg-type]
    ):
        with pytest.raises(Refused) as refused:
            refused_way()
        assert refused.value.field == "open_to_read"
        session.rollback()
    spaces.change_visibility(space, Visibility.AGENTS, open_to_read=False, by=cast.bruno)
    spaces.change_visibility(space, Visibility.ADMINISTRATION, open_to_read=True, by=cast.bruno)
    actions.set_policy(cast.at.prefecture, all_agents_may_read=True, by=cast.rose)
    spaces.change_visibility(space, Visibility.AGENTS, open_to_read=True, by=cast.bruno)
    assert can(cast.olga, Can.READ_SPACE, space)
    actions.set_policy(cast.at.prefecture, all_agents_may_read=False, by=cast.rose)
    spaces.edit(space, title="Toujours ouvert", description="", purpose="", by=cast.bruno)
    assert can(cast.olga, Can.READ_SPACE, space)


def test_a_request_is_not_a_way_round_the_policy(cast: SimpleNamespace) -> None:
    actions.set_policy(cast.at.rectorat, all_agents_may_read=True, by=cast.rejane)
    asked = requests.ask_for_space(
        title="Ouvert", description="", purpose="", visibility=Visibility.AGENTS, open_to_read=True, by=cast.olga
    )
    actions.set_policy(cast.at.rectorat, all_agents_may_read=False, by=cast.rejane)
    with pytest.raises(Refused):
        requests.accept_space(asked, by=cast.rejane)
    session.rollback()
    assert session.get_one(SpaceRequest, asked.id).state == "waiting"


def test_an_administration_has_several_sirets_and_domains(cast: SimpleNamespace, told: list[Told]) -> None:
    typed = ["999 900 012 00017", OTHER_SIRET, "\u00a099990001200017 "]
    identity.identify(cast.at.dreal, sirets=typed, mail_domains=["@DREAL.example", "drire.example."], by=cast.petra)
    assert queries.sirets_of(cast.at.dreal) == [SIRET, OTHER_SIRET]
    assert queries.domains_of(cast.at.dreal) == ["dreal.example", "drire.example"]
    assert told[0].facts == {"sirets": 2, "mail_domains": 2}
    identity.identify(cast.at.dreal, sirets=[OTHER_SIRET], mail_domains=["écologie.example"], by=cast.petra)
    assert queries.sirets_of(cast.at.dreal) == [OTHER_SIRET]
    assert queries.domains_of(cast.at.dreal) == ["xn--cologie-9xa.example"]
    identity.identify(cast.at.rectorat, sirets=[SIRET], mail_domains=["dreal.example"], by=cast.petra)
    assert len(told) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sirets", "99990001200018"),  # the key
        ("sirets", "9999000120001"),
        ("sirets", "9999000120001７"),
        ("sirets", "-9990001200017"),
        ("mail_domains", "dreal"),
        ("mail_domains", "dreal..example"),
        ("mail_domains", "-dreal.example"),
        ("mail_domains", "dr eal.example"),
        ("mail_domains", "a@dreal.example"),
        ("mail_domains", "dreal.example\x00"),
        ("mail_domains", "x" * 64 + ".example"),
        ("mail_domains", "gmail.com"),
    ],
)
def test_what_is_no_siret_or_domain_is_refused(cast: SimpleNamespace, field: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        identity.identify(cast.at.dreal, **({"sirets": [], "mail_domains": []} | {field: [value]}), by=cast.petra)
    assert refused.value.field == field


def test_the_post_has_keys_of_its_own() -> None:
    assert identity.clean_siret("35600000000048") == "35600000000048"
    assert identity.clean_siret("35600000049837") == "35600000049837"
    with pytest.raises(Refused):
        identity.clean_siret("35600000049838")


def test_a_siret_or_domain_names_one_administration(cast: SimpleNamespace) -> None:
    identity.identify(cast.at.rectorat, sirets=[SIRET], mail_domains=["rectorat.example"], by=cast.petra)
    for sirets, domains, field in (([SIRET], [], "sirets"), ([], ["rectorat.example"], "mail_domains")):
        with pytest.raises(Conflict) as conflict:
            identity.identify(cast.at.dreal, sirets=sirets, mail_domains=domains, by=cast.petra)
        assert conflict.value.field == field
        assert "Rectorat de Limoges" in conflict.value.detail
        session.rollback()
        with pytest.raises(Conflict) as conflict:
            identity.identify(cast.at.dreal, sirets=sirets, mail_domains=domains, by=None)
        assert "Rectorat" not in conflict.value.detail
        session.rollback()
    assert queries.domains_of(cast.at.dreal) == ["dreal.example"]


def test_nobody_but_the_platform_claims_a_domain(cast: SimpleNamespace) -> None:
    for by in (cast.adam, cast.rose):
        with pytest.raises(NotAllowed):
            identity.identify(cast.at.dreal, sirets=[], mail_domains=["rectorat-de-paris.example"], by=by)
        session.rollback()
        with pytest.raises(NotAllowed):
            actions.create(
                name="N", short_name="N", kind="office", city="Pau", parent=cast.at.dreal, sirets=[SIRET], by=by
            )
        session.rollback()


def test_an_address_belongs_where_its_whole_domain_does(cast: SimpleNamespace) -> None:
    found = identity.by_address("Nina.Prat@DREAL.example")
    assert found is not None
    assert found.id == cast.at.dreal.id
    for stranger in (
        "nina@x.dreal.example",
        "nina@evil-dreal.example",
        "nina@dreal.example.evil.example",
        "nina@example",
        "dreal.example",
        "",
    ):
        assert identity.by_address(stranger) is None


def test_what_an_administrator_may_do_at_the_top_of_the_scope(cast: SimpleNamespace) -> None:
    administrators.appoint(cast.marc, cast.at.dreal_limoges)
    marc = {right for right in Can if right.value.endswith("_administration") and _on(cast.marc, right, cast)}
    assert marc == {
        Can.SEE_ADMINISTRATION,
        Can.OVERSEE_ADMINISTRATION,
        Can.CREATE_ADMINISTRATION,
        Can.EDIT_ADMINISTRATION,
    }


def _on(account: Account, right: Can, cast: SimpleNamespace) -> bool:
    if right in (Can.CREATE_TOP_ADMINISTRATION, Can.ADD_ADMINISTRATION):
        return False
    return can(account, right, cast.at.dreal_limoges)
