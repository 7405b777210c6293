"""`python -m queue_server simulate-day`: what a rule does to everybody's wait, as a table and a picture."""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from config import Hall, load_hall
from queue_server import settings
from queue_server.simulate.measure import Day, mean_wait, quantile, ratio_and_error
from queue_server.simulate.people import Person, people
from queue_server.simulate.plan import NoDay, Plan, benchmark, plan_of
from queue_server.simulate.plot import Series, picture
from queue_server.simulate.policy import POLICIES, F, Policy
from queue_server.simulate.run import Wish, days
from queue_server.simulate.yesterday import Yesterday, yesterday
from queue_server.store.store import look

LONGEST = 10_000  # seeds in one go


class CannotSimulate(Exception):
    """What was asked for makes no day; str() says why."""


def add_to(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "simulate-day",
        help="what a policy does to waits: a table and a picture",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="policies:\n" + "\n".join(f"  {name:18} {policy.words}" for name, policy in POLICIES.items()),
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="hall.toml; none: the benchmark hall")
    parser.add_argument("--policy", type=_policies, default=["as_set"], metavar="NAME[,NAME…]", help="see below")
    parser.add_argument("--seeds", type=_seeds, default=range(40), metavar="A-B", help="days to draw (0-39)")
    parser.add_argument("--load", type=_share(0.01, 3), default=0.85, help="work over window-minutes (%(default)s)")
    parser.add_argument("--slow", type=_share(0, 3), default=0.0, help="longer off the home field (%(default)s)")
    parser.add_argument(
        "--log", action="store_true", help="people and windows of a day in the log of --data; no --seeds, --load"
    )
    parser.add_argument("--day", type=date.fromisoformat, help="which business day of the log; none: the last one")
    parser.add_argument("--plot", type=Path, default=Path("simulate-day.svg"), metavar="FILE", help="(%(default)s)")
    parser.set_defaults(run=simulate)
    return parser


def _policies(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in POLICIES:
            raise argparse.ArgumentTypeError(f"no policy {name!r}; there are: {', '.join(POLICIES)}")
    return names


def _seeds(text: str) -> range:
    found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a seed or a range such as 0-39")
    first, last = int(found[1]), int(found[2] or found[1])
    if not first <= last < first + LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1 to {LONGEST} seeds, the smaller first")
    return range(first, last + 1)


def _share(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"expected a number from {least} to {most}")
        return value

    return number


@dataclass(frozen=True, slots=True)
class Asked:
    """Days to play: a plan, its crowds, and the day they are from, if it is a real one."""

    title: str
    plan: Plan
    crowds: Sequence[Callable[[], list[Person]]]
    was: Yesterday | None = None


def simulate(parsed: argparse.Namespace) -> int:
    """Runs the command. Raises ConfigError, NoDatabase, SettingsBroken, CannotSimulate."""
    if parsed.day and not parsed.log:
        raise CannotSimulate("--day is a day of the log: say --log too")
    try:
        asked = _from_log(parsed) if parsed.log else _drawn(parsed)
    except NoDay as error:
        raise CannotSimulate(str(error)) from error
    wishes = [Wish(POLICIES[name], parsed.slow) for name in parsed.policy]
    progress = itertools.count(1)

    def done() -> None:
        sys.stderr.write(f"\r{next(progress)} of {len(asked.crowds)} days")
        sys.stderr.flush()

    crowds = (crowd() for crowd in asked.crowds)
    *found, pooled = days(
        asked.plan, [*wishes, Wish(POLICIES[F])], crowds, done, asked.was.absences if asked.was else None
    )
    sys.stderr.write("\n")
    sys.stdout.write(asked.title + "\n")
    for name, of_policy in zip(parsed.policy, found, strict=True):
        sys.stdout.write("\n" + "\n".join(table(name, POLICIES[name], of_policy, pooled)) + "\n")
    series = [Series(name, of_policy) for name, of_policy in zip(parsed.policy, found, strict=True)]
    try:
        parsed.plot.write_text(picture(asked.title, series, asked.plan.opens), "utf-8")
    except OSError as error:
        raise CannotSimulate(f"{parsed.plot} cannot be written: {error.strerror}") from error
    sys.stdout.write(f"\npicture: {parsed.plot}\n")
    return 0


def _drawn(parsed: argparse.Namespace) -> Asked:
    hall = load_hall(parsed.config) if parsed.config else None
    plan = plan_of(hall, datetime.now(UTC).date()) if hall else benchmark()
    name = hall.id if hall else "benchmark hall"
    title = f"{name}: {len(parsed.seeds)} days, load {parsed.load:g}, {parsed.slow:.0%} slower off the home field"
    return Asked(title, plan, [lambda seed=seed: people(plan, seed, parsed.load) for seed in parsed.seeds])  # type: ignore[misc]


def _from_log(parsed: argparse.Namespace) -> Asked:
    with look(parsed.data, parsed.database) as reading:
        hall = _hall(parsed, {name: reading.hall(name) for name in reading.hall_ids()})
        was = yesterday((row[5] for row in reading.log(hall.id)), hall, parsed.day)
    plan = plan_of(hall, was.day)
    title = f"{hall.id} on {was.day}: {len(was.people)} stays at windows as in the log"
    if was.guessed or was.unread:
        title += f" ({was.guessed} with their line's mean time; {was.unread} broken rows left out)"
    return Asked(title, plan, [lambda: was.people], was)


def _hall(parsed: argparse.Namespace, states: dict[str, Any]) -> Hall:
    """The settings of the file, or those in the database if it holds one hall."""
    if parsed.config:
        return load_hall(parsed.config)
    if len(states) != 1:
        raise CannotSimulate(f"say which hall with --config; there are: {', '.join(states) or 'none yet'}")
    ((name, state),) = states.items()
    return settings.stored(name, state.settings)


def table(name: str, policy: Policy, found: Sequence[Day], pooled: Sequence[Day]) -> list[str]:
    """Waits in minutes by class and of all; then what else there is to say."""
    waits: dict[str, list[float]] = {}
    for day in found:
        for cls, minutes in day.waits.items():
            waits.setdefault(cls, []).extend(minutes)
    rows = [f"{name}: {policy.words}", f"  {'class':12} {'tickets':>8} {'mean':>7} {'p90':>7} {'max':>7}"]
    everybody = sorted(wait for minutes in waits.values() for wait in minutes)
    for cls, minutes in [*sorted(waits.items()), ("all", everybody)]:
        row, mean = sorted(minutes), sum(minutes) / max(1, len(minutes))
        rows.append(f"  {cls:12} {len(row):8} {mean:7.1f} {quantile(row, 0.9):7.1f} {quantile(row, 1):7.1f}")
    (mean, error), (ratio, ratio_error) = mean_wait(found), ratio_and_error(found, pooled)
    against = f"W/F {ratio:.2f} ± {ratio_error:.2f}" if ratio else "W/F –: nobody waits when all windows are pooled"
    rows.append(f"  mean of days {mean:.1f} ± {error:.1f}; {against}")
    calls, broken = sum(day.tickets for day in found), sum(day.breaches for day in found)
    rows.append(f"  promise: {broken} of {calls} calls broke it; never called: {sum(day.never for day in found)}")
    return rows
