"""`./hall soak`: a monkey at a terminal for 20,000 touches; a JSON line in out/soak.jsonl, the seed if a rule broke."""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.kiosk.alone import stage, undraw  # first: it prepares Kivy
from tests.kiosk.lookup_rig import open_lookup, with_guides
from tests.kiosk.monkey import Broken, Monkey
from tests.kiosk.ticket_rig import open_kiosk

OUT = Path(__file__).parents[1] / "out" / "soak.jsonl"


def ticket(drive: Any, server: Any, _folder: Path) -> Any:
    server.popular = ["passport", "employee-enrolment", "medical-claim"]
    return open_kiosk(drive, server, reader=True)


def lookup(drive: Any, server: Any, folder: Path) -> Any:
    made = open_lookup(drive, with_guides(server), folder / "copy")
    made.home()
    return made


TERMINALS: dict[str, Callable[[Any, Any, Path], Any]] = {"ticket": ticket, "lookup": lookup}


def main(arguments: list[str]) -> int:
    """1 if a rule was broken."""
    parser = argparse.ArgumentParser(prog="./hall soak", description=__doc__)
    parser.add_argument("--terminal", choices=TERMINALS, default="ticket")
    parser.add_argument("--touches", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**8), help="else a new one")
    asked = parser.parse_args(arguments)
    row, broken = play(asked.terminal, asked.touches, asked.seed)
    OUT.parent.mkdir(exist_ok=True)
    with OUT.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(json.dumps(row, ensure_ascii=False))
    if broken:
        print(broken, file=sys.stderr)
    return 1 if broken else 0


def play(terminal: str, touches: int, seed: int) -> tuple[dict[str, Any], str]:
    """The line of JSON, and what was broken, empty if nothing."""
    undraw()
    start, broken = time.monotonic(), ""
    with tempfile.TemporaryDirectory() as folder, stage() as (drive, server):
        print(f"{terminal}: {touches} touches, seed {seed}", flush=True)
        monkey = Monkey(TERMINALS[terminal](drive, server, Path(folder)), random.Random(seed), seed)
        try:
            monkey.run(touches, lambda one: tell(one, touches, start))
        except Broken as error:
            broken = str(error)
        row = {
            "soak": terminal,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": seed,
            "touches": monkey.touches,
            "tickets": len(server.tickets),
            "homes": monkey.places["home"],
            "places": len(monkey.places),
            "broken": broken.partition("\n")[0],
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "seconds": round(time.monotonic() - start, 1),
        }
    return row, broken


def tell(monkey: Any, touches: int, start: float) -> None:
    seconds = time.monotonic() - start
    tickets = len(monkey.rig.server.tickets)
    print(f"  {monkey.touches:>6} of {touches}  {seconds:6.0f} s  {tickets} tickets", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
