"""Belonging to another administration for a while: exactly there, until the day, and by its administrators only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from resana.accounts import delegations
from resana.accounts.life_models import Delegation
from resana.accounts.models import Account
from resana.core import jobs
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.core.mail import KeptMail
from resana.permissions import Can, can, earliest_end, role_in
from resana.spaces import grants
from resana.spaces.models import Role, Space

SignIn = Callable[[Account], Any]


@pytest.fixture
def theirs(cast: SimpleNamespace) -> Space:
    """A space that the service of Limoges itself contributes to."""
    grants.bring_in(cast.space, cast.at.dreal_limoges, Role.CONTRIBUTOR, by=cast.ines, their_role=Role.LEAD)
    return cast.space


def lend(cast: SimpleNamespace, place: Any = None, days: int = 30, **more: Any) -> Delegation:
    arguments: dict[str, Any] = {"starts_at": now(), "ends_at": now() + timedelta(days=days), "reason": "Intérim"}
    return delegations.grant(cast.olga, place or cast.at.dreal_limoges, **(arguments | {"by": cast.adam} | more))


def test_a_delegation_opens_what_that_very_administration_is_given(cast: SimpleNamespace, theirs: Space) -> None:
    lend(cast, cast.at.dreal)
    assert role_in(cast.olga, theirs) is None, "neither what lies below, nor what a sub-tree is given"
    lend(cast)
    assert role_in(cast.olga, theirs) == Role.CONTRIBUTOR
    assert not can(cast.olga, Can.ADMINISTER)


def test_it_begins_and_ends_by_itself(cast: SimpleNamespace, theirs: Space) -> None:
    lend(cast, starts_at=now() + timedelta(days=2), days=5)
    assert not can(cast.olga, Can.READ_SPACE, theirs)
    with pretending(now() + timedelta(days=3)):
        assert can(cast.olga, Can.READ_SPACE, theirs)
    with pretending(now() + timedelta(days=6)):
        assert not can(cast.olga, Can.READ_SPACE, theirs)


def test_a_ticket_ends_with_the_delegation(cast: SimpleNamespace, theirs: Space, sign_in: SignIn) -> None:
    delegation = lend(cast, ends_at=now() + timedelta(minutes=3))
    assert earliest_end(cast.olga, [theirs]) == delegation.ends_at
    ticket = sign_in(cast.olga).post(f"/api/v1/spaces/{theirs.public_id}/live-ticket")
    assert ticket.status_code == 200
    said = next(value for name, value in ticket.json.items() if "until" in name or "expires" in name)
    assert datetime.fromisoformat(said) <= delegation.ends_at + timedelta(seconds=1)


def test_ended_early_it_closes_at_once(cast: SimpleNamespace, theirs: Space) -> None:
    delegation = lend(cast)
    epoch = cast.olga.access_epoch
    with pytest.raises(NotThere):
        delegations.end(delegation, by=cast.ines)
    delegations.end(delegation, by=cast.rejane)  # who administers the person's own administration
    session.refresh(cast.olga)
    assert cast.olga.access_epoch == epoch + 1
    assert not can(cast.olga, Can.READ_SPACE, theirs)
    with pytest.raises(NotThere):
        delegations.end(delegation, by=cast.adam)


def test_only_its_administrators_receive_somebody_and_never_themselves(cast: SimpleNamespace) -> None:
    for stranger in (cast.rejane, cast.ines, cast.petra):
        with pytest.raises(NotAllowed):
            lend(cast, by=stranger)
    moment = now()
    times = {"starts_at": moment, "ends_at": moment + timedelta(days=1), "reason": "x"}
    for account in (cast.adam, cast.lucie, cast.sami):
        with pytest.raises(Refused):
            delegations.grant(account, cast.at.dreal_limoges, by=cast.adam, **times)  # type: ignore[arg-type]
    for wrong in (
        {"ends_at": moment - timedelta(days=1)},
        {"ends_at": moment + timedelta(days=400)},
        {"starts_at": moment + timedelta(days=40)},
        {"reason": " "},
    ):
        with pytest.raises(Refused):
            lend(cast, **wrong)
    lend(cast)
    with pytest.raises(Conflict):
        lend(cast)
    assert len(session.execute(select(Delegation)).all()) == 1


def test_suspension_keeps_it_and_gives_nothing_meanwhile(cast: SimpleNamespace, theirs: Space) -> None:
    lend(cast)
    session.execute(update(Account).where(Account.id == cast.olga.id).values(status="suspended"))
    session.commit()
    assert not can(cast.olga, Can.READ_SPACE, theirs)
    session.execute(update(Account).where(Account.id == cast.olga.id).values(status="active"))
    session.commit()
    assert can(cast.olga, Can.READ_SPACE, theirs)


def test_the_pages_receive_list_and_end(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam, list_page = sign_in(cast.adam), "/administration/delegations"
    assert "Olga Roussel" in adam.get(f"{list_page}?q=roussel").text
    new = f"{list_page}/new/{cast.olga.public_id}"
    assert "Accueillir cette personne" in adam.get(new).text
    form = {
        "administration_id": cast.at.dreal.public_id,
        "starts_at": now().date().isoformat(),
        "ends_at": (now() + timedelta(days=20)).date().isoformat(),
        "reason": "Intérim de la cheffe",
    }
    assert adam.post(new, data=form | {"ends_at": "2020-01-01"}).status_code == 422
    assert adam.post(new, data={}).status_code == 422
    assert adam.post(new, data=form | {"administration_id": cast.at.rectorat.public_id}).status_code == 404
    assert adam.post(new, data=form).status_code == 303
    assert "Intérim de la cheffe" in adam.get(list_page).text
    assert "Intérim de la cheffe" in sign_in(cast.rejane).get(list_page).text
    assert "Direction de l’environnement" in sign_in(cast.olga).get("/account").text
    one = session.execute(select(Delegation)).scalar_one()
    assert sign_in(cast.bruno).get(list_page).status_code == 403
    assert sign_in(cast.bruno).post(f"{list_page}/{one.public_id}/end").status_code == 404
    assert adam.post(f"{list_page}/{one.public_id}/end").status_code == 303
    jobs.drain()
    assert len(session.execute(select(KeptMail).where(KeptMail.recipient == cast.olga.email)).all()) == 2
