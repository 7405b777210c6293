"""Places in memory and lane heads by seeks say what a plain look at every row says."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
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
def test_whatever_happens_places_are_as_counted(writer: Writer, seed: int):
    rng = random.Random(seed)
    tickets: dict[int, Ticket] = {}

    def agree(tx: Transaction) -> None:
        for one in tickets.values():
            assert tx.ahead(one) == Reading(tx.connection).ahead(one)

    def change(kept: bool) -> Callable[[Transaction], None]:
        new = rng.random() < 0.4
        seq = len(tickets) + 1 if new or not tickets else rng.choice(list(tickets))
        # a ticket may change line, key and state in any way: the rules are not the store's
        one = replace(ticket(rng, seq), cls=tickets[seq].cls if seq in tickets else "walk_in")
        save = "save_ticket" if seq in tickets else "add_ticket"
        if kept:
            tickets[seq] = one
        return lambda tx: getattr(tx, save)(one)

    for _ in range(30):
        kept = [rng.random() < 0.8 for _ in range(rng.randint(1, 6))]
        commands = [change(True) if each else fails(change(False)) for each in kept]
        outcomes, _ = writer.commit([*commands, agree])
        assert [outcome.error is None for outcome in outcomes] == [*kept, True], outcomes[-1].error


def test_a_lost_transaction_leaves_no_place_behind(writer: Writer):
    one = Ticket("t", 1, "A1", "h", "tax", None, "walk_in", State.WAITING, date.min, EPOCH, EPOCH)
    after = replace(one, id="u", seq=2)
    assert writer.commit([lambda tx: tx.ahead(after)])[0][0].value == 0
    batch = writer.run([lambda tx: tx.add_ticket(one)])
    writer.connection.execute("ROLLBACK")  # as SQLite does by itself when the disk is full
    outcomes, written = writer.keep(batch)
    assert outcomes[0].error is not None
    assert written == []
    assert writer.commit([lambda tx: tx.ahead(after)])[0][0].value == 0


@pytest.mark.parametrize("seed", range(6))
def test_lane_heads_are_the_first_of_every_lane(writer: Writer, seed: int):
    rng = random.Random(seed)
    tickets = [ticket(rng, seq) for seq in range(1, rng.choice((2, 10, 200)))]
    writer.commit([lambda tx: [tx.add_ticket(one) for one in tickets]])
    lines, window = rng.sample(LINES, 2), 1
    lanes: dict[tuple[str, str, int], Ticket] = {}
    for one in sorted(tickets, key=lambda each: (each.key, each.seq)):
        if one.state is State.WAITING and one.line in lines and one.bound in (0, window):
            lanes.setdefault((one.line, one.cls, one.bound), one)
    found = Reading(writer.connection).lane_heads("h", lines, window)
    assert {head.ticket for head in found} == {one.id for one in lanes.values()}
    assert len(found) == len(lanes)
