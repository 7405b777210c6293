"""The servers of one hall: one on SQLite, four on one PostgreSQL database; killed, started again, and looked into."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from queue_server.domain.past import lives
from queue_server.store.store import look
from tests.system.record import Kept
from tests.system.replay import Fault, Violation
from tests.system.rig import DEMO, HALL, Hall, free_port
from tests.system.rules import Rules, read

PROCESSES = 4
SETTINGS = {"recall_gap = 30 ": "recall_gap = 1 ", "calls_before_missed = 3": "calls_before_missed = 1"}


class Servers(Hall):
    """Each has an address of its own through all its lives, and the tokens of the first."""

    def __init__(self, folder: Path, url: str | None, program: str = "queue_server") -> None:
        super().__init__(folder, terminals=())
        self.database, self._program = url, program
        self.ports = [free_port() for _ in range(PROCESSES if url else 1)]

    @property
    def rules(self) -> Rules:
        return read(self.folder / "hall.toml")

    def __enter__(self) -> Servers:
        super().__enter__()
        return self

    def _open(self) -> None:
        settings = (DEMO / "hall.toml").read_text("utf-8")
        for was, shall_be in SETTINGS.items():
            assert was in settings, was
            settings = settings.replace(was, shall_be)
        (self.folder / "hall.toml").write_text(settings, "utf-8")
        self.launch(0)
        self.await_ready(0)
        others = range(1, len(self.ports))
        for n in others:
            self._data(n).mkdir()
            shutil.copy(self._data(0) / "demo-tokens.json", self._data(n))
            self.launch(n)
        for n in others:
            self.await_ready(n)

    @property
    def data(self) -> Path:
        return self._data(0)

    def _data(self, n: int) -> Path:
        return self.folder / f"data{n}"

    def launch(self, n: int) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self.ports[n]), "--data", str(self._data(n))]
        more = ["--database", self.database] if self.database else []
        files = ["--config", str(self.folder / "hall.toml")]
        self.start(
            f"server{n}",
            [sys.executable, "-m", self._program, "serve", *files, *where, *more, "--demo", "--no-estimate"],
        )

    def await_ready(self, n: int) -> None:
        self.parts[f"server{n}"].line("ready ")

    def kill(self, n: int) -> str:
        """SIGKILL to master and worker at once; the trouble that its log speaks of."""
        server = self.parts[f"server{n}"]
        server.kill(signal.SIGKILL)
        return server.tail() if "Traceback" in server.log.read_text("utf-8") else ""

    def not_made_again(self, kept: Kept) -> Iterator[Violation]:
        """Tickets that differ in any column from what the log makes of them."""
        past: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _, payload in kept.events:
            facts = json.loads(payload)
            if facts["ticket"]:
                past[facts["ticket"]["id"]].append(facts)
        with look(self.data, self.database) as reading:
            for name, own in past.items():
                try:
                    made = lives(HALL, own)[-1][1]
                except (LookupError, ValueError) as error:  # events that cannot follow each other
                    yield Violation(Fault.TABLES, f"no ticket can be made of {own}: {error!r}")
                    continue
                if made != reading.ticket(name):
                    yield Violation(Fault.TABLES, f"{reading.ticket(name)}, and the log makes {made}")
