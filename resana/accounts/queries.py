"""Reading accounts: the directory, and those that an administrator answers for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from resana.administrations.models import Administration, AdministrationClosure
from resana.core.database import session
from resana.core.errors import NotAllowed, NotThere
from resana.core.text import words_of
from resana.permissions import Can, allowed, obtain

from .models import Account, AccountStatus

ORDER: Sequence[ColumnElement[Any]] = (Account.search_name, Account.id)  # type: ignore[assignment]
ORDER_KINDS = (str, int)


def administered(
    by: Account,
    *,
    words: str = "",
    status: AccountStatus | None = None,
    administration: Administration | None = None,
    team_lead: bool | None = None,
) -> Select[Any]:
    """The accounts that `by` administers, narrowed: by name or address, state, sub-tree of an administration."""
    query = allowed(by, Can.ADMINISTER_ACCOUNT).where(named(words))
    if status is not None:
        query = query.where(Account.status == status)
    if administration is not None:
        below = select(AdministrationClosure.descendant_id).where(
            AdministrationClosure.ancestor_id == administration.id
        )
        query = query.where(Account.home_administration_id.in_(below))
    if team_lead is not None:
        query = query.where(Account.team_lead == team_lead)
    return query


def directory(by: Account, words: str = "") -> Select[Any]:
    """The people that `by` may see, who are there today."""
    return allowed(by, Can.SEE_PERSON).where(Account.status == AccountStatus.ACTIVE, named(words))


def named(words: str) -> ColumnElement[bool]:
    """Each word stands in the name or in the address; accents and capitals do not count."""
    parts = words_of(words)
    return and_(
        true(),
        *(
            or_(Account.search_name.contains(part, autoescape=True), Account.email.contains(part, autoescape=True))
            for part in parts
        ),
    )


def counts_by_status(query: Select[Any]) -> dict[str, int]:
    """How many of `query`'s accounts are in each state."""
    inner = query.with_only_columns(Account.id, Account.status).order_by(None).subquery()
    rows = session.execute(select(inner.c.status, func.count()).group_by(inner.c.status))
    return {status.value: 0 for status in AccountStatus} | {row[0]: int(row[1]) for row in rows}


def places_for_accounts(by: Account, most: int | None = None) -> list[Administration]:
    """The administrations in which `by` may open accounts, by name; the first `most` of them."""
    query = allowed(by, Can.CREATE_ACCOUNT).order_by(Administration.search_name, Administration.id)
    return list(session.execute(query.limit(most) if most is not None else query).scalars())


def place_for_accounts(by: Account, administration_id: str) -> Administration:
    """The administration of that id, if `by` may open accounts there. Raises NotThere for any other."""
    try:
        found: Administration = obtain(by, Can.CREATE_ACCOUNT, administration_id=administration_id)
    except NotAllowed:
        raise NotThere from None
    return found


def status_of(said: str) -> AccountStatus | None:
    """The state of that name, if it is one."""
    return AccountStatus(said) if said in set(AccountStatus) else None
