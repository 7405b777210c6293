"""Ranges: they come to hold four in five times, are rounded outwards, and stay where they were shown."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from queue_server.estimate.ranges import FLOOR, Guess, Scales, Shown, Span, rounded, shown

GUESS = Guess(8.0, 10.0, 12.0)


def test_four_in_five_waits_come_to_lie_inside():
    rng, scales, inside, beyond = random.Random(5), Scales(), 0, 0
    for n in range(6_000):
        span, wait = scales.span("walk_in", GUESS), rng.gauss(11, 4)
        scales.heard("walk_in", span, wait)
        if n >= 1_000:
            inside, beyond = inside + (span.low <= wait <= span.high), beyond + (wait > span.high)
    assert 0.78 < inside / 5_000 < 0.82
    assert 0.09 < beyond / 5_000 < 0.11


def test_each_class_has_its_own_scale():
    scales = Scales()
    for _ in range(50):
        scales.heard("elderly", Span(1, 2), 30)
    assert scales.span("elderly", GUESS).high > scales.span("walk_in", GUESS).high == 12


def test_a_side_never_shrinks_to_nothing():
    scales = Scales()
    for _ in range(10_000):
        scales.heard("walk_in", Span(0, 100), 50)
    assert scales.upper["walk_in"] == scales.lower["walk_in"] == FLOOR


@given(st.floats(0, 480), st.floats(0, 480))
def test_rounding_goes_outwards(low, more):
    least, most = rounded(Span(low, low + more))
    assert 0 <= least <= low and low + more <= most and least < most + 1


def test_the_upper_end_rises_once_in_ten_minutes():
    first = shown(None, Span(10, 20), 0)
    assert shown(first, Span(12, 24), 300) == Shown(12, 20, 0)
    assert shown(first, Span(12, 24), 600) == Shown(12, 24, 600)
    assert shown(Shown(12, 24, 600), Span(12, 26), 900).high == 24


def test_the_upper_end_rises_at_once_when_a_window_closes():
    assert shown(Shown(10, 20, 0), Span(15, 30), 60, may_rise=True) == Shown(15, 30, 60)


def test_it_falls_whenever_it_may():
    assert shown(Shown(10, 20, 0), Span(3, 9), 60) == Shown(3, 9, 0)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.floats(0, 300)), min_size=1))
def test_what_is_shown_is_always_a_range(steps):
    at, before = 0.0, None
    for low, more, later in steps:
        at += later
        now = shown(before, Span(low, low + more), at)
        assert 0 <= now.low <= now.high
        assert before is None or now.high <= before.high or at - before.rose_at >= 600
        before = now
