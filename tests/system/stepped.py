"""A hall whose server's clock is set by hand while it runs, with libfaketime, in UTC as servers are.

What worked: offsets from a file that is renamed into place and read at every look at the clock. Monotonic clocks must
stay real, or gevent hangs after a step back; so must file times, by which gunicorn's master sees that its worker lives.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.system.crashes import CrashHall, Load, working
from tests.system.rig import NotReady

AHEAD = "YICHUANG_AHEAD"  # another_time reads its clock from the file this names
SHANGHAI = ZoneInfo("Asia/Shanghai")


def library() -> Path:
    found = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if found is None:
        raise NotReady("libfaketime is missing; ./hall test installs it (Debian package faketime)")
    return found


def hall_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class SteppedHall(CrashHall):
    """`set` says what time it is; from there the clock goes on."""

    program = "tests.queue_server.another_time"  # looks after days five times a second
    begins = "2026-03-02 10:00:00"

    def _open(self) -> None:
        super()._open()
        (self.folder / "ahead").write_text("0")
        self.set(self.begins)

    def set(self, text: str) -> None:
        self._offset(hall_time(text).timestamp() - time.time())

    def step(self, seconds: float) -> None:
        self._offset(self.offset + seconds)

    def _offset(self, seconds: float) -> None:
        self.offset = seconds
        written = self.folder / "time.new"
        written.write_text(f"{seconds:+.3f}")
        written.replace(self.folder / "time")

    def launch(self) -> None:
        surroundings = {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "time"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "TZ": "UTC",
            AHEAD: str(self.folder / "ahead"),
        }
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--data", str(self.data)]
        settings = ["--config", str(self.folder / "hall.toml")]
        self.start(
            "server",
            [sys.executable, "-m", self.program, "serve", *settings, *where, "--demo", "--no-estimate"],
            env=os.environ | surroundings,
        )

    @contextlib.contextmanager
    def at_work(self, seed: int) -> Iterator[Load]:
        """Ten clients and a display work; when this ends everything was answered and the server is gone."""
        load = Load(self, self.tokens)
        with working(load, seed):
            load.go.set()
            yield load

    def work(self, load: Load, count: int = 60) -> None:
        """Until there are that many answers more."""
        end, until = load.answered.total() + count, time.monotonic() + 60
        while load.answered.total() < end:
            if time.monotonic() > until:
                raise NotReady(f"no {count} answers within a minute")
            time.sleep(0.01)


def issued(events: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """The tickets of a log as they were given, in its order."""
    facts = (json.loads(payload) for _, payload in events)
    return [one["ticket"] for one in facts if one["type"] == "ticket.issued"]


def jumps(events: list[tuple[int, str]]) -> list[float]:
    """Seconds from each event to the next, by the server's clock."""
    times = [datetime.fromisoformat(json.loads(payload)["at"]) for _, payload in events]
    return [(other - one).total_seconds() for one, other in itertools.pairwise(times)]


def wrong_order(tickets: list[dict[str, Any]]) -> list[str]:
    """Numbers, seq and times of issue all rise together, and a day never goes back."""
    found = []
    for one, other in itertools.pairwise(tickets):
        for name in ("seq", "issued_at"):
            if not one[name] < other[name]:
                found.append(f"{one['number']} {one[name]}, then {other['number']} {other[name]}")
        if one["business_day"] > other["business_day"]:
            found.append(f"{one['number']} of {one['business_day']}, then {other['number']} of {other['business_day']}")
    for key, some in itertools.groupby(sorted(tickets, key=_day_letter_seq), key=lambda one: _day_letter_seq(one)[:2]):
        numbers = [int(one["number"][1:]) for one in some]
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"{key}: {numbers}")
    return found


def _day_letter_seq(ticket: dict[str, Any]) -> tuple[str, str, int]:
    return ticket["business_day"], ticket["number"][0], ticket["seq"]
