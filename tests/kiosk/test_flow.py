"""The flow as a table: where every happening leads from every place, and that home is never far."""

import pytest

from kiosk.app import ENTER
from kiosk.cover import HELP as HELP_QUESTIONS
from kiosk.flow import FLOW, HELP, SCREENS, WATCHED, Happening, Help, Place, after


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize("happening", Happening)
def test_what_is_not_in_the_table_does_nothing(place, happening):
    assert after(place, happening) == FLOW.get((place, happening))


def test_every_place_has_a_screen_and_can_be_reached():
    assert set(SCREENS) == set(Place)
    assert set(FLOW.values()) | {Place.OPENING} == set(Place)
    assert set(ENTER) == set(FLOW.values())


@pytest.mark.parametrize("place", sorted(set(Place) - {Place.OPENING, Place.ISSUING}))
def test_left_alone_every_place_leads_home(place):
    assert after(place, Happening.TIME_OUT) is Place.HOME


@pytest.mark.parametrize("place", sorted(set(Place) - {Place.OPENING, Place.ISSUING, Place.HOME}))
def test_the_home_button_works_everywhere(place):
    assert after(place, Happening.GO_HOME) is Place.HOME


def test_a_ticket_takes_two_touches():
    assert after(after(Place.HOME, Happening.LINE), Happening.ITEM) is Place.ISSUING


def test_a_second_tap_while_the_number_is_taken_does_nothing():
    assert after(Place.ISSUING, Happening.ITEM) is None


def test_while_the_server_is_asked_only_its_answer_counts():
    leads = {happening for place, happening in FLOW if place is Place.ISSUING}
    assert leads == {Happening.ISSUED, Happening.NO_SERVER, Happening.NO}


def test_the_question_appears_only_where_something_would_be_lost():
    assert Place.HOME not in WATCHED
    assert Place.TICKET not in WATCHED  # it counts down itself


def test_help_can_always_be_closed_again():
    for step in set(Help) - {Help.CLOSED, Help.CALLING}:
        assert HELP[step, "no"] is Help.CLOSED
    assert {HELP[Help.CALLING, "told"], HELP[Help.CALLING, "failed"]} == {Help.COMING, Help.FAILED}
    assert set(HELP_QUESTIONS) == set(Help) - {Help.CLOSED}
