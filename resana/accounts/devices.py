"""Browsers on which somebody has signed in before: other people's wrong passwords do not hold them up there."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, current_app
from sqlalchemy import ColumnElement, delete, exists, select

from resana.core.clock import now
from resana.core.database import session

from .models import Account, KnownDevice
from .sessions import hashed, new_secret

KEPT = timedelta(days=365)
MOST = 20
"""Devices that are remembered of one account; the least recently used go."""


def cookie_name() -> str:
    """The device cookie's name; `__Host-` where there is TLS."""
    return "__Host-resana_device" if current_app.config["SETTINGS"].production else "resana_device"


def set_cookie(response: Response, secret: str) -> None:
    """Let the browser be known again."""
    settings = current_app.config["SETTINGS"]
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int(KEPT.total_seconds()),
        secure=settings.production,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def is_known(secret: str) -> ColumnElement[bool]:
    """Whether the account of the enclosing query has signed in on the browser that holds `secret`."""
    return exists().where(
        KnownDevice.account_id == Account.id,
        KnownDevice.secret_hash == _hash(secret),
        KnownDevice.last_seen_at > now() - KEPT,
    )


def knows(account: Account, secret: str) -> bool:
    """Whether this account has signed in on the browser that holds `secret`."""
    return bool(session.execute(select(is_known(secret)).where(Account.id == account.id)).scalar_one())


def remember(account: Account, secret: str) -> str:
    """Know this browser from now on; the secret that its cookie shall hold. Within an action.

    One secret serves all accounts of a browser; one that we have not made is never taken over.
    """
    known = session.execute(select(KnownDevice).where(KnownDevice.secret_hash == _hash(secret))).scalars().all()
    if not known:
        secret = new_secret()
    mine = next((device for device in known if device.account_id == account.id), None)
    if mine is not None:
        mine.last_seen_at = now()
        return secret
    session.add(KnownDevice(account_id=account.id, secret_hash=_hash(secret)))
    session.flush()
    old = (
        select(KnownDevice.id)
        .where(KnownDevice.account_id == account.id)
        .order_by(KnownDevice.last_seen_at.desc(), KnownDevice.id.desc())
        .offset(MOST)
    )
    session.execute(
        delete(KnownDevice)
        .where(KnownDevice.id.in_(session.execute(old).scalars().all()))
        .execution_options(synchronize_session=False)
    )
    return secret


def forget_all(account: Account) -> None:
    """Know no browser of this account any more. Within an action."""
    session.execute(
        delete(KnownDevice).where(KnownDevice.account_id == account.id).execution_options(synchronize_session=False)
    )


def _hash(secret: str) -> str:
    return hashed(secret[:200])
