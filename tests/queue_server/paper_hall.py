"""A hall kept on paper: the queue's rules once more, in lists and nothing else, to hold the server against.

One method an action. It changes the paper and returns the slip it was about (or None), or raises `Refused`; what was
refused has changed nothing. A new action is a method here and a rule in `test_paper_hall`.
"""

from __future__ import annotations

import copy
import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from config import Hall
from tests.queue_server.helpers import Clock

OPEN = ("waiting", "called", "serving", "held")
AT_A_WINDOW = ("called", "serving")
EPOCH = datetime.fromtimestamp(0, UTC)
TICK = timedelta(microseconds=1)
How = ParamSpec("How")


class Refused(Exception):
    """The server must answer 409."""


@dataclass
class Slip:
    """A ticket."""

    seq: int
    number: str
    line: str
    cls: str
    day: date
    issued_at: datetime
    key: datetime
    person: str | None
    state: str = "waiting"
    window: int | None = None  # only while it is at one
    calls: int = 0
    called_at: datetime | None = None
    missed_at: datetime | None = None
    was_back: bool = False
    bound: int = 0  # the window it was sent to


@dataclass
class Done:
    """What a window did with a slip, and the slip as it was before."""

    slip: int
    at: datetime
    before: Slip
    may_be_taken_back: bool


@dataclass
class Desk:
    """A window."""

    state: str = "closed"
    slip: int | None = None  # seq
    last: Done | None = None  # its own last action; None: something else came after it


@dataclass
class Paper:
    """Everything that is written down."""

    day: date
    slips: dict[int, Slip] = field(default_factory=dict)  # by seq
    desks: dict[int, Desk] = field(default_factory=dict)
    given: Counter[tuple[date, str]] = field(default_factory=Counter)  # (day, letter)
    newest: dict[int, Done | None] = field(default_factory=dict)  # by seq; None: what happened was not at a window
    rated: set[int] = field(default_factory=set)  # seq
    last_issued_at: datetime = EPOCH


def action(
    work: Callable[Concatenate[PaperHall, How], Slip | None],
) -> Callable[Concatenate[PaperHall, How], Slip | None]:
    """The day is looked at first; when the action is refused, the paper is as it was before that, too."""

    @functools.wraps(work)
    def whole(hall: PaperHall, *args: How.args, **how: How.kwargs) -> Slip | None:
        before = copy.deepcopy(hall.paper)
        try:
            hall.turn_the_page()
            return work(hall, *args, **how)
        except Refused:
            hall.paper = before
            raise

    return whole


