"""When somebody's right to be signed in ends, the open pages hear of it at once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm.attributes import set_committed_value

from resana.core.actions import after_commit
from resana.core.database import session

from .models import AccessToken, Account, SignInSession

Listener = Callable[[str, int, int | None, int | None], object]
"""Called with ("account" | "session" | "token", account id, session id or None, token id or None)."""

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(kind, account_id, session_id, token_id)` in this process after each commit that ended something.

    "account": whatever the account may see has changed; all its sockets close, and those that still may, come back.
    """
    if listener not in _listeners:
        _listeners.append(listener)


def announce_end(
    *, account: Account | None = None, session: SignInSession | None = None, token: AccessToken | None = None
) -> None:
    """Say, once the present action is committed, that this account, session or token no longer opens what it did."""
    if session is not None:
        said: tuple[str, int, int | None, int | None] = ("session", session.account_id, session.id, None)
    elif token is not None:
        said = ("token", token.account_id, None, token.id)
    elif account is not None:
        said = ("account", account.id, None, None)
    else:
        raise TypeError("an account, a session or a token")
    after_commit(lambda: _tell(*said))


def bump(account: Account) -> None:
    """Count, in the transaction of whatever may take access away from an account, that it has to be looked at again."""
    epoch = session.execute(
        update(Account)
        .where(Account.id == account.id)
        .values(access_epoch=Account.access_epoch + 1)
        .returning(Account.access_epoch)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    set_committed_value(account, "access_epoch", epoch)
    announce_end(account=account)


def bump_all(condition: ColumnElement[bool]) -> None:
    """The same for all accounts of which a condition of their row holds; live pages find out within a second."""
    session.execute(
        update(Account)
        .where(condition)
        .values(access_epoch=Account.access_epoch + 1)
        .execution_options(synchronize_session=False)
    )


def _tell(kind: str, account_id: int, session_id: int | None, token_id: int | None) -> None:
    for listener in _listeners:
        listener(kind, account_id, session_id, token_id)
