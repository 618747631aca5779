"""Breaking the glass: two persons, four hours, reading only, told to everybody and written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from resana.accounts import actions as accounts
from resana.audit.models import AuditEntry
from resana.audit.verifying import verify
from resana.core.actions import action
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.core.jobs import Outbox
from resana.core.storage import draft_of
from resana.documents.writing import deposit
from resana.emergency import actions
from resana.emergency.models import EmergencyAccess
from resana.permissions import Can, can, earliest_end
from resana.spaces.models import Stream

Entries = Callable[..., list[AuditEntry]]
READING = (Can.READ_SPACE, Can.SEE_MEMBERS)
WRITING = (Can.UPLOAD, Can.CREATE_THREAD, Can.INVITE_AGENT, Can.EDIT_SPACE, Can.CHANGE_VISIBILITY, Can.JOIN_SPACE)


@pytest.fixture
def asked(cast: SimpleNamespace) -> EmergencyAccess:
    """Petra has asked to read the space."""
    return actions.ask(cast.space, reason="Réquisition judiciaire", by=cast.petra)


@pytest.fixture
def opened(cast: SimpleNamespace, asked: EmergencyAccess) -> EmergencyAccess:
    """Adam, who administers the owner, has agreed."""
    actions.approve(asked, by=cast.adam)
    return asked


def test_nothing_is_open_before_somebody_else_agrees(cast: SimpleNamespace, asked: EmergencyAccess) -> None:
    assert not can(cast.petra, Can.READ_SPACE, cast.space)
    assert actions.ask(cast.space, reason="Encore", by=cast.petra) is asked
    assert not can(cast.petra, Can.ANSWER_EMERGENCY_ACCESS, asked)
    for stranger in (cast.ines, cast.rejane, cast.bruno):
        assert not can(stranger, Can.ANSWER_EMERGENCY_ACCESS, asked)
    assert can(cast.adam, Can.ANSWER_EMERGENCY_ACCESS, asked)
    assert can(cast.rose, Can.ANSWER_EMERGENCY_ACCESS, asked)


def test_one_person_cannot_be_both(cast: SimpleNamespace, asked: EmergencyAccess) -> None:
    """An administrator of the platform who administers the owner as well does not agree to their own request."""
    accounts.appoint(cast.petra, cast.at.dreal)
    with pytest.raises(NotAllowed):
        actions.approve(asked, by=cast.petra)
    assert not can(cast.petra, Can.READ_SPACE, cast.space)


def test_only_the_platform_s_administrators_ask_and_they_say_why(cast: SimpleNamespace) -> None:
    for who in (cast.rose, cast.ines):
        with pytest.raises((NotAllowed, NotThere)):
            actions.ask(cast.space, reason="Parce que", by=who)
    with pytest.raises(Refused):
        actions.ask(cast.space, reason="  ", by=cast.petra)


def test_who_was_let_in_reads_and_changes_nothing(cast: SimpleNamespace, opened: EmergencyAccess) -> None:
    for right in READING:
        assert can(cast.petra, right, cast.space)
    for right in WRITING:
        assert not can(cast.petra, right, cast.space)


def test_it_ends_after_four_hours_by_the_clock_alone(cast: SimpleNamespace, opened: EmergencyAccess) -> None:
    with pretending(now() + timedelta(hours=3, minutes=59)):
        assert can(cast.petra, Can.READ_SPACE, cast.space)
    with pretending(now() + timedelta(hours=4, seconds=1)):
        assert not can(cast.petra, Can.READ_SPACE, cast.space)


def test_it_ends_with_the_hat_of_who_asked(cast: SimpleNamespace, opened: EmergencyAccess) -> None:
    @action
    def demote() -> None:
        cast.petra.platform_admin = False

    demote()
    assert not can(cast.petra, Can.READ_SPACE, cast.space)


@pytest.mark.parametrize("who", ["ines", "adam", "petra"])
def test_it_is_ended_early_by_the_lead_the_administrator_or_the_asker(
    cast: SimpleNamespace, opened: EmergencyAccess, who: str
) -> None:
    epoch = session.execute(select(Stream.acl_epoch).where(Stream.space_id == cast.space.id)).scalar_one()
    actions.end(opened, by=getattr(cast, who))
    actions.end(opened, by=getattr(cast, who))
    assert not can(cast.petra, Can.READ_SPACE, cast.space)
    assert cast.space.emergency_until is None
    after = session.execute(select(Stream.acl_epoch).where(Stream.space_id == cast.space.id)).scalar_one()
    assert after == epoch + 1  # live rooms are emptied


def test_others_do_not_end_it(cast: SimpleNamespace, opened: EmergencyAccess) -> None:
    for who in (cast.bruno, cast.olga, cast.rejane):
        with pytest.raises(NotThere):
            actions.end(opened, by=who)


def test_a_request_has_one_answer(cast: SimpleNamespace, asked: EmergencyAccess) -> None:
    actions.refuse(asked, by=cast.adam)
    with pytest.raises(Conflict):
        actions.approve(asked, by=cast.rose)
    assert not can(cast.petra, Can.READ_SPACE, cast.space)


def test_a_ticket_for_the_live_room_ends_with_it(cast: SimpleNamespace, opened: EmergencyAccess) -> None:
    assert earliest_end(cast.petra, [cast.space]) == opened.ends_at


def test_the_leads_are_told_by_mail_and_everybody_by_a_banner(
    cast: SimpleNamespace, sign_in: Callable[..., Any], opened: EmergencyAccess
) -> None:
    mails = [row.payload for row in session.execute(select(Outbox).where(Outbox.kind == "mail")).scalars()]
    told = {mail["to"]: mail["body"] for mail in mails if "lire l’espace" in mail["body"]}
    assert "Réquisition judiciaire" in told[cast.ines.email]
    assert cast.petra.email in told
    page = sign_in(cast.bruno).get(f"/spaces/{cast.space.public_id}")
    assert "accès exceptionnel" in page.text
    assert "Réquisition" not in page.text
    assert "Réquisition" in sign_in(cast.ines).get("/emergency-accesses").text
    assert "Réquisition" not in sign_in(cast.bruno).get("/emergency-accesses").text


def test_every_reading_is_written_down_before_it_is_shown(
    cast: SimpleNamespace,
    sign_in: Callable[..., Any],
    opened: EmergencyAccess,
    entries: Callable[..., list[AuditEntry]],
) -> None:
    with draft_of(b"contenu") as draft:
        document = deposit(cast.space, None, "note.txt", draft, by=cast.ines)
    client = sign_in(cast.petra)
    before = entries()[-1].id
    space = cast.space.public_id
    for path, status in (
        (f"/spaces/{space}", 200),
        (f"/documents/{document.public_id}", 200),
        (f"/api/v1/documents/{document.public_id}/content", 200),
        ("/search?q=note", 200),
    ):
        assert client.get(path, buffered=True).status_code == status
    found = entries(before)
    assert {one.act for one in found} == {"emergency_read"}
    assert {(one.space_id, one.actor_id, one.facts["access"]) for one in found} == {
        (cast.space.id, cast.petra.id, opened.public_id)
    }
    assert [(one.object_kind, one.object_public_id) for one in found] == [
        ("space", space),
        ("document", document.public_id),
        ("document", document.public_id),
        ("page", "search.results"),
    ]
    assert verify().faults == []


def test_other_people_and_other_spaces_leave_no_such_trace(
    cast: SimpleNamespace,
    sign_in: Callable[..., Any],
    opened: EmergencyAccess,
    entries: Callable[..., list[AuditEntry]],
) -> None:
    before = entries()[-1].id
    assert sign_in(cast.ines).get(f"/spaces/{cast.space.public_id}").status_code == 200
    assert sign_in(cast.petra).get(f"/people/{cast.ines.public_id}").status_code == 200
    assert entries(before) == []


def test_the_whole_way_by_pages(cast: SimpleNamespace, sign_in: Callable[..., Any]) -> None:
    petra, adam = sign_in(cast.petra), sign_in(cast.adam)
    space = f"/spaces/{cast.space.public_id}"
    assert f"{space}/emergency-access" in petra.get(space).text
    assert petra.get(f"{space}/documents").status_code == 403
    assert petra.post(f"{space}/emergency-access", data={"reason": ""}).status_code == 422
    assert petra.post(f"{space}/emergency-access", data={"reason": "Incident"}).status_code == 303
    access = session.execute(select(EmergencyAccess)).scalar_one()
    assert "Donner mon accord" in adam.get("/emergency-accesses").text
    assert "Donner mon accord" not in petra.get("/emergency-accesses").text
    assert petra.post(f"/emergency-accesses/{access.public_id}/approval").status_code == 403
    assert sign_in(cast.bruno).post(f"/emergency-accesses/{access.public_id}/approval").status_code == 404
    assert adam.post(f"/emergency-accesses/{access.public_id}/approval").status_code == 303
    assert petra.get(f"{space}/documents").status_code == 200
    assert petra.post(f"/api/v1{space}/threads", json={"title": "Non"}).status_code == 403
    assert adam.post(f"/emergency-accesses/{access.public_id}/end").status_code == 303
    assert petra.get(f"{space}/documents").status_code == 403
