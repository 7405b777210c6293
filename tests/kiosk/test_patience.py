"""Time-outs: by a clock nobody sets, with a question first that one tap answers as often as somebody likes."""

import time
from datetime import UTC, datetime, timedelta
from functools import partial

import kivy.clock
import pytest
from pydantic import ValidationError

from config.schema import LookupSettings, TicketSettings
from kiosk.app import TicketApp
from kiosk.idle import Idle
from kiosk.places import Place
from tests.kiosk.lookup_rig import open_lookup, with_guides
from tests.kiosk.ticket_rig import open_kiosk

OFTEN = 12  # WCAG 2.2, 2.2.1: at least ten times
LEAST = 20  # s, the same: to answer the question


@pytest.fixture(params=["ticket", "lookup"])
def waiting(request, drive, server, tmp_path):
    """Each terminal in a place where it waits for a touch: (rig, place)."""
    if request.param == "ticket":
        kiosk = open_kiosk(drive, server)
        kiosk.driver.tap("line-social")
        kiosk.at(Place.ITEMS)
        return kiosk, Place.ITEMS
    kiosk = open_lookup(drive, with_guides(server), tmp_path / "copy")
    kiosk.home()
    kiosk.driver.tap("facilities")
    kiosk.at(Place.FACILITIES)
    return kiosk, Place.FACILITIES


def asked(kiosk):
    return "here" in kiosk.driver.rects()


def pass_by(kiosk, seconds):
    kiosk.driver.advance(seconds)
    kiosk.driver.advance(0.3)  # a look at the time-outs is due


def test_one_tap_extends_as_often_as_somebody_likes(waiting):
    kiosk, place = waiting
    kiosk.driver.stop_the_clock()
    for _ in range(OFTEN):
        pass_by(kiosk, 61)
        assert asked(kiosk)
        pass_by(kiosk, LEAST - 3)
        assert asked(kiosk), "there are twenty seconds to answer"
        kiosk.driver.tap("here")
        assert not asked(kiosk) and kiosk.app.place is place
    pass_by(kiosk, 61)
    assert asked(kiosk)
    pass_by(kiosk, LEAST)
    assert kiosk.app.place is Place.HOME


def test_a_tap_beside_the_button_says_that_somebody_is_there_too(waiting):
    kiosk, place = waiting
    pass_by(kiosk, 61)
    kiosk.driver.window.dispatch("on_key_down", 32, 44, " ", [])
    pass_by(kiosk, 0.3)
    assert not asked(kiosk) and kiosk.app.place is place


@pytest.mark.parametrize("settings", [TicketSettings, LookupSettings])
def test_no_hall_can_make_the_question_shorter(settings):
    with pytest.raises(ValidationError):
        settings(idle_warning=LEAST - 1)


def test_the_clock_of_time_outs_is_not_the_one_on_the_wall():
    assert abs(kivy.clock._default_time() - time.clock_gettime(time.CLOCK_MONOTONIC_RAW)) < 0.1


@pytest.mark.parametrize("step", [timedelta(days=-400), timedelta(hours=-1), timedelta(hours=1), timedelta(days=400)])
def test_a_wall_clock_that_is_set_ends_no_visit_and_prolongs_none(drive, server, step):
    shift = [timedelta()]
    kiosk = open_kiosk(drive, server, kind=partial(TicketApp, wall=lambda: datetime.now(UTC) + shift[0]))
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    pass_by(kiosk, 40)
    shift[0] = step
    pass_by(kiosk, 15)
    assert not asked(kiosk) and kiosk.app.place is Place.ITEMS
    pass_by(kiosk, 6)
    assert asked(kiosk)
    pass_by(kiosk, LEAST)
    assert kiosk.app.place is Place.HOME


def test_seconds_left_never_grow_by_themselves_and_never_fall_below_zero(drive, server):
    kiosk = open_kiosk(drive, server)
    idle, seen = Idle(60, 20), []
    for _ in range(100):
        kiosk.driver.advance(1)
        seen.append(idle.left)
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 0 and idle.over and idle.warn
    idle.poke()
    assert 79 < idle.left <= 80
