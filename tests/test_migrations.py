"""From empty to head, back and forth; and the tables are what the models say."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from resana.cli import migrate
from resana.core.database import Base, engine, session


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def test_the_tables_are_what_the_models_say(app: Flask) -> None:
    with engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _ours, "target_metadata": Base.metadata}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_to_nothing_and_up_again(app: Flask) -> None:
    session.remove()
    migrate("base")
    assert set(inspect(engine()).get_table_names()) <= {"alembic_version"}
    migrate()
    assert set(Base.metadata.tables) <= set(inspect(engine()).get_table_names())
