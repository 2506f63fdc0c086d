"""How Alembic runs the migrations, and how it prints them (`alembic upgrade base:head --sql`)."""

import os

import psycopg
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool


def connect() -> psycopg.Connection:
    """As the service does: psycopg understands the connection string, also one that names a folder of sockets."""
    return psycopg.connect(os.environ["DATABASE_URL"])


if context.is_offline_mode():
    # Needs no database and no DATABASE_URL.
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
