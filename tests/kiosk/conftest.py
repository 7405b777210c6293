"""Kivy without a screen, set up before its first import; a driver for whatever app a test makes."""

import os

from kiosk.kivy_setup import OFFSCREEN, prepare

os.environ.update(OFFSCREEN)
prepare(1080, 1920)

import pytest  # noqa: E402

from kiosk import theme  # noqa: E402
from tests.kiosk.driver import Driver  # noqa: E402
from tests.kiosk.hall_server import HallServer  # noqa: E402
from tests.kiosk.ticket_rig import open_kiosk  # noqa: E402


@pytest.fixture
def drive():
    """drive(app, width, height) shows an app and returns its Driver; it is closed after the test."""
    theme.register_fonts()
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


@pytest.fixture
def rig(drive, server):
    """rig(printer=True, language="zh", **settings of [ticket]) opens a ticket kiosk."""
    return lambda **options: open_kiosk(drive, server, **options)
