"""What a day in a queue has shown until now: how long those who were called had waited, and those who still wait.

Only what is over, or can be seen, at the moment of a snapshot: a wait is known once it has ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Protocol

UNKNOWN = -1e9
NEIGHBOUR, HALF_HOUR, ABOUT, HOUR = 7.0, 30.0, 5.0, 60.0  # minutes


class Snapshot(Protocol):
    """As `warsaw.Seen`."""

    @property
    def queue(self) -> str: ...
    @property
    def office(self) -> str: ...
    @property
    def day(self) -> str: ...
    @property
    def minute(self) -> float: ...
    @property
    def people(self) -> int: ...
    @property
    def counters(self) -> int: ...
    @property
    def wait(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Today:
    """Minutes; `pace_…` are minutes a person."""

    last: float  # the wait of whoever was called last
    last_ago: float
    pace_last: float
    pace_three: float  # of the three who were called last
    pace_hour: float
    pace_day: float
    people_three: int
    people_hour: int
    people_day: int
    elapsed: float  # since the first came who still waits
    pace_least: float  # nobody who still waits was faster than this
    before: float  # people at the snapshot before
    more_people: int  # than half an hour ago
    more_counters: int
    most_counters: int
    office_people: int
    office_queues: int

    def values(self) -> tuple[float, ...]:
        return astuple(self)


def todays(rows: Sequence[Snapshot]) -> list[Today]:
    """One for each row; rows go by day and minute."""
    offices = defaultdict[tuple[str, str, float], list[int]](list)
    of_day = defaultdict[tuple[str, str], list[int]](list)
    for place, one in enumerate(rows):
        offices[one.office, one.day, one.minute].append(one.people)
        of_day[one.queue, one.day].append(place)
    found: dict[int, Today] = {}
    for places in of_day.values():
        mine = [rows[place] for place in places]
        for n, place in enumerate(places):
            one = mine[n]
            found[place] = _today(mine[:n], one, offices[one.office, one.day, one.minute])
    return [found[place] for place in range(len(rows))]


def _today(past: Sequence[Snapshot], now: Snapshot, office: Sequence[int]) -> Today:
    at = now.minute
    over = sorted(_over(past, at), reverse=True)
    here = [(at - one.minute, one.people) for one in past if one.minute < at < one.minute + one.wait]
    hour, ago = [one for one in over if one[0] >= at - HOUR], _about(past, at - HALF_HOUR)
    return Today(
        last=over[0][2] if over else UNKNOWN,
        last_ago=at - over[0][0] if over else UNKNOWN,
        pace_last=_pace(over[:1]),
        pace_three=_pace(over[:3]),
        pace_hour=_pace(hour),
        pace_day=_pace(over),
        people_three=sum(people for _, people, _ in over[:3]),
        people_hour=sum(people for _, people, _ in hour),
        people_day=sum(people for _, people, _ in over),
        elapsed=max((elapsed for elapsed, _ in here), default=0.0),
        pace_least=max((elapsed / people for elapsed, people in here), default=0.0),
        before=past[-1].people if past and at - past[-1].minute <= NEIGHBOUR else UNKNOWN,
        more_people=now.people - (ago.people if ago else 0),
        more_counters=now.counters - ago.counters if ago else 0,
        most_counters=max(one.counters for one in (*past, now)),
        office_people=sum(office),
        office_queues=len(office),
    )


def _over(past: Sequence[Snapshot], at: float) -> Iterator[tuple[float, int, float]]:
    """When each was called who had been called by then, how many they were, and how long it had taken."""
    for one in past:
        if one.minute < at and one.minute + one.wait <= at:
            yield one.minute + one.wait, one.people, one.wait


def _about(past: Sequence[Snapshot], minute: float) -> Snapshot | None:
    return next((one for one in past if abs(one.minute - minute) <= ABOUT), None)


def _pace(over: Sequence[tuple[float, int, float]]) -> float:
    return sum(wait for _, _, wait in over) / sum(people for _, people, _ in over) if over else UNKNOWN
