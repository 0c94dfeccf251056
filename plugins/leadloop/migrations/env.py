"""How alembic reaches the operations store: over the connection it is handed."""

from alembic import context

from leadloop.ledger import TABLES

context.configure(
    connection=context.config.attributes["connection"],
    # The metadata that all tables of the store share, those of the ledger being loaded by now.
    target_metadata=TABLES[0].metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
