"""Kivy without a screen, set up before its first import; a driver for whatever app a test makes."""

import gc
import itertools
import os
from functools import partial

from kiosk.kivy_setup import OFFSCREEN, prepare

os.environ.update(OFFSCREEN)
prepare(1080, 1920)

import pytest  # noqa: E402

from kiosk import theme  # noqa: E402
from kiosk.client import read_hall  # noqa: E402
from tests.kiosk.driver import Driver  # noqa: E402
from tests.kiosk.hall_server import HallServer  # noqa: E402
from tests.kiosk.ticket_rig import open_kiosk  # noqa: E402

FROZEN_AT = (1, 10, 100)  # setups of a driver: fonts, guides and dictionaries are there by then, and stay
setups = itertools.count()


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    """Tests ask where things are and what they say: a frame of software GL takes a tenth of a second. `picture()`
    draws by itself; a test about drawing asks for `drawn`.
    """
    from kivy.core.window import Window

    monkeypatch.setattr(Window, "on_draw", lambda *_: None)


@pytest.fixture
def drawn(undrawn, monkeypatch):
    """Every frame is drawn, as on a real screen."""
    from kivy.core.window import Window

    monkeypatch.setattr(Window, "on_draw", partial(type(Window).on_draw, Window))


@pytest.fixture
def drive():
    """drive(app, width, height) shows an app and returns its Driver; it is closed after the test."""
    theme.register_fonts()
    gc.collect()  # widgets are rings: what is left of the last test's would go on listening
    if (
        next(setups) in FROZEN_AT
    ):  # with some of the app before, whose threads may not have ended yet: only now and then
        gc.freeze()
    open_drivers = []

    def start(app, width=1080, height=1920):
        open_drivers.append(Driver(app, width, height))
        return open_drivers[-1]

    yield start
    for driver in open_drivers:
        driver.close()


@pytest.fixture
def server():
    """A small real queue server with the demo hall."""
    running = HallServer()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def hall():
    """The demo hall as a terminal knows it."""
    server = HallServer()
    server.stop()
    return read_hall(server.hall_json())


@pytest.fixture
def rig(drive, server):
    """rig(printer=True, language="zh", **settings of [ticket]) opens a ticket kiosk."""
    return lambda **options: open_kiosk(drive, server, **options)
