"""What a simulated day was like: waits by class and how many waited when; and what many days say together."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from queue_server.simulate.engine import NEVER, Played
from queue_server.simulate.people import Person
from queue_server.simulate.scene import MINUTE

STEP = 10  # minutes between two looks at the queue
LONGEST = 24 * 60  # minutes that are looked at


@dataclass(frozen=True, slots=True)
class Day:
    """Waits in minutes by class; people waiting each STEP minutes from opening; calls that broke the promise."""

    waits: dict[str, list[float]]
    never: int
    queue: list[int]
    breaches: int

    @property
    def total(self) -> float:
        return sum(sum(waits) for waits in self.waits.values())

    @property
    def tickets(self) -> int:
        return sum(len(waits) for waits in self.waits.values())


def day_of(people: Sequence[Person], played: Played, broken: int) -> Day:
    waits: dict[str, list[float]] = {}
    for person, called in zip(people, played.called, strict=True):
        if called != NEVER:
            waits.setdefault(person.cls, []).append((called - person.arrives) / MINUTE)
    never = played.called.count(NEVER)
    return Day(waits, never, _queue(people, played), broken)


def _queue(people: Sequence[Person], played: Played) -> list[int]:
    came = sorted(person.arrives for person in people)
    went = sorted(called for called in played.called if called != NEVER)
    last = min(max([*came, *went], default=0), LONGEST * MINUTE)
    looks = range(0, last + STEP * MINUTE, STEP * MINUTE)
    return [bisect_right(came, at) - bisect_right(went, at) for at in looks]


# -- many days --------------------------------------------------------------------------------------------------------


def mean_wait(days: Sequence[Day]) -> tuple[float, float]:
    """The mean over days of the day's mean wait, and its standard error; minutes."""
    means = [day.total / day.tickets for day in days if day.tickets]
    return mean_and_error(means)


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 0.0
    mean = sum(values) / len(values)
    spread = sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
    return mean, math.sqrt(spread / len(values))


def ratio_and_error(days: Sequence[Day], others: Sequence[Day]) -> tuple[float, float]:
    """Mean wait over that of others on the same days, and its standard error (by linearising)."""
    (mine, _), (theirs, _) = mean_wait(days), mean_wait(others)
    if not theirs:
        return 0.0, 0.0
    ratio = mine / theirs
    pairs = [(a.total / a.tickets, b.total / b.tickets) for a, b in zip(days, others, strict=True) if a.tickets]
    return ratio, mean_and_error([(a - ratio * b) / theirs for a, b in pairs])[1]


def quantile(values: Sequence[float], share: float) -> float:
    """Of a sorted list; 0 of an empty one."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0
