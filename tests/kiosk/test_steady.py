"""Day and night: a frozen screen is noticed, nothing leads out of the kiosk, a lost finger holds nothing down."""

import configparser
import ctypes
import socket
import time
from pathlib import Path

import kivy
import pytest
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from kiosk.heartbeat import Heartbeat
from kiosk.places import Place
from kiosk.widgets.ticker import PIECE

UNIT = Path(__file__).parents[2] / "config" / "demo" / "kiosk.service"
PATIENCE = 0.2  # s systemd would wait here


# -- the watchdog ----------------------------------------------------------------------------------------------------


@pytest.fixture
def systemd(tmp_path):
    """systemd's end of the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.setblocking(False)
        yield end


def heard(end):
    words = []
    while True:
        try:
            words.append(end.recv(100).decode())
        except BlockingIOError:
            return words


@pytest.fixture
def beating(systemd, rig):
    """A kiosk that beats."""
    environment = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": str(int(PATIENCE * 1_000_000))}
    heart = Heartbeat(environment)
    kiosk = rig()
    heart.start()
    yield kiosk
    heart.stop()


def test_it_is_ready_and_beats_twice_in_the_time_allowed(beating, systemd):
    beating.driver.run(PATIENCE * 3)
    ready, *beats = heard(systemd)
    assert ready == "READY=1"
    assert set(beats) == {"WATCHDOG=1"}
    assert len(beats) >= 3


def test_a_blocked_screen_falls_silent_and_is_heard_again(beating, systemd):
    beating.driver.run(PATIENCE)
    heard(systemd)
    silent = []

    def block(_dt):
        heard(systemd)
        time.sleep(PATIENCE * 2)
        silent.append(heard(systemd))

    Clock.schedule_once(block, 0)
    beating.driver.frames(2)
    assert silent == [[]]
    beating.driver.run(PATIENCE)
    assert "WATCHDOG=1" in heard(systemd)


def test_it_says_that_it_stops(systemd):
    heart = Heartbeat({"NOTIFY_SOCKET": systemd.getsockname()})
    heart.start()
    heart.stop()
    assert heard(systemd) == ["READY=1", "STOPPING=1"]


def test_an_address_with_an_at_sign_is_abstract():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("\0yichuang-test-notify")
        end.setblocking(False)
        heart = Heartbeat({"NOTIFY_SOCKET": "@yichuang-test-notify"})
        heart.start()
        heart.stop()
        assert heard(end) == ["READY=1", "STOPPING=1"]


def test_without_systemd_and_with_a_deaf_one_it_goes_on(tmp_path, caplog):
    Heartbeat({}).start()
    heart = Heartbeat({"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    heart.start()
    heart.stop()
    assert "does not hear" in caplog.text


def test_the_sample_unit_restarts_it_and_waits_for_beats():
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(UNIT, "utf-8")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["Restart"] == "always"
    assert int(service["WatchdogSec"]) == 30


# -- keys and the window: real events of SDL ---------------------------------------------------------------------------

KEYDOWN, KEYUP, QUIT = 0x300, 0x301, 0x100
NONE, ALT, CTRL, SUPER = 0x0000, 0x0100, 0x0040, 0x0400
KEYS = {
    "Escape": (41, 27, NONE),
    "F1": (58, 0x4000003A, NONE),
    "Alt-F4": (61, 0x4000003D, ALT),
    "Alt-Tab": (43, 9, ALT),
    "Ctrl-C": (6, ord("c"), CTRL),
    "Ctrl-Q": (20, ord("q"), CTRL),
    "Ctrl-Alt-Delete": (76, 127, CTRL | ALT),
    "Super": (227, 0x400000E3, SUPER),
    "F11": (68, 0x40000044, NONE),
    "E": (8, ord("e"), NONE),
    "Ctrl-E": (8, ord("e"), CTRL),
}


class Keysym(ctypes.Structure):
    _fields_ = (
        ("scancode", ctypes.c_int), ("sym", ctypes.c_int32), ("mod", ctypes.c_uint16), ("unused", ctypes.c_uint32),
    )  # fmt: skip


class Event(ctypes.Structure):
    """SDL_KeyboardEvent, as long as SDL_Event."""

    _fields_ = (
        ("type", ctypes.c_uint32), ("timestamp", ctypes.c_uint32), ("window", ctypes.c_uint32),
        ("state", ctypes.c_uint8), ("repeat", ctypes.c_uint8), ("padding", ctypes.c_uint8 * 2),
        ("keysym", Keysym), ("rest", ctypes.c_uint8 * 24),
    )  # fmt: skip


@pytest.fixture
def sdl():
    """The SDL that Kivy brings and uses."""
    libraries = Path(kivy.__file__).parents[1] / "Kivy.libs"
    return ctypes.CDLL(str(next(libraries.glob("libSDL2-2*.so*"))))


def push(sdl, kind, key=(0, 0, NONE)):
    scan, sym, mod = key
    event = Event(type=kind, window=1, state=kind == KEYDOWN, keysym=Keysym(scan, sym, mod, 0))
    assert sdl.SDL_PushEvent(ctypes.byref(event)) == 1


def goes_on(kiosk):
    kiosk.driver.window.mainloop()  # what SDL has to tell
    kiosk.driver.frames(3)
    assert not EventLoop.quit
    assert EventLoop.status == "started"
    assert kiosk.app.place is Place.HOME
    assert len(kiosk.driver.window.children) == 1


def test_no_key_leads_out_of_the_kiosk(rig, sdl):
    kiosk = rig()
    seen = []
    kiosk.driver.window.bind(on_key_down=lambda _window, key, *_: seen.append(key))
    for name, key in KEYS.items():
        push(sdl, KEYDOWN, key)
        push(sdl, KEYUP, key)
        goes_on(kiosk)
        assert seen, f"{name} never arrived"
        seen.clear()


def test_the_window_cannot_be_closed(rig, sdl):
    kiosk = rig()
    push(sdl, QUIT)
    goes_on(kiosk)


# -- the graphics card -------------------------------------------------------------------------------------------------

TEXT_MEMORY = 48  # MB; a small board gives graphics 64, and where they end labels come out as black boxes


def test_the_words_of_all_screens_together_fit_a_small_graphics_card(rig):
    kiosk = rig(language="en")
    kiosk.take()
    kiosk.at(Place.TICKET)
    labels = [one for screen in kiosk.app.screens.screens for one in screen.walk(restrict=True)]
    sizes = [one.texture.size for one in labels if isinstance(one, Label) and one.texture]
    assert len(sizes) > 50
    assert sum(width * height * 4 for width, height in sizes) / 1e6 < TEXT_MEMORY
    assert max(max(size) for size in sizes) <= PIECE, "no card draws a wider one"


# -- the glass -------------------------------------------------------------------------------------------------------


def test_only_sdl_reads_the_glass(rig):
    rig()
    kinds = {type(provider).__name__ for provider in EventLoop.input_providers}
    assert kinds <= {"MouseMotionEventProvider", "SDL2MotionEventProvider"}


def test_a_finger_whose_end_is_never_told_holds_nothing_down(rig):
    kiosk = rig()
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    kiosk.driver.press("item-employee-enrolment")
    kiosk.driver.frames(2)
    kiosk.driver.advance(81)
    kiosk.driver.advance(1)
    kiosk.at(Place.HOME)
    for screen in kiosk.app.screens.screens:
        assert all(one.state == "normal" for one in screen.walk(restrict=True) if isinstance(one, ButtonBehavior))
    kiosk.take()
    kiosk.at(Place.TICKET)
