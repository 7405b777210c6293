"""`./hall bench`: every benchmark, a JSON line each in out/bench.jsonl; `./hall bench NAME …` runs some of them.

Machines differ and are shared: what counts are ratios within one run, and medians of several.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import beside, dispatch, estimates, fanout, lookup, policies, server, terminal, warsaw
from tests.system.rig import ROOT

OUT = ROOT / "out" / "bench.jsonl"
BENCHES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "issue": server.issue,
    "next": server.call_next,
    "dispatch": dispatch.next_call,
    "policies": policies.policies,
    "estimates": estimates.estimates,
    "warsaw": warsaw.warsaw,
    "beside": beside.beside,
    "fan_out": fanout.fan_out,
    "ready": server.ready,
    "first_frame": terminal.first_frame,
    "tap": terminal.tap,
    "key_to_list": terminal.key_to_list,
    "display_fps": terminal.display_fps,
    "tap_next_screen": terminal.tap_next_screen,
    "visits_rss": terminal.visits_rss,
    "lookup": lookup.lookup,
}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(BENCHES)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    OUT.parent.mkdir(exist_ok=True)
    for name in wanted or BENCHES:
        print(f"{name} …", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            row = {"bench": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), **BENCHES[name](Path(folder))}
            row["seconds"] = round(time.monotonic() - start, 1)
        text = json.dumps(row, ensure_ascii=False)
        print(text, flush=True)
        with OUT.open("a", encoding="utf-8") as kept:
            kept.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
