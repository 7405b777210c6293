"""A simulated day: everybody once, in order, no window idle for nothing; the same as by looking at everybody."""

from __future__ import annotations

import random

from hypothesis import given

from queue_server.simulate.engine import NEVER, Scene, play
from queue_server.simulate.heaps import Crowd, Floor, Heaps
from queue_server.simulate.room import Lanes
from queue_server.simulate.scene import FOREVER, MINUTE, Break, Visitor
from tests.queue_server.simulate.halls import LINES, crowds, visitor, window, windows
from tests.queue_server.simulate.oracle import MICROSECOND, Oracle


def minutes(called: list[int]) -> list[float]:
    return [at / MINUTE if at != NEVER else NEVER for at in called]


# -- any hall ---------------------------------------------------------------------------------------------------------


@given(windows, crowds)
def test_heaps_choose_as_dispatch_does(counters, visitors):
    assert play(counters, visitors) == play(counters, visitors, make_room=Lanes)


@given(windows, crowds)
def test_a_day_is_as_by_looking_at_everybody_all_the_time(counters, visitors):
    oracle, played = Oracle(counters, visitors), play(counters, visitors)
    assert (played.called, played.window) == (oracle.called, oracle.window)


@given(windows, crowds)
def test_everybody_is_called_once_or_never(counters, visitors):
    played = play(counters, visitors)
    called = [who for who, _ in played.calls]
    assert len(called) == len(set(called))
    assert sorted(called) == [who for who, at in enumerate(played.called) if at != NEVER]
    for who in called:
        assert played.called[who] >= visitors[who].arrives
        assert visitors[who].line in counters[played.window[who]].desk.lines
        assert visitors[who].bound in (0, counters[played.window[who]].desk.no)


@given(windows, crowds)
def test_no_window_has_two_at_once(counters, visitors):
    played = play(counters, visitors)
    free_at = [counter.free_at for counter in counters]
    for who, _ in played.calls:
        at, one = played.called[who], visitors[who]
        assert free_at[played.window[who]] <= at
        free_at[played.window[who]] = at + (one.off if counters[played.window[who]].is_off(one.line) else one.own)


@given(windows, crowds)
def test_nobody_is_overtaken_by_more_than_the_windows_tolerance(counters, visitors):
    for who, oldest in (played := play(counters, visitors)).calls:
        tolerance = counters[played.window[who]].desk.tolerance // MICROSECOND
        assert visitors[who].bound or visitors[who].key <= visitors[oldest].key + tolerance


@given(windows, crowds)
def test_whoever_is_never_called_has_no_window_that_stays(counters, visitors):
    for who, at in enumerate(play(counters, visitors).called):
        if at == NEVER:
            able = [one for one in counters if visitors[who].line in one.desk.lines]
            able = [one for one in able if visitors[who].bound in (0, one.desk.no)]
            assert all(one.breaks and one.breaks[-1].length == FOREVER for one in able)


@given(crowds)
def test_alike_windows_call_in_the_order_of_coming(visitors):
    people = [Visitor(one.arrives, one.line, one.cls, one.arrives, one.own, one.own) for one in visitors]
    played = play([window(1), window(2)], people)
    assert [who for who, _ in played.calls] == list(range(len(people)))


@given(windows, crowds)
def test_a_scene_can_be_played_again(counters, visitors):
    floor = Floor(counters, ((one.line, one.cls, one.bound) for one in visitors))
    scene, crowd = Scene(counters, visitors), Crowd(floor, visitors)
    assert scene.play(Heaps(floor, crowd)) == scene.play(Heaps(floor, crowd)) == play(counters, visitors)


def test_no_window_rests_while_somebody_it_serves_waits():
    rng = random.Random(5)
    counters = [window(no, *rng.sample(LINES, 2), breaks=(Break(60 * MINUTE, 20 * MINUTE),)) for no in (1, 2, 3)]
    people = [visitor(at, rng.choice(LINES), takes=rng.uniform(1, 12)) for at in sorted(rng.choices(range(240), k=90))]
    played = play(counters, people)
    spans: dict[int, list[tuple[int, int]]] = {place: [] for place in range(3)}
    for who, _ in played.calls:
        spans[played.window[who]].append((played.called[who], played.called[who] + people[who].own))
    for who, one in enumerate(people):
        for place, counter in enumerate(counters):
            if one.line in counter.desk.lines:
                idle = gaps(spans[place], one.arrives, played.called[who])
                assert sum(idle) <= counter.breaks[0].length, f"{who} waited while window {place + 1} rested"


