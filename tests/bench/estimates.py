"""Estimates of a wait before it begins, on days kept apart from those that were learnt from; beside the usual rules.

The synthetic hall is the benchmark hall: learnt on some days, calibrated from call to call on later ones, tried on
later ones still. One arrival in three is given a range, for the time it takes: in a hall everybody is, and all are
heard of. The real ones are in `tests/bench/warsaw.py`.
"""

from __future__ import annotations

import heapq
import math
import random
import statistics
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from queue_server.estimate.learning import Day, Learned, Stay, day_of, learn
from queue_server.estimate.ranges import Guess, Scales, Span, guess_of, rounded
from queue_server.estimate.rollout import Busy, State, Waiting, rollouts
from queue_server.simulate.engine import NEVER, Played, play
from queue_server.simulate.people import Person, people
from queue_server.simulate.plan import Plan, benchmark
from queue_server.simulate.policy import POLICIES, Policy, counters, visitors
from queue_server.simulate.scene import MINUTE, Counter, Visitor
from tests.bench.policies import crowded

LOAD = 0.85
LEARN, CALIBRATE, TEST = range(20), range(20, 28), range(28, 40)
HALLS = {"pooled": ("credits", 0.0), "three_skills": ("three_skills", 0.1)}
EVERY, REPLAYS = 3, 40  # arrivals that are given a range; replays for each
MARKS = {"pooled": 0.36, "three_skills": 0.40}  # of the last to enter service's error
WAITING = (50, 200, 1_000)


@dataclass(frozen=True)
class HallDay:
    """One day of the synthetic hall as it went, to be looked at as of any moment."""

    plan: Plan
    policy: Policy
    slow: float
    seed: int

    def __post_init__(self) -> None:
        crowd = people(self.plan, self.seed, LOAD)
        windows = counters(self.plan, self.policy)
        came = visitors(self.plan, self.policy, crowd, self.slow)
        played = play(windows, came)
        at_window: list[list[tuple[int, int, int]]] = [[] for _ in windows]
        for who, called in enumerate(played.called):
            if called != NEVER:
                window = windows[played.window[who]]
                takes = came[who].off if window.is_off(came[who].line) else came[who].own
                at_window[played.window[who]].append((called, called + takes, who))
        for visits in at_window:
            visits.sort()
        for name, value in {"crowd": crowd, "windows": windows, "came": came, "played": played}.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "at_window", at_window)

    crowd: list[Person] = None  # type: ignore[assignment]
    windows: list[Counter] = None  # type: ignore[assignment]
    came: list[Visitor] = None  # type: ignore[assignment]
    played: Played = None  # type: ignore[assignment]
    at_window: list[list[tuple[int, int, int]]] = None  # type: ignore[assignment]

    def stays(self) -> Iterator[Stay]:
        ends = {who: end for visits in self.at_window for _, end, who in visits}
        for who, person in enumerate(self.crowd):
            called, window = self.played.called[who], self.played.window[who]
            if called != NEVER:
                off = self.windows[window].is_off(person.line)
                times = (self.plan.opens + at / MINUTE for at in (person.arrives, called, ends[who]))
                yield Stay(person.line, person.item, person.cls, *times, off=off, answers=person.answers)

    def state(self, now: int) -> State:
        """As somebody sees it who has just come at `now`, themselves not among those who wait."""
        seen, busy = [], []
        for window, visits in zip(self.windows, self.at_window, strict=True):
            counter, at_it = self._window(window, visits, now)
            seen.append(counter)
            busy.append(at_it)
        waiting = []
        for who, person in enumerate(self.crowd):
            if person.arrives >= now:
                break
            if self.played.called[who] > now or self.played.called[who] == NEVER:
                waiting.append(self.waits(who))
        credits = {} if self.policy.by_arrival else {c: n * MINUTE for c, n in self.plan.credits.items()}
        minute = self.plan.opens + now / MINUTE
        return State(now, 0, minute, seen, busy, waiting, credits)

    def waits(self, who: int) -> Waiting:
        person = self.crowd[who]
        return Waiting(person.line, person.item, person.cls, person.arrives, self.came[who].key)

    def _window(self, window: Counter, visits: list[tuple[int, int, int]], now: int) -> tuple[Counter, Busy | None]:
        place = bisect_right(visits, (now, math.inf, 0)) - 1
        last = visits[place] if place >= 0 else None
        left, free_at = list(window.breaks), last[1] if last else 0
        while left and left[0].at <= now:
            begins = max(left[0].at, self._end_of(visits, left[0].at))
            if begins > now:
                break
            free_at = max(free_at, begins + left.pop(0).length)
        counter = replace(window, breaks=tuple(left), free_at=free_at)
        if last and last[1] > now:
            person, answered = self.crowd[last[2]], now - last[0] > self.plan.no_show_minutes * MINUTE
            return counter, Busy(person.line, person.item, person.cls, last[0], answered)
        return counter, None

    @staticmethod
    def _end_of(visits: list[tuple[int, int, int]], at: int) -> int:
        place = bisect_right(visits, (at, -1, 0)) - 1
        return visits[place][1] if place >= 0 else 0


