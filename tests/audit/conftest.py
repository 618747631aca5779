"""What the tests of the journal share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from resana.audit.models import AuditEntry
from resana.core.database import engine, is_sqlite, session

TRIGGERS = {
    "audit_entries": ("audit_entries_stay", "audit_entries_are_kept"),
    "audit_chains": ("audit_chains_grow", "audit_chains_are_kept"),
}


@pytest.fixture
def tamper(app: Flask) -> Callable[..., None]:
    """`tamper("UPDATE audit_entries …", x=1)`: as somebody who owns the database, with the triggers out of the way."""

    def tamper(*statements: str, **values: Any) -> None:
        session.rollback()
        with engine().begin() as connection:
            for table, names in TRIGGERS.items():
                if is_sqlite():
                    for name in names:
                        connection.execute(text("DROP TRIGGER IF EXISTS " + name))
                else:
                    connection.execute(text("ALTER TABLE " + table + " DISABLE TRIGGER USER"))
            for statement in statements:
                connection.execute(text(statement), values)

    return tamper


@pytest.fixture
def entries(app: Flask) -> Callable[..., list[AuditEntry]]:
    """`entries(after=id)`: the entries, in the order in which they were written."""

    def entries(after: int = 0) -> list[AuditEntry]:
        session.rollback()
        found = select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id)
        return list(session.execute(found).scalars())

    return entries
