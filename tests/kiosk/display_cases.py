"""Every kind of display in every state one meets: what the tests measure and `pictures.py` paints."""

from dataclasses import replace

from kiosk.answers import Name, Range
from kiosk.follower import Link
from tests.kiosk.display_rig import CALLED, WAITING, board, called, demo_hall, open_display

KINDS = {"hall": {}, "zone": {"zones": ("A",)}, "window": {"windows": (3,)}}
ONE = ("A023", 3, "social")
OPEN = dict.fromkeys(range(1, 13), ("open", ""))
SERVING = {**OPEN, 3: ("open", "A023")}
FIVE = [("A023", 3), ("B017", 3), ("C008", 5), ("A024", 3), ("B018", 2)]


def long_names(hall):
    """The longest names one meets."""
    lines = tuple(
        replace(line, name=Name(f"{line.name.zh}与综合服务", f"{line.name.en} and related matters"))
        for line in hall.lines
    )
    name = Name(
        "临江市高新技术产业开发区政务服务和公共资源交易中心", "Linjiang High-Tech Zone Government Service Centre"
    )
    return replace(hall, name=name, lines=lines)


def large(hall):
    """12 lines and 60 windows in the zones of the demo hall."""
    lines = tuple(replace(hall.lines[n % 8], id=f"l{n}", letter=letter) for n, letter in enumerate("ABCDEFGHJKLM"))
    ids = tuple(line.id for line in lines)
    windows = tuple(replace(hall.windows[n % 12], no=n + 1, lines=ids) for n in range(60))
    return replace(hall, lines=lines, windows=windows)


def empty(driver):
    pass


def one_call(driver):
    driver.app.show_event(called(11, "A023", 3))


def five_calls(driver):
    for place, (number, window) in enumerate(FIVE):
        driver.app.show_event(called(11 + place, number, window))
    driver.advance(6.1)


def recall(driver):
    driver.app.show_event(called(11, "A023", 3))
    driver.advance(7)
    driver.app.show_event(called(12, "A023", 3, kind="ticket.recalled", calls=2))


def stale(driver):
    one_call(driver)
    driver.advance(7)
    driver.app.show_link(Link.AWAY)
    driver.advance(5)


HISTORY = board([ONE, *CALLED], wait=Range(12, 20), windows=SERVING)
QUIET = board((), dict.fromkeys(WAITING, 0), windows=OPEN)
BUSY = board(
    [("A1023", 103, "social"), *CALLED], {line: 100 + n for line, n in WAITING.items()}, wait=Range(112, 140),
    windows={**OPEN, 3: ("open", "A1023")},
)  # fmt: skip
MANY = board(
    [(f"{'ABCDEF'[n % 6]}{n:03}", n + 1, f"l{n % 6}") for n in range(20)], {f"l{n}": 3 * n for n in range(12)},
    wait=Range(5, 10), windows=dict.fromkeys(range(1, 61), ("open", "")),
)  # fmt: skip
STATES = {  # name -> the hall, the board, what then happens
    "empty": (demo_hall, QUIET, empty),
    "history": (demo_hall, HISTORY, empty),
    "one": (demo_hall, HISTORY, one_call),
    "five": (demo_hall, QUIET, five_calls),
    "recall": (demo_hall, HISTORY, recall),
    "stale": (demo_hall, HISTORY, stale),
    "long": (lambda: long_names(demo_hall()), BUSY, empty),
    "paused": (demo_hall, replace(QUIET, windows=board(windows={**OPEN, 3: ("paused", "")}).windows), empty),
    "closed": (demo_hall, replace(QUIET, windows=board(windows={**OPEN, 3: ("closed", "")}).windows), empty),
    "large": (lambda: large(demo_hall()), MANY, empty),
}


def open_case(drive, glass, kind, state, second="en", **display):
    """The driver of this display in this state."""
    hall, first, happens = STATES[state]
    told = replace(hall(), second_language=second)
    driver = open_display(drive, told, first, glass, **{**KINDS[kind], **display})
    happens(driver)
    driver.frames(6)
    return driver
