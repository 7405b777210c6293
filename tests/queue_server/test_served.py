"""The server as a process: many at once, streams, words for mistakes, and an end that is quick."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from httpx_sse import connect_sse

from tests.queue_server.helpers import BOTH, CONFIG, HALL, ROOT, Served, serving

ISSUERS, EACH = 16, 12


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def issue(client: httpx.Client, item: str = "passport", **headers: str) -> dict[str, Any]:
    answer = client.post(f"/halls/{HALL}/tickets", json={"item": item}, headers=key() | headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def verify(data: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", "verify-log", "--data", str(data)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_sixteen_issuers_and_as_many_clerks(served: Served):
    """Cases 1 and 2."""
    barrier = threading.Barrier(ISSUERS)

    def citizens(n: int) -> list[dict[str, Any]]:
        with served.client("kiosk") as client:
            barrier.wait()
            return [issue(client, "id-card" if n % 2 else "passport") for _ in range(EACH)]

    with ThreadPoolExecutor(ISSUERS) as pool:
        tickets = [ticket for some in pool.map(citizens, range(ISSUERS)) for ticket in some]
    in_order = sorted(tickets, key=lambda ticket: ticket["key"])
    assert [ticket["number"] for ticket in in_order] == [f"F{n:03d}" for n in range(1, ISSUERS * EACH + 1)]
    assert len({ticket["id"] for ticket in tickets}) == len(tickets)
    assert [ticket["ahead"] for ticket in in_order] == list(range(len(tickets)))

    windows = (1, 8, 10, 11, 12)  # 1 does not serve this line
    with served.client("window") as client:
        for no in windows:
            assert client.post(f"/halls/{HALL}/windows/{no}/open", headers=key()).status_code == 200
    barrier = threading.Barrier(ISSUERS)

    def clerk(n: int) -> list[tuple[int, str]]:
        called, no = [], windows[n % len(windows)]  # several clerks share a window: two tabs, two machines
        with served.client("window") as client:
            barrier.wait()
            for _ in range(6):
                answer = client.post(f"/halls/{HALL}/windows/{no}/next", json={}, headers=key())
                if answer.status_code == 200:
                    called.append((no, answer.json()["ticket"]["number"]))
                else:
                    assert answer.status_code in (204, 409), answer.text
        return called

    with ThreadPoolExecutor(ISSUERS) as pool:
        calls = [call for some in pool.map(clerk, range(ISSUERS)) for call in some]
    assert sorted(no for no, _ in calls) == [8, 10, 11, 12]  # each window one ticket
    assert sorted(number for _, number in calls) == ["F001", "F002", "F003", "F004"]  # each ticket one window, in order
    served.stop()
    assert "whole and unchanged" in verify(served.data)


@BOTH
def test_clerks_who_keep_calling_empty_the_line_in_order(served: Served):
    with served.client("kiosk") as client:
        tickets = [issue(client) for _ in range(60)]
    barrier = threading.Barrier(4)

    def clerk(no: int) -> list[str]:
        called = []
        with served.client("window") as client:
            client.post(f"/halls/{HALL}/windows/{no}/open", headers=key())
            barrier.wait()
            while True:
                body = {"finish_current": True}
                answer = client.post(f"/halls/{HALL}/windows/{no}/next", json=body, headers=key())
                if answer.status_code == 204:
                    return called
                called.append(answer.json()["ticket"]["number"])

    with ThreadPoolExecutor(4) as pool:
        called = list(pool.map(clerk, (8, 10, 11, 12)))
    assert all(numbers == sorted(numbers) for numbers in called)
    assert sorted(number for numbers in called for number in numbers) == [ticket["number"] for ticket in tickets]


@BOTH
def test_sixteen_concurrent_duplicates_over_the_wire(served: Served):
    barrier = threading.Barrier(16)

    def tap(_: int) -> bytes:
        with served.client("kiosk") as client:
            barrier.wait()
            headers = {"Idempotency-Key": "one"}
            return client.post(f"/halls/{HALL}/tickets", json={"item": "passport"}, headers=headers).content

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(tap, range(16)))) == 1
    with served.client() as client:
        assert len(client.get(f"/halls/{HALL}/tickets").json()["tickets"]) == 1


@BOTH
def test_a_display_follows_and_catches_up(served: Served):
    with served.client("display") as display, served.client() as staff:
        with connect_sse(display, "GET", f"/halls/{HALL}/events") as source:
            events = source.iter_sse()
            time.sleep(0.2)  # the stream is open once its first bytes are here; nothing marks that in httpx-sse
            ticket = issue(staff)
            heard = next(events)
            assert (heard.event, json.loads(heard.data)["ticket"]["number"]) == ("ticket.issued", "F001")
        staff.post(f"/halls/{HALL}/windows/10/open", headers=key())
        staff.post(f"/halls/{HALL}/windows/10/next", headers=key())
        with connect_sse(display, "GET", f"/halls/{HALL}/events", headers={"Last-Event-ID": heard.id}) as source:
            events = source.iter_sse()
            assert [next(events).event for _ in range(2)] == ["window.opened", "ticket.called"]
        with connect_sse(
            httpx.Client(base_url=display.base_url, trust_env=False), "GET", f"/tickets/{ticket['id']}/events",
            headers={"Last-Event-ID": "0"},
        ) as source:  # fmt: skip
            events = source.iter_sse()
            assert [next(events).event for _ in range(2)] == ["ticket.issued", "ticket.called"]


def test_a_body_of_five_megabytes_is_refused_in_words(served: Served):
    with served.client("kiosk") as client:
        answer = client.post(f"/halls/{HALL}/tickets", content=b"x" * 5_000_000, headers=key())
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")

        def chunks():
            for _ in range(100):
                yield b"x" * 50_000

        answer = client.post(f"/halls/{HALL}/tickets", content=chunks(), headers=key())
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
        assert issue(client)["number"] == "F001"


def test_a_second_server_on_the_same_data_says_so_and_ends(served: Served):
    for command in (
        ["serve", "--config", str(CONFIG), "--data", str(served.data), "--port", "0"],
        ["token", "add", "kiosk", "--data", str(served.data)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "queue_server", *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "in use by another server" in done.stderr
        assert "Traceback" not in done.stderr


def test_wrong_settings_are_said_in_words(tmp_path: Path):
    wrong = tmp_path / "hall.toml"
    wrong.write_text(CONFIG.read_text("utf-8").replace("recall_gap", "recal_gap"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", "serve", "--config", str(wrong), "--data", str(tmp_path / "d")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "did you mean 'recall_gap'" in done.stderr


def test_a_token_made_by_command_opens_the_door(tmp_path: Path):
    with serving(tmp_path / "d") as served:
        served.stop()
    made = subprocess.run(
        [sys.executable, "-m", "queue_server", "token", "add", "display", "--data", str(tmp_path / "d"), "--name", "x"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    with serving(tmp_path / "d") as served:
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        assert httpx.get(f"{served.url}/api/v1/halls", headers=headers, trust_env=False).status_code == 200


@BOTH
def test_sigterm_ends_streams_and_is_quick(served: Served):
    with served.client("display") as display, served.client("kiosk") as kiosk:
        issue(kiosk)
        heard: list[bytes] = []

        def follow() -> None:
            with display.stream("GET", f"/halls/{HALL}/events") as answer:
                heard.extend(answer.iter_raw())

        listeners = [threading.Thread(target=follow) for _ in range(5)]
        [listener.start() for listener in listeners]
        while len(heard) < 5:
            time.sleep(0.01)
        assert served.stop() < 10  # a stream that is waited for takes half a minute
        [listener.join(5) for listener in listeners]
        assert not any(listener.is_alive() for listener in listeners)
    assert "Traceback" not in served.log()


def test_a_killed_master_takes_its_worker_along(served: Served):
    workers = psutil.Process(served.process.pid).children(recursive=True)
    assert len(workers) == 1
    os.kill(served.process.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, timeout=3)
    assert not alive
    with serving(served.data) as again, again.client("kiosk") as client:
        assert issue(client)["number"] == "F001"


@BOTH
def test_a_killed_worker_is_replaced_and_nothing_is_lost(served: Served):
    with served.client("kiosk") as client:
        issue(client)
    (worker,) = psutil.Process(served.process.pid).children()
    worker.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with served.client("kiosk") as client:
                assert issue(client)["number"] == "F002"
            return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail("no worker came back")


def test_settings_of_the_process(served: Served):
    (worker,) = psutil.Process(served.process.pid).children()
    soft, hard = worker.rlimit(psutil.RLIMIT_NOFILE)
    assert soft >= min(8192, hard if hard != resource.RLIM_INFINITY else 8192)


def test_no_address_and_no_token_reaches_the_log(served: Served):
    with served.client("kiosk") as client:
        ticket = issue(client)
        client.get(f"/tickets/{ticket['id']}")
        client.get("/tickets/nobody")
    served.stop()
    log = served.log()
    assert ticket["id"] not in log
    assert not [token for token in served.tokens.values() if token in log]
