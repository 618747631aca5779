"""The tree on pages and by calls: seen by all agents, set by its administrators."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from resana.accounts.models import Account
from resana.administrations import actions
from resana.core.database import session
from resana.core.text import new_id

SignIn = Callable[[Account], Any]


def test_any_agent_finds_administrations_without_accents(sign_in: SignIn, cast: SimpleNamespace) -> None:
    bruno = sign_in(cast.bruno)
    everything = bruno.get("/api/v1/administrations").json
    assert len(everything["items"]) == 6
    assert everything["next"] is None
    (one,) = bruno.get("/api/v1/administrations?q=PREFECTURE bord").json["items"]
    assert one | {"abilities": None} == {
        "id": cast.at.prefecture.public_id,
        "name": "Préfecture de région",
        "short_name": "Préfecture",
        "city": "Bordeaux",
        "kind": "prefecture",
        "parent_id": cast.at.region.public_id,
        "status": "active",
        "successor_id": None,
        "space_creation": "team_leads",
        "all_agents_may_read": False,
        "abilities": None,
    }
    assert bruno.get("/api/v1/administrations?q=%25").json["items"] == []
    first = bruno.get("/api/v1/administrations?limit=4").json
    second = bruno.get(f"/api/v1/administrations?limit=4&cursor={first['next']}").json
    assert [one["id"] for one in first["items"] + second["items"]] == [one["id"] for one in everything["items"]]
    assert bruno.get(f"/api/v1/administrations/{cast.at.region.public_id}").json["parent_id"] == cast.at.state.public_id
    assert bruno.get("/api/v1/administrations?nope=1").status_code == 422


def test_nobody_reads_the_tree_without_signing_in(client: Any, cast: SimpleNamespace) -> None:
    assert client.get("/api/v1/administrations").status_code == 401
    assert client.get(f"/api/v1/administrations/{new_id()}").status_code == 401


def test_an_administrator_begins_with_the_scope(sign_in: SignIn, cast: SimpleNamespace) -> None:
    page = sign_in(cast.adam).get("/administration")
    assert page.status_code == 200
    assert "DREAL, service de Limoges" in page.text
    assert "Rectorat" not in page.text
    assert "5 comptes" in page.text
    assert sign_in(cast.bruno).get("/administration").status_code == 403


def test_the_lists_ask_the_same_number_of_times_however_many(
    sign_in: SignIn, cast: SimpleNamespace, statements: Callable[[], Any]
) -> None:
    rose, counted = sign_in(cast.rose), []
    for _round in range(2):
        numbers = []
        for path in ("/administration", "/api/v1/administrations"):
            with statements() as seen:
                assert rose.get(path).status_code == 200
            numbers.append(len(seen))
        counted.append(numbers)
        for i in range(10):
            actions.create(name=f"S{i}", short_name=f"S{i}", kind="service", city="Pau", parent=cast.at.dreal)
    assert counted[0] == counted[1]
    assert counted[0][1] <= 4


def test_its_administrators_say_who_creates_spaces(sign_in: SignIn, cast: SimpleNamespace) -> None:
    path = f"/administration/{cast.at.dreal.public_id}"
    adam = sign_in(cast.adam)
    assert "Qui crée des espaces" in adam.get(path).text
    assert (
        adam.post(
            f"{path}/policy",
            data={"space_creation": "everyone", "account_opening": "validated", "second_factor": "nobody"},
        ).status_code
        == 303
    )
    session.refresh(cast.at.dreal)
    assert (cast.at.dreal.space_creation, cast.at.dreal.account_opening) == ("everyone", "validated")
    assert adam.post(f"{path}/policy", data={"space_creation": "nobody"}).status_code == 422
    assert adam.post(f"{path}/policy", data={}).status_code == 422


def test_others_see_an_administration_and_set_nothing(sign_in: SignIn, cast: SimpleNamespace) -> None:
    path = f"/administration/{cast.at.dreal.public_id}"
    bruno = sign_in(cast.bruno)
    page = bruno.get(path)
    assert page.status_code == 200
    assert '<form class="form"' not in page.text
    for who in (cast.bruno, cast.rejane):
        assert (
            sign_in(who)
            .post(f"{path}/policy", data={"space_creation": "everyone", "second_factor": "nobody"})
            .status_code
            == 403
        )
    assert bruno.post(f"/administration/{new_id()}/policy", data={}).status_code == 404
    assert bruno.get("/administration/nothing").status_code == 404
