"""The store: one writer, many read-only readers, over one SQLite file.

`run(hall, command)` is the seam for another database: whoever implements it must run the commands of a hall one after
another, each whole or not at all, through `around`, and return only when it is durable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from queue_server.store.migrate import migrate
from queue_server.store.pump import Tell, pump_for
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction

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


class Store:
    """`data` is a directory; it is migrated before anything else. `tell` hears what was written, after the commit."""

    def __init__(self, data: Path, tell: Tell = lambda written: None) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.database = data / DATABASE
        migrate(self.database)
        self.around: Around = lambda hall, command, tx: command(tx)
        self._pump = pump_for(self.database, tell)
        self._idle: list[sqlite3.Connection] = []

    def run(self, hall: str, command: Callable[[Transaction], Answered]) -> Answered:
        """The command's value, once it is durable. Raises what it raised, or StorageUnavailable: nothing was saved.

        On SQLite every hall of the file shares the writer, so `hall` chooses nothing here.
        """
        value: Answered = self._pump.run(partial(self.around, hall, command))
        return value

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """One consistent look. The connection cannot write and never checkpoints."""
        connection = self._idle.pop() if self._idle else open_reader(self.database)
        try:
            connection.execute("BEGIN")
            yield Reading(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.append(connection)

    def close(self) -> None:
        """Finishes what was accepted, then closes every connection."""
        while self._idle:
            self._idle.pop().close()
        self._pump.stop()
