"""Changing accounts: by administrators, and by their holders."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from resana.acts import Act
from resana.administrations import tree
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.core.text import line, searchable

from . import links, sessions, tokens
from .models import Account, AccountKind, AccountStatus, AdminScope
from .presence import bump


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
def edit(
    account: Account,
    *,
    first_name: str,
    last_name: str,
    job_title: str,
    team_lead: bool,
    administration: Administration,
    by: Account | None,
) -> None:
    """Correct what is said of a person, or move them to another administration. Raises Refused at the field.

    Whoever moves gains and loses what their administration has at once; what they administered below the former one
    ends, and so does whatever their open pages show.
    """
    change(
        account,
        first_name=first_name,
        last_name=last_name,
        job_title=job_title,
        team_lead=team_lead,
        administration=administration,
        by=by,
    )


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
    """The same for what is given only, and the state with it. What is None stays."""
    if administration is not None and administration.id != account.home_administration_id:
        tree.stays_open(administration, "administration_id")
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
    if administration is not None and administration.id != account.home_administration_id:
        _move(account, administration, by=by)
    session.flush()
    fields = sorted(name for name, value in _said_of(account).items() if value != before[name])
    if fields:
        told(Act.ACCOUNT_EDITED, account, by=by, fields=fields)
    if status is not None:
        verbs = {
            AccountStatus.ACTIVE: reactivate,
            AccountStatus.SUSPENDED: suspend,
            AccountStatus.DEACTIVATED: deactivate,
        }
        verbs[status](account, by=by)


def _said_of(account: Account) -> dict[str, object]:
    return {name: getattr(account, name) for name in ("first_name", "last_name", "job_title", "team_lead")}


def told(act: Act, account: Account, *, by: Account | None, **facts: Any) -> None:
    """Say in the journal of its administration what was done to an account. Within an action."""
    tell(act, by=by, of=account, administration_id=account.home_administration_id, **facts)


def _move(account: Account, administration: Administration, *, by: Account | None) -> None:
    below = select(AdministrationClosure.descendant_id).where(
        AdministrationClosure.ancestor_id == account.home_administration_id
    )
    session.execute(
        delete(AdminScope)
        .where(AdminScope.account_id == account.id, AdminScope.administration_id.in_(below))
        .execution_options(synchronize_session=False)
    )
    places = {"former": account.home_administration.public_id, "present": administration.public_id}
    told(Act.ACCOUNT_MOVED, account, by=by, **places)
    account.home_administration = administration
    account.home_administration_id = administration.id
    session.flush()
    told(Act.ACCOUNT_MOVED, account, by=by, **places)
    bump(account)


@action
def suspend(account: Account, *, by: Account | None) -> None:
    """Close an account for a while: sessions and open pages end at once, and nothing else is lost.

    Raises Conflict where it is deactivated.
    """
    if account.status == AccountStatus.SUSPENDED:
        return
    if account.status == AccountStatus.DEACTIVATED:
        raise Conflict(_("Ce compte est désactivé. Il n’y a plus rien à suspendre."))
    account.status = AccountStatus.SUSPENDED
    _close(account)
    told(Act.ACCOUNT_SUSPENDED, account, by=by)


@action
def reactivate(account: Account, *, by: Account | None) -> None:
    """Open a closed account again: it has the same access as before. One without a password waits for its holder."""
    if account.status in (AccountStatus.ACTIVE, AccountStatus.INVITED):
        return
    account.status = AccountStatus.ACTIVE if account.password_hash else AccountStatus.INVITED
    session.flush()
    bump(account)
    told(Act.ACCOUNT_REACTIVATED, account, by=by)


@action
def deactivate(account: Account, *, by: Account | None) -> None:
    """Close the account of somebody who has left: their tokens end too. What they wrote stays where it is."""
    if account.status == AccountStatus.DEACTIVATED:
        return
    account.status = AccountStatus.DEACTIVATED
    tokens.revoke_all(account)
    _close(account)
    told(Act.ACCOUNT_DEACTIVATED, account, by=by)


def _close(account: Account) -> None:
    session.flush()
    links.end_all(account)
    sessions.revoke_all(account)
    bump(account)
