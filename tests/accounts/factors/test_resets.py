"""A lost second factor is taken back by two administrators, or by one and a day in which the person may say no."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from resana.accounts import actions as accounts
from resana.accounts.factors import proving, recovery, resets
from resana.accounts.factors.models import FactorReset
from resana.acts import Act
from resana.core import acts, jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import NotThere
from resana.core.mail import KeptMail
from tests.conftest import PASSWORD

from .conftest import code_of, password, second

DAY = timedelta(hours=24, seconds=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[acts.Told]:
    said: list[acts.Told] = []
    monkeypatch.setattr(acts, "_listeners", [said.append])
    return said


def asked(sign_in: Any, holder: SimpleNamespace, by: Any) -> FactorReset:
    answer = sign_in(by).post(f"/administration/accounts/{holder.account.public_id}/factor-reset")
    assert answer.status_code == 303
    return session.execute(select(FactorReset)).scalar_one()


def subjects(account: Any) -> list[str]:
    session.rollback()
    jobs.drain()
    return list(session.execute(select(KeptMail.subject).where(KeptMail.recipient == account.email)).scalars())


def test_a_second_administrator_s_yes_does_it_at_once(
    sign_in: Any, client: Any, holder: SimpleNamespace, cast: SimpleNamespace, told: list[acts.Told]
) -> None:
    theirs = sign_in(holder.account)
    reset = asked(sign_in, holder, cast.adam)
    assert subjects(holder.account) == ["Demande de réinitialisation de votre vérification en deux étapes"]
    assert client.post("/api/v1/session", json={"email": holder.account.email, "password": PASSWORD}).status_code == 202
    assert len(proving.factors_of(holder.account)) == 1  # nothing has happened yet
    alone = sign_in(cast.adam).post(f"/administration/factor-resets/{reset.public_id}/agreement")
    assert alone.status_code == 404  # one administrator is not two
    page = sign_in(cast.rose).get(f"/administration/accounts/{holder.account.public_id}")
    assert (
        "Donner mon accord" in page.text
        and "Donner mon accord"
        not in sign_in(cast.adam).get(f"/administration/accounts/{holder.account.public_id}").text
    )
    agreed = sign_in(cast.rose).post(f"/administration/factor-resets/{reset.public_id}/agreement")
    assert agreed.status_code == 303
    assert proving.factors_of(holder.account) == [] and recovery.left(holder.account) == 0
    assert theirs.get("/account").status_code == 303
    assert second(client, code=code_of(holder.secret)).status_code == 401  # the half sign-in has ended too
    assert password(client, holder.account).status_code == 200
    acts_of_theirs = [one.act for one in told if one.act != Act.SIGNED_IN]
    assert acts_of_theirs == [Act.FACTOR_RESET_ASKED, Act.FACTOR_RESET_AGREED, Act.FACTORS_RESET]
    assert "Votre vérification en deux étapes est réinitialisée" in subjects(holder.account)
    again = sign_in(cast.rose).post(f"/administration/factor-resets/{reset.public_id}/agreement")
    assert again.status_code == 404


def test_after_a_day_it_takes_effect_at_the_next_sign_in_without_any_job(
    sign_in: Any, app: Flask, holder: SimpleNamespace, cast: SimpleNamespace
) -> None:
    asked(sign_in, holder, cast.adam)
    with time_machine.travel(now() + timedelta(hours=23, minutes=59)):
        assert password(app.test_client(), holder.account).status_code == 202
    with time_machine.travel(now() + DAY):
        assert password(app.test_client(), holder.account).status_code == 200
    assert proving.factors_of(holder.account) == []


def test_after_a_day_the_worker_does_it_for_who_does_not_sign_in(
    sign_in: Any, holder: SimpleNamespace, cast: SimpleNamespace
) -> None:
    asked(sign_in, holder, cast.adam)
    jobs.drain()
    assert len(proving.factors_of(holder.account)) == 1
    session.rollback()
    with time_machine.travel(now() + DAY):
        jobs.drain()
        assert proving.factors_of(holder.account) == []
        jobs.drain()
        assert subjects(holder.account).count("Votre vérification en deux étapes est réinitialisée") == 1


def test_the_person_cancels_it(sign_in: Any, app: Flask, holder: SimpleNamespace, cast: SimpleNamespace) -> None:
    reset = asked(sign_in, holder, cast.adam)
    page = sign_in(holder.account).get("/account/second-factors")
    assert "Une réinitialisation est demandée" in page.text and cast.adam.full_name in page.text
    path = f"/account/second-factors/reset/{reset.public_id}/cancellation"
    assert sign_in(cast.olga).post(path).status_code == 404
    assert sign_in(holder.account).post(path).location == "/account/second-factors"
    with pytest.raises(NotThere):
        resets.agree(reset, by=cast.rose)
    session.rollback()
    with time_machine.travel(now() + DAY):
        jobs.drain()
        assert password(app.test_client(), holder.account).status_code == 202
    assert len(proving.factors_of(holder.account)) == 1
    assert sign_in(holder.account).post(path).status_code == 404


def test_cancelling_comes_too_late_after_a_day(sign_in: Any, holder: SimpleNamespace, cast: SimpleNamespace) -> None:
    reset = asked(sign_in, holder, cast.adam)
    with time_machine.travel(now() + DAY):
        path = f"/account/second-factors/reset/{reset.public_id}/cancellation"
        assert sign_in(holder.account).post(path).status_code == 404


def test_it_is_asked_once_and_only_where_there_is_something_to_take(
    sign_in: Any, holder: SimpleNamespace, cast: SimpleNamespace
) -> None:
    asked(sign_in, holder, cast.adam)
    path = "/api/v1/accounts/{}/factor-reset"
    assert sign_in(cast.rose).post(path.format(holder.account.public_id)).status_code == 409
    assert sign_in(cast.rose).post(path.format(cast.marc.public_id)).status_code == 409
    assert sign_in(cast.rejane).post(path.format(holder.account.public_id)).status_code == 404
    assert sign_in(holder.account).post(path.format(holder.account.public_id)).status_code == 404


def test_who_administers_the_account_no_more_agrees_no_more(
    sign_in: Any, holder: SimpleNamespace, cast: SimpleNamespace
) -> None:
    reset = asked(sign_in, holder, cast.rose)
    accounts.change(holder.account, administration=cast.at.rectorat, by=None)
    session.rollback()
    path = f"/administration/factor-resets/{reset.public_id}/agreement"
    assert sign_in(cast.adam).post(path).status_code == 404
    assert sign_in(cast.rejane).post(path).status_code == 303


def test_asking_and_agreeing_want_a_recent_proof(sign_in: Any, holder: SimpleNamespace, cast: SimpleNamespace) -> None:
    adam = sign_in(cast.adam)
    with time_machine.travel(now() + timedelta(minutes=11)):
        asking = adam.post(f"/administration/accounts/{holder.account.public_id}/factor-reset")
        assert asking.status_code == 403 and "Confirmez que c’est bien vous" in asking.text
    assert session.execute(select(FactorReset)).first() is None
