"""Alembic's entry: runs the revisions on the connection that `core.journal.migration` opened."""

from alembic import context

from core.journal.tables import METADATA

# SQLite's DDL is transactional once BEGIN is said explicitly, as our connections do.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
