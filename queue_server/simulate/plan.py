"""What a hall's days are drawn from: who comes for what and how long it takes, when windows pause, and the rules.

`BENCHMARK` is the hall that figures are compared on (QUEUE, "The benchmark hall"); `plan_of` makes a plan of any
hall's settings, with that hall's demand where settings say nothing. Minutes throughout.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from config import Hall
from queue_server.domain.calendar import Period, periods_of
from queue_server.domain.dispatch import Desk
from queue_server.hallbook import HallBook

PROFILE = (
    0.6,
    1.1,
    1.6,
    1.7,
    1.4,
    1.0,
    0.6,
    0.5,
    0.8,
    1.2,
    1.3,
    1.1,
    0.9,
    0.7,
    0.5,
)  # arrivals, by equal parts of a day
LUNCH, LUNCH_AT = 45, (180, 225)
SHORT, SHORT_AT = 10, ((60, 270), (70, 280), (80, 290), (90, 300))
SHARES = {"green": 0.02, "elderly": 0.18, "appointment": 0.25}  # of the tickets; the others are walk-ins
CREDITS = {"green": 60, "elderly": 15, "appointment": 10, "walk_in": 0}
MEAN_SERVICE, ITEM_CV = 10.5, 0.35
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """`mean` minutes at a window; `share` of its line's tickets."""

    id: str
    mean: float
    share: float


@dataclass(frozen=True, slots=True)
class LinePlan:
    """`work` is its share of the hall's work in the long run."""

    id: str
    field: str
    work: float
    items: tuple[ItemPlan, ...]

    @property
    def mean(self) -> float:
        return sum(item.mean * item.share for item in self.items)


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """A window as it is set; `home` are the lines its clerk knows best (empty: all)."""

    desk: Desk
    home: frozenset[str]
    breaks: tuple[tuple[float, float], ...]  # (minutes after opening, length)


@dataclass(frozen=True)
class Plan:
    """A hall. Numbers are given until `last_ticket`, windows work until everybody was served."""

    lines: tuple[LinePlan, ...]
    windows: tuple[WindowPlan, ...]
    closes: float
    last_ticket: float
    opens: float = 540  # after midnight, the hall's time
    credits: Mapping[str, int] = field(default_factory=lambda: CREDITS)
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    home_tolerance: int = 10
    appointment_late: int = 15
    no_show: float = 0.05
    no_show_minutes: float = 1.0
    service_cv: float = 0.8
    demand_cv: float = 0.25  # of a line, from day to day

    @property
    def window_minutes(self) -> float:
        """What all windows can work while numbers are given, net of breaks: load 1 is as much work as that.

        Counted to closing time the same load would be 8 % more people, and waits far above the published ones.
        """
        return sum(self.last_ticket - sum(length for _, length in window.breaks) for window in self.windows)


