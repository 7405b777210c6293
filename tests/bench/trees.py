"""Small regression trees, one after another, each correcting what those before it left: boosting for the mean absolute
error, in plain Python (Friedman 2001, "LAD_TreeBoost").

Every tree sees a part of the rows. A split is chosen by the signs of what is left, a leaf is its median. Values are cut
into at most BINS bins of equal counts. 30,000 rows of ten values take some ten seconds, once a night.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

BINS, DEPTH, LEAST = 32, 5, 30  # bins a value, levels of a tree, rows of a leaf
RATE, TREES, PART = 0.04, 250, 0.35  # of each correction, how many, and of the rows that each is made from
Row = Sequence[float]


@dataclass(frozen=True, slots=True)
class Leaf:
    value: float


@dataclass(frozen=True, slots=True)
class Split:
    """Rows whose value is at most `at` go left."""

    value: int
    at: float
    left: Leaf | Split
    right: Leaf | Split


@dataclass(frozen=True, slots=True)
class Forest:
    trees: Sequence[Leaf | Split]

    def __call__(self, row: Row) -> float:
        """What is to be added to the first guess of this row."""
        total = 0.0
        for node in self.trees:
            while isinstance(node, Split):
                node = node.left if row[node.value] <= node.at else node.right
            total += node.value
        return RATE * total


def grow(rows: Sequence[Row], left: Sequence[float], rng: random.Random, trees: int = TREES) -> Forest:
    """`left` is what the first guesses leave to be explained."""
    if len(rows) < 2 * LEAST:
        return Forest(())
    growing = _Growing(rows, list(left))
    return Forest([growing.tree(rng) for _ in range(trees)])


class _Growing:
    def __init__(self, rows: Sequence[Row], left: list[float]) -> None:
        self._rows, self._left = rows, left
        self._cuts = [_cuts([row[n] for row in rows]) for n in range(len(rows[0]))]
        self._bins = [bytes(bisect_right(cuts, row[n]) for row in rows) for n, cuts in enumerate(self._cuts)]

    def tree(self, rng: random.Random) -> Leaf | Split:
        some = rng.sample(range(len(self._rows)), max(2 * LEAST, int(len(self._rows) * PART)))
        grown = self._node(some, DEPTH)
        left = self._left
        for place, row in enumerate(self._rows):
            node = grown
            while isinstance(node, Split):
                node = node.left if row[node.value] <= node.at else node.right
            left[place] -= RATE * node.value
        return grown

    def _node(self, some: list[int], depth: int) -> Leaf | Split:
        best = self._best(some) if depth and len(some) >= 2 * LEAST else None
        if best is None:
            return Leaf(_median([self._left[place] for place in some]))
        value, bin_ = best
        bins = self._bins[value]
        low = [place for place in some if bins[place] < bin_]
        high = [place for place in some if bins[place] >= bin_]
        at = _below(self._cuts[value][bin_ - 1])
        return Split(value, at, self._node(low, depth - 1), self._node(high, depth - 1))

    def _best(self, some: list[int]) -> tuple[int, int] | None:
        """The value and the first bin of its right side that tell signs apart best."""
        over = [place for place in some if self._left[place] > 0]
        under = [place for place in some if self._left[place] <= 0]
        whole = len(over) - len(under)
        best, found = whole * whole / len(some) + 1e-9, None
        for value, bins in enumerate(self._bins):
            above, below = bytes(map(bins.__getitem__, over)), bytes(map(bins.__getitem__, under))
            total, n = 0, 0
            for bin_ in range(1, len(self._cuts[value]) + 1):
                more, less = above.count(bin_ - 1), below.count(bin_ - 1)
                total += more - less
                n += more + less
                if n >= LEAST and len(some) - n >= LEAST:
                    gain = total * total / n + (whole - total) ** 2 / (len(some) - n)
                    if gain > best:
                        best, found = gain, (value, bin_)
        return found


def _cuts(values: list[float]) -> list[float]:
    """Where bins begin."""
    ordered = sorted(values)
    return sorted({ordered[len(ordered) * n // BINS] for n in range(1, BINS)} - {ordered[0]})


def _below(value: float) -> float:
    """The largest number below: a row at a cut belongs to the bin that begins there."""
    return math.nextafter(value, -math.inf)


def _median(values: list[float]) -> float:
    values.sort()
    return values[len(values) // 2]
