"""A clock that is set by hand, a desk that asks the API in words, a server as a process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from config import Hall, load_hall
from queue_server import setup
from queue_server.access import access_to
from queue_server.api.gate import Parts
from queue_server.api.views import Views
from queue_server.app import create_app
from queue_server.books import Books
from queue_server.guides.catalogue import Catalogue
from queue_server.guides.finding import Finder
from queue_server.hub import Hub
from queue_server.service import QueueService
from queue_server.sessions import Sessions
from queue_server.store.schema import metadata
from queue_server.store.store import Store

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config" / "demo" / "hall.toml"
HALL = "linjiang"
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
MONDAY_TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


def demo_hall(**changes: Any) -> Hall:
    return load_hall(CONFIG).model_copy(update=changes)


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, at: datetime = MONDAY_TEN) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


class Names:
    """Random text that is not: n1, n2 …"""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, size: int) -> str:
        self.n += 1
        return f"n{self.n}"


class Desk:
    """The API in process, over a real store: `desk.post(path, body, role)`."""

    def __init__(
        self,
        data: Path,
        hall: Hall,
        clock: Clock,
        *,
        enforce_hours: bool = True,
        heartbeat: float = 15.0,
        url: str | None = None,
        names: Names | None = None,  # those of the desk before, when it opens again
    ):
        self.data, self.url, self.hall, self.clock, names = data, url, hall, clock, names or Names()
        self.hub = Hub(heartbeat)
        halls = Books(self.hub.tell)
        self.store = Store(data, halls.tell, url=url)
        self.changed = setup.seed(self.store, hall, clock, names)
        setup.demo_tokens(self.store, data, clock, names)
        self.tokens = json.loads((data / setup.DEMO_TOKENS).read_text("utf-8"))
        access = access_to(self.store, demo=True)
        halls.open(self.store, hall.id)
        self.service = QueueService(halls, self.store, clock, names, enforce_hours=enforce_hours)
        sessions = Sessions(setup.session_key(data, names, self.store), access, halls, clock, names)
        views, self.guides = Views(self.service, "http://server"), Catalogue(clock)
        finder = Finder(data, clock)
        self.app = create_app(Parts(self.service, self.hub, access, views, sessions, self.guides, finder))
        self.client = self.app.test_client()

    def close(self) -> None:
        self.hub.close()
        self.store.close()

    def headers(self, role: str | None, key: str | None = None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return headers | ({"Idempotency-Key": key} if key else {})

    def get(self, path: str, role: str | None = "admin") -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers(role))

    def post(self, path: str, body: Any = None, role: str | None = "admin", key: str | None = None) -> Any:
        headers = self.headers(role, key or uuid.uuid4().hex)
        return self.client.post(f"/api/v1{path}", json={} if body is None else body, headers=headers)

    def settings(self, changes: dict[str, Any], *, role: str = "manager", key: str | None = None, **more: Any) -> Any:
        """Asks to change some settings."""
        body = {"changes": changes, **more}
        headers = self.headers(role, key or uuid.uuid4().hex)
        return self.client.patch(f"/api/v1/halls/{HALL}/settings", json=body, headers=headers)

    def settle(self, **changes: Any) -> dict[str, Any]:
        """Changes some settings."""
        answer = self.settings(changes)
        assert answer.status_code == 200, answer.json
        return answer.json

    def issue(self, item: str = "passport", **more: Any) -> dict[str, Any]:
        answer = self.post(f"/halls/{HALL}/tickets", {"item": item, **more})
        assert answer.status_code == 201, answer.json
        return answer.json

    def window(self, no: int, action: str, **body: Any) -> Any:
        return self.post(f"/halls/{HALL}/windows/{no}/{action}", body)

    def board(self) -> Any:
        return self.get(f"/halls/{HALL}/board").json

    def events(self) -> list[dict[str, Any]]:
        with self.store.read() as reading:
            return [json.loads(payload) | {"seq": seq} for seq, payload in reading.events_after(HALL, 0, 100_000)]

    def dump(self) -> list[tuple[str, str]]:
        """Every row of every table: (table, the row as text)."""
        with self.store.read() as reading:
            rows = {name: reading.connection.execute(f"SELECT * FROM {name}").fetchall() for name in metadata.tables}
        return [(name, repr(row)) for name, some in rows.items() for row in some]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]


def messages(frames: bytes) -> list[dict[str, str]]:
    """Server-sent events as {id, event, data}."""
    found = []
    for block in frames.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if "event" in fields:
            found.append(fields)
    return found


class Served:
    """`python -m queue_server serve` as a hall would run it, on a free port."""

    program = "queue_server"

    def __init__(self, data: Path, *more: str, url: str | None = None, estimate: bool = False) -> None:
        self.data = data
        more = (*more, "--database", url) if url else more
        if not estimate:
            more = (*more, "--no-estimate")
        data.parent.mkdir(parents=True, exist_ok=True)
        self._errors = (data.parent / "serve.log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", self.program, "serve", "--config", CONFIG, "--data", data, "--port", "0", *more],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready http://"), (line, self.log())
        self.url = line.split()[1]
        self.tokens = json.loads((data / setup.DEMO_TOKENS).read_text("utf-8"))

    def log(self) -> str:
        return (self.data.parent / "serve.log").read_text("utf-8")

    def client(self, role: str = "admin") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=10, trust_env=False)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._gone()

    def stop(self) -> float:
        """Asks it to end; returns how long that took, in seconds."""
        begun = time.monotonic()
        self.process.terminate()
        self.process.wait(20)
        self._gone()
        return time.monotonic() - begun

    def _gone(self) -> None:
        self.process.wait(20)
        self._errors.close()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextlib.contextmanager
def serving(data: Path, *more: str, url: str | None = None) -> Iterator[Served]:
    served = Served(data, *(more or ("--demo",)), url=url)
    try:
        yield served
    finally:
        served.kill()
