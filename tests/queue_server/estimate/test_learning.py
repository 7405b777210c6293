"""What is learnt of past days."""

from __future__ import annotations

import math
import random

import pytest

from queue_server.estimate.learning import Day, Kept, Learned, Stay, day_of, headway, learn


def stay(came=540.0, wait=5.0, takes=10.0, line="a", item="a1", cls="walk_in", **more) -> Stay:
    return Stay(line, item, cls, came, came + wait, came + wait + takes, **more)


def test_an_item_served_often_is_known_by_its_own_services():
    rng = random.Random(1)
    day = day_of(0, [stay(takes=rng.lognormvariate(math.log(20), 0.3)) for _ in range(2_000)])
    found = learn([day]).length("a", "a1")
    assert found.mean == pytest.approx(math.log(20), abs=0.03) and found.deviation == pytest.approx(0.3, abs=0.03)


def test_an_item_served_once_is_taken_for_one_of_its_line():
    day = day_of(0, [*(stay() for _ in range(200)), stay(item="rare", takes=100.0)])
    learned = learn([day])
    assert math.exp(learned.length("a", "rare").mean) < 16


def test_an_item_never_served_is_like_its_line_and_a_line_like_the_hall():
    learned = learn([day_of(0, [stay(takes=20.0) for _ in range(500)])])
    assert learned.length("a", "new") == learned.lines["a"]
    assert learned.length("z", None) == learned.hall


def test_nothing_is_known_without_history():
    learned = learn([])
    assert not learned.enough and not learned.headway and learned == Learned()


def test_an_empty_day_teaches_nothing():
    assert learn([Day(0)]) == Learned()


def test_being_slower_outside_the_own_field_is_found():
    rng, stays = random.Random(2), []
    for _ in range(4_000):
        off = rng.random() < 0.4
        stays.append(stay(takes=rng.lognormvariate(2, 0.7) * (1.2 if off else 1), off=off))
    learned = learn([day_of(0, stays)])
    assert math.exp(learned.slower) == pytest.approx(1.2, abs=0.06)
    assert learned.length("a", "a1").mean == pytest.approx(2, abs=0.05)


def test_no_shows_are_counted_by_class_and_are_no_service():
    stays = [stay(cls=cls, takes=1.0, answers=n % 4 > 0) for cls in ("elderly", "walk_in") for n in range(400)]
    learned = learn([day_of(0, stays)])
    assert learned.missing("elderly") == pytest.approx(0.25) and learned.missing("never seen") == pytest.approx(0.25)
    assert learned.services == 600 and learned.no_show_minutes == pytest.approx(1)


def test_arrivals_are_known_by_weekday_and_half_hour():
    mondays = [day_of(0, [stay(came=545.0)] * 30) for _ in range(10)]
    learned = learn([*mondays, *(day_of(1, []) for _ in range(10))])
    assert learned.coming("a", "walk_in", 0, 550) > 5 * learned.coming("a", "walk_in", 1, 550)
    assert learned.coming("a", "walk_in", 0, 600) == 0


def test_a_clock_that_was_set_spoils_nothing():
    wrong = [stay(wait=-30.0), stay(takes=-5.0), stay(takes=5_000.0)]
    learned = learn([day_of(0, [*(stay(takes=10.0) for _ in range(200)), *wrong])])
    assert math.exp(learned.length("a", "a1").mean) == pytest.approx(10, rel=0.02)
    assert all(minutes == minutes for minutes in learned.headway.values())


def test_a_headway_is_minutes_a_person_and_a_closed_hour_does_not_count():
    assert headway([(1, 3.0), (2, 6.0), (4, 12.0), (1, 63.0)]) == pytest.approx(3)


def test_who_comes_to_an_idle_window_says_nothing_of_how_fast_a_line_moves():
    assert not day_of(0, [stay(came=540 + 20 * n, wait=0.01) for n in range(10)]).paces["a"]


def test_promises_are_counted():
    kept = Kept().and_one(5, 10, 7).and_one(5, 10, 12).and_one(5, 10, 1)
    assert kept == Kept(3, 1, 1) and kept + kept == Kept(6, 2, 2)
