"""Lane heads by seeks and what a window may call: as a plain look at every row says, the same on both databases."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from queue_server.domain.events import FIRST_HASH
from queue_server.domain.model import State, Ticket
from queue_server.store.queries import HallState
from queue_server.store.schema import EPOCH
from queue_server.store.store import Store
from tests.queue_server.helpers import BOTH

pytestmark = BOTH
# a collation has these in other orders, or some of them equal
LINES = ("social", "Social", "so-cial", "so_cial", "tax", "tax2", "tax10", "ärzte", "zebra", "社保", "税务", "ǆ", "ß")
CLASSES, BOUND = ("walk_in", "walk-in", "Walk_in", "elderly", "绿色"), (0, 0, 1, 2)
STATES = (State.WAITING, State.WAITING, State.CALLED, State.DONE)
WINDOW = 1


@pytest.fixture
def store(tmp_path: Path, database: str | None) -> Iterator[Store]:
    store = Store(tmp_path, url=database)
    store.run("h", lambda tx: tx.add_hall(HallState("h", "e", "{}", 0, FIRST_HASH, 0, EPOCH, date.min)))
    yield store
    store.close()


def ticket(rng: random.Random, seq: int) -> Ticket:
    at = EPOCH + timedelta(seconds=rng.randrange(50))  # few, so that many are equal
    line, cls, bound, state = rng.choice(LINES), rng.choice(CLASSES), rng.choice(BOUND), rng.choice(STATES)
    called = rng.choice((None, at))  # NULLs sort first on one database and last on the other
    return Ticket(
        f"t{seq}", seq, f"A{seq}", "h", line, rng.choice((None, "item")), cls, state, date.min, at, at, bound=bound,
        called_at=called, first_called_at=called,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_lane_heads_are_the_first_of_every_lane(store: Store, seed: int):
    rng = random.Random(seed)
    tickets = [ticket(rng, seq) for seq in range(1, rng.choice((2, 40, 400)))]
    store.run("h", lambda tx: [tx.add_ticket(one) for one in tickets])
    lines = rng.sample(LINES, 6)
    lanes: dict[tuple[str, str, int], Ticket] = {}
    for one in in_order(tickets, lines):
        lanes.setdefault((one.line, one.cls, one.bound), one)
    with store.read() as reading:
        found = reading.lane_heads("h", lines, WINDOW)
    assert {head.ticket for head in found} == {one.id for one in lanes.values()}
    assert len(found) == len(lanes)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_window_may_call_is_in_the_same_order_everywhere(store: Store, seed: int):
    """Case 27: the same order on every database."""
    rng = random.Random(seed)
    tickets = [ticket(rng, seq) for seq in range(1, 300)]
    rng.shuffle(tickets)  # the order of rows on disk must not show
    store.run("h", lambda tx: [tx.add_ticket(one) for one in tickets])
    lines = rng.sample(LINES, 8)
    expected = in_order(tickets, lines)
    with store.read() as reading:
        assert reading.callable("h", lines, WINDOW, 1000) == (len(expected), expected)
        assert reading.of_day("h", date.min) == sorted(tickets, key=lambda each: (each.key, each.seq))
        assert [reading.ahead(one) for one in expected] == [
            sum((other.key, other.seq) < (one.key, one.seq) and other.state is State.WAITING
                for other in tickets if other.line == one.line)
            for one in expected
        ]  # fmt: skip


def in_order(tickets: list[Ticket], lines: list[str]) -> list[Ticket]:
    return sorted(
        (one for one in tickets if one.state is State.WAITING and one.line in lines and one.bound in (0, WINDOW)),
        key=lambda each: (each.key, each.seq),
    )
