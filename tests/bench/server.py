"""What the server costs: durable commands beside a bare route of the same process, and the time until it answers."""

from __future__ import annotations

import json
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.system.rig import DEMO, HALL, Hall, free_port

ROUNDS, SECONDS, CONNECTIONS = 3, 5, 32
ITEMS = ("employee-enrolment", "mortgage", "passport", "tax-filing")
SCRIPT = """
local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
local count, refused, said = 0, 0, "%(tag)s"
function request()
  count = count + 1
  wrk.headers["Idempotency-Key"] = said .. id .. "-" .. count
  return wrk.format("POST", %(path)s, nil, %(body)s)
end
function response(status)
  if status >= 400 then refused = refused + 1; if refused < 3 then print("refused " .. status) end end
end
"""


class BareHall(Hall):
    """A hall without terminals whose server has the bare route too."""

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        command = [sys.executable, "-m", "tests.bench.bare", str(DEMO / "hall.toml"), str(self.data), str(self.port)]
        self.data.mkdir()
        self.start("server", command).line("ready ")


def rate(hall: Hall, tag: str, path: str, body: str, role: str, seconds: float = SECONDS) -> float:
    """Answers per second over CONNECTIONS connections; `path` and `body` are Lua expressions. Fails on any refusal."""
    script = hall.folder / "load.lua"
    script.write_text(SCRIPT % {"tag": tag, "path": path, "body": body}, "utf-8")
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script)]
    headers = ["-H", f"Authorization: Bearer {hall.tokens[role]}", "-H", "Content-Type: application/json"]
    said = subprocess.run([*command, *headers, hall.url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said and "refused" not in said, said
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def bare(hall: Hall, tag: str) -> float:
    body = json.dumps({"item": ITEMS[0], "source": "kiosk", "lang": "zh"})
    return rate(hall, tag, '"/bare"', f"'{body}'", "kiosk")


def compared(hall: Hall, measure: Any) -> dict[str, Any]:
    """Medians over rounds of the thing and of the bare route, taken in turn, and their ratio round by round."""
    pairs = []
    for turn in range(ROUNDS):
        pairs.append((measure(f"m{turn}-"), bare(hall, f"b{turn}-")))
        print(f"  {pairs[-1][0]:.0f}/s beside {pairs[-1][1]:.0f}/s", flush=True)
    ratios = [measured / reference for measured, reference in pairs]
    return {
        "per_second": round(statistics.median(one for one, _ in pairs)),
        "bare_per_second": round(statistics.median(one for _, one in pairs)),
        "ratio": round(statistics.median(ratios), 3),
        "rounds": [round(one, 3) for one in ratios],
    }


def issue(folder: Path) -> dict[str, Any]:
    """POST tickets, durable, everything on."""
    with BareHall(folder / "hall") as hall:
        return compared(hall, lambda tag: issue_rate(hall, tag, SECONDS))


def issue_rate(hall: Hall, tag: str, seconds: float) -> float:
    choices = ", ".join(f'"{item}"' for item in ITEMS)
    body = f"""'{{"source":"kiosk","lang":"zh","item":"' .. ({{{choices}}})[count % {len(ITEMS)} + 1] .. '"}}'"""
    return rate(hall, tag, f'"/api/v1/halls/{HALL}/tickets"', body, "kiosk", seconds)


def call_next(folder: Path) -> dict[str, Any]:
    """POST next over 12 windows, each finishing its current ticket in the same step, with enough people waiting."""
    with BareHall(folder / "hall") as hall:
        with hall.api("window") as clerk:
            for no in range(1, 13):
                clerk.window(no, "open")
        path = f'"/api/v1/halls/{HALL}/windows/" .. (count % 12 + 1) .. "/next"'

        def measure(tag: str) -> float:
            issue_rate(hall, f"fill{tag}", SECONDS * 2)
            return rate(hall, tag, path, """'{"finish_current":true}'""", "window")

        return compared(hall, measure)


@contextmanager
def timed_start(folder: Path) -> Iterator[tuple[Hall, float]]:
    hall = Hall(folder, terminals=())
    folder.mkdir(parents=True, exist_ok=True)
    hall.port = free_port()
    start = time.monotonic()
    try:
        hall.serve()
        yield hall, time.monotonic() - start
    finally:
        hall.close()


def ready(folder: Path) -> dict[str, Any]:
    """Seconds from exec to the first answer: on an empty folder, and again after kill -9."""
    first, again = [], []
    for turn in range(ROUNDS):
        with timed_start(folder / str(turn)) as (hall, took):
            first.append(took)
            hall.parts["server"].kill(signal.SIGKILL)
        with timed_start(folder / str(turn)) as (_, took):
            again.append(took)
    return {"empty_s": round(statistics.median(first), 2), "after_kill_s": round(statistics.median(again), 2)}
