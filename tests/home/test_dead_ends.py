"""« Demander l’accès » where a link leads nowhere: the same for what exists and for what does not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from resana.core import jobs
from resana.core.database import session
from resana.core.mail import KeptMail
from resana.core.storage import draft_of
from resana.discussions import actions as threads
from resana.documents import actions as folders
from resana.documents.writing import deposit
from resana.home import dead_ends
from resana.permissions import Can, can
from resana.spaces import actions, guests
from resana.spaces.models import AccessRequest
from tests.test_permission_matrix import _without_token

UNKNOWN = "a" * 26
WHY = {"reason": "Je suis le dossier avec Bruno."}


@pytest.fixture
def places(cast: SimpleNamespace) -> dict[str, str]:
    """The address of one thing of each kind, in a space that Olga does not know of."""
    with draft_of(b"x") as draft:
        document = deposit(cast.space, None, "note.txt", draft, by=cast.ines)
    return {
        "space": f"/spaces/{cast.space.public_id}",
        "members": f"/spaces/{cast.space.public_id}/members",
        "document": f"/documents/{document.public_id}",
        "folder": f"/folders/{folders.create_folder(cast.space, 'Réunions', by=cast.ines).public_id}",
        "thread": f"/threads/{threads.create(cast.space, 'Question', by=cast.ines, body='x').public_id}",
    }


def unknown(address: str) -> str:
    parts = address.split("/")
    return "/".join([*parts[:2], UNKNOWN, *parts[3:]])


def ask(client: Any, address: str, **data: str) -> Any:
    return client.post("/access-requests", data=WHY | data, headers={"Referer": f"http://localhost{address}"})


def asked() -> list[AccessRequest]:
    session.rollback()
    return list(session.execute(select(AccessRequest).order_by(AccessRequest.id)).scalars())


def test_the_dead_end_offers_to_ask_and_tells_nothing(
    cast: SimpleNamespace, places: dict[str, str], sign_in: Callable[..., Any], client: Any
) -> None:
    olga = sign_in(cast.olga)
    for address in places.values():
        there, nowhere = olga.get(address), olga.get(unknown(address))
        assert there.status_code == nowhere.status_code == 404
        assert "Demander l’accès" in there.text and 'name="reason"' in there.text
        assert _without_token(there.data) == _without_token(nowhere.data)
        assert cast.space.public_id not in there.text
    assert "Demander l’accès" not in olga.get("/people/" + UNKNOWN).text
    assert client.get(places["space"]).status_code == 303, "who is not signed in is asked who they are"


def test_what_is_there_is_asked_for_and_the_answer_is_the_same_as_for_what_is_not(
    cast: SimpleNamespace, places: dict[str, str], sign_in: Callable[..., Any], statements: Callable[..., Any]
) -> None:
    for kind, address in places.items():
        olga = sign_in(cast.olga)
        answers, work = [], []
        for one in (address, unknown(address)):
            with statements() as seen:
                answers.append(ask(olga, one))
            work.append(seen)
        assert [(a.status_code, a.location, a.data) for a in answers[:1]] == [
            (a.status_code, a.location, a.data) for a in answers[1:]
        ], kind
        assert (answers[0].status_code, answers[0].location) == (303, "/access-requests/sent")
        assert [sql.split("?")[0] for sql in work[0]] == [sql.split("?")[0] for sql in work[1]], "and the same work"
        assert asked() == [] or kind != "space"
    jobs.drain()
    (one,) = asked()
    assert (one.account_id, one.space_id, one.reason) == (cast.olga.id, cast.space.id, WHY["reason"])
    page = sign_in(cast.ines).get(f"/spaces/{cast.space.public_id}/members").text
    assert "Olga Roussel" in page and WHY["reason"] in page
    assert sign_in(cast.ines).post(f"/access-requests/{one.public_id}/acceptance").status_code == 303
    assert can(cast.olga, Can.READ_SPACE, cast.space)


def test_the_address_can_be_pasted_where_the_browser_says_nothing(
    cast: SimpleNamespace, places: dict[str, str], sign_in: Callable[..., Any]
) -> None:
    olga = sign_in(cast.olga)
    answer = olga.post("/access-requests", data=WHY)
    assert answer.status_code == 422 and 'name="address"' in answer.text
    for wrong in ("https://exemple.fr/", "/people/x", "bonjour", "http://[", "/spaces/", "\x00/spaces/x"):
        assert olga.post("/access-requests", data=WHY | {"address": wrong}).status_code == 422, wrong
    link = f" https://resana.example{places['document']}?version=2#x "
    assert olga.post("/access-requests", data=WHY | {"address": link}).status_code == 303
    assert olga.post("/access-requests", data={"reason": "", "address": link}).status_code == 422
    assert olga.post("/access-requests", data={"reason": "x" * 1001, "address": link}).status_code == 422
    for odd in ("/spaces/../x", "/documents/%00", "/threads/' OR 1=1 --", "/folders/" + "é" * 300):
        assert olga.post("/access-requests", data=WHY | {"address": odd}).status_code in (303, 422), odd
    jobs.drain()
    assert len(asked()) == 1


def test_nothing_is_recorded_where_nobody_could_be_let_in(
    cast: SimpleNamespace, places: dict[str, str], sign_in: Callable[..., Any]
) -> None:
    archived = actions.create(title="Fini", by=cast.ines)
    actions.archive(archived, by=cast.ines)
    closed = actions.create(title="Entre agents", by=cast.ines)
    for who, address in (
        (cast.lucie, places["space"]),  # reads it already
        (cast.olga, f"/spaces/{archived.public_id}"),
        (cast.gael, f"/spaces/{closed.public_id}"),
        (cast.olga, unknown(places["space"])),
    ):
        assert ask(sign_in(who), address).status_code == 303
    client = sign_in(cast.olga)
    ask(client, places["space"])
    from resana.accounts import actions as accounts

    accounts.suspend(cast.olga, by=None)
    jobs.drain()
    assert asked() == [], "who was suspended meanwhile asks for nothing"


def test_a_guest_may_ask_and_who_answers_for_them_is_told(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    other = actions.create(title="Les coulisses", by=cast.marc)
    guests.allow(other, True, by=cast.marc)
    for _time in range(2):
        ask(sign_in(cast.gael), f"/spaces/{other.public_id}")
    jobs.drain()
    jobs.drain()
    (one,) = asked()
    assert one.account_id == cast.gael.id
    (mail,) = session.execute(select(KeptMail).where(KeptMail.recipient == cast.ines.email)).scalars()
    assert "Gaël Morvan" in mail.body and "Les coulisses" not in mail.body, "she does not know of that space"
    assert "Gaël Morvan" in sign_in(cast.marc).get(f"/spaces/{other.public_id}/members").text


def test_asking_again_is_the_same_request(
    cast: SimpleNamespace, places: dict[str, str], sign_in: Callable[..., Any]
) -> None:
    olga = sign_in(cast.olga)
    for address in (places["document"], places["thread"], places["document"]):
        assert ask(olga, address).status_code == 303
    jobs.drain()
    assert len(asked()) == 1


def test_who_guesses_addresses_is_slowed_down(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    olga = sign_in(cast.olga)
    answers = [ask(olga, f"/documents/{UNKNOWN}").status_code for _time in range(22)]
    assert answers[:20] == [303] * 20 and answers[-1] == 429
    assert ask(sign_in(cast.bruno), f"/documents/{UNKNOWN}").status_code == 303, "each account for itself"
    assert session.execute(select(func.count(AccessRequest.id))).scalar_one() == 0


def test_only_addresses_of_things_in_spaces_are_places() -> None:
    assert dead_ends.place_of("https://resana.example/spaces/abc/members?q=1") == ("spaces", "abc")
    for text in ("", "/", "/spaces", "/account", "javascript:alert(1)", "//evil/spaces", "\n/spaces/x"):
        assert dead_ends.place_of(text) is None, text
