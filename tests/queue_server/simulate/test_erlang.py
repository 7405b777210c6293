"""The simulator against Erlang's formula: M/M/50 with a mean service of 10 minutes (QUEUE, "The benchmark hall")."""

from __future__ import annotations

import random

import pytest

from queue_server.domain.dispatch import Desk
from queue_server.simulate.engine import play
from queue_server.simulate.erlang import mean_wait
from queue_server.simulate.scene import MINUTE, Counter
from tests.queue_server.simulate.halls import LINES, visitor


@pytest.mark.parametrize(("load", "minutes"), [(0.90, 0.728), (0.95, 2.516)])
def test_erlangs_formula(load, minutes):
    assert mean_wait(50, 10, load) == pytest.approx(minutes, abs=0.0005)
    assert mean_wait(1, 10, 0.5) == pytest.approx(10)  # M/M/1: load / (1 - load) services


@pytest.mark.parametrize("load", [0.90, 0.95])
def test_a_hall_at_random_waits_as_erlang_says(load):
    rng, batches, size = random.Random(f"erlang {load}"), 40, 10_000
    at, people = 0.0, []
    for _ in range(batches * size):
        at += rng.expovariate(50 * load / 10)
        people.append(visitor(at, takes=rng.expovariate(1 / 10) + 1e-6))
    played = play([Counter(Desk(no, frozenset(LINES))) for no in range(1, 51)], people)
    waits = [(called - one.arrives) / MINUTE for called, one in zip(played.called, people, strict=True)]
    means = [sum(waits[begin : begin + size]) / size for begin in range(size, batches * size, size)]  # warm by then
    mean = sum(means) / len(means)
    error = (sum((one - mean) ** 2 for one in means) / (len(means) - 1) / len(means)) ** 0.5
    assert error < 0.15 * mean
    assert abs(mean - mean_wait(50, 10, load)) < 2 * error
