"""Waits in the queues of 21 real offices (`../shared/data`), from how many wait and nothing of who is at a window.

Learnt on the days marked `learn`, calibrated on `calibrate`, then told and corrected from call to call on `test`. The
fallback and the scales are the product's own. What is learnt from history besides is of this bench alone: our halls log
every service, which tells more than the lengths of queues can. It is the mean of three: steps (a factor each for the
queue, how many wait, the hour, the counters; medians, fitted in turn), and forests on what steps and what the fallback
leave, which also see what the day has shown until then (`today.py`). What is averaged, what forests see and their
sizes were chosen among `learn` days alone: each third of them foretold from the others.
"""

from __future__ import annotations

import csv
import gzip
import heapq
import math
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from queue_server.estimate.fallback import by_headway
from queue_server.estimate.learning import headway
from queue_server.estimate.ranges import Guess, Scales
from tests.bench.today import Today, todays
from tests.bench.trees import grow
from tests.system.rig import ROOT

DATA = ROOT.parent / "shared" / "data" / "warsaw_observations.csv.gz"
FEW, TO_ALL = 5, 10  # waits: a queue with fewer is like all; how much every queue is taken to be like all
SMOOTH, ROUNDS = 50, 3  # of the steps: waits, and times each is fitted
FORESTS = 2  # of each kind
BINS = 5  # of what was said: how far off it was, by how long it was


@dataclass(frozen=True)
class Seen:
    """A snapshot of a queue: so many wait, and how long until the last of them was called. Minutes."""

    queue: str
    office: str
    day: str
    minute: float
    people: int
    counters: int
    displayed: float
    wait: float
    split: str
    today: Today | None = None

    @property
    def monday(self) -> bool:
        """Offices are open late on Mondays."""
        return date.fromisoformat(self.day).weekday() == 0


Told = Callable[[Seen], float]


def read(path: Path) -> list[Seen]:
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        found = [
            Seen(
                f"{row['office']}/{row['group_name']}",
                row["office"],
                row["date"],
                float(row["minute_of_day"]),
                int(float(row["waiting"])),
                int(float(row["open_counters"])),
                float(row["displayed_minutes"]),
                float(row["wait_minutes"]),
                row["split"],
            )
            for row in csv.DictReader(rows)
        ]
    found.sort(key=lambda one: (one.day, one.minute))
    return [replace(one, today=today) for one, today in zip(found, todays(found), strict=True)]


# -- what is said -----------------------------------------------------------------------------------------------------


def headways(rows: Iterable[Seen]) -> Callable[[str], float]:
    """The product's headway of each queue, drawn towards that of all where little was seen."""
    paces = defaultdict[str, list[tuple[int, float]]](list)
    for one in rows:
        paces[one.queue].append((one.people, one.wait))
    every = headway([pace for found in paces.values() for pace in found])
    known = {
        queue: math.exp((math.log(headway(found)) * len(found) + math.log(every) * TO_ALL) / (len(found) + TO_ALL))
        for queue, found in paces.items()
        if len(found) >= FEW
    }
    return lambda queue: known.get(queue, every)


