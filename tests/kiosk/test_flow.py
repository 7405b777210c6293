"""The flow as a table: where every happening leads from every place, and that home is never far."""

import pytest

from kiosk.app import ENTER
from kiosk.cover import HELP as HELP_QUESTIONS
from kiosk.flow import CARD_PLACES, SCANS, SCREENS, STEPS, TICKET
from kiosk.places import HELP, Happening, Help, Place

PLACES = set(SCREENS)
ASKED = {Place.ISSUING, Place.ASKING}  # the server is asked: only its answer leads on
after = TICKET.after


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize("happening", Happening)
def test_what_is_not_in_the_table_does_nothing(place, happening):
    assert after(place, happening) == STEPS.get((place, happening))


def test_every_place_has_a_screen_and_can_be_reached():
    assert {place for place, _ in STEPS} <= PLACES
    assert set(STEPS.values()) | {Place.OPENING} == PLACES
    assert set(ENTER) == set(STEPS.values())


@pytest.mark.parametrize("place", sorted(PLACES - ASKED - {Place.OPENING, Place.HOME, Place.ATTRACT}))
def test_left_alone_every_place_leads_home(place):
    assert after(place, Happening.TIME_OUT) is Place.HOME


def test_left_alone_home_invites_until_somebody_comes():
    assert after(Place.HOME, Happening.TIME_OUT) is Place.ATTRACT
    assert after(Place.ATTRACT, Happening.WAKE) is Place.HOME
    assert after(Place.ATTRACT, Happening.CARD_LAID) is Place.PRIVACY


@pytest.mark.parametrize("place", sorted(PLACES - ASKED - {Place.OPENING, Place.HOME, Place.ATTRACT}))
def test_the_home_button_works_everywhere(place):
    assert after(place, Happening.GO_HOME) is Place.HOME


def test_a_ticket_takes_two_touches():
    assert after(after(Place.HOME, Happening.LINE), Happening.ITEM) is Place.ISSUING


def test_card_first_is_notice_reading_class_then_line_and_item():
    steps = [
        (Happening.CARD_LAID, Place.PRIVACY), (Happening.AGREE, Place.LAY), (Happening.CARD_LAID, Place.READING),
        (Happening.OFFER, Place.OFFER), (Happening.SETTLED, Place.LINES), (Happening.LINE, Place.ITEMS),
        (Happening.ITEM, Place.ISSUING),
    ]  # fmt: skip
    walk(Place.HOME, steps)


def test_item_first_is_choice_notice_reading_class():
    steps = [
        (Happening.ITEM_FIRST, Place.CHOICE), (Happening.CARD, Place.PRIVACY), (Happening.AGREE, Place.LAY),
        (Happening.CARD_LAID, Place.READING), (Happening.OFFER, Place.OFFER), (Happening.COMPLETE, Place.ISSUING),
    ]  # fmt: skip
    walk(Place.ITEMS, steps)


def walk(place, steps):
    for happening, to in steps:
        place = after(place, happening)
        assert place is to, happening


def test_no_reading_without_a_yes_to_the_notice():
    """Without AGREE, nothing leads to LAY, READING or any place behind them."""
    reached, waiting = set(), [Place.OPENING]
    while waiting:
        here = waiting.pop()
        reached.add(here)
        leads = {to for (place, happening), to in STEPS.items() if place is here and happening is not Happening.AGREE}
        waiting += leads - reached
    behind = {Place.LAY, Place.READING, Place.UNREADABLE, Place.GIVE_UP, Place.NO_READER, Place.OFFER}
    assert reached == PLACES - behind


@pytest.mark.parametrize("place", CARD_PLACES)
def test_a_number_without_a_card_is_one_touch_away(place):
    assert after(place, Happening.COMPLETE) is Place.ISSUING
    assert after(place, Happening.SETTLED) is Place.LINES


def test_a_second_tap_while_the_number_is_taken_does_nothing():
    assert after(Place.ISSUING, Happening.ITEM) is None


def test_a_most_asked_item_is_a_ticket_in_two_touches():
    assert after(after(Place.HOME, Happening.ITEM_FIRST), Happening.COMPLETE) is Place.ISSUING
    assert after(Place.HOME, Happening.ITEM) is Place.ISSUING


def test_while_a_ticket_is_asked_about_only_the_answer_counts():
    leads = {happening for place, happening in STEPS if place is Place.ASKING}
    assert leads == {Happening.FOUND, Happening.UNFOUND, Happening.RATE, Happening.RATED, Happening.NO_SERVER}


@pytest.mark.parametrize("place", CARD_PLACES)
def test_who_looks_for_a_ticket_needs_no_card(place):
    assert after(place, Happening.FIND) is Place.FIND


def test_nothing_is_scanned_where_a_card_is_read_or_an_answer_awaited():
    assert not {*CARD_PLACES, *ASKED, Place.SURE} & set(SCANS)
    assert {place for place, happening in STEPS if happening is Happening.LOOK} - set(SCANS) == {
        Place.AWAY, Place.READING, Place.SURE,
    }  # fmt: skip


def test_while_the_server_is_asked_only_its_answer_counts():
    leads = {happening for place, happening in STEPS if place is Place.ISSUING}
    assert leads == {Happening.ISSUED, Happening.HELD, Happening.NO_SERVER, Happening.NO}


def test_the_question_appears_only_where_something_would_be_lost():
    assert Place.HOME not in TICKET.watched
    assert not TICKET.counted & TICKET.watched  # they count down themselves
    assert set(CARD_PLACES) <= TICKET.watched


def test_help_can_always_be_closed_again():
    for step in set(Help) - {Help.CLOSED, Help.CALLING}:
        assert HELP[step, "no"] is Help.CLOSED
    assert {HELP[Help.CALLING, "told"], HELP[Help.CALLING, "failed"]} == {Help.COMING, Help.FAILED}
    assert set(HELP_QUESTIONS) == set(Help) - {Help.CLOSED}
