"""The one writer: runs what has gathered as one transaction with a savepoint a command, and answers after COMMIT.

A command that raises rolls back its own savepoint only. When the whole transaction cannot be kept (disk full, commit
failed) every command in it is told so, and nothing of it exists. The writer owns the only writing connection, and that
is the one which checkpoints. All commands of a hall so run one after another: numbers, event sequence and dispatch are
plain sequential code.
"""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg

from queue_server.domain.dispatch import LaneHead
from queue_server.domain.errors import StorageUnavailable, Unprocessable
from queue_server.domain.events import Event, canonical, chain
from queue_server.domain.model import State, Ticket, WindowStatus
from queue_server.store import queries as q
from queue_server.store import sql
from queue_server.store.places import Memory, Places
from queue_server.store.schema import from_instant, to_instant
from queue_server.store.statement import Connection

logger = logging.getLogger(__name__)

DISK_TROUBLE = {
    sqlite3.SQLITE_FULL: "the server's disk is full",
    sqlite3.SQLITE_IOERR: "the server cannot write to its disk",
    sqlite3.SQLITE_READONLY: "the server may not write to its data directory",
    sqlite3.SQLITE_BUSY: "another program holds the server's database",
}
DATABASE_TROUBLE = {  # PostgreSQL's, by SQLSTATE
    "25006": "the database takes no changes now",
    "53100": "the database's disk is full",
    "53300": "the database takes no more connections",
    "55P03": "another server holds this hall",
}
# away, closed, or a standby that another server has not yet taken over from
DATABASE_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, psycopg.NotSupportedError)
BUSY_WAIT = 5.0  # seconds: another writing connection is not expected; should there be one, wait for it
BUSY_LOOK = 0.02  # seconds between two tries


@dataclass(frozen=True, slots=True)
class Written:
    """An event that is in the log: its place and its facts."""

    hall: str
    seq: int
    facts: dict[str, Any]


