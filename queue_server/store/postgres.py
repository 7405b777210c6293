"""PostgreSQL, for several server processes on one database: the writer, the readers, and what others committed.

Commands of a hall run one after another because each transaction first takes the hall's advisory lock, which it holds
until its commit is done. A transaction stays READ COMMITTED: what it reads after it has the lock is what the one
before it left. Nothing of a hall is kept in memory from one transaction to the next.

A batch is sent again only if it was surely not kept: a broken connection before COMMIT was sent, a deadlock. When the
connection breaks at COMMIT nobody knows, so the callers are told to repeat their request with the same key, which
finds out.

Listeners hear of every commit in one way only, also of this process's own: its NOTIFY names (hall, seq), and the
`Follower` fetches from the log what it has not told yet.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import LiteralString

import psycopg
from psycopg.pq import TransactionStatus

from queue_server.domain.errors import StorageUnavailable
from queue_server.store.queries import Reading
from queue_server.store.statement import Connection, Row
from queue_server.store.writer import Command, Outcome, Transaction, Written, not_saved, run_one

logger = logging.getLogger(__name__)

CHANNEL = "yichuang"
CONNECTING = {  # seconds; a dead machine or cut cable is noticed in about ten
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
    "application_name": "yichuang",
    "client_encoding": "utf8",
}
# The order of a lane stands in its index, and what is joined is few rows of many. Without these, statistics from before
# the morning's rush have everybody sorted or hashed to find one; and planning takes longer than running.
PLANNING = """SET enable_sort = off; SET enable_bitmapscan = off; SET enable_seqscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET jit = off; SET plan_cache_mode = force_generic_plan"""
# An answered ticket survives a power cut; a hall that another process holds is not waited for for ever, and a process
# that stands still does not hold it for ever.
WRITING = """SET synchronous_commit = on; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '15s'"""
TRY_FOR = 8.0  # seconds: a database that restarts is waited for
TRY_EVERY = 0.1
ENDED = ("08", "57P", "25P03")  # SQLSTATEs with which the database ends a connection
UNDONE = "40"  # and a transaction that may be tried again: a deadlock
READERS = 16  # connections a process reads with, at most
LISTEN_FOR = 0.2  # seconds between two looks whether to stop
LOOK_EVERY = 25  # such times: then the log is looked at even if nothing was heard
PAGE = 1_000  # events fetched at once


def lock_key(name: str) -> int:
    """The number of an advisory lock: the same in every process and version, 64 bits."""
    return int.from_bytes(hashlib.sha256(f"{CHANNEL}/{name}".encode()).digest()[:8], "big", signed=True)


def connect(url: str, *settings: LiteralString, autocommit: bool = True) -> psycopg.Connection[Row]:
    """A connection whose transactions are ours to begin and end, or with `autocommit` off the driver's to begin.

    Raises psycopg.Error.
    """
    connection = psycopg.connect(url, autocommit=autocommit, **CONNECTING)  # type: ignore[arg-type]  # numbers too
    try:
        for setting in settings:
            connection.execute(setting)
    except psycopg.Error:
        connection.close()
        raise
    return connection


class PostgresWriter:
    """Runs and keeps batches of commands; connects when it must, and again when the connection broke."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: psycopg.Connection[Row] | None = None
        self._committing = False

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def commit(self, commands: Sequence[Command], halls: Collection[str] = ()) -> tuple[list[Outcome], list[Written]]:
        """Runs the commands in order as one transaction that has these halls for itself."""
        end = time.monotonic() + TRY_FOR
        while True:
            try:
                return self._attempt(commands, halls)
            except Exception as error:
                again = self._surely_not_kept(error) and time.monotonic() < end
                self._roll_back()
                said = None if again else self._not_saved(error)
                if isinstance(error, psycopg.Error):
                    self.close()  # the next connection may find a server that can
                if not again:
                    logger.exception("nothing of this transaction was saved, or nobody knows")
                    return [Outcome(error=said) for _ in commands], []
            time.sleep(TRY_EVERY)

    def _attempt(self, commands: Sequence[Command], halls: Collection[str]) -> tuple[list[Outcome], list[Written]]:
        self._committing = False
        connection = self.connection()
        connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        for key in sorted(map(lock_key, halls)):  # in one order everywhere: nobody waits for whom waits for him
            connection.execute("SELECT pg_advisory_xact_lock(%s::bigint)", (key,))
        transaction = Transaction(connection, None)
        outcomes = [run_one(command, transaction, self._in_transaction) for command in commands]
        transaction.save_halls()
        for hall, seq in {event.hall: event.seq for event in transaction.written}.items():
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{hall} {seq}"))
        self._committing = True
        done = connection.execute("COMMIT").statusmessage
        if done != "COMMIT":  # PostgreSQL's answer to committing what has failed is a quiet rollback
            raise StorageUnavailable("the database took this back: nothing was saved; send the same request again")
        return outcomes, transaction.written

    def connection(self) -> psycopg.Connection[Row]:
        if self._open is None:
            self._open = connect(self._url, PLANNING, WRITING)
        return self._open

    def _in_transaction(self) -> bool:
        status = self._open.info.transaction_status if self._open else TransactionStatus.UNKNOWN
        return status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def _surely_not_kept(self, error: Exception) -> bool:
        if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return False
        state = error.sqlstate or ""
        broken = self._open is None or self._open.closed or state.startswith(ENDED)
        return not self._committing if broken else state.startswith(UNDONE)

    def _roll_back(self) -> None:
        """Leaves no transaction open, by closing the connection if that is what it takes."""
        if self._in_transaction() and self._open:
            with suppress(psycopg.Error):
                self._open.execute("ROLLBACK")
        if self._open and self._open.info.transaction_status != TransactionStatus.IDLE:
            self.close()

    def _not_saved(self, error: Exception) -> Exception:
        if self._committing and self._open is None:
            return StorageUnavailable(
                "the connection to the database broke while this was saved: send the same request with the same key "
                "again, which saves it if it was not"
            )
        return not_saved(error)


