"""The queue's rules as the judge knows them: what may happen to a ticket, and whom a window calls.

They are written down a second time, on purpose: what judges the server shares no code with it. What a hall may set is
read from its hall.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

Facts = dict[str, Any]
Place = tuple[datetime, int, str]  # key, seq, ticket
Lane = tuple[str, str, int]  # line, class, bound

BEFORE: dict[str, set[str | None]] = {  # event -> the states a ticket may be in then; None: there is none yet
    "ticket.issued": {None},
    "ticket.called": {"waiting"},
    "ticket.recalled": {"called"},
    "ticket.started": {"called"},
    "ticket.finished": {"serving"},
    "ticket.missed": {"called"},
    "ticket.released": {"called"},
    "ticket.held": {"serving"},
    "ticket.resumed": {"held"},
    "ticket.transferred": {"serving"},
    "ticket.returned": {"missed"},
    "ticket.class_changed": {"waiting"},
    "ticket.cancelled": {"waiting"},
    "ticket.expired": {"waiting", "called", "serving", "held"},
}
AFTER = {
    "ticket.issued": "waiting",
    "ticket.called": "called",
    "ticket.recalled": "called",
    "ticket.started": "serving",
    "ticket.finished": "done",
    "ticket.missed": "missed",
    "ticket.released": "waiting",
    "ticket.held": "held",
    "ticket.resumed": "called",
    "ticket.transferred": "waiting",
    "ticket.returned": "waiting",
    "ticket.class_changed": "waiting",
    "ticket.cancelled": "cancelled",
    "ticket.expired": "expired",
}
UNDONE = "ticket.undone"
UNDOABLE = {  # what a window may take back
    "ticket.called", "ticket.started", "ticket.finished", "ticket.missed", "ticket.released", "ticket.held",
    "ticket.resumed", "ticket.transferred",
}  # fmt: skip
WINDOW_AFTER = {"window.opened": "open", "window.paused": "paused", "window.closed": "closed"}
AT_A_WINDOW = ("called", "serving")
LIVE = ("waiting", *AT_A_WINDOW, "held")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@lru_cache(maxsize=100_000)
def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Paper:
    """A ticket at some place of the log. `window` is where it is, or is held."""

    id: str
    number: str
    line: str
    item: str | None
    day: str
    seq: int
    issued_at: datetime
    cls: str
    key: datetime
    state: str = "waiting"
    calls: int = 0
    bound: int = 0
    window: int | None = None
    called_at: datetime | None = None
    missed_at: datetime | None = None
    was_back: bool = False

    @property
    def at_window(self) -> int | None:
        return self.window if self.state in AT_A_WINDOW else None

    @property
    def place(self) -> Place:
        return self.key, self.seq, self.id

    @property
    def lane(self) -> Lane:
        return self.line, self.cls, self.bound

    @property
    def facts(self) -> Facts:
        """What an event says of it."""
        return {
            "number": self.number, "line": self.line, "item": self.item, "business_day": self.day, "seq": self.seq,
            "issued_at": self.issued_at, "class": self.cls, "key": self.key, "state": self.state, "calls": self.calls,
            "bound": self.bound,
        }  # fmt: skip


def said_of(ticket: Facts) -> Facts:
    """The same facts, of an event."""
    times = {"issued_at": instant(ticket["issued_at"]), "key": instant(ticket["key"])}
    plain = ("number", "line", "item", "business_day", "seq", "class", "state", "calls")
    return {name: ticket[name] for name in plain} | times | {"bound": ticket.get("bound", 0)}


@dataclass(frozen=True, slots=True)
class Counter:
    """A window as the rules see it: whom it serves, and whom it prefers by up to `tolerance`."""

    lines: frozenset[str]
    own_lines: frozenset[str] = frozenset()
    own_classes: frozenset[str] = frozenset()
    tolerance: timedelta = timedelta(0)

    def serves(self, lane: Lane, no: int) -> bool:
        return lane[0] in self.lines and lane[2] in (0, no)

    def prefers(self, lane: Lane) -> bool:
        return lane[0] in self.own_lines or lane[1] in self.own_classes


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is next at a window, and the oldest that waits for it (of those not sent there, if there are any)."""

    next: Place
    oldest: Place


@dataclass(frozen=True)
class Rules:
    """What a hall has set. A class it does not name counts for nothing."""

    windows: Mapping[int, Counter]
    credits: Mapping[str, timedelta]
    recall_gap: timedelta
    calls_before_missed: int
    return_within: timedelta
    return_penalty: timedelta
    undo_within: timedelta

    def key(self, issued_at: datetime, cls: str) -> datetime:
        return issued_at - self.credits.get(cls, timedelta(0))

    def turn(self, no: int, heads: Iterable[tuple[Lane, Place]]) -> Turn | None:
        """R2, R3, R5: who was sent here, else the window's own if not much later than the first, else the first."""
        counter = self.windows[no]
        mine = sorted((place, lane) for lane, place in heads if counter.serves(lane, no))
        if not mine:
            return None
        free = [(place, lane) for place, lane in mine if not lane[2]]
        sent = [place for place, lane in mine if lane[2]]
        oldest = (free or mine)[0][0]
        own = [place for place, lane in free if counter.prefers(lane) and place[0] <= oldest[0] + counter.tolerance]
        return Turn([*sent, *own, oldest][0], oldest)


