"""Inviting somebody from outside: what an invitation is bound to, and when it does not serve any more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from resana.accounts import actions as accounts
from resana.accounts.models import Account, AccountKind, Sponsorship
from resana.core import jobs
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused, TooMany
from resana.core.mail import KeptMail
from resana.permissions import Can, can, role_in
from resana.spaces import actions, grants, guests, invitations
from resana.spaces.models import Grant, Invitation, PrincipalKind, Role
from tests.accounts.factors.conftest import give_application

ADDRESS = "nora@association.example"
GOOD = "une barque bleue au matin"
WHO = {"first_name": "Nora", "last_name": "Kadi", "organisation": "Association des rivières", "password": GOOD}
FORM = WHO | {"again": GOOD}


@pytest.fixture
def month() -> datetime:
    return now() + timedelta(days=30)


def secret_of(address: str = ADDRESS) -> str:
    """The secret in the last mail to that address."""
    jobs.drain()
    mail = (
        session.execute(select(KeptMail).where(KeptMail.recipient == address).order_by(KeptMail.id.desc()))
        .scalars()
        .first()
    )
    assert mail is not None
    found = re.search(r"/invitations/([\w-]{43})\s", mail.body)
    assert found is not None, mail.body
    return found[1]


def invited(cast: SimpleNamespace, until: datetime, by: Account | None = None, address: str = ADDRESS) -> str:
    invitations.invite(cast.space, address, Role.CONTRIBUTOR, until, by=by or cast.ines)
    return secret_of(address)


def account_of(address: str = ADDRESS) -> Account | None:
    session.rollback()
    return session.execute(select(Account).where(Account.email == address)).scalar_one_or_none()


def test_a_person_from_outside_comes_in_by_the_mail_and_is_nothing_more_than_invited(
    cast: SimpleNamespace, month: datetime, sign_in: Callable[..., Any], client: Any
) -> None:
    lead = sign_in(cast.ines)
    space = f"/spaces/{cast.space.public_id}"
    page = lead.get(f"{space}/invitations/new")
    assert "Inviter une personne externe" in page.text
    answer = lead.post(
        f"{space}/invitations",
        data={"email": f" {ADDRESS.upper()} ", "role": "contributor", "ends_at": month.date().isoformat()},
    )
    assert (answer.status_code, answer.location) == (303, f"{space}/members")
    assert ADDRESS in lead.get(f"{space}/members").text
    secret = secret_of()
    page = client.get(f"/invitations/{secret}")
    assert page.status_code == 200 and "Cellule sécheresse" in page.text and "Inès Moreau" in page.text
    assert account_of() is None, "looking consumes nothing"
    assert client.post(f"/invitations/{secret}", data=FORM | {"again": "autre"}).status_code == 422
    assert client.post(f"/invitations/{secret}", data=FORM | {"password": "Nora", "again": "Nora"}).status_code == 422
    answer = client.post(f"/invitations/{secret}", data=FORM)
    assert answer.status_code == 303 and answer.location.startswith("/sign-in?next=/spaces/")
    guest = account_of()
    assert guest is not None
    assert (guest.kind, guest.status, guest.full_name) == (AccountKind.GUEST, "active", "Nora Kadi")
    assert guest.organisation == "Association des rivières"
    assert guest.home_administration_id == cast.space.owner_administration_id
    assert guest.valid_until is not None and guest.valid_until.date() == month.date()
    assert session.execute(select(Sponsorship.sponsor_id)).scalars().all().count(cast.ines.id) == 3
    answer = client.post("/sign-in", data={"email": ADDRESS, "password": GOOD})
    assert answer.status_code == 303
    assert client.get(space).status_code != 200, "a guest owes a second factor first"
    assert role_in(guest, cast.space) is None
    give_application(guest, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert role_in(guest, cast.space) == Role.CONTRIBUTOR
    assert sign_in(guest).get(space).status_code == 200
    jobs.drain()
    told = session.execute(select(KeptMail.body).where(KeptMail.recipient == cast.ines.email)).scalars().all()
    assert any("Nora Kadi" in body for body in told)


def test_an_invitation_serves_once(cast: SimpleNamespace, month: datetime, client: Any) -> None:
    secret = invited(cast, month)
    assert client.post(f"/invitations/{secret}", data=FORM).status_code == 303
    again = client.post(f"/invitations/{secret}", data=FORM)
    assert again.status_code == 404 and "ne sert plus" in again.text
    assert client.get(f"/invitations/{secret}").status_code == 404
    with pytest.raises(NotThere):
        invitations.accept(secret, **WHO)
    assert session.execute(select(func.count()).where(Account.email == ADDRESS)).scalar_one() == 1


def test_two_who_accept_at_once_are_one(cast: SimpleNamespace, month: datetime) -> None:
    """The second has been looked at before the first was done: it is looked at again, under the lock."""
    secret = invited(cast, month)
    seen = invitations.living(secret)
    assert seen is not None
    invitations.accept(secret, **WHO)
    session.rollback()
    fresh = invitations.people.described(
        email=ADDRESS, first_name="X", last_name="Y", organisation="Z", home=cast.at.dreal
    )
    with pytest.raises(NotThere):
        invitations._accept(secret, fresh, "hash")


def test_an_invitation_ends_after_seven_days(cast: SimpleNamespace, month: datetime, client: Any) -> None:
    with pretending(now() - timedelta(days=7, seconds=1)):
        invitations.invite(cast.space, ADDRESS, Role.READER, month, by=cast.ines)
    secret = secret_of()
    assert client.get(f"/invitations/{secret}").status_code == 404
    assert client.post(f"/invitations/{secret}", data=FORM).status_code == 404
    assert account_of() is None
    assert invitations.waiting(cast.space) == []


def test_an_invitation_is_for_its_address_alone(
    cast: SimpleNamespace, month: datetime, sign_in: Callable[..., Any]
) -> None:
    secret = invited(cast, month)
    for somebody in (cast.olga, cast.gael, cast.ines):
        answer = sign_in(somebody).post(f"/invitations/{secret}", data=FORM | {"email": somebody.email})
        assert answer.status_code == 409 and "autre adresse" in answer.text
    assert account_of() is None and not can(cast.olga, Can.READ_SPACE, cast.space)
    assert invitations.accept(secret, **WHO)


@pytest.mark.parametrize("how", ["suspended", "deactivated", "lowered", "removed", "left", "expired", "closed"])
def test_an_invitation_falls_with_the_right_of_who_sent_it(cast: SimpleNamespace, month: datetime, how: str) -> None:
    """Zulip, CVE-2022-21706 and CVE-2024-21630: the inviter's right is asked at both ends."""
    second = grants.bring_in(cast.space, cast.olga, Role.LEAD, by=cast.ines, their_role=Role.LEAD)
    secret = invited(cast, month, by=cast.olga)
    assert invitations.living(secret) is not None
    if how == "suspended":
        accounts.suspend(cast.olga, by=None)
    elif how == "deactivated":
        accounts.deactivate(cast.olga, by=None)
    elif how == "lowered":
        grants.change(second, Role.MODERATOR, by=cast.ines, their_role=Role.LEAD)
    elif how == "removed":
        grants.take_away(second, by=cast.ines, their_role=Role.LEAD)
    elif how == "left":
        grants.leave(cast.space, by=cast.olga)
    elif how == "expired":
        grants.change(second, Role.LEAD, by=cast.ines, their_role=Role.LEAD, expires_at=now() + timedelta(seconds=0.2))
        import time

        time.sleep(0.3)
    else:
        guests.allow(cast.space, False, by=cast.ines)
    with pytest.raises(NotThere):
        invitations.accept(secret, **WHO)
    assert account_of() is None
    revoked = session.execute(select(Invitation.revoked_at)).scalar_one()
    assert (revoked is not None) == (how != "expired"), "it ends in the same transaction, where there is one"
    if how == "suspended":
        accounts.reactivate(cast.olga, by=None)
        assert invitations.living(secret) is None, "what ended stays ended"


