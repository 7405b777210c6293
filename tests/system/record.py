"""What a run leaves for the judge: what clients asked and were answered, what a display heard, what the database holds.

Times are seconds, monotonic and of one machine, so that they say what was before what.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.system.rules import Facts

EVENT = {  # what asks for a change of a ticket -> the event that says it happened
    "issue": "ticket.issued",
    "next": "ticket.called",
    "call": "ticket.called",
    "recall": "ticket.recalled",
    "start": "ticket.started",
    "finish": "ticket.finished",
    "miss": "ticket.missed",
    "release": "ticket.released",
    "hold": "ticket.held",
    "resume": "ticket.resumed",
    "transfer": "ticket.transferred",
    "undo": "ticket.undone",
    "return": "ticket.returned",
    "class": "ticket.class_changed",
    "cancel": "ticket.cancelled",
}
WINDOW_EVENT = {"open": "window.opened", "pause": "window.paused", "close": "window.closed"}
CALLING = ("next", "call", "resume", "recall")  # their answers say when
COLUMNS = 'id, number, line, business_day, state, calls, "class", "key", bound'  # of tickets, that are judged
Name = tuple[str, str, int]  # event, ticket, calls: happens once in a ticket's stay in a queue


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asked, again and again with one key, until it was answered."""

    client: str
    action: str  # of EVENT, WINDOW_EVENT, or "look" (at a ticket), "board"
    path: str
    body: str
    key: str  # "" when it changes nothing
    invoked: float  # before the first try
    answered: float  # or given up
    status: int  # 0: nobody knows what came of it
    answer: str
    tries: int = 1
    first_try: float = 0.0  # seconds since 1970
    last_try: float = 0.0
    window: int | None = None
    ticket: str | None = None

    def __str__(self) -> str:
        return f"{self.client} {self.action} {self.path} ({self.key or 'no key'}) -> {self.status} {self.answer[:160]}"

    @property
    def done(self) -> bool:
        return self.status in (200, 201, 204)

    @property
    def said(self) -> Any:
        return json.loads(self.answer) if self.answer else {}

    @property
    def told(self) -> Facts:
        """The ticket in the answer: of a window's action, or the answer itself."""
        said = self.said
        found: Facts = said.get("ticket", said)
        return found

    @property
    def effect(self) -> Name | None:
        """The event that must be in the log because of this answer."""
        if self.action not in EVENT or self.status not in (200, 201):
            return None
        return EVENT[self.action], self.told["id"], self.told["calls"]

    @property
    def until(self) -> float:
        """Seconds since 1970, when it was answered."""
        return self.first_try + self.answered - self.invoked

    @property
    def finishes_current(self) -> bool:
        return self.action == "next" and '"finish_current": true' in self.body


@dataclass(frozen=True, slots=True)
class Heard:
    """What one connection to the event stream heard: it asked for what comes `after`; frames are (id, data)."""

    epoch: str
    after: int
    frames: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class History:
    operations: list[Operation] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds once all is over; `fault` is what verify-log and SQLite complain of."""

    epoch: str
    events: Sequence[tuple[int, str]]  # seq, payload
    tickets: Sequence[Facts]  # rows of the table
    windows: Sequence[Facts]
    fault: str = ""


def name_of(facts: Facts) -> Name:
    """What tells an event from every other."""
    ticket = facts["ticket"] or {}
    return facts["type"], ticket.get("id", ""), ticket.get("calls", 0)


def write(folder: Path, history: History, kept: Kept) -> Path:
    """The record as JSON lines, for a look afterwards."""
    file = folder / "history.jsonl"
    lines: list[Any] = [*history.operations, *history.heard, kept]
    names = [{name: getattr(line, name) for name in line.__slots__} for line in lines]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in names), "utf-8")
    return file
