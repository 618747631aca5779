"""How migrations run: on the connection that the application gives, one transaction for each."""

from alembic import context

import resana.audit.models
import resana.permissions  # noqa: F401  imports every model
from resana.core.database import Base

connection = context.config.attributes["connection"]

if connection.dialect.name == "postgresql":
    connection.exec_driver_sql("SET lock_timeout = '5s'")
    connection.exec_driver_sql("SET statement_timeout = '10min'")
    connection.commit()

if connection.dialect.name == "sqlite":
    # A table is changed there by copying it: what points to it must not stop that, nor go with it. Checked below.
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
try:
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("a migration has left rows that point to nothing")
    connection.commit()
finally:
    if connection.dialect.name == "sqlite":
        connection.rollback()
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
