"""Where each waiting ticket stands in its line, kept in the writer's memory.

Counting rows would cost more the more people wait. The tables are the truth: this is read from them when it is first
asked for, follows what the writer saves, and is thrown away when something is taken back.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

Place = tuple[int, int]  # key in microseconds, seq: what orders a line


class Places:
    """The waiting tickets of one hall."""

    def __init__(self, waiting: Iterable[tuple[str, int, int]]) -> None:
        """`waiting` is (line, key, seq) of each ticket, each line in order."""
        self._lines: dict[str, list[Place]] = {}
        self._places: dict[int, tuple[str, Place]] = {}  # by seq
        for line, key, seq in waiting:
            self._lines.setdefault(line, []).append((key, seq))
            self._places[seq] = line, (key, seq)

    def put(self, line: str, place: Place) -> None:
        """A ticket waits here, wherever it was before."""
        self.take(place[1])
        insort(self._lines.setdefault(line, []), place)
        self._places[place[1]] = line, place

    def take(self, seq: int) -> None:
        """A ticket waits no longer, if it did."""
        if seq in self._places:
            line, place = self._places.pop(seq)
            places = self._lines[line]
            del places[bisect_left(places, place)]

    def ahead(self, line: str, place: Place) -> int:
        """How many of the line stand before this place."""
        return bisect_left(self._lines.get(line, ()), place)
