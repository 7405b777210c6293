"""A hall's day, event by event: whoever is free calls, whoever comes waits, and planned breaks are kept.

It begins from any state: visitors who came by `start` wait, windows are free when they will be. Who is next is the
room's to say (`queue_server/simulate/room.py`). No window rests while somebody it may serve waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from queue_server.simulate.heaps import Heaps
from queue_server.simulate.room import NOBODY, MakeRoom, Room
from queue_server.simulate.scene import FOREVER, Break, Counter, Visitor

NEVER = -1  # in place of an instant
BITS = 10  # of an event: instant << BITS | window, so that events are compared as numbers
WINDOWS = 1 << BITS


@dataclass(frozen=True, slots=True)
class Played:
    """By visitor: when they were called (NEVER: not at all) and to which window, by its place (NOBODY).

    `calls` are (visitor, the oldest one that window might have called) in the order they happened.
    """

    called: list[int]
    window: list[int]
    calls: list[tuple[int, int]]


def play(
    counters: Sequence[Counter], visitors: Sequence[Visitor], *, start: int = 0, make_room: MakeRoom = Heaps.of
) -> Played:
    """The whole day, until everybody was called or every window closed."""
    return Scene(counters, visitors, start).play(make_room(counters, visitors))


class Scene:
    """A state of a hall and what is to come, to be played as often as one likes.

    Counters are in order of their numbers, fewer than 1,024; visitors in order of seq.
    """

    def __init__(self, counters: Sequence[Counter], visitors: Sequence[Visitor], start: int = 0) -> None:
        assert len(counters) < WINDOWS
        self.start = start
        self.free_at = [counter.free_at for counter in counters]
        self.own = [visitor.own for visitor in visitors]
        self.off = [visitor.off for visitor in visitors]
        self.breaks = [counter.breaks for counter in counters]
        self.arrives = [visitor.arrives for visitor in visitors]
        self.coming = sorted(range(len(visitors)), key=self.arrives.__getitem__)
        lines = {line: n for n, line in enumerate(sorted({visitor.line for visitor in visitors}))}
        self.line = [lines[visitor.line] for visitor in visitors]
        self.is_off = [[counter.is_off(line) for line in lines] for counter in counters]

    def play(
        self,
        room: Room,
        *,
        own: Sequence[int] | None = None,
        off: Sequence[int] | None = None,
        free_at: Sequence[int] | None = None,
        coming: Sequence[int] | None = None,
    ) -> Played:
        """Once, in a fresh room. What is given stands in for the scene's own; `coming` is in order of arrival."""
        day = _Day(self, room, own or self.own, off or self.off, free_at or self.free_at)
        day.run(self.coming if coming is None else coming)
        return Played(day.called, day.window, day.calls)


class _Day:
    """One playing of a scene."""

    def __init__(
        self, scene: Scene, room: Room, own: Sequence[int], off: Sequence[int], free_at: Sequence[int]
    ) -> None:
        self._scene, self._room, self._own, self._off = scene, room, own, off
        self.called, self.window = [NEVER] * len(scene.arrives), [NOBODY] * len(scene.arrives)
        self.calls: list[tuple[int, int]] = []
        self._waiting = 0
        self._busy_until = list(free_at)
        self._rests = [False] * len(free_at)
        self._breaks_had = [0] * len(free_at)
        self._events: list[int] = []

    def run(self, coming: Sequence[int]) -> None:
        room, arrives, events = self._room, self._scene.arrives, self._events
        here = [who for who in coming if arrives[who] <= self._scene.start]
        for who in here:
            room.join(who)
        self._waiting = len(here)
        self._open()
        for who in coming[len(here) :]:
            at = arrives[who]
            soonest = at << BITS  # who arrives as a window gets free is there first
            while events and events[0] < soonest:
                self._next_event()
            window = room.welcome(who)
            if window < 0:
                room.join(who)
                self._waiting += 1
            else:
                self._rests[window] = False
                self._call(who, who, window, at)
        while self._waiting and events:
            self._next_event()

    def _open(self) -> None:
        """Windows that are idle already call, the longest idle first; the others will."""
        start = self._scene.start
        idle = sorted((at, window) for window, at in enumerate(self._busy_until) if at <= start)
        self._events.extend(at << BITS | window for window, at in enumerate(self._busy_until) if at > start)
        heapify(self._events)
        for since, window in idle:
            self._free(window, start, since)

    def _next_event(self) -> None:
        event = heappop(self._events)
        at, window = event >> BITS, event & (WINDOWS - 1)
        if self._busy_until[window] <= at:  # else it was to begin a break while idle, and somebody came before
            self._free(window, at, at)

    def _free(self, window: int, at: int, since: int) -> None:
        planned = self._next_break(window)
        if planned is not None and planned.at <= at:
            self._begin_break(window, planned, at)
        elif not self._rests[window]:
            who, oldest = self._room.next(window)
            if who >= 0:
                self._waiting -= 1
                self._call(who, oldest, window, at)
                return
            self._rests[window] = True
            self._room.rest(window, since)
            if planned is not None:
                heappush(self._events, planned.at << BITS | window)

    def _next_break(self, window: int) -> Break | None:
        breaks, had = self._scene.breaks[window], self._breaks_had[window]
        return breaks[had] if had < len(breaks) else None

    def _begin_break(self, window: int, planned: Break, at: int) -> None:
        if self._rests[window]:
            self._rests[window] = False
            self._room.leave(window)
        self._breaks_had[window] += 1
        until = self._busy_until[window] = at + planned.length
        if planned.length < FOREVER:
            heappush(self._events, until << BITS | window)

    def _call(self, who: int, oldest: int, window: int, at: int) -> None:
        scene = self._scene
        takes = (self._off if scene.is_off[window][scene.line[who]] else self._own)[who]
        until = self._busy_until[window] = at + takes
        self.called[who], self.window[who] = at, window
        self.calls.append((who, oldest))
        heappush(self._events, until << BITS | window)
