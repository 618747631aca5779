"""Signed-in browsers and programs: who is asking?

A browser shows a cookie, a program a personal access token. Either is a 256-bit secret of which we keep the SHA-256;
either ends by time, by revocation, and with its account.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from flask import Flask, Response, current_app, g, request
from flask_login import LoginManager
from sqlalchemy import Select, select, update

from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session

from .factors.models import PendingSignIn
from .factors.policy import lacks_one_it_must_have
from .models import AccessToken, Account, SignInSession
from .presence import announce_end

T = TypeVar("T", SignInSession, AccessToken)

TOUCH_EVERY = timedelta(minutes=1)

login_manager = LoginManager()
login_manager.session_protection = None  # bound to the session's row, not to an address that changes on the road


def cookie_name() -> str:
    """The session cookie's name; `__Host-` where there is TLS."""
    return "__Host-resana_session" if current_app.config["SETTINGS"].production else "resana_session"


def hashed(secret: str) -> str:
    """What we keep of a secret. It is random and long, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(prefix: str = "") -> str:
    """256 random bits, with a prefix that scanners of leaked secrets can find."""
    return prefix + secrets.token_urlsafe(32)


@action
def open_session(account: Account, *, user_agent: str = "", aal: int = 1) -> tuple[SignInSession, str]:
    """Begin a session and say its secret, which only the cookie will hold. `aal`: 2 with a second factor."""
    secret = new_secret()
    settings = current_app.config["SETTINGS"]
    opened = SignInSession(
        secret_hash=hashed(secret),
        account=account,
        user_agent=user_agent[:300],
        aal=aal,
        expires_at=now() + timedelta(hours=settings.session_hours),
    )
    session.add(opened)
    session.flush()
    return opened, secret


@action
def confirm(found: SignInSession) -> None:
    """Note that the holder of a session has proved again who they are."""
    found.confirmed_at = now()


@action
def revoke(found: SignInSession) -> None:
    """End one session; its open pages close."""
    if found.revoked_at is None:
        found.revoked_at = now()
        session.flush()
        announce_end(session=found)


@action
def revoke_all(account: Account, *, but: SignInSession | None = None) -> int:
    """End all sessions of an account, except `but`, and whatever waits to become one; says how many."""
    session.execute(
        update(PendingSignIn)
        .where(PendingSignIn.account_id == account.id, PendingSignIn.ended_at.is_(None))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )
    living = session.execute(_living(account)).scalars().all()
    ended = [found for found in living if but is None or found.id != but.id]
    for found in ended:
        revoke(found)
    return len(ended)


def has_had_one(account: Account) -> bool:
    """Whether anybody has ever signed in to this account."""
    return (
        session.execute(select(SignInSession.id).where(SignInSession.account_id == account.id).limit(1)).first()
        is not None
    )


def of(account: Account) -> list[SignInSession]:
    """The living sessions of an account, the last used first."""
    idle = now() - timedelta(minutes=current_app.config["SETTINGS"].session_idle_minutes)
    query = _living(account).where(SignInSession.last_seen_at > idle).order_by(SignInSession.last_seen_at.desc())
    return list(session.execute(query).scalars())


def _living(account: Account) -> Select[SignInSession]:
    return select(SignInSession).where(
        SignInSession.account_id == account.id, SignInSession.revoked_at.is_(None), SignInSession.expires_at > now()
    )


@action
def touch(found: SignInSession) -> None:
    """Note that a session is in use."""
    session.execute(update(SignInSession).where(SignInSession.id == found.id).values(last_seen_at=now()))


@action
def _note_use(token: AccessToken) -> None:
    session.execute(update(AccessToken).where(AccessToken.id == token.id).values(last_used_at=now()))


def touch_token(token: AccessToken) -> None:
    """Note that a token is in use, once a minute at most."""
    if token.last_used_at is None or token.last_used_at < now() - TOUCH_EVERY:
        _note_use(token)


def living_session(secret: str) -> SignInSession | None:
    """The session of that secret, if it and its account are alive."""
    if not secret or len(secret) > 200:
        return None
    idle = timedelta(minutes=current_app.config["SETTINGS"].session_idle_minutes)
    return _its_account_lives(
        select(SignInSession, lacks_one_it_must_have(Account, now()))
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            SignInSession.secret_hash == hashed(secret),
            SignInSession.revoked_at.is_(None),
            SignInSession.expires_at > now(),
            SignInSession.last_seen_at > now() - idle,
        )
    )


def living_token(secret: str) -> AccessToken | None:
    """The access token of that secret, if it and its account are alive."""
    if not secret or len(secret) > 200:
        return None
    return _its_account_lives(
        select(AccessToken, lacks_one_it_must_have(Account, now()))
        .join(Account, Account.id == AccessToken.account_id)
        .where(
            AccessToken.secret_hash == hashed(secret),
            AccessToken.revoked_at.is_(None),
            AccessToken.expires_at > now(),
        )
    )


def _its_account_lives(query: Select[T, bool]) -> T | None:
    row = session.execute(query).one_or_none()
    if row is None or not row[0].account.is_active:
        return None
    row[0].factor_due = bool(row[1])
    return row[0]


def set_cookie(response: Response, secret: str) -> None:
    """Give the browser its session."""
    settings = current_app.config["SETTINGS"]
    response.set_cookie(cookie_name(), secret, secure=settings.production, httponly=True, samesite="Lax", path="/")


def clear_cookie(response: Response) -> None:
    """Take the browser's session away."""
    settings = current_app.config["SETTINGS"]
    response.delete_cookie(cookie_name(), secure=settings.production, httponly=True, samesite="Lax", path="/")


@login_manager.request_loader
def who_is_asking(_request: object) -> Account | None:
    """Flask-Login's question; the answer also stands in `g.sign_in_session` or `g.access_token`.

    Tokens open the programming interface only: on pages, one could change the password or make other tokens.
    """
    authorization = request.headers.get("Authorization", "") if request.path.startswith("/api/") else ""
    if authorization:
        kind, _, secret = authorization.partition(" ")
        token = living_token(secret.strip()) if kind.lower() == "bearer" else None
        g.access_token = token
        g.signed_in_by = f"token:{token.public_id}" if token is not None else None
        if token is not None and request.method in ("GET", "HEAD"):
            touch_token(token)
        return token.account if token is not None else None
    found = living_session(request.cookies.get(cookie_name(), ""))
    g.sign_in_session = found
    if found is None:
        return None
    g.signed_in_by = f"session:{found.public_id}"
    if found.last_seen_at < now() - TOUCH_EVERY and request.method in ("GET", "HEAD"):
        touch(found)
    return found.account


def _confirmed_at() -> datetime:
    """When whoever asks last proved who they are. A program's token proves nothing of its holder's presence."""
    found: SignInSession | None = g.get("sign_in_session")
    return found.confirmed_at if found is not None else datetime.min.replace(tzinfo=UTC)


def _factor_due() -> bool:
    """Whether whoever asks owes a second factor that they have not set up."""
    found: SignInSession | AccessToken | None = g.get("access_token") or g.get("sign_in_session")
    return found is not None and found.factor_due


def init_app(app: Flask) -> None:
    """Let Flask-Login ask here."""
    login_manager.init_app(app)
    app.extensions["factor_due"] = _factor_due
    app.extensions["confirmed_at"] = _confirmed_at
    app.extensions["session_cookie_sent"] = lambda: cookie_name() in request.cookies
