"""Brings a database to the present schema."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from queue_server.store.postgres import connect, lock_key

MIGRATIONS = Path(__file__).parent / "migrations"
Database = Path | str  # SQLite's file, or PostgreSQL's URL


def migrate(database: Database, revision: str = "head") -> None:
    """Creates the tables or upgrades them in place; does nothing when they are current.

    It is one transaction: a power cut in the midst leaves the schema there was, not half of the next one. SQLite's file
    is created, in WAL mode. On PostgreSQL processes that start at the same time wait for one another.
    """
    with engine(database).connect() as connection:
        if isinstance(database, Path):
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_key("migrations"))))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def revision_of(database: Database) -> str | None:
    """The schema revision a database is at, or None if it has none."""
    with engine(database).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def engine(database: Database) -> sa.Engine:
    """SQLAlchemy's way to a database."""
    if isinstance(database, Path):
        # isolation_level None: the driver's own mode would commit each table by itself
        how = {"connect_args": {"isolation_level": None}, "poolclass": sa.pool.NullPool}
        return sa.create_engine(f"sqlite:///{database}", **how)

    # libpq reads the URL, here as everywhere: SQLAlchemy would understand some of it differently
    def creator() -> object:
        return connect(database, autocommit=False)

    return sa.create_engine("postgresql+psycopg://", creator=creator, poolclass=sa.pool.NullPool)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
