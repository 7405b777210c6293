"""What a citizen waits for and looks at: first frame, next screen, from a touch to the ticket and its paper, from a key
to what it finds, a display's frames; and whether a kiosk that runs for weeks grows.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.system.rig import ROOT, Hall, wait_for

VISITS = 10
GLASS = {"1080p": ("1920", "1080"), "4k": ("3840", "2160")}
TAPS = 40
MANY_VISITS, FIRST_VISITS = 1000, 100
SLIDE = 0.3  # s one screen takes to give way to another, and a little
PAGE = os.sysconf("SC_PAGE_SIZE")


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


def key_to_list(folder: Path) -> dict[str, Any]:
    """ms from the press on a letter of the lookup terminal to what it finds, as the terminal says it: median and worst.
    What it takes until the frame with it is drawn is the machine's.
    """
    seconds = []
    with Hall(folder / "hall", terminals=("lookup",)) as hall:
        terminal = hall.screens["lookup"]
        terminal.settled("home", lambda shown: shown["screen"] == "home" and shown["rects"], 60)
        terminal.touch("search")
        terminal.settled("the keyboard", lambda shown: "key-s" in shown["rects"])
        for typed, letter in enumerate("sbksbk", 1):
            words = "sbksbk"[:typed]
            pressed = terminal.touch(f"key-{letter}")
            shown = terminal.wait("the list", lambda shown, words=words: shown["state"]["found_for"] == words)
            seconds.append(shown["at"] - pressed)
    return {"median_ms": round(statistics.median(seconds) * 1000), "worst_ms": round(max(seconds) * 1000)}


def display_fps(_folder: Path) -> dict[str, Any]:
    """Frames a second of a display that flashes and runs its ticker: medians of five rounds."""
    found: dict[str, Any] = {}
    for name, size in GLASS.items():
        command = [sys.executable, "-m", "tests.bench.display", *size]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        rates = json.loads(told.splitlines()[-1])
        display, empty = statistics.median(rates["display"]), statistics.median(rates["empty"])
        found |= {name: round(display, 1), f"{name}_of_an_empty_window": round(display / empty, 2)}
    return found


def tap_next_screen(_folder: Path) -> dict[str, Any]:
    """From the lift of a finger to the end of the first frame with the next screen in it, in frames of a kiosk whose
    whole screen is drawn anew: a machine's own measure. One is what any answer costs, two are not seen.
    """
    from kivy.base import EventLoop

    from kiosk import heap
    from tests.kiosk.alone import stage
    from tests.kiosk.ticket_rig import open_kiosk

    with stage() as (drive, server):
        kiosk = open_kiosk(drive, server, printer=False)
        heap.settle(kiosk.app)  # as the program does
        frame = statistics.median(_drawn(kiosk.driver) for _ in range(TAPS))
        seconds = []
        for tap in range(TAPS):
            touch = kiosk.driver.press("back" if tap % 2 else "line-social")
            kiosk.driver.frames(2)
            before, start = kiosk.app.screens.current, time.perf_counter()
            touch.touch_up()
            while kiosk.app.screens.current == before:
                EventLoop.idle()
            EventLoop.idle()
            seconds.append(time.perf_counter() - start)
            kiosk.driver.wait("the slide", lambda: not kiosk.app.screens.transition.is_active)
            kiosk.driver.run(0.05)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return {
        "frame_ms": round(frame * 1000, 1),
        "p95_ms": round(p95 * 1000, 1),
        "p95_frames": round(p95 / frame, 2),
        "median_frames": round(statistics.median(seconds) / frame, 2),
    }


def _drawn(driver: Any) -> float:
    """Seconds a frame takes that draws the whole screen."""
    driver.window.canvas.ask_update()
    start = time.perf_counter()
    driver.frames(1)
    return time.perf_counter() - start


def visits_rss(_folder: Path) -> dict[str, Any]:
    """MB after a hundred visits and after a thousand, every tenth in English; nothing is drawn."""
    from kiosk import heap
    from kiosk.places import Place
    from tests.kiosk.alone import stage, undraw
    from tests.kiosk.ticket_rig import open_kiosk

    undraw()
    sizes = {}
    with stage() as (drive, server):
        kiosk = open_kiosk(drive, server, printer=False)
        heap.settle(kiosk.app)  # as the program does
        for visit in range(1, MANY_VISITS + 1):
            if visit % 10 == 0:
                kiosk.driver.tap("lang")
            kiosk.driver.tap("line-social")
            kiosk.driver.advance(SLIDE)
            kiosk.driver.tap("item-employee-enrolment")
            kiosk.driver.wait("the ticket", lambda: kiosk.app.place is Place.TICKET)
            kiosk.driver.frames(2)  # the slide begins
            kiosk.driver.advance(SLIDE)
            kiosk.driver.tap("done")
            kiosk.driver.advance(SLIDE)
            if kiosk.app.lang == "en":
                kiosk.driver.tap("lang")
            if visit in (FIRST_VISITS, MANY_VISITS):
                sizes[visit] = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6
    first, last = sizes[FIRST_VISITS], sizes[MANY_VISITS]
    return {"after_100_mb": round(first, 1), "after_1000_mb": round(last, 1), "growth": round(last / first - 1, 4)}
