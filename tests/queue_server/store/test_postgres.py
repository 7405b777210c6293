"""PostgreSQL goes away and comes back: what is surely not saved is done again, what may be saved is said to be so."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from queue_server import settings, setup
from queue_server.domain.errors import StorageUnavailable, Unprocessable
from queue_server.domain.events import FIRST_HASH, Event
from queue_server.domain.model import State, Ticket
from queue_server.serve import Serving
from queue_server.store import persons, postgres
from queue_server.store.postgres import PostgresWriter, connect, lock_key
from queue_server.store.queries import HallState
from queue_server.store.schema import EPOCH
from queue_server.store.store import NoDatabase, Store
from queue_server.store.writer import Transaction, Written
from tests.queue_server.cluster import Cluster
from tests.queue_server.helpers import HALL, POSTGRESQL, ROOT, Clock, Names, demo_hall

pytestmark = POSTGRESQL
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Stores:
    """Stores of one database, as processes would have them, and what each was told."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.open = folder, url, list[tuple[Store, list[int]]]()

    def new(self) -> tuple[Store, list[int]]:
        told: list[int] = []

        def tell(written: list[Written]) -> None:
            told.extend(event.seq for event in written)

        self.open.append((Store(self.folder, tell, url=self.url), told))
        return self.open[-1]


@pytest.fixture
def stores(tmp_path: Path, database: str) -> Iterator[Stores]:
    stores = Stores(tmp_path, database)
    first, _ = stores.new()
    first.run("h", lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min)))
    yield stores
    for store, _ in stores.open:
        store.close()


def happen(name: str = "a") -> Callable[[Transaction], int]:
    return lambda tx: tx.append("h", Event(name, NOW, "test"))


def log(url: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT seq, type FROM events WHERE hall = 'h' ORDER BY seq").fetchall()


def kill(url: str, pid: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        while connection.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() != (0,):
            time.sleep(0.01)


def until(done: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_connection_that_broke_before_commit_is_made_again_and_so_is_the_work(database: str):
    writer, runs = PostgresWriter(database), []
    writer.commit([lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min))], ["h"])

    def killed_once(tx: Transaction) -> int:
        seq = happen("killed")(tx)
        runs.append(seq)
        if len(runs) == 1:
            kill(database, writer.connection().info.backend_pid)
        return seq

    outcomes, written = writer.commit([happen("a"), killed_once, happen("b")], ["h"])
    assert [outcome.value for outcome in outcomes] == [1, 2, 3]
    assert runs == [2, 2]
    assert [event.seq for event in written] == [1, 2, 3]
    assert log(database) == [(1, "a"), (2, "killed"), (3, "b")]
    writer.close()


def test_a_connection_that_broke_while_idle_is_not_noticed_by_anyone(stores: Stores):
    store, _ = stores.open[0]
    with store.read() as reading:
        assert reading.hall("h")
    with psycopg.connect(stores.url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with store.read() as reading:
        assert reading.hall("h")
    assert store.run("h", happen()) == 1


def test_a_connection_that_breaks_at_commit_is_not_taken_for_a_no(database: str, caplog):
    """The backend commits, and its answer never arrives: the only honest words are that nobody knows."""
    writer = PostgresWriter(database)
    writer.commit([lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min))], ["h"])
    connection, runs = writer.connection(), []

    class AnswerLost:
        def __getattr__(self, name: str):
            return getattr(connection, name)

        def execute(self, text, *values):
            answer = connection.execute(text, *values)
            if text == "COMMIT":
                connection.close()
                raise psycopg.OperationalError("the connection is lost")
            return answer

    def once(tx: Transaction) -> int:
        runs.append(1)
        return happen()(tx)

    writer._open = AnswerLost()  # type: ignore[assignment]
    outcomes, written = writer.commit([once], ["h"])
    assert isinstance(outcomes[0].error, StorageUnavailable)
    assert "same key" in str(outcomes[0].error) and "nothing was saved" not in str(outcomes[0].error)
    assert (len(runs), written) == (1, [])
    assert log(database) == [(1, "a")]
    assert writer.commit([happen("b")], ["h"])[0][0].value == 2
    writer.close()


