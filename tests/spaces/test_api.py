"""Spaces through `/api/v1`: what each person sees, and how the doors say no."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from resana.core.database import session
from resana.permissions import Can, can
from resana.spaces import actions
from resana.spaces.models import Visibility

UNKNOWN = "a" * 26
SignIn = Callable[..., Any]


def test_a_lead_creates_a_space_and_sees_it(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    made = client.post("/api/v1/spaces", json={"title": "Mois de l’innovation", "visibility": "agents"})
    assert made.status_code == 201, made.text
    assert made.json["role"] == "lead"
    assert made.json["abilities"]["edit_space"] is True
    listed = client.get("/api/v1/spaces").json
    assert made.json["id"] in {space["id"] for space in listed["items"]}
    card = sign_in(cast.olga).get(f"/api/v1/spaces/{made.json['id']}").json
    assert (card["role"], card["unread"], card["last_seq"]) == ("card", None, None)


def test_where_an_administrator_must_agree_the_answer_is_202(cast: SimpleNamespace, sign_in: SignIn) -> None:
    asked = sign_in(cast.olga).post("/api/v1/spaces", json={"title": "Orientation"})
    assert asked.status_code == 202
    assert asked.json["state"] == "waiting"


def test_who_may_not_create_spaces_is_told_so(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(cast.bruno).post("/api/v1/spaces", json={"title": "Essai"}).status_code == 403


def test_what_one_may_not_see_answers_as_if_it_did_not_exist(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.olga)
    for path in ("", "/grants", "/events"):
        unseen = client.get(f"/api/v1/spaces/{cast.space.public_id}{path}")
        unknown = client.get(f"/api/v1/spaces/{UNKNOWN}{path}")
        nonsense = client.get(f"/api/v1/spaces/%00x{path}")
        assert unseen.status_code == unknown.status_code == nonsense.status_code == 404
        assert unseen.data == unknown.data == nonsense.data


def test_a_grant_by_email_by_administration_and_its_end(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    url = f"/api/v1/spaces/{cast.space.public_id}/grants"
    made = client.post(url, json={"principal": {"kind": "account", "email": cast.olga.email}, "role": "contributor"})
    assert made.status_code == 201, made.text
    assert can(cast.olga, Can.UPLOAD, cast.space)
    assert client.delete(f"{url}/{made.json['id']}").status_code == 204
    assert not can(cast.olga, Can.SEE_SPACE, cast.space)
    rectorat = {"kind": "administration", "id": cast.at.rectorat.public_id}
    assert client.post(url, json={"principal": rectorat, "role": "reader"}).status_code == 201
    assert can(cast.olga, Can.READ_SPACE, cast.space)
    region = {"kind": "subtree", "id": cast.at.region.public_id}
    refused = client.post(url, json={"principal": region, "role": "lead"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "role")


def test_the_last_leads_grant_cannot_be_taken_away(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    url = f"/api/v1/spaces/{cast.space.public_id}/grants"
    mine = next(one for one in client.get(url).json["items"] if one["role"] == "lead")
    assert client.delete(f"{url}/{mine['id']}").status_code == 409
    assert client.patch(f"{url}/{mine['id']}", json={"role": "reader"}).status_code == 409
    assert client.delete(f"/api/v1/spaces/{cast.space.public_id}/membership").status_code == 409


def test_a_moderator_gives_at_most_contributor(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.marc)
    url = f"/api/v1/spaces/{cast.space.public_id}/grants"
    principal = {"kind": "account", "id": cast.olga.public_id}
    assert client.post(url, json={"principal": principal, "role": "moderator"}).status_code == 403
    assert client.post(url, json={"principal": principal, "role": "contributor"}).status_code == 201
    node = {"kind": "administration", "id": cast.at.rectorat.public_id}
    assert client.post(url, json={"principal": node, "role": "reader"}).status_code == 403
    lead = next(one for one in client.get(url).json["items"] if one["role"] == "lead")
    assert client.delete(f"{url}/{lead['id']}").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x", "surprise": 1},
        {"title": ""},
        {"title": "a\u202eb"},
        {"title": "a\x00b"},
        {"title": "é" * 150},
        {"title": ["x"]},
        {"title": "x", "visibility": "everyone"},
        [],
    ],
)
def test_bad_input_is_named(cast: SimpleNamespace, sign_in: SignIn, body: Any) -> None:
    answer = sign_in(cast.ines).post("/api/v1/spaces", json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_broken_json_is_400_other_types_are_415_too_much_is_413(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    assert client.post("/api/v1/spaces", data=b"{", content_type="application/json").status_code == 400
    assert client.post("/api/v1/spaces", data=b"title=x", content_type="text/plain").status_code == 415
    assert client.post("/api/v1/spaces", data=b"x" * 3_000_000, content_type="application/json").status_code == 413


def test_without_a_token_or_from_elsewhere_nothing_changes(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    assert client.post("/api/v1/spaces", json={"title": "x"}, csrf=False).status_code == 403
    for headers in (
        {"Origin": "https://resana.example.evil"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "wrong"},
    ):
        assert client.post("/api/v1/spaces", json={"title": "x"}, headers=headers).status_code == 403
    ours = client.post("/api/v1/spaces", json={"title": "x"}, headers={"Origin": "http://localhost"})
    assert ours.status_code == 201


def test_one_key_one_space(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    key = {"Idempotency-Key": "k1"}
    first = client.post("/api/v1/spaces", json={"title": "Une fois"}, headers=dict(key))
    again = client.post("/api/v1/spaces", json={"title": "Une fois"}, headers=dict(key))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert client.post("/api/v1/spaces", json={"title": "Autre"}, headers=dict(key)).status_code == 409
    elsewhere = sign_in(cast.marc).post("/api/v1/spaces", json={"title": "Une fois"}, headers=dict(key))
    assert elsewhere.json["id"] != first.json["id"]


def test_events_are_numbered_without_a_hole(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    url = f"/api/v1/spaces/{cast.space.public_id}"
    for title in ("Un", "Deux", "Trois"):
        client.patch(url, json={"title": title})
    caught = client.get(f"{url}/events?after=0").json
    assert [event["seq"] for event in caught["items"]] == list(range(1, caught["last_seq"] + 1))
    later = client.get(f"{url}/events?after={caught['last_seq'] - 1}").json
    assert [event["kind"] for event in later["items"]] == ["space_edited"]
    assert client.get(f"{url}/events?after=99999").json["reset"] is True


def test_a_stale_edit_is_refused(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.ines)
    url = f"/api/v1/spaces/{cast.space.public_id}"
    assert client.patch(url, json={"title": "A", "version": 1}).status_code == 200
    assert client.patch(url, json={"title": "B", "version": 1}).status_code == 412


def test_the_list_asks_as_many_questions_for_one_space_as_for_forty(
    cast: SimpleNamespace, sign_in: SignIn, statements: Callable[..., Any]
) -> None:
    client = sign_in(cast.ines)
    with statements() as few:
        client.get("/api/v1/spaces")
    for number in range(40):
        actions.create(title=f"Espace {number}", by=cast.ines, visibility=Visibility.AGENTS)
    session.rollback()
    with statements() as many:
        assert len(client.get("/api/v1/spaces").json["items"]) == 41
    assert len(many) == len(few) <= 6
