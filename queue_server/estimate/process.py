"""`python -m queue_server estimate`: follows the log of every hall and posts everybody's range, in its own process.

It only reads the database. What it keeps (the scales) and what it posts are two small files of its own in the data
directory, since on SQLite nobody but the server writes. Each server has one beside it.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queue_server.domain.errors import StorageUnavailable
from queue_server.estimate.estimator import Estimator
from queue_server.estimate.posted import Ranges, post, replace
from queue_server.store.queries import Reading
from queue_server.store.store import NoDatabase, readers

KEPT = "estimates.json"
POLL = 0.25  # seconds between two looks whether the log has grown
AGAIN = 5.0  # seconds: time passes for those who wait even if nothing happens
KEEP_EVERY = 60.0
AFTER_FAILURE = 2.0
NICE = 10  # tickets go first
logger = logging.getLogger(__name__)


def add_to(commands: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        "estimate", help="estimate waits: `serve` starts this itself unless told not to"
    )
    command.add_argument("--parent", type=int, metavar="PID", help="end when this process is no longer the parent")
    command.set_defaults(run=run)
    return command


def run(parsed: argparse.Namespace) -> int:
    if parsed.data is None:
        raise NoDatabase("--data DIR is needed: the ranges are written there")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.nice(NICE)
    parsed.data.mkdir(parents=True, exist_ok=True)
    process = Process(parsed.data, parsed.database)
    with suppress(KeyboardInterrupt):
        while parsed.parent is None or os.getppid() == parsed.parent:
            time.sleep(process.turn())
    return 0


class Process:
    def __init__(self, data: Path, database: str | None) -> None:
        self._data, self._readers = data, readers(data, database)
        self._kept = _kept(data / KEPT)
        self._halls: dict[str, Estimator] = {}
        self._ranges: dict[str, Ranges] = {}
        self._kept_at = time.monotonic()

    def turn(self) -> float:
        """Looks once and posts what is new; seconds until the next time."""
        begin = time.monotonic()
        try:
            with self._readers.read() as reading:
                changed = [self._hall(reading, hall) for hall in reading.hall_ids()]
            if any(changed):
                post(self._data, self._ranges)
            if begin - self._kept_at > KEEP_EVERY:
                replace(self._data / KEPT, {hall: one.keep() for hall, one in self._halls.items()})
                self._kept_at = begin
        except (FileNotFoundError, StorageUnavailable) as error:
            logger.info("%s", error)  # not made yet, or away
            return AFTER_FAILURE
        except Exception:  # whatever it was, a hall without ranges goes on, and the next look may find it mended
            logger.exception("no ranges this time")
            return AFTER_FAILURE
        # at most half of a core, however often the queue moves
        return max(POLL, time.monotonic() - begin)

    def _hall(self, reading: Reading, hall: str) -> bool:
        if hall not in self._halls:
            self._halls[hall] = Estimator(hall, self._kept.get(hall, {}))
        estimator, at, now = self._halls[hall], time.monotonic(), datetime.now(UTC)
        last = self._ranges.get(hall)
        if not estimator.follow(reading, now) and last is not None and at - last.looked < AGAIN:
            return False
        self._ranges[hall] = estimator.ranges(reading, now, at)
        return True


def _kept(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        logger.warning("the scales of before cannot be read, and are learnt anew: %s", error)
        return {}