def test_a_database_that_stays_away_is_said_in_words(stores: Stores, monkeypatch, cluster: Cluster, caplog):
    monkeypatch.setattr(postgres, "TRY_FOR", 0.3)
    store, _ = stores.open[0]
    cluster.crash()
    try:
        with pytest.raises(StorageUnavailable, match="nothing was saved"):
            store.run("h", happen())
        with pytest.raises(StorageUnavailable, match="does not answer"), store.read():
            pass
        with pytest.raises(NoDatabase, match="does not answer"):
            stores.new()
    finally:
        cluster.start()
    assert store.run("h", happen()) == 1


@pytest.mark.parametrize("end", [Cluster.crash, Cluster.stop])
def test_an_end_under_way_loses_nothing_and_everybody_hears_everything(stores: Stores, cluster: Cluster, end, caplog):
    """Two processes write and listen while the database crashes, or is restarted by its keeper, and comes back."""
    stores.new()
    kept: list[int] = []
    unsure, stop = 0, threading.Event()

    def write(store: Store) -> None:
        nonlocal unsure
        while not stop.is_set():
            try:
                kept.append(store.run("h", happen()))
            except StorageUnavailable:
                unsure += 1

    threads = [threading.Thread(target=write, args=(store,)) for store, _ in stores.open]
    [thread.start() for thread in threads]
    until(lambda: len(kept) > 50)
    end(cluster)
    cluster.start()
    before = len(kept)
    until(lambda: len(kept) > before + 50)
    stop.set()
    [thread.join() for thread in threads]
    seqs = [seq for seq, _ in log(stores.url)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(set(kept)) == len(kept)
    assert set(kept) <= set(seqs)
    assert len(seqs) - len(kept) <= unsure  # what nobody was told is saved may be
    for _, told in stores.open:
        until(lambda told=told: len(told) >= len(seqs))
        assert told == seqs


def test_commands_of_a_hall_wait_for_one_another_and_other_halls_do_not(stores: Stores):
    (one, _), (two, _) = stores.open[0], stores.new()
    two.run("g", lambda tx: tx.add_hall(HallState("g", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min)))
    inside, go, order = threading.Event(), threading.Event(), []

    def slow(tx: Transaction) -> int:
        inside.set()
        go.wait(10)
        order.append("slow")
        return happen("slow")(tx)

    def quick(tx: Transaction) -> int:
        order.append("quick")
        return happen("quick")(tx)

    first = threading.Thread(target=one.run, args=("h", slow))
    first.start()
    inside.wait(10)
    assert two.run("g", lambda tx: tx.append("g", Event("a", NOW, "test"))) == 1
    second = threading.Thread(target=two.run, args=("h", quick))
    second.start()
    time.sleep(0.2)
    go.set()
    first.join()
    second.join()
    assert order == ["slow", "quick"]
    assert log(stores.url) == [(1, "slow"), (2, "quick")]


def test_batches_of_several_halls_do_not_wait_for_each_other_in_a_ring(stores: Stores):
    writers = [PostgresWriter(stores.url) for _ in range(2)]
    done: list[object] = []

    def work(writer: PostgresWriter, halls: list[str]) -> None:
        for _ in range(100):
            done.extend(outcome.error for outcome in writer.commit([happen()] * 2, halls)[0])

    orders = (["h", "g"], ["g", "h"])
    threads = [threading.Thread(target=work, args=pair) for pair in zip(writers, orders, strict=True)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    [writer.close() for writer in writers]
    assert done == [None] * 400
    assert len(log(stores.url)) == 400
    with psycopg.connect(stores.url) as connection:
        counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.execute(counted).fetchone() == (0,)


WAITING_WITH_THE_LOOP = """
from gevent import monkey
monkey.patch_all()
import sys, gevent
from pathlib import Path
from queue_server.store.store import Store

store, ticks = Store(None, url=sys.argv[1]), []

def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.01)

def read():
    with store.read() as reading:
        reading.connection.execute("SELECT pg_sleep(0.5)")

gevent.spawn(tick)
sleepers = [gevent.spawn(read), gevent.spawn(store.run, "h", lambda tx: tx.connection.execute("SELECT pg_sleep(0.5)"))]
gevent.joinall(sleepers, raise_error=True)
print(len(ticks))
store.close()
"""


def test_the_event_loop_goes_on_while_the_database_works(stores: Stores):
    done = subprocess.run(
        [sys.executable, "-c", WAITING_WITH_THE_LOOP, stores.url], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert int(done.stdout or 0) > 10, done.stderr


def test_a_hall_that_is_held_for_ever_is_said_in_words(stores: Stores, caplog):
    store, _ = stores.open[0]
    store.run("h", lambda tx: tx.connection.execute("SET lock_timeout = '0.2s'"))
    with connect(stores.url) as other:
        other.execute("SELECT pg_advisory_lock(%s::bigint)", (lock_key("h"),))
        with pytest.raises(StorageUnavailable, match="another server holds this hall"):
            store.run("h", happen())
    assert store.run("h", happen()) == 1


def test_each_is_told_once_and_in_order_whoever_wrote(stores: Stores):
    stores.new(), stores.new()
    threads = [
        threading.Thread(target=lambda store=store: [store.run("h", happen()) for _ in range(100)])
        for store, _ in stores.open
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for _, told in stores.open:
        until(lambda told=told: len(told) >= 300)
        assert told == list(range(1, 301))


def test_who_starts_later_is_not_told_what_was(stores: Stores):
    (first, _), _ = stores.open[0], [stores.open[0][0].run("h", happen()) for _ in range(3)]
    _, told = stores.new()
    first.run("h", happen())
    until(lambda: bool(told))
    assert told == [4]


def test_what_was_written_while_nobody_listened_is_told_afterwards(stores: Stores, monkeypatch):
    store, told = stores.open[0]
    monkeypatch.setattr(postgres, "TRY_EVERY", 0.5)
    with psycopg.connect(stores.url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    for _ in range(5):
        store.run("h", happen())
    until(lambda: len(told) >= 5)
    assert told == [1, 2, 3, 4, 5]


def test_a_key_is_shared(stores: Stores):
    (one, _), (two, _) = stores.open[0], stores.new()
    assert one.run("", lambda tx: tx.server_key("session", "a")) == "a"
    assert two.run("", lambda tx: tx.server_key("session", "b")) == "a"


def test_another_process_hears_of_changed_settings(stores: Stores, tmp_path: Path):
    hall = demo_hall()
    setup.seed(stores.open[0][0], hall, Clock(), Names())
    parts = Serving(hall, tmp_path, "", 0, True, stores.url).parts("http://server")
    new = settings.values_of(demo_hall(phone="12345"))
    stores.open[0][0].run(HALL, lambda tx: settings.change(tx, HALL, lambda old: new, NOW, "test"))
    until(lambda: parts.service.book(HALL).hall.phone == "12345")
    parts.service.store.close()


def test_a_persons_end_of_day_is_the_own_halls_only(stores: Stores):
    store, _ = stores.open[0]
    for hall in ("h", "g"):
        one = Ticket(f"{hall}1", 1, "A1", hall, "tax", None, "walk_in", State.WAITING, NOW.date(), NOW, NOW)
        store.run(hall, lambda tx, one=one: persons.add(tx, one, persons.Person("0" * 64, "王*")))
    store.run("h", lambda tx: persons.forget(tx, "h", keep=date.max))
    with store.read() as reading:
        assert persons.person_of(reading, "h1") is None
        assert persons.person_of(reading, "g1") is not None


def test_a_server_that_takes_no_changes_is_left_for_one_that_does(database: str, monkeypatch, caplog):
    writer = PostgresWriter(database)
    writer.commit([lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min))], ["h"])
    monkeypatch.setattr(postgres, "lock_key", lambda hall: 1 << 70)  # refused before any command, as a standby would
    (outcome,), _ = writer.commit([happen()], ["h"])
    assert outcome.error is not None
    monkeypatch.undo()
    before = writer._open
    assert writer.commit([happen()], ["h"])[0][0].value == 1
    assert writer._open is not before
    writer.close()


def test_a_character_the_database_cannot_hold_is_said_in_words(stores: Stores):
    store, _ = stores.open[0]
    with pytest.raises(Unprocessable, match="cannot be stored"):
        store.run("h", lambda tx: tx.server_key("a\0b", "c"))
    with pytest.raises(Unprocessable, match="cannot be stored"), store.read() as reading:
        reading.ticket("a\0b")


def test_an_answered_command_is_on_disk(stores: Stores):
    store, _ = stores.open[0]
    shown = store.run("h", lambda tx: tx.connection.execute("SHOW synchronous_commit").fetchone())
    assert shown == ("on",)
