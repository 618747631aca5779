"""I25: each request that changes something and succeeds is in the journal, exactly once, or is named here as not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from resana.accounts import links
from resana.audit.models import AuditEntry
from resana.core.actions import action
from resana.spaces import requests
from resana.spaces.grants import give
from resana.spaces.models import PrincipalKind, Role, Visibility
from tests.conftest import PASSWORD
from tests.test_permission_matrix import ACTORS, ROWS, Things, _send, _shape

Entries = Callable[..., list[AuditEntry]]

NOT_KEPT = {
    "POST /api/v1/threads/{}/messages": "a discussion is its own record",
    "PUT /api/v1/threads/{}/messages/{}": "a discussion is its own record",
    "DELETE /api/v1/threads/{}/messages/{}": "a discussion is its own record",
    "PUT /api/v1/threads/{}/read": "how far one has read concerns nobody",
    "PUT /api/v1/spaces/{}/read": "how far one has read concerns nobody",
    "POST /api/v1/spaces/{}/live-ticket": "it changes nothing",
    "POST /api/v1/live-ticket": "it changes nothing",
    "POST /api/v1/folders/{}/live-ticket": "it changes nothing",
}
COMPOSED = {
    "propose an account of the préfecture to the rectorat, by the page": ["transfer_proposed"] * 2,
    "move an account of the préfecture to the rectorat, by the page": ["account_moved"] * 2,
    "accept a person who is proposed": [*["account_moved"] * 2, *["transfer_accepted"] * 2],
    "POST /api/v1/accounts": ["account_opened", "link_sent"],
    "PUT /api/v1/spaces/{space}/grants/{guest_grant}/end": ["guest_end_set"] * 2,
    "POST /api/v1/factor-resets/{reset}/agreement": ["factor_reset_agreed", "factors_reset"],
    "POST /api/v1/administrations/{bureau}/closure": ["administration_closed"] * 2,
    "POST /api/v1/administrations/{region}/closure": ["administrator_appointed", *["administration_closed"] * 2],
}
"""What is several acts: an account is opened, and its holder is sent a link; what concerns two administrations stands
in the journals of both; the end of a guest's stay is that of their access to the space, and of their account."""
DISCLOSED = ["audience_changed", "document_moved"]
"""Moving something to another audience is a disclosure beside the move."""
ONCE = {
    "bring a space back from the trash",
    "bring a space back from the trash, by its page",
    "appoint a lead of a space without one",
}
"""Rows that find the space as a former try has left it."""
UNCHANGED = {"open it only to accounts with a second factor", "name the SIRETs and mail domains"}
"""Rows whose request leaves everything as it is."""
POLICY = {"space_creation": "everyone", "account_opening": "closed", "second_factor": "nobody"}
CHANGING = [row for row in ROWS if not row["call"].startswith("GET ")]


class Watched:
    """A client that notes how far the journal had come when it sent its request."""

    def __init__(self, client: Any, entries: Entries) -> None:
        self.client, self.entries = client, entries
        self.before = 0

    def open(self, *args: Any, **kwargs: Any) -> Any:
        self.before = self.entries()[-1].id
        return self.client.open(*args, **kwargs)

    def acts(self) -> list[str]:
        return [one.act for one in self.entries(self.before)]


@pytest.mark.parametrize("row", CHANGING, ids=lambda row: f"{row['number']}-{row['action']}")
def test_what_the_matrix_changes_is_written_down_once(
    cast: SimpleNamespace, sign_in: Callable[..., Any], entries: Entries, row: dict[str, Any]
) -> None:
    @action
    def show_the_card() -> None:
        give(cast.space, PrincipalKind.ACCOUNT, cast.olga.id, Role.CARD, by=cast.ines)

    show_the_card()
    answers = (("no", 0), ("yes", 1)) if row["action"] not in ONCE else (("yes", 1),)
    for answer, count in answers:
        for role in row.get(answer, [])[:1]:
            actor = getattr(cast, ACTORS[role])
            things = Things(cast, actor, role)
            client = Watched(sign_in(actor), entries)
            status = _send(client, row, things, things.named).status_code
            assert (status < 400) == (answer == "yes")
            if _shape(row["call"]) in NOT_KEPT or row["action"] in UNCHANGED:
                count = 0
            found = entries(client.before)
            acts = [one.act for one in found]
            composed = COMPOSED.get(row["call"], COMPOSED.get(row["action"]))
            if count and composed:
                assert acts == composed
            elif count and row.get("body", {}).get("confirm_audience"):
                assert acts == DISCLOSED
            else:
                assert len(acts) == count, acts
            assert all(one.actor_id == actor.id for one in found if one.act != "factors_reset")  # that the product does
            assert all(one.signed_in_by for one in found)


