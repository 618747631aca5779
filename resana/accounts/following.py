"""How accounts and administrators follow the tree of administrations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select, update

from resana.acts import Act
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.acts import tell
from resana.core.database import session
from resana.core.mail import letter, send

from .life_models import Delegation
from .models import Account, AccountRequest, AdminScope
from .presence import bump_all


def moved(administration: Administration, lost: Sequence[int]) -> None:
    """Whoever belongs to a node that moves, or to one below it, loses what the nodes above gave them."""
    if lost:
        bump_all(Account.home_administration_id.in_(_below(administration)))


def closed(former: Administration, successor: Administration, _lost: Sequence[int], by: Account | None) -> None:
    """The accounts of a node that closes belong to its successor, and its administrators administer that one."""
    bump_all(Account.home_administration_id.in_(_below(former)))
    session.execute(
        update(Account)
        .where(Account.home_administration_id == former.id)
        .values(home_administration_id=successor.id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(AccountRequest)
        .where(AccountRequest.administration_id == former.id)
        .values(administration_id=successor.id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Delegation)
        .where(Delegation.administration_id == former.id)
        .values(administration_id=successor.id)
        .execution_options(synchronize_session=False)
    )
    scopes = {
        scope.account_id: scope
        for scope in session.execute(select(AdminScope).where(AdminScope.administration_id == successor.id)).scalars()
    }
    for scope, account in session.execute(
        select(AdminScope, Account)
        .join(Account, Account.id == AdminScope.account_id)
        .where(AdminScope.administration_id == former.id)
        .order_by(AdminScope.account_id)
    ).all():
        known = scopes.get(scope.account_id)
        session.delete(scope)
        if known is None:
            session.add(AdminScope(account_id=account.id, administration_id=successor.id, ends_at=scope.ends_at))
        elif known.ends_at is not None:
            known.ends_at = None if scope.ends_at is None else max(scope.ends_at, known.ends_at)
        tell(
            Act.ADMINISTRATOR_APPOINTED,
            by=by,
            of=account,
            administration_id=successor.id,
            former=former.public_id,
            ends_at=scope.ends_at.isoformat() if scope.ends_at is not None else None,
        )
        _write_to(account, former, successor)
    session.flush()
    for holder in session().identity_map.values():
        if isinstance(holder, Account):  # with whom they belong has changed under them
            session.expire(holder, ["home_administration_id", "home_administration"])


def counted(administration: Administration) -> dict[str, int]:
    """How many accounts and administrators would follow."""
    accounts = select(func.count()).where(Account.home_administration_id == administration.id)
    scopes = select(func.count()).where(AdminScope.administration_id == administration.id)
    row = session.execute(select(accounts.scalar_subquery(), scopes.scalar_subquery())).one()
    return {"accounts": int(row[0]), "administrators": int(row[1])}


def _below(administration: Administration) -> Select[Any]:
    return select(AdministrationClosure.descendant_id).where(AdministrationClosure.ancestor_id == administration.id)


def _write_to(account: Account, former: Administration, successor: Administration) -> None:
    send(
        account.email,
        _("Vous administrez maintenant « %(name)s »", name=successor.name),
        letter(
            account.full_name,
            _(
                "« %(former)s » est fermée : « %(successor)s » la remplace.\n"
                "Vous administriez la première ; vous administrez désormais la seconde et ses services.",
                former=former.name,
                successor=successor.name,
            ),
        ),
    )
