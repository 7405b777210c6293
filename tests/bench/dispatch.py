"""What the next call costs by how many wait: durable, in process, through the service, on both databases.

A case is a hall with so many waiting tickets, spread over the lines its window serves and five classes. Every case of a
database lies in one store, as the halls of a county would; cases take turns, so that a disk's bad second hits all of
them alike. `ms` is what a caller waits, `work_ms` the part before COMMIT.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config import Hall, load_hall
from queue_server import setup
from queue_server.domain.model import State, Ticket, WindowState, WindowStatus
from queue_server.hallbook import HallBook
from queue_server.service import QueueService
from queue_server.store import queries, sql
from queue_server.store.store import Store
from queue_server.store.writer import Transaction
from tests.queue_server.cluster import Cluster
from tests.system.rig import DEMO

WAITING, LINES, CLASSES = (1_000, 10_000, 100_000), (5, 40, 200), ("walk_in", "elderly", "disabled", "green", "return")
CALLS = 60
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def next_call(folder: Path) -> dict[str, Any]:
    """{database: {lines: {waiting: {ms, work_ms}, ratio, work_ratio}}}"""
    cluster = Cluster()
    try:
        found = {name: measured(Store(folder / name, url=url)) for name, url in _databases(cluster)}
    finally:
        cluster.close()
    return {"calls": CALLS, "databases": found}


def _databases(cluster: Cluster) -> Iterator[tuple[str, str | None]]:
    yield "sqlite", None
    yield "postgresql", cluster.database()


def measured(store: Store) -> dict[str, Any]:
    halls = {(lines, waiting): hall_of(lines, waiting) for lines in LINES for waiting in WAITING}
    books = {hall.id: HallBook(hall) for hall in halls.values()}
    service = QueueService(books, store, lambda: NOW + timedelta(hours=1), lambda size: "x", enforce_hours=False)
    for (_, waiting), hall in halls.items():
        fill(store, hall, waiting)
    took: dict[tuple[int, int], list[tuple[float, float]]] = {case: [] for case in halls}
    for _ in range(CALLS):
        for case, hall in halls.items():
            took[case].append(call(store, service, hall.id))
    store.close()
    found: dict[str, Any] = {}
    for lines in LINES:
        rows = {
            waiting: [statistics.median(part) for part in zip(*took[lines, waiting], strict=True)]
            for waiting in WAITING
        }
        found[str(lines)] = {
            str(waiting): {"ms": round(whole * 1e3, 2), "work_ms": round(work * 1e3, 2)}
            for waiting, (whole, work) in rows.items()
        } | {
            name: round(rows[WAITING[-1]][part] / rows[WAITING[0]][part], 2)
            for part, name in enumerate(("ratio", "work_ratio"))
        }
        print(f"  {lines} lines: {found[str(lines)]}", flush=True)
    return found


def hall_of(lines: int, waiting: int) -> Hall:
    """Validation is left out: it knows that a hall has at most as many lines as letters."""
    demo = load_hall(DEMO / "hall.toml")
    names = tuple(f"line_{n}" for n in range(lines))
    return demo.model_copy(
        update={
            "id": f"h{lines}-{waiting}",
            "lines": tuple(demo.lines[0].model_copy(update={"id": name}) for name in names),
            "windows": (demo.windows[0].model_copy(update={"no": 1, "lines": names}),),
        }
    )


def fill(store: Store, hall: Hall, waiting: int) -> None:
    setup.seed(store, hall, lambda: NOW, lambda size: "x")
    for begin in range(0, waiting, 10_000):

        def command(tx: Transaction, begin: int = begin) -> None:
            rows = [values(hall, n) for n in range(begin, min(begin + 10_000, waiting))]
            cursor = tx.connection.cursor()
            text = sql.ADD_TICKET.postgresql if store.shared else sql.ADD_TICKET.sql
            cursor.executemany(text, rows)  # type: ignore[call-overload]

        store.run(hall.id, command)

    def open_window(tx: Transaction) -> None:
        tx.save_window(hall.id, WindowStatus(1, WindowState.OPEN, None, NOW))
        tx.state(hall.id).last_ticket = waiting

    store.run(hall.id, open_window)


def values(hall: Hall, n: int) -> dict[str, Any]:
    at = NOW + timedelta(milliseconds=n)
    line, cls = hall.lines[n % len(hall.lines)].id, CLASSES[n // len(hall.lines) % len(CLASSES)]
    return queries.all_values(
        Ticket(f"{hall.id}-{n}", n + 1, f"A{n}", hall.id, line, None, cls, State.WAITING, NOW.date(), at, at)
    )


def call(store: Store, service: QueueService, hall: str) -> tuple[float, float]:
    """Seconds: the whole, and the part before COMMIT."""
    spent = 0.0

    def command(tx: Transaction) -> object:
        nonlocal spent
        begin = time.perf_counter()
        called = service.windows.call_next(tx, hall, 1, "bench", finish_current=True)
        spent = time.perf_counter() - begin
        return called

    begin = time.perf_counter()
    assert store.run(hall, command) is not None
    return time.perf_counter() - begin, spent
