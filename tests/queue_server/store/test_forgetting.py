"""What is forgotten leaves the disk: no page of the database and none of the WAL still has it."""

import hashlib
import random
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from queue_server.domain.events import FIRST_HASH
from queue_server.domain.model import State, Ticket
from queue_server.store import persons
from queue_server.store.persons import Person
from queue_server.store.queries import HallState
from queue_server.store.schema import EPOCH
from queue_server.store.store import DATABASE, Store

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TODAY, TOMORROW = AT.date(), AT.date() + timedelta(days=1)


def ticket(hall: str, n: int) -> Ticket:
    name = f"{hall}{n:08d}-{hashlib.sha256(str(n).encode()).hexdigest()[:8]}"
    return Ticket(name, n, f"F{n}", hall, "police", None, "walk_in", State.WAITING, TODAY, AT, AT)


def fill(store: Store, count: int, halls: str = "a", seed: int = 0) -> dict[str, list[tuple[str, Person]]]:
    """That many persons by hall, with their tickets' ids, in an order that makes pages split everywhere."""
    rng, people = random.Random(seed), {hall: [] for hall in halls}
    for at in range(0, count, 50):

        def command(tx, at: int = at) -> None:
            for n in range(at, min(at + 50, count)):
                hall = rng.choice(halls)
                one = Person(rng.randbytes(32).hex(), f"<{n}>{'某' * rng.randint(1, 60)}*")
                tx.add_ticket(ticket(hall, n))
                persons.add(tx, ticket(hall, n), one)
                people[hall].append((ticket(hall, n).id, one))

        store.run(halls[0], command)
    return people


def left(store: Store, people: list[tuple[str, Person]]) -> int:
    """How many names and tokens are somewhere in the files."""
    files = [store.database, *store.database.parent.glob(f"{DATABASE}-*")]
    content = b"".join(file.read_bytes() for file in files)
    words = [word for _, one in people for word in (one.card_token, one.masked_name) if word]
    return sum(word.encode() in content for word in words)


@pytest.fixture
def store(tmp_path: Path):
    store = Store(tmp_path)
    for hall in ("a", "b"):
        store.run(
            hall, lambda tx, hall=hall: tx.add_hall(HallState(hall, "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min))
        )
    yield store
    store.close()


def test_a_thousand_persons_leave_nothing(store: Store):
    people = fill(store, 1000)["a"]
    assert left(store, people) == 2000
    key = "a-key-of-forty-four-characters-for-one-day=="
    store.run("a", lambda tx: persons.add_day_key(tx, "a", TODAY, key))
    assert left(store, [("", Person(key))]) == 1
    store.run("a", lambda tx: persons.forget(tx, "a", keep=TOMORROW))
    assert left(store, [*people, ("", Person(key))]) == 0
    with store.read() as reading:
        assert reading.ticket(people[7][0]) is not None


def test_another_halls_persons_and_another_days_stay_until_their_own_end(store: Store):
    people = fill(store, 200, "ab")
    store.run("a", lambda tx: persons.forget(tx, "a", keep=TODAY))
    assert left(store, people["a"]) == 2 * len(people["a"])
    store.run("a", lambda tx: persons.forget(tx, "a", keep=TOMORROW))
    with store.read() as reading:
        assert [persons.person_of(reading, name) for name, _ in people["a"]] == [None] * len(people["a"])
        assert [persons.person_of(reading, name) for name, _ in people["b"]] == [one for _, one in people["b"]]


@pytest.mark.parametrize("seed", range(4))
def test_a_shared_table_keeps_no_copies_of_who_is_gone(store: Store, seed: int):
    people = fill(store, 1500, "ab", seed)
    store.run("a", lambda tx: persons.forget(tx, "a", keep=TOMORROW))
    assert left(store, people["a"]) == 0
    assert left(store, people["b"]) == 2 * len(people["b"])


def test_while_a_reader_looks_the_wal_is_kept_and_emptied_afterwards(store: Store):
    people = fill(store, 100)["a"]
    with store.read() as reading:
        assert persons.person_of(reading, people[7][0]) == people[7][1]
        store.run("a", lambda tx: persons.forget(tx, "a", keep=TOMORROW))
        assert persons.person_of(reading, people[7][0]) == people[7][1]  # this look began before
        assert left(store, people) > 0
    store.run("a", lambda tx: None)  # whatever comes next
    assert left(store, people) == 0


def test_a_refused_command_forgets_nobody(store: Store):
    people = fill(store, 10)["a"]

    def refused(tx) -> None:
        persons.forget(tx, "a", keep=TOMORROW)
        raise ValueError

    with pytest.raises(ValueError):
        store.run("a", refused)
    with store.read() as reading:
        assert persons.person_of(reading, people[7][0]) == people[7][1]


def test_a_killed_servers_wal_is_emptied_by_the_next(store: Store, tmp_path: Path):
    """A reader of another process keeps SQLite from tidying up when the server ends."""
    people = fill(store, 100)["a"]
    other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM tickets").fetchone()
    store.run("a", lambda tx: persons.forget(tx, "a", keep=TOMORROW))
    store.close()
    assert left(store, people) > 0
    other.execute("ROLLBACK")
    again = Store(tmp_path)
    again.run("a", lambda tx: None)
    assert left(again, people) == 0
    again.close()
    other.close()
