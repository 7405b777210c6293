"""The fast twin of `Lanes`: the same choices from heaps of whole numbers, some twenty times as fast.

Everybody's place in the order of (key, seq) is known beforehand, so a heap holds places. A scope is a set of visitors
that some window serves, or prefers, or that are bound to it: windows that are alike share its heap. Who was called is
struck off, and leaves the other heaps when they come to the top.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush

from queue_server.domain.dispatch import Desk, LaneHead
from queue_server.simulate.room import MICROSECOND, NOBODY, OPENING
from queue_server.simulate.scene import Counter, Visitor

Kind = tuple[str, str, int]  # line, class, bound window: visitors of a kind are alike to every window


class Floor:
    """What heaps need to know of the windows, for visitors of these kinds; made once for any number of rooms."""

    def __init__(self, counters: Sequence[Counter], kinds: Iterable[Kind]) -> None:
        desks = [counter.desk for counter in counters]
        self.kinds = {kind: n for n, kind in enumerate(sorted(set(kinds)))}
        heads = {kind: LaneHead("", "", *kind, OPENING, 0, OPENING) for kind in self.kinds}
        self._scopes: dict[frozenset[Kind], int] = {}

        def scopes(wanted: Callable[[Desk, LaneHead], bool]) -> list[int]:
            """By window, the scope of those it serves who are wanted."""
            served = [(desk, [kind for kind, head in heads.items() if desk.serves(head)]) for desk in desks]
            found = [frozenset(kind for kind in kinds if wanted(desk, heads[kind])) for desk, kinds in served]
            return [self._scopes.setdefault(kinds, len(self._scopes)) if kinds else NOBODY for kinds in found]

        self.served = scopes(lambda desk, head: not head.bound)
        self.preferred = scopes(lambda desk, head: not head.bound and desk.prefers(head))
        self.bound = scopes(lambda desk, head: bool(head.bound))
        self.tolerance = [round(desk.tolerance / MICROSECOND) for desk in desks]
        self.scopes = len(self._scopes)
        self.scopes_of = [tuple(n for found, n in self._scopes.items() if kind in found) for kind in self.kinds]
        self.numbers = [desk.no for desk in desks]
        groups: dict[tuple[object, ...], int] = {}  # windows that are alike but for their number
        bound_to = {bound for _, _, bound in self.kinds}
        self.group = [groups.setdefault(_alike(desk, bound_to), len(groups)) for desk in desks]
        one_of = dict(zip(self.group, desks, strict=True))
        self.groups = len(groups)
        self.tiers_of = [_tiers(one_of, heads[kind]) for kind in self.kinds]


def _alike(desk: Desk, bound_to: set[int]) -> tuple[object, ...]:
    return desk.lines, desk.own_lines, desk.own_classes, desk.no if desk.no in bound_to else 0


def _tiers(one_of: dict[int, Desk], head: LaneHead) -> tuple[tuple[int, ...], ...]:
    """Groups of windows that may serve such a visitor, best first (R4); within a tier the longest idle counts."""
    tiers: dict[tuple[bool, int], list[int]] = {}
    for group, desk in one_of.items():
        if desk.serves(head):
            tiers.setdefault((not desk.prefers(head), len(desk.lines)), []).append(group)
    return tuple(tuple(tiers[rank]) for rank in sorted(tiers))


class Crowd:
    """Visitors as numbers: their kind, and their place in the order of (key, seq)."""

    def __init__(self, floor: Floor, visitors: Sequence[Visitor]) -> None:
        self.keys = [visitor.key for visitor in visitors]
        self.order = sorted(range(len(visitors)), key=self.keys.__getitem__)  # stable: the earlier seq first
        self.place = [0] * len(visitors)
        for place, who in enumerate(self.order):
            self.place[who] = place
        self.kind = [floor.kinds[visitor.line, visitor.cls, visitor.bound] for visitor in visitors]


class Heaps:
    """One day, or one replay, of a floor and a crowd."""

    def __init__(self, floor: Floor, crowd: Crowd) -> None:
        self._floor, self._crowd = floor, crowd
        self._heaps: list[list[int]] = [[] for _ in range(floor.scopes)]
        self._called = bytearray(len(crowd.keys))  # by place
        self._idle: list[deque[tuple[int, int, int]]] = [deque() for _ in range(floor.groups)]

    @classmethod
    def of(cls, counters: Sequence[Counter], visitors: Sequence[Visitor]) -> Heaps:
        floor = Floor(counters, ((one.line, one.cls, one.bound) for one in visitors))
        return cls(floor, Crowd(floor, visitors))

    def join(self, who: int) -> None:
        place = self._crowd.place[who]
        for scope in self._floor.scopes_of[self._crowd.kind[who]]:
            heappush(self._heaps[scope], place)

    def _first(self, scope: int) -> int:
        """The smallest place in a scope of those who wait."""
        if scope < 0:
            return NOBODY
        heap, called = self._heaps[scope], self._called
        while heap:
            if not called[heap[0]]:
                return heap[0]
            heappop(heap)
        return NOBODY

    def next(self, window: int) -> tuple[int, int]:
        floor, order = self._floor, self._crowd.order
        oldest = self._first(floor.served[window])
        chosen = self._first(floor.bound[window])  # R5
        if chosen < 0:
            if oldest < 0:
                return NOBODY, NOBODY
            chosen = self._first(floor.preferred[window])  # R3
            if chosen < 0 or self._key(chosen) > self._key(oldest) + floor.tolerance[window]:
                chosen = oldest  # R2
        self._called[chosen] = 1
        return order[chosen], order[oldest if oldest >= 0 else chosen]

    def _key(self, place: int) -> int:
        return self._crowd.keys[self._crowd.order[place]]

    def rest(self, window: int, since: int) -> None:
        self._idle[self._floor.group[window]].append((since, self._floor.numbers[window], window))

    def leave(self, window: int) -> None:
        idle = self._idle[self._floor.group[window]]
        idle.remove(next(one for one in idle if one[2] == window))

    def welcome(self, who: int) -> int:
        idle = self._idle
        for tier in self._floor.tiers_of[self._crowd.kind[who]]:
            waiting = [idle[group] for group in tier if idle[group]]
            if waiting:
                return min(waiting, key=_since).popleft()[2]
        return NOBODY


def _since(idle: deque[tuple[int, int, int]]) -> tuple[int, int, int]:
    return idle[0]
