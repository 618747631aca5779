"""Changing accounts: by administrators, and by their holders."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from resana.acts import Act
from resana.administrations import tree
from resana.administrations.models import Administration
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.core.text import line, searchable

from . import links, notices
from .life import deactivate, hold, move, reactivate, suspend, told
from .models import Account, AccountKind, AccountStatus, AdminScope


def clean_email(text: str) -> str:
    """An address as we keep and compare it: lower case. Raises Refused."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as wrong:
        raise Refused(_("Écrivez une adresse électronique, par exemple prenom.nom@dreal.example."), "email") from wrong
    return found.normalized.lower()


@action
def create(
    *,
    email: str,
    first_name: str,
    last_name: str,
    administration: Administration,
    by: Account | None,
    job_title: str = "",
    team_lead: bool = False,
) -> Account:
    """Open an agent's account in an administration. Raises Refused, or Conflict where the address has one."""
    tree.stays_open(administration, "administration_id")
    account = described(
        email=clean_email(email),
        first_name=first_name,
        last_name=last_name,
        job_title=job_title,
        team_lead=team_lead,
        administration=administration,
    )
    if session.execute(select(Account.id).where(Account.email == account.email)).first() is not None:
        raise Conflict(_("Un compte existe déjà pour cette adresse."), "email")
    session.add(account)
    try:
        session.flush()
    except IntegrityError as taken:  # by somebody else, since we looked
        raise Conflict(_("Un compte existe déjà pour cette adresse."), "email") from taken
    told(Act.ACCOUNT_OPENED, account, by=by)
    return account


def described(
    *, email: str, first_name: str, last_name: str, job_title: str, team_lead: bool, administration: Administration
) -> Account:
    """An agent's account that nobody has opened yet; `email` is clean. Raises Refused at the field."""
    account = Account(
        kind=AccountKind.AGENT,
        email=email,
        first_name=line(first_name, "first_name", 100),
        last_name=line(last_name, "last_name", 100),
        search_name="",
        job_title=line(job_title, "job_title") if job_title else "",
        home_administration=administration,
        home_administration_id=administration.id,
        status=AccountStatus.INVITED,
        team_lead=team_lead,
    )
    account.search_name = searchable(account.full_name)[:220]
    return account


@action
def invite(
    *,
    email: str,
    first_name: str,
    last_name: str,
    administration: Administration,
    by: Account | None,
    job_title: str = "",
    team_lead: bool = False,
) -> Account:
    """Open an account and mail its holder a link to choose a password. Raises as `create` does."""
    account = create(
        email=email,
        first_name=first_name,
        last_name=last_name,
        administration=administration,
        by=by,
        job_title=job_title,
        team_lead=team_lead,
    )
    links.send_link(account, by=by)
    return account


@action
def change(
    account: Account,
    *,
    first_name: str | None = None,
    last_name: str | None = None,
    job_title: str | None = None,
    team_lead: bool | None = None,
    administration: Administration | None = None,
    status: AccountStatus | None = None,
    by: Account | None,
) -> None:
    """Correct what is said of a person, move them (`life.move`), close or open their account; what is None stays.

    Raises Refused at the field, and Conflict where somebody else has moved or closed them meanwhile.
    """
    if administration is not None and administration.id != account.home_administration_id:
        tree.stays_open(administration, "administration_id")
    seen = account.home_administration
    hold(account, by)
    before = _said_of(account)
    if first_name is not None:
        account.first_name = line(first_name, "first_name", 100)
    if last_name is not None:
        account.last_name = line(last_name, "last_name", 100)
    account.search_name = searchable(account.full_name)[:220]
    if job_title is not None:
        account.job_title = line(job_title, "job_title") if job_title.strip() else ""
    if team_lead is not None:
        account.team_lead = team_lead
    session.flush()
    fields = sorted(name for name, value in _said_of(account).items() if value != before[name])
    if fields:
        told(Act.ACCOUNT_EDITED, account, by=by, fields=fields)
        notices.edited(account, by)
    if administration is not None and administration.id != seen.id:
        move(account, administration, by=by, seen=seen)
    waits = status == AccountStatus.ACTIVE and account.status == AccountStatus.INVITED
    if status is not None and status != account.status and not waits:
        verbs = {
            AccountStatus.ACTIVE: reactivate,
            AccountStatus.SUSPENDED: suspend,
            AccountStatus.DEACTIVATED: deactivate,
        }
        verbs[status](account, by=by)


def _said_of(account: Account) -> dict[str, object]:
    return {name: getattr(account, name) for name in ("first_name", "last_name", "job_title", "team_lead")}


@action
def appoint(account: Account, administration: Administration, *, by: Account | None = None) -> None:
    """Let an account administer an administration and all below it."""
    session.add(AdminScope(account_id=account.id, administration_id=administration.id))
    session.flush()
    tell(Act.ADMINISTRATOR_APPOINTED, by=by, of=account, administration_id=administration.id)
