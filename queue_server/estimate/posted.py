"""The latest ranges in a file beside the database, and how the server reads them without waiting.

The database has one writer, the server; so the estimate has a file of its own, replaced whole. The server looks whether
there is a newer one and reads it into memory. A range counts only while the look at the hall that it came from is not
older than STALE: if the estimate is dead, or behind, there is none. That age is told by the clock of this machine that
is never set.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queue_server.estimate.learning import Kept

FILE = "ranges.json"
STALE = 15.0  # seconds
LOOK_EVERY = 0.1  # seconds
logger = logging.getLogger(__name__)
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ranges:
    """One hall's, as of a look at it at `looked` (monotonic seconds): minutes by ticket, and by line and class."""

    looked: float
    tickets: Mapping[str, Range] = field(default_factory=dict)
    newcomers: Mapping[str, Mapping[str, Range]] = field(default_factory=dict)
    record: Mapping[str, Kept] = field(default_factory=dict)
    no_window: frozenset[str] = frozenset()  # lines that no open window serves

    def facts(self) -> dict[str, Any]:
        record = {line: [kept.given, kept.inside, kept.beyond] for line, kept in self.record.items()}
        return {
            "looked": self.looked,
            "tickets": self.tickets,
            "newcomers": self.newcomers,
            "record": record,
            "no_window": sorted(self.no_window),
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Ranges:
        """Raises KeyError, TypeError, ValueError."""
        newcomers = {
            line: {name: _range(one) for name, one in found.items()} for line, found in facts["newcomers"].items()
        }
        return cls(
            float(facts["looked"]),
            {ticket: _range(one) for ticket, one in facts["tickets"].items()},
            newcomers,
            {line: Kept(*counts) for line, counts in facts["record"].items()},
            frozenset(facts["no_window"]),
        )


def _range(told: Any) -> Range:
    low, high = told
    return int(low), int(high)


def replace(path: Path, value: Any) -> None:
    """Writes JSON so that a reader finds the whole of it, or the whole of what was there."""
    beside = path.with_suffix(f".{os.getpid()}.new")
    beside.write_text(json.dumps(value, separators=(",", ":")), "utf-8")
    beside.replace(path)


def post(data: Path, halls: Mapping[str, Ranges]) -> None:
    replace(data / FILE, {hall: ranges.facts() for hall, ranges in halls.items()})


class Posted:
    """What the server reads. Without a directory there are no ranges."""

    def __init__(self, data: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = data / FILE if data else None
        self._clock = clock
        self._looked = float("-inf")
        self._seen: tuple[int, int] | None = None
        self._halls: Mapping[str, Ranges] = {}

    def ticket(self, hall: str, ticket: str) -> Range | None:
        """What is left of a waiting ticket's wait."""
        ranges = self._fresh(hall)
        return ranges.tickets.get(ticket) if ranges else None

    def newcomer(self, hall: str, line: str, cls: str = "walk_in") -> Range | None:
        """How long a ticket taken now will wait."""
        ranges = self._fresh(hall)
        return ranges.newcomers.get(line, {}).get(cls) if ranges else None

    def no_window(self, hall: str, line: str) -> bool:
        """Whether it is known that no open window serves the line."""
        ranges = self._fresh(hall)
        return ranges is not None and line in ranges.no_window

    def record(self, hall: str) -> Mapping[str, Kept]:
        """First ranges of the last seven days by line; also an estimate that is behind has counted them."""
        self._read()
        return self._halls[hall].record if hall in self._halls else {}

    def _fresh(self, hall: str) -> Ranges | None:
        self._read()
        ranges = self._halls.get(hall)
        # after a restart of the machine a file from before may lie in the future
        return ranges if ranges and 0 <= self._clock() - ranges.looked <= STALE else None

    def _read(self) -> None:
        now = self._clock()
        if self._path is None or now - self._looked < LOOK_EVERY:
            return
        self._looked = now
        try:
            state = self._path.stat()
            seen = state.st_mtime_ns, state.st_ino
            if seen != self._seen:
                told = json.loads(self._path.read_bytes())
                self._halls = {hall: Ranges.of(facts) for hall, facts in told.items()}
                self._seen = seen
        except FileNotFoundError:
            self._halls, self._seen = {}, None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            logger.warning("the ranges cannot be read: %s", error)
            self._halls = {}
