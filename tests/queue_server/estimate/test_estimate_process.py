"""The estimate as a hall has it: a process beside the server, which starts it, restarts it and ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from queue_server.estimate.posted import STALE
from tests.queue_server.helpers import BOTH, HALL, ROOT, Served, serving

SOON = 30.0  # seconds; the machine may be busy


def until(look: Callable[[], Any]) -> Any:
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it never came")


def estimates_of(data: Path) -> list[int]:
    """The processes that estimate for this directory."""
    asked = subprocess.run(["pgrep", "-f", f"queue_server estimate .*{data}"], capture_output=True, text=True)
    return [int(pid) for pid in asked.stdout.split()]


def post(client: Any, path: str, body: Any) -> Any:
    return client.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})


def test_a_served_hall_tells_ranges_and_goes_on_without_them(tmp_path: Path):
    served = Served(tmp_path / "data", "--demo", estimate=True)
    try:
        with served.client() as client:
            take = crowd(client)
            told = until(lambda: take()["range"])  # nobody learns of calls at once
            assert 0 <= told["low"] <= told["high"]
            board = client.get(f"/halls/{HALL}/board").json()
            assert any(one["range"] for one in board["lines"])

            (first,) = until(lambda: estimates_of(served.data))
            os.kill(first, signal.SIGKILL)
            assert take()["number"]  # nobody waits for it
            assert until(lambda: [pid for pid in estimates_of(served.data) if pid != first])
    finally:
        served.kill()
    until(lambda: not estimates_of(served.data))


@contextmanager
def estimating(data: Path, url: str | None) -> Iterator[subprocess.Popen[bytes]]:
    """The estimate by itself, with nobody who starts it again."""
    command = [sys.executable, "-m", "queue_server", "estimate", "--data", data, *(["--database", url] if url else [])]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def crowd(client: Any) -> Callable[[], Any]:
    """Some are served and some wait; a function that takes a ticket more."""
    post(client, f"/halls/{HALL}/windows/1/open", {})
    line = client.get(f"/halls/{HALL}/windows/1").json()["lines"][0]

    def take() -> Any:
        return post(client, f"/halls/{HALL}/tickets", {"line": line}).json()

    for _ in range(12):
        take()
    for n in range(8):
        time.sleep(0.05)
        post(client, f"/halls/{HALL}/windows/1/next", {"finish_current": n > 0})
    return take


@BOTH
def test_it_follows_the_log_of_either_database(tmp_path: Path, database: str | None):
    with (
        serving(tmp_path / "data", url=database) as served,
        estimating(served.data, database),
        served.client() as client,
    ):
        take = crowd(client)
        until(lambda: take()["range"])
        ticket = take()["id"]
        until(lambda: client.get(f"/tickets/{ticket}").json()["range"])
        for action in ("start", "finish", "close"):
            assert post(client, f"/halls/{HALL}/windows/1/{action}", {}).status_code == 200
        until(lambda: client.get(f"/tickets/{ticket}").json()["no_window"])


@pytest.mark.slow
def test_a_killed_estimate_is_soon_no_estimate(tmp_path: Path):
    with serving(tmp_path / "data") as served, estimating(served.data, None) as process, served.client() as client:
        take = crowd(client)
        until(lambda: take()["range"])
        ticket = take()["id"]
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed = time.monotonic()
        until(lambda: not take()["range"])
        assert time.monotonic() - killed < STALE + 3
        assert client.get(f"/tickets/{ticket}").json()["range"] is None
        board = client.get(f"/halls/{HALL}/board").json()
        assert all(one["range"] is None for one in board["lines"])


def test_a_hall_may_do_without(tmp_path: Path):
    served = Served(tmp_path / "data", "--demo")
    try:
        time.sleep(1)
        assert not estimates_of(served.data)
    finally:
        served.kill()


def test_the_estimate_ends_when_the_server_is_told_to_stop(tmp_path: Path):
    served = Served(tmp_path / "data", "--demo", estimate=True)
    try:
        until(lambda: estimates_of(served.data))
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(10)
        until(lambda: not estimates_of(served.data))
    finally:
        served.kill()
