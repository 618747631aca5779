"""The mails about spaces: to whom, with a greeting, and with the address of what they are about."""

from __future__ import annotations

from types import SimpleNamespace

from sqlalchemy import select

from resana.accounts.models import Account, AccountStatus
from resana.core import jobs
from resana.core.database import session
from resana.core.mail import KeptMail
from resana.spaces import actions, grants, requests
from resana.spaces.models import Role, SpaceRequest, Visibility


def mails_to(account: Account) -> list[str]:
    """The bodies of the mails that one person was sent."""
    jobs.drain()
    query = select(KeptMail.body).where(KeptMail.recipient == account.email).order_by(KeptMail.id)
    return list(session.execute(query).scalars())


def asked(cast: SimpleNamespace) -> SpaceRequest:
    return requests.ask_for_space(
        title="Étiage",
        description="",
        purpose="",
        visibility=Visibility.PRIVATE,
        open_to_read=False,
        by=cast.olga,
    )


def test_every_lead_is_told_once_who_asks_for_access(cast: SimpleNamespace) -> None:
    actions.change_visibility(cast.space, Visibility.AGENTS, open_to_read=False, by=cast.ines)
    grants.bring_in(cast.space, cast.lucie, Role.LEAD, by=cast.ines, their_role=Role.LEAD)
    for _time in range(2):
        requests.ask_for_access(cast.space, reason="Je suis l’étiage.", by=cast.olga)
    for lead in (cast.ines, cast.lucie):
        (body,) = mails_to(lead)
        assert body.startswith(f"Bonjour {lead.first_name},\n\nOlga Roussel (Rectorat de Limoges) demande l’accès")
        assert "Je suis l’étiage." in body
        assert f"\n\nhttp://127.0.0.1:8000/spaces/{cast.space.public_id}/members\n\n" in body
    assert mails_to(cast.marc) == mails_to(cast.olga) == []


def test_who_asked_for_access_is_told_yes_and_no_with_the_address_of_the_space(cast: SimpleNamespace) -> None:
    actions.change_visibility(cast.space, Visibility.AGENTS, open_to_read=False, by=cast.ines)
    requests.refuse_access(requests.ask_for_access(cast.space, reason="", by=cast.olga), by=cast.ines)
    requests.accept_access(requests.ask_for_access(cast.space, reason="", by=cast.olga), by=cast.ines)
    no, yes = mails_to(cast.olga)
    assert "Inès Moreau n’a pas retenu votre demande d’accès" in no
    assert "Inès Moreau vous a ouvert l’espace" in yes
    for body in (no, yes):
        assert body.startswith("Bonjour Olga,\n\n")
        assert f"\n\nhttp://127.0.0.1:8000/spaces/{cast.space.public_id}\n\n" in body


def test_a_closed_account_is_not_written_to(cast: SimpleNamespace) -> None:
    actions.change_visibility(cast.space, Visibility.AGENTS, open_to_read=False, by=cast.ines)
    request = requests.ask_for_access(cast.space, reason="", by=cast.olga)
    cast.olga.status = AccountStatus.SUSPENDED
    session.commit()
    requests.refuse_access(request, by=cast.ines)
    assert mails_to(cast.olga) == []


def test_who_asked_for_a_space_is_told_yes_and_no_with_an_address(cast: SimpleNamespace) -> None:
    requests.refuse_space(asked(cast), answer="Il y en a un.", by=cast.rejane)
    space = requests.accept_space(asked(cast), answer="Bonne route.", by=cast.rejane)
    no, yes = mails_to(cast.olga)
    assert no.startswith("Bonjour Olga,\n\nRéjane Vidal") and yes.startswith("Bonjour Olga,\n\nRéjane Vidal")
    assert "Il y en a un." in no and "\n\nhttp://127.0.0.1:8000/spaces\n\n" in no
    assert "Bonne route." in yes and f"\n\nhttp://127.0.0.1:8000/spaces/{space.public_id}\n\n" in yes
