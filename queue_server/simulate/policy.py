"""Policies by name: what each window serves, whom it prefers, what orders tickets; `dispatch` does the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from queue_server.domain.dispatch import Desk
from queue_server.simulate.people import Person, micro
from queue_server.simulate.plan import LinePlan, Plan, windows_for
from queue_server.simulate.scene import MINUTE, Break, Counter, Visitor

STRICT = 1_000  # a credit so many times as large lets its class go first at any time of the day
RING = 5  # lines further on that a clerk with three skills has one of: fields are chained by it
Serves = Callable[[Plan, LinePlan], frozenset[str]]


def _one(plan: Plan, home: LinePlan) -> frozenset[str]:
    return frozenset({home.id})


def _field(plan: Plan, home: LinePlan) -> frozenset[str]:
    return frozenset(line.id for line in plan.lines if line.field == home.field)


def _three(plan: Plan, home: LinePlan) -> frozenset[str]:
    at = plan.lines.index(home)
    return frozenset(plan.lines[(at + step) % len(plan.lines)].id for step in (0, 1, RING))


def _all(plan: Plan, home: LinePlan) -> frozenset[str]:
    return frozenset(line.id for line in plan.lines)


def _arrival(plan: Plan, person: Person) -> int:
    return person.arrives


def _credit(plan: Plan, person: Person) -> int:
    return person.came - plan.credits.get(person.cls, 0) * MINUTE


def _strict(plan: Plan, person: Person) -> int:
    return person.came - plan.credits.get(person.cls, 0) * MINUTE * STRICT


def _expected(plan: Plan, person: Person) -> int:
    return person.expected


def _clairvoyant(plan: Plan, person: Person) -> int:
    return person.takes


@dataclass(frozen=True, slots=True)
class Policy:
    """`serves` None: windows as they are set. `prefers`: the home field goes first within the hall's tolerance (R3).

    `placed`: clerks sit where the work is, in proportion to it; otherwise each knows the field that is set.
    """

    words: str
    serves: Serves | None = _all
    key: Callable[[Plan, Person], int] = _arrival
    prefers: bool = False
    placed: bool = False

    @property
    def by_arrival(self) -> bool:
        """Nobody has a credit; the promise is that nobody is overtaken beyond the windows' tolerance."""
        return self.key is _arrival


POLICIES = {
    "as_set": Policy("windows and credits as set", None, _credit),
    "departments": Policy("department windows, first come first served", _one, placed=True),
    "fields": Policy("one field per window, first come first served", _field, placed=True),
    "three_skills": Policy("three lines per clerk, first come first served", _three, placed=True),
    "fcfs": Policy("all comprehensive, first come first served"),
    "credits": Policy("all comprehensive, credits", key=_credit),
    "strict": Policy("all comprehensive, strict priority", key=_strict),
    "home": Policy("all comprehensive, home field first, no credits", prefers=True),
    "credits_home": Policy("all comprehensive, credits, home field first", key=_credit, prefers=True),
    "shortest_expected": Policy("all comprehensive, shortest item first", key=_expected),
    "shortest": Policy("all comprehensive, shortest first, as if known", key=_clairvoyant),
}
F = "fcfs"  # pooled, first come first served, at full speed: what others are compared with


def counters(plan: Plan, policy: Policy) -> list[Counter]:
    """The windows of a plan under a policy."""
    homes = windows_for(plan.lines, len(plan.windows))
    found = []
    for place, window in enumerate(plan.windows):
        breaks = tuple(Break(micro(at), micro(length)) for at, length in window.breaks)
        if policy.serves is None:
            found.append(Counter(window.desk, window.home or None, breaks))
            continue
        serves = policy.serves(plan, homes[place])
        home = _field(plan, homes[place]) if policy.placed else window.home or serves
        prefers = policy.prefers and plan.home_tolerance > 0
        tolerance = timedelta(minutes=plan.home_tolerance if prefers else 0)
        desk = Desk(window.desk.no, serves, own_lines=home if prefers else frozenset(), tolerance=tolerance)
        found.append(Counter(desk, home, breaks))
    return found


def visitors(plan: Plan, policy: Policy, people: Sequence[Person], slow: float) -> list[Visitor]:
    """The same people under a policy; `slow` is how much longer a clerk takes outside the field they know."""
    return [
        Visitor(
            person.arrives,
            person.line,
            person.cls,
            policy.key(plan, person),
            person.takes,
            round(person.takes * (1 + slow)) if person.answers else person.takes,
        )
        for person in people
    ]
