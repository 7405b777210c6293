"""What policies do to the same people, and that the check of the promise sees what it should."""

from __future__ import annotations

import pytest

from queue_server.simulate.measure import Day, mean_wait, quantile, ratio_and_error
from queue_server.simulate.people import people
from queue_server.simulate.plan import benchmark
from queue_server.simulate.policy import POLICIES
from queue_server.simulate.room import Lanes
from queue_server.simulate.run import Wish, days, one_day

PLAN = benchmark()
SEEDS = range(6)
CROWDS = [people(PLAN, seed, 0.85) for seed in SEEDS]
KEPT = ("as_set", "departments", "fields", "three_skills", "fcfs", "credits", "home", "credits_home")
BROKEN = ("strict", "shortest_expected", "shortest")


@pytest.fixture(scope="module")
def found() -> dict[str, list[Day]]:
    return dict(zip(POLICIES, days(PLAN, [Wish(policy, 0.2) for policy in POLICIES.values()], CROWDS), strict=True))


@pytest.mark.parametrize("name", POLICIES)
def test_everybody_is_called_whatever_the_policy(found, name):
    assert all((day.tickets, day.never) == (len(crowd), 0) for day, crowd in zip(found[name], CROWDS, strict=True))


@pytest.mark.parametrize("name", KEPT)
def test_the_promise_is_kept_on_every_call(found, name):
    assert sum(day.breaches for day in found[name]) == 0


@pytest.mark.parametrize("name", BROKEN)
def test_the_check_sees_policies_that_break_it(found, name):
    assert all(day.breaches > 0 for day in found[name])


@pytest.mark.parametrize("name", ["as_set", "three_skills", "credits_home", "shortest"])
def test_the_live_dispatch_makes_the_same_day_as_its_twin(found, name):
    assert one_day(PLAN, Wish(POLICIES[name], 0.2), CROWDS[0], make_room=Lanes) == found[name][0]


def test_policies_stand_in_the_order_they_should(found):
    mean = {name: mean_wait(of_policy)[0] for name, of_policy in found.items()}
    assert mean["shortest"] < mean["shortest_expected"] < mean["fcfs"]
    assert mean["home"] < 0.7 * mean["fcfs"]  # clerks are slower off their field here
    assert mean["fields"] < mean["departments"]


def test_priority_moves_waiting_from_some_to_others(found):
    def of_class(name: str, cls: str) -> float:
        waits = [wait for day in found[name] for wait in day.waits[cls]]
        return sum(waits) / len(waits)

    assert mean_wait(found["credits"])[0] == pytest.approx(mean_wait(found["fcfs"])[0], rel=0.03)
    assert of_class("strict", "elderly") < of_class("credits", "elderly") < of_class("fcfs", "elderly")
    assert of_class("strict", "walk_in") > of_class("credits", "walk_in") > of_class("fcfs", "walk_in")


def test_figures_of_many_days():
    some, others = ([Day({"walk_in": [at * n, at * n]}, 0, [], 0) for n in (1, 3)] for at in (2.0, 1.0))
    assert mean_wait(some) == pytest.approx((4, 2))
    assert ratio_and_error(some, others) == pytest.approx((2, 0))
    assert quantile([1, 2, 3, 4], 0.5) == 3
    assert quantile([], 0.5) == 0


def test_days_on_which_nobody_came_count_for_nothing():
    empty = Day({}, 0, [0], 0)
    assert mean_wait([empty]) == (0, 0)
    assert ratio_and_error([empty], [empty]) == (0, 0)
