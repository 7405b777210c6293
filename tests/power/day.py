"""A hall's days at speed, to be recorded: `python -m tests.power.day DATA LIFE [--synchronous FULL]`.

The API in process over the real store, with a clock set by hand. Each life is a process over the same directory: the
first makes the database and ends without a word, the second finds a WAL, closes days, stops and starts again. What was
answered, and that a day was closed, is written to DATA/acknowledged once it was. The same life does the same each time.

Two settings of the writer may differ from the real ones: `--synchronous`, to show what a weaker one loses, and the
WAL's length, as no checkpoint would be needed otherwise before the WAL is emptied at the end of a day.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import queue
import random
import sqlite3
import threading
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from queue_server.store import store as stores
from queue_server.store.pump import ThreadPump
from queue_server.store.writer import Command
from tests.power.recording import ACKNOWLEDGED_FILE
from tests.queue_server import helpers
from tests.queue_server.helpers import HALL, MONDAY_TEN, Clock, Desk, Names, demo_hall

CHECKPOINT = 60  # pages
ITEMS = ("passport", "id-card", "advice", "collect")  # lines F and H
WINDOWS = (8, 10, 11)
TOGETHER = (1, 1, 2, 5)  # requests that share a commit
REFUSED = 2.0  # seconds
DONE = (200, 201, 204)


class InStep(ThreadPump):
    """Commands that are asked for together are one transaction, in the order of their askers' names."""

    together = 1

    def run(self, command: Command, hall: str = "") -> Any:
        future: Future[Any] = Future()
        self._pending.put((_Named(threading.current_thread().name, command), hall, future))
        return future.result()

    def _gather(self) -> tuple[list[Any], bool]:
        first = self._pending.get()
        if first is None:
            return [], False
        batch = [first]
        with suppress(queue.Empty):  # one that is refused before it asks the store never comes
            while len(batch) < self.together:
                batch.append(self._pending.get(timeout=REFUSED))
        return sorted(batch, key=lambda one: one[0].name), True


class _Named:
    def __init__(self, name: str, command: Command) -> None:
        self.name, self._command = name, command

    def __call__(self, transaction: Any) -> Any:
        return self._command(transaction)


class LivesNames(Names):
    """Names that no life before has given."""

    lives = 0

    def __init__(self) -> None:
        self.n = LivesNames.lives * 100_000
        LivesNames.lives += 1


class Changed(sqlite3.Connection):
    """A connection with other settings than it is told to have."""

    instead: dict[str, str]

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return super().execute(self.instead.get(sql, sql), *values)


class Day:
    """A desk and who comes to it."""

    def __init__(self, data: Path, life: int, clock: Clock) -> None:
        rules = demo_hall().rules.model_copy(update={"recall_gap": 0, "calls_before_missed": 1})
        self.rng, self.clock = random.Random(life), clock
        self.desk = Desk(data, demo_hall(rules=rules), clock, enforce_hours=False)
        self._acknowledged = os.open(data / ACKNOWLEDGED_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._life, self._asked, self._tickets = life, 0, ["nobody"]
        for no in WINDOWS:
            self._together([(f"/halls/{HALL}/windows/{no}/open", {})])

    def work(self, turns: int) -> None:
        for _ in range(turns):
            self.clock.pass_(seconds=7)
            self._together([self._wish() for _ in range(self.rng.choice(TOGETHER))])

    def close_day(self) -> None:
        self.desk.service.close_days()
        with self.desk.store.read() as reading:
            state = reading.hall(HALL)
        assert state is not None
        self._promise({"closed": state.business_day.isoformat()})

    def end(self) -> None:
        self.desk.close()
        os.close(self._acknowledged)

    def _wish(self) -> tuple[str, Any]:
        if self.rng.random() < 0.5:
            person = {"card_token": self.rng.randbytes(32).hex()} if self.rng.random() < 0.4 else {}
            return f"/halls/{HALL}/tickets", {"item": self.rng.choice(ITEMS), **person}
        if self.rng.random() < 0.2:
            return f"/tickets/{self.rng.choice(self._tickets[-6:])}/cancel", {}
        no, action = self.rng.choice(WINDOWS), self.rng.choice(("next", "next", "recall", "start", "finish", "miss"))
        return f"/halls/{HALL}/windows/{no}/{action}", {}

    def _together(self, wishes: list[tuple[str, Any]]) -> None:
        InStep.together = len(wishes)
        threads = []
        for n, (path, body) in enumerate(wishes):
            key = f"life{self._life}-{self._asked + n}"
            threads.append(threading.Thread(target=self._ask, args=(path, body, key), name=str(n)))
        self._asked += len(wishes)
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        InStep.together = 1

    def _ask(self, path: str, body: Any, key: str) -> None:
        answer = self.desk.app.test_client().post(f"/api/v1{path}", json=body, headers=self.desk.headers("admin", key))
        assert answer.status_code in (*DONE, 404, 409), (path, answer.status_code, answer.text)
        if answer.status_code in DONE:
            self._promise({"key": key, "status": answer.status_code, "body": answer.text})
        if answer.status_code == 201:
            self._tickets.append(answer.json["id"])

    def _promise(self, what: dict[str, Any]) -> None:
        os.write(self._acknowledged, json.dumps(what).encode() + b"\n")


def first_life(data: Path) -> None:
    Day(data, 1, Clock(MONDAY_TEN)).work(45)
    os._exit(0)  # nothing is closed: the WAL stays


def second_life(data: Path) -> None:
    clock = Clock(MONDAY_TEN + timedelta(hours=3))
    day = Day(data, 2, clock)
    day.work(20)
    clock.pass_(hours=20)  # Tuesday 09:00
    day.close_day()
    day.work(25)
    day.end()
    day = Day(data, 3, clock)
    day.work(15)
    clock.at = MONDAY_TEN + timedelta(hours=46)  # less than answers are kept
    day.close_day()
    day.work(15)
    day.end()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("life", type=int, choices=(1, 2))
    parser.add_argument("--synchronous", default="FULL", choices=("FULL", "NORMAL", "OFF"))
    parsed = parser.parse_args()
    Changed.instead = {
        "PRAGMA synchronous=FULL": f"PRAGMA synchronous={parsed.synchronous}",
        "PRAGMA wal_autocheckpoint=4000": f"PRAGMA wal_autocheckpoint={CHECKPOINT}",
    }
    sqlite3.connect = functools.partial(sqlite3.connect, factory=Changed)
    stores.pump_for = InStep
    helpers.Names = LivesNames
    LivesNames.lives = parsed.life
    (first_life if parsed.life == 1 else second_life)(parsed.data)


if __name__ == "__main__":
    main()