class PostgresReaders:
    """Looks at the database, each at one moment, over connections that are kept for the next look."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._room = threading.BoundedSemaphore(READERS)
        self._idle: list[psycopg.Connection[Row]] = []

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """One consistent look. Raises StorageUnavailable, Unprocessable."""
        if not self._room.acquire(timeout=TRY_FOR):
            raise StorageUnavailable("the database is busy; try again in a moment")
        try:
            connection = self._begin()
            try:
                yield Reading(connection)
            except (psycopg.OperationalError, psycopg.DataError) as error:
                raise not_saved(error) from error
            finally:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
                self._put_back(connection)
        finally:
            self._room.release()

    def _put_back(self, connection: psycopg.Connection[Row]) -> None:
        if connection.info.transaction_status == TransactionStatus.IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def _begin(self) -> psycopg.Connection[Row]:
        end = time.monotonic() + TRY_FOR
        while True:
            connection = self._idle.pop() if self._idle else None
            kept = connection is not None
            try:
                connection = connection or connect(self._url, PLANNING)
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                return connection
            except psycopg.OperationalError as error:
                if connection is not None:
                    connection.close()
                if time.monotonic() > end:
                    raise not_saved(error) from error
            if not kept:  # of those that were kept all may be broken
                time.sleep(TRY_EVERY)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


class Follower:
    """Tells what any process wrote to the log: in order, without a gap, each event once."""

    def __init__(
        self, url: str, read: Callable[[], AbstractContextManager[Reading]], tell: Callable[[list[Written]], None]
    ) -> None:
        self._url = url
        self._read = read
        self._tell = tell
        self._stopping = False
        with read() as reading:
            states = [reading.hall(hall) for hall in reading.hall_ids()]
        self._told = {state.id: state.last_event for state in states if state}  # a hall made later begins at 0
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._thread.join()

    def _follow(self) -> None:
        while not self._stopping:
            try:
                with connect(self._url) as connection:
                    connection.execute(f"LISTEN {CHANNEL}".encode())
                    self._catch_up()  # what happened while nobody listened
                    self._listen(connection)
            except (psycopg.Error, StorageUnavailable) as error:
                logger.warning("nothing is heard of the database; trying again: %s", error)
            except Exception:  # without this thread no screen of this process would ever change again
                logger.exception("listeners were not told; trying again")
            if not self._stopping:
                time.sleep(TRY_EVERY)

    def _listen(self, connection: psycopg.Connection[Row]) -> None:
        # nothing else runs on this connection: a notification that came with another answer might be lost
        quiet = 0
        while not self._stopping:
            heard = {
                notify.payload.rpartition(" ")[0] for notify in connection.notifies(timeout=LISTEN_FOR, stop_after=1)
            }
            quiet = 0 if heard else quiet + 1
            if heard or quiet == LOOK_EVERY:
                self._catch_up(heard)
                quiet = 0

    def _catch_up(self, halls: Collection[str] = ()) -> None:
        """Tells what these halls' logs hold beyond what was told; without names, every hall's."""
        more = True
        while more:
            with self._read() as reading:
                news = {
                    hall: reading.events_after(hall, self._told.get(hall, 0), PAGE)
                    for hall in halls or reading.hall_ids()
                }
            more = any(len(rows) == PAGE for rows in news.values())
            for hall, rows in news.items():
                if rows:
                    self._told[hall] = rows[-1][0]
                    self._tell([Written(hall, seq, json.loads(payload)) for seq, payload in rows])


def begin_look(url: str) -> Connection:
    """A connection that cannot write, looking at one moment. Raises psycopg.Error."""
    connection = connect(url)
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    return connection
