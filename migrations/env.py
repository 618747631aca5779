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

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
