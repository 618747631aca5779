"""The living demonstration: administrations of Nouvelle-Aquitaine, sixty fictitious people, six spaces and what was said in
them. For newcomers, in development only. It is written by the same actions as everything else, in one transaction.
"""

from __future__ import annotations

import json

import click
from flask import Flask, current_app
from flask.cli import AppGroup


def init_app(app: Flask) -> None:
    """Register `flask demo …`."""
    group = AppGroup("demo", help="The living demonstration (development only).")

    @group.command("seed")
    def seed_command() -> None:
        """Write the demonstration into an empty database; do nothing where there is something already."""
        from .seed import seed, seeded

        _only_in_development()
        if not seeded():
            seed()

    @group.command("accounts")
    def accounts_command() -> None:
        """Print the accounts to try, as JSON."""
        from .seed import accounts

        _only_in_development()
        click.echo(json.dumps(accounts(), ensure_ascii=False, indent=2))

    @group.command("welcome")
    def welcome_command() -> None:
        """Print the address and the accounts, for people."""
        from .seed import accounts

        _only_in_development()
        click.echo(f"\nResana : {current_app.config['SETTINGS'].address}\n")
        for one in accounts():
            click.echo(f"  {one['email']:48} {one['what']}")
        click.echo(f"\nMot de passe de tous ces comptes : {accounts()[0]['password']}")
        click.echo("Les mêmes en JSON : make -s demo\n")

    app.cli.add_command(group)


def _only_in_development() -> None:
    if current_app.config["SETTINGS"].production:
        raise click.ClickException("The demonstration is refused outside development.")
