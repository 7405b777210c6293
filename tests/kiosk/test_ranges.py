"""The upper end people see creeps up at most once in ten minutes, unless a window of the line closed."""

from dataclasses import replace

import pytest

from kiosk.answers import Range
from kiosk.ranges import UNTIL_HIGHER, Shown, steady, steady_all
from tests.kiosk.display_rig import board, demo_hall

BOTH = frozenset({2, 3})


def highs(found, step, windows=None):
    """The upper ends shown for those estimated, `step` seconds apart."""
    shown, seen = None, []
    for place, high in enumerate(found):
        shown = steady(shown, Range(5, high), place * step, (windows or [BOTH] * len(found))[place])
        seen.append(shown.range.high)
    return seen


def test_it_rises_at_most_once_in_ten_minutes():
    assert highs([20, 21, 25, 30, 30, 35], 200) == [20, 20, 20, 30, 30, 30]


def test_it_falls_at_once_and_a_fall_gives_no_leave_to_rise():
    assert highs([20, 12, 20, 20, 20], 200) == [20, 12, 12, 20, 20]


def test_a_closed_window_is_a_reason_to_rise_and_an_opened_one_is_not():
    assert highs([20, 30], 1, [BOTH, frozenset({2})]) == [20, 30]
    assert highs([20, 30], 1, [frozenset({2}), BOTH]) == [20, 20]


def test_the_ten_minutes_run_from_the_last_rise():
    held = steady(Shown(Range(5, 20), 0.0, BOTH), Range(5, 30), UNTIL_HIGHER - 0.1, BOTH)
    assert held.range == Range(5, 20)
    assert steady(held, Range(5, 30), UNTIL_HIGHER, BOTH) == Shown(Range(5, 30), UNTIL_HIGHER, BOTH)


def test_the_lower_end_never_passes_the_upper_one():
    assert steady(Shown(Range(5, 20), 0.0, BOTH), Range(28, 40), 1, BOTH).range == Range(20, 20)


def test_nothing_known_is_nothing_shown():
    assert steady(Shown(Range(5, 20), 0.0), None, 1, BOTH) is None


@pytest.mark.parametrize("high", [30, 20])
def test_only_a_window_that_serves_the_line_counts(high):
    hall, windows = demo_hall(), dict.fromkeys(range(1, 13), ("open", ""))
    serving = [window.no for window in hall.windows if "property" in window.lines]
    gone = serving[0] if high == 30 else next(no for no in windows if no not in serving)
    first = steady_all({}, hall, board(wait=Range(5, 20), windows=windows), 0.0)
    later = board(wait=Range(5, 30), windows={**windows, gone: ("paused", "")})
    assert steady_all(first, hall, later, 60.0)["property"].range.high == high


def test_a_line_that_is_gone_is_forgotten():
    shown = steady_all({}, demo_hall(), board(wait=Range(5, 20)), 0.0)
    assert shown.keys() == board().lines.keys()
    fewer = replace(board(wait=Range(5, 20)), lines={})
    assert steady_all(shown, demo_hall(), fewer, 1.0) == {}
