"""Sixteen who issue and sixteen clerks: what they ask, all at the same moment, and what each does with an answer.

A request goes on, with its key and at whichever server still answers, until it is answered; now and then its sender
gives up instead, and nobody knows what came of it. Some requests are sent twice at once with one key, some again with
another.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.system.record import History, Operation
from tests.system.rig import HALL

AGAIN = 0.03  # seconds before a request is tried again
PATIENCE = 30.0  # seconds for one try: a dead server is noticed at once, a slow one is waited for
GIVES_UP = 0.4  # how often, when the first try had no answer
TWICE_AT_ONCE, REPEATED, AGAIN_WITH_ANOTHER_KEY = 0.08, 0.08, 0.08
UNAVAILABLE = 503
RECALL_GAP = 1.1  # seconds, and a little: `servers.SETTINGS`
Gone = (OSError, http.client.HTTPException)  # no whole answer came

ITEMS = ("passport", "passport", "id-card", "marriage", "social-card", "advice", "collect")
CLASSES = ("walk_in",) * 5 + ("elderly", "disabled", "green")
CARDS = [f"{n:064x}" for n in range(6)]
WINDOWS = (2, 8, 10, 11, 12) * 3 + (10,)  # a clerk each: several work at one window
WAYS_ON = (
    {"line": "general"}, {"line": "family"}, {"line": "police"},
    {"window": 11, "line": "police"}, {"window": 12, "line": "general"}, {"window": 2, "line": "family"},
)  # fmt: skip
ROLES = {"issue": "guide", "class": "guide", "cancel": "kiosk", "return": "kiosk", "look": "kiosk", "board": "kiosk"}


@dataclass
class Shared:
    """What the clients know together."""

    ports: Sequence[int]
    tokens: dict[str, str]
    record: History = field(default_factory=History)
    issued: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    held: list[tuple[str, int]] = field(default_factory=list)  # ticket, window
    rush: str = ""  # what all clerks ask for first in this round …
    target: str = ""  # … and of which ticket


class Client:
    """Asks one thing after another."""

    def __init__(self, shared: Shared, name: str, seed: str, server: int) -> None:
        self.shared, self.name, self.server = shared, name, server % len(shared.ports)
        self.rng = random.Random(seed)
        self._keys = itertools.count()
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self.mine: list[Operation] = []  # what was done and may be repeated

    def change(self, action: str, path: str, body: Any = None, **what: Any) -> Operation:
        """Asks once, or in one of the ways in which people ask more than once; the first answer."""
        ask = {"action": action, "path": path, "body": json.dumps(body or {}), **what}
        key = self._key()
        if self.rng.random() < TWICE_AT_ONCE:
            one = self._twice_at_once(ask, key)
        else:
            one = self._ask(key=key, server=self.server, **ask)
        if one.done:
            self.mine.append(one)
        if one.done and self.rng.random() < REPEATED:
            self.repeat(one)
        if self.rng.random() < AGAIN_WITH_ANOTHER_KEY:
            again = self._ask(key=self._key(), server=self.server, **ask)
            self.mine += [again] if again.done else []
        return one

    def look(self, action: str, path: str, **what: Any) -> Operation:
        return self._ask(action=action, path=path, body="", key="", server=self.server, **what)

    def repeat(self, one: Operation) -> None:
        """At any server."""
        server = self.rng.randrange(len(self.shared.ports))
        self._ask(one.action, one.path, one.body, one.key, server, window=one.window, ticket=one.ticket)

    def _key(self) -> str:
        return f"{self.name}-{next(self._keys)}"

    def _twice_at_once(self, ask: dict[str, Any], key: str) -> Operation:
        twin = Client(self.shared, self.name, f"{key}-twin", self.server + 1)
        other = threading.Thread(target=lambda: twin._ask(key=key, server=twin.server, **ask))
        other.start()
        one = self._ask(key=key, server=self.server, **ask)
        other.join()
        twin.close()
        return one

    def _ask(
        self, action: str, path: str, body: str, key: str, server: int,
        window: int | None = None, ticket: str | None = None,
    ) -> Operation:  # fmt: skip
        begun, invoked, status, answer = time.time(), time.monotonic(), 0, ""
        tries = 0
        while not status:
            tries, tried = tries + 1, time.time()
            try:
                status, answer = self._try(server, action, path, body, key)
                if status == UNAVAILABLE:
                    status = 0
            except Gone as error:
                self._forget(server)
                sent = not isinstance(error, ConnectionRefusedError)
                if key and tries == 1 and sent and self.rng.random() < GIVES_UP:
                    break
                server = (server + 1) % len(self.shared.ports)
            if not status:
                time.sleep(AGAIN)
        end = time.monotonic()
        one = Operation(
            self.name, action, path, body, key, invoked, end, status, answer, tries, begun, tried, window, ticket
        )
        self.shared.record.operations.append(one)
        return one

    def _try(self, server: int, action: str, path: str, body: str, key: str) -> tuple[int, str]:
        if server not in self._connections:
            port = self.shared.ports[server]
            self._connections[server] = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection, token = self._connections[server], self.shared.tokens[ROLES.get(action, "window")]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        connection.request("POST" if key else "GET", f"/api/v1/{path}", body or None, headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode()

    def _forget(self, server: int) -> None:
        connection = self._connections.pop(server, None)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        for server in list(self._connections):
            self._forget(server)

    def rush(self) -> None:
        """The first thing of a round, which all do at once."""
        self.step()

    @abstractmethod
    def step(self) -> None:
        """One thing this client does."""


class Issuer(Client):
    """Gives tickets and changes those that wait."""

    def step(self) -> None:
        known, what = self.shared.issued, self.rng.random()
        if what < 0.5 or not known:
            self.issue()
        elif what < 0.62:
            self.of_ticket("cancel", self.rng.choice(known[-80:]))
        elif what < 0.78:
            body = {"class": self.rng.choice(CLASSES), "reason": "urgent"}
            self.of_ticket("class", self.rng.choice(known[-80:]), body)
        elif what < 0.88:
            self.of_ticket("return", self.rng.choice(self.shared.missed[-20:] or known))
        elif what < 0.97:
            ticket = self.rng.choice(known[-100:])
            self.look("look", f"tickets/{ticket}", ticket=ticket)
        else:
            self.look("board", f"halls/{HALL}/board")

    def issue(self) -> None:
        body = {"item": self.rng.choice(ITEMS), "class": self.rng.choice(CLASSES), "reason": "urgent"}
        if self.rng.random() < 0.2:
            body["card_token"] = self.rng.choice(CARDS)
        one = self.change("issue", f"halls/{HALL}/tickets", body)
        if one.done:
            self.shared.issued.append(one.said["id"])

    def of_ticket(self, action: str, ticket: str, body: Any = None) -> None:
        self.change(action, f"tickets/{ticket}/{action}", body, ticket=ticket)


class Clerk(Client):
    """Works a window: mostly what fits its ticket, sometimes what does not."""

    FITS = {  # noqa: RUF012 - state of the window's ticket -> what a clerk does then
        "": ("next",) * 6 + ("call", "call", "resume", "resume", "undo"),
        "called": ("start",) * 5 + ("recall", "recall", "miss", "miss", "release", "next", "undo"),
        "serving": ("finish", "finish", "hold", "hold", "transfer", "transfer", "next", "next", "undo"),
        "shut": ("open",),
    }
    ANYTHING = (
        "open", "next", "call", "recall", "start", "finish", "miss", "release", "hold", "resume", "transfer", "undo",
        "pause", "close",
    )  # fmt: skip

    def __init__(self, shared: Shared, name: str, seed: str, server: int, no: int) -> None:
        super().__init__(shared, name, seed, server)
        self.no, self.state = no, "shut"

    def rush(self) -> None:
        """All clerks want the same at once."""
        shared = self.shared
        if shared.rush in ("call", "resume"):
            self.act(shared.rush, {"ticket": shared.target}, ticket=shared.target)
        elif shared.rush == "recall":
            self.act("next", {"finish_current": True})
            time.sleep(RECALL_GAP)
            self.act("recall")
        elif shared.rush:
            self.act(shared.rush, {"finish_current": True} if shared.rush == "next" else None)
        else:
            self.step()

    def step(self) -> None:
        action = self.rng.choice(self.ANYTHING if self.rng.random() < 0.12 else self.FITS[self.state])
        if action in ("call", "resume"):
            ours = [ticket for ticket, no in self.shared.held[-60:] if no == self.no][-3:]
            ticket = self.rng.choice(ours if action == "resume" and ours else self.shared.issued[-40:] or ["nobody"])
            self.act(action, {"ticket": ticket}, ticket=ticket)
        elif action == "next":
            self.act(action, {"finish_current": self.rng.random() < 0.5})
        else:
            self.act(action, self.rng.choice(WAYS_ON) if action == "transfer" else None)

    def act(self, action: str, body: Any = None, ticket: str | None = None) -> None:
        one = self.change(action, f"halls/{HALL}/windows/{self.no}/{action}", body, window=self.no, ticket=ticket)
        self._learn(one)

    def _learn(self, one: Operation) -> None:
        """What the window is at, as far as an answer tells."""
        said = one.said
        if one.status == 200:
            now = said["window"]["state"] if said["window"]["state"] != "open" else ""
            if said["window"]["number"] and not now:
                now = said["ticket"]["state"]
            if one.action == "miss":
                self.shared.missed.append(said["ticket"]["id"])
            if one.action == "hold":
                self.shared.held.append((said["ticket"]["id"], self.no))
        else:
            now = said["detail"].get("state", "") if one.status == 409 else ""
        self.state = "shut" if now in ("paused", "closed") else now if now in self.FITS else ""
