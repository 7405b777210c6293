"""Several server processes on one PostgreSQL database are one hall: one order, one log, one board."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.queue_server.cluster import Cluster
from tests.queue_server.helpers import HALL, ROOT, Served, serving

PROCESSES, ISSUERS, CLERKS, EACH = 4, 16, 16, 10
WINDOWS = (8, 10, 11, 12)  # those that serve passports


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.bare_database()  # the first start makes the tables


@pytest.fixture
def servers(tmp_path: Path, url: str) -> Iterator[list[Served]]:
    with ExitStack() as stack, ThreadPoolExecutor(PROCESSES) as pool:
        starts = [serving(tmp_path / str(n) / "data", url=url) for n in range(PROCESSES)]
        yield list(pool.map(stack.enter_context, starts))  # all at the same time


def send(client: httpx.Client, path: str, body: Any = None) -> httpx.Response:
    """Sends it until there is an answer, with one key: whatever breaks, it happens once."""
    headers, end = {"Idempotency-Key": uuid.uuid4().hex}, time.monotonic() + 30
    while True:
        try:
            answer = client.post(f"/halls/{HALL}/{path}", json=body or {}, headers=headers)
            if answer.status_code != 503:
                return answer
        except httpx.TransportError:
            pass
        assert time.monotonic() < end
        time.sleep(0.1)


def log(url: str) -> list[dict[str, Any]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT seq, payload FROM events ORDER BY seq").fetchall()
    return [json.loads(payload) | {"seq": seq} for seq, payload in rows]


def verify(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "queue_server", "verify-log", "--database", url],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "whole and unchanged" in done.stdout) == (0, True), done.stdout + done.stderr


def numbers(events: list[dict[str, Any]], kind: str) -> list[str]:
    return [event["ticket"]["number"] for event in events if event["type"] == kind]


def test_citizens_and_clerks_at_four_servers_at_once(servers: list[Served], url: str):
    """Case 29: cases 1–4 hold with several servers on one database."""
    with servers[0].client("window") as client:
        for no in WINDOWS:
            assert send(client, f"windows/{no}/open").status_code == 200
    barrier = threading.Barrier(ISSUERS + CLERKS)

    def citizen(n: int) -> list[str]:
        with servers[n % PROCESSES].client("kiosk") as client:
            barrier.wait()
            answers = [send(client, "tickets", {"item": "passport"}) for _ in range(EACH)]
        assert {answer.status_code for answer in answers} == {201}
        return [answer.json()["number"] for answer in answers]

    def clerk(n: int) -> list[tuple[str, int]]:
        no = WINDOWS[n // PROCESSES]  # four clerks share a window, each at another server
        with servers[n % PROCESSES].client("window") as client:
            barrier.wait()
            answers = [send(client, f"windows/{no}/next", {"finish_current": True}) for _ in range(EACH)]
        assert {answer.status_code for answer in answers} <= {200, 204}
        return [(answer.json()["ticket"]["number"], no) for answer in answers if answer.status_code == 200]

    with ThreadPoolExecutor(ISSUERS + CLERKS) as pool:
        citizens = [pool.submit(citizen, n) for n in range(ISSUERS)]
        clerks = [pool.submit(clerk, n) for n in range(CLERKS)]
        given = [number for each in citizens for number in each.result()]
        called = [call for each in clerks for call in each.result()]

    everybody = [f"F{n:03d}" for n in range(1, ISSUERS * EACH + 1)]
    assert sorted(given) == everybody  # each number once, none left out
    assert called
    assert len({number for number, _ in called}) == len(called)  # no ticket at two windows
    events = log(url)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert numbers(events, "ticket.issued") == everybody  # the order of numbers is the order of commits
    assert numbers(events, "ticket.called") == sorted(number for number, _ in called)  # first come, first called
    assert numbers(events, "ticket.called") == everybody[: len(called)]
    verify(url)
    for server in servers:
        with server.client("display") as client:
            assert client.get(f"/halls/{HALL}/board").json()["seq"] == len(events)


class Listener:
    """Follows the hall at one server, in one stream, never coming again."""

    def __init__(self, server: Served) -> None:
        self.heard: list[int] = []
        self._server = server
        self._open = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()
        assert self._open.wait(10)

    def _follow(self) -> None:
        headers = {"Last-Event-ID": "0"}
        with (
            suppress(httpx.TransportError),  # the server ends with the test
            self._server.client("display") as client,
            client.stream("GET", f"/halls/{HALL}/events", headers=headers, timeout=60) as answer,
        ):
            self._open.set()
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    self.heard.append(int(line[4:]))

    def wait_for(self, last: Callable[[], int]) -> None:
        end = time.monotonic() + 20
        while not self.heard or self.heard[-1] < last():
            assert time.monotonic() < end, (self.heard[-5:], last())
            time.sleep(0.02)


@pytest.mark.slow
def test_a_display_hears_what_another_server_commits_whatever_ends(tmp_path: Path, cluster: Cluster, url: str):
    with serving(tmp_path / "a" / "data", url=url) as ours, serving(tmp_path / "b" / "data", url=url) as other:
        listener = Listener(ours)

        def issue(server: Served, count: int) -> None:
            with server.client("kiosk") as client:
                for _ in range(count):
                    assert send(client, "tickets", {"item": "passport"}).status_code == 201

        issue(other, 20)
        listener.wait_for(lambda: log(url)[-1]["seq"])

        stop = threading.Event()

        def keep_issuing() -> None:
            with other.client("kiosk") as client:
                while not stop.is_set():
                    try:
                        client.post(
                            f"/halls/{HALL}/tickets", json={"item": "passport"},
                            headers={"Idempotency-Key": uuid.uuid4().hex},
                        )  # fmt: skip
                    except httpx.TransportError:
                        return

        busy = [threading.Thread(target=keep_issuing) for _ in range(4)]
        [each.start() for each in busy]
        time.sleep(0.5)
        other.kill()  # -9, in the middle of whatever it does
        stop.set()
        [each.join() for each in busy]
        issue(ours, 5)  # nothing of it holds the hall
        with serving(tmp_path / "b" / "data", url=url) as again:
            with ThreadPoolExecutor(4) as pool:
                work = [pool.submit(issue, server, 40) for server in (ours, again) * 2]
                time.sleep(0.3)
                cluster.crash()
                cluster.start()
                [each.result() for each in work]
            issue(again, 5)
        events = log(url)
        listener.wait_for(lambda: len(events))
        assert listener.heard == [event["seq"] for event in events] == list(range(1, len(events) + 1))
        verify(url)


def test_a_token_made_while_servers_run_opens_their_doors(tmp_path: Path, url: str):
    with serving(tmp_path / "a" / "data", url=url) as served:
        made = subprocess.run(
            [sys.executable, "-m", "queue_server", "token", "add", "display", "--database", url],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        end = time.monotonic() + 5
        while httpx.get(f"{served.url}/api/v1/halls", headers=headers, trust_env=False).status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.1)


def test_a_database_that_is_not_there_is_said_in_words(tmp_path: Path):
    for command in (["serve", "--config", "config/demo/hall.toml", "--data", str(tmp_path)], ["verify-log"]):
        done = subprocess.run(
            [sys.executable, "-m", "queue_server", *command, "--database", f"postgresql://nobody@/x?host={tmp_path}"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "the database does not answer" in done.stderr
        assert "Traceback" not in done.stderr
