"""Days of a hall under a policy: the same people for each policy, every call checked for the promise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from queue_server.simulate.engine import play
from queue_server.simulate.heaps import Heaps
from queue_server.simulate.measure import Day, day_of
from queue_server.simulate.people import Person
from queue_server.simulate.plan import Plan
from queue_server.simulate.policy import Policy, counters, visitors
from queue_server.simulate.promised import breaches
from queue_server.simulate.room import MakeRoom
from queue_server.simulate.scene import Break

Absences = Mapping[int, tuple[Break, ...]]


@dataclass(frozen=True, slots=True)
class Wish:
    """A policy and how much longer clerks take outside the field they know."""

    policy: Policy
    slow: float = 0.0


def one_day(
    plan: Plan,
    wish: Wish,
    people: Sequence[Person],
    *,
    absences: Absences | None = None,
    make_room: MakeRoom = Heaps.of,
) -> Day:
    """`absences`, by window number, stand in for the plan's breaks; a window that is not among them was never there."""
    windows = counters(plan, wish.policy)
    if absences is not None:
        windows = [replace(one, breaks=absences[one.desk.no]) for one in windows if one.desk.no in absences]
    played = play(windows, visitors(plan, wish.policy, people, wish.slow), make_room=make_room)
    credits = {} if wish.policy.by_arrival else plan.credits
    came = [person.arrives if wish.policy.by_arrival else person.came for person in people]
    return day_of(people, played, breaches(windows, people, came, credits, played))


def days(
    plan: Plan,
    wishes: Sequence[Wish],
    crowds: Iterable[list[Person]],
    done: Callable[[], None] = lambda: None,
    absences: Absences | None = None,
) -> list[list[Day]]:
    """By wish, a day for each crowd; `done` is told of each crowd that every policy has had."""
    found: list[list[Day]] = [[] for _ in wishes]
    for people in crowds:
        for place, wish in enumerate(wishes):
            found[place].append(one_day(plan, wish, people, absences=absences))
        done()
    return found