def breaks_of(place: int, closes: float) -> tuple[tuple[float, float], ...]:
    """Lunch and two short breaks, staggered by the window's place; only those that begin within the day."""
    first, second = SHORT_AT[place // 2 % len(SHORT_AT)]
    all_day = ((first, SHORT), (LUNCH_AT[place % 2], LUNCH), (second, SHORT))
    return tuple((at, length) for at, length in all_day if at + length < closes)


def windows_for(lines: Sequence[LinePlan], count: int) -> list[LinePlan]:
    """The line of each of so many windows, in proportion to work, at least one each while there are enough."""
    given = {line.id: 1 for line in lines[:count]}
    for _ in range(count - len(given)):
        most = max(lines, key=lambda line: line.work / (2 * given[line.id] + 1))  # Sainte-Laguë
        given[most.id] += 1
    return [line for line in lines for _ in range(given.get(line.id, 0))]


def lognormal(mean: float, cv: float) -> tuple[float, float]:
    """The mean and deviation of the logarithm of what has this mean and coefficient of variation."""
    variance = math.log(1 + cv * cv)
    return math.log(mean) - variance / 2, math.sqrt(variance)


def items_for(line: str, names: Sequence[str], mean: float, rng: random.Random) -> tuple[ItemPlan, ...]:
    """Items with means that vary, some asked for much more often than others; a ticket of the line takes `mean`."""
    weights = [1 / (n + 3) for n in range(len(names))]
    drawn = [rng.lognormvariate(*lognormal(1, ITEM_CV)) for _ in names]
    shares = [weight / sum(weights) for weight in weights]
    scale = mean / sum(share * one for share, one in zip(shares, drawn, strict=True))
    return tuple(
        ItemPlan(name, one * scale, share) for name, one, share in zip(names, drawn, shares, strict=True)
    )  # fmt: skip


# -- the benchmark hall -----------------------------------------------------------------------------------------------

FIELDS = ("people", "property", "business", "police")
WORK = (21, 8, 7, 16, 7, 6, 10, 6, 4, 6, 5, 4)  # of twelve departments, three a field
MEANS = (8, 12, 15, 9, 16, 12, 8, 13, 10, 7, 11, 17)  # minutes, before the overall mean is set
WINDOWS, ITEMS, CLOSES, LAST_TICKET = 50, 200, 480, 450


def benchmark() -> Plan:
    """50 windows, 200 items, 12 departments in 4 fields, 09:00 to 17:00, the last ticket at 16:30."""
    rng = random.Random("the benchmark hall")
    tickets = [work / mean for work, mean in zip(WORK, MEANS, strict=True)]
    scale = MEAN_SERVICE * sum(tickets) / sum(WORK)  # the mean of a ticket becomes MEAN_SERVICE
    lines = []
    for n, (work, mean) in enumerate(zip(WORK, MEANS, strict=True)):
        name = f"d{n + 1:02d}"
        count = ITEMS // len(WORK) + (n < ITEMS % len(WORK))
        items = items_for(name, [f"{name}-{i + 1}" for i in range(count)], mean * scale, rng)
        lines.append(LinePlan(name, FIELDS[n // 3], work / sum(WORK), items))
    everything = frozenset(line.id for line in lines)
    windows = tuple(
        WindowPlan(_comprehensive(n + 1, everything, home), home, breaks_of(n, CLOSES))
        for n, home in enumerate(_fields(lines, [lines[n % 4 * 3] for n in range(WINDOWS)]))
    )
    return Plan(tuple(lines), windows, CLOSES, LAST_TICKET)


def _comprehensive(no: int, lines: frozenset[str], home: frozenset[str]) -> Desk:
    return Desk(no, lines, own_lines=home, tolerance=10 * MINUTE)


def _fields(lines: Sequence[LinePlan], at: Sequence[LinePlan]) -> list[frozenset[str]]:
    return [frozenset(line.id for line in lines if line.field == one.field) for one in at]


# -- any hall ---------------------------------------------------------------------------------------------------------


def plan_of(hall: Hall, day: date) -> Plan:
    """A hall on the hours of this day (of the next one it opens on); a line has work as windows serve it.

    Raises NoDay.
    """
    book, period = HallBook(hall), _opening(hall, day)
    rng = random.Random(hall.id)
    offered = [line for line in hall.lines if line.open and not line.retired]
    if not offered:
        raise NoDay(f"no line of hall {hall.id} gives numbers; open one")
    at_work = [window for window in hall.windows if not window.retired]
    reach = {line.id: sum(1 / len(window.lines) for window in at_work if line.id in window.lines) for line in offered}
    lines = []
    for line in offered:
        names = [item.id for item in hall.items if item.line == line.id and not item.retired] or [line.id]
        items = items_for(line.id, names, MEAN_SERVICE, rng)
        lines.append(LinePlan(line.id, line.field or line.id, reach[line.id] / sum(reach.values()), items))
    closes = (period.closes - period.opens) / MINUTE
    windows = tuple(
        WindowPlan(book.desk(window.no), book.home_lines(window.no), breaks_of(n, closes))
        for n, window in enumerate(sorted(at_work, key=lambda window: window.no))
    )
    known: dict[str, int] = {name: rule.credit for name, rule in hall.classes.items() if not rule.retired}
    return Plan(
        tuple(lines),
        windows,
        closes,
        (period.last_ticket - period.opens) / MINUTE,
        opens=minutes_of_day(hall, period.opens),
        credits=known,
        shares={name: share for name, share in SHARES.items() if name in known},
        home_tolerance=hall.rules.home_tolerance,
        appointment_late=hall.rules.appointment_late,
    )


def _opening(hall: Hall, day: date) -> Period:
    for ahead in range(400):
        found = periods_of(hall, day + timedelta(days=ahead))
        if found:
            return found[0]
    raise NoDay(f"{hall.id} has no opening within 400 days of {day}; look at its hours and holidays")


def minutes_of_day(hall: Hall, at: datetime) -> float:
    local = at.astimezone(ZoneInfo(hall.time_zone))
    return local.hour * 60 + local.minute + local.second / 60


class NoDay(Exception):
    """There is no day to simulate; str() says why."""
