"""`python -m tests.bench.display WIDTH HEIGHT`: frames a second of a hall display that flashes and runs its ticker.

Drawn without a screen and as fast as it goes, in turn with an empty window of the same size: what the display itself
costs is the ratio of the two.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from kiosk.kivy_setup import OFFSCREEN, prepare

ROUNDS, ROUND = 5, 1.5  # seconds each


def rate(driver: Any) -> float:
    """Frames a second, each drawn anew."""
    began, frames = time.perf_counter(), 0
    while time.perf_counter() < began + ROUND:
        driver.window.canvas.ask_update()
        driver.frames(1)
        frames += 1
    return frames / (time.perf_counter() - began)


def main(width: int, height: int) -> None:
    os.environ.update(OFFSCREEN)
    prepare(width, height)
    from kiosk import theme
    from tests.kiosk.display_rig import CALLED, board, called, demo_hall, open_display
    from tests.kiosk.driver import Driver

    theme.register_fonts()
    driver = open_display(Driver, demo_hall(), board(CALLED), (width, height), call_seconds=600.0)
    driver.app.show_event(called(11, "A023", 5))
    driver.frames(30)
    rates: dict[str, list[float]] = {"display": [], "empty": []}
    for _ in range(ROUNDS):
        for what, opacity in (("display", 1), ("empty", 0)):
            driver.app.screen.opacity = opacity
            rates[what].append(rate(driver))
    driver.close()
    print(json.dumps(rates))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
