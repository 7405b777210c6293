"""The lookup terminal's flow as a table: where every happening leads from every place, and that home is never far."""

import pytest

from kiosk.lookup import ENTER
from kiosk.lookup_flow import LOOKUP, SCREENS, STEPS
from kiosk.places import Happening, Place

PLACES = set(SCREENS)
after = LOOKUP.after

WAYS_HOME = PLACES - {Place.OPENING, Place.EMPTY, Place.ISSUING}


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize("happening", Happening)
def test_what_is_not_in_the_table_does_nothing(place, happening):
    assert after(place, happening) == STEPS.get((place, happening))


def test_every_place_has_a_screen_and_can_be_reached():
    assert {place for place, _ in STEPS} <= PLACES
    assert set(STEPS.values()) | {Place.OPENING} == PLACES
    assert set(ENTER) == set(STEPS.values())


@pytest.mark.parametrize("place", sorted(WAYS_HOME))
def test_left_alone_every_place_leads_home(place):
    assert after(place, Happening.TIME_OUT) is Place.HOME


@pytest.mark.parametrize("place", sorted(WAYS_HOME - {Place.HOME}))
def test_the_home_button_works_everywhere(place):
    assert after(place, Happening.GO_HOME) is Place.HOME


def test_a_number_takes_three_touches_from_home():
    assert after(after(after(Place.HOME, Happening.GROUP), Happening.OPEN), Happening.TAKE) is Place.ISSUING


def test_while_a_number_is_taken_no_touch_does_anything():
    touches = set(Happening) - {Happening.ISSUED, Happening.NO_SERVER, Happening.NO}
    assert not [happening for happening in touches if after(Place.ISSUING, happening)]


def test_a_guide_leads_back_to_where_it_was_opened():
    assert after(Place.GUIDE, Happening.TO_LIST) is Place.LIST
    assert after(Place.GUIDE, Happening.TO_SEARCH) is Place.SEARCH


def test_every_place_somebody_may_leave_is_watched():
    assert PLACES - {Place.OPENING, Place.EMPTY, Place.HOME, Place.ISSUING, Place.TICKET} == LOOKUP.watched
