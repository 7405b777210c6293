"""A hall's log, walked once: is it lawful in itself, and how did everything stand after each event?"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, TypeVar

from tests.system.rules import (
    AFTER,
    AT_A_WINDOW,
    BEFORE,
    UNDOABLE,
    UNDONE,
    WINDOW_AFTER,
    Facts,
    Lane,
    Paper,
    Place,
    Rules,
    after,
    instant,
    issued,
    said_of,
    within_limits,
)

Value = TypeVar("Value")

OF_THE_HALL = {"hall.created", "settings.changed", "ticket.expired", "alarm"}  # nobody asks for these
CALLS = ("ticket.called", "ticket.resumed")
BEGINS_ANEW = {  # after these the same may happen to a ticket again
    "ticket.released", "ticket.transferred", "ticket.held", "ticket.resumed", "ticket.returned", "ticket.class_changed",
    UNDONE,
}  # fmt: skip
NOTHING: Facts = {"type": ""}
USUAL = {"first_come", "credit", "home_field", "own_class"}  # reasons of calls that were in turn


class Fault(StrEnum):
    """What can be wrong."""

    LOST = "lost"  # answered, but the log or the tables do not have it
    DOUBLED = "doubled"  # asked for once, happened twice; or one thing answered to two
    CHANGED = "changed"  # a repeat, the log or the tables say something else than was answered
    UNASKED = "unasked"  # happened, but nobody was answered that it did: a refusal that took effect, a phantom
    UNTRUE = "untrue"  # a refusal, a look or an empty answer that was so at no moment while it was asked
    DISORDER = "disorder"  # answered before the other was asked, but later in the log
    ILLEGAL = "illegal"  # a ticket went where its state does not lead, or became what no rule makes of it
    TWO_WINDOWS = "two windows"  # one ticket current at two
    TWO_TICKETS = "two tickets"  # one window with two
    OVERTAKEN = "overtaken"  # the promise was broken: called before one whose turn it was, and no alarm said so
    REASON = "wrong reason"  # a call says something else of why than was so
    SAME_NUMBER = "same number"  # twice a letter and day
    SKIPPED_NUMBER = "skipped number"
    SAME_PERSON = "same person"  # two live tickets of one line given to one card
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

    def __init__(self, events: Sequence[tuple[int, str]], rules: Rules) -> None:
        """`events` are (seq, payload) as the log has them, in order."""
        self.rules = rules
        self.violations: list[Violation] = []
        self.facts: dict[int, Facts] = {}
        self.tickets: dict[str, Timeline[Paper | None]] = defaultdict(lambda: Timeline(None))
        self.windows: dict[int, Timeline[Desk]] = defaultdict(lambda: Timeline(Desk()))
        self.waiting: dict[tuple[str, int], Timeline[int]] = defaultdict(lambda: Timeline(0))  # by line and bound
        self.ahead: dict[str, int] = {}  # of its line, when a ticket was issued
        self.out_of_turn: set[int] = set()  # calls of others than who was next
        self.last_at: dict[int, Timeline[int]] = defaultdict(lambda: Timeline(0))  # what happened last at a window
        self.newest: dict[str, Timeline[int]] = defaultdict(lambda: Timeline(0))  # what happened last and stands
        self._standing: dict[str, list[tuple[int, Paper | None]]] = defaultdict(list)  # event, and the ticket before
        self._lanes: dict[Lane, list[Place]] = defaultdict(list)  # who waits, in order
        self._lines: dict[str, list[Place]] = defaultdict(list)
        self._numbers: dict[tuple[str, str], set[str]] = defaultdict(set)  # (day, letter) -> numbers
        self._alarm: tuple[int, str] | None = None  # where one must come, and of which ticket
        self.last = 0
        for seq, payload in events:
            if seq != self.last + 1:
                self._wrong(Fault.LOG_GAP, f"after event {self.last} comes {seq}")
            self.last, facts = seq, json.loads(payload)
            self.facts[seq] = facts
            self._happened(seq, facts)
        self._alarmed(self.last + 1, NOTHING)
        self._look_at_numbers()

    def lines_waiting(self, line: str, seq: int) -> int:
        """How many of a line waited after an event, for whichever window."""
        return sum(count.at(seq) for (of, _), count in self.waiting.items() if of == line)

    def callable(self, no: int, seq: int) -> int:
        """How many a window could call after an event."""
        lanes = [(line, bound) for line in self.rules.windows[no].lines for bound in (0, no)]
        return sum(self.waiting[lane].at(seq) for lane in lanes if lane in self.waiting)

    def undoable(self, no: int, seq: int) -> int | None:
        """The event a window could take back after an event, were there time."""
        last = self.last_at[no].at(seq)
        if not last or self.facts[last]["type"] not in UNDOABLE:
            return None
        ticket = self.facts[last]["ticket"]["id"]
        return (
            last if self.newest[ticket].at(seq) == last and self.windows[no].at(seq).ticket in (None, ticket) else None
        )

    def _wrong(self, fault: Fault, words: str) -> None:
        self.violations.append(Violation(fault, words))

    def _happened(self, seq: int, facts: Facts) -> None:
        kind, no = facts["type"], facts["window"]
        self._alarmed(seq, facts)
        if kind in WINDOW_AFTER:
            self.windows[no].set(seq, replace(self.windows[no].last, state=WINDOW_AFTER[kind]))
            self.last_at[no].set(seq, seq)
        elif kind in AFTER or kind == UNDONE:
            self._ticket(seq, facts)
        elif kind not in OF_THE_HALL:
            self._wrong(Fault.ILLEGAL, f"event {seq}: nobody here asks for {kind}")

    def _alarmed(self, seq: int, facts: Facts) -> None:
        """A call that broke the promise is followed by its alarm, and no other is; `facts` are what comes then."""
        due, self._alarm = self._alarm, None
        alarm = facts["type"] == "alarm" and facts["reason"]["kind"] == "promise"
        if due and not (alarm and due == (seq, facts["ticket"]["id"])):
            self._wrong(Fault.OVERTAKEN, f"event {due[0] - 1}: called too early, and no alarm")
        if alarm and not due:
            self._wrong(Fault.ILLEGAL, f"event {seq}: an alarm of a promise that was kept")

    def _ticket(self, seq: int, facts: Facts) -> None:
        kind, said, no = facts["type"], facts["ticket"], facts["window"]
        name, number = said["id"], said["number"]
        old = self.tickets[name].last
        was = old.state if old else None
        if kind == UNDONE:
            new = self._undone(seq, facts, old)
        else:
            if was not in BEFORE[kind]:
                self._wrong(Fault.ILLEGAL, f"event {seq}: {kind} of {number}, which was {was or 'unknown'}")
            elif old and not within_limits(old, facts, self.rules):
                self._wrong(Fault.ILLEGAL, f"event {seq}: {kind} of {number} too early, too late or too often: {old}")
            new = issued(facts, self.rules) if kind == "ticket.issued" or old is None else after(old, facts, self.rules)
            self._standing[name].append((seq, old))
        if said_of(said) != new.facts:
            self._wrong(Fault.ILLEGAL, f"event {seq}: {kind} of {number} says {said}, the rules {new.facts}")
        if kind in CALLS:
            self._called(seq, old, facts)
        elif old is not None and old.at_window is not None and no != old.window:
            self._wrong(Fault.TWO_WINDOWS, f"event {seq}: {kind} of {number} at {no}, which is at {old.window}")
        if kind == "ticket.issued":
            self._issued(seq, said)
        self._line_up(seq, old, new)
        self.tickets[name].set(seq, new)
        self.newest[name].set(seq, self._standing[name][-1][0] if self._standing[name] else 0)
        self._at_window(seq, no, name, new)

    def _at_window(self, seq: int, no: int | None, name: str, new: Paper) -> None:
        if no is None:
            return
        there = self.windows[no].last
        if new.state in AT_A_WINDOW:
            self.windows[no].set(seq, replace(there, ticket=name))
        elif there.ticket == name:
            self.windows[no].set(seq, replace(there, ticket=None))
        self.last_at[no].set(seq, seq)

    def _undone(self, seq: int, facts: Facts, old: Paper | None) -> Paper:
        """The ticket as it was before what is taken back, which must be the window's own last and the ticket's."""
        said, no = facts["ticket"], facts["window"]
        last, standing = self.undoable(no, seq), self._standing[said["id"]]
        if last is None or not standing or standing[-1][0] != last:
            self._wrong(Fault.ILLEGAL, f"event {seq}: taken back at {no}, which had nothing to take back: {said}")
            return old or issued(facts, self.rules)
        if instant(facts["at"]) - instant(self.facts[last]["at"]) > self.rules.undo_within:
            self._wrong(Fault.ILLEGAL, f"event {seq}: event {last} was taken back too late")
        _, before = standing.pop()
        return before or issued(facts, self.rules)

    def _called(self, seq: int, old: Paper | None, facts: Facts) -> None:
        no = facts["window"]
        if old is None or no is None:
            return
        if old.at_window is not None:
            self._wrong(Fault.TWO_WINDOWS, f"event {seq}: {old.number} called to {no} while at {old.window}")
        there = self.windows[no].last
        if there.state != "open":
            self._wrong(Fault.ILLEGAL, f"event {seq}: {old.number} called to {no}, which is {there.state}")
        if there.ticket is not None:
            self._wrong(Fault.TWO_TICKETS, f"event {seq}: {old.number} called to {no}, which has another")
        if facts["type"] == "ticket.called" and old.state == "waiting":
            self._in_turn(seq, old, no, facts["reason"])

    def _in_turn(self, seq: int, old: Paper, no: int, reason: Facts) -> None:
        """R2, R3, R5 and the promise."""
        turn = self.rules.turn(no, [(lane, places[0]) for lane, places in self._lanes.items() if places])
        rule, counter = reason.get("rule"), self.rules.windows[no]
        if turn is None or not counter.serves(old.lane, no):
            self._wrong(Fault.ILLEGAL, f"event {seq}: {old.number} called to {no}, which does not serve {old.lane}")
            return
        in_turn, late = turn.next[2] == old.id, not old.bound and old.key > turn.oldest[0] + counter.tolerance
        if not in_turn:
            self.out_of_turn.add(seq)
        if not in_turn and rule in USUAL:
            self._wrong(Fault.OVERTAKEN, f"event {seq}: {old.number} called to {no} by {rule}, next was {turn.next}")
        elif late:
            self._alarm = seq + 1, old.id
        oldest = self.tickets[turn.oldest[2]].last
        fits = (rule in USUAL and not old.bound) or rule == ("bound" if old.bound else "chosen" if not in_turn else "")
        if not fits or oldest is None or reason.get("oldest") != oldest.number:
            self._wrong(Fault.REASON, f"event {seq}: {old.number} called to {no} with {reason}; the oldest is {oldest}")

    def _issued(self, seq: int, said: Facts) -> None:
        numbers = self._numbers[said["business_day"], said["number"][0]]
        if said["number"] in numbers:
            self._wrong(Fault.SAME_NUMBER, f"event {seq}: {said['number']} was given before that day")
        numbers.add(said["number"])

    def _line_up(self, seq: int, old: Paper | None, new: Paper) -> None:
        if old is not None and old.state == "waiting":
            for places in (self._lanes[old.lane], self._lines[old.line]):
                if old.place in places:
                    places.remove(old.place)
            self._count(seq, old)
        if new.state == "waiting":
            self.ahead.setdefault(new.id, bisect_left(self._lines[new.line], new.place))
            insort(self._lanes[new.lane], new.place)
            insort(self._lines[new.line], new.place)
            self._count(seq, new)

    def _count(self, seq: int, paper: Paper) -> None:
        count = sum(len(places) for lane, places in self._lanes.items() if lane[::2] == (paper.line, paper.bound))
        self.waiting[paper.line, paper.bound].set(seq, count)

    def _look_at_numbers(self) -> None:
        for (day, _), numbers in self._numbers.items():
            counted = sorted(int(number[1:]) for number in numbers)
            missing = set(range(1, counted[-1] + 1)) - set(counted)
            if missing:
                self._wrong(Fault.SKIPPED_NUMBER, f"{day}: {min(numbers)[0]}{min(missing):03d} was never given")
