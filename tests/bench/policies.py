"""What each policy does to waits in the benchmark hall, beside the published figures; and what a simulated day costs.

Levels move with what is ours to choose (shares and means of departments, fields, when short breaks are); the ratios of
policies to F, pooled first come first served at full speed on the same days, must agree within 15 %.
"""

from __future__ import annotations

import random
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from queue_server.domain.dispatch import Desk
from queue_server.simulate.engine import Scene
from queue_server.simulate.heaps import Crowd, Floor, Heaps
from queue_server.simulate.measure import Day, mean_wait, ratio_and_error
from queue_server.simulate.people import people
from queue_server.simulate.plan import benchmark
from queue_server.simulate.policy import POLICIES, F
from queue_server.simulate.run import Wish, days
from queue_server.simulate.scene import MINUTE, Counter, Visitor

SEEDS = range(40)
LOADS = (0.70, 0.80, 0.85, 0.90, 0.95)
PUBLISHED = {  # (policy, slower off the home field): mean wait by load, minutes
    ("departments", 0.0): (16.3, 28.0, 33.5, 41.5, 50.0),
    ("fields", 0.0): (6.0, 14.7, 19.6, 27.3, 35.9),
    ("three_skills", 0.0): (1.7, 7.4, 12.6, 20.4, 28.7),
    ("fcfs", 0.0): (1.3, 6.8, 12.0, 19.8, 28.1),
    ("credits", 0.0): (1.1, 6.6, 11.9, 19.7, 28.0),
    ("fcfs", 0.2): (8.0, 25.4, 34.8, 46.9, 57.6),
    ("home", 0.2): (2.8, 11.4, 18.1, 27.2, 36.1),
    ("shortest", 0.0): (0.5, 2.0, 3.3, 5.1, 7.3),
}
UNPUBLISHED = (("strict", 0.0), ("shortest_expected", 0.0), ("credits_home", 0.2))
AGREE = 0.15
ROUNDED = 0.05  # published figures are rounded to 0.1, which is much of a wait at low load
GRID_LOADS, GRID_SLOW, GRID_POLICIES = (0.75, 0.85, 0.92), (0.0, 0.1, 0.2), ("credits", "credits_home", "three_skills")
WITHOUT_PROMISE = ("strict", "shortest", "shortest_expected")
WAITING, REPLAYS = (50, 200, 1_000), 100


def policies(folder: Path) -> dict[str, Any]:
    """{table: {policy: {load: {mean, se, published, ratio, ratio_se, published_ratio}}}, outside, breaches, …}"""
    plan = benchmark()
    cases = [*PUBLISHED, *UNPUBLISHED]
    table: dict[str, Any] = {_name(*case): {} for case in cases}
    calls, breaches, outside = 0, 0, []
    for place, load in enumerate(LOADS):
        crowds = (people(plan, seed, load) for seed in SEEDS)
        found = dict(zip(cases, days(plan, [Wish(POLICIES[name], slow) for name, slow in cases], crowds), strict=True))
        pooled = found[F, 0.0]
        for case in cases:
            published = PUBLISHED.get(case, ())[place : place + 1]
            cell = _cell(found[case], pooled, *published, f=PUBLISHED[F, 0.0][place])
            table[_name(*case)][f"{load:.2f}"] = cell
            for value in published:
                off = _off(cell["ratio"], value, PUBLISHED[F, 0.0][place])
                if abs(cell["ratio"] / cell["published_ratio"] - 1) > AGREE:
                    outside.append(f"{_name(*case)} at {load:.2f}: {off:.0%} beyond what rounding explains")
            if case[0] not in WITHOUT_PROMISE:
                calls += sum(day.tickets for day in found[case])
                breaches += sum(day.breaches for day in found[case])
    _print(table)
    print(f"  ratios outside 15 %: {outside or 'none'}; promise: {breaches} of {calls} calls broke it", flush=True)
    claim = 1 - table["fields"]["0.85"]["mean"] / table["departments"]["0.85"]["mean"]
    print(f"  fields instead of departments at 0.85: {-claim:.0%} waiting (the city says -40 %)", flush=True)
    more = {"fields_instead_of_departments": round(-claim, 3), "grid": _grid(), "cost": _cost()}
    return {"seeds": len(SEEDS), "table": table, "outside": outside, "calls": calls, "breaches": breaches, **more}


