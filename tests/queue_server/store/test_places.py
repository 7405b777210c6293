"""What the writer has in memory says what a plain look at every row says."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from queue_server.domain.errors import Conflict
from queue_server.domain.events import FIRST_HASH
from queue_server.domain.model import State, Ticket
from queue_server.store.migrate import migrate
from queue_server.store.queries import HallState, Reading
from queue_server.store.schema import EPOCH
from queue_server.store.store import DATABASE
from queue_server.store.writer import Transaction, Writer

WINDOWS = (1, 2, 3)
LINES, CLASSES, BOUND = ("social", "tax", "police"), ("walk_in", "elderly", "green"), (0, 0, 1, 2)
STATES = (State.WAITING, State.WAITING, State.CALLED, State.DONE)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    migrate(tmp_path / DATABASE)
    writer = Writer(tmp_path / DATABASE)
    writer.commit([lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min))])
    yield writer
    writer.close()


def ticket(rng: random.Random, seq: int) -> Ticket:
    at = EPOCH + timedelta(seconds=rng.randrange(50))  # few, so that many are equal
    line, cls, bound, state = rng.choice(LINES), rng.choice(CLASSES), rng.choice(BOUND), rng.choice(STATES)
    return Ticket(f"t{seq}", seq, f"A{seq}", "h", line, None, cls, state, date.min, at, at, bound=bound)


def fails(work: Callable[[Transaction], None]) -> Callable[[Transaction], None]:
    def command(tx: Transaction) -> None:
        work(tx)
        raise Conflict("no")

    return command


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_memory_is_as_the_tables(writer: Writer, seed: int):
    rng = random.Random(seed)
    tickets: dict[int, Ticket] = {}

    def agree(tx: Transaction) -> None:
        plain = Reading(tx.connection)
        for one in tickets.values():
            assert tx.ticket(one.id) == plain.ticket(one.id) == one
            assert tx.ahead(one) == plain.ahead(one)
        for window in WINDOWS:
            assert sorted(tx.lane_heads("h", LINES, window)) == sorted(plain.lane_heads("h", LINES, window))

    def change(kept: bool) -> Callable[[Transaction], None]:
        new = rng.random() < 0.4
        seq = len(tickets) + 1 if new or not tickets else rng.choice(list(tickets))
        # a ticket may change line, class, key and state in any way: the rules are not the store's
        one = ticket(rng, seq)
        if seq in tickets:
            one = one._replace(issued_at=tickets[seq].issued_at)
        save = "save_ticket" if seq in tickets else "add_ticket"
        if kept:
            tickets[seq] = one
        return lambda tx: getattr(tx, save)(one)

    for _ in range(30):
        kept = [rng.random() < 0.8 for _ in range(rng.randint(1, 6))]
        commands = [change(True) if each else fails(change(False)) for each in kept]
        outcomes, _ = writer.commit([*commands, agree])
        assert [outcome.error is None for outcome in outcomes] == [*kept, True], outcomes[-1].error


def test_a_lost_transaction_leaves_nothing_in_memory(writer: Writer):
    one = Ticket("t", 1, "A1", "h", "tax", None, "walk_in", State.WAITING, date.min, EPOCH, EPOCH)
    after = one._replace(id="u", seq=2)

    def look(tx: Transaction) -> object:
        return tx.ahead(after), tx.lane_heads("h", ["tax"], 1), tx.ticket("t")

    assert writer.commit([look])[0][0].value == (0, [], None)
    batch = writer.run([lambda tx: tx.add_ticket(one)])
    writer.connection.execute("ROLLBACK")  # as SQLite does by itself when the disk is full
    outcomes, written = writer.keep(batch)
    assert outcomes[0].error is not None
    assert written == []
    assert writer.commit([look])[0][0].value == (0, [], None)
