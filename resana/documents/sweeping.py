"""Removing what killed processes left behind: drafts, and bytes that no version names."""

from __future__ import annotations

import click
from flask import Flask
from sqlalchemy import select

from resana.core.database import session
from resana.core.storage import FORGOTTEN_AFTER_S, storage

from .models import Version

AT_ONCE = 500


def sweep(older_than_s: float = FORGOTTEN_AFTER_S) -> int:
    """Remove what is older than that and belongs to nothing; say how many things that was."""
    store = storage()
    removed = store.forget_drafts(older_than_s)
    waiting: list[str] = []
    for key in store.keys(older_than_s):
        waiting.append(key)
        if len(waiting) == AT_ONCE:
            removed += _remove_unnamed(waiting)
            waiting = []
    return removed + _remove_unnamed(waiting)


def _remove_unnamed(keys: list[str]) -> int:
    named = set(session.execute(select(Version.key).where(Version.key.in_(keys))).scalars())
    session.rollback()
    unnamed = [key for key in keys if key not in named]
    for key in unnamed:
        storage().delete(key)
    return len(unnamed)


def init_app(app: Flask) -> None:
    """Register `flask documents sweep`."""

    @app.cli.group("documents")
    def documents() -> None:
        """Take care of the documents' bytes."""

    @documents.command("sweep")
    def sweep_command() -> None:
        """Remove drafts and bytes that have belonged to nothing for a day."""
        click.echo(f"{sweep()} removed")
