"""Everybody who comes on one day: drawn from a plan and a seed, the same people for every policy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from queue_server.simulate.plan import PROFILE, LinePlan, Plan, lognormal
from queue_server.simulate.scene import MINUTE

EARLY, EARLY_BY = 5.0, 5.0  # minutes before their slot that people with an appointment come: mean and deviation


@dataclass(frozen=True, slots=True)
class Person:
    """A ticket to come; µs since the hall opened. `came` is when they count as having come: a slot, if it is later.

    `takes` is what a clerk who knows the field needs, `expected` what such an item needs on average.
    """

    arrives: int
    came: int
    item: str
    line: str
    cls: str
    takes: int
    expected: int
    answers: bool = True


def people(plan: Plan, seed: int, load: float) -> list[Person]:
    """In order of arrival. `load` is work over window-minutes net of breaks, in the long run."""
    demand, rng = random.Random(f"demand {seed}"), random.Random(f"day {seed}")  # apart: a busy day is one at any load
    work = load * plan.window_minutes
    found: list[Person] = []
    for line in plan.lines:
        mean = (1 - plan.no_show) * line.mean + plan.no_show * plan.no_show_minutes
        shape = plan.demand_cv**-2
        expected = line.work * work / mean * demand.gammavariate(shape, 1 / shape)  # the day's demand for this line
        found += _of_line(plan, line, expected, rng)
    found.sort(key=lambda person: person.arrives)
    return found


def _of_line(plan: Plan, line: LinePlan, expected: float, rng: random.Random) -> Iterator[Person]:
    booked = plan.shares.get("appointment", 0.0)
    others = {name: share for name, share in plan.shares.items() if name != "appointment"}
    classes, weights = [*others, "walk_in"], [*others.values(), 1 - booked - sum(others.values())]
    for at in _moments(expected * (1 - booked), plan.last_ticket, PROFILE, rng):
        (cls,) = rng.choices(classes, weights)
        yield _person(plan, line, at, at, cls, rng)
    for slot in _moments(expected * booked, plan.last_ticket, (1.0,), rng):
        at = min(max(0.0, slot - rng.gauss(EARLY, EARLY_BY)), plan.last_ticket)
        in_time = at <= slot + plan.appointment_late
        yield _person(plan, line, at, max(at, slot) if in_time else at, "appointment" if in_time else "walk_in", rng)


def _person(plan: Plan, line: LinePlan, at: float, came: float, cls: str, rng: random.Random) -> Person:
    (item,) = rng.choices(line.items, [one.share for one in line.items])
    takes = rng.lognormvariate(*lognormal(item.mean, plan.service_cv))
    answers = rng.random() >= plan.no_show
    return Person(
        micro(at),
        micro(came),
        item.id,
        line.id,
        cls,
        max(1, micro(takes if answers else plan.no_show_minutes)),
        micro(item.mean),
        answers,
    )


def micro(minutes: float) -> int:
    return round(minutes * MINUTE)


def _moments(expected: float, until: float, profile: tuple[float, ...], rng: random.Random) -> Iterator[float]:
    """Arrivals at random, `expected` of them on average, spread over [0, until) in proportion to the profile."""
    part = until / len(profile)
    ends = list(accumulate((weight / sum(profile) for weight in profile), initial=0.0))
    reached = rng.expovariate(1) / expected if expected > 0 else 1.0
    for n, (begin, end) in enumerate(pairwise(ends)):
        while reached < end:
            yield part * (n + (reached - begin) / (end - begin))
            reached += rng.expovariate(1) / expected
