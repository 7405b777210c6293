"""Terminals under test without pytest, for programs. Importing this prepares Kivy: it must come before all of Kivy."""

import os
from contextlib import contextmanager

from kiosk.kivy_setup import OFFSCREEN, prepare

LARGEST = 1920  # px; an offscreen window can be made smaller than it was born, not larger
os.environ.update(OFFSCREEN)
prepare(LARGEST, LARGEST)

from kiosk import theme  # noqa: E402
from tests.kiosk.driver import Driver  # noqa: E402
from tests.kiosk.hall_server import HallServer  # noqa: E402


@contextmanager
def stage():
    """Gives (drive, server) as the tests' fixtures do; both are cleared away afterwards."""
    theme.register_fonts()
    drivers, server = [], HallServer()

    def drive(app, width=1080, height=1920):
        drivers.append(Driver(app, width, height))
        return drivers[-1]

    try:
        yield drive, server
    finally:
        for driver in drivers:
            driver.close()
        server.stop()


def undraw():
    """No frame is drawn from now on: software GL takes a tenth of a second for one."""
    from kivy.core.window import Window

    Window.on_draw = lambda *_: None
