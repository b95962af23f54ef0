"""Alembic's entry: the connection is handed in by storage.migrate, never built from a file."""

from alembic import context

from storage.zalo_schema import zalo_address

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    # All modules of tables share one metadata; importing the last one makes it whole.
    target_metadata=zalo_address.metadata,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="schema.",
)
with context.begin_transaction():
    context.run_migrations()
