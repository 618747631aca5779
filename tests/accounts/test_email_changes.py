"""Another address: one's own by a link there, a person's by a yes from the former one or after 72 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from resana.accounts import email_changes, life, links
from resana.accounts.life_models import EmailChange
from resana.accounts.models import Account, PasswordLink
from resana.core import jobs
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.core.errors import Conflict, NotThere, Refused
from resana.core.jobs import Outbox
from resana.core.mail import KeptMail

SignIn = Callable[[Account], Any]
NEW = "nouvelle@dreal.example"


def letters(to: str) -> list[str]:
    """What an address got."""
    jobs.drain()
    return list(session.execute(select(KeptMail.body).where(KeptMail.recipient == to).order_by(KeptMail.id)).scalars())


def secret_in(letter: str) -> str:
    """The secret of the link in a letter."""
    return letter.split("/email/")[1].split()[0]


def email_of(account: Account) -> str:
    session.rollback()
    return session.execute(select(Account.email).where(Account.id == account.id)).scalar_one()


def test_ones_own_address_changes_by_the_link_at_the_new_one(
    sign_in: SignIn, client: Any, cast: SimpleNamespace
) -> None:
    ines, former = sign_in(cast.ines), cast.ines.email
    assert ines.get("/account/email").status_code == 200
    assert ines.post("/account/email", data={"email": "pas une adresse"}).status_code == 422
    assert ines.post("/account/email", data={"email": former}).status_code == 422
    assert ines.post("/account/email", data={"email": NEW.upper()}).status_code == 303
    assert email_of(cast.ines) == former
    assert NEW in letters(former)[0]
    assert "/email/" not in letters(former)[0], "no link that decides goes to the former address"
    secret = secret_in(letters(NEW)[0])
    assert client.get(f"/email/{secret}").status_code == 200
    assert email_of(cast.ines) == former, "looking decides nothing"
    assert client.post(f"/email/{secret}", data={"do": "confirm"}).status_code == 303
    assert email_of(cast.ines) == NEW
    assert client.post(f"/email/{secret}", data={"do": "confirm"}).status_code == 404, "once"
    assert client.get("/email/nonsense").status_code == 404
    assert len(letters(former)) == 2


def test_asking_does_not_tell_whether_an_address_is_known(sign_in: SignIn, cast: SimpleNamespace) -> None:
    marc = sign_in(cast.marc)
    answer = marc.post("/account/email", data={"email": cast.olga.email})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert "/email/" not in letters(cast.olga.email)[0]
    assert email_of(cast.marc) != cast.olga.email


def test_a_link_that_is_late_or_of_a_closed_account_serves_no_more(cast: SimpleNamespace) -> None:
    email_changes.ask(cast.ines, NEW)
    secret = secret_in(letters(NEW)[0])
    with pretending(now() + timedelta(hours=25)), pytest.raises(NotThere):
        email_changes.confirm(secret)
    life.deactivate(cast.ines, by=cast.adam)
    with pytest.raises(NotThere):
        email_changes.confirm(secret)


def test_an_administrator_waits_for_a_yes_at_the_former_address(sign_in: SignIn, cast: SimpleNamespace) -> None:
    adam, former = sign_in(cast.adam), cast.ines.email
    path = f"/administration/accounts/{cast.ines.public_id}/email"
    assert adam.get(path).status_code == 200
    assert adam.post(path, data={"email": cast.olga.email}).status_code == 409
    assert sign_in(cast.rejane).post(path, data={"email": NEW}).status_code == 404
    assert adam.post(path, data={"email": NEW}).status_code == 303
    assert adam.post(path, data={"email": "autre@dreal.example"}).status_code == 409
    assert email_of(cast.ines) == former
    assert "/email/" not in letters(NEW)[0], "the new address decides nothing"
    email_changes.confirm(secret_in(letters(former)[0]))
    assert email_of(cast.ines) == NEW
    links.send_link(cast.ines, by=cast.adam)  # its holder has said yes


def test_without_an_answer_it_changes_after_72_hours_and_no_link_follows_it(cast: SimpleNamespace) -> None:
    former = cast.ines.email
    change = email_changes.ask_for(cast.ines, NEW, by=cast.adam)
    jobs.drain()
    assert email_of(cast.ines) == former
    with pytest.raises(Conflict):
        links.send_link(cast.ines, by=cast.adam)
    with pretending(now() + timedelta(hours=73)):
        jobs.drain()
        assert email_of(cast.ines) == NEW
        for by in (cast.adam, None):
            with pytest.raises(Conflict):
                links.send_link(cast.ines, by=by)
    with pretending(now() + timedelta(hours=73 + 73)):
        links.send_link(cast.ines, by=cast.adam)
    assert session.get_one(EmailChange, change.id).confirmed is False


def test_the_person_says_no(sign_in: SignIn, cast: SimpleNamespace) -> None:
    former = cast.ines.email
    email_changes.ask_for(cast.ines, NEW, by=cast.adam)
    email_changes.refuse(secret_in(letters(former)[0]))
    with pretending(now() + timedelta(hours=73)):
        jobs.drain()
    assert email_of(cast.ines) == former
    assert "a refusé" in letters(cast.adam.email)[-1]
    email_changes.ask_for(cast.ines, NEW, by=cast.adam)
    assert "Refuser ce changement" in sign_in(cast.ines).get("/account/email").text
    assert sign_in(cast.ines).post("/account/email/refusal").status_code == 303
    assert sign_in(cast.ines).post("/account/email/refusal").status_code == 404
    assert email_of(cast.ines) == former


def test_no_new_address_follows_an_administrators_link_within_72_hours(cast: SimpleNamespace) -> None:
    links.send_link(cast.ines, by=cast.adam)
    with pytest.raises(Conflict):
        email_changes.ask_for(cast.ines, NEW, by=cast.adam)
    session.execute(update(PasswordLink).values(created_at=now() - timedelta(hours=73)))
    session.commit()
    email_changes.ask_for(cast.ines, NEW, by=cast.adam)


def test_who_no_longer_administers_asks_for_nothing(cast: SimpleNamespace) -> None:
    for stranger in (cast.rejane, cast.marc, cast.petra):
        with pytest.raises(NotThere):
            email_changes.ask_for(cast.ines, NEW, by=stranger)
    with pytest.raises(Refused):
        email_changes.ask_for(cast.ines, cast.ines.email, by=cast.adam)


def test_an_address_that_was_taken_meanwhile_is_left_alone(cast: SimpleNamespace) -> None:
    email_changes.ask_for(cast.ines, NEW, by=cast.adam)
    session.execute(update(Account).where(Account.id == cast.olga.id).values(email=NEW))
    session.commit()
    with pretending(now() + timedelta(hours=73)):
        jobs.drain()
    assert email_of(cast.ines) != NEW
    assert session.execute(select(Outbox.last_error).where(Outbox.kind == "email_change")).scalar_one() == ""
