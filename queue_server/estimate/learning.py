"""What a hall's past days say: how long services take, who does not answer, who comes when, how fast lines move.

A day is first told as stays (one wait and one visit to a window each), then counted as a `Day`, which is small and adds
up; `learn` makes of the last days what the estimate draws from. Minutes throughout, within a day after midnight.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

DAYS = 60  # that are learnt from
RECORD_DAYS = 7  # whose first ranges are counted
TO_LINE = 5.0  # tickets: how much an item is taken to be like its line, and a line like the hall
TO_HALL = 50.0  # tickets: how much a class's share of no-shows is taken to be like everybody's
TO_EVERY_DAY = 2.0  # days: how much a weekday is taken to be like all days
LEAST, MOST = 0.05, 240.0  # minutes of a service that can be learnt from: others are slips
HALF_HOUR = 30
ENOUGH = 30  # services: with fewer nobody knows how long they take
ENOUGH_CALLS = 5  # calls while somebody waited: with fewer nobody knows how fast a line moves
AT_ONCE = 0.5  # minutes: a window was idle
SLOWEST = math.log(2.0)  # more than that outside the own field is chance


Pace = tuple[int, float]  # how many were called, in so many minutes


@dataclass(frozen=True, slots=True)
class Kept:
    """First ranges that came to their end: how many, those that held the wait, those that it went beyond."""

    given: int = 0
    inside: int = 0
    beyond: int = 0

    def and_one(self, low: float, high: float, wait: float) -> Kept:
        return Kept(self.given + 1, self.inside + (low <= wait <= high), self.beyond + (wait > high))

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.given + other.given, self.inside + other.inside, self.beyond + other.beyond)


@dataclass(frozen=True, slots=True)
class Stay:
    """A wait in a line and, unless it was given up, a visit to a window.

    `off`: the window's clerk knows another field. `answers` False: called, but nobody came. `ended` None: not known.
    `takes` False: what the end says of the service is no length of one (released, cancelled, expired).
    """

    line: str
    item: str
    cls: str
    came: float
    called: float | None
    ended: float | None
    off: bool = False
    answers: bool = True
    takes: bool = True
    first: bool = True  # the ticket's first stay: somebody new came
    gone: float | None = None  # when a wait without a call ended


@dataclass(slots=True)
class Tally:
    """Of logarithms: how many, their sum, the sum of their squares."""

    n: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        self.n += 1
        self.total += value
        self.squares += value * value

    def take(self, other: Tally) -> None:
        self.n += other.n
        self.total += other.total
        self.squares += other.squares


@dataclass
class Day:
    """One business day, counted. `lengths` by (line, item, off); `paces` and what was `kept` of promises by line."""

    weekday: int
    lengths: dict[tuple[str, str, bool], Tally] = field(default_factory=dict)
    called: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    missed_minutes: float = 0.0
    arrivals: dict[tuple[str, str, int], int] = field(default_factory=dict)  # line, class, half hour
    paces: dict[str, list[Pace]] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Length:
    """A lognormal: mean and deviation of the logarithm of minutes."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Learned:
    """What the past says. `services` is how many it rests on; `headway` is minutes between calls of a busy line."""

    services: int = 0
    hall: Length = Length(math.log(10), 0.7)
    lines: Mapping[str, Length] = field(default_factory=dict)
    items: Mapping[tuple[str, str], Length] = field(default_factory=dict)
    slower: float = 0.0  # outside the own field: added to the logarithm
    no_show: Mapping[str, float] = field(default_factory=dict)
    any_no_show: float = 0.0
    no_show_minutes: float = 1.0
    rates: Mapping[tuple[str, str, int, int], float] = field(default_factory=dict)  # a half hour; … weekday, half hour
    headway: Mapping[str, float] = field(default_factory=dict)

    @property
    def enough(self) -> bool:
        return self.services >= ENOUGH

    def length(self, line: str, item: str | None) -> Length:
        """An item that was never served is like its line, a line like the hall."""
        return self.items.get((line, item or line)) or self.lines.get(line, self.hall)

    def missing(self, cls: str) -> float:
        """The share of this class's calls that nobody answers."""
        return self.no_show.get(cls, self.any_no_show)

    def coming(self, line: str, cls: str, weekday: int, minute: float) -> float:
        """How many a minute come about this minute of the day."""
        return self.rates.get((line, cls, weekday, int(minute // HALF_HOUR)), 0.0) / HALF_HOUR


# -- counting a day ---------------------------------------------------------------------------------------------------


def day_of(weekday: int, stays: Iterable[Stay]) -> Day:
    """The day's counts. Stays that cannot be (a clock was set) are left out of what they would spoil."""
    day, of_line = Day(weekday), defaultdict[str, list[Stay]](list)
    for stay in stays:
        of_line[stay.line].append(stay)
        if stay.first:
            when = stay.line, stay.cls, int(stay.came // HALF_HOUR)
            day.arrivals[when] = day.arrivals.get(when, 0) + 1
        if stay.called is not None:
            _count(day, stay, stay.called)
    day.paces = {line: _paces(found) for line, found in of_line.items()}
    return day


def _count(day: Day, stay: Stay, called: float) -> None:
    took = stay.ended - called if stay.ended is not None else None
    if not stay.takes or took is None:
        return
    day.called[stay.cls] = day.called.get(stay.cls, 0) + 1
    if not stay.answers:
        day.missed[stay.cls] = day.missed.get(stay.cls, 0) + 1
        day.missed_minutes += min(max(took, 0.0), MOST)
    elif LEAST <= took <= MOST:
        day.lengths.setdefault((stay.line, stay.item, stay.off), Tally()).add(math.log(took))


def _paces(stays: Sequence[Stay]) -> list[Pace]:
    """Of each call: how many waited when the ticket joined, itself among them, and how long it then took.

    Whoever came to an idle window says nothing of how fast a line moves.
    """
    happened = [(stay.came, 1, n) for n, stay in enumerate(stays)]
    for n, stay in enumerate(stays):
        left = stay.called if stay.called is not None else stay.gone
        if left is not None:
            happened.append((max(left, stay.came), 2, n))
    found, people, waiting = [], dict[int, int](), 0
    for at, what, n in sorted(happened):
        if what == 1:
            waiting += 1
            people[n] = waiting
        else:
            waiting -= 1
            wait = at - stays[n].came
            if stays[n].called is not None and (people[n] > 1 or wait > AT_ONCE):
                found.append((people[n], wait))
    return found


# -- learning from days -----------------------------------------------------------------------------------------------


def learn(days: Sequence[Day]) -> Learned:
    """From the last DAYS of these."""
    days = days[-DAYS:]
    lengths: dict[tuple[str, str, bool], Tally] = {}
    for day in days:
        for key, tally in day.lengths.items():
            lengths.setdefault(key, Tally()).take(tally)
    slower = _slower(lengths)
    items = _at_home(lengths, slower)
    everything, of_line = Tally(), dict[str, Tally]()
    for (line, _), tally in items.items():
        everything.take(tally)
        of_line.setdefault(line, Tally()).take(tally)
    hall = _shrunk(everything, Learned.hall)
    lines = {line: _shrunk(tally, hall) for line, tally in of_line.items()}
    called, missed = _sum(day.called for day in days), _sum(day.missed for day in days)
    share = sum(missed.values()) / max(1, sum(called.values()))
    return Learned(
        services=round(everything.n),
        hall=hall,
        lines=lines,
        items={key: _shrunk(tally, lines[key[0]]) for key, tally in items.items()},
        slower=slower,
        no_show={cls: (missed.get(cls, 0) + TO_HALL * share) / (n + TO_HALL) for cls, n in called.items()},
        any_no_show=share,
        no_show_minutes=sum(day.missed_minutes for day in days) / (sum(missed.values()) or 1) or 1.0,
        rates=_rates(days),
        headway=headways(days),
    )


def _shrunk(tally: Tally, towards: Length) -> Length:
    """A mean and a deviation about it, both drawn towards what the thing is a part of."""
    n = tally.n + TO_LINE
    mean = (tally.total + TO_LINE * towards.mean) / n
    spread = tally.squares - tally.total**2 / tally.n if tally.n else 0.0
    return Length(mean, max(0.05, math.sqrt(max(0.0, spread) / n + TO_LINE * towards.deviation**2 / n)))


def _slower(lengths: Mapping[tuple[str, str, bool], Tally]) -> float:
    """By how much the same items take longer outside the own field, in logarithms; never less than nothing."""
    total, weight = 0.0, TO_LINE
    for (line, item, off), tally in lengths.items():
        home = lengths.get((line, item, False))
        if off and home is not None:
            pair = tally.n * home.n / (tally.n + home.n)
            total += pair * (tally.total / tally.n - home.total / home.n)
            weight += pair
    return min(SLOWEST, max(0.0, total / weight))


def _at_home(lengths: Mapping[tuple[str, str, bool], Tally], slower: float) -> dict[tuple[str, str], Tally]:
    """By line and item, as if each had been served by somebody who knows its field."""
    found: dict[tuple[str, str], Tally] = {}
    for (line, item, off), tally in lengths.items():
        by = slower if off else 0.0
        quicker = Tally(
            tally.n, tally.total - tally.n * by, tally.squares - 2 * by * tally.total + tally.n * by * by
        )  # fmt: skip
        found.setdefault((line, item), Tally()).take(quicker)
    return found


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for count in counts:
        for name, n in count.items():
            found[name] = found.get(name, 0) + n
    return found


def _rates(days: Sequence[Day]) -> dict[tuple[str, str, int, int], float]:
    """Arrivals in a half hour, by line, class, weekday and half hour."""
    of_weekday, every = defaultdict[tuple[str, str, int, int], int](int), defaultdict[tuple[str, str, int], int](int)
    how_many = [sum(day.weekday == weekday for day in days) for weekday in range(7)]
    for day in days:
        for (line, cls, half), n in day.arrivals.items():
            every[line, cls, half] += n
            of_weekday[line, cls, day.weekday, half] += n
    return {
        (line, cls, weekday, half): (of_weekday.get((line, cls, weekday, half), 0) + TO_EVERY_DAY * n / len(days))
        / (how_many[weekday] + TO_EVERY_DAY)
        for (line, cls, half), n in every.items()
        for weekday in range(7)
    }


def headways(days: Iterable[Day]) -> dict[str, float]:
    """Minutes between two calls of a line while somebody waits in it, for lines with enough of them."""
    paces = defaultdict[str, list[Pace]](list)
    for day in days:
        for line, found in day.paces.items():
            paces[line] += found
    return {line: headway(found) for line, found in paces.items() if len(found) >= ENOUGH_CALLS}


def headway(paces: Sequence[Pace]) -> float:
    """Minutes a person: the one that leaves as much waiting above as below, so that a closed hour does not count."""
    ordered = sorted((minutes / people, people) for people, minutes in paces)
    half, passed = sum(people for _, people in ordered) / 2, 0.0
    for each, people in ordered:
        passed += people
        if passed >= half:
            return each
    return 0.0
