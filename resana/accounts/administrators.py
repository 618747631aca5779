"""Who administers what: appointing and dismissing, exactly as permissions.md section 4 says.

An administrator names others only for what stands strictly below a scope of their own, and only people whom they
administer; the administrator of the platform names anywhere; nobody names themselves. The person is told by mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from resana.acts import Act
from resana.administrations import tree
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import NotThere, Refused
from resana.core.mail import send
from resana.core.words import PARIS
from resana.permissions import Can, allowed, obtain

from . import queries
from .models import Account, AccountStatus, AdminScope
from .presence import bump

MOST_FOUND = 8


@action
def appoint(
    account: Account, administration: Administration, *, by: Account | None = None, ends_at: datetime | None = None
) -> AdminScope:
    """Let an account administer an administration and all below it, until `ends_at` if that is given.

    Appointing again changes the end. `by` is None for the product itself, which writes to nobody. Raises Refused,
    NotAllowed, and NotThere for somebody whom `by` may not see.
    """
    tree.stays_open(administration)
    account = _hold(account, administration, by)
    if ends_at is not None and ends_at <= now():
        raise Refused(_("Choisissez une date à venir."), "ends_at")
    if by is not None and account.status != AccountStatus.ACTIVE:
        raise Refused(_("Le compte de cette personne n’est pas actif."), "account_id")
    scope = _scope(account, administration)
    if scope is not None and scope.ends_at == ends_at:
        return scope
    if scope is None:
        scope = AdminScope(account_id=account.id, administration_id=administration.id, ends_at=ends_at)
        session.add(scope)
    else:
        scope.ends_at = ends_at
        bump(account)
    session.flush()
    tell(
        Act.ADMINISTRATOR_APPOINTED,
        by=by,
        of=account,
        administration_id=administration.id,
        ends_at=ends_at.isoformat() if ends_at is not None else None,
    )
    if by is not None:
        send(account.email, *_appointed(account, administration, ends_at, by))
    return scope


@action
def dismiss(account: Account, administration: Administration, *, by: Account) -> None:
    """End what an account administers here, at once. Raises NotThere where it administers nothing here."""
    account = _hold(account, administration, by)
    scope = _scope(account, administration)
    if scope is None:
        raise NotThere
    session.delete(scope)
    session.flush()
    bump(account)
    tell(Act.ADMINISTRATOR_DISMISSED, by=by, of=account, administration_id=administration.id)
    send(account.email, *_dismissed(account, administration, by))


def _hold(account: Account, administration: Administration, by: Account | None) -> Account:
    """Have both accounts to oneself, as they are now, and ask again: may `by` do this there, and to this person?"""
    ids = sorted({account.id} | ({by.id} if by is not None else set()))
    session.execute(
        select(Account)
        .where(Account.id.in_(ids))
        .order_by(Account.id)
        .with_for_update(of=Account)
        .execution_options(populate_existing=True)
    ).scalars().all()
    if by is None:
        return account
    obtain(by, Can.APPOINT_ADMINISTRATOR, administration_id=administration.public_id)
    if account.id == by.id:
        raise Refused(
            _("Vous ne pouvez pas changer vous-même ce que vous administrez : demandez à un autre administrateur."),
            "account_id",
        )
    found: Account = obtain(by, Can.APPOINT_ACCOUNT, account_id=account.public_id)
    return found


def _scope(account: Account, administration: Administration) -> AdminScope | None:
    return session.execute(
        select(AdminScope)
        .where(AdminScope.account_id == account.id, AdminScope.administration_id == administration.id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


class Administrator(NamedTuple):
    """Who administers an administration; `here`: by a scope on it, not on one above."""

    scope: AdminScope
    account: Account
    here: bool


def administrators_of(administration: Administration) -> list[Administrator]:
    """Who administers this administration, by a scope here or above; the nearest first: one statement."""
    rows = session.execute(
        select(AdminScope, Account, AdministrationClosure.depth)
        .join(Account, Account.id == AdminScope.account_id)
        .join(AdministrationClosure, AdministrationClosure.ancestor_id == AdminScope.administration_id)
        .where(
            AdministrationClosure.descendant_id == administration.id,
            (AdminScope.ends_at.is_(None)) | (AdminScope.ends_at > now()),
        )
        .options(joinedload(AdminScope.administration, innerjoin=False))
        .order_by(AdministrationClosure.depth, Account.search_name, Account.id)
    )
    return [Administrator(row[0], row[1], row[2] == 0) for row in rows.unique()]


def appointable(by: Account) -> Select[Account]:
    """The people of today whom `by` may appoint somewhere."""
    return allowed(by, Can.APPOINT_ACCOUNT).where(Account.status == AccountStatus.ACTIVE)


def appointable_called(by: Account, words: str) -> Sequence[Account]:
    """Some of them, by name or address."""
    if not words.strip():
        return []
    return (
        session.execute(
            appointable(by).where(queries.named(words)).order_by(Account.search_name, Account.id).limit(MOST_FOUND)
        )
        .scalars()
        .all()
    )


def scopes_of(account: Account) -> list[AdminScope]:
    """What an account administers today."""
    return list(
        session.execute(
            select(AdminScope)
            .where(AdminScope.account_id == account.id, (AdminScope.ends_at.is_(None)) | (AdminScope.ends_at > now()))
            .order_by(AdminScope.administration_id)
        ).scalars()
    )


def _appointed(
    account: Account, administration: Administration, ends_at: datetime | None, by: Account
) -> tuple[str, str]:
    until = _(" jusqu’au %(date)s", date=ends_at.astimezone(PARIS).strftime("%d/%m/%Y")) if ends_at is not None else ""
    return (
        _("Vous administrez « %(name)s »", name=administration.name),
        _(
            "Bonjour %(person)s,\n\n"
            "%(by)s vous a nommé administrateur ou administratrice de « %(name)s » et de ses services%(until)s.\n"
            "Vous pouvez y ouvrir et fermer des comptes, et régler ce que l’administration permet. "
            "Vous ne lisez pas pour autant le contenu des espaces.\n\n"
            "Ce n’est pas attendu ? Parlez-en à %(by)s.\n",
            person=account.full_name,
            by=by.full_name,
            name=administration.name,
            until=until,
        ),
    )


def _dismissed(account: Account, administration: Administration, by: Account) -> tuple[str, str]:
    return (
        _("Vous n’administrez plus « %(name)s »", name=administration.name),
        _(
            "Bonjour %(person)s,\n\n"
            "%(by)s a mis fin à votre rôle d’administrateur ou d’administratrice de « %(name)s ».\n"
            "Votre compte et vos espaces restent les mêmes.\n\n"
            "Ce n’est pas attendu ? Parlez-en à %(by)s.\n",
            person=account.full_name,
            by=by.full_name,
            name=administration.name,
        ),
    )
