"""Whether everybody got what was promised on a simulated day, counted from who came when (QUEUE).

It knows nothing of keys and of how a call was decided: for every call it looks at who of each line and class has waited
longest, and compares when both came, their credits, and the window's tolerance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush

from queue_server.domain.dispatch import Desk
from queue_server.simulate.engine import Played
from queue_server.simulate.people import Person
from queue_server.simulate.room import MICROSECOND
from queue_server.simulate.scene import MINUTE, Counter


def breaches(
    counters: Sequence[Counter],
    people: Sequence[Person],
    came: Sequence[int],
    credits: Mapping[str, int],
    played: Played,
) -> int:
    """How many calls overtook somebody by more than promised. `came` is from when each counts, credits are minutes."""
    credit = {person.cls: credits.get(person.cls, 0) * MINUTE for person in people}
    tolerance = [counter.desk.tolerance // MICROSECOND for counter in counters]
    waiting = _Waiting(people, came)
    found = 0
    for who, _ in played.calls:
        one, place = people[who], played.window[who]
        desk = counters[place].desk
        waiting.until(played.called[who])
        least = came[who] - credit[one.cls] - (tolerance[place] if _preferred(desk, one) else 0)
        found += any(least > earlier - credit[cls] for earlier, cls in waiting.longest(desk.lines))
        waiting.gone(who)
    return found


def _preferred(desk: Desk, person: Person) -> bool:
    return person.line in desk.own_lines or person.cls in desk.own_classes


class _Waiting:
    """Who of each line and class has waited longest, as the day goes on."""

    def __init__(self, people: Sequence[Person], came: Sequence[int]) -> None:
        self._people, self._came = people, came
        self._coming = sorted(range(len(people)), key=lambda who: -people[who].arrives)
        self._gone = bytearray(len(people))
        self._lanes: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def until(self, at: int) -> None:
        """Everybody who came before this instant is here."""
        people, coming = self._people, self._coming
        while coming and people[coming[-1]].arrives < at:
            who = coming.pop()
            lane = self._lanes.setdefault((people[who].line, people[who].cls), [])
            heappush(lane, (self._came[who], who))

    def gone(self, who: int) -> None:
        self._gone[who] = 1

    def longest(self, lines: frozenset[str]) -> Iterator[tuple[int, str]]:
        """(came, class) of the first of each lane that is left."""
        for (line, cls), lane in self._lanes.items():
            if line in lines:
                while lane and self._gone[lane[0][1]]:
                    heappop(lane)
                if lane:
                    yield lane[0][0], cls
