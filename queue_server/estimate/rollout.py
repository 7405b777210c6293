"""The hall replayed from where it stands: everybody's wait, as often as is worth it, by the live queue's own rules.

What is drawn anew each time: how long busy windows still take, given how long they have; how long everybody who waits
will take, and who does not answer; who comes yet and may overtake by their class's credit or a window's preference
(nobody else can, so nobody else is looked at). "A ticket taken now" is a visitor whose service takes no time: it is
called when such a ticket would be, and delays nobody.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from queue_server.estimate.learning import Learned, Length
from queue_server.simulate.engine import NEVER, Scene
from queue_server.simulate.heaps import Crowd, Floor, Heaps
from queue_server.simulate.room import MICROSECOND
from queue_server.simulate.scene import MINUTE, Counter, Visitor

FEWEST, MOST, WORK = 20, 100, 30_000  # replays, and visitors in all of them together
CANDIDATES = 4  # who might come yet is drawn this many times as densely; each replay takes its share of them
SHORTEST = MINUTE // 60
TAIL = 1 - 1e-9
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Busy:
    """What a window is at: since when (µs), and whether somebody answered the call."""

    line: str
    item: str | None
    cls: str
    since: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket in a queue; µs on the same clock as the state's `now`."""

    line: str
    item: str | None
    cls: str
    came: int
    key: int
    bound: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """A hall at `now` (µs). `busy` goes by counter; a counter that is not busy is free at its `free_at`.

    Planned breaks are those still to come. `weekday` and `minute` say where in the week `now` is.
    """

    now: int
    weekday: int
    minute: float
    counters: Sequence[Counter]
    busy: Sequence[Busy | None]
    waiting: Sequence[Waiting]
    credits: Mapping[str, int]  # µs by class


