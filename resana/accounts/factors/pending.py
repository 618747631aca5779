"""The half-signed-in state: the password was right, the second factor is owed.

It is a different object from a session (security.md, A4; CVE-2026-45690): another table, another cookie, ten minutes,
five tries. Nothing but the second step asks for it.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app
from sqlalchemy import delete, select, update

from resana.accounts.models import Account
from resana.accounts.sessions import hashed, new_secret
from resana.core.clock import now
from resana.core.database import session

from .models import Challenge, PendingSignIn

LIVES = timedelta(minutes=10)
MOST_TRIES = 5


def cookie_name() -> str:
    """The cookie of a half sign-in; `__Host-` where there is TLS."""
    return "__Host-resana_pending" if current_app.config["SETTINGS"].production else "resana_pending"


def set_cookie(response: Response, secret: str) -> None:
    """Let the browser come back with its second factor."""
    production = current_app.config["SETTINGS"].production
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int(LIVES.total_seconds()),
        secure=production,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def clear_cookie(response: Response) -> None:
    """It has served, or ended."""
    production = current_app.config["SETTINGS"].production
    response.delete_cookie(cookie_name(), secure=production, httponly=True, samesite="Lax", path="/")


def begin(account: Account) -> str:
    """Note that the password was right; the secret that the cookie shall hold. Within an action."""
    old = select(PendingSignIn.id).where(PendingSignIn.expires_at < now() - timedelta(hours=1)).limit(100)
    ids = session.execute(old).scalars().all()
    if ids:
        for model, column in ((Challenge, Challenge.pending_id), (PendingSignIn, PendingSignIn.id)):
            session.execute(delete(model).where(column.in_(ids)).execution_options(synchronize_session=False))
    secret = new_secret()
    session.add(PendingSignIn(secret_hash=hashed(secret), account_id=account.id, expires_at=now() + LIVES))
    session.flush()
    return secret


def living(secret: str) -> PendingSignIn | None:
    """The half sign-in of that secret, if it may still be completed."""
    if not secret or len(secret) > 200:
        return None
    found = session.execute(
        select(PendingSignIn)
        .where(
            PendingSignIn.secret_hash == hashed(secret),
            PendingSignIn.ended_at.is_(None),
            PendingSignIn.expires_at > now(),
            PendingSignIn.tries < MOST_TRIES,
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    return found if found is not None and found.account.is_active else None


def count_try(pending: PendingSignIn) -> bool:
    """Take one of its tries, before anything is compared; False where there is none left. Within an action."""
    taken = session.execute(
        update(PendingSignIn)
        .where(
            PendingSignIn.id == pending.id,
            PendingSignIn.ended_at.is_(None),
            PendingSignIn.expires_at > now(),
            PendingSignIn.tries < MOST_TRIES,
        )
        .values(tries=PendingSignIn.tries + 1)
        .returning(PendingSignIn.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return taken is not None


def end(pending: PendingSignIn) -> bool:
    """It has served; False where it had ended already. Within an action."""
    ended = session.execute(
        update(PendingSignIn)
        .where(PendingSignIn.id == pending.id, PendingSignIn.ended_at.is_(None))
        .values(ended_at=now())
        .returning(PendingSignIn.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return ended is not None
