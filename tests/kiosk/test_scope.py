"""Which calls and lines a display is for, and which calls stay listed."""

from dataclasses import replace

from kiosk.answers import Call
from kiosk.scope import Scope, listed
from tests.kiosk.display_rig import board, demo_hall

HALL = demo_hall()
ZONE_OF = {window.no: window.zone for window in HALL.windows}


def calls(*states):
    made = board([(f"A{n:03}", 1, "social") for n in range(len(states))]).calls
    return [replace(call, state=state) for call, state in zip(made, states, strict=True)]


def to(window, zone="A"):
    return Call("A001", window, zone, "social", board().at, 1, "called")


def test_the_whole_hall_leaves_nothing_out():
    assert Scope().holds(to(3), ZONE_OF)
    assert Scope().lines(HALL) == {line.id for line in HALL.lines}


def test_a_zone_has_the_calls_and_lines_of_its_windows():
    scope = Scope(zones=frozenset("C"))
    here = [window for window in HALL.windows if window.zone == "C"]
    assert scope.lines(HALL) == {line for window in here for line in window.lines}
    assert scope.holds(to(here[0].no), ZONE_OF)
    assert not scope.holds(to(next(no for no, zone in ZONE_OF.items() if zone != "C")), ZONE_OF)
    assert scope.holds(to(99, "C"), ZONE_OF), "a deleted window's call still knows where it was"


def test_a_window_has_its_own():
    scope = Scope(windows=frozenset({3}))
    assert scope.lines(HALL) == set(next(window for window in HALL.windows if window.no == 3).lines)
    assert scope.holds(to(3), ZONE_OF)
    assert not scope.holds(to(4), ZONE_OF)


def test_where_there_is_no_room_for_all_who_has_not_come_stays():
    busy = calls("called", "serving", "called", "done", "called", "serving")
    assert [call.number for call in listed(busy, 3)] == ["A000", "A001", "A002", "A004"]
    assert listed(busy, 8) == busy
    assert listed([], 3) == []
