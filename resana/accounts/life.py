"""The turns in the life of an account: suspended, reactivated, deactivated, moved, erased.

Each is decided under the account's lock: of two administrators at the same person, the second finds what the first has
done. What lies in other packages (the spaces that the person leads) follows within the same transaction (`turns`).
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, delete, select, update

from resana.acts import Act
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere
from resana.permissions import Can, obtain

from . import links, notices, sessions, signing_in, tokens
from .life_models import Delegation
from .models import Account, AccountStatus, AdminScope
from .presence import bump
from .turns import Turn, say


def told(act: Act, account: Account, *, by: Account | None, **facts: Any) -> None:
    """Tell the journal of the account's own administration."""
    tell(act, by=by, of=account, administration_id=account.home_administration_id, **facts)


def hold(account: Account, by: Account | None, right: Can = Can.ADMINISTER_ACCOUNT) -> None:
    """Take the account's lock, read it anew, and ask again whether `by` may: who lost the right a moment ago does not.

    Raises NotThere or NotAllowed. `by` is None where the product itself acts.
    """
    signing_in.locked(account.id)
    if by is not None:
        obtain(by, right, account_id=account.public_id)


@action
def suspend(account: Account, *, by: Account | None) -> None:
    """Close an account for a while: sessions and open pages end at once, and nothing else is lost.

    Raises Conflict where it is closed already.
    """
    hold(account, by)
    if account.status == AccountStatus.SUSPENDED:
        raise Conflict(_("Ce compte est déjà suspendu."))
    if account.status == AccountStatus.DEACTIVATED:
        raise Conflict(_("Ce compte est désactivé. Il n’y a plus rien à suspendre."))
    account.status = AccountStatus.SUSPENDED
    _close(account, by)
    told(Act.ACCOUNT_SUSPENDED, account, by=by)
    notices.suspended(account, by)


@action
def reactivate(account: Account, *, by: Account | None) -> None:
    """Open a closed account again: it has the same access as before. One without a password waits for its holder.

    Raises Conflict where it is open.
    """
    hold(account, by)
    if account.status in (AccountStatus.ACTIVE, AccountStatus.INVITED):
        raise Conflict(_("Ce compte est déjà ouvert."))
    account.status = AccountStatus.ACTIVE if account.password_hash else AccountStatus.INVITED
    session.flush()
    bump(account)
    say(Turn.OPENED, account, by)
    told(Act.ACCOUNT_REACTIVATED, account, by=by)
    notices.reactivated(account, by)


@action
def deactivate(account: Account, *, by: Account | None) -> None:
    """Close the account of somebody who has left: their tokens end too. What they wrote stays where it is.

    Raises Conflict where that is done already.
    """
    hold(account, by)
    if account.status == AccountStatus.DEACTIVATED:
        raise Conflict(_("Ce compte est déjà désactivé."))
    account.status = AccountStatus.DEACTIVATED
    tokens.revoke_all(account)
    _close(account, by)
    told(Act.ACCOUNT_DEACTIVATED, account, by=by)
    notices.deactivated(account, by)


def _close(account: Account, by: Account | None) -> None:
    session.flush()
    links.end_all(account)
    sessions.revoke_all(account)
    bump(account)
    say(Turn.CLOSED, account, by)


@action
def move(account: Account, administration: Administration, *, by: Account | None, seen: Administration) -> None:
    """Have a person belong to another administration, by somebody who administers both.

    Whoever moves gains and loses what their administration has at once; what they administered below the former one
    ends. `seen` is the administration in which the administrator has found them: Conflict where they have left it
    since. Raises NotThere where `by` does not administer one of the two (any more).
    """
    hold(account, by)
    if by is not None:
        _may_receive(by, administration)
    carry(account, administration, by=by, seen=seen)


def _may_receive(by: Account, administration: Administration) -> None:
    try:
        obtain(by, Can.CREATE_ACCOUNT, administration_id=administration.public_id)
    except NotAllowed:
        raise NotThere from None


def carry(account: Account, administration: Administration, *, by: Account | None, seen: Administration) -> None:
    """The move itself, within an action, under the account's lock, by somebody whose right has been looked at."""
    former = account.home_administration
    if former.id != seen.id:
        raise Conflict(
            _(
                "Cette personne appartient maintenant à « %(place)s ». Rechargez la page pour voir où elle en est.",
                place=former.name,
            )
        )
    if administration.id == former.id:
        raise Conflict(_("Cette personne appartient déjà à « %(place)s ».", place=former.name))
    if account.status == AccountStatus.DEACTIVATED:
        raise Conflict(_("Ce compte est désactivé : réactivez-le avant de le déplacer."))
    below = select(AdministrationClosure.descendant_id).where(AdministrationClosure.ancestor_id == former.id)
    session.execute(
        delete(AdminScope)
        .where(AdminScope.account_id == account.id, AdminScope.administration_id.in_(below))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Delegation)
        .where(
            Delegation.account_id == account.id,
            Delegation.administration_id.in_(below),
            Delegation.ends_at > now(),
        )
        .values(ends_at=now(), starts_at=case((Delegation.starts_at > now(), now()), else_=Delegation.starts_at))
        .execution_options(synchronize_session=False)
    )
    places = {"former": former.public_id, "present": administration.public_id}
    told(Act.ACCOUNT_MOVED, account, by=by, **places)
    account.home_administration = administration
    account.home_administration_id = administration.id
    session.flush()
    told(Act.ACCOUNT_MOVED, account, by=by, **places)
    bump(account)
    say(Turn.MOVED, account, by, former)
    notices.moved(account, former, by)
