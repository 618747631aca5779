"""Erasing a person (GDPR, article 17): who they were is forgotten, what they did in the spaces stays."""

from __future__ import annotations

from sqlalchemy import delete, update

from resana.acts import Act
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.permissions import Can

from . import notices
from .life import hold, told
from .life_models import Delegation, EmailChange
from .models import AccessToken, Account, AccountStatus, AdminScope, KnownDevice, PasswordLink, SignInSession
from .presence import bump
from .turns import Turn, say


@action
def erase(account: Account, *, by: Account) -> None:
    """Blank what is said of a person whose account is deactivated, for good; documents and messages stay, unnamed.

    Raises NotAllowed where the account is not deactivated (any more), NotThere where `by` does not administer it.
    """
    hold(account, by, Can.ERASE_ACCOUNT)
    notices.erased(account, by)
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.asked_by_id == account.id)
        .values(asked_by_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Delegation)
        .where(Delegation.granted_by_id == account.id)
        .values(granted_by_id=None)
        .execution_options(synchronize_session=False)
    )
    for model in (SignInSession, AccessToken, PasswordLink, KnownDevice, AdminScope, Delegation, EmailChange):
        owned = delete(model).where(model.account_id == account.id)
        session.execute(owned.execution_options(synchronize_session=False))
    account.status = AccountStatus.ERASED
    account.email = f"{account.public_id}@efface.invalid"
    account.first_name = account.last_name = account.search_name = account.job_title = ""
    account.password_hash = None
    account.team_lead = account.platform_admin = False
    account.valid_until = account.valid_until and now()
    session.flush()
    bump(account)
    say(Turn.ERASED, account, by)
    told(Act.ACCOUNT_ERASED, account, by=by)
