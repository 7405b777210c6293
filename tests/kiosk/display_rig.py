"""A hall display under test: told by hand what a follower would tell it, and looked at."""

from datetime import UTC, datetime, timedelta

import httpx

from config import Kiosk
from kiosk.answers import Board, Call, LineNow, WindowNow, read_hall
from kiosk.brand import Brand
from kiosk.client import Client
from kiosk.display import Display
from kiosk.follower import Event
from kiosk.screens.hall import CallRow
from kiosk.widgets.hero import Hero
from kiosk.window_display import WindowDisplay
from tests.kiosk.hall_server import HallServer

OURS = Brand()
SIZES = [(1280, 720), (1920, 1080), (3840, 2160)]
LINES = ("social", "medical", "property", "business", "tax", "police", "family", "general")
WAITING = dict(zip(LINES, (12, 7, 5, 3, 9, 16, 0, 4), strict=True))
CALLED = [("C008", 12, "property"), ("E031", 9, "tax"), ("F054", 11, "police"), ("B017", 3, "medical")]


def demo_hall():
    server = HallServer()
    server.stop()
    return read_hall(server.hall_json())


def board(called=(), waiting=WAITING, seq=10, wait=None, at=None, windows=None):
    """A board; `called` newest first: (number, window, line); `windows`: no -> (state, number)."""
    at = at or datetime.now(UTC)
    calls = [
        Call(number, window, "A", line, at - timedelta(seconds=20 * age), 1, "called")
        for age, (number, window, line) in enumerate(called)
    ]
    lines = {line: LineNow(count, wait, True) for line, count in waiting.items()}
    return Board(seq, "e", at, tuple(calls), lines, {no: WindowNow(*now) for no, now in (windows or {}).items()})


def called(seq, number, window, line="social", kind="ticket.called", calls=1):
    ticket = {"id": "x", "number": number, "line": line, "state": "called", "calls": calls}
    at = datetime.now(UTC).isoformat()
    return Event(str(seq), kind, {"seq": seq, "at": at, "type": kind, "ticket": ticket, "window": window})


def nobody(request):
    raise httpx.ConnectError("no server in this test")


def settings(**display):
    return Kiosk(server="http://127.0.0.1:9", hall="linjiang", token_file="-", display=display)


def open_display(
    drive, hall=None, first=None, size=SIZES[0], signs=(), voice=None, server=nobody, brand=OURS, **display
):
    """The driver of a display that was told this hall and this board; `display` are settings, `server` answers it."""
    client = Client("http://127.0.0.1:9", "linjiang", "t", transport=httpx.MockTransport(server))
    kind = WindowDisplay if len(display.get("windows", ())) == 1 else Display
    app = kind(settings(**display), client, signs, voice, brand=brand)
    app.follower.start = lambda: None
    driver = drive(app, *size)
    if hall:
        app.show_hall(hall)
    if first:
        app.show_board(first)
    driver.frames(6)
    return driver


def state(driver):
    return driver.app.account()["state"]


def hero(driver):
    return driver.shown(Hero)[0]


def recent(driver):
    """The numbers in the list, as they stand on the glass."""
    return [row.number for row in reversed(driver.shown(CallRow)[0].parent.children) if row.number]


def current(driver):
    return (state(driver)["current"] or {}).get("number")
