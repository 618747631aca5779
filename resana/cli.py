"""Commands: `flask --app wsgi migrate`, `demo seed`, `worker`, …"""

from __future__ import annotations

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import Flask, current_app

from resana.core.database import engine

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def alembic_config() -> Config:
    """Alembic's configuration, without a file: where the migrations lie."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(revision: str = "head") -> None:
    """Bring the current application's database to `revision`, upwards or downwards."""
    settings = current_app.config["SETTINGS"]
    settings.data.mkdir(parents=True, exist_ok=True)
    config = alembic_config()
    with engine().connect() as connection:
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def init_app(app: Flask) -> None:
    """Register the commands."""

    @app.cli.command("migrate")
    @click.argument("revision", default="head")
    def migrate_command(revision: str) -> None:
        """Create or update the database's tables."""
        migrate(revision)
