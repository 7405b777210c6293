"""A hall's log, walked once: is it lawful in itself, and how did everything stand after each event?

The rules are written down here a second time, on purpose: what judges the server shares no code with it.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
Facts = dict[str, Any]
Place = tuple[str, int, str]  # key, seq, ticket

BEFORE: dict[str, set[str | None]] = {  # event -> the states a ticket may be in then; None: there is none yet
    "ticket.issued": {None},
    "ticket.called": {"waiting"},
    "ticket.recalled": {"called"},
    "ticket.started": {"called"},
    "ticket.finished": {"serving"},
    "ticket.missed": {"called"},
    "ticket.cancelled": {"waiting"},
    "ticket.expired": {"waiting", "called", "serving"},
}
AFTER = {
    "ticket.issued": "waiting",
    "ticket.called": "called",
    "ticket.recalled": "called",
    "ticket.started": "serving",
    "ticket.finished": "done",
    "ticket.missed": "missed",
    "ticket.cancelled": "cancelled",
    "ticket.expired": "expired",
}
WINDOW_AFTER = {"window.opened": "open", "window.paused": "paused", "window.closed": "closed"}
OF_THE_HALL = {"hall.created", "settings.changed", "ticket.expired"}  # nobody asks for these
AT_A_WINDOW = ("called", "serving")


class Fault(StrEnum):
    """What can be wrong."""

    LOST = "lost"  # answered, but the log or the tables do not have it
    DOUBLED = "doubled"  # asked for once, happened twice; or one thing answered to two
    CHANGED = "changed"  # a repeat, the log or the tables say something else than was answered
    UNASKED = "unasked"  # happened, but nobody was answered that it did: a refusal that took effect, a phantom
    UNTRUE = "untrue"  # a refusal, a look or an empty answer that was so at no moment while it was asked
    DISORDER = "disorder"  # answered before the other was asked, but later in the log
    ILLEGAL = "illegal"  # a ticket went where its state does not lead
    TWO_WINDOWS = "two windows"  # one ticket current at two
    TWO_TICKETS = "two tickets"  # one window with two
    OVERTAKEN = "overtaken"  # called before one of its line who came earlier
    SAME_NUMBER = "same number"  # twice a letter and day
    SKIPPED_NUMBER = "skipped number"
    LOG_GAP = "log gap"
    LOG_BROKEN = "log broken"  # verify-log says so
    TABLES = "tables"  # they differ from what the log leads to
    STREAM_GAP = "stream gap"
    STREAM_CHANGED = "stream changed"  # a seq was heard with other words than it has
    FAILED = "failed"  # an answer no request of these should get


@dataclass(frozen=True, slots=True)
class Violation:
    fault: Fault
    words: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.words}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A ticket at some place of the log."""

    id: str
    number: str
    line: str
    day: str
    state: str
    calls: int
    window: int | None


@dataclass(frozen=True, slots=True)
class Desk:
    """A window at some place of the log."""

    state: str = "closed"
    ticket: str | None = None


class Timeline(Generic[Value]):
    """A value that changes at places of the log."""

    def __init__(self, first: Value) -> None:
        self._seqs, self._values = [0], [first]

    def set(self, seq: int, value: Value) -> None:
        self._seqs.append(seq)
        self._values.append(value)

    def at(self, seq: int) -> Value:
        return self._values[bisect_right(self._seqs, seq) - 1]

    @property
    def last(self) -> Value:
        return self._values[-1]


