"""The range a line's screen shows: steady for people who look again, although every newcomer's is a new estimate.

The upper end rises at most once in UNTIL_HIGHER, or when a window of the line has closed: then there is a reason to
see. It may fall at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kiosk.answers import Board, Hall, Range, windows_serving

SOON = 5  # minutes: a wait that ends before this is said in words
UNTIL_HIGHER = 600.0  # seconds a shown upper end stands before it may rise


@dataclass(frozen=True)
class Shown:
    """What is on the screen, when its upper end last rose (seconds), and which windows served the line then."""

    range: Range
    rose_at: float
    open: frozenset[int] = frozenset()


def steady(before: Shown | None, found: Range | None, at: float, open_now: frozenset[int]) -> Shown | None:
    """What to show at `at` (seconds on a clock that never goes back) after `before`; None where nothing is known.

    `open_now`: the windows that serve the line now.
    """
    if found is None:
        return None
    if before is None or before.open - open_now:
        return Shown(found, at, open_now)
    if found.high <= before.range.high:
        return Shown(found, before.rose_at, open_now)
    if at - before.rose_at >= UNTIL_HIGHER:
        return Shown(found, at, open_now)
    return Shown(Range(min(found.low, before.range.high), before.range.high), before.rose_at, open_now)


def steady_all(before: Mapping[str, Shown], hall: Hall, board: Board, at: float) -> dict[str, Shown]:
    """The same for every line of a board, by line id; give it back with the next board."""
    open_now = {no for no, window in board.windows.items() if window.state == "open"}
    found = {
        line: steady(before.get(line), now.range, at, frozenset(open_now.intersection(windows_serving(hall, line))))
        for line, now in board.lines.items()
    }
    return {line: shown for line, shown in found.items() if shown}


def with_steady(board: Board, shown: Mapping[str, Shown]) -> Board:
    """The board with what is to be shown instead of every newcomer's estimate."""
    lines = {
        line: replace(now, range=shown[line].range if line in shown else None) for line, now in board.lines.items()
    }
    return replace(board, lines=lines)