class Transaction(q.Reading):
    """What a command may do to a hall. Everything it did is kept together or not at all."""

    def __init__(self, connection: Connection, memory: Memory | None) -> None:
        super().__init__(connection)
        self.written: list[Written] = []
        self.forgot = False  # something was deleted that must leave the disk as well
        self._halls: dict[str, q.HallState] = {}
        self._loaded: dict[str, q.HallState] = {}
        self._marked: dict[str, q.HallState] = {}
        self._written_before = 0
        self.shared = memory is None  # with other processes, which write too
        self._memory = memory  # where others write, everything is read each time
        self._saved: list[Ticket] = []  # by this command

    # the hall's row is read once and written once a transaction, not once a command

    def state(self, hall: str) -> q.HallState:
        """Where the hall's sequences stand; change it in place. Raises LookupError before the hall is added."""
        if hall not in self._halls:
            found = self.hall(hall)
            if found is None:
                raise LookupError(hall)
            self._halls[hall] = found
            self._loaded[hall] = dataclasses.replace(found)
        return self._halls[hall]

    def mark(self) -> None:
        self.connection.execute("SAVEPOINT command")
        self._marked = {name: dataclasses.replace(state) for name, state in self._halls.items()}
        self._written_before = len(self.written)
        self._saved.clear()

    def keep(self) -> None:
        self.connection.execute("RELEASE command")

    def undo(self) -> None:
        """Takes back everything since `mark`."""
        self.connection.execute("ROLLBACK TO command")
        self.connection.execute("RELEASE command")
        self._halls = self._marked
        del self.written[self._written_before :]
        if self._memory is not None:
            for ticket in self._saved:
                self._memory.forget(ticket)

    def save_halls(self) -> None:
        for hall, state in self._halls.items():
            if state == self._loaded[hall]:
                continue
            sql.SAVE_HALL.run(
                self.connection,
                hall=hall,
                settings=state.settings,
                last_event=state.last_event,
                last_hash=state.last_hash,
                last_ticket=state.last_ticket,
                last_issued_at=to_instant(state.last_issued_at),
                business_day=state.business_day.isoformat(),
                settings_version=state.settings_version,
            )

    def add_hall(self, state: q.HallState) -> None:
        values = dataclasses.asdict(state) | {
            "last_issued_at": to_instant(state.last_issued_at),
            "business_day": state.business_day.isoformat(),
        }
        sql.ADD_HALL.run(self.connection, **values)

    def next_number(self, hall: str, letter: str, day: date) -> int:
        """1 for the first ticket of a letter on a business day, then 2 …"""
        row = sql.NEXT_NUMBER.one(self.connection, hall=hall, letter=letter, day=day.isoformat())
        assert row is not None
        return int(row[0])

    def add_ticket(self, ticket: Ticket) -> None:
        sql.ADD_TICKET.run(self.connection, **q.all_values(ticket))
        self._note(ticket)

    def save_ticket(self, ticket: Ticket) -> None:
        sql.SAVE_TICKET.run(self.connection, **q.changing_values(ticket))
        self._note(ticket)

    def _note(self, ticket: Ticket) -> None:
        self._saved.append(ticket)
        if self._memory is not None:
            self._memory.saved(ticket)

    # as of any reading; where one process writes, from memory

    def ticket(self, ticket_id: str) -> Ticket | None:
        if self._memory is None:
            return super().ticket(ticket_id)
        known = self._memory.tickets.get(ticket_id)
        if known is None and (known := super().ticket(ticket_id)) is not None:
            self._memory.seen(known)
        return known

    def ahead(self, ticket: Ticket) -> int:
        if self._memory is None:
            return super().ahead(ticket)
        if ticket.state is not State.WAITING:
            return 0
        return self._places(self._memory, ticket.hall).ahead(ticket.line, (ticket.key, ticket.seq))

    def lane_heads(self, hall: str, lines: Sequence[str], window: int) -> list[LaneHead]:
        if self._memory is None:
            return super().lane_heads(hall, lines, window)
        return self._places(self._memory, hall).heads(lines, window)

    def _places(self, memory: Memory, hall: str) -> Places:
        if hall not in memory.places:
            memory.places[hall] = Places(map(q.head_of, sql.PLACES.all(self.connection, hall=hall)))
        return memory.places[hall]

    def save_window(self, hall: str, window: WindowStatus) -> None:
        since = window.since and to_instant(window.since)
        sql.SAVE_WINDOW.run(
            self.connection, hall=hall, no=window.no, state=window.state.value, ticket=window.ticket, since=since
        )

    def free_window(self, hall: str, no: int, ticket_id: str) -> None:
        """The window without this ticket; one that has another keeps it."""
        status = self.window(hall, no)
        if status.ticket == ticket_id:
            self.save_window(hall, dataclasses.replace(status, ticket=None))

    def append(self, hall: str, event: Event) -> int:
        """Writes the event to the hall's log; returns its seq."""
        state = self.state(hall)
        seq, facts = state.last_event + 1, event.facts()
        payload = canonical(facts)
        state.last_event, state.last_hash = seq, chain(state.last_hash, seq, payload)
        sql.ADD_EVENT.run(
            self.connection,
            hall=hall,
            seq=seq,
            type=event.type,
            ticket=event.ticket.id if event.ticket else None,
            at=to_instant(event.at),
            payload=payload,
            hash=state.last_hash,
        )
        self.written.append(Written(hall, seq, facts))
        return seq

    def answered(self, scope: str, key: str) -> q.StoredAnswer | None:
        row = sql.ANSWER.one(self.connection, scope=scope, key=key)
        return q.StoredAnswer(row[0], q.Answer(row[1], row[2]), from_instant(row[3])) if row else None

    def remember(self, scope: str, key: str, fingerprint: bytes, answer: q.Answer, at: datetime) -> None:
        sql.ADD_ANSWER.run(
            self.connection,
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body,
            at=to_instant(at),
        )

    def forget_answers(self, before: datetime) -> None:
        sql.FORGET_ANSWERS.run(self.connection, before=to_instant(before))

    def add_token(self, token: q.Token, at: datetime) -> None:
        values = dataclasses.asdict(token) | {"demo": int(token.demo), "created_at": to_instant(at)}
        sql.ADD_TOKEN.run(self.connection, **values)

    def server_key(self, name: str, new: str) -> str:
        """The key all processes of this database share under this name; `new` if there was none."""
        sql.ADD_SERVER_KEY.run(self.connection, name=name, key=new)
        row = sql.SERVER_KEY.one(self.connection, name=name)
        assert row is not None
        return str(row[0])