def read(hall_toml: Path) -> Rules:
    settings = tomllib.loads(hall_toml.read_text("utf-8"))
    rules = settings["rules"]
    fields = {line["id"]: line.get("field", "") for line in settings["lines"]}

    def counter(window: Facts) -> Counter:
        lines = frozenset(window["lines"])
        if window.get("kind") == "special":
            classes = frozenset(rules.get("special_classes", ("elderly", "disabled")))
            return Counter(lines, own_classes=classes, tolerance=rules["special_tolerance"] * MINUTE)
        home = window.get("home_field", "")
        own = frozenset(line for line, field in fields.items() if field and field == home and rules["home_tolerance"])
        return Counter(lines, own_lines=own, tolerance=rules["home_tolerance"] * MINUTE)

    return Rules(
        windows={window["no"]: counter(window) for window in settings["windows"]},
        credits={name: one.get("credit", 0) * MINUTE for name, one in settings["classes"].items()},
        recall_gap=rules["recall_gap"] * SECOND,
        calls_before_missed=rules["calls_before_missed"],
        return_within=rules["return_within"] * MINUTE,
        return_penalty=rules["return_penalty"] * MINUTE,
        undo_within=rules.get("undo_within", 10) * SECOND,
    )


# -- what an event makes of a ticket ----------------------------------------------------------------------------------


def issued(facts: Facts, rules: Rules) -> Paper:
    """A new ticket; its class and what it is for are the asker's."""
    said = facts["ticket"]
    at, cls = instant(said["issued_at"]), said["class"]
    number, line, item, day = said["number"], said["line"], said["item"], said["business_day"]
    return Paper(said["id"], number, line, item, day, said["seq"], at, cls, rules.key(at, cls))


def after(old: Paper, facts: Facts, rules: Rules) -> Paper:
    """The ticket once this has happened to it, whether it was allowed or not."""
    paper = replace(old, state=AFTER[facts["type"]])
    change = CHANGES.get(facts["type"])
    return change(paper, facts, rules) if change else paper


def _called(paper: Paper, facts: Facts, rules: Rules) -> Paper:
    return replace(paper, calls=1, window=facts["window"], called_at=instant(facts["at"]))


def _recalled(paper: Paper, facts: Facts, rules: Rules) -> Paper:
    return replace(paper, calls=paper.calls + 1, called_at=instant(facts["at"]))


def _queued(paper: Paper) -> Paper:
    return replace(paper, calls=0, window=None, called_at=None)


def _transferred(paper: Paper, facts: Facts, rules: Rules) -> Paper:
    return replace(_queued(paper), line=facts["ticket"]["line"], bound=facts["reason"].get("to_window") or 0)


def _returned(paper: Paper, facts: Facts, rules: Rules) -> Paper:
    return replace(_queued(paper), key=paper.key + rules.return_penalty, was_back=True)


def _of_class(paper: Paper, facts: Facts, rules: Rules) -> Paper:
    cls, late = facts["ticket"]["class"], rules.return_penalty if paper.was_back else timedelta(0)
    return replace(paper, cls=cls, key=rules.key(paper.issued_at, cls) + late)


CHANGES: dict[str, Callable[[Paper, Facts, Rules], Paper]] = {
    "ticket.called": _called,
    "ticket.resumed": _called,
    "ticket.recalled": _recalled,
    "ticket.missed": lambda paper, facts, rules: replace(paper, missed_at=instant(facts["at"])),
    "ticket.released": lambda paper, facts, rules: _queued(paper),
    "ticket.transferred": _transferred,
    "ticket.returned": _returned,
    "ticket.class_changed": _of_class,
}


# -- what must be so besides the state --------------------------------------------------------------------------------


def _gap(old: Paper, at: datetime, no: int | None, rules: Rules) -> bool:
    return old.called_at is None or not timedelta(0) <= at - old.called_at < rules.recall_gap


def _may_return(old: Paper, at: datetime, no: int | None, rules: Rules) -> bool:
    return not old.was_back and (old.missed_at is None or at < old.missed_at + rules.return_within)


LIMITS: dict[str, Callable[[Paper, datetime, int | None, Rules], bool]] = {
    "ticket.recalled": _gap,
    "ticket.missed": lambda old, at, no, rules: old.calls >= rules.calls_before_missed,
    "ticket.returned": _may_return,
    "ticket.resumed": lambda old, at, no, rules: old.window == no,
}


def within_limits(old: Paper, facts: Facts, rules: Rules) -> bool:
    limit = LIMITS.get(facts["type"])
    return limit is None or limit(old, instant(facts["at"]), facts["window"], rules)
