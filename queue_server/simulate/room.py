"""A waiting room: who is next at a window, and which idle window somebody who arrives goes to.

`Lanes` asks the live server's own `dispatch` and `idle_window`; `queue_server/simulate/heaps.py` has its fast twin.
Rooms know visitors and windows by their places in the lists they were made with. Time never goes back in a room.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from queue_server.domain.dispatch import Idle, LaneHead, dispatch, idle_window
from queue_server.simulate.scene import Counter, Visitor

NOBODY = -1
MICROSECOND = timedelta(microseconds=1)
OPENING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # any instant: only differences count


class Room(Protocol):
    """What the engine asks. Nobody, or no window, is NOBODY."""

    def join(self, who: int) -> None:
        """They wait."""

    def next(self, window: int) -> tuple[int, int]:
        """Who is called to this window (and waits no longer), and the oldest it might have called."""

    def rest(self, window: int, since: int) -> None:
        """The window is idle; windows that rest since the same moment come in order of their numbers."""

    def leave(self, window: int) -> None:
        """It is idle no longer, though nobody came."""

    def welcome(self, who: int) -> int:
        """The idle window for somebody who arrives, which is idle no longer."""


MakeRoom = Callable[[Sequence[Counter], Sequence[Visitor]], Room]


class Lanes:
    """Lanes of (line, class, bound window) in order of (key, seq), and their heads before `dispatch`."""

    def __init__(self, counters: Sequence[Counter], visitors: Sequence[Visitor]) -> None:
        self._desks = [counter.desk for counter in counters]
        self._window = {desk.no: place for place, desk in enumerate(self._desks)}
        self._heads = [_head(who, visitor) for who, visitor in enumerate(visitors)]
        self._lanes: dict[tuple[str, str, int], list[tuple[datetime, int]]] = {}
        self._idle: dict[int, Idle] = {}

    def join(self, who: int) -> None:
        head = self._heads[who]
        heapq.heappush(self._lanes.setdefault((head.line, head.cls, head.bound), []), head.place)

    def next(self, window: int) -> tuple[int, int]:
        decision = dispatch(self._desks[window], [self._heads[lane[0][1]] for lane in self._lanes.values() if lane])
        if decision is None:
            return NOBODY, NOBODY
        head = decision.ticket
        heapq.heappop(self._lanes[head.line, head.cls, head.bound])
        return head.seq, decision.oldest.seq

    def rest(self, window: int, since: int) -> None:
        self._idle[window] = Idle(self._desks[window], OPENING + since * MICROSECOND)

    def leave(self, window: int) -> None:
        del self._idle[window]

    def welcome(self, who: int) -> int:
        chosen = idle_window(self._heads[who], list(self._idle.values()))
        if chosen is None:
            return NOBODY
        window = self._window[chosen.desk.no]
        del self._idle[window]
        return window


def _head(who: int, visitor: Visitor) -> LaneHead:
    key, came = OPENING + visitor.key * MICROSECOND, OPENING + visitor.arrives * MICROSECOND
    return LaneHead("", "", visitor.line, visitor.cls, visitor.bound, key, who, came)