def test_the_inviters_right_is_asked_again_under_the_lock(
    cast: SimpleNamespace, month: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants.bring_in(cast.space, cast.olga, Role.LEAD, by=cast.ines, their_role=Role.LEAD)
    secret = invited(cast, month, by=cast.olga)
    hashed = invitations.passwords.hashed

    def meanwhile(password: str) -> str:
        accounts.suspend(cast.olga, by=None)
        session.rollback()
        return hashed(password)

    monkeypatch.setattr(invitations.passwords, "hashed", meanwhile)
    with pytest.raises(NotThere):
        invitations.accept(secret, **WHO)
    assert account_of() is None


def test_only_a_lead_of_a_space_that_takes_guests_invites(cast: SimpleNamespace, month: datetime) -> None:
    for somebody in (cast.marc, cast.bruno, cast.lucie, cast.gael, cast.rose, cast.petra):
        with pytest.raises(NotAllowed):
            invitations.invite(cast.space, ADDRESS, Role.READER, month, by=somebody)
    with pytest.raises(NotThere):
        invitations.invite(cast.space, ADDRESS, Role.READER, month, by=cast.olga)
    guests.allow(cast.space, False, by=cast.ines)
    with pytest.raises(NotAllowed):
        invitations.invite(cast.space, ADDRESS, Role.READER, month, by=cast.ines)


def test_role_date_and_address_are_made_sane(cast: SimpleNamespace, month: datetime) -> None:
    for role in (Role.CARD, Role.MODERATOR, Role.LEAD):
        with pytest.raises(Refused) as no:
            invitations.invite(cast.space, ADDRESS, role, month, by=cast.ines)
        assert no.value.field == "role"
    for end in (now(), now() - timedelta(days=1), now() + timedelta(days=181, hours=1)):
        with pytest.raises(Refused) as no:
            invitations.invite(cast.space, ADDRESS, Role.READER, end, by=cast.ines)
        assert no.value.field == "ends_at"
    for address in ("", "nora", "nora@", "a@b\r\nBcc: x@y.example", "x" * 300 + "@y.example"):
        with pytest.raises(Refused) as no:
            invitations.invite(cast.space, address, Role.READER, month, by=cast.ines)
        assert no.value.field == "email"
    assert session.execute(select(func.count(Invitation.id))).scalar_one() == 0


def test_who_invites_does_not_learn_whether_the_address_has_an_account(
    cast: SimpleNamespace, month: datetime, sign_in: Callable[..., Any]
) -> None:
    """A guest of another space, an agent who has not come yet, and nobody: the same answer, and the same mail."""
    other = actions.create(title="Ailleurs", by=cast.marc)
    guests.allow(other, True, by=cast.marc)
    invitations.invite(other, "guest@ailleurs.example", Role.READER, month, by=cast.marc)
    invitations.accept(secret_of("guest@ailleurs.example"), **WHO)
    accounts.create(
        email="pas-encore@rectorat.example", first_name="P", last_name="E", administration=cast.at.rectorat, by=None
    )
    lead, bodies = sign_in(cast.ines), set()
    for address in ("guest@ailleurs.example", "pas-encore@rectorat.example", "personne@nulle-part.example"):
        url = f"/api/v1/spaces/{cast.space.public_id}/invitations"
        answer = lead.post(url, json={"email": address, "role": "reader", "ends_at": month.isoformat()})
        said = answer.json
        for name in ("id", "email", "created_at", "expires_at"):
            del said[name]
        bodies.add((answer.status_code, json.dumps(said)))
        assert secret_of(address)
    assert len(bodies) == 1 and next(iter(bodies))[0] == 201


def test_an_agent_in_the_directory_is_brought_in_by_name(cast: SimpleNamespace, month: datetime) -> None:
    with pytest.raises(Refused, match="Olga Roussel") as no:
        invitations.invite(cast.space, cast.olga.email.upper(), Role.READER, month, by=cast.ines)
    assert no.value.field == "email"
    with pytest.raises(Refused, match="déjà"):
        invitations.invite(cast.space, cast.gael.email, Role.READER, month, by=cast.ines)


def test_a_guest_of_another_space_comes_in_with_the_account_they_have(
    cast: SimpleNamespace, month: datetime, client: Any
) -> None:
    other = actions.create(title="Ailleurs", by=cast.marc)
    guests.allow(other, True, by=cast.marc)
    longer = month + timedelta(days=60)
    invitations.invite(other, cast.gael.email, Role.READER, longer, by=cast.marc)
    secret = secret_of(cast.gael.email)
    page = client.get(f"/invitations/{secret}")
    assert "déjà un compte" in page.text and 'name="password"' not in page.text
    before = cast.gael.password_hash
    assert client.post(f"/invitations/{secret}", data=FORM).status_code == 303
    session.rollback()
    session.refresh(cast.gael)
    assert (cast.gael.password_hash, cast.gael.first_name) == (before, "Gaël"), "nothing of the form was taken"
    assert cast.gael.valid_until == longer
    assert role_in(cast.gael, other) == Role.READER and role_in(cast.gael, cast.space) == Role.CONTRIBUTOR
    assert guests.people.sponsor_of(cast.gael) == cast.ines, "who answers for him stays"


def test_a_suspended_guest_does_not_come_back_by_an_invitation(cast: SimpleNamespace, month: datetime) -> None:
    accounts.suspend(cast.gilda, by=None)
    secret = invited(cast, month, address=cast.gilda.email)
    with pytest.raises(NotThere):
        invitations.accept(secret)
    session.refresh(cast.gilda)
    assert cast.gilda.status == "suspended" and not can(cast.gilda, Can.READ_SPACE, cast.space)


def test_an_agents_address_is_told_so_by_the_link_alone(cast: SimpleNamespace, month: datetime, client: Any) -> None:
    secret = invited(cast, month)
    accounts.create(email=ADDRESS, first_name="Nora", last_name="Kadi", administration=cast.at.rectorat, by=None)
    assert "agent" in client.get(f"/invitations/{secret}").text
    with pytest.raises(Conflict):
        invitations.accept(secret)
    assert client.post(f"/invitations/{secret}", data=FORM).status_code == 409
    found = account_of()
    assert found is not None and found.kind == "agent" and not can(found, Can.READ_SPACE, cast.space)


def test_the_last_invitation_counts_and_can_be_withdrawn(
    cast: SimpleNamespace, month: datetime, sign_in: Callable[..., Any]
) -> None:
    first, second = invited(cast, month), invited(cast, month)
    assert invitations.living(first) is None
    found = invitations.living(second)
    assert found is not None
    for somebody, status in ((cast.marc, 404), (cast.gael, 404), (cast.ines, 303)):
        assert sign_in(somebody).post(f"/invitations/{found.public_id}/withdrawal").status_code == status
    assert invitations.living(second) is None
    third = invited(cast, month)
    used = invitations.living(third)
    invitations.accept(third, **WHO)
    with pytest.raises(Conflict):
        invitations.withdraw(used, by=cast.ines)


def test_nobodys_mailbox_is_flooded(cast: SimpleNamespace, month: datetime) -> None:
    for _time in range(invitations.MOST_TO_ONE):
        invitations.invite(cast.space, ADDRESS, Role.READER, month, by=cast.ines)
    with pytest.raises(TooMany):
        invitations.invite(cast.space, ADDRESS, Role.READER, month, by=cast.ines)
    invitations.invite(cast.space, "autre@association.example", Role.READER, month, by=cast.ines)


def test_no_answer_holds_a_secret_and_the_database_holds_its_hash(
    cast: SimpleNamespace, month: datetime, sign_in: Callable[..., Any]
) -> None:
    """Mattermost, CVE-2026-2463: what opens an invitation is said to its address, and to nobody else."""
    secret = invited(cast, month)
    kept = session.execute(select(Invitation.secret_hash)).scalar_one()
    assert secret not in kept
    url = f"/api/v1/spaces/{cast.space.public_id}"
    for somebody in (cast.ines, cast.marc, cast.gael, cast.olga, cast.petra, cast.rose):
        for path in (f"{url}/invitations", f"{url}/grants", f"{url}/events", url):
            said = sign_in(somebody).get(path).text
            assert secret not in said and kept not in said
            assert ADDRESS not in said or (somebody == cast.ines and path.endswith("/invitations"))
    assert set(sign_in(cast.ines).get(f"{url}/invitations").json["items"][0]) == {
        *("id", "email", "role", "invited_by_id", "created_at", "expires_at", "ends_at")
    }


@pytest.mark.parametrize("secret", ["", "x", "é" * 43, "a" * 43, "a" * 5000, "..%2f", "%00"])
def test_what_is_no_secret_opens_nothing(cast: SimpleNamespace, client: Any, secret: str) -> None:
    assert client.get(f"/invitations/{secret}").status_code == 404
    assert client.post(f"/invitations/{secret}", data=FORM).status_code == 404


def test_a_grant_by_invitation_is_personal_and_has_an_end(cast: SimpleNamespace, month: datetime) -> None:
    grant = invitations.accept(invited(cast, month), **WHO)
    assert (grant.principal_kind, grant.expires_at, grant.role) == (PrincipalKind.ACCOUNT, month, Role.CONTRIBUTOR)
    endless = (
        select(Grant)
        .join(Account, Account.id == Grant.principal_id)
        .where(Grant.principal_kind == "account", Account.kind == "guest", Grant.expires_at.is_(None))
    )
    assert session.execute(endless).first() is None