def _name(policy: str, slow: float) -> str:
    return f"{policy}, {slow:.0%} slower" if slow else policy


def _cell(found: list[Day], pooled: list[Day], *published: float, f: float) -> dict[str, float]:
    (mean, error), (ratio, ratio_error) = mean_wait(found), ratio_and_error(found, pooled)
    longest = max(max(waits) for day in found for waits in day.waits.values())
    cell = {"mean": mean, "se": error, "ratio": ratio, "ratio_se": ratio_error, "max": longest}
    for value in published:
        cell |= {"published": value, "published_ratio": value / f}
    return {name: round(value, 3) for name, value in cell.items()}


def _off(ratio: float, published: float, f: float) -> float:
    """How far a ratio is from the nearest one that the two published figures can stand for."""
    least, most = (published - ROUNDED) / (f + ROUNDED), (published + ROUNDED) / (f - ROUNDED)
    return max(0.0, ratio / most - 1, 1 - ratio / least)


def _print(table: dict[str, Any]) -> None:
    for name, cells in table.items():
        print(f"  {name}")
        for load, cell in cells.items():
            beside = "published" in cell and f"   published {cell['published']:5.1f}, {cell['published_ratio']:5.2f}"
            words = f"{cell['mean']:5.1f} ± {cell['se']:.1f} min, W/F {cell['ratio']:5.2f} ± {cell['ratio_se']:.2f}"
            print(f"    {load}  {words}{beside or ''}", flush=True)


def _grid() -> dict[str, Any]:
    """W/F by load, slowdown and policy."""
    plan, found = benchmark(), {}
    cases = [(name, slow) for name in GRID_POLICIES for slow in GRID_SLOW]
    wishes = [Wish(POLICIES[name], slow) for name, slow in cases]
    for load in GRID_LOADS:
        crowds = (people(plan, seed, load) for seed in SEEDS)
        *of_cases, pooled = days(plan, [*wishes, Wish(POLICIES[F])], crowds)
        row = {
            _name(name, slow): round(ratio_and_error(of_case, pooled)[0], 2)
            for (name, slow), of_case in zip(cases, of_cases, strict=True)
        }
        found[f"{load:.2f}"] = row
        print(f"  W/F at {load:.2f}: {row}", flush=True)
    return found


def _cost() -> dict[str, Any]:
    """ms for 100 replays of a hall with so many waiting: durations drawn anew each time, then everybody called."""
    found = {}
    for waiting in WAITING:
        counters, visitors = crowded(waiting)
        floor = Floor(counters, ((one.line, one.cls, one.bound) for one in visitors))
        crowd, scene = Crowd(floor, visitors), Scene(counters, visitors)
        rng, took = random.Random(1), []
        for _ in range(5):
            begin = time.perf_counter()
            for _ in range(REPLAYS):
                own = [int(rng.lognormvariate(2.0, 0.7) * MINUTE) + 1 for _ in visitors]
                scene.play(Heaps(floor, crowd), own=own, off=[length * 6 // 5 for length in own])
            took.append((time.perf_counter() - begin) * 1e3)
        found[str(waiting)] = round(statistics.median(took), 1)
    print(f"  ms for {REPLAYS} replays by people waiting: {found}", flush=True)
    return found


def crowded(waiting: int) -> tuple[list[Counter], list[Visitor]]:
    """Fifty busy windows, twelve lines in four fields, R3; everybody came already."""
    rng, lines = random.Random(waiting), [f"d{n}" for n in range(12)]
    fields = [frozenset(lines[n : n + 3]) for n in range(0, 12, 3)]
    ten = timedelta(minutes=10)
    counters = [
        Counter(Desk(n + 1, frozenset(lines), fields[n % 4], tolerance=ten), fields[n % 4], free_at=n * MINUTE // 5 + 1)
        for n in range(50)
    ]
    came = sorted(-rng.randrange(40 * MINUTE) for _ in range(waiting))
    classes = ("walk_in", "walk_in", "appointment", "elderly", "green")
    return counters, [Visitor(at, rng.choice(lines), rng.choice(classes), at, 10 * MINUTE, 12 * MINUTE) for at in came]
