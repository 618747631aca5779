"""Asking for an account with a professional address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from resana.accounts import account_requests, actions
from resana.accounts.models import Account, AccountRequest, AccountRequestState, AccountStatus
from resana.administrations.actions import set_policy
from resana.administrations.models import AccountOpening, AdministrationDomain
from resana.core import jobs
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict
from resana.core.mail import KeptMail

SignIn = Callable[[Account], Any]
NORA = {"email": "Nora.Veau@DREAL.example", "first_name": "Nora", "last_name": "Veau", "job_title": "Hydrologue"}


@action
def domain(name: str, administration: Any) -> None:
    session.add(AdministrationDomain(domain=name, administration_id=administration.id))


@pytest.fixture(autouse=True)
def dreal(cast: SimpleNamespace) -> Any:
    known = session.execute(select(AdministrationDomain.domain)).scalars().all()
    if "dreal.example" not in known:
        domain("dreal.example", cast.at.dreal)
    set_policy(cast.at.dreal, account_opening=AccountOpening.VALIDATED, by=None)
    return cast.at.dreal


def mails(address: str) -> list[KeptMail]:
    while jobs.drain():
        pass
    session.rollback()
    return list(session.execute(select(KeptMail).where(KeptMail.recipient == address).order_by(KeptMail.id)).scalars())


def link(address: str) -> str:
    found = re.search(r"/account-request/[\w-]+", mails(address)[-1].body)
    assert found is not None
    return found[0]


def test_an_account_opens_at_once_where_the_policy_says_so(client: Any, cast: SimpleNamespace, dreal: Any) -> None:
    set_policy(dreal, account_opening=AccountOpening.IMMEDIATE, by=None)
    assert client.post("/account-request", data=NORA).location == "/account-request/sent"
    here = link("nora.veau@dreal.example")
    assert "C’est bien moi" in client.get(here).text
    assert session.execute(select(Account).where(Account.email == "nora.veau@dreal.example")).first() is None
    answer = client.post(here)
    assert (answer.status_code, answer.location) == (303, "/account-request/confirmed?opened=1")
    nora = session.execute(select(Account).where(Account.email == "nora.veau@dreal.example")).scalar_one()
    assert (nora.status, nora.home_administration_id, nora.job_title) == (AccountStatus.INVITED, dreal.id, "Hydrologue")
    assert "/password/" in mails(nora.email)[-1].body
    assert client.post(here).status_code == client.get(here).status_code == 404


def test_an_administrator_answers_where_the_policy_wants_it(
    client: Any, sign_in: SignIn, cast: SimpleNamespace
) -> None:
    client.post("/account-request", data=NORA)
    assert client.post(link("nora.veau@dreal.example")).location == "/account-request/confirmed"
    assert "Nora Veau" in mails(cast.adam.email)[-1].body
    demand = session.execute(select(AccountRequest)).scalar_one()
    for other in (cast.rejane, cast.ines):
        stranger = sign_in(other)
        assert stranger.post(f"/administration/account-requests/{demand.public_id}/acceptance").status_code == 404
    assert "Nora Veau" not in sign_in(cast.rejane).get("/administration/account-requests").text
    adam = sign_in(cast.adam)
    assert "Nora Veau" in adam.get("/administration/account-requests").text
    assert adam.post(f"/administration/account-requests/{demand.public_id}/acceptance").status_code == 303
    nora = session.execute(select(Account).where(Account.email == "nora.veau@dreal.example")).scalar_one()
    assert nora.status == AccountStatus.INVITED
    assert adam.post(f"/administration/account-requests/{demand.public_id}/acceptance").status_code == 404


def test_a_refusal_is_told_with_its_reason(client: Any, sign_in: SignIn, cast: SimpleNamespace) -> None:
    client.post("/account-request", data=NORA)
    client.post(link("nora.veau@dreal.example"))
    demand = session.execute(select(AccountRequest)).scalar_one()
    path = f"/administration/account-requests/{demand.public_id}/refusal"
    assert sign_in(cast.adam).post(path, data={"reason": "Voyez votre service."}).status_code == 303
    assert "Voyez votre service." in mails("nora.veau@dreal.example")[-1].body
    assert session.execute(select(Account).where(Account.email == "nora.veau@dreal.example")).first() is None


@pytest.mark.parametrize(
    "email",
    [
        "{ines}",
        "x@unknown.example",
        "x@evil-dreal.example",
        "x@sub.dreal.example",
        "x@dreal.example.evil.example",
        "x@prefecture.example",
    ],
)
def test_no_answer_tells_whether_an_address_is_known(
    client: Any, cast: SimpleNamespace, statements: Callable[[], Any], email: str
) -> None:
    asked = NORA | {"email": email.format(ines=cast.ines.email)}
    session.rollback()
    with statements() as usual:
        first = client.post("/account-request", data=NORA)
    with statements() as seen:
        answer = client.post("/account-request", data=asked)
    assert (answer.status_code, answer.location, answer.data) == (first.status_code, first.location, first.data)
    assert len(seen) == len(usual)
    while jobs.drain():
        pass
    session.rollback()
    assert session.execute(select(AccountRequest.email)).scalars().all() == ["nora.veau@dreal.example"]


def test_whoever_has_an_account_hears_of_it_in_their_own_mailbox(client: Any, cast: SimpleNamespace) -> None:
    client.post("/account-request", data=NORA | {"email": cast.ines.email})
    assert "/password/" in mails(cast.ines.email)[-1].body


def test_a_mailbox_is_not_flooded(client: Any, cast: SimpleNamespace) -> None:
    for _turn in range(5):
        account_requests.receive({**NORA, "email": "nora.veau@dreal.example", "language": "fr"})
    assert len(mails("nora.veau@dreal.example")) == account_requests.BUDGET


def test_a_link_ends_and_a_policy_that_closes_in_between_holds(client: Any, cast: SimpleNamespace, dreal: Any) -> None:
    client.post("/account-request", data=NORA)
    here = link("nora.veau@dreal.example")
    with time_machine.travel(now() + timedelta(hours=25)):
        assert client.get(here).status_code == 404
        assert client.post(here).status_code == 404
    set_policy(dreal, account_opening=AccountOpening.CLOSED, by=None)
    assert client.post(here).status_code == 404
    assert session.execute(select(AccountRequest.state)).scalar_one() == AccountRequestState.SENT


def test_an_address_that_got_an_account_in_between_is_a_conflict(client: Any, cast: SimpleNamespace) -> None:
    client.post("/account-request", data=NORA)
    client.post(link("nora.veau@dreal.example"))
    actions.create(
        email="nora.veau@dreal.example", first_name="N", last_name="V", administration=cast.at.dreal, by=cast.adam
    )
    demand = session.execute(select(AccountRequest)).scalar_one()
    with pytest.raises(Conflict):
        account_requests.accept(demand, by=cast.adam)


@pytest.mark.parametrize("wrong", [{"email": "nora"}, {"first_name": ""}, {"last_name": "A\u202e"}])
def test_what_is_wrong_is_said_at_its_field(client: Any, cast: SimpleNamespace, wrong: dict[str, str]) -> None:
    answer = client.post("/account-request", data=NORA | wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'value="Hydrologue"' in answer.text
