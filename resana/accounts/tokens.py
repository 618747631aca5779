"""Personal access tokens: how a program acts for a person, reading only or writing too, until a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.core.text import line

from .models import AccessToken, Account
from .presence import announce_end
from .sessions import hashed, new_secret

PREFIX = "resana_"
USUAL, LONGEST = timedelta(days=90), timedelta(days=366)
MOST = 50


class TokenScope(StrEnum):
    """What a token may do of what its person may."""

    READ = "read"
    WRITE = "write"


@action
def make(
    account: Account, *, name: str, scope: TokenScope, expires_at: datetime | None = None
) -> tuple[AccessToken, str]:
    """Make a token, and say its secret, which is never shown again. Raises Refused at `name` or `expires_at`."""
    moment = now()
    expires_at = expires_at or moment + USUAL
    if expires_at <= moment:
        raise Refused(_("Choisissez une date à venir."), "expires_at")
    if expires_at > moment + LONGEST:
        raise Refused(_("Un jeton vaut un an au plus. Choisissez une date plus proche."), "expires_at")
    if session.execute(select(func.count()).select_from(_living(account).subquery())).scalar_one() >= MOST:
        raise Conflict(_("Vous avez déjà %(most)d jetons. Révoquez ceux qui ne servent plus.", most=MOST))
    secret = new_secret(PREFIX)
    token = AccessToken(
        secret_hash=hashed(secret), account=account, name=line(name, "name"), scope=scope.value, expires_at=expires_at
    )
    session.add(token)
    session.flush()
    _told(Act.TOKEN_MADE, token, scope=token.scope, until=expires_at.isoformat())
    return token, secret


@action
def revoke(token: AccessToken) -> None:
    """End one of one's tokens; its live connections close."""
    if token.revoked_at is None:
        _end(token)
        _told(Act.TOKEN_REVOKED, token)


def _end(token: AccessToken) -> None:
    token.revoked_at = now()
    session.flush()
    announce_end(token=token)


def _told(act: Act, token: AccessToken, **facts: Any) -> None:
    tell(act, by=token.account, of=token, administration_id=token.account.home_administration_id, **facts)


@action
def revoke_all(account: Account) -> None:
    """End all tokens of an account."""
    for token in of(account):
        _end(token)


def of(account: Account) -> list[AccessToken]:
    """The living tokens of an account, the newest first."""
    return list(session.execute(_living(account).order_by(AccessToken.id.desc())).scalars())


def _living(account: Account) -> Select[AccessToken]:
    return select(AccessToken).where(
        AccessToken.account_id == account.id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > now()
    )
