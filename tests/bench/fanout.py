"""What it costs to tell many: from the commit of an event to its receipt, beside a bare broadcast of the same bytes.

A round is EVENTS tickets issued one after another, GAP seconds apart, while so many listeners follow the hall; then the
bytes of the same events from the bare routes of the same process, at the same pace. The server notes CLOCK_MONOTONIC
when COMMIT has returned in the writer's thread (bare: before the first queue gets the bytes), the listener
(`listen.c`, one process for all of them) notes the same clock when it has read the event: same machine, one clock. The
percentiles are over every (event, listener) pair, so p99 of 1,000 listeners is near the last one served. A listener
that misses an event, or hears it twice, fails the benchmark.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.bench.server import ITEMS, ROUNDS, BareHall
from tests.system.rig import HALL, Hall, wait_for

LISTENERS = (200, 1000)
EVENTS, GAP = 30, 0.2  # the gap is longer than an event takes to reach everybody
SOURCE = Path(__file__).parent / "listen.c"
EVERY = "/api/v1/halls/{}/events"


@dataclass
class Fan:
    """A hall, its bare routes, and the program that listens."""

    hall: Hall
    http: httpx.Client
    program: Path

    def post(self, path: str) -> None:
        self.http.post(path).raise_for_status()

    def watched(self) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get("/bare/watched").raise_for_status().json()
        return found

    def spread(self, path: str, count: int, happenings: list[Callable[[], Any]]) -> list[float]:
        """Milliseconds from each happening to each listener of a stream."""
        words = [str(self.program), str(self.hall.port), path, str(count), self.hall.tokens["display"]]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listening:
            assert listening.stdout.readline() == "ready\n"
            self.post("/bare/watch")
            for happen in happenings:
                due = time.monotonic() + GAP
                happen()
                time.sleep(max(0.0, due - time.monotonic()))
            said, _ = listening.communicate()
        moments = {int(seq): at for seq, at in self.watched()["moments"].items()}
        heard = [tuple(map(int, line.split())) for line in said.splitlines()]
        assert Counter(seq for seq, _ in heard) == dict.fromkeys(moments, count), "somebody missed an event"
        return [(at - moments[seq]) / 1e6 for seq, at in heard]

    def empty(self, happen: Callable[[], Any]) -> None:
        """Until the server has noticed that the listeners of the last run are gone."""

        def gone() -> bool:
            happen()
            time.sleep(0.2)
            return self.watched()["listeners"] == 0

        wait_for("the last listeners to be gone", gone)

    def round(self, count: int) -> tuple[list[float], list[float]]:
        """Milliseconds of the hall's stream and of the bare one."""
        with self.hall.api("kiosk") as kiosk:

            def issue() -> None:
                kiosk.issue(ITEMS[0])

            ours = self.spread(EVERY.format(HALL), count, [issue] * EVENTS)
            told = [int(seq) for seq in self.watched()["moments"]]
            self.empty(issue)
            bare = self.spread("/bare/events", count, [lambda seq=seq: self.post(f"/bare/tell/{seq}") for seq in told])
            self.empty(lambda: self.post(f"/bare/tell/{told[0]}"))
        return ours, bare


def fan_out(folder: Path) -> dict[str, Any]:
    """Commit to receipt with 200 and 1,000 listeners, medians over rounds, and the ratio of p99 round by round."""
    program = folder / "listen"
    subprocess.run(["cc", "-O2", "-o", program, SOURCE], check=True)
    with BareHall(folder / "hall") as hall, httpx.Client(base_url=hall.url, timeout=30, trust_env=False) as http:
        fan = Fan(hall, http, program)
        return {f"listeners_{count}": _compared([fan.round(count) for _ in range(ROUNDS)]) for count in LISTENERS}


def _compared(rounds: list[tuple[list[float], list[float]]]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, cut in (("p50", 50), ("p99", 99)):
        pairs = [tuple(statistics.quantiles(side, n=100)[cut - 1] for side in both) for both in rounds]
        answer[f"{name}_ms"] = round(statistics.median(ours for ours, _ in pairs), 1)
        answer[f"bare_{name}_ms"] = round(statistics.median(bare for _, bare in pairs), 1)
        answer[f"{name}_ratio"] = round(statistics.median(ours / bare for ours, bare in pairs), 2)
        answer[f"{name}_rounds"] = [round(ours / bare, 2) for ours, bare in pairs]
    print(f"  {answer}", flush=True)
    return answer
