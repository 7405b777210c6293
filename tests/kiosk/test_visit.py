"""What is kept of a card: a token under the day's key, a name with stars, whether it shows the class for old age."""

import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

import pytest

from devices.sdt.card import Card, CardKind
from kiosk.answers import DayKey, Elderly
from kiosk.visit import Person, Visit, card_token, person

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
SIXTY = Elderly(60, 15)
KEY = DayKey(b"k" * 32, NOW + timedelta(hours=8))


def card(birth=date(1950, 2, 28), kind=CardKind.RESIDENT, number="199999195002280012", name="张样三"):
    return Card(kind, name, birth, number)


@pytest.mark.parametrize(
    ("birth", "old"),
    [
        (date(1966, 11, 25), True),  # 60 today
        (date(1966, 11, 26), False),  # 59 until tomorrow
        (date(1967, 1, 1), False),
        (date(1930, 1, 1), True),
    ],
)
def test_sixty_counts_from_the_birthday_on(birth, old):
    assert person(card(birth), TODAY, SIXTY, KEY).elderly is old


def test_born_on_29_february_is_sixty_on_1_march():
    born = card(date(1964, 2, 29))
    assert not person(born, date(2026, 2, 28), Elderly(62, 15), None).elderly
    assert person(born, date(2026, 3, 1), Elderly(62, 15), None).elderly


def test_a_hall_that_does_not_give_the_class_at_kiosks_offers_none():
    assert not person(card(), TODAY, None, KEY).elderly


def test_the_token_is_as_agreed_with_the_server():
    expected = hmac.new(KEY.key, b"resident|199999195002280012", hashlib.sha256).hexdigest()
    assert person(card(), TODAY, SIXTY, KEY).token == card_token(card(), KEY.key) == expected


def test_another_day_another_kind_another_number_is_another_token():
    tokens = {
        card_token(card(), b"k" * 32),
        card_token(card(), b"j" * 32),
        card_token(card(kind=CardKind.HMT), b"k" * 32),
        card_token(card(number="199999195002280039"), b"k" * 32),
    }
    assert len(tokens) == 4


def test_nothing_of_the_card_but_the_mask_and_the_token_is_kept():
    kept = person(card(), TODAY, SIXTY, KEY)
    assert set(vars(kept)) == {"masked_name", "elderly", "token", "token_ends"}
    assert kept.masked_name == "张*三"
    assert "199999" not in str(vars(kept))
    assert "张" not in repr(kept)


def test_without_a_key_the_name_and_the_class_still_go_along():
    visit = Visit(person=person(card(), TODAY, SIXTY, None), cls="elderly")
    assert visit.about(NOW) == {"class": "elderly", "masked_name": "张*三"}


def test_a_token_of_a_closed_day_is_not_sent():
    visit = Visit(person=person(card(), TODAY, SIXTY, KEY))
    assert "card_token" in visit.about(NOW)
    assert "card_token" not in visit.about(KEY.closes_at)


def test_nobody_is_nothing():
    assert Visit().about(NOW) == {}


def test_forgetting_takes_the_consent_too():
    visit = Visit(agreed=True, failures=2, person=Person("张*三", True), cls="elderly")
    visit.forget_person()
    assert visit == Visit()