def gaps(spans: list[tuple[int, int]], begin: int, end: int) -> list[int]:
    """The times between begin and end that no span covers."""
    found, reached = [], begin
    for start, stop in spans:
        if stop > reached and start < end:
            found.append(max(0, start - reached))
            reached = stop
    return [*found, max(0, end - reached)]


# -- one at a time ----------------------------------------------------------------------------------------------------


def test_two_windows_share_a_queue():
    played = play([window(1), window(2)], [visitor(0), visitor(1), visitor(2), visitor(3)])
    assert minutes(played.called) == [0, 1, 10, 11]
    assert played.window == [0, 1, 0, 1]


def test_a_clerk_is_slower_off_the_field_they_know():
    counters = [window(1, knows=frozenset({"tax"}))]
    played = play(counters, [visitor(0, "social", off=12 * MINUTE), visitor(0, "tax", off=12 * MINUTE), visitor(0)])
    assert minutes(played.called) == [0, 12, 22]


def test_home_field_goes_first_within_the_tolerance():
    people = [visitor(0, "tax"), visitor(1, "tax"), visitor(2, "social"), visitor(4, "social")]
    played = play([window(1, home=("social",), by=2)], people)
    assert [who for who, _ in played.calls] == [0, 2, 1, 3]


def test_a_break_begins_when_the_ticket_is_finished_and_lasts_its_time():
    lunch = (Break(5 * MINUTE, 45 * MINUTE),)
    assert minutes(play([window(1, breaks=lunch)], [visitor(0), visitor(1)]).called) == [0, 55]


def test_an_idle_window_goes_on_its_break_in_time():
    lunch = (Break(5 * MINUTE, 45 * MINUTE),)
    assert minutes(play([window(1, breaks=lunch)], [visitor(6)]).called) == [50]


def test_a_window_that_closes_leaves_the_others_to_be_called_elsewhere_or_never():
    closing = (Break(5 * MINUTE, FOREVER),)
    people = [visitor(0, "tax"), visitor(1, "tax"), visitor(2, "social")]
    played = play([window(1, "tax", breaks=closing), window(2, "social")], people)
    assert minutes(played.called) == [0, NEVER, 2]


def test_a_bound_ticket_goes_to_its_window_before_others():
    people = [visitor(0), visitor(0), visitor(1), visitor(2, bound=2)]
    played = play([window(1), window(2)], people)
    assert played.window[3] == 1
    assert minutes(played.called) == [0, 0, 10, 10]


def test_it_begins_in_the_middle_of_a_day():
    counters = [window(1, free_at=63 * MINUTE), window(2, free_at=58 * MINUTE, breaks=(Break(65 * MINUTE, MINUTE),))]
    people = [visitor(50), visitor(55), visitor(57), visitor(62)]
    played = play(counters, people, start=60 * MINUTE)
    assert minutes(played.called) == [60, 63, 71, 73]
    assert played.window == [1, 0, 1, 0]


def test_other_lengths_and_other_arrivals_stand_in_for_a_scenes_own():
    counters, people = [window(1)], [visitor(0), visitor(1), visitor(2)]
    scene, length = Scene(counters, people), [20 * MINUTE] * 3
    played = scene.play(Heaps.of(counters, people), own=length, off=length, free_at=[5 * MINUTE], coming=[0, 2])
    assert minutes(played.called) == [5, NEVER, 25]


# -- bad input --------------------------------------------------------------------------------------------------------


def test_without_windows_nobody_is_called():
    assert play([], [visitor(0), visitor(1)]).called == [NEVER, NEVER]


def test_what_no_window_serves_is_never_called():
    assert minutes(play([window(1, "tax")], [visitor(0, "social"), visitor(1, "tax")]).called) == [NEVER, 1]


def test_an_empty_day_is_a_day():
    assert play([window(1)], []).calls == []
