"""What the estimate beside it costs the server: the time of an answer with and without, in turn, over the same hall.

Commands come at a steady pace, not as fast as they can: what is looked for is whether one waits for the estimate. Both
are on the same machine, and the estimate looks again after every change.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.bench.server import ITEMS
from tests.system.rig import DEMO, HALL, Api, Hall, free_port

ROUNDS, SECONDS, PACE = 3, 10.0, 0.025  # seconds from one command to the next
WAITING, WINDOWS = 200, range(1, 13)
BEGUN = 3.0  # seconds: the estimate has read the log


class LoneHall(Hall):
    """A hall without terminals, whose server starts no estimate."""

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--no-estimate", "--demo"]
        files = ["--config", str(DEMO / "hall.toml"), "--data", str(self.data)]
        self.start("server", [sys.executable, "-m", "queue_server", "serve", *files, *where]).line("ready ")


@contextmanager
def estimating(hall: Hall) -> Iterator[None]:
    part = hall.start("estimate", [sys.executable, "-m", "queue_server", "estimate", "--data", str(hall.data)])
    try:
        time.sleep(BEGUN)
        yield
    finally:
        part.kill()


def beside(folder: Path) -> dict[str, Any]:
    """{issue, next: {p50_ms, p99_ms, with_p50_ms, with_p99_ms, ratio of p99 by round}}"""
    with LoneHall(folder / "hall") as hall, hall.api("admin") as api:
        windows, items = cycle(WINDOWS), cycle(ITEMS)
        for no in WINDOWS:
            api.window(no, "open")
        for _ in range(WAITING):
            api.issue(next(items))
        commands: dict[str, Callable[[], object]] = {
            "issue": lambda: api.issue(next(items)),
            "next": lambda: api.post(f"/halls/{HALL}/windows/{next(windows)}/next", {"finish_current": True}),
        }
        alone, with_it = [], []
        for turn in range(ROUNDS):
            alone.append(_measured(commands))
            with estimating(hall):
                with_it.append(_measured(commands))
                told = told_a_range(api)
            print(f"  {turn}: {alone[-1]} alone, {with_it[-1]} with the estimate", flush=True)
            assert told, "the estimate told nothing: it was not measured"
    return {name: _table([one[name] for one in alone], [one[name] for one in with_it]) for name in commands}


def told_a_range(api: Api) -> bool:
    return any(line["range"] for line in api.board()["lines"])


def _measured(commands: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """ms that half and ninety-nine in a hundred of each kind took at most."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    begin = time.perf_counter()
    for n, name in enumerate(cycle(commands)):
        due = begin + n * PACE
        if due - begin > SECONDS:
            break
        time.sleep(max(0.0, due - time.perf_counter()))
        sent = time.perf_counter()
        commands[name]()
        took[name].append((time.perf_counter() - sent) * 1e3)
    return {name: (_percentile(found, 50), _percentile(found, 99)) for name, found in took.items()}


def _percentile(found: list[float], percent: int) -> float:
    return round(statistics.quantiles(found, n=100)[percent - 1], 2)


def _table(alone: list[tuple[float, float]], with_it: list[tuple[float, float]]) -> dict[str, Any]:
    columns = zip(
        ("p50_ms", "p99_ms", "with_p50_ms", "with_p99_ms"),
        (*zip(*alone, strict=True), *zip(*with_it, strict=True)),
        strict=True,
    )
    ratios = [other[1] / one[1] for one, other in zip(alone, with_it, strict=True)]
    medians = {name: round(statistics.median(found), 2) for name, found in columns}
    return medians | {"p99_ratio": round(statistics.median(ratios), 2), "rounds": [round(one, 2) for one in ratios]}
