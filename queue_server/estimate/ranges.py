"""From replays to a range that holds: calibrated by what came true, rounded outwards, and steady once it is shown.

Scales are kept per class and side. After each call of somebody who was given a range, its side grows a little if it was
too short and shrinks a little less often than that if it was not: so one in ten waits longer than said, and one in ten
less (Gibbs, Candès 2021).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from queue_server.estimate.rollout import quantile

STEP, OUTSIDE, FLOOR, CEILING = 0.04, 0.10, 0.2, 10.0
NARROWEST = 0.05  # of the middle, and minutes: a side that replays find no width for can still be scaled
LONGEST = 480.0  # minutes: what would be longer is not known
UNTIL_HIGHER = 600.0  # seconds a shown upper end must stand before it may rise


@dataclass(frozen=True, slots=True)
class Guess:
    """Minutes: the tenth, fiftieth and ninetieth in a hundred."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Span:
    """A range in minutes, unrounded."""

    low: float
    high: float


def guess_of(waits: Sequence[float]) -> Guess | None:
    """None if no end is in sight."""
    low, middle, high = (quantile(waits, share) for share in (OUTSIDE, 0.5, 1 - OUTSIDE))
    return Guess(max(0.0, low), max(0.0, middle), max(0.0, high)) if high <= LONGEST else None


@dataclass
class Scales:
    """By class: how much wider the lower and the upper side are than replays say."""

    lower: dict[str, float] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)

    def span(self, cls: str, guess: Guess) -> Span:
        least = NARROWEST * (1 + guess.middle)
        below = max(guess.middle - guess.low, least) * self.lower.get(cls, 1.0)
        above = max(guess.high - guess.middle, least) * self.upper.get(cls, 1.0)
        return Span(max(0.0, guess.middle - below), min(LONGEST, guess.middle + above))

    def heard(self, cls: str, span: Span, wait: float) -> None:
        """Somebody of this class who was given this span waited so long."""
        for sides, missed in ((self.lower, wait < span.low), (self.upper, wait > span.high)):
            sides[cls] = min(CEILING, max(FLOOR, sides.get(cls, 1.0) + STEP * (missed - OUTSIDE)))


@dataclass(frozen=True, slots=True)
class Shown:
    """A range as people see it, in whole minutes; `rose_at` is when (seconds) its upper end last rose."""

    low: int
    high: int
    rose_at: float


def rounded(span: Span) -> tuple[int, int]:
    """Outwards: in minutes up to a quarter of an hour."""
    return math.floor(span.low), max(1, math.ceil(span.high))


def shown(before: Shown | None, span: Span, at: float, *, may_rise: bool = False) -> Shown:
    """What to show at `at` (seconds on a clock that only goes on) after what was shown before.

    The upper end rises at most once in ten minutes; `may_rise`: a window has closed meanwhile.
    """
    low, high = rounded(span)
    if before is None:
        return Shown(low, high, at)
    if high <= before.high:
        return Shown(low, high, before.rose_at)
    if may_rise or at - before.rose_at >= UNTIL_HIGHER:
        return Shown(low, high, at)
    return Shown(min(low, before.high), before.high, before.rose_at)
