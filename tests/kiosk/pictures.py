"""`python -m tests.kiosk.pictures FOLDER [word …]`: every display in every state as a PNG; words choose some."""

import os
import sys
from pathlib import Path

from kiosk.kivy_setup import OFFSCREEN, prepare

GLASS = {"landscape": (1920, 1080), "4k": (3840, 2160), "portrait": (1080, 1920)}
LARGEST = GLASS["4k"]  # px; drawing without a screen reaches no further than the first size


def main(folder, *words):
    os.environ.update(OFFSCREEN)
    prepare(*LARGEST)
    from kiosk import theme
    from tests.kiosk.display_cases import KINDS, STATES, open_case
    from tests.kiosk.driver import Driver

    theme.register_fonts()
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in (f"{glass}-{kind}-{state}" for glass in GLASS for kind in KINDS for state in STATES):
        if all(word in name for word in words):
            glass, kind, state = name.split("-")
            driver = open_case(Driver, GLASS[glass], kind, state)
            driver.frames(3)
            driver.picture(Path(folder) / f"{name}.png")
            driver.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
