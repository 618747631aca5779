"""People from outside: what they see, what is said of them, until when they stay, who answers for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from resana.accounts import actions as accounts
from resana.accounts import guests as people
from resana.accounts import tokens
from resana.accounts.models import Account, AdminScope
from resana.accounts.sessions import open_session
from resana.core import jobs
from resana.core.actions import action
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.core.jobs import Outbox
from resana.core.mail import KeptMail
from resana.discussions import actions as threads
from resana.discussions import messages
from resana.permissions import Can, allowed, can
from resana.search.queries import called
from resana.spaces import actions, grants, guests, requests
from resana.spaces.models import Grant, PrincipalKind, Role, Visibility

BADGE = 'class="badge outside">Externe<'


def grant_of(cast: SimpleNamespace, account: Account) -> Grant:
    found = grants.grant_of(cast.space, PrincipalKind.ACCOUNT, account.id)
    assert found is not None
    return found


@action
def end_now(account: Account) -> None:
    """The date passes: nothing else happens, no job, no bump."""
    session.execute(update(Account).where(Account.id == account.id).values(valid_until=now() - timedelta(seconds=1)))


# What a guest sees.


def test_a_guest_sees_whom_they_share_a_space_with_and_nobody_else(cast: SimpleNamespace) -> None:
    seen = set(session.execute(allowed(cast.gael, Can.SEE_PERSON)).scalars())
    assert seen == {cast.gael, cast.ines, cast.marc, cast.bruno, cast.sami, cast.adam, cast.lucie}
    assert called(cast.gael, "olga").people == [] and called(cast.gael, "bruno").people == [cast.bruno]
    assert called(cast.gael, "gilda").people == [], "she is there no more"


def test_a_guest_is_seen_by_whom_they_share_a_space_with_and_by_who_administers_them(cast: SimpleNamespace) -> None:
    who = {one for one in vars(cast).values() if isinstance(one, Account) and can(one, Can.SEE_PERSON, cast.gael)}
    assert who == {cast.gael, cast.ines, cast.marc, cast.bruno, cast.adam, cast.lucie, cast.rose}
    assert called(cast.olga, "gael").people == []


def test_a_guest_is_never_matched_by_a_grant_to_an_administration_or_to_all(cast: SimpleNamespace) -> None:
    for visibility in (Visibility.ADMINISTRATION, Visibility.AGENTS):
        for open_to_read in (True, False):
            other = actions.create(title="Autre", by=cast.ines, visibility=visibility, open_to_read=open_to_read)
            grants.bring_in(
                other, cast.at.dreal, Role.CONTRIBUTOR, by=cast.ines, their_role=Role.LEAD, subtree=open_to_read
            )
            assert can(cast.lucie, Can.SEE_SPACE, other)
            assert not can(cast.gael, Can.SEE_SPACE, other)
    assert session.execute(allowed(cast.gael, Can.SEE_SPACE)).scalars().all() == [cast.space]


def test_a_guest_who_was_given_more_by_a_mistake_is_a_contributor(cast: SimpleNamespace) -> None:
    @action
    def mistake() -> None:
        grant_of(cast, cast.gael).role = Role.LEAD

    mistake()
    assert can(cast.gael, Can.UPLOAD, cast.space)
    for right in (Can.INVITE_AGENT, Can.INVITE_GUEST, Can.CHANGE_VISIBILITY, Can.ADD_ADMINISTRATION, Can.EDIT_SPACE):
        assert not can(cast.gael, right, cast.space)


def test_an_administrators_hat_does_nothing_on_a_guest(cast: SimpleNamespace) -> None:
    @action
    def crown() -> None:
        session.add(AdminScope(account_id=cast.gael.id, administration_id=cast.at.dreal.id))
        cast.gael.platform_admin = True
        cast.gael.team_lead = True
        session.flush()

    crown()
    for right in (Can.ADMINISTER, Can.CREATE_SPACE):
        assert not can(cast.gael, right)
    assert not can(cast.gael, Can.ADMINISTER_ACCOUNT, cast.lucie)
    other = actions.create(title="Autre", by=cast.ines)
    assert not can(cast.gael, Can.SEE_SPACE, other)


def test_the_home_page_is_a_guests_own(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    page = sign_in(cast.gael).get("/").text
    assert "Administration garante\u00a0: Direction de l’environnement" in page
    for words in ("Nouvel espace", "À découvrir", "Tous les espaces", "Administration</span>"):
        assert words not in page
    assert "Cellule sécheresse" in page
    assert "Nouvel espace" in sign_in(cast.ines).get("/").text


def test_a_guest_opens_no_door_of_agents(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    client = sign_in(cast.gael)
    assert client.post("/spaces", data={"title": "x", "visibility": "private"}).status_code == 403
    assert client.post("/api/v1/spaces", json={"title": "x"}).status_code == 403
    for path in (
        f"/people/{cast.olga.public_id}",
        f"/administrations/{cast.at.dreal.public_id}",
        f"/api/v1/accounts/{cast.olga.public_id}",
        f"/api/v1/administrations/{cast.at.dreal.public_id}",
    ):
        assert client.get(path).status_code == 404, path
    assert client.get("/api/v1/administrations").json["items"] == []
    assert client.get("/administration/accounts").status_code in (403, 404)
    assert client.get(f"/people/{cast.bruno.public_id}").status_code == 200
    words = client.get(f"/spaces/{cast.space.public_id}/members?q=a").text
    assert "Olga" not in words


# What is said of them.


def test_the_badge_stands_beside_a_guests_name_wherever_it_is_written(
    cast: SimpleNamespace, sign_in: Callable[..., Any]
) -> None:
    thread = threads.create(cast.space, "Le débit", by=cast.gael, body="Bonjour")
    messages.post(thread, "Une réponse", by=cast.ines, client_uuid="r", reply_to_no=1)
    lead, space = sign_in(cast.ines), cast.space.public_id
    for path, times in (
        (f"/threads/{thread.public_id}", 2),
        (f"/spaces/{space}/members", 1),
        (f"/spaces/{space}", 1),
        (f"/people/{cast.gael.public_id}", 1),
        ("/search?q=gael", 1),
    ):
        page = lead.get(path).text
        assert page.count(BADGE) >= times, path
        assert not re.search(r"Inès Moreau</a> <span class=\"badge outside", page)
    assert lead.get(f"/api/v1/threads/{thread.public_id}/messages").json["items"][0]["author"]["guest"] is True
    assert "Bureau d’études Morvan" in lead.get(f"/threads/{thread.public_id}").text
    assert BADGE in sign_in(cast.rose).get("/administration/accounts?q=gael").text


def test_the_badge_travels_with_the_live_message(app: Any, cast: SimpleNamespace) -> None:
    from resana.discussions.routes import fragment

    thread = threads.create(cast.space, "Le débit", by=cast.gael, body="Bonjour")
    message = messages.post(thread, "x", by=cast.gael, client_uuid="x").message
    with app.test_request_context("/"):
        assert BADGE in fragment(message, neutral=True)


def test_a_banner_stands_on_each_page_of_a_space_with_a_guest_and_goes_with_the_last(
    cast: SimpleNamespace, sign_in: Callable[..., Any]
) -> None:
    lead, space = sign_in(cast.ines), f"/spaces/{cast.space.public_id}"
    thread = threads.create(cast.space, "Le débit", by=cast.ines, body="Bonjour")
    pages = (space, f"{space}/members", f"{space}/documents", f"{space}/threads", f"{space}/settings", f"{space}/trash")
    for path in (*pages, f"/threads/{thread.public_id}"):
        assert "Cet espace accueille 1 personne externe" in lead.get(path).text, path
    assert "et <b>1 externe</b>" in lead.get(space).text
    end_now(cast.gael)
    for path in pages:
        assert "personne externe :" not in lead.get(path).text, path
    assert "1 externe" not in lead.get(space).text


# Until when.


def test_nothing_is_left_after_the_date_even_if_no_job_ran(
    cast: SimpleNamespace, sign_in: Callable[..., Any], app: Any
) -> None:
    thread = threads.create(cast.space, "Le débit", by=cast.ines, body="Bonjour")
    browser = sign_in(cast.gael)
    _token, secret = tokens.make(
        cast.gael, name="t", scope=tokens.TokenScope.WRITE, expires_at=now() + timedelta(days=20)
    )
    program = app.test_client()
    bearer = {"Authorization": f"Bearer {secret}"}
    space = f"/api/v1/spaces/{cast.space.public_id}"
    assert browser.get(f"/threads/{thread.public_id}").status_code == 200
    assert program.get(space, headers=bearer).status_code == 200
    end_now(cast.gael)
    for path in ("/", f"/threads/{thread.public_id}", f"/spaces/{cast.space.public_id}"):
        assert browser.get(path).status_code == 303, path
    for method, path in (
        ("GET", space),
        ("POST", f"{space}/live-ticket"),
        ("POST", f"/api/v1/threads/{thread.public_id}/messages"),
        ("GET", "/api/v1/me"),
    ):
        for one, headers in ((browser, {}), (program, bearer)):
            assert one.open(path, method=method, headers=headers, json={}).status_code == 401, path
    session.refresh(cast.gael)
    for right in (Can.SEE_SPACE, Can.READ_SPACE, Can.UPLOAD):
        assert not can(cast.gael, right, cast.space)
    assert session.execute(allowed(cast.gael, Can.SEE_PERSON)).first() is None


def test_a_ticket_ends_with_the_guests_date(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    soon = now() + timedelta(minutes=2)

    @action
    def soon_over() -> None:
        session.execute(update(Account).where(Account.id == cast.gael.id).values(valid_until=soon))

    soon_over()
    answer = sign_in(cast.gael).post(f"/api/v1/spaces/{cast.space.public_id}/live-ticket")
    assert datetime.fromisoformat(answer.json["expires_at"]) == soon


def test_the_password_opens_nothing_after_the_date(
    cast: SimpleNamespace, client: Any, give_passwords: Callable[..., None]
) -> None:
    from tests.conftest import PASSWORD

    give_passwords(cast.gael, cast.gilda)
    assert client.post("/sign-in", data={"email": cast.gilda.email, "password": PASSWORD}).status_code == 401
    assert client.post("/sign-in", data={"email": cast.gael.email, "password": PASSWORD}).status_code == 303


def test_a_lead_prolongs_and_shortens(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    grant = grant_of(cast, cast.gael)
    longer = (now() + timedelta(days=170)).date()
    url = f"/grants/{grant.public_id}/end-date"
    for somebody, status in ((cast.marc, 403), (cast.gael, 403), (cast.olga, 404), (cast.ines, 303)):
        answer = sign_in(somebody).post(url, data={"ends_at": longer.isoformat()})
        assert answer.status_code == status, somebody.email
    session.refresh(cast.gael)
    assert cast.gael.valid_until is not None and cast.gael.valid_until.date() == longer
    lead = sign_in(cast.ines)
    for wrong in ("", "hier", "2020-01-01", (now() + timedelta(days=190)).date().isoformat()):
        assert lead.post(url, data={"ends_at": wrong}).status_code == 303
        session.refresh(grant)
        assert grant.expires_at is not None and grant.expires_at.date() == longer, wrong
    epoch, stream = cast.gael.access_epoch, cast.space.stream.acl_epoch
    sooner = now() + timedelta(days=2)
    guests.set_end(grant, sooner, by=cast.ines)
    assert cast.gael.valid_until == sooner
    assert cast.gael.access_epoch > epoch and cast.space.stream.acl_epoch > stream, "it can take access away"
    ines = grant_of(cast, cast.ines)
    with pytest.raises(NotAllowed):
        guests.set_end(ines, sooner, by=cast.ines)


def test_a_guest_who_is_prolonged_after_the_date_comes_back_with_nothing_that_was_open(
    cast: SimpleNamespace, sign_in: Callable[..., Any]
) -> None:
    browser = sign_in(cast.gael)
    _token, secret = tokens.make(
        cast.gael, name="t", scope=tokens.TokenScope.READ, expires_at=now() + timedelta(days=20)
    )
    end_now(cast.gael)
    session.refresh(cast.gael)
    guests.set_end(grant_of(cast, cast.gael), now() + timedelta(days=60), by=cast.ines)
    assert can(cast.gael, Can.READ_SPACE, cast.space)
    assert browser.get("/").status_code == 303
    answer = browser.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_a_closed_door_is_not_held_open(cast: SimpleNamespace) -> None:
    guests.allow(cast.space, False, by=cast.ines)
    assert can(cast.gael, Can.READ_SPACE, cast.space), "who is in stays until the date"
    grant = grant_of(cast, cast.gael)
    with pytest.raises(Conflict):
        guests.set_end(grant, now() + timedelta(days=90), by=cast.ines)
    guests.set_end(grant, now() + timedelta(days=1), by=cast.ines)
    guests.allow(cast.space, True, by=cast.ines)
    accounts.suspend(cast.gael, by=None)
    with pytest.raises(Conflict):
        guests.set_end(grant, now() + timedelta(days=90), by=cast.ines)


def test_the_account_ends_with_the_last_of_its_spaces(cast: SimpleNamespace) -> None:
    other = actions.create(title="Ailleurs", by=cast.marc)
    guests.allow(other, True, by=cast.marc)
    first = cast.gael.valid_until
    longer = now() + timedelta(days=100)
    guests.admit(other, cast.gael, Role.READER, longer, by=cast.marc)
    assert cast.gael.valid_until == longer
    assert grant_of(cast, cast.gael).expires_at == first, "another space's lead prolongs nothing here"
    found = grants.grant_of(other, PrincipalKind.ACCOUNT, cast.gael.id)
    assert found is not None
    grants.take_away(found, by=cast.marc, their_role=Role.LEAD)
    assert cast.gael.valid_until == first
    _opened, _secret = open_session(cast.gael)
    grants.leave(cast.space, by=cast.gael)
    session.refresh(cast.gael)
    assert not cast.gael.is_active, "nothing is left: nothing is open"


def test_the_guest_and_who_answers_for_them_are_told_a_week_before_once(cast: SimpleNamespace) -> None:
    jobs.drain()
    assert session.execute(select(func.count(KeptMail.id))).scalar_one() == 0
    ends = cast.gael.valid_until
    assert ends is not None
    with pretending(ends - timedelta(days=6, hours=23)):
        jobs.drain()
        mails = {mail.recipient: mail for mail in session.execute(select(KeptMail)).scalars()}
        assert set(mails) == {cast.gael.email, cast.ines.email}
        assert "Cellule sécheresse" in mails[cast.gael.email].body
        assert "Gaël Morvan" in mails[cast.ines.email].subject

        @action
        def again() -> None:
            session.execute(update(Outbox).where(Outbox.kind == "guest_ends_soon").values(done_at=None))

        from resana.spaces.stays import warn

        warn({"grant_id": grant_of(cast, cast.gael).id, "ends_at": ends.isoformat()})
        jobs.drain()
        assert session.execute(select(func.count(KeptMail.id))).scalar_one() == 2


def test_who_was_prolonged_is_told_of_the_new_date_alone(cast: SimpleNamespace) -> None:
    first = cast.gael.valid_until
    assert first is not None
    later = first + timedelta(days=60)
    guests.set_end(grant_of(cast, cast.gael), later, by=cast.ines)
    with pretending(first - timedelta(days=1)):
        jobs.drain()
        assert session.execute(select(func.count(KeptMail.id))).scalar_one() == 0
    with pretending(later - timedelta(days=1)):
        jobs.drain()
        assert session.execute(select(func.count(KeptMail.id))).scalar_one() == 2


# Who answers.


def test_a_lead_takes_over_when_the_sponsor_is_gone(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    grants.bring_in(cast.space, cast.olga, Role.LEAD, by=cast.ines, their_role=Role.LEAD)
    url, lead = f"/people/{cast.gael.public_id}/sponsorship", sign_in(cast.olga)
    page = f"/spaces/{cast.space.public_id}/members"
    assert "Prendre le relais" not in lead.get(page).text
    assert lead.post(url).status_code == 403
    accounts.deactivate(cast.ines, by=None)
    assert "Prendre le relais" in lead.get(page).text and "N’est plus là" in lead.get(page).text
    for somebody, status in ((cast.marc, 403), (cast.gael, 403), (cast.xavier, 404), (cast.rose, 403)):
        assert sign_in(somebody).post(url).status_code == status
    assert lead.post(url, data={"back": cast.space.public_id}).location == page
    session.rollback()
    assert people.sponsor_of(cast.gael) == cast.olga
    assert lead.post(url).status_code == 403, "somebody answers for him now"


# Other ways in.


def test_a_guest_is_let_in_by_invitation_alone(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    other = actions.create(title="Ailleurs", by=cast.ines)
    with pytest.raises(Refused):
        grants.bring_in(other, cast.gael, Role.READER, by=cast.ines, their_role=Role.LEAD)
    answer = sign_in(cast.ines).post(
        f"/api/v1/spaces/{other.public_id}/grants",
        json={"role": "reader", "principal": {"kind": "account", "id": cast.gael.public_id}},
    )
    assert answer.status_code == 422
    for role in (Role.MODERATOR, Role.LEAD):
        grant = grant_of(cast, cast.gael)
        with pytest.raises(Refused):
            grants.change(grant, role, by=cast.ines, their_role=Role.LEAD, expires_at=grant.expires_at)
    with pytest.raises(Refused):
        grants.change(grant_of(cast, cast.gael), Role.READER, by=cast.ines, their_role=Role.LEAD)
    assert "Gaël" not in sign_in(cast.ines).get(f"/spaces/{other.public_id}/members?q=gael").text


def test_a_guests_request_is_accepted_where_guests_are_taken_and_until_their_date(cast: SimpleNamespace) -> None:
    other = actions.create(title="Ailleurs", by=cast.marc)
    asked = requests.ask_for_access(other, reason="pour voir", by=cast.gael)
    with pytest.raises(Conflict):
        requests.accept_access(asked, by=cast.marc)
    guests.allow(other, True, by=cast.marc)
    session.refresh(asked)
    requests.accept_access(asked, by=cast.marc)
    grant = grants.grant_of(other, PrincipalKind.ACCOUNT, cast.gael.id)
    assert grant is not None and grant.expires_at == cast.gael.valid_until


def test_only_a_lead_says_whether_a_space_takes_guests(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    url = f"/spaces/{cast.space.public_id}/guest-policy"
    for somebody, status in ((cast.marc, 403), (cast.gael, 403), (cast.rose, 403), (cast.olga, 404), (cast.ines, 303)):
        assert sign_in(somebody).post(url, data={}).status_code == status
    session.refresh(cast.space)
    assert cast.space.guests_allowed is False
    sign_in(cast.ines).post(url, data={"guests_allowed": "y"})
    session.refresh(cast.space)
    assert cast.space.guests_allowed is True
    with pytest.raises(NotThere):
        guests.allow(cast.space, True, by=cast.olga)


def test_the_list_of_guests_takes_a_constant_number_of_statements(
    cast: SimpleNamespace, statements: Callable[..., Any]
) -> None:
    with statements() as seen:
        found = guests.guests_of(cast.space)
    assert len(seen) == 1
    assert [(one.account.first_name, one.has_ended) for one in found] == [("Gaël", False), ("Gilda", True)]
    with statements() as seen:
        assert guests.number_of_guests(cast.space) == 1
    assert len(seen) == 1