def replays_for(people: int) -> int:
    """As many as the time allows."""
    return max(FEWEST, min(MOST, WORK // (people + 100)))


def rollouts(
    state: State, learned: Learned, newcomers: Sequence[Waiting], rng: random.Random, replays: int = 0
) -> list[list[float]]:
    """Waits in minutes from `now`, sorted, one for each replay: of everybody who waits, then of each newcomer.

    A wait without end (no window will call) is inf.
    """
    here = [*state.waiting, *newcomers]
    if not here or not state.counters:
        return [[math.inf] for _ in here]
    coming = _candidates(state, learned, rng)
    visitors = [Visitor(one.came, one.line, one.cls, one.key, 1, 1, one.bound) for one in (*here, *coming)]
    floor = Floor(state.counters, ((one.line, one.cls, one.bound) for one in visitors))
    crowd, scene = Crowd(floor, visitors), Scene(state.counters, visitors, state.now)
    draw = _Lengths(state, learned, [*state.waiting, *(newcomers), *coming], len(state.waiting), len(here), rng)
    present = sorted(range(len(here)), key=lambda who: visitors[who].arrives)
    later = sorted(range(len(here), len(visitors)), key=lambda who: visitors[who].arrives)
    found: list[list[float]] = [[] for _ in here]
    for _ in range(replays or replays_for(len(here))):
        own, off = draw.lengths()
        come = [who for who in later if rng.random() * CANDIDATES < 1]
        played = scene.play(Heaps(floor, crowd), own=own, off=off, free_at=draw.free_at(), coming=present + come)
        for waits, called in zip(found, played.called, strict=False):
            waits.append((called - state.now) / MINUTE if called != NEVER else math.inf)
    for waits in found:
        waits.sort()
    return found


def _candidates(state: State, learned: Learned, rng: random.Random) -> list[Waiting]:
    """Who may come yet and overtake somebody who waits now."""
    tolerance = max(counter.desk.tolerance // MICROSECOND for counter in state.counters)
    found = []
    for line, cls in sorted({(line, cls) for line, cls, _, _ in learned.rates}):
        credit = state.credits.get(cls, 0)
        ahead = credit + tolerance
        rate = CANDIDATES * learned.coming(line, cls, state.weekday, state.minute + ahead / MINUTE / 2)
        found += [Waiting(line, None, cls, at, at - credit) for at in _moments(rate, state.now, ahead, rng)]
    return found


def _moments(rate: float, start: int, ahead: int, rng: random.Random) -> Iterator[int]:
    at = rng.expovariate(rate) if rate > 0 else math.inf
    while at * MINUTE < ahead:
        yield start + max(1, int(at * MINUTE))
        at += rng.expovariate(rate)


class _Lengths:
    """Draws what each visitor takes and when each busy window is free."""

    def __init__(
        self,
        state: State,
        learned: Learned,
        people: Sequence[Waiting],
        waiting: int,
        here: int,
        rng: random.Random,
    ) -> None:
        self._state, self._rng, self._learned = state, rng, learned
        self._newcomers = range(waiting, here)
        lengths = [learned.length(one.line, one.item) for one in people]
        self._drawn = [(one.mean, one.deviation) for one in lengths]
        self._missing = [learned.missing(one.cls) for one in people]
        self._slower = math.exp(learned.slower)
        self._missed = max(SHORTEST, int(learned.no_show_minutes * MINUTE))
        self._ends = [self._end(n, busy) for n, busy in enumerate(state.busy)]

    def lengths(self) -> tuple[list[int], list[int]]:
        """µs by visitor: for who knows the field, and for who does not."""
        draw, uniform, slower = self._rng.lognormvariate, self._rng.random, self._slower
        own = [int(draw(mean, deviation) * MINUTE) + 1 for mean, deviation in self._drawn]
        off = own if slower == 1.0 else [int(length * slower) for length in own]
        off = list(off)
        for who, share in enumerate(self._missing):
            if uniform() < share:
                own[who] = off[who] = self._missed
        for who in self._newcomers:
            own[who] = off[who] = 1
        return own, off

    def free_at(self) -> list[int]:
        return [end() for end in self._ends]

    def _end(self, n: int, busy: Busy | None) -> Callable[[], int]:
        counter, now, rng = self._state.counters[n], self._state.now, self._rng
        if busy is None:
            return lambda: counter.free_at
        length = self._learned.length(busy.line, busy.item)
        if counter.is_off(busy.line):
            length = Length(length.mean + self._learned.slower, length.deviation)
        elapsed = max(0.0, (now - busy.since) / MINUTE)
        remaining = Remaining(length, elapsed)
        missing = 0.0 if busy.answered else self._learned.missing(busy.cls)
        gone = max(SHORTEST, self._missed - (now - busy.since))

        def end() -> int:
            if missing and rng.random() < missing:
                return now + gone
            return now + max(SHORTEST, int(remaining(rng.random()) * MINUTE))

        return end


class Remaining:
    """Minutes a service still takes that has taken `elapsed`, by a uniform number: exact where that can be computed."""

    def __init__(self, length: Length, elapsed: float) -> None:
        self._mean, self._deviation, self._elapsed = length.mean, length.deviation, elapsed
        below = NORMAL.cdf((math.log(elapsed) - length.mean) / length.deviation) if elapsed > 0 else 0.0
        self._below = min(below, TAIL)

    def __call__(self, uniform: float) -> float:
        share = min(TAIL, self._below + max(uniform, 1e-12) * (1 - self._below))
        total = math.exp(self._mean + self._deviation * NORMAL.inv_cdf(share))
        if total <= self._elapsed:  # beyond what anybody has seen: as long again as a part of what it took
            return self._elapsed * 0.1 * (1 + uniform)
        return total - self._elapsed


def quantile(waits: Sequence[float], share: float) -> float:
    """Of a sorted list, between neighbours in proportion."""
    at = share * (len(waits) - 1)
    low = int(at)
    if low + 1 >= len(waits) or waits[low] == waits[low + 1]:
        return waits[low]
    return waits[low] + (at - low) * (waits[low + 1] - waits[low])