class Replay:
    """What the log leads to; `violations` are what is wrong with it in itself."""

    def __init__(self, events: Sequence[tuple[int, str]]) -> None:
        """`events` are (seq, payload) as the log has them, in order."""
        self.violations: list[Violation] = []
        self.facts: dict[int, Facts] = {}
        self.tickets: dict[str, Timeline[Paper | None]] = defaultdict(lambda: Timeline(None))
        self.windows: dict[int, Timeline[Desk]] = defaultdict(lambda: Timeline(Desk()))
        self.waiting: dict[str, Timeline[int]] = defaultdict(lambda: Timeline(0))  # by line
        self.ahead: dict[str, int] = {}  # of its line, when a ticket was issued
        self._lanes: dict[str, list[Place]] = defaultdict(list)  # who waits, in order, by line
        self._numbers: dict[tuple[str, str], set[str]] = defaultdict(set)  # (day, letter) -> numbers
        self.last = 0
        for seq, payload in events:
            if seq != self.last + 1:
                self._wrong(Fault.LOG_GAP, f"after event {self.last} comes {seq}")
            self.last, facts = seq, json.loads(payload)
            self.facts[seq] = facts
            self._happened(seq, facts)
        self._look_at_numbers()

    def _wrong(self, fault: Fault, words: str) -> None:
        self.violations.append(Violation(fault, words))

    def _happened(self, seq: int, facts: Facts) -> None:
        kind, no = facts["type"], facts["window"]
        if kind in WINDOW_AFTER:
            self.windows[no].set(seq, replace(self.windows[no].last, state=WINDOW_AFTER[kind]))
        elif kind in AFTER:
            self._ticket(seq, kind, facts["ticket"], no)
        elif kind not in OF_THE_HALL:
            self._wrong(Fault.ILLEGAL, f"event {seq}: nobody here asks for {kind}")

    def _ticket(self, seq: int, kind: str, said: Facts, no: int | None) -> None:
        name, number = said["id"], said["number"]
        old = self.tickets[name].last
        if kind == "ticket.called":
            self._called(seq, old, no, name)
        elif old is not None and old.window is not None and no != old.window:
            self._wrong(Fault.TWO_WINDOWS, f"event {seq}: {kind} of {number} at {no}, which is at {old.window}")
        if (old and old.state) not in BEFORE[kind]:
            self._wrong(Fault.ILLEGAL, f"event {seq}: {kind} of {number}, which was {old.state if old else 'unknown'}")
        calls = (old.calls if old else 0) + (kind in ("ticket.called", "ticket.recalled"))
        if (said["state"], said["calls"]) != (AFTER[kind], calls):
            self._wrong(Fault.ILLEGAL, f"event {seq}: {kind} of {number} says {said['state']}, call {said['calls']}")
        at_window = no if AFTER[kind] in AT_A_WINDOW else None
        paper = Paper(name, number, said["line"], said["business_day"], AFTER[kind], said["calls"], at_window)
        if kind == "ticket.issued":
            self._issued(seq, said)
        self._line_up(seq, old, paper, (said["key"], said["seq"], name))
        self.tickets[name].set(seq, paper)
        if no is not None and kind != "ticket.cancelled":
            self.windows[no].set(seq, replace(self.windows[no].last, ticket=name if at_window else None))

    def _called(self, seq: int, old: Paper | None, no: int | None, name: str) -> None:
        if old is None or no is None:
            return
        if old.state in AT_A_WINDOW:
            self._wrong(Fault.TWO_WINDOWS, f"event {seq}: {old.number} called to {no} while at {old.window}")
        there = self.windows[no].last
        if there.state != "open":
            self._wrong(Fault.ILLEGAL, f"event {seq}: {old.number} called to {no}, which is {there.state}")
        if there.ticket is not None:
            self._wrong(Fault.TWO_TICKETS, f"event {seq}: {old.number} called to {no}, which has another")
        lane = self._lanes[old.line]
        if lane and lane[0][2] != name:
            self._wrong(Fault.OVERTAKEN, f"event {seq}: {old.number} called before an earlier one of {old.line}")

    def _issued(self, seq: int, said: Facts) -> None:
        numbers = self._numbers[said["business_day"], said["number"][0]]
        if said["number"] in numbers:
            self._wrong(Fault.SAME_NUMBER, f"event {seq}: {said['number']} was given before that day")
        numbers.add(said["number"])

    def _line_up(self, seq: int, old: Paper | None, new: Paper, place: Place) -> None:
        lane, waited = self._lanes[new.line], old is not None and old.state == "waiting"
        if new.state == "waiting" and not waited:
            self.ahead[new.id] = bisect_left(lane, place)
            insort(lane, place)
        elif waited and new.state != "waiting" and place in lane:
            lane.remove(place)
        self.waiting[new.line].set(seq, len(lane))

    def _look_at_numbers(self) -> None:
        for (day, _), numbers in self._numbers.items():
            counted = sorted(int(number[1:]) for number in numbers)
            missing = set(range(1, counted[-1] + 1)) - set(counted)
            if missing:
                self._wrong(Fault.SKIPPED_NUMBER, f"{day}: {min(numbers)[0]}{min(missing):03d} was never given")
