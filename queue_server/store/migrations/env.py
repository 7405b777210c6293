"""How Alembic reaches the database: over the connection that `store.migrate` hands it."""

from __future__ import annotations

from alembic import context

from queue_server.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
