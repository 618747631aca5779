"""Reading: who is in a restricted folder, and whom one could let in: always among those who read the space."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import Select, select

from resana.accounts.models import Account, AccountStatus
from resana.administrations.models import Administration
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.text import words_of
from resana.permissions import Can, accounts_who, allowed, obtain
from resana.spaces.models import PrincipalKind, Space
from resana.spaces.queries import MOST_FOUND, administrations_called

from .models import Folder, FolderGrant
from .restricting import reads


class Inside(NamedTuple):
    """A line of a restricted folder, with whom it speaks to; neither, where that is all agents."""

    grant: FolderGrant
    account: Account | None
    administration: Administration | None

    @property
    def name(self) -> str:
        """What it is called."""
        if self.account is not None:
            return self.account.full_name
        if self.administration is None:
            return _("Tous les agents")
        if self.grant.principal_kind == PrincipalKind.SUBTREE:
            return _("%(name)s et ses services", name=self.administration.name)
        return self.administration.name


def lines_of(folder: Folder) -> Select[FolderGrant, Account, Administration]:
    """The lines of a restricted folder, each with the account or the administration it speaks to."""
    by_administration = FolderGrant.principal_kind.in_((PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE))
    return (
        select(FolderGrant, Account, Administration)
        .outerjoin(
            Account,
            (Account.id == FolderGrant.principal_id) & (FolderGrant.principal_kind == PrincipalKind.ACCOUNT),
        )
        .outerjoin(Administration, (Administration.id == FolderGrant.principal_id) & by_administration)
        .where(FolderGrant.folder_id == folder.id)
    )


def inside(folder: Folder) -> list[Inside]:
    """Who is in a restricted folder, the highest roles first: one statement."""
    rows = session.execute(
        lines_of(folder).order_by(
            FolderGrant.role.desc(), Account.search_name, Administration.search_name, FolderGrant.id
        )
    )
    return [Inside(*row) for row in rows.unique()]


def people_to_let_in(account: Account, space: Space, words: str) -> list[Account]:
    """Those who read the space, by a part of their name, as far as `account` may know of them."""
    readers = accounts_who(Can.READ_SPACE, space).with_only_columns(Account.id)
    wanted = allowed(account, Can.SEE_PERSON).where(Account.status == AccountStatus.ACTIVE, Account.id.in_(readers))
    for word in words_of(words):
        wanted = wanted.where(Account.search_name.contains(word, autoescape=True))
    return list(session.execute(wanted.order_by(Account.search_name, Account.id).limit(MOST_FOUND)).scalars())


def administrations_to_let_in(account: Account, space: Space, words: str) -> list[Administration]:
    """Administrations with somebody who reads the space, by a part of their name: at most MOST_FOUND are looked at."""
    found = administrations_called(account, words)
    return [one for one in found if reads(space, one, PrincipalKind.SUBTREE)]


def principal_named(kind: str, identity: str, account: Account) -> Account | Administration:
    """The person or the administration of that public id, as far as `account` may know of it. Raises NotThere."""
    if kind == PrincipalKind.ACCOUNT:
        person: Account = obtain(account, Can.SEE_PERSON, account_id=identity)
        return person
    if kind in (PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE):
        node: Administration = obtain(account, Can.SEE_ADMINISTRATION, administration_id=identity)
        return node
    raise Refused(_("Choisissez une personne ou une administration."), "principal")
