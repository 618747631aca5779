"""The database: one session for each application context, on SQLite or PostgreSQL.

SQLite: WAL, foreign keys, and `BEGIN IMMEDIATE` for what writes. The driver's own transactions are off: with them,
32 threads that read a counter, add one and commit lose updates silently.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask, current_app
from flask.globals import app_ctx
from sqlalchemy import DateTime, Dialect, Engine, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session

BUSY_TIMEOUT_MS = 30_000
COMPILED = 3000
"""Statements that stay compiled: each right is one or two, and making one anew takes tens of milliseconds."""

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class Base(DeclarativeBase):
    """What every table derives from; constraint names are the same on both databases.

    So migrations can name them.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment on both databases (SQLite keeps no time zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC; a naive moment is a mistake of the programmer."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment must be aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _new_session() -> Session:
    return Session(bind=engine(), expire_on_commit=False, autoflush=True)


session: scoped_session[Session] = scoped_session(
    _new_session,  # type: ignore[arg-type]  # any maker of sessions will do
    scopefunc=lambda: id(app_ctx._get_current_object()),  # type: ignore[attr-defined]
)


def engine() -> Engine:
    """The engine of the current application."""
    found: Engine = current_app.extensions["engine"]
    return found


def init_app(app: Flask) -> None:
    """Open the engine and end the session with its context."""
    app.extensions["engine"] = open_engine(app.config["SETTINGS"].database)

    @app.teardown_appcontext
    def end(_error: BaseException | None) -> None:
        session.remove()


def open_engine(url: str) -> Engine:
    """An engine with the settings that this product needs; `url` is SQLAlchemy's."""
    if url.startswith("sqlite"):
        found = create_engine(
            url, pool_size=32, max_overflow=64, query_cache_size=COMPILED, connect_args={"check_same_thread": False}
        )
        event.listen(found, "connect", _prepare_sqlite)
        event.listen(found, "begin", _begin_sqlite)
        return found
    options = "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
    return create_engine(
        url,
        pool_size=20,
        max_overflow=40,
        pool_pre_ping=True,
        query_cache_size=COMPILED,
        connect_args={"options": options},
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "cache_size=-16000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    immediate = _writing.get()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
    connection.info["immediate"] = immediate


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Whatever transaction begins in here is one that writes: it has SQLite's lock before it reads anything."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def prepare_to_write() -> None:
    """Make sure that the session's transaction, if it has one, may write without having read something stale before.

    A transaction that only read is ended: what it loaded is expired, and read again under the lock.
    """
    if not session().in_transaction():
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite" and not connection.info.get("immediate"):
        session.rollback()


def is_sqlite() -> bool:
    """Whether the current database is the embedded one."""
    return engine().dialect.name == "sqlite"
