"""A hall raced: rounds of everybody at once, a server killed in the middle of some, then the judge.

`python -m tests.races [--database sqlite|postgresql] [--rounds N] [--seed S] [--unlocked]`. What is asked for comes
from the seed; in which order servers get to it does not repeat, as clients are threads.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import psycopg

from tests.queue_server.cluster import Cluster
from tests.races.clients import WINDOWS, Clerk, Client, Issuer, Shared
from tests.races.servers import Servers
from tests.system.crashes import Display
from tests.system.history import check
from tests.system.kept import look
from tests.system.record import History, Kept
from tests.system.replay import Violation
from tests.system.rig import HALL, wait_for
from tests.system.rules import Rules

ISSUERS, CLERKS = 16, len(WINDOWS)
STEPS = 10  # of each client in a round
KILL_EVERY = 3  # rounds
RUSHES = ("next", "call", "", "resume", "recall", "undo")
REPEATS = 15  # of each client, after all
PATIENCE = 120  # seconds a round may take
UNLOCKED = "tests.races.unlocked"
BARE = "ALTER TABLE events DROP CONSTRAINT events_pkey; ALTER TABLE tickets DROP CONSTRAINT a_number_once_a_day"


@dataclass(frozen=True)
class Race:
    """What came of it."""

    record: History
    kept: Kept
    rules: Rules
    not_made_again: list[Violation]  # tables that do not follow from the log
    kills: int
    troubles: list[str]  # that the servers' logs speak of

    @cached_property
    def violations(self) -> list[Violation]:
        return [*check(self.record, self.kept, self.rules), *self.not_made_again]

    def table(self) -> str:
        """By action: done, refused, nobody knows; each key once, but for its refusals."""
        done, refused, unknown, seen = Counter[str](), Counter[str](), Counter[str](), set[str]()
        for one in self.record.operations:
            if not one.status:
                unknown[one.action] += 1
            elif not one.done:
                refused[one.action] += 1
            elif not one.key or one.key not in seen:
                done[one.action] += 1
                seen.add(one.key)
        actions = sorted({*done, *refused, *unknown})
        rows = [f"{action:10}{done[action]:8}{refused[action]:9}{unknown[action]:9}" for action in actions]
        head = f"{'action':10}{'done':>8}{'refused':>9}{'unknown':>9}"
        total = f"{'all':10}{done.total():8}{refused.total():9}{unknown.total():9}"
        repeats = len(self.record.operations) - done.total() - refused.total() - unknown.total()
        found = Counter(str(one.fault) for one in self.violations)
        heard = f"{len(self.kept.events)} events, {len(self.record.heard)} streams"
        last = f"{heard}, {repeats} repeats, {self.kills} kills, {found.total()} violations"
        return "\n".join([head, *rows, total, last, *([str(dict(found))] if found else [])])


def race(folder: Path, url: str | None, rounds: int, seed: int, program: str = "queue_server") -> Race:
    """Everybody does a few things at once, `rounds` times; afterwards what was answered is asked again."""
    rng = random.Random(seed)
    troubles: list[str] = []
    killed = 0
    with Servers(folder, url, program) as servers:
        if program == UNLOCKED and url:
            with psycopg.connect(url) as connection:  # these would refuse what no lock prevents
                connection.execute(BARE.encode())
        shared = Shared(servers.ports, servers.tokens)
        with followed(shared, waits=program != UNLOCKED), working(shared, seed) as all_at_once:
            for turn in range(rounds):
                shared.rush, shared.target = _rush(shared, turn)
                if turn % KILL_EVERY == 1:
                    victim = rng.randrange(len(servers.ports))
                    after = rng.randrange((ISSUERS + CLERKS) * STEPS // 2)
                    troubles.append(all_at_once(partial(_kill, servers, shared, victim, after)))
                    killed += 1
                else:
                    all_at_once(str)
        troubles += [servers.kill(n) for n in range(len(servers.ports))]
        kept = look(servers.data, url)
        wrong = list(servers.not_made_again(kept))
        return Race(shared.record, kept, servers.rules, wrong, killed, [one for one in troubles if one])


def _rush(shared: Shared, turn: int) -> tuple[str, str]:
    rush = RUSHES[turn % len(RUSHES)]
    target = {"call": shared.issued[-1:], "resume": [ticket for ticket, _ in shared.held[-1:]]}.get(rush, [""])
    return (rush, target[0]) if target else ("", "")


def _kill(servers: Servers, shared: Shared, victim: int, after: int) -> str:
    """In the midst of a round, once that many more were answered; then it is started again."""
    before = len(shared.record.operations)
    wait_for("answers before a kill", lambda: len(shared.record.operations) >= before + after, PATIENCE)
    trouble = servers.kill(victim)
    servers.launch(victim)
    servers.await_ready(victim)
    return trouble


@contextmanager
def followed(shared: Shared, waits: bool) -> Iterator[None]:
    """A display at each server; if it `waits` (without the lock there is no one log), each has heard all in the end."""
    displays = [Display(port, shared.tokens["display"], shared.record) for port in shared.ports]
    for display in displays:
        threading.Thread(target=display.run, daemon=True).start()
    try:
        yield
        asker = Client(shared, "asker", "asker", 0)
        newest = asker.look("board", f"halls/{HALL}/board").said["seq"]
        asker.close()
        if waits:
            wait_for("displays to hear of everything", lambda: all(one.last >= newest for one in displays), PATIENCE)
    finally:
        for display in displays:
            display.over.set()


@contextmanager
def working(shared: Shared, seed: int) -> Iterator[Callable[[Callable[[], str]], str]]:
    """All clients; `all_at_once(meanwhile)` is one round, and returns when everybody was answered."""
    servers = len(shared.ports)
    issuers = [Issuer(shared, f"issuer{n}", f"{seed}-i{n}", n) for n in range(ISSUERS)]
    clerks = [Clerk(shared, f"clerk{n}", f"{seed}-c{n}", n // 5 % servers, no) for n, no in enumerate(WINDOWS)]
    clients: list[Client] = [*issuers, *clerks]
    barrier = threading.Barrier(len(clients))

    def play(client: Client) -> None:
        try:
            barrier.wait(PATIENCE)
            client.rush()
            for _ in range(STEPS - 1):
                client.step()
        except BaseException:
            barrier.abort()
            raise

    def repeat(client: Client) -> None:
        for one in client.rng.sample(client.mine, min(REPEATS, len(client.mine))):
            client.repeat(one)
        client.close()

    with ThreadPoolExecutor(len(clients)) as pool:

        def all_at_once(meanwhile: Callable[[], str]) -> str:
            playing = [pool.submit(play, client) for client in clients]
            came_of_it = meanwhile()
            [one.result(PATIENCE) for one in playing]
            return came_of_it

        yield all_at_once
        list(pool.map(repeat, clients))


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.races", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unlocked", action="store_true", help="the server that is not serialised")
    parsed = parser.parse_args()
    cluster = Cluster() if parsed.database == "postgresql" else None
    try:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            url = cluster.bare_database() if cluster else None
            program = UNLOCKED if parsed.unlocked else "queue_server"
            done = race(Path(folder), url, parsed.rounds, parsed.seed, program)
        took = time.monotonic() - begun
    finally:
        if cluster:
            cluster.close()
    found = done.violations
    print(f"{parsed.database}, {parsed.rounds} rounds, seed {parsed.seed}: {took:.0f} s")
    print(done.table())
    print(*found[:20], *done.troubles, sep="\n")
    return 1 if found or done.troubles else 0
