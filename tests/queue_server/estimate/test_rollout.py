"""Waits from replays: right where they can be known, never absurd where they cannot."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.domain.dispatch import Desk
from queue_server.estimate.learning import Learned, Length
from queue_server.estimate.ranges import guess_of
from queue_server.estimate.rollout import Busy, Remaining, State, Waiting, rollouts
from queue_server.simulate.scene import MINUTE, Counter

EXACT = Learned(1_000, hall=Length(math.log(10), 0.001))


def window(no: int = 1, *lines: str, free_at: int = 0) -> Counter:
    return Counter(Desk(no, frozenset(lines or ("a",))), free_at=free_at)


def waiting(line: str = "a", came: float = 0, cls: str = "walk_in", bound: int = 0) -> Waiting:
    return Waiting(line, None, cls, round(came * MINUTE), round(came * MINUTE), bound)


def state(counters, busy, people, credits=None) -> State:
    return State(0, 0, 600.0, counters, busy, people, credits or {})


def waits(of: State, learned: Learned = EXACT, newcomers=()) -> list[list[float]]:
    return rollouts(of, learned, newcomers, random.Random(1))


def test_one_window_takes_people_one_after_another():
    busy = [Busy("a", None, "walk_in", -4 * MINUTE, True)]
    found = waits(state([window()], busy, [waiting(came=-3), waiting(came=-2), waiting(came=-1)]))
    assert [round(one[len(one) // 2]) for one in found] == [6, 16, 26]


def test_an_idle_window_calls_at_once_and_a_newcomer_delays_nobody():
    found = waits(state([window()], [None], [waiting(came=-1)]), newcomers=[waiting()] * 5)
    assert [round(one[0]) for one in found] == [0, *[10] * 5]


def test_without_a_window_that_serves_the_line_there_is_no_end():
    assert waits(state([], [], [waiting()])) == [[math.inf]]
    (found,) = waits(state([window(1, "b")], [None], [waiting("a")]))
    assert guess_of(found) is None


def test_a_ticket_bound_to_a_closed_window_has_no_end():
    (found,) = waits(state([window(1)], [None], [waiting(bound=2)]))
    assert guess_of(found) is None


def test_who_may_overtake_is_expected_to():
    coming = replace(EXACT, rates={("a", "elderly", 0, 20): 60.0})
    of = state([window()], [Busy("a", None, "walk_in", 0, True)], [waiting()], {"elderly": 15 * MINUTE})
    (alone,), (overtaken,) = waits(of), waits(of, coming)
    assert alone[-1] < 11 < 40 < overtaken[len(overtaken) // 2]


def test_nobody_comes_who_cannot_overtake():
    coming = replace(EXACT, rates={("a", "walk_in", 0, 20): 600.0})
    of = state([window()], [Busy("a", None, "walk_in", 0, True)], [waiting()])
    assert all(wait < 11 for wait in waits(of, coming)[0])


def test_clerks_are_slower_outside_their_field():
    slower = replace(EXACT, slower=math.log(2))
    counter = Counter(Desk(1, frozenset("ab")), knows=frozenset("b"))
    of = state([counter], [None], [waiting("a", -2), waiting("b", -1)])
    assert round(waits(of, slower)[1][0]) == 20


@given(st.floats(-2, 5), st.floats(0.05, 2), st.floats(0, 1_000), st.floats(0, 1, exclude_max=True))
@settings(max_examples=300, deadline=None)
def test_what_remains_is_a_length_of_time(mean, deviation, elapsed, uniform):
    assert 0 <= Remaining(Length(mean, deviation), elapsed)(uniform) < 1e7


def test_what_remains_is_as_the_lognormal_says():
    rng, length = random.Random(3), Length(math.log(10), 0.7)
    drawn = [rng.lognormvariate(length.mean, length.deviation) for _ in range(40_000)]
    still = sorted(one - 8 for one in drawn if one > 8)
    ours = sorted(Remaining(length, 8.0)(rng.random()) for _ in range(20_000))
    for share in (0.1, 0.5, 0.9):
        assert ours[int(share * len(ours))] == pytest.approx(still[int(share * len(still))], rel=0.06)


people = st.builds(
    Waiting,
    st.sampled_from("ab"),
    st.none(),
    st.sampled_from(("walk_in", "elderly")),
    st.integers(-60 * MINUTE, 0),
    st.integers(-80 * MINUTE, 60 * MINUTE),
    st.sampled_from((0, 0, 0, 1)),
)
counters = st.builds(
    lambda lines, own: Counter(Desk(0, lines, own_lines=own, tolerance=timedelta(minutes=10))),
    st.sets(st.sampled_from("ab"), min_size=1).map(frozenset),
    st.sets(st.sampled_from("ab")).map(frozenset),
)
at_work = st.none() | st.builds(
    Busy, st.sampled_from("abz"), st.none(), st.just("walk_in"), st.integers(-(10**12), 0), st.booleans()
)


@given(st.lists(st.tuples(counters, at_work), max_size=4), st.lists(people, max_size=8))
@settings(max_examples=80, deadline=None)
def test_no_wait_is_ever_negative_or_absurd(windows, crowd):
    found = [replace(one, desk=replace(one.desk, no=n + 1)) for n, (one, _) in enumerate(windows)]
    learned = Learned(100, rates={("a", "elderly", 0, 20): 6.0}, any_no_show=0.05)
    of = State(0, 0, 600.0, found, [busy for _, busy in windows], crowd, {"elderly": 15 * MINUTE})
    for one in rollouts(of, learned, [waiting("a"), waiting("b")], random.Random(1), 10):
        guess = guess_of(one)
        assert guess is None or 0 <= guess.low <= guess.middle <= guess.high <= 480
