"""`python -m tests.bench`: make the world, serve it, measure, say what was found, stop."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config import Settings
from resana import create_app
from resana.cli import migrate
from resana.core import database
from tests.serving import Server, serving

from . import memory, report
from .client import Client, Listeners
from .measures import delivery, measures, median, prepare, run
from .report import Line
from .world import World, build

MIB = 1024 * 1024
MANY = 8


def arguments() -> argparse.Namespace:
    """What was asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--runs", type=int, default=3, help="runs, of which the median counts (3)")
    asked.add_argument("--database", default="", help="an empty PostgreSQL database; it is emptied again (SQLite)")
    asked.add_argument("--port", type=int, default=9600, help="a free port of this machine (9600)")
    asked.add_argument("--only", default="", help="only the measures whose name has this in it")
    asked.add_argument("--memory", action="store_true", help="also 1 GiB up and down, and 300 open pages")
    asked.add_argument("--markdown", type=Path, help="also write the table there, for README.md")
    asked.add_argument("--minutes", type=float, default=20, help="stop after so long in any case (20)")
    return asked.parse_args()


@contextlib.contextmanager
def prepared(url: str) -> Iterator[tuple[World, dict[str, str], str]]:
    """A world in a temporary folder, the settings that serve it, and the database's name and version."""
    with tempfile.TemporaryDirectory(prefix="resana-bench-", ignore_cleanup_errors=True) as folder:
        secret = secrets.token_urlsafe(48)
        settings = Settings(env="development", data=Path(folder), database_url=url, secret_key=secret, debug=False)
        app = create_app(settings)
        with app.app_context():
            if url and sa.inspect(database.engine()).get_table_names():
                raise SystemExit("The database has tables already: give an empty one, it is emptied at the end.")
            try:
                migrate()
                start = time.perf_counter()
                world = build()
                name = described()
                say(f"{name}: the world is there after {time.perf_counter() - start:.0f} s,", end=" ")
                say(f"a person is in {world.spaces_of_one:.0f} spaces on average")
                database.session.remove()
                yield world, {"RESANA_DATA": folder, "RESANA_DATABASE_URL": url, "RESANA_SECRET_KEY": secret}, name
            finally:
                database.session.remove()
                if url:
                    migrate("base")
                    with database.engine().begin() as connection:
                        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
                database.engine().dispose()


def described() -> str:
    """The database's name and version; PostgreSQL's planner is told of what has just been written."""
    with database.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if database.is_sqlite():
            return f"SQLite {connection.exec_driver_sql('SELECT sqlite_version()').scalar_one()}"
        connection.exec_driver_sql("ANALYZE")
        return f"PostgreSQL {str(connection.exec_driver_sql('SHOW server_version').scalar_one()).split()[0]}"


def measure(server: Server, world: World, asked: argparse.Namespace) -> list[Line]:
    """All measures, the median of the runs."""
    clients = [Client(server.port, email) for email in world.actors]
    for client in clients:
        prepare(client, world)
    lines = []
    for one in measures(world):
        if asked.only not in one.name:
            continue
        for those in (clients[:1], clients[:MANY]):
            found = median([run(one, those) for _ in range(asked.runs)])
            lines.append(Line(one.name, len(those), found, one.most_ms if len(those) == 1 else None))
            say(report.table(lines[-1:]).splitlines()[-1])
    name = f"delivery to {len(world.listeners)} open pages"
    if asked.only in name:
        with listening(server, world) as listeners:
            found = median([delivery(world, clients[0], listeners) for _ in range(asked.runs)])
        lines.append(Line(name, 1, found, 60))
    for client in clients:
        client.close()
    return lines


@contextlib.contextmanager
def listening(server: Server, world: World) -> Iterator[Listeners]:
    """Each of the listeners with a socket."""
    listeners = Listeners()
    try:
        for email in world.listeners:
            client = Client(server.port, email)
            client.sign_in()
            listeners.join(client, world.talk_space)
            client.close()
        listeners.start()
        yield listeners
    finally:
        listeners.close()


def measure_memory(server: Server, world: World) -> list[str]:
    """What is said of 1 GiB and of 300 open pages."""
    people = [Client(server.port, email) for email in (*world.actors[:1], *world.listeners[:20])]
    for client in people:
        client.sign_in()
    up, down = memory.up_and_down(server, world, people[0], 1024 * MIB)
    curve, pages = memory.open_pages(server, world, people[1:], 300, people[0])
    said = []
    for what, one in (("1 GiB up", up), ("1 GiB down", down)):
        said.append(
            f"{what}: {one.seconds:.1f} s, memory {one.before / MIB:.0f} → at most {one.most / MIB:.0f} MiB"
            f" ({'flat' if one.flat else 'NOT flat'}, under 64 MiB wanted)."
        )
    said.append(
        f"300 open pages: memory {curve.before / MIB:.0f} → {curve.most / MIB:.0f} MiB; meanwhile home and thread pages"
        f" take {pages.p50:.0f} ms at the median, {pages.p95:.0f} ms at p95; all 300 hear what is said."
    )
    return said


def measured_on(name: str, runs: int) -> str:
    """Where, in what, and how often."""
    where = f"Measured on {report.machine(name)}; client and server share the machine."
    return f"{where} Median of {runs} runs; 2,000 accounts, 300 spaces."


def memory_of(server: Server) -> str:
    """What the server holds after all that."""
    peak, present = (server.memory(peak=peak) / MIB for peak in (True, False))
    return f"Memory of the server at its peak: {peak:.0f} MiB ({present:.0f} MiB at the end)."


def say(words: str, end: str = "\n") -> None:
    """To whoever waits, apart from the result."""
    print(words, end=end, file=sys.stderr, flush=True)


def main() -> int:
    """Measure; 1 where something wanted does not hold."""
    asked = arguments()
    watchdog = threading.Timer(asked.minutes * 60, signal.raise_signal, (signal.SIGINT,))
    watchdog.daemon = True
    watchdog.start()
    signal.signal(signal.SIGTERM, _stop)
    with prepared(asked.database) as (world, settings, name), serving(settings, asked.port) as server:
        lines = measure(server, world, asked)
        notes = [measured_on(name, asked.runs), memory_of(server)]
        if asked.memory:
            notes += measure_memory(server, world)
    print(report.table(lines), "", *notes, sep="\n")
    if asked.markdown is not None:
        asked.markdown.write_text(report.markdown(lines, notes))
    return 0 if all(line.holds is not False for line in lines) else 1


def _stop(*_signal: Any) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
