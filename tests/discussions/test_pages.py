"""The pages of discussions, as plain HTML, for each kind of person."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from resana.core.database import session
from resana.discussions import actions, messages, reading
from resana.discussions.models import Message, Thread
from resana.spaces.reading import visit

SignIn = Callable[[Any], Any]


@pytest.fixture
def thread(cast: SimpleNamespace) -> Thread:
    return actions.create(cast.space, "Arrêté de juillet", by=cast.ines, body="Voici **le projet**.")


def say(thread: Thread, by: Any, text: str, **more: Any) -> Message:
    return messages.post(thread, text, by=by, client_uuid=secrets.token_hex(8), **more).message


def test_a_contributor_opens_a_discussion_and_another_answers(cast: SimpleNamespace, sign_in: SignIn) -> None:
    answer = sign_in(cast.bruno).post(
        f"/spaces/{cast.space.public_id}/threads", data={"title": "Étiage", "body": "Où en est-on ?"}
    )
    assert answer.status_code == 303
    page = sign_in(cast.ines).get(answer.location)
    assert page.status_code == 200
    assert "Étiage" in page.text and "Où en est-on ?" in page.text and "Préfecture, Bordeaux" in page.text
    answer = sign_in(cast.ines).post(
        f"{answer.location}/messages", data={"body": "Réponse", "client_uuid": "k", "reply_to": "1", "seen_no": "1"}
    )
    assert answer.status_code == 303 and answer.location.endswith("?at=2#m2")
    assert "En réponse à" in sign_in(cast.bruno).get(answer.location).text


def test_a_page_says_who_may_do_what(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    address = f"/threads/{thread.public_id}"
    assert 'id="composer"' in sign_in(cast.bruno).get(address).text
    assert 'id="composer"' not in sign_in(cast.lucie).get(address).text
    assert sign_in(cast.lucie).get(f"/spaces/{cast.space.public_id}/threads/new").status_code == 403
    assert sign_in(cast.olga).get(address).status_code == 404
    unknown = sign_in(cast.olga).get("/threads/" + "a" * 26).text.replace("a" * 26, thread.public_id)
    assert sign_in(cast.olga).get(address).text == unknown
    assert sign_in(cast.bruno).post(f"{address}/closure").status_code == 403
    assert sign_in(cast.marc).post(f"{address}/closure").status_code == 303
    page = sign_in(cast.bruno).get(address).text
    assert "Cette discussion est close" in page and 'id="composer"' not in page
    assert sign_in(cast.marc).post(f"{address}/closure/end").status_code == 303


def test_where_one_writes_is_said_who_will_read(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    threads = f"/spaces/{cast.space.public_id}/threads"
    for path in (threads, f"{threads}/new", f"/threads/{thread.public_id}"):
        page = sign_in(cast.bruno).get(path).text
        assert "<b>5 agents</b>" in page and "DREAL et ses services + 4 personnes" in page


def test_what_was_typed_comes_back_with_the_reason(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    text = ">" * 1000 + "précieux"
    answer = sign_in(cast.bruno).post(f"/threads/{thread.public_id}/messages", data={"body": text, "client_uuid": "k"})
    assert answer.status_code == 422 and "précieux" in answer.text and "imbrique" in answer.text
    answer = sign_in(cast.bruno).post(
        f"/spaces/{cast.space.public_id}/threads", data={"title": "a\u202eb", "body": "précieux"}
    )
    assert answer.status_code == 422 and "précieux" in answer.text


def test_a_thread_opens_at_the_first_unread_message(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    visit(cast.space, by=cast.bruno)
    for number in range(2, 131):
        say(thread, cast.ines, f"numéro {number}.")
    reading.read(thread, 60, by=cast.bruno)
    address = f"/threads/{thread.public_id}"
    page = sign_in(cast.bruno).get(address).text
    assert 'id="m53"' in page and 'id="m102"' in page and 'id="m52"' not in page and 'id="m103"' not in page
    assert page.index('id="unread"') < page.index('id="m61"') and page.index('id="m60"') < page.index('id="unread"')
    assert "before=53" in page and "after=102" in page and "70 messages non lus" in page
    older = sign_in(cast.bruno).get(f"{address}?before=53").text
    assert 'id="m3"' in older and 'id="m52"' in older and 'id="m53"' not in older
    newest = sign_in(cast.ines).get(address).text
    assert 'id="m130"' in newest and 'id="m81"' in newest and 'id="m80"' not in newest
    at = sign_in(cast.bruno).get(f"{address}?at=128").text
    assert 'id="m130"' in at and 'id="m81"' in at
    assert 'id="m1"' in sign_in(cast.bruno).get(f"{address}?at=1").text
    assert sign_in(cast.bruno).get(f"{address}?before=abc&after=-1&at=99999999999999999999").status_code == 200


def test_a_correction_is_marked_and_its_history_shown(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    say(thread, cast.bruno, "Demin")
    address = f"/threads/{thread.public_id}/messages/2"
    author = sign_in(cast.bruno)
    assert 'value="1"' in author.get(f"{address}/edit").text
    assert author.post(f"{address}/edit", data={"body": "Demain", "version": "1"}).status_code == 303
    stale = author.post(f"{address}/edit", data={"body": "Après-demain", "version": "1"})
    assert stale.status_code == 412 and "Après-demain" in stale.text
    fragment = author.get(address, headers={"Turbo-Frame": "m2"}).text
    assert "Demain" in fragment and "modifié" in fragment and "<html" not in fragment
    assert "Demin" in sign_in(cast.lucie).get(f"{address}/history").text
    assert sign_in(cast.ines).get(f"{address}/edit").status_code == 403


def test_a_deleted_message_leaves_nothing_but_its_place(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    message = say(thread, cast.bruno, "Regrettable")
    messages.edit(message, "Moins regrettable", by=cast.bruno)
    say(thread, cast.ines, "Suite", reply_to_no=2)
    address = f"/threads/{thread.public_id}/messages/2"
    moderator = sign_in(cast.marc)
    assert "Supprimer ce message" in moderator.get(f"{address}/deletion").text
    assert moderator.post(f"{address}/deletion").status_code == 303
    for path in (f"/threads/{thread.public_id}", f"/spaces/{cast.space.public_id}/threads"):
        assert "egrettable" not in sign_in(cast.bruno).get(path).text
    assert sign_in(cast.bruno).get(f"{address}/history").status_code == 404
    listed = sign_in(cast.bruno).get(f"/api/v1/threads/{thread.public_id}/messages").json["items"][1]
    assert (listed["no"], listed["deleted"], listed["body"], listed["html"]) == (2, True, "", "")
    versions = sign_in(cast.bruno).get(f"/api/v1/threads/{thread.public_id}/messages/2/versions").json
    assert versions["items"] == []


def test_follow_ups_are_grouped_and_markdown_is_safe(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    say(thread, cast.ines, "encore <script>alert(1)</script>")
    page = sign_in(cast.bruno).get(f"/threads/{thread.public_id}").text
    assert '<article class="message follow"' in page and "<script>alert" not in page
    assert "<strong>le projet</strong>" in page


def test_a_page_asks_as_many_questions_for_fifty_messages_as_for_five(
    cast: SimpleNamespace, sign_in: SignIn, thread: Thread, statements: Callable[[], Any]
) -> None:
    for number in range(8):
        say(thread, (cast.ines, cast.bruno, cast.marc)[number % 3], f"{number}", reply_to_no=1)
    reader = sign_in(cast.lucie)

    def cost(path: str) -> int:
        assert reader.get(path).status_code == 200
        with statements() as seen:
            reader.get(path)
        return len(seen)

    paths = (f"/threads/{thread.public_id}", f"/spaces/{cast.space.public_id}/threads")
    few = [cost(path) for path in paths]
    for number in range(8, 60):
        say(thread, (cast.ines, cast.bruno, cast.marc)[number % 3], f"{number}")
        if number % 5 == 0:
            actions.create(cast.space, f"Fil {number}", by=cast.ines, body="x")
    many = [cost(path) for path in paths]
    assert many == [few[0] + 1, few[1]], "one more: what some of them answer lies outside of the page"
    assert max(few) <= 26


def test_everything_is_read_by_one_button(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    visit(cast.space, by=cast.bruno)
    say(thread, cast.ines, "nouveau")
    client, address = sign_in(cast.bruno), f"/spaces/{cast.space.public_id}/threads"
    assert "Tout marquer comme lu" in client.get(address).text
    assert client.post(f"{address}/read").status_code == 303
    assert "Tout marquer comme lu" not in client.get(address).text
    assert client.post(f"/threads/{thread.public_id}/messages/2/unread").status_code == 303
    assert "Tout marquer comme lu" in client.get(address).text


def test_nothing_changes_without_the_token(cast: SimpleNamespace, sign_in: SignIn, thread: Thread) -> None:
    client = sign_in(cast.bruno)
    path = f"/threads/{thread.public_id}/messages"
    assert client.post(path, data={"body": "x", "client_uuid": "k"}, csrf=False).status_code == 403
    assert client.post(f"/api/v1{path}", json={"body": "x", "client_uuid": "k"}, csrf=False).status_code == 403
    assert len(session.execute(select(Message)).scalars().all()) == 1


def test_the_overview_of_a_space_marks_what_is_unread(
    cast: SimpleNamespace, sign_in: SignIn, thread: Thread, statements: Callable[[], Any]
) -> None:
    overview = f"/spaces/{cast.space.public_id}"
    reader = sign_in(cast.bruno)
    reader.get(overview)
    assert 'class="count"' not in _threads(reader.get(overview).text)
    say(thread, cast.ines, "Une réponse")
    say(thread, cast.ines, "Une autre")
    assert "2<span" in _threads(reader.get(overview).text)
    with statements() as one:
        reader.get(overview)
    for number in range(4):
        say(actions.create(cast.space, f"Sujet {number}", by=cast.ines), cast.ines, "Bonjour")
    with statements() as several:
        reader.get(overview)
    assert len(several) == len(one)


def _threads(page: str) -> str:
    """The section "Discussions" of an overview."""
    return page[page.index('aria-labelledby="threads"') : page.index('aria-labelledby="documents"')]
