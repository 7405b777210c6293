"""Before anybody knows how long services take: people ahead times the minutes between two calls of their line."""

from __future__ import annotations

import math
from collections.abc import Mapping

from queue_server.estimate.ranges import Guess
from queue_server.estimate.rollout import State, Waiting

UNSURE = 0.3  # of a headway: how far today's may be from what was learnt
NINETY = 1.2816  # deviations that leave one in ten outside


def by_headway(people: int, headway: float) -> Guess:
    """The wait until so many people were called, the last of them included."""
    middle = people * headway
    deviation = math.sqrt(math.log1p(1 / max(1, people) + UNSURE**2))
    return Guess(middle * math.exp(-NINETY * deviation), middle, middle * math.exp(NINETY * deviation))


def guess(state: State, one: Waiting, headway: Mapping[str, float]) -> Guess | None:
    """None where no window serves the line, or nobody knows how fast it moves."""
    serving = [
        busy for counter, busy in zip(state.counters, state.busy, strict=True) if _serves(counter.desk.lines, one)
    ]
    if not serving:
        return None
    ahead = sum(other.line == one.line and other is not one and other.key <= one.key for other in state.waiting)
    if not ahead and None in serving:
        return Guess(0.0, 0.0, 0.0)
    return by_headway(ahead + 1, headway[one.line]) if one.line in headway else None


def _serves(lines: frozenset[str], one: Waiting) -> bool:
    return one.line in lines
