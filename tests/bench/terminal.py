"""What a citizen waits for: the kiosk's first frame, and from a touch to the ticket on screen and to the last byte."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from tests.system.rig import Hall, wait_for

VISITS = 10


def first_frame(folder: Path) -> dict[str, Any]:
    """Seconds from exec to something on the glass, and to home with its tiles."""
    seen, home = [], []
    with Hall(folder / "hall", terminals=()) as hall:
        for _ in range(3):
            start = time.time()
            kiosk = hall.start_terminal("ticket")
            seen.append(kiosk.wait("a first frame", lambda shown: True, 60)["at"] - start)
            home.append(kiosk.wait("home", lambda shown: shown["screen"] == "home", 60)["at"] - start)
            hall.parts["ticket"].kill()
            hall.parts["screen-ticket"].kill()
    return {"first_frame_s": round(statistics.median(seen), 2), "home_s": round(statistics.median(home), 2)}


def tap(folder: Path) -> dict[str, Any]:
    """ms from the press on "without a card" to the ticket on screen and the printer's last byte: medians and worst."""
    screen, paper = [], []
    with Hall(folder / "hall", terminals=("ticket",)) as hall:
        kiosk = hall.screens["ticket"]
        kiosk.settled("home", lambda shown: shown["screen"] == "home" and "line-social" in shown["rects"], 60)
        for visit in range(VISITS):
            kiosk.touch("line-social")
            kiosk.settled("the items", lambda shown: shown["screen"] == "items")
            kiosk.touch("item-employee-enrolment")
            kiosk.settled("the choice", lambda shown: shown["screen"] == "choice")
            pressed = kiosk.touch("nocard")
            screen.append(kiosk.wait("the ticket", lambda shown: shown["screen"] == "ticket")["at"] - pressed)
            printed = wait_for("the paper", lambda made=visit: hall.printer.tickets()[made:])[0]
            paper.append(printed.with_suffix(".bin").stat().st_mtime - pressed)
            kiosk.touch("done")
            kiosk.settled("home", lambda shown: shown["screen"] == "home")
    return {
        "ticket_ms": round(statistics.median(screen) * 1000),
        "ticket_worst_ms": round(max(screen) * 1000),
        "last_byte_ms": round(statistics.median(paper) * 1000),
        "last_byte_worst_ms": round(max(paper) * 1000),
    }
