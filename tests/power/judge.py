"""Opens what a power cut left, as the server would, and says what is wrong with it."""

from __future__ import annotations

import functools
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from queue_server import setup
from queue_server.domain.errors import StorageUnavailable
from queue_server.hallbook import HallBook
from queue_server.issuing import Order
from queue_server.service import QueueService
from queue_server.store.log import verify
from queue_server.store.queries import Reading
from queue_server.store.store import DATABASE, Store
from tests.power.disk import State
from tests.queue_server.helpers import CONFIG, HALL, MONDAY_TEN, Clock, Names, demo_hall
from tests.system.history import tables
from tests.system.record import COLUMNS, Kept, name_of
from tests.system.replay import Replay
from tests.system.rules import read

RULES = replace(read(CONFIG), recall_gap=timedelta(0), calls_before_missed=1)  # as in the day that is recorded
LOST, CORRUPT, NO_START = "lost", "corrupt", "no start"
STALE_SHM = b"\xa5" * 32768  # what another boot left in shared memory's file must not matter
CARD_TOKEN = re.compile(rb"[0-9a-f]{64}")


_promise = functools.cache(json.loads)  # most states share most of them


def lay_out(state: State, folder: Path) -> Path:
    """The state as a data directory."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in state.files.items():
        (folder / name).write_bytes(content)
    if f"{DATABASE}-wal" in state.files:
        (folder / f"{DATABASE}-shm").write_bytes(STALE_SHM)
    return folder


def faults(folder: Path, promised: list[bytes], *, restart: bool) -> list[str]:
    """What is wrong with a data directory, each as "kind: words"; `restart` also starts the store on it."""
    promises = [_promise(one) for one in promised]
    database = folder / DATABASE
    found = [*_small_files(folder)]
    try:
        if promises and not database.exists():
            return [*found, f"{LOST}: the database itself, after {len(promises)} answers"]
        if promises:
            with closing(sqlite3.connect(database, isolation_level=None)) as connection:
                connection.execute("BEGIN")
                found += [*_database(connection, promises)]
        if restart:
            found += [*_restart(folder)]
    except (sqlite3.Error, ValueError, LookupError, StorageUnavailable) as error:  # rows may hold anything
        found.append(f"{CORRUPT}: {type(error).__name__}: {error}")
    return found


def _small_files(folder: Path) -> Iterator[str]:
    tokens, key = folder / setup.DEMO_TOKENS, folder / setup.SESSION_KEY
    if tokens.exists():
        try:
            json.loads(tokens.read_text("utf-8"))
        except ValueError as error:
            yield f"{CORRUPT}: {tokens.name}: {error}"
    if key.exists() and not key.read_bytes():
        yield f"{CORRUPT}: {key.name} is empty"


def _database(connection: sqlite3.Connection, promises: list[dict[str, Any]]) -> Iterator[str]:
    said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    if said != ["ok"]:
        yield f"{CORRUPT}: {said[:3]}"
        return
    log = verify(Reading(connection), HALL)
    if log.fault:
        yield f"{CORRUPT}: {log.fault}"
    kept = _kept(connection)
    replay = Replay(kept.events, RULES)
    yield from (f"{CORRUPT}: {one}" for one in [*replay.violations, *tables(kept, replay)])
    yield from _promises(connection, promises, {name_of(facts) for facts in replay.facts.values()})


def _kept(connection: sqlite3.Connection) -> Kept:
    def rows(sql: str) -> list[dict[str, Any]]:
        cursor = connection.execute(sql)
        return [dict(zip([column[0] for column in cursor.description], row, strict=True)) for row in cursor]

    events = connection.execute("SELECT seq, payload FROM events ORDER BY seq").fetchall()
    tickets = rows(f"SELECT {COLUMNS} FROM tickets")
    return Kept("", events, tickets, rows("SELECT no, state, ticket FROM windows"))


def _promises(connection: sqlite3.Connection, promises: list[dict[str, Any]], happened: set[Any]) -> Iterator[str]:
    answers = {key: (status, body) for key, status, body in connection.execute("SELECT key, status, body FROM answers")}
    (day,) = connection.execute("SELECT business_day FROM halls").fetchone() or ("",)
    for one in promises:
        if "closed" in one:
            if day < one["closed"]:
                yield f"{LOST}: the day was closed for {one['closed']}, and is {day}"
            for table in ("ticket_person", "day_keys"):
                if connection.execute(f"SELECT 1 FROM {table} WHERE day < ?", (one["closed"],)).fetchone():
                    yield f"{LOST}: {table} has rows that were forgotten before {one['closed']}"
        elif answers.get(one["key"]) != (one["status"], one["body"]):
            yield f"{LOST}: answer {one['key']} was {one['status']} {one['body'][:90]}"
        elif one["status"] == 201 and ("ticket.issued", json.loads(one["body"])["id"], 0) not in happened:
            yield f"{LOST}: ticket {one['body'][:90]}"


def _restart(folder: Path) -> Iterator[str]:
    """The store starts, goes on counting where it was, and nothing that was forgotten is on the disk any more."""
    clock, names = Clock(MONDAY_TEN), Names()
    names.n = 10_000_000
    try:
        store = Store(folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, a hall would stand still
        yield f"{NO_START}: {type(error).__name__}: {error}"
        return
    try:
        hall = demo_hall()
        setup.seed(store, hall, clock, names)
        with store.read() as reading:
            state = reading.hall(HALL)
            assert state is not None
            clock.at = max(clock.at, state.last_issued_at + timedelta(seconds=1))
            before = [ticket for ticket in reading.of_day(HALL, state.business_day) if ticket.number[0] == "F"]
        service = QueueService({HALL: HallBook(hall)}, store, clock, names, enforce_hours=False)
        placed = store.run(HALL, lambda tx: service.issuing.issue(tx, HALL, Order("passport", None), "judge"))
        if state.business_day == placed.ticket.business_day and placed.ticket.number != f"F{len(before) + 1:03d}":
            yield f"{CORRUPT}: after a restart {len(before)} tickets are followed by {placed.ticket.number}"
        with store.read() as reading:
            known = [row[0] for row in reading.connection.execute("SELECT card_token FROM ticket_person")]
        left = _card_tokens(folder, [token.encode() for token in known if token])
        if left:
            yield f"{LOST}: {len(left)} card tokens are on the disk and in no table"
    finally:
        store.close()


def _card_tokens(folder: Path, known: list[bytes]) -> set[bytes]:
    """What looks like a card token in the database's files and is not one of these."""
    content = b"|".join(file.read_bytes() for file in folder.glob(f"{DATABASE}*"))
    for token in known:
        content = content.replace(token, b"|")  # a date stands right before it: a longer run of digits
    return set(CARD_TOKEN.findall(content))
