"""Group commit: what is kept, what is taken back, what a full disk does."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest

from queue_server.domain.errors import Conflict, StorageUnavailable
from queue_server.domain.events import FIRST_HASH, Event
from queue_server.domain.model import WindowState, WindowStatus
from queue_server.store import writer as writer_module
from queue_server.store.migrate import migrate
from queue_server.store.postgres import PostgresWriter
from queue_server.store.pump import ThreadPump
from queue_server.store.queries import HallState, Reading
from queue_server.store.schema import EPOCH
from queue_server.store.statement import Connection
from queue_server.store.store import DATABASE, Store
from queue_server.store.writer import Transaction, Writer, Written
from tests.queue_server.helpers import BOTH

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def writer(tmp_path: Path, database: str | None) -> Iterator[Writer | PostgresWriter]:
    migrate(database or tmp_path / DATABASE)
    writer = PostgresWriter(database) if database else Writer(tmp_path / DATABASE)
    outcomes, _ = writer.commit([lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min))])
    assert outcomes[0].error is None
    yield writer
    writer.close()


def happen(name: str):
    return lambda tx: tx.append("h", Event(name, NOW, "test"))


def refuse(tx: Transaction) -> None:
    tx.append("h", Event("never", NOW, "test"))
    tx.save_window("h", WindowStatus(1, WindowState.OPEN, None, NOW))
    raise Conflict("no")


def connection(writer: Writer | PostgresWriter) -> Connection:
    return writer.connection() if isinstance(writer, PostgresWriter) else writer.connection


def log(writer: Writer | PostgresWriter) -> list[tuple[int, str]]:
    return connection(writer).execute("SELECT seq, type FROM events ORDER BY seq").fetchall()


@BOTH
def test_a_refused_command_takes_back_its_own_work_and_no_more(writer: Writer | PostgresWriter):
    outcomes, written = writer.commit([happen("a"), refuse, happen("b"), refuse, happen("c")])
    assert [type(outcome.error) for outcome in outcomes] == [type(None), Conflict, type(None), Conflict, type(None)]
    assert [outcome.value for outcome in outcomes] == [1, None, 2, None, 3]
    assert log(writer) == [(1, "a"), (2, "b"), (3, "c")]
    assert [(event.seq, event.facts["type"]) for event in written] == [(1, "a"), (2, "b"), (3, "c")]
    assert Reading(connection(writer)).window("h", 1).state is WindowState.CLOSED


@BOTH
def test_a_bug_in_one_command_does_not_stop_the_others(writer: Writer | PostgresWriter):
    outcomes, _ = writer.commit([happen("a"), lambda tx: 1 / 0, happen("b")])
    assert isinstance(outcomes[1].error, ZeroDivisionError)
    assert log(writer) == [(1, "a"), (2, "b")]


@BOTH
def test_sequences_go_on_after_a_transaction_that_failed(writer: Writer | PostgresWriter):
    writer.commit([happen("a")])
    writer.commit([refuse])
    writer.commit([happen("b")])
    assert log(writer) == [(1, "a"), (2, "b")]


def test_a_full_disk_is_said_in_words_and_loses_nothing(writer: Writer, caplog: pytest.LogCaptureFixture):
    writer.commit([happen("kept")])
    pages = writer.connection.execute("PRAGMA page_count").fetchone()[0]
    writer.connection.execute(f"PRAGMA max_page_count={pages}")
    answered, refused = 1, 0
    for n in range(400):
        outcomes, written = writer.commit([happen(f"n{n}-{'x' * 500}"), happen(f"m{n}")])
        for outcome in outcomes:
            if outcome.error:
                refused += 1
                assert isinstance(outcome.error, StorageUnavailable)
                assert "disk is full" in str(outcome.error)
            else:
                answered += 1
        assert len(written) == sum(outcome.error is None for outcome in outcomes)
    assert refused
    assert len(log(writer)) == answered
    writer.connection.execute("PRAGMA max_page_count=1000000")
    outcomes, _ = writer.commit([happen("room again")])
    assert outcomes[0].error is None
    assert [seq for seq, _ in log(writer)] == list(range(1, answered + 2))


def test_what_gathers_while_one_commits_is_committed_together(tmp_path: Path):
    migrate(tmp_path / DATABASE)
    told: list[list[Written]] = []
    pump = ThreadPump(partial(Writer, tmp_path / DATABASE), told.append)
    pump.run(lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min)))
    go, in_progress = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> int:
        in_progress.set()
        go.wait(10)
        return tx.append("h", Event("slow", NOW, "test"))

    threads = [threading.Thread(target=pump.run, args=(slow,))]
    threads[0].start()
    in_progress.wait(10)
    threads += [threading.Thread(target=pump.run, args=(happen(f"n{n}"),)) for n in range(20)]
    for thread in threads[1:]:
        thread.start()
    while pump._pending.qsize() < 20:
        pass
    go.set()
    for thread in threads:
        thread.join()
    pump.stop()
    assert [len(batch) for batch in told] == [1, 20]
    assert [event.seq for batch in told for event in batch] == list(range(1, 22))


def test_listeners_are_told_only_of_what_is_durable(tmp_path: Path):
    seen: list[int] = []

    def look(written: list[Written]) -> None:
        with sqlite3.connect(tmp_path / DATABASE) as other:  # another connection sees only what is committed
            seen.append(other.execute("SELECT max(seq) FROM events").fetchone()[0])
        other.close()

    store = Store(tmp_path, look)
    store.run("h", lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min)))
    store.run("h", happen("a"))
    assert seen == [1]
    store.close()


@BOTH
def test_trouble_with_a_listener_does_not_look_like_a_failed_command(tmp_path: Path, database: str | None):
    store = Store(tmp_path, lambda written: 1 / 0, url=database)
    store.run("h", lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min)))
    assert store.run("h", happen("a")) == 1
    store.close()


@BOTH
def test_readers_cannot_write_and_see_one_moment(tmp_path: Path, database: str | None):
    store = Store(tmp_path, url=database)
    store.run("h", lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min)))
    with store.read() as reading:
        before = reading.hall("h")
        store.run("h", happen("a"))
        assert reading.hall("h") == before
        with pytest.raises((sqlite3.OperationalError, psycopg.errors.ReadOnlySqlTransaction)):
            reading.connection.execute("DELETE FROM events")
    with store.read() as reading:
        state = reading.hall("h")
        assert state is not None
        assert state.last_event == 1
    store.close()


def test_another_programs_transaction_is_waited_for(writer: Writer, tmp_path: Path):
    other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.1, lambda: other.execute("COMMIT"))
    timer.start()
    outcomes, _ = writer.commit([happen("a")])
    timer.join()
    other.close()
    assert outcomes[0].value == 1


def test_another_program_that_never_ends_is_said_in_words(writer: Writer, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(writer_module, "BUSY_WAIT", 0.05)
    other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcomes, _ = writer.commit([happen("a")])
    assert isinstance(outcomes[0].error, StorageUnavailable)
    assert "another program" in str(outcomes[0].error)
    other.close()
    assert writer.commit([happen("b")])[0][0].value == 1
