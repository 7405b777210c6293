"""The store: one writer, many read-only readers, over one SQLite file or a PostgreSQL database.

`run(hall, command)` runs the commands of a hall one after another, each whole or not at all, and returns only when it
is durable. On SQLite one process serves; on PostgreSQL several may, on one machine or many.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psycopg
import sqlalchemy as sa

from queue_server.store.migrate import migrate
from queue_server.store.postgres import Follower, PostgresReaders, PostgresWriter, begin_look
from queue_server.store.pump import Pump, Tell, pump_for, tell_safely
from queue_server.store.queries import Reading
from queue_server.store.statement import Connection
from queue_server.store.writer import Transaction, Writer

Answered = TypeVar("Answered")
DATABASE = "queue.sqlite3"
Around = Callable[[str, Callable[[Transaction], Any], Transaction], Any]  # runs a hall's command in its transaction


def open_reader(database: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises FileNotFoundError."""
    if not database.exists():
        raise FileNotFoundError(database)
    connection = sqlite3.connect(
        f"file:{quote(str(database))}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA query_only=1")
    return connection


class NoDatabase(Exception):
    """There is nothing to look at, or nothing answers there; str() says what to do."""


@contextmanager
def look(data: Path | None, url: str | None) -> Iterator[Reading]:
    """One moment of a database that a server may be using, however long it takes; no tables are made.

    Raises NoDatabase.
    """
    connection: Connection
    if url is not None:
        try:
            connection = begin_look(url)
        except psycopg.Error as error:
            raise NoDatabase(f"the database does not answer: {error}") from error
    else:
        assert data is not None
        try:
            connection = open_reader(data / DATABASE)
        except FileNotFoundError as error:
            words = f"{data}: there is no queue here; give the --data or --database that `serve` was given"
            raise NoDatabase(words) from error
        connection.execute("BEGIN")
    try:
        yield Reading(connection)
    finally:
        connection.close()


class _Readers:
    """SQLite's: connections that cannot write and never checkpoint, kept for the next look."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._idle: list[sqlite3.Connection] = []

    @contextmanager
    def read(self) -> Iterator[Reading]:
        connection = self._idle.pop() if self._idle else open_reader(self._database)
        try:
            connection.execute("BEGIN")
            yield Reading(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.append(connection)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def readers(data: Path, url: str | None) -> _Readers | PostgresReaders:
    """Looks at a database that a server may be using, again and again; no tables are made.

    A look raises FileNotFoundError or StorageUnavailable while there is nothing to look at.
    """
    return _Readers(data / DATABASE) if url is None else PostgresReaders(url)


class Store:
    """`data` is a directory that holds the database, unless `url` names one in PostgreSQL.

    The database is migrated before anything else. `tell` hears what was written, after the commit, in order; on
    PostgreSQL also what other processes wrote. Raises NoDatabase.
    """

    def __init__(self, data: Path | None, tell: Tell = lambda written: None, *, url: str | None = None) -> None:
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        self.around: Around = lambda hall, command, tx: command(tx)
        self.committed: Tell = lambda written: None  # hears of this process's own commits first, before their answers
        self.shared = url is not None  # with other processes, which change it too
        self._follower: Follower | None = None
        self._readers: _Readers | PostgresReaders
        self._pump: Pump
        if url is None:
            assert data is not None
            self.database = data / DATABASE
            migrate(self.database)
            self._readers = _Readers(self.database)
            self._pump = pump_for(partial(Writer, self.database), tell)
        else:
            try:
                migrate(url)
            except (psycopg.Error, sa.exc.DBAPIError) as error:
                raise NoDatabase(f"the database does not answer, or not as it must: {error}") from error
            self._readers = PostgresReaders(url)
            # listeners hear of it from the follower, once and in order with what other processes did
            self._pump = pump_for(partial(PostgresWriter, url), lambda written: self.committed(written))
            self._follower = Follower(url, self.read, partial(tell_safely, tell))

    def run(self, hall: str, command: Callable[[Transaction], Answered]) -> Answered:
        """The command's value, once it is durable. Raises what it raised, or StorageUnavailable: nothing was saved.

        The command has the hall ("": what belongs to no hall) for itself, and may be run again if nothing was saved.
        """
        value: Answered = self._pump.run(partial(self.around, hall, command), hall)
        return value

    def read(self) -> AbstractContextManager[Reading]:
        """One consistent look. The connection cannot write."""
        return self._readers.read()

    def close(self) -> None:
        """Finishes what was accepted, then closes every connection."""
        if self._follower is not None:
            self._follower.stop()
        self._readers.close()
        self._pump.stop()
