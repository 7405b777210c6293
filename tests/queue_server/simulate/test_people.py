"""Who comes on a drawn day: the same for every policy, as many and as long as the plan says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from queue_server.simulate.people import people
from queue_server.simulate.plan import PROFILE, NoDay, benchmark, breaks_of, plan_of, windows_for
from queue_server.simulate.policy import POLICIES, counters
from queue_server.simulate.scene import MINUTE
from tests.queue_server.helpers import demo_hall

PLAN = benchmark()
DAYS = [people(PLAN, seed, 0.85) for seed in range(40)]
EVERYBODY = [person for day in DAYS for person in day]


def test_the_benchmark_hall_is_as_written():
    assert (len(PLAN.windows), len(PLAN.lines), len({line.field for line in PLAN.lines})) == (50, 12, 4)
    assert sum(len(line.items) for line in PLAN.lines) == 200
    tickets = {line.id: line.work / line.mean for line in PLAN.lines}
    assert sum(line.work for line in PLAN.lines) / sum(tickets.values()) == pytest.approx(10.5)
    assert all(sum(item.share for item in line.items) == pytest.approx(1) for line in PLAN.lines)


def test_a_seed_is_a_day():
    assert people(PLAN, 7, 0.85) == DAYS[7]
    assert people(PLAN, 8, 0.85) != DAYS[7]


def test_people_come_in_order_while_numbers_are_given():
    assert all(day == sorted(day, key=lambda person: person.arrives) for day in DAYS)
    assert all(0 <= person.arrives <= PLAN.last_ticket * MINUTE for person in EVERYBODY)


def test_work_is_the_load_in_the_long_run():
    work = sum(person.takes for person in EVERYBODY) / MINUTE / len(DAYS)
    assert work / PLAN.window_minutes == pytest.approx(0.85, rel=0.03)
    twice = sum(person.takes for seed in range(40) for person in people(PLAN, seed, 0.425)) / MINUTE / len(DAYS)
    assert twice == pytest.approx(work / 2, rel=0.03)


def test_classes_and_silence_are_as_common_as_the_plan_says():
    seen = Counter(person.cls for person in EVERYBODY)
    for cls, share in PLAN.shares.items():
        assert seen[cls] / len(EVERYBODY) == pytest.approx(share, abs=0.01)
    assert sum(not person.answers for person in EVERYBODY) / len(EVERYBODY) == pytest.approx(0.05, abs=0.004)
    assert {person.takes for person in EVERYBODY if not person.answers} == {MINUTE}


def test_walk_ins_follow_the_profile_and_appointments_are_spread():
    half_hours = {True: [0] * len(PROFILE), False: [0] * len(PROFILE)}
    for person in EVERYBODY:
        half_hours[person.cls == "appointment"][min(len(PROFILE) - 1, person.arrives // (30 * MINUTE))] += 1
    walk_ins, appointments = half_hours[False], half_hours[True]
    for seen, share in zip(walk_ins, PROFILE, strict=True):
        assert seen / sum(walk_ins) == pytest.approx(share / sum(PROFILE), rel=0.08)
    assert max(appointments[:-1]) < 1.3 * min(appointments[:-1])


def test_an_appointment_counts_from_its_slot_and_too_late_is_a_walk_in():
    for person in EVERYBODY:
        assert person.came >= person.arrives
        assert person.cls == "appointment" or person.came == person.arrives


def test_windows_are_shared_out_in_proportion_to_work():
    given = Counter(line.id for line in windows_for(PLAN.lines, 50))
    assert sum(given.values()) == 50
    assert all(abs(given[line.id] - 50 * line.work) < 1 for line in PLAN.lines)
    assert len(windows_for(PLAN.lines, 5)) == 5


def test_each_window_has_lunch_and_two_short_breaks_and_a_short_day_has_fewer():
    assert all(sum(length for _, length in window.breaks) == 65 for window in PLAN.windows)
    assert Counter(at for window in PLAN.windows for at, length in window.breaks if length == 45) == {180: 25, 225: 25}
    assert breaks_of(0, 100) == ((60, 10),)


def test_a_plan_of_settings_has_the_halls_windows_lines_and_rules():
    hall = demo_hall()
    plan = plan_of(hall, date(2026, 3, 7))  # a Saturday
    assert [window.desk.no for window in plan.windows] == [window.no for window in hall.windows]
    assert {item.id for line in plan.lines for item in line.items} == {item.id for item in hall.items}
    assert plan.credits["green"] == hall.classes["green"].credit
    assert people(plan, 1, 0.8)
    as_set = counters(plan, POLICIES["as_set"])
    assert {one.desk.tolerance.total_seconds() / 60 for one in as_set if one.desk.own_classes} == {30}


def test_a_hall_that_never_opens_has_no_day():
    hall = demo_hall()
    closed = hall.model_copy(update={"hours": ()})
    with pytest.raises(NoDay, match="no opening"):
        plan_of(closed, date(2026, 3, 2))


def test_a_hall_whose_lines_are_all_shut_has_no_day():
    hall = demo_hall()
    shut = tuple(line.model_copy(update={"open": False}) for line in hall.lines)
    with pytest.raises(NoDay, match="gives numbers"):
        plan_of(hall.model_copy(update={"lines": shut}), date(2026, 3, 2))


def test_nobody_comes_to_a_hall_without_load():
    assert people(replace(PLAN, windows=()), 1, 0.85) == []
