"""Who has to have a second factor, and who lacks it: conditions of an account's row, in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import aliased

from resana.accounts.models import Account, AccountKind, AdminScope
from resana.accounts.presence import bump_all
from resana.administrations.models import Administration, FactorPolicy
from resana.core.clock import now
from resana.core.database import session

from .models import SecondFactor

Clause = ColumnElement[bool]


def has_factor(account: Any) -> Clause:
    """Whether an account's row has a passkey or an application."""
    factor = aliased(SecondFactor)
    return exists().where(factor.account_id == account.id).correlate_except(factor)


def must_have(account: Any, moment: Any) -> Clause:
    """Whether one is demanded of an account: of guests always (permissions.md, 3); of agents by their administration.

    Where it is demanded of administrators: of those who administer anything and belong there, and of those who
    administer that very administration from elsewhere.
    """
    home, place, scope = aliased(Administration), aliased(Administration), aliased(AdminScope)
    alive = or_(scope.ends_at.is_(None), scope.ends_at > moment)
    here = home.id == account.home_administration_id
    administers = exists().where(scope.account_id == account.id, alive).correlate_except(scope)
    demanded_there = (
        exists()
        .where(
            scope.account_id == account.id,
            alive,
            place.id == scope.administration_id,
            place.second_factor != FactorPolicy.NOBODY,
        )
        .correlate_except(scope, place)
    )
    demanded_here = (
        exists()
        .where(
            here,
            or_(
                home.second_factor == FactorPolicy.EVERYONE,
                and_(
                    home.second_factor == FactorPolicy.ADMINISTRATORS,
                    or_(account.platform_admin, administers),
                ),
            ),
        )
        .correlate_except(home)
    )
    return or_(account.kind == AccountKind.GUEST, demanded_here, demanded_there)


def lacks_one_it_must_have(account: Any, moment: Any) -> Clause:
    """Whether nothing but setting one up is open to an account."""
    return and_(not_(has_factor(account)), must_have(account, moment))


def has_one(account: Account) -> bool:
    """Whether this account has a second factor."""
    return bool(session.execute(select(has_factor(Account)).where(Account.id == account.id)).scalar_one())


def is_demanded(account: Account) -> bool:
    """Whether this account may not be without a second factor."""
    return bool(session.execute(select(must_have(Account, now())).where(Account.id == account.id)).scalar_one())


def policy_changed(administration: Administration) -> None:
    """Within the action that demands it: whoever has none there loses what is open, on live pages too."""
    scope = aliased(AdminScope)
    concerned = or_(
        Account.home_administration_id == administration.id,
        exists().where(scope.account_id == Account.id, scope.administration_id == administration.id),
    )
    bump_all(and_(concerned, lacks_one_it_must_have(Account, now())))