Command = Callable[[Transaction], Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command: its value, or the error to raise where it was asked for."""

    value: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class Batch:
    """Commands that were run together: what became of each, and the transaction they wait in until it is kept."""

    outcomes: list[Outcome]
    transaction: Transaction | None  # None: nothing to keep


class Writer:
    """SQLite's: runs and keeps batches of commands, one batch at a time; any thread may, if no two do at once."""

    def __init__(self, database: Path) -> None:
        # isolation_level=None: transactions are ours; the driver's own mode keeps savepoint work after a rollback
        self.connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        self.connection.execute("PRAGMA synchronous=FULL")  # an answered ticket survives a power cut
        self.connection.execute("PRAGMA secure_delete=1")  # what is deleted is overwritten with zeros
        self.connection.execute("PRAGMA cache_size=-65536")  # KiB: 64 MB
        self.connection.execute("PRAGMA wal_autocheckpoint=4000")  # pages: 16 MB; hot pages are written back less often
        self.connection.execute("PRAGMA busy_timeout=0")  # SQLite would wait with the whole event loop: see `_begin`
        self._wal_remembers = True  # perhaps: a server that was killed may have left a WAL
        self._memory = Memory()

    def close(self) -> None:
        self.connection.close()

    def commit(self, commands: Sequence[Command], halls: Collection[str] = ()) -> tuple[list[Outcome], list[Written]]:
        """Runs the commands in order as one transaction; the outcomes, and the events that are now in the log.

        Whose commands these are (`halls`) makes no difference here: every hall of the file shares the one writer.
        """
        return self.keep(self.run(commands))

    def run(self, commands: Sequence[Command]) -> Batch:
        """Opens a transaction and runs the commands in it, in order. Nothing counts before `keep`."""
        try:
            self._begin()
            transaction = Transaction(self.connection, self._memory)
            # SQLite gives up the whole transaction when the disk is full
            outcomes = [run_one(command, transaction, lambda: self.connection.in_transaction) for command in commands]
            transaction.save_halls()
        except Exception as error:
            logger.exception("nothing of this transaction was saved")
            return self._lost(error, len(commands))
        return Batch(outcomes, transaction)

    def keep(self, batch: Batch) -> tuple[list[Outcome], list[Written]]:
        """Makes the batch durable, which waits for the disk; the outcomes, and the events that are now in the log."""
        if batch.transaction is None:
            return batch.outcomes, []
        try:
            self.connection.execute("COMMIT")
        except Exception as error:
            logger.exception("nothing of this transaction was saved")
            return self._lost(error, len(batch.outcomes)).outcomes, []
        self._wal_remembers |= batch.transaction.forgot
        if self._wal_remembers:
            self._wal_remembers = not self._empty_wal()
        return batch.outcomes, batch.transaction.written

    def _begin(self) -> None:
        end = time.monotonic() + BUSY_WAIT
        while True:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
            time.sleep(BUSY_LOOK)

    def _lost(self, error: Exception, count: int) -> Batch:
        """Nothing of the transaction is kept, and every command in it is told so."""
        self._memory.clear()
        if self.connection.in_transaction:  # after SQLITE_FULL it may be gone already, and ROLLBACK would raise
            self.connection.execute("ROLLBACK")
        return Batch([Outcome(error=not_saved(error)) for _ in range(count)], None)

    def _empty_wal(self) -> bool:
        """Takes what was deleted out of the WAL, where old pages stay until they are written over.

        False while a reader still looks at it, or the disk refuses: then it is tried again after the next commit. It
        never waits and never raises, because the commands are already durable.
        """
        try:
            busy, _, _ = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            logger.warning("deleted rows are still in the WAL; trying again after the next commit: %s", error)
            return False
        return not busy


def run_one(command: Command, transaction: Transaction, in_transaction: Callable[[], bool]) -> Outcome:
    """What becomes of a command; one that raises takes back its own work only.

    Raises what the command raised if that was the end of the whole transaction.
    """
    transaction.mark()
    try:
        outcome = Outcome(command(transaction))
    except Exception as error:
        if not in_transaction():
            raise
        transaction.undo()
        return Outcome(error=not_saved(error))
    transaction.keep()
    return outcome


def not_saved(error: Exception) -> Exception:
    """The error a caller gets: trouble with the disk or the database in words, anything else as it is."""
    if isinstance(error, DATABASE_AWAY):
        logger.warning("the database: %s", error)  # it may name machines and users: not for who asked
        trouble = DATABASE_TROUBLE.get(error.sqlstate or "", "the database does not answer")
        return StorageUnavailable(f"{trouble}: nothing was saved; send the same request with the same key again")
    if isinstance(error, psycopg.DataError):  # PostgreSQL's text has no character 0
        return Unprocessable("this cannot be stored: it has a character that no text may have")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code not in DISK_TROUBLE:
        return error
    return StorageUnavailable(
        f"{DISK_TROUBLE[code]}: nothing was saved; mend it, then send the same request with the same key again"
    )
