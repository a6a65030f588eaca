"""Takes the steps in the connection and the transaction of whoever asks for them."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
context.run_migrations()
