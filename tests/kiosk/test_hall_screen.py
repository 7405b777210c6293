"""How the hall screen looks: every text in its box and legible, at every size; the flash calm, the ticker light."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fontTools.ttLib import TTFont
from kivy.uix.label import Label

from devices import fonts
from kiosk import theme
from kiosk.answers import Name, Range
from kiosk.follower import Link
from kiosk.theme import Colour, contrast
from kiosk.widgets import ticker as ticker_module
from kiosk.widgets.ticker import pieces
from tests.kiosk.display_cases import long_names
from tests.kiosk.display_rig import CALLED, SIZES, WAITING, board, called, demo_hall, hero, open_display, state


@pytest.fixture
def show(drive):
    """show(hall, board, size, **settings of [display]) is the driver of a display that was told both."""
    return lambda *told, **how: open_display(drive, *told, **how)


@pytest.fixture
def hall():
    return demo_hall()


# -- in its box, legible, calm ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("second", ["en", ""])
def test_every_text_stands_in_its_box(show, hall, size, second):
    wide = {line: 100 + count for line, count in WAITING.items()}
    first = board([("C1008", 112, "property"), *CALLED, ("G1004", 101, "family")], wide, wait=Range(112, 140))
    driver = show(replace(long_names(hall), second_language=second), first, size)
    for kind in ("ticket.called", "ticket.recalled"):
        driver.app.show_event(called(11 + len(kind), "A1023", 105, kind=kind))
        driver.advance(6.5)
        driver.frames(3)
        assert list(driver.overflows()) == []
        assert list(driver.overlaps()) == []
        assert not any(label.is_shortened for label in driver.shown(Label))
    driver.app.show_link(Link.AWAY)
    driver.advance(5)
    driver.frames(3)
    assert list(driver.overflows()) == []


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_one_factor_scales_everything(show, hall, size):
    driver = show(hall, board(CALLED), size)
    factor = size[0] / 1920
    big = hero(driver)
    assert driver.app.unit == factor
    assert big.height == pytest.approx(510 * factor, abs=1)
    assert big.width * big.height / (size[0] * size[1]) > 0.3, "a third of the screen"
    number = next(label for label in driver.shown(Label) if label.text == "C008" and label.font_size > 200 * factor)
    capital = 0.7 * number.font_size / size[1]
    assert capital * 685 > 122, "capitals of 122 mm on a 55 inch screen, 685 mm high, to be read from ten metres"


def test_every_character_is_in_its_font(show, hall):
    driver = show(long_names(hall), board(CALLED, wait=Range(3, 9)))
    driver.app.show_event(called(11, "A023", 5))
    driver.app.show_link(Link.AWAY)
    driver.advance(5)
    has = {}
    for name, (_, bold) in theme.FACES.items():
        with TTFont(fonts.path(bold), lazy=True) as font:
            has[name] = set(font.getBestCmap())
    missing = {
        (char, label.font_name)
        for label in driver.shown(Label)
        for char in label.text
        if char != "\n" and ord(char) not in has[label.font_name]
    }
    assert not missing
    ticked = {char for sentence in driver.app.screen.notices for char in sentence}
    assert not {char for char in ticked if ord(char) not in has["Sans"]}


def test_words_can_be_told_from_their_ground(show, hall):
    grounds = [Colour.night, Colour.night_card]
    for ink in (Colour.night_ink, Colour.night_ink_2):
        assert all(contrast(ink, ground) >= 4.5 for ground in grounds)
    for ground in (Colour.primary, Colour.primary_dk):
        assert contrast(Colour.white_2, ground) >= 4.5
    assert contrast(Colour.ink, Colour.line) >= 7
    # the number reaches over at most three fifths of the ground's run from dark to bright
    driver = show(hall, board())
    driver.app.show_event(called(11, "A1023", 5))
    driver.frames(3)
    number = max((label for label in driver.shown(Label) if label.text == "A1023"), key=lambda label: label.font_size)
    share = (number.right - hero(driver).x) / hero(driver).width
    ground = tuple(a + (b - a) * share for a, b in zip(Colour.primary_dk, Colour.primary, strict=True))
    assert contrast(Colour.gold, ground) >= 4.5


def test_it_flashes_calmly_and_stops(show, hall):
    driver = show(hall, board())
    driver.app.show_event(called(11, "A023", 5))
    driver.frames(2)
    values = []
    for _ in range(40):
        driver.advance(0.075)
        values.append(hero(driver).flash)
    lows = sum(a > b <= c for a, b, c in zip(values, values[1:], values[2:], strict=False))
    assert 2 <= lows <= 3 * 3, "within three seconds it flashes, and never three times a second"
    assert min(values) < 0.2
    assert max(values) > 0.8
    driver.advance(5)
    assert not hero(driver).ringing
    assert hero(driver).flash == 1.0


def test_news_change_widgets_in_place(show, hall):
    driver = show(hall, board(CALLED))
    before = [id(widget) for widget in driver.shown()]
    driver.app.show_event(called(11, "A023", 5))
    driver.app.show_board(board([("A023", 5, "social"), *CALLED], {**WAITING, "social": 11}, seq=11))
    driver.app.show_hall(demo_hall())
    driver.frames(4)
    assert [id(widget) for widget in driver.shown()] == before
    assert state(driver)["waiting"]["social"] == 11


def test_at_rest_nothing_is_drawn(drawn, show, hall):
    driver = show(replace(hall, notices=()), board(CALLED))
    driver.app._wall = lambda now=datetime.now(UTC): now
    driver.wait("the last change to be drawn", lambda: not driver.window.canvas.needs_redraw)
    flips = []
    driver.window.bind(on_flip=lambda *_: flips.append(1))
    driver.run(0.6)
    assert not flips
    driver.app.show_link(Link.AWAY)
    driver.advance(5)
    driver.wait("a change to be drawn", lambda: flips)


# -- the ticker -------------------------------------------------------------------------------------------------------


def test_the_ticker_draws_each_sentence_once_and_moves_it(show, hall):
    driver = show(hall, board())
    ticker = driver.app.screen.ids.ticker
    assert ticker.sentences[:2] == [hall.notices[0].zh, hall.notices[0].en]
    drawn = list(ticker._text.children)
    before = ticker._shift.x
    driver.advance(1)
    driver.app.show_hall(demo_hall())
    driver.advance(1)
    assert ticker._shift.x < before
    assert list(ticker._text.children) == drawn


def test_the_ticker_comes_round(show, hall):
    driver = show(hall, board())
    ticker = driver.app.screen.ids.ticker
    for _ in range(int(ticker._length / 11) + 5):
        ticker._move(0.1)
    assert 0 <= ticker._offset < ticker._length
    assert ticker._text.children[-1].pos[0] + ticker._text.children[-1].size[0] >= ticker._length + ticker.width - 200


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_no_ticker_texture_is_wider_than_a_card_can_take(show, hall, size):
    endless = tuple(Name("请保管好您的号票，" * 40, "Please keep your ticket with you. " * 30) for _ in range(2))
    driver = show(replace(hall, notices=endless), board(), size)
    widths = [one.size[0] for one in driver.app.screen.ids.ticker._text.children if hasattr(one, "size")]
    assert widths
    assert max(widths) <= ticker_module.PIECE


@pytest.mark.parametrize(
    ("sentence", "cut"),
    [
        ("", []),
        ("short", ["short"]),
        ("one two three", ["one two ", "three"]),
        ("请保管好您的号票", ["请保管好您的号票"]),
        ("请保管好您的号票，过号再来", ["请保管好您的号票，", "过号再来"]),
        ("Donaudampfschifffahrt", ["Donaudamp", "fschifffa", "hrt"]),
    ],
)
def test_a_long_sentence_is_cut_between_words(sentence, cut):
    assert pieces(sentence, 9) == cut
    assert "".join(pieces(sentence, 9)) == sentence
