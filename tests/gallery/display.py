"""The hall display's scenes. A new one is a line in SCENES; how to get there is a function of the driver."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kiosk.answers import Range
from kiosk.display import Doors
from kiosk.follower import Link
from tests.gallery.scene import HALL, Glass, Scene, morning
from tests.kiosk.display_rig import CALLED, WAITING, board, called, demo_hall

HALLS = (HALL, Glass("small", 1280, 720))


def told(rig, *calls, **more):
    rig.app.show_hall(demo_hall())
    rig.app.show_board(board(calls, at=morning(), **more))
    rig.driver.frames(6)


def opening(_rig):
    """Before the hall is known."""


def patience(rig):
    told(rig)


def call(rig, kind="ticket.called"):
    told(rig, *CALLED)
    rig.app.show_event(called(11, "A023", 5, kind=kind))
    rig.driver.frames(4)


def recall(rig):
    call(rig, "ticket.recalled")


def calm(rig):
    told(rig, *CALLED, waiting={**WAITING, "police": 28}, wait=Range(12, 20))


def stale(rig):
    told(rig, *CALLED)
    rig.app.show_link(Link.AWAY)
    rig.driver.advance(30)


def closed(rig):
    then = board(CALLED, waiting={}, at=morning())
    late = tuple(replace(one, at=one.at - timedelta(minutes=90)) for one in then.calls)
    rig.app.show_hall(demo_hall())
    rig.app.show_board(replace(then, calls=late))  # the first it hears of: nothing to announce
    rig.app._learn(demo_hall(), Doors(True, datetime(2026, 11, 26, 1, 0, tzinfo=UTC)))
    rig.driver.frames(3)


def chinese_only(rig):
    rig.app.show_hall(replace(demo_hall(), second_language=""))
    rig.app.show_board(board(CALLED, at=morning()))


SCENES = (
    Scene("opening", None, opening, glasses=HALLS),
    Scene("before the first call", None, patience, glasses=HALLS),
    Scene("a call", None, call, glasses=HALLS),
    Scene("a call again", None, recall, glasses=HALLS),
    Scene("between calls", None, calm, glasses=HALLS),
    Scene("server away", None, stale, glasses=HALLS),
    Scene("closed", None, closed, glasses=HALLS),
    Scene("Chinese only", None, chinese_only, glasses=HALLS),
)
