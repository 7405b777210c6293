"""A hall's own emblem and colour; and every colour of words on every ground they stand on."""

import re
from functools import partial
from pathlib import Path

import pytest
from kivy.uix.image import Image as Picture
from PIL import Image

from config import ConfigError
from config.schema import Theme
from devices import fonts
from kiosk.app import TicketApp
from kiosk.brand import Brand, brand, darker, ground
from kiosk.places import Place
from kiosk.theme import Colour, contrast, rgba
from kiosk.widgets.frame import Header
from kiosk.widgets.parts import Icon
from tests.kiosk.display_rig import board, demo_hall, open_display
from tests.kiosk.ticket_rig import open_kiosk

KIOSK = Path(__file__).parents[2] / "kiosk"
GREEN, GLARING = "#0B6B4F", "#C2006B"
OURS = (Colour.primary, Colour.primary_dk, Colour.primary_lt)
EDGES = 400  # px of a picture of two million: where a badge of another blue ends


@pytest.fixture
def file(tmp_path):
    """A kiosk.toml's place, with an emblem beside it."""
    Image.new("RGBA", (256, 256), (200, 30, 30, 255)).save(tmp_path / "emblem.png")
    (tmp_path / "words.png").write_text("no picture")
    return tmp_path / "kiosk.toml"


def test_without_settings_a_hall_has_ours(file):
    assert brand(Theme(), file) == Brand()


def test_a_colour_has_a_shade_for_elder_mode(file):
    made = brand(Theme(accent=GREEN), file)
    assert made.colour == rgba(GREEN)
    assert contrast(made.dark, Colour.white) >= 7


@pytest.mark.parametrize("accent", ["#FFFFFF", "#FFC84A", "#3B82F6", "#00A86B"])
def test_a_pale_colour_is_refused_with_a_shade_that_would_do(file, accent):
    with pytest.raises(ConfigError, match=rf"theme.accent: white words on {accent} .* 4.5 is needed; #") as refused:
        brand(Theme(accent=accent), file)
    offered = refused.value.faults[0].split("; ")[1][:7]
    assert brand(Theme(accent=offered), file)


@pytest.mark.parametrize(
    ("emblem", "said"),
    [
        ("bnak", 'no icon is called "bnak"'),
        ("nowhere.png", "there is no file"),
        ("words.png", "is no picture; save it as PNG"),
        ("emblem.svg", "there is no file"),
    ],
)
def test_an_emblem_that_cannot_be_shown_is_one_sentence(file, emblem, said):
    with pytest.raises(ConfigError, match=said):
        brand(Theme(emblem=emblem), file)


@pytest.mark.parametrize("accent", [GREEN, GLARING, "#767676", "#000000"])
def test_words_of_a_colour_are_clear_on_its_pale_ground(file, accent):
    made = brand(Theme(accent=accent), file)
    assert contrast(made.colour, made.pale) >= 4.5
    assert contrast(made.dark, made.pale) >= 7


def test_our_own_pale_ground_is_made_the_same_way():
    assert all(abs(a - b) < 0.02 for a, b in zip(ground(Colour.primary), Colour.primary_lt, strict=True))


def test_a_shade_ends_in_black():
    assert darker(rgba("#FFFFFF"), 21) == (0.0, 0.0, 0.0, 1.0)


def branded(drive, server, marks, **options):
    return open_kiosk(drive, server, kind=partial(TicketApp, brand=marks), **options)


def ours_left(picture):
    """How many pixels are of our own blues."""
    with Image.open(picture) as opened:
        counted = {colour: count for count, colour in opened.convert("RGB").getcolors(1 << 21)}
    ours = [tuple(round(255 * part) for part in colour[:3]) for colour in OURS]
    near = [
        colour
        for colour in counted
        if any(max(abs(a - b) for a, b in zip(colour, one, strict=True)) <= 1 for one in ours)
    ]
    return sum(counted[colour] for colour in near)


