"""Prepares Kivy for a terminal nobody may leave: must run before the first other import of Kivy.

Kivy reads its environment when it is first imported and its configuration when the window opens, so every choice
stands here. Sizes are ours in millimetres: density 1 and 96 dpi keep Kivy's own scaling out of it.
"""

from __future__ import annotations

import logging
import os
from typing import Any

ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",  # our own command line
    "KIVY_NO_CONFIG": "1",  # no ~/.kivy/config.ini may change a terminal
    "KIVY_NO_FILELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",  # Kivy logs through our logging, and leaves stderr alone
    "KIVY_METRICS_DENSITY": "1",
    "KIVY_DPI": "96",
    "KIVY_WINDOW": "sdl2",
    "SDL_NO_SIGNAL_HANDLERS": "1",  # else SDL turns SIGTERM into "close the window", which we refuse
}

SETTINGS = (
    ("kivy", "exit_on_escape", "0"),
    ("kivy", "log_level", "warning"),
    ("graphics", "borderless", "1"),
    ("graphics", "resizable", "0"),
    ("graphics", "show_cursor", "0"),
    ("graphics", "multisamples", "0"),  # software GL: 13 -> 32 frames a second; our shapes are smooth by themselves
    ("graphics", "maxfps", "60"),
    ("input", "mouse", "mouse,disable_multitouch"),
)

OFFSCREEN = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}  # drawing without any screen


def prepare(width: int, height: int) -> None:
    """Sets environment and configuration for a window of this size in px at the screen's top left."""
    os.environ.update(ENVIRONMENT)
    # Kivy looks for a touch library we do not use and logs a traceback when it is missing
    logging.getLogger("kivy").addFilter(lambda record: "MTDev" not in str(record.msg))
    from kivy.config import Config

    size = (("graphics", "width", str(width)), ("graphics", "height", str(height)))
    place = (("graphics", "position", "custom"), ("graphics", "left", "0"), ("graphics", "top", "0"))
    for section, key, value in (*SETTINGS, *size, *place):
        Config.set(section, key, value)
    # probesysfs reads the touch screen a second time beside SDL: every touch would count twice, and its threads end
    # with the device's file. SDL learns of a glass that is unplugged and plugged again from X or udev by itself.
    Config.remove_option("input", "%(name)s")


def offscreen() -> bool:
    """Whether SDL draws to nowhere, as in tests."""
    return os.environ.get("SDL_VIDEODRIVER") == OFFSCREEN["SDL_VIDEODRIVER"]


def harden(window: Any) -> None:
    """Refuses what would end or cover the program from the outside: closing the window."""
    window.bind(on_request_close=lambda *_, **__: True)
    window.show_cursor = False
    if offscreen():
        from kivy.graphics.opengl import glFinish

        # SDL's offscreen driver never flushes Mesa: memory would grow by some 50 KB a frame
        window.bind(on_flip=lambda *_: glFinish())
