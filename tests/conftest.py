"""What tests share: an application on a fresh copy of the cast's database, clients, and a counter of SQL statements."""

from __future__ import annotations

import contextlib
import contextvars
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.globals import app_ctx
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url

from config import Settings
from resana import create_app
from resana.accounts import passwords
from resana.accounts.models import Account
from resana.accounts.sessions import cookie_name, open_session
from resana.cli import migrate
from resana.core import database
from resana.core.actions import action
from resana.core.database import session

from . import cast as the_cast
from .serving import Server, free_port, serving

POSTGRESQL = os.environ.get("RESANA_TEST_DATABASE_URL", "")
RAW_CSRF = "0123456789abcdef"
PASSWORD = "quatre marées hautes"
SECRET = "a secret of the tests, long enough"


class Client(FlaskClient):
    """A client whose requests know nothing of the test's own context; `csrf=False` leaves the token out."""

    csrf_header: str | None = None

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> Any:
        """Send a request; the test's session is fresh afterwards."""
        method = kwargs.get("method", "GET")
        if csrf and self.csrf_header and method not in ("GET", "HEAD", "OPTIONS"):
            headers = dict(kwargs.pop("headers", None) or {})
            headers.setdefault("X-CSRF-Token", self.csrf_header)
            kwargs["headers"] = headers
        answer = contextvars.Context().run(lambda: super(Client, self).open(*args, **kwargs))
        if app_ctx:
            session.rollback()
        return answer


def _admin(url: str) -> Any:
    return create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")


def _url(name: str) -> str:
    return make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[SimpleNamespace]:
    """The application, once; and a database with the cast in it, to be copied for each test."""
    data = tmp_path_factory.mktemp("data")
    template = f"resana_template_{worker_id}"
    if POSTGRESQL:
        admin = _admin(POSTGRESQL)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {template} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {template}"))
    settings = Settings(
        env="development",
        data=data,
        database_url=_url(template) if POSTGRESQL else "",
        secret_key=SECRET,
        worker="separate",
        smtp_url="",
        redis_url="",
    )
    app = create_app(settings)
    app.config["TESTING"] = True
    app.test_client_class = Client
    with app.app_context():
        migrate()
        the_cast.build()
        session.remove()
        if not POSTGRESQL:
            with database.engine().connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.engine().dispose()
    # One engine for all tests: a statement is compiled once, and they are the same ones again and again.
    found = SimpleNamespace(app=app, data=data, template=template, worker=worker_id)
    found.file = data / "resana.sqlite3"
    name = f"resana_test_{worker_id}"
    found.engine = database.open_engine(_url(name) if POSTGRESQL else f"sqlite:///{found.file}")
    if not POSTGRESQL:

        @event.listens_for(found.engine, "do_connect")
        def to_the_tests_own_file(_dialect: Any, _record: Any, arguments: list[Any], _named: dict[str, Any]) -> None:
            arguments[0] = str(found.file)

    yield found
    found.engine.dispose()
    if POSTGRESQL:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {template} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture
def app(world: SimpleNamespace, tmp_path: Path) -> Iterator[Flask]:
    """The application on its own copy of the cast's database; its context is open in the test."""
    application: Flask = world.app
    settings = application.config["SETTINGS"]
    settings.data = tmp_path
    if POSTGRESQL:
        name = f"resana_test_{world.worker}"
        admin = _admin(POSTGRESQL)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {world.template}"))
        admin.dispose()
    else:
        world.file = tmp_path / "resana.sqlite3"
        shutil.copyfile(world.data / "resana.sqlite3", world.file)
    application.extensions["engine"] = world.engine
    with application.app_context():
        yield application
        session.remove()
    application.extensions["engine"].dispose()


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    """The people, administrations and the space of the cast."""
    return the_cast.find()


@pytest.fixture
def server(app: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """The test's own database, served with the settings of production's kind; more settings come as its parameter."""
    settings = {
        "RESANA_DATA": str(tmp_path),
        "RESANA_DATABASE_URL": "" if database.is_sqlite() else database.engine().url.render_as_string(False),
        "RESANA_SECRET_KEY": SECRET,
        "RESANA_WORKER": "separate",
        **getattr(request, "param", {}),
    }
    log = tmp_path / "server.log"
    with log.open("wb") as said, _telling(log), serving(settings, free_port(), said) as found:
        yield found
    assert "Traceback" not in log.read_text(), log.read_text()[-3000:]


@contextlib.contextmanager
def _telling(log: Path) -> Iterator[None]:
    """A server that does not start shows what it said."""
    try:
        yield
    except RuntimeError as failed:
        failed.add_note(log.read_text()[-3000:])
        raise


@pytest.fixture
def client(app: Flask) -> Client:
    """Somebody who is not signed in."""
    found = app.test_client()
    assert isinstance(found, Client)
    return _with_csrf(app, found)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Account], Client]:
    """`sign_in(cast.ines)`: a client with that person's session cookie and CSRF token."""

    def sign_in(account: Account) -> Client:
        found = app.test_client()
        assert isinstance(found, Client)
        _opened, secret = open_session(account)
        found.set_cookie(cookie_name(), secret)
        return _with_csrf(app, found)

    return sign_in


def _with_csrf(app: Flask, client: Client) -> Client:
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = RAW_CSRF
    client.csrf_header = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token").dumps(RAW_CSRF)
    return client


@pytest.fixture
def give_passwords() -> Callable[..., None]:
    """`give_passwords(cast.ines)`: they can sign in by the form, with PASSWORD."""

    def give(*accounts: Account) -> None:
        kept = _kept()
        for account in accounts:
            _set(account, kept)

    return give


@cache
def _kept() -> str:
    session.rollback()
    return passwords.hashed(PASSWORD)


@action
def _set(account: Account, kept: str) -> None:
    account.password_hash = kept


@pytest.fixture
def statements(app: Flask) -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """`with statements() as seen: …` — the SQL statements sent meanwhile, without BEGIN and COMMIT."""

    @contextlib.contextmanager
    def count() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        engine = database.engine()
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return count


@pytest.fixture
def together(app: Flask) -> Callable[..., list[BaseException | None]]:
    """`together(do, other)`: each in a thread and a session of its own, with its own cast, begun at the same moment.

    Returns what each ended with: None, or what it raised.
    """

    def run(*verbs: Callable[[SimpleNamespace], object]) -> list[BaseException | None]:
        session.rollback()
        ready = threading.Barrier(len(verbs))
        ends: list[BaseException | None] = [None] * len(verbs)

        def one(number: int) -> None:
            with app.app_context():
                their = the_cast.find()
                session.rollback()
                ready.wait()
                try:
                    verbs[number](their)
                except Exception as wrong:
                    ends[number] = wrong

        threads = [threading.Thread(target=one, args=(number,)) for number in range(len(verbs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return ends

    return run