@dataclass
class Score:
    """What was said and what came; minutes."""

    errors: dict[str, list[float]]
    inside: dict[int, list[bool]]
    over: list[bool]
    widths: list[float]

    @classmethod
    def new(cls) -> Score:
        return cls(defaultdict(list), defaultdict(list), [], [])

    def table(self) -> dict[str, Any]:
        mae = {name: round(statistics.fmean(found), 3) for name, found in self.errors.items()}
        days = [statistics.fmean(found) for found in self.inside.values()]
        every = [one for found in self.inside.values() for one in found]
        return {
            "n": len(every),
            "mae": mae,
            "coverage": round(statistics.fmean(every), 3),
            "worst_day": round(min(days), 3),
            "over_promise": round(statistics.fmean(self.over), 3),
            "mean_width": round(statistics.fmean(self.widths), 2),
        }


def estimates(folder: Path) -> dict[str, Any]:
    """{hall: scores}, ms per refresh"""
    found: dict[str, Any] = {}
    for name in HALLS:
        found[name] = synthetic(name)
        print(f"  {name}: {found[name]}", flush=True)
    found["refresh_ms"] = refresh()
    return found


def synthetic(name: str, every: int = EVERY) -> dict[str, Any]:
    with ProcessPoolExecutor() as pool:
        learned = learn(list(pool.map(partial(_counted, name), LEARN)))
        days = pool.map(partial(_foretold, name, learned, every), (*CALIBRATE, *TEST))
        scales, score, plain = Scales(), Score.new(), Score.new()
        for seed, told in zip((*CALIBRATE, *TEST), days, strict=True):
            _day(seed, told, scales, (score, plain) if seed in TEST else ())
    table = score.table()
    table["rounded"] = plain.table() | {"mae": None}
    table["ratio"] = round(table["mae"]["rollout"] / table["mae"]["last_to_enter"], 3)
    table["ratio_any_line"] = round(table["mae"]["rollout"] / table["mae"]["last_to_enter_any_line"], 3)
    table["mark"] = MARKS[name]
    table["slower"] = round(math.expm1(learned.slower), 3)
    return table


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who came `at` and was called then (ticks): what replays said, and each other rule; minutes."""

    at: int
    called: int
    cls: str
    guess: Guess
    said: dict[str, float]

    @property
    def wait(self) -> float:
        return (self.called - self.at) / MINUTE


def _hall_day(name: str, seed: int) -> HallDay:
    policy, slow = HALLS[name]
    return HallDay(benchmark(), POLICIES[policy], slow, seed)


def _counted(name: str, seed: int) -> Day:
    return day_of(0, _hall_day(name, seed).stays())


def _foretold(name: str, learned: Learned, every: int, seed: int) -> list[Told]:
    """What was said on a day to one arrival in `every`, before any calibration."""
    day, rng, found = _hall_day(name, seed), random.Random(seed), []
    for who, person in enumerate(day.crowd):
        called = day.played.called[who]
        if (who + seed) % every or called == NEVER:
            continue
        state = day.state(person.arrives)
        (waits,) = rollouts(state, learned, [day.waits(who)], rng, REPLAYS)[-1:]
        guess = guess_of(waits)
        assert guess is not None
        said = {"rollout": guess.middle} | _usual(day, person, state, learned)
        found.append(Told(person.arrives, called, person.cls, guess, said))
    return found


def _day(seed: int, told: Sequence[Told], scales: Scales, scores: tuple[Score, ...]) -> None:
    """A day from call to call: what is heard of a wait counts from when it ended."""
    heard: list[tuple[int, int, Told, Span]] = []
    for place, one in enumerate(told):
        _hear(heard, one.at, scales)
        span = scales.span(one.cls, one.guess)
        heapq.heappush(heard, (one.called, place, one, span))
        for score, (low, high) in zip(scores, ((span.low, span.high), rounded(span)), strict=False):
            score.inside[seed].append(low <= one.wait <= high)
            score.over.append(one.wait > high)
            score.widths.append(high - low)
            for rule, minutes in one.said.items():
                score.errors[rule].append(abs(minutes - one.wait))
    _hear(heard, math.inf, scales)


def _hear(heard: list[tuple[int, int, Told, Span]], until: float, scales: Scales) -> None:
    while heard and heard[0][0] <= until:
        _, _, one, span = heapq.heappop(heard)
        scales.heard(one.cls, span, one.wait)


def _usual(day: HallDay, person: Person, state: State, learned: Learned) -> dict[str, float]:
    """What the usual rules would have said."""
    called = [(at, who) for who, at in enumerate(day.played.called) if at != NEVER and at <= state.now]
    mine = [(at, who) for at, who in called if day.crowd[who].line == person.line]
    ahead = sum(one.line == person.line for one in state.waiting)
    length = learned.length(person.line, None)
    mean = math.exp(length.mean + length.deviation**2 / 2)
    serving = sum(person.line in window.desk.lines for window in day.windows)
    return {
        "last_to_enter": _wait(day, max(mine)) if mine else 0.0,
        "last_to_enter_any_line": _wait(day, max(called)) if called else 0.0,
        "ahead_times_mean": ahead * mean / serving,
        "ahead_times_headway": ahead * learned.headway.get(person.line, 0.0),
    }


def _wait(day: HallDay, last: tuple[int, int]) -> float:
    return (last[0] - day.crowd[last[1]].arrives) / MINUTE


# -- what it costs ----------------------------------------------------------------------------------------------------


def refresh() -> dict[str, float]:
    """ms for every range of a hall with so many waiting, twelve lines' newcomers among them."""
    found = {}
    for waiting in WAITING:
        state, newcomers, learned = crowded_state(waiting)
        took = []
        for seed in range(3):
            begin = time.perf_counter()
            spans = [guess_of(waits) for waits in rollouts(state, learned, newcomers, random.Random(seed))]
            took.append((time.perf_counter() - begin) * 1e3)
            assert all(spans)
        found[str(waiting)] = round(statistics.median(took), 1)
    print(f"  ms for a refresh by people waiting: {found}", flush=True)
    return found


def crowded_state(waiting: int) -> tuple[State, list[Waiting], Learned]:
    windows, came = crowded(waiting)
    lines = sorted({one.line for one in came})
    people_ = [Waiting(one.line, None, one.cls, one.arrives, one.key) for one in came]
    busy = [Busy(lines[n % len(lines)], None, "walk_in", -n * MINUTE // 10, True) for n in range(len(windows))]
    rates = {(line, cls, 0, half): 3.0 for line in lines for cls in ("walk_in", "elderly") for half in range(48)}
    learned = Learned(1_000, rates=rates, slower=0.1, any_no_show=0.05)
    credits = {"elderly": 15 * MINUTE, "appointment": 10 * MINUTE, "green": 60 * MINUTE}
    state = State(0, 0, 600.0, windows, busy, people_, credits)
    return state, [Waiting(line, None, "walk_in", 0, 0) for line in lines], learned