class PaperHall:
    """Of a hall that closes before midnight, hours not enforced."""

    def __init__(self, settings: Hall, clock: Clock) -> None:
        self.settings, self.clock = settings, clock
        self.paper = Paper(self._date_of(clock()))
        self.paper.desks = {window.no: Desk() for window in settings.windows}
        self.lines = {window.no: window.lines for window in settings.windows}
        self._windows = {window.no: window for window in settings.windows}
        self._field = {line.id: line.field for line in settings.lines}

    # what there is to see

    @property
    def today(self) -> list[Slip]:
        """In order."""
        found = [slip for slip in self.paper.slips.values() if slip.day == self.paper.day]
        return sorted(found, key=_place)

    def waiting_for(self, no: int) -> list[Slip]:
        """Whom a window may call, in order."""
        able = [slip for slip in self.today if slip.state == "waiting" and slip.line in self.lines[no]]
        return [slip for slip in able if slip.bound in (0, no)]

    def coming(self, no: int) -> Slip | None:
        """Who is next: what was sent to the window, else its own classes or field if not much later, else the first."""
        waiting = self.waiting_for(no)
        if sent := [slip for slip in waiting if slip.bound]:
            return sent[0]
        special, rules = self._windows[no].kind == "special", self.settings.rules
        limit = timedelta(minutes=rules.special_tolerance if special else rules.home_tolerance)
        for slip in waiting:
            if self._is_own(slip, no) and slip.key <= waiting[0].key + limit:
                return slip
        return waiting[0] if waiting else None

    def _is_own(self, slip: Slip, no: int) -> bool:
        window, field_ = self._windows[no], self._field[slip.line]
        if window.kind == "special":
            return slip.cls in self.settings.rules.special_classes
        return bool(field_) and field_ == window.home_field

    def ahead(self, slip: Slip) -> int:
        before = [one for one in self.today if one.line == slip.line and one.state == "waiting"]
        return sum(_place(one) < _place(slip) for one in before) if slip.state == "waiting" else 0

    # the hall's day

    def turn_the_page(self) -> None:
        """A day that is over: who is still there goes home."""
        day = self._date_of(max(self.clock(), self.paper.last_issued_at))
        if day <= self.paper.day:
            return
        for slip in self.today:
            if slip.state in OPEN:
                if slip.window is not None:
                    self.paper.desks[slip.window].last = None
                self._leaves(slip, "expired")
        self.paper.day = day

    # the citizen's actions

    @action
    def issue(self, item: str, cls: str, person: str | None) -> Slip:
        line = next(one.line for one in self.settings.items if one.id == item)
        self._one_each(person, line)
        letter = next(one.letter for one in self.settings.lines if one.id == line)
        paper = self.paper
        paper.given[paper.day, letter] += 1
        paper.last_issued_at = at = max(paper.last_issued_at + TICK, self.clock())
        number = f"{letter}{paper.given[paper.day, letter]:03d}"
        slip = Slip(len(paper.slips) + 1, number, line, cls, paper.day, at, at - self._credit(cls), person)
        paper.slips[slip.seq] = slip
        return slip

    @action
    def cancel(self, seq: int) -> Slip:
        slip = self._in_state(seq, "waiting")
        slip.state = "cancelled"
        self.paper.newest[seq] = None
        return slip

    @action
    def change_class(self, seq: int, cls: str) -> Slip:
        slip = self._in_state(seq, "waiting")
        if slip.cls != cls:
            late = timedelta(minutes=self.settings.rules.return_penalty if slip.was_back else 0)
            slip.cls, slip.key = cls, slip.issued_at - self._credit(cls) + late
            self.paper.newest[seq] = None
        return slip

    @action
    def come_back(self, seq: int) -> Slip:
        slip, rules = self._in_state(seq, "missed"), self.settings.rules
        assert slip.missed_at is not None
        late = self.clock() >= slip.missed_at + timedelta(minutes=rules.return_within)
        if late or self._date_of(self.clock()) > slip.day or slip.was_back:
            raise Refused
        self._no_other(slip, slip.line)
        slip.state, slip.calls, slip.called_at, slip.was_back = "waiting", 0, None, True
        slip.key += timedelta(minutes=rules.return_penalty)
        self.paper.newest[seq] = None
        return slip

    @action
    def rate(self, seq: int) -> None:
        slip = self._in_state(seq, "done")
        if slip.day != self.paper.day or seq in self.paper.rated:
            raise Refused
        self.paper.rated.add(seq)

    # the clerk's actions

    @action
    def set_window(self, no: int, state: str) -> None:
        desk = self.paper.desks[no]
        if state == "closed" and desk.slip is not None:
            raise Refused
        if desk.state != state:
            desk.state, desk.last = state, None

    @action
    def call_next(self, no: int, *, finish_current: bool) -> Slip | None:
        desk = self.paper.desks[no]
        if desk.slip is not None and finish_current and desk.state == "open":
            if self.paper.slips[desk.slip].state == "called":
                self._starts(no)
            self._finishes(no)
        self._free(no)
        slip = self.coming(no)
        return self._called(no, slip) if slip is not None else None

    @action
    def call_this(self, no: int, seq: int) -> Slip:
        self._free(no)
        slip = self._in_state(seq, "waiting")
        if slip not in self.waiting_for(no):
            raise Refused
        return self._called(no, slip)

    @action
    def resume(self, no: int, seq: int) -> Slip:
        self._free(no)
        slip = self._in_state(seq, "held")
        if slip.window != no:
            raise Refused
        return self._called(no, slip)

    @action
    def recall(self, no: int) -> Slip:
        slip = self._at(no, "called")
        assert slip.called_at is not None
        since = self.clock() - slip.called_at
        if timedelta(0) <= since < timedelta(seconds=self.settings.rules.recall_gap):
            raise Refused
        self._did(no, slip, may_be_taken_back=False)
        slip.calls, slip.called_at = slip.calls + 1, self.clock()
        return slip

    @action
    def start(self, no: int) -> Slip:
        return self._starts(no)

    @action
    def finish(self, no: int) -> Slip:
        return self._finishes(no)

    @action
    def miss(self, no: int) -> Slip:
        slip = self._at(no, "called")
        if slip.calls < self.settings.rules.calls_before_missed:
            raise Refused
        self._did(no, slip)
        slip.missed_at = self.clock()
        return self._leaves(slip, "missed")

    @action
    def release(self, no: int) -> Slip:
        slip = self._at(no, "called")
        self._did(no, slip)
        return self._waits_again(slip)

    @action
    def hold(self, no: int) -> Slip:
        slip = self._at(no, "serving")
        self._did(no, slip)
        slip.state, self.paper.desks[no].slip = "held", None
        return slip

    @action
    def transfer(self, no: int, line: str, to: int | None) -> Slip:
        slip = self._at(no, "serving")
        self._no_other(slip, line)
        self._did(no, slip)
        slip.line, slip.bound = line, to or 0
        return self._waits_again(slip)

    @action
    def undo(self, no: int) -> Slip:
        desk = self.paper.desks[no]
        last = desk.last
        if last is None or not last.may_be_taken_back or self.paper.newest[last.slip] is not last:
            raise Refused
        if self.clock() - last.at > timedelta(seconds=self.settings.rules.undo_within):
            raise Refused
        self._no_other(last.before, last.before.line)
        slip = self.paper.slips[last.slip] = copy.copy(last.before)
        desk.slip = slip.seq if slip.state in AT_A_WINDOW else None
        desk.last = self.paper.newest[slip.seq] = None
        return slip

    # parts of actions

    def _in_state(self, seq: int, state: str) -> Slip:
        if self.paper.slips[seq].state != state:
            raise Refused
        return self.paper.slips[seq]

    def _at(self, no: int, state: str) -> Slip:
        seq = self.paper.desks[no].slip
        if seq is None:
            raise Refused
        return self._in_state(seq, state)

    def _free(self, no: int) -> None:
        desk = self.paper.desks[no]
        if desk.state != "open" or desk.slip is not None:
            raise Refused

    def _did(self, no: int, slip: Slip, *, may_be_taken_back: bool = True) -> None:
        """Written down before the slip changes."""
        done = Done(slip.seq, self.clock(), copy.copy(slip), may_be_taken_back)
        self.paper.desks[no].last = self.paper.newest[slip.seq] = done

    def _called(self, no: int, slip: Slip) -> Slip:
        self._did(no, slip)
        slip.state, slip.window, slip.calls, slip.called_at = "called", no, 1, self.clock()
        self.paper.desks[no].slip = slip.seq
        return slip

    def _starts(self, no: int) -> Slip:
        slip = self._at(no, "called")
        self._did(no, slip)
        slip.state = "serving"
        return slip

    def _finishes(self, no: int) -> Slip:
        slip = self._at(no, "serving")
        self._did(no, slip)
        return self._leaves(slip, "done")

    def _waits_again(self, slip: Slip) -> Slip:
        slip.calls, slip.called_at = 0, None
        return self._leaves(slip, "waiting")

    def _credit(self, cls: str) -> timedelta:
        return timedelta(minutes=self.settings.classes[cls].credit)  # type: ignore[index]

    def _leaves(self, slip: Slip, state: str) -> Slip:
        if slip.window is not None and self.paper.desks[slip.window].slip == slip.seq:
            self.paper.desks[slip.window].slip = None
        slip.state, slip.window = state, None
        return slip

    def _live(self, person: str | None, line: str) -> list[Slip]:
        theirs = [slip for slip in self.paper.slips.values() if person is not None and slip.person == person]
        return [slip for slip in theirs if slip.line == line and slip.state in OPEN]

    def _no_other(self, slip: Slip, line: str) -> None:
        if any(one.day == slip.day and one.seq != slip.seq for one in self._live(slip.person, line)):
            raise Refused

    def _one_each(self, person: str | None, line: str) -> None:
        if any(slip.day == self.paper.day for slip in self._live(person, line)):
            raise Refused

    def _date_of(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.settings.time_zone)).date()


def _place(slip: Slip) -> Any:
    return slip.key, slip.seq
