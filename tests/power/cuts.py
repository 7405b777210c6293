"""Cuts the power of a hall's server many times: `python -m tests.power [--states 1500] [--seed 1]`.

A hall's days are recorded once (`day`); from the recording disks are made (`disk`) and looked at (`judge`).
`--synchronous NORMAL` shows what a weaker setting loses; `--look DIR` looks again at a state that was kept.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from unittest import mock

from tests.power import judge
from tests.power.disk import State, states
from tests.power.recording import Call, acknowledge, compile_recorder, read, record, surroundings
from tests.queue_server.helpers import HALL, ROOT, Served

WORKERS = 2
CLIENTS = 8
ACTIONS = ("open", "next", "next", "start", "finish", "pause")
RESTART_EVERY = 30  # states; and all in which nothing was promised yet
PROMISES = "promises.jsonl"  # beside a kept state's files


@dataclass(frozen=True, slots=True)
class Wrong:
    """A state that is not as it must be: what it is, and why."""

    state: str
    faults: list[str]
    kept: Path | None = None

    def __str__(self) -> str:
        look = f"\n  look at it: .venv/bin/python -m tests.power --look {self.kept}" if self.kept else ""
        return "\n  ".join([self.state, *self.faults[:5]]) + look

    @property
    def kinds(self) -> set[str]:
        return {fault.split(":")[0] for fault in self.faults}


def record_days(folder: Path, synchronous: str = "FULL") -> list[Call]:
    """What two lives of a hall's server do to their files."""
    command = [sys.executable, "-m", "tests.power.day", str(folder / "data")]
    lives = ([*command, life, "--synchronous", synchronous] for life in "12")
    return record(compile_recorder(folder), folder / "calls", folder / "data", lives, ROOT)


def record_server(folder: Path, seconds: float) -> list[Call]:
    """What the real server does to its files while citizens and clerks press at once; it is killed in the midst."""
    log, library = folder / "calls", compile_recorder(folder)
    with mock.patch.dict(os.environ, surroundings(library, log, folder / "data")):
        served = Served(folder / "data", "--demo")
    notes, until = os.open(log, os.O_WRONLY | os.O_APPEND), time.monotonic() + seconds

    def press(who: int) -> None:
        rng = random.Random(who)
        with served.client("admin") as client:
            for turn in itertools.count():
                if time.monotonic() > until:
                    return
                ticket = f"/halls/{HALL}/tickets", {"item": "passport"}
                window = f"/halls/{HALL}/windows/{rng.choice((8, 10, 11))}/{rng.choice(ACTIONS)}", {}
                path, body = ticket if who % 2 else window
                key = f"{who}-{turn}"
                answer = client.post(path, json=body, headers={"Idempotency-Key": key})
                if answer.is_success:
                    said = {"key": key, "status": answer.status_code, "body": answer.text}
                    acknowledge(notes, json.dumps(said).encode())

    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(press, range(CLIENTS)))
    finally:
        served.kill()
        os.close(notes)
    return read(log)


def check(folder: Path, count: int, seed: int) -> list[Wrong]:
    """Looks at that many states of what was recorded in `folder`; the first few wrong ones are kept there."""
    parts = [(folder, count, seed, part) for part in range(WORKERS)]
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        return [wrong for some in pool.map(_check_part, parts) for wrong in some]


def _check_part(work: tuple[Path, int, int, int]) -> list[Wrong]:
    folder, count, seed, part = work
    made = (one for one in states(read(folder / "calls"), count, seed) if one.number % WORKERS == part)
    return list(_wrong(made, folder))


def _wrong(made: Iterable[State], folder: Path) -> Iterator[Wrong]:
    kept = 0
    # a disk of memory: that what is written here reaches a real one matters to nobody
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        for state in made:
            data = judge.lay_out(state, Path(scratch) / "data")
            restart = not state.promised or state.number % RESTART_EVERY == 0
            found = judge.faults(data, state.promised, restart=restart)
            if found:
                kept += 1
                yield Wrong(str(state), found, _keep(state, folder) if kept <= 3 else None)


def _keep(state: State, folder: Path) -> Path:
    kept = judge.lay_out(state, folder / f"state-{state.number}")
    (kept / PROMISES).write_bytes(b"".join(state.promised))
    return kept


def look(kept: Path) -> list[str]:
    """The faults of a kept state; what is kept stays as it is."""
    promised = (kept / PROMISES).read_bytes().splitlines()
    with tempfile.TemporaryDirectory() as scratch:
        state = State(0, 0, "", {file.name: file.read_bytes() for file in kept.iterdir() if "-shm" not in file.name})
        return judge.faults(judge.lay_out(state, Path(scratch) / "data"), promised, restart=True)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--synchronous", default="FULL", choices=("FULL", "NORMAL", "OFF"))
    parser.add_argument("--look", type=Path, metavar="DIR")
    parsed = parser.parse_args(arguments)
    if parsed.look:
        found = look(parsed.look)
        print(*(found or ["nothing is wrong"]), sep="\n")
        return 1 if found else 0
    folder, begun = Path(tempfile.mkdtemp(prefix="power-")), time.monotonic()
    calls = record_days(folder, parsed.synchronous)
    print(f"{len(calls)} calls in {time.monotonic() - begun:.1f} s: {dict(Counter(call.kind for call in calls))}")
    wrong = check(folder, parsed.states, parsed.seed)
    kinds = Counter(kind for one in wrong for kind in one.kinds)
    print(*wrong[:6], sep="\n")
    print(f"{parsed.states} states in {time.monotonic() - begun:.1f} s, wrong: {len(wrong)} {dict(kinds)}")
    if not wrong:
        shutil.rmtree(folder)  # else its states can be looked at
    return 1 if wrong else 0