@pytest.mark.parametrize("elder", [False, True])
def test_nothing_of_our_blue_is_left_in_a_hall_of_another_colour(drive, server, file, tmp_path, elder):
    kiosk = branded(drive, server, brand(Theme(accent=GLARING), file), reader=True)
    kiosk.at_rest()
    kiosk.app.elder = elder
    steps = {
        Place.ITEMS: "line-medical",
        Place.CHOICE: "item-medical-claim",
        Place.PRIVACY: "withcard",
        Place.LAY: "agree",
    }
    looked = {Place.HOME: ours_left(kiosk.driver.picture(tmp_path / "home.png"))}
    for place, step in {**steps, Place.TICKET: "nocard"}.items():
        kiosk.driver.tap(step)
        kiosk.at(place)
        looked[place] = ours_left(kiosk.driver.picture(tmp_path / f"{place}.png"))
    assert max(looked.values()) < EDGES, looked


def test_screens_ask_the_hall_for_its_colour():
    """Our own is named where it is chosen, and on the hall screen's called number, which is of one night everywhere."""
    named = {
        path.name
        for path in KIOSK.rglob("*")
        if path.suffix in (".py", ".kv") and re.search(r"\bC(olour)?\.primary", path.read_text())
    }
    assert named == {"brand.py", "hero.kv"}


def test_the_kiosk_wears_an_icon_and_a_colour(drive, server, file):
    kiosk = branded(drive, server, brand(Theme(emblem="buildings", accent=GREEN), file))
    (header,) = kiosk.driver.shown(Header)
    inside = list(header.walk(restrict=True))
    assert fonts.icon("buildings-fill") in [one.text for one in kiosk.driver.shown(Icon) if one in inside]
    kiosk.app.other_size()
    kiosk.driver.frames(2)
    assert contrast(tuple(kiosk.app.accent), Colour.white) >= 7


def test_the_kiosk_wears_a_picture(drive, server, file):
    marks = brand(Theme(emblem="emblem.png"), file)
    kiosk = branded(drive, server, marks)
    shown = [one.source for one in kiosk.driver.shown(Picture) if one.opacity]
    assert str(file.parent / "emblem.png") in shown


def test_the_display_wears_a_picture(drive, file):
    driver = open_display(drive, demo_hall(), board(), brand=brand(Theme(emblem="emblem.png"), file))
    assert str(file.parent / "emblem.png") in [one.source for one in driver.shown(Picture)]


# -- every pair of colours ---------------------------------------------------------------------------------------------

DAY, NIGHT = ("bg", "surface", "primary_lt", "faint"), ("night", "night_deep", "night_card", "night_card_2")
WORDS = {  # a colour of words -> what they stand on
    "ink": (*DAY, "gold"),
    "ink_2": DAY,
    "ink_3": ("surface",),
    "white": ("primary", "primary_dk", "ink_2", "ink_2_dk", "ink_3"),
    "white_2": ("primary", "primary_dk", "ink_2"),
    "primary": ("bg", "surface", "primary_lt"),
    "primary_dk": ("bg", "surface", "primary_lt"),
    "gold": ("night", "night_deep", "night_card", "night_card_2", "night_call"),
    "warn_ink": ("warn_lt", "surface"),
    "warn_dk": ("warn_lt", "surface"),
    "ok_ink": ("ok_lt", "surface"),
    "ok_dk": ("ok_lt", "surface"),
    "danger_ink": ("danger_lt", "surface"),
    "danger_dk": ("danger_lt", "surface"),
    "night_ink": NIGHT,
    "night_ink_2": NIGHT,
    "night_ok": NIGHT,
    "night_rose": NIGHT[:3],
}
SHAPES = {"line", "shadow", "veil", "clear", "ok", "danger", "night_line"}  # never words


@pytest.mark.parametrize(("front", "back"), [(front, back) for front, backs in WORDS.items() for back in backs])
def test_words_are_clear_on_their_ground(front, back):
    assert contrast(getattr(Colour, front), getattr(Colour, back)) >= 4.5


def test_every_colour_is_for_words_for_a_ground_or_a_shape():
    every = {name for name in vars(Colour) if not name.startswith("_")}
    assert every == set(WORDS) | {back for backs in WORDS.values() for back in backs} | SHAPES
