"""A hall whose server is killed again and again while ten clients and a display work with it; everything is recorded.

`python -m tests.system.crashes [--rounds 50] [--seed 1] [--early]` runs it and prints what `history.check` finds.
`--early` takes the server that answers before it commits. The moments of the kills come from the seed; what the clients
do at them does not repeat exactly, as they are threads.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import random
import signal
import sys
import tempfile
import threading
import time
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.system.history import check
from tests.system.kept import look
from tests.system.record import Heard, History, Kept, Operation, name_of
from tests.system.replay import Violation
from tests.system.rig import DEMO, HALL, Hall, free_port, wait_for
from tests.system.rules import Rules, read

KIOSKS, WINDOWS = 4, (10, 10, 11, 12, 8, 8)  # a clerk each; two share 10, two share 8
ITEMS = ("passport", "id-card", "travel-permit", "advice", "collect")  # lines F and H, which these windows serve
AGAIN = 0.03  # seconds before a request is tried again
PATIENCE = 20.0  # seconds for one try: a dead server is noticed at once, a slow one is waited for
OVERLAP = 20  # events the display asks for again when it comes back
AT_START_EVERY = 10  # rounds between kills before the server is ready
Gone = (OSError, http.client.HTTPException)  # no whole answer came


class Unanswered(Exception):
    """The run was broken off; says what was still being asked."""


class CrashHall(Hall):
    """A server without terminals, at one address through all its lives; recalls need no pause."""

    program = "queue_server"

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        settings = (DEMO / "hall.toml").read_text("utf-8")
        settings = settings.replace("recall_gap = 30 ", "recall_gap = 0 ").replace(
            "calls_before_missed = 3", "calls_before_missed = 2"
        )
        (self.folder / "hall.toml").write_text(settings, "utf-8")

    @property
    def rules(self) -> Rules:
        return read(self.folder / "hall.toml")

    def launch(self) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--data", str(self.data)]
        self.start(
            "server",
            [
                sys.executable,
                "-m",
                self.program,
                "serve",
                "--config",
                str(self.folder / "hall.toml"),
                *where,
                "--demo",
                "--no-estimate",
            ],
        )

    def serve(self) -> None:
        self.launch()
        self.parts["server"].line("ready ")

    def kill(self) -> str:
        """SIGKILL to master and worker at once; the trouble that its log speaks of."""
        server = self.parts["server"]
        server.kill(signal.SIGKILL)
        said = server.log.read_text("utf-8")
        return server.tail() if "Traceback" in said else ""


class EarlyHall(CrashHall):
    program = "tests.system.early"


@dataclass
class Load:
    """What the clients share."""

    hall: CrashHall
    tokens: dict[str, str]
    record: History = field(default_factory=History)
    go: threading.Event = field(default_factory=threading.Event)  # cleared: finish what you are doing, then wait
    over: threading.Event = field(default_factory=threading.Event)  # finish what you are doing, then end
    closed: threading.Event = field(default_factory=threading.Event)  # no server comes back any more
    answered: Counter[str] = field(default_factory=Counter)  # by client
    tickets: list[str] = field(default_factory=list)


class Client:
    """One connection that asks until it is answered."""

    pause = 0.002  # seconds between two requests, on average

    def __init__(self, load: Load, name: str, role: str, seed: str) -> None:
        self.load, self.name = load, name
        self.rng = random.Random(seed)
        self._headers = {"Authorization": f"Bearer {load.tokens[role]}", "Content-Type": "application/json"}
        self._keys = itertools.count()
        self._connection: http.client.HTTPConnection | None = None
        self.mine: list[Operation] = []  # what may be repeated

    def change(self, action: str, path: str, body: Any = None, **what: Any) -> Operation:
        key = f"{self.name}-{next(self._keys)}"
        one = self._ask(action, "POST", path, json.dumps(body or {}), key, **what)
        if one.done:
            self.mine.append(one)
        if one.tries > 1 and self.mine:
            self.repeat(self.rng.choice(self.mine))
        return one

    def look(self, action: str, path: str, **what: Any) -> Operation:
        return self._ask(action, "GET", path, "", "", **what)

    def repeat(self, one: Operation) -> None:
        self._ask(one.action, "POST", one.path, one.body, one.key, window=one.window, ticket=one.ticket)

    def _ask(self, action: str, method: str, path: str, body: str, key: str, **what: Any) -> Operation:
        begun, invoked, headers = (
            time.time(),
            time.monotonic(),
            self._headers | ({"Idempotency-Key": key} if key else {}),
        )
        for tries in itertools.count(1):
            tried = time.time()
            try:
                status, answer = self._try(method, path, body, headers)
            except Gone as error:
                self.close()
                if self.load.closed.is_set():
                    raise Unanswered(f"{self.name}: {action} {path} ({key})") from error
                time.sleep(AGAIN)
                continue
            asked = invoked, time.monotonic(), status, answer, tries, begun, tried
            one = Operation(self.name, action, path, body, key, *asked, **what)
            self.load.record.operations.append(one)
            self.load.answered[self.name] += 1
            return one
        raise AssertionError("never")

    def _try(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.load.hall.port, timeout=PATIENCE)
        self._connection.request(method, f"/api/v1/{path}", body or None, headers)
        with self._connection.getresponse() as answer:
            return answer.status, answer.read().decode()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @abstractmethod
    def step(self) -> None:
        """One thing this client does."""

    def run(self) -> None:
        while not self.load.over.is_set():
            self.load.go.wait()
            self.step()
            time.sleep(self.rng.expovariate(1 / self.pause))
        self.close()


class Kiosk(Client):
    """Gives tickets, takes some back, looks at others; slow enough for the lines to run empty now and then."""

    pause = 0.012

    def step(self) -> None:
        known, what = self.load.tickets, self.rng.random()
        if what < 0.5 or not known:
            item = self.rng.choice(ITEMS)
            one = self.change("issue", f"halls/{HALL}/tickets", {"item": item, "lang": "zh"})
            if one.done:
                known.append(one.said["id"])
        elif what < 0.65:
            ticket = self.rng.choice(known[-40:])
            self.change("cancel", f"tickets/{ticket}/cancel", ticket=ticket)
        elif what < 0.97:
            ticket = self.rng.choice(known[-60:])
            self.look("look", f"tickets/{ticket}", ticket=ticket)
        else:
            self.look("board", f"halls/{HALL}/board")


class Clerk(Client):
    """Works a window: mostly what fits its ticket, sometimes what does not."""

    FITS = {  # noqa: RUF012 - state of the window's ticket -> what a clerk does then
        "": ("next",) * 8 + ("pause", "close"),
        "called": ("start", "start", "recall", "recall", "miss", "next"),
        "serving": ("finish",) * 4 + ("next",) * 4 + ("pause",),
        "shut": ("open",),
    }
    ANYTHING = ("open", "next", "next", "recall", "start", "finish", "miss", "pause", "close")

    def __init__(self, load: Load, name: str, seed: str, no: int) -> None:
        super().__init__(load, name, "window", seed)
        self.no, self.state = no, "shut"

    def step(self) -> None:
        if self.rng.random() < 0.02:
            self.look("board", f"halls/{HALL}/board")
            return
        action = self.rng.choice(self.ANYTHING if self.rng.random() < 0.1 else self.FITS[self.state])
        body = {"finish_current": True} if action == "next" and self.rng.random() < 0.5 else {}
        one = self.change(action, f"halls/{HALL}/windows/{self.no}/{action}", body, window=self.no)
        self.state = self._learned(one)

    def _learned(self, one: Operation) -> str:
        """What the window is at, as far as an answer tells."""
        said = one.said
        if one.status == 409:
            state = said["detail"].get("state", "")
        elif one.status == 200 and said["window"]["state"] == "open" and said["window"]["number"]:
            state = said["ticket"]["state"]
        else:
            state = said["window"]["state"] if one.status == 200 else ""
        if state in ("paused", "closed"):
            return "shut"
        return state if state in self.FITS else ""


class Display:
    """Follows the hall's events; asks for a few it knows already whenever it comes back."""

    def __init__(self, port: int, token: str, record: History) -> None:
        self.port, self.token, self.record = port, token, record
        self.last = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self._follow()
            except Gone:
                time.sleep(AGAIN)

    def _follow(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", f"/api/v1/halls/{HALL}/board", headers=headers)
            with connection.getresponse() as board:
                epoch = json.loads(board.read())["epoch"]
            after = max(0, self.last - OVERLAP)
            connection.request("GET", f"/api/v1/halls/{HALL}/events", headers=headers | {"Last-Event-ID": str(after)})
            heard = Heard(epoch, after, [])
            self.record.heard.append(heard)
            with connection.getresponse() as stream:
                for seq, data in _frames(stream):
                    heard.frames.append((seq, data))
                    self.last = seq


def _frames(answer: http.client.HTTPResponse) -> Iterator[tuple[int, str]]:
    """(id, data) of whole frames: one that a kill cut off was not heard."""
    fields: dict[str, str] = {}
    while line := answer.readline().decode():
        name, _, value = line.rstrip("\n").partition(": ")
        if line == "\n" and "data" in fields:
            yield int(fields["id"]), fields["data"]
        fields = {} if line == "\n" else fields | {name: value}


@dataclass(frozen=True)
class Run:
    """What came of it: the record, what was kept, how many kills there were, trouble the server's logs speak of."""

    record: History
    kept: Kept
    kills: int
    troubles: list[str]
    rules: Rules

    def violations(self) -> list[Violation]:
        return check(self.record, self.kept, self.rules)

    def rescued(self) -> int:
        """How many changes were made by a try whose answer a kill swallowed, and answered to a later one."""
        known = {}
        for _, payload in self.kept.events:
            facts = json.loads(payload)
            known[name_of(facts)] = datetime.fromisoformat(facts["at"]).timestamp()
        retried = [one for one in self.record.operations if one.tries > 1 and one.effect]
        return sum(known[one.effect] < one.last_try for one in retried if one.effect in known)


def run(folder: Path, rounds: int, seed: int, kind: type[CrashHall] = CrashHall) -> Run:
    """Kills the server `rounds` times under load (and more often while it starts), lets every client be answered,
    repeats what was answered, and looks at what the database holds."""
    rng = random.Random(seed)
    troubles: list[str] = []
    kills = 0
    hall = kind(folder, terminals=())
    with hall:
        hall.serve()
        load = Load(hall, hall.tokens)
        with working(load, seed):
            for turn in range(rounds):
                _busy_moment(load, rng)
                troubles.append(hall.kill())
                kills += 1
                if turn % AT_START_EVERY == AT_START_EVERY - 1:
                    hall.launch()
                    time.sleep(rng.uniform(0.2, 1.2))
                    troubles.append(hall.kill())
                    kills += 1
                hall.serve()
            _busy_moment(load, rng)
        troubles.append(hall.kill())
        kept = look(hall.data)
    return Run(load.record, kept, kills, [trouble for trouble in troubles if trouble], hall.rules)


def _busy_moment(load: Load, rng: random.Random) -> None:
    """Lets the clients work and returns in the midst of it: either somewhere, or right after all began at once."""
    before = load.answered.total()
    load.go.set()
    wait_for("the first answers of this life", lambda: load.answered.total() > before + 10)
    time.sleep(rng.uniform(0, 0.2))
    if rng.random() < 0.5:
        load.go.clear()
        time.sleep(0.02)
        load.go.set()
        time.sleep(rng.uniform(0, 0.02))


@contextmanager
def working(load: Load, seed: int) -> Iterator[None]:
    """Ten clients and a display at work; afterwards each has its last answer and has repeated all it was answered."""
    kiosks = [Kiosk(load, f"kiosk{n}", "kiosk", f"{seed}-k{n}") for n in range(KIOSKS)]
    clerks = [Clerk(load, f"clerk{n}", f"{seed}-c{n}", no) for n, no in enumerate(WINDOWS)]
    clients: list[Client] = [*kiosks, *clerks]
    display = Display(load.hall.port, load.tokens["display"], load.record)
    with ThreadPoolExecutor(len(clients) + 1) as pool:
        following = pool.submit(display.run)
        working = [pool.submit(one.run) for one in clients]
        try:
            yield
            load.over.set()
            [one.result() for one in working]
            [one.result() for one in [pool.submit(repeat_all, one) for one in clients]]
            newest = kiosks[0].look("board", f"halls/{HALL}/board").said["seq"]
            kiosks[0].close()
            wait_for("the display to hear of everything", lambda: display.last >= newest or following.done())
        finally:
            for event in (load.over, load.closed, display.over, load.go):
                event.set()
            load.hall.parts["server"].kill(
                signal.SIGKILL
            )  # ends the stream, and whatever is left when a run breaks off
        following.result()


def repeat_all(client: Client) -> None:
    for one in client.mine:
        client.repeat(one)
    client.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--early", action="store_true", help="the server that answers before it commits")
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        done = run(Path(folder), parsed.rounds, parsed.seed, EarlyHall if parsed.early else CrashHall)
        took = time.monotonic() - begun
    found, operations = done.violations(), done.record.operations
    counted = Counter(f"{one.action} {one.status}" for one in operations)
    asked = len({one.key or id(one) for one in operations})
    print(f"{took:.0f} s, {done.kills} kills, {asked} requests, {len(operations) - asked} repeats")
    heard = sum(len(one.frames) for one in done.record.heard)
    print(f"{len(done.kept.events)} events, heard {heard} over {len(done.record.heard)} connections")
    print(f"retried {sum(one.tries > 1 for one in operations)}, of them done already {done.rescued()}")
    print(dict(sorted(counted.items())))
    print(f"violations {len(found)}: {dict(Counter(str(one.fault) for one in found))}")
    print(*found[:20], *done.troubles, sep="\n")
    return 1 if found or done.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