STEPS: tuple[Callable[[Seen], Hashable], ...] = (
    lambda one: one.queue,
    lambda one: _size(one.people, 2),
    lambda one: (one.monday, int(one.minute // 30), _size(one.people, 2) // 2),
    lambda one: (one.queue, min(4, _size(one.people, 1))),
    lambda one: (one.queue, one.counters),
)


def _size(people: int, parts: int) -> int:
    return min(12, int(math.log2(people) * parts))


def steps(rows: Sequence[Seen]) -> Told:
    """Minutes a person, times a factor for each step."""
    said, factors = [3.0 * one.people for one in rows], []
    for _ in range(ROUNDS):
        for step in STEPS:
            groups = defaultdict[Hashable, list[int]](list)
            for place, one in enumerate(rows):
                groups[step(one)].append(place)
            found = {}
            for name, places in groups.items():
                middle = _middle([(rows[place].wait / said[place], said[place]) for place in places])
                found[name] = max(middle, 1e-3) ** (len(places) / (len(places) + SMOOTH))
            factors.append((step, found))
            said = [minutes * found[step(one)] for minutes, one in zip(said, rows, strict=True)]

    def told(one: Seen) -> float:
        minutes = 3.0 * one.people
        for step, found in factors:
            minutes *= found.get(step(one), 1.0)
        return minutes

    return told


def _middle(weighted: list[tuple[float, float]]) -> float:
    """The weighted median."""
    weighted.sort()
    half, passed = sum(weight for _, weight in weighted) / 2, 0.0
    for value, weight in weighted:
        passed += weight
        if passed >= half:
            return value
    return weighted[-1][0]


def fallback(rows: Sequence[Seen]) -> Told:
    known = headways(rows)
    return lambda one: known(one.queue) * one.people


def forests(rows: Sequence[Seen], first: Callable[[Sequence[Seen]], Told]) -> Told:
    """What `first` says, and what trees add to it. While they are learnt, a day's first word is that of other days."""
    seen: list[tuple[float, ...]] = []
    left: list[float] = []
    for day in sorted({one.day for one in rows}):
        look = _looks([one for one in rows if one.day != day], first)
        some = [one for one in rows if one.day == day]
        values = [look(one) for one in some]
        seen += values
        left += [one.wait - row[0] for one, row in zip(some, values, strict=True)]
    grown = [grow(seen, left, random.Random(n)) for n in range(FORESTS)]
    look = _looks(rows, first)

    def told(one: Seen) -> float:
        values = look(one)
        return max(0.0, values[0] + statistics.fmean(forest(values) for forest in grown))

    return told


def _looks(rows: Sequence[Seen], first: Callable[[Sequence[Seen]], Told]) -> Callable[[Seen], tuple[float, ...]]:
    """What trees see of a snapshot, by what these rows tell of its queue; to begin with, the first word."""
    word, known, counters = first(rows), headways(rows), defaultdict[str, list[int]](list)
    for one in rows:
        counters[one.queue].append(one.counters)
    usual = {queue: statistics.fmean(found) for queue, found in counters.items()}

    def look(one: Seen) -> tuple[float, ...]:
        assert one.today is not None
        today, minutes, each = one.today, word(one), known(one.queue)
        pace = max(0.01, minutes / one.people)
        staffed = one.counters / max(0.5, usual.get(one.queue, 1.0))
        return (
            *(minutes, each * one.people, one.people, each, pace, one.minute, one.monday),
            *(one.counters, staffed, one.displayed, *today.values()),
            *(today.pace_three / pace, today.pace_hour / pace, today.pace_day / pace, today.pace_least / pace),
            *(today.pace_hour * one.people, today.pace_least * one.people),
        )

    return look


def together(rows: Sequence[Seen]) -> Told:
    ways = (steps(rows), forests(rows, steps), forests(rows, fallback))
    return lambda one: statistics.fmean(way(one) for way in ways)


# -- ranges -----------------------------------------------------------------------------------------------------------


def spread(told: Told, rows: Sequence[Seen]) -> Callable[[Seen], Guess]:
    """A range about what is told, by how far off it was on these days where it said about as much."""
    ordered = sorted(rows, key=told)
    size = math.ceil(len(ordered) / BINS)
    bins = []
    for n in range(0, len(ordered), size):
        some = ordered[n : n + size]
        ratios = sorted(one.wait / max(0.1, told(one)) for one in some)
        low, high = (ratios[int(share * (len(ratios) - 1))] for share in (0.1, 0.9))
        bins.append((told(some[-1]), min(1.0, low), max(1.0, high)))

    def guess(one: Seen) -> Guess:
        minutes = told(one)
        _, low, high = next((found for found in bins if minutes <= found[0]), bins[-1])
        return Guess(minutes * low, minutes, minutes * high)

    return guess


def judged(guess: Callable[[Seen], Guess], rows: Sequence[Seen], scales: Scales) -> dict[str, float]:
    """Told from call to call: a wait is heard of when it is over."""
    inside, over, widths, errors = [], [], [], []
    of_day = defaultdict[tuple[str, str], list[float]](list)
    heard: list[tuple[str, float, int, Any]] = []
    for place, one in enumerate(rows):
        while heard and heard[0][:2] <= (one.day, one.minute):
            _, _, _, (span, wait) = heapq.heappop(heard)
            scales.heard("all", span, wait)
        said = guess(one)
        span = scales.span("all", said)
        heapq.heappush(heard, (one.day, one.minute + one.wait, place, (span, one.wait)))
        errors.append(abs(said.middle - one.wait))
        of_day[one.office, one.day].append(errors[-1])
        inside.append(span.low <= one.wait <= span.high)
        over.append(one.wait > span.high)
        widths.append(span.high - span.low)
    measured = {"mae": errors, "coverage": inside, "over_promise": over, "mean_width": widths}
    table = {name: round(statistics.fmean(found), 3) for name, found in measured.items()}
    return table | {"mae_se": round(_error(list(of_day.values())), 3)}


def _error(days: Sequence[Sequence[float]]) -> float:
    """The standard error of the mean of all, if waits of one office and day go together."""
    every = [one for day in days for one in day]
    mean = statistics.fmean(every)
    return math.sqrt(sum(sum(one - mean for one in day) ** 2 for day in days)) / len(every)


# -- beside the usual rules -------------------------------------------------------------------------------------------


def usual_rules(rows: Sequence[Seen]) -> dict[str, float]:
    """Mean errors of what halls usually show."""
    errors, ended = defaultdict[str, list[float]](list), dict[tuple[str, str], list[tuple[float, float]]]()
    for one in rows:
        mine = ended.setdefault((one.queue, one.day), [])
        last = max((past for past in mine if past[0] <= one.minute), default=(0.0, 0.0))
        mine.append((one.minute + one.wait, one.wait))
        errors["displayed"].append(abs(one.displayed - one.wait))
        errors["people_times_displayed"].append(
            abs(one.people * one.displayed / max(1, one.counters) - one.wait)
        )  # fmt: skip
        errors["last_to_enter"].append(abs(last[1] - one.wait))
    return {name: round(statistics.fmean(found), 3) for name, found in errors.items()}


def warsaw(folder: Path) -> dict[str, Any]:
    """{rows, mae of the usual rules, fallback: …, learned: …}"""
    rows = read(DATA)
    learn, calibrate, test = ([one for one in rows if one.split == split] for split in ("learn", "calibrate", "test"))
    known = headways(learn)
    found: dict[str, Any] = {"rows": len(test), "usual": usual_rules(test)}
    ways = {
        "fallback": lambda one: by_headway(one.people, known(one.queue)),
        "learned": spread(together(learn), calibrate),
    }
    for name, guess in ways.items():
        scales = Scales()
        judged(guess, calibrate, scales)
        found[name] = judged(guess, test, scales)
    for name, said in found.items():
        print(f"  {name}: {said}", flush=True)
    return found
