"""Every kind of display in every state, lying and standing: words in their boxes, in their fonts, to be told apart."""

from functools import cache

import pytest
from fontTools.ttLib import TTFont
from kivy.uix.label import Label

from devices import fonts
from kiosk import theme
from kiosk.theme import Colour, contrast
from kiosk.widgets.hero import DARK, FLASH, Ringing
from kiosk.widgets.ticker import Ticker
from tests.kiosk.display_cases import KINDS, STATES, open_case
from tests.kiosk.display_rig import hero

LYING, STANDING, LARGE = (1280, 720), (720, 1280), (3840, 2160)
EDGE_MM = 685  # the shorter edge of a 55 inch screen
SHOWN = {  # a zone's screen is the hall's with less on it
    "hall": [state for state in STATES if state not in ("paused", "closed")],
    "zone": ["five", "large"],
    "window": [state for state in STATES if state != "large"],
}
CASES = [(kind, state) for kind, states in SHOWN.items() for state in states]


@cache
def drawn_by(face):
    with TTFont(fonts.path(theme.FACES[face][1]), lazy=True) as font:
        return frozenset(font.getBestCmap())


def faults(driver, stale=False):
    """What nobody may see, in words."""
    labels = driver.shown(Label)
    for text, drawn, box in driver.overflows():
        yield f"{text} {drawn} leaves {box}"
    for one, other in () if stale else driver.overlaps():
        yield f"{one} covers {other}"
    for label in labels:
        missing = {char for char in label.text if char != "\n" and ord(char) not in drawn_by(label.font_name)}
        if missing:
            yield f"{label.text} has {missing}, which {label.font_name} cannot draw"
        if label.is_shortened:
            yield f"{label.text} is cut"


def capital_mm(driver, glass):
    """How high the called number's capitals are on a 55 inch screen; the face's capitals are 0.7 of its size."""
    number = driver.shown(Ringing)[0].number
    sizes = [label.font_size for label in driver.shown(Label) if number and label.text == number]
    return 0.7 * max(sizes) / min(glass) * EDGE_MM if sizes else 999


@pytest.mark.parametrize(("kind", "state"), CASES, ids="-".join)
@pytest.mark.parametrize("glass", [LYING, STANDING], ids=["lying", "standing"])
def test_nothing_is_cut_or_covered_or_missing(drive, glass, kind, state):
    driver = open_case(drive, glass, kind, state)
    found = list(faults(driver, stale=state == "stale"))
    if glass == STANDING and state == "long":  # the longest English names may end in "…" there; Chinese never does
        found = [one for one in found if not (one.endswith("is cut") and "matters" in one)]
    assert not found
    assert capital_mm(driver, glass) >= 122, "the called number is read from ten metres"


@pytest.mark.parametrize(("kind", "state"), [("hall", "long"), ("zone", "five"), ("window", "recall")], ids="-".join)
def test_nor_on_a_screen_of_four_times_the_pixels(drive, kind, state):
    driver = open_case(drive, LARGE, kind, state)
    assert not list(faults(driver))
    assert driver.app.unit == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("glass", [LYING, STANDING], ids=["lying", "standing"])
def test_all_is_chinese_without_a_second_language(drive, glass, kind):
    driver = open_case(drive, glass, kind, "one", second="")
    assert not [text for text in driver.texts() if any("a" <= char <= "z" for char in text)]
    assert not list(faults(driver))


def test_the_call_takes_a_third_of_a_standing_screen(drive):
    big = hero(open_case(drive, STANDING, "hall", "one"))
    assert big.stacked
    assert big.width * big.height > 0.32 * STANDING[0] * STANDING[1]


def test_what_is_written_has_five_to_one_against_its_ground():
    for ground in (Colour.night, Colour.night_card, Colour.night_card_2):
        assert all(contrast(ink, ground) >= 5 for ink in (Colour.night_ink, Colour.night_ink_2))
    assert all(contrast(Colour.night_ok, ground) >= 5 for ground in (Colour.night, Colour.night_card))
    for bright in (Colour.primary_dk, Colour.night_call):
        dark = tuple(part * (1 - DARK) for part in bright[:3])
        for ink in (Colour.gold, Colour.white, Colour.white_2):
            assert contrast(ink, bright) >= 5
            assert contrast(ink, (*dark, 1.0)) >= 5, "at any moment of the flash"
    assert contrast(Colour.ink, Colour.line) >= 5


def test_it_flashes_less_than_three_times_a_second():
    assert 1 / (2 * FLASH) < 3, "WCAG 2.3.1"


@pytest.mark.parametrize("glass", [LYING, STANDING], ids=["lying", "standing"])
@pytest.mark.parametrize("kind", ["hall", "window"])
def test_the_stale_banner_covers_all_that_may_be_old(drive, glass, kind):
    driver = open_case(drive, glass, kind, "stale")
    banner, ringing = driver.app.screen._banner, driver.shown(Ringing)[0]
    edge = 4.5 * driver.app.unit  # the golden line stands around the call
    assert banner.top >= ringing.top + edge
    assert banner.y <= driver.app.screen.ids.foot.top
    assert banner.x <= ringing.x - edge
    assert banner.right >= ringing.right + edge


def test_names_that_do_not_fit_beside_each_other_run_past(drive):
    few, many = (open_case(drive, LYING, "window", state) for state in ("one", "long"))
    assert not few.app.screen.running
    assert "社会保障" in few.app.screen.standing
    assert many.app.screen.ids.ticker.sentences == many.app.screen.lines
    assert isinstance(many.app.screen.ids.ticker, Ticker)