@pytest.mark.parametrize(
    ("who", "path", "form", "acts"),
    [
        ("ines", "/spaces/{space}/description", {"title": "Autre", "version": "1"}, ["space_edited"]),
        ("ines", "/spaces/{space}/visibility", {"visibility": "agents"}, ["visibility_changed"]),
        ("ines", "/spaces/{space}/archive", {}, ["space_archived"]),
        ("ines", "/spaces", {"title": "Nouveau", "visibility": "private"}, ["space_created"]),
        ("ines", "/spaces", {"title": "N", "visibility": "agents"}, ["space_created", "visibility_changed"]),
        ("marc", "/spaces/{space}/membership/end", {}, ["member_left"]),
        ("ines", "/spaces/{space}/threads", {"title": "Question", "body": "Bonjour"}, ["thread_created"]),
        ("rose", "/administration/accounts/{bruno}/suspension", {}, ["account_suspended"]),
        ("rose", "/administration/accounts/{bruno}/deactivation", {}, ["account_deactivated"]),
        ("rose", "/administration/accounts/{bruno}/link", {}, ["link_sent"]),
        ("rose", "/administration/{prefecture}/policy", POLICY, ["policy_set"]),
        ("ines", "/account/sessions/end", {}, ["signed_out_everywhere"]),
        ("ines", "/sign-out", {}, ["signed_out"]),
        ("ines", "/account/tokens", {"token-name": "A", "token-scope": "read", "token-expires_at": ""}, None),
    ],
)
def test_what_a_page_changes_is_written_down_once(
    cast: SimpleNamespace,
    sign_in: Callable[..., Any],
    entries: Entries,
    who: str,
    path: str,
    form: dict[str, str],
    acts: list[str] | None,
) -> None:
    path = path.format(space=cast.space.public_id, bruno=cast.bruno.public_id, prefecture=cast.at.prefecture.public_id)
    client = sign_in(getattr(cast, who))
    before = entries()[-1].id
    answer = client.post(path, data=form)
    assert answer.status_code == (303 if acts else 422), answer.text[-500:]
    assert [one.act for one in entries(before)] == (acts or [])


def test_a_request_for_a_space_and_its_answers_are_written_down(cast: SimpleNamespace, entries: Entries) -> None:
    before = entries()[-1].id
    for answer in (requests.accept_space, requests.refuse_space):
        asked = requests.ask_for_space(
            title="Projet",
            description="",
            purpose="",
            visibility=Visibility.PRIVATE,
            open_to_read=False,
            by=cast.olga,
        )
        answer(asked, answer="Voici pourquoi.", by=cast.rejane)  # type: ignore[operator]
    assert sorted(one.act for one in entries(before)) == sorted(
        ["space_requested", "space_created", "space_request_accepted", "space_requested", "space_request_refused"]
    )


def test_a_request_for_access_and_its_answers_are_written_down(cast: SimpleNamespace, entries: Entries) -> None:
    before = entries()[-1].id
    for answer in (requests.refuse_access, requests.accept_access):
        asked = requests.ask_for_access(cast.space, reason="", by=cast.olga)
        answer(asked, by=cast.ines)  # type: ignore[operator]
    assert [(one.act, one.facts.get("accepted")) for one in entries(before)] == [
        ("access_requested", None),
        ("access_answered", False),
        ("access_requested", None),
        ("member_added", None),
        ("access_answered", True),
    ]


def test_signing_in_and_all_that_goes_wrong_with_it_is_written_down(
    cast: SimpleNamespace, client: Any, entries: Entries, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines)
    before = entries()[-1].id
    for email, password in (
        (cast.ines.email, "not this one at all"),
        ("nobody@dreal.example", "not this one at all"),
        (cast.ines.email, PASSWORD),
    ):
        client.post("/sign-in", data={"email": email, "password": password})
    known, unknown, opened = entries(before)
    assert (known.act, known.actor_id, known.object_public_id) == ("sign_in_failed", None, cast.ines.public_id)
    assert (unknown.act, unknown.object_public_id, unknown.chain) == ("sign_in_failed", None, "platform")
    assert "nobody" not in str(unknown.facts)
    assert (opened.act, opened.actor_id, opened.object_kind) == ("signed_in", cast.ines.id, "signinsession")
    assert opened.chain == f"administration:{cast.at.dreal.id}"


def test_failing_costs_an_unknown_address_as_many_statements_as_a_known_one(
    cast: SimpleNamespace,
    client: Any,
    give_passwords: Callable[..., None],
    statements: Callable[..., Any],
) -> None:
    give_passwords(cast.ines)
    counts = []
    for email in (cast.ines.email, "nobody@dreal.example"):
        with statements() as seen:
            client.post("/sign-in", data={"email": email, "password": "not this one at all"})
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_one_s_own_account_s_changes_are_written_down(
    cast: SimpleNamespace, sign_in: Callable[..., Any], entries: Entries, give_passwords: Callable[..., None]
) -> None:
    give_passwords(cast.ines)
    client = sign_in(cast.ines)
    before = entries()[-1].id
    made = client.post("/api/v1/access-tokens", json={"name": "Outil", "scope": "read"})
    assert made.status_code == 201
    assert client.delete(f"/api/v1/access-tokens/{made.json['id']}").status_code == 204
    changed = client.post(
        "/account/password",
        data={"present": PASSWORD, "password": "cinq phares sous la pluie", "again": "cinq phares sous la pluie"},
    )
    assert changed.status_code in (303, 422), changed.status_code
    acts = [one.act for one in entries(before)]
    assert acts[:2] == ["token_made", "token_revoked"]
    assert acts[2:] == (["password_changed"] if changed.status_code == 303 else [])
    assert "Outil" not in str([one.facts for one in entries(before)])


def test_a_link_that_its_holder_asked_for_is_written_down_when_it_is_sent(
    app: Flask, cast: SimpleNamespace, entries: Entries
) -> None:
    before = entries()[-1].id
    links.answer({"email": cast.ines.email, "language": "fr"})
    (one,) = entries(before)
    assert (one.act, one.actor_id, one.facts) == ("link_sent", None, {"purpose": "reset"})


def test_what_is_refused_leaves_no_trace(cast: SimpleNamespace, sign_in: Callable[..., Any], entries: Entries) -> None:
    before = entries()[-1].id
    answer = sign_in(cast.ines).delete(f"/api/v1/spaces/{cast.space.public_id}/membership")
    assert answer.status_code == 409
    assert entries(before) == []
