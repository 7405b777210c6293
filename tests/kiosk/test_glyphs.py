"""Rare characters are drawn with the font that has them, piece by piece; `text` stays what was said."""

import pytest

from devices import fonts
from kiosk import glyphs
from kiosk.theme import register_fonts
from kiosk.widgets.label import Label, RareText
from kiosk.widgets.shrink import Shrink

NOBODY_HAS = "\U0003134f"
RARE = "\U0002a6a5"  # four dragons: HanaMin has it, Noto has not
THERE = all((fonts.FOLDER / file).exists() for file in fonts.RARE.values())


@pytest.fixture
def two_fonts(monkeypatch):
    """As if the rare font were our figures' one and had only the dragons."""
    holder = fonts.holder
    monkeypatch.setattr(fonts, "holder", lambda char, name: "Number" if char == RARE else holder(char, name))
    glyphs.face.cache_clear()
    yield
    glyphs.face.cache_clear()


def test_a_text_in_runs(two_fonts):
    assert glyphs.runs(f"张{RARE}{RARE}本") == [("", "张"), ("Number", RARE * 2), ("", "本")]
    assert glyphs.runs(f"{NOBODY_HAS}本") == [("", "□本")]
    assert glyphs.runs("") == []
    assert glyphs.plain("张三 & [b]") and not glyphs.plain(f"张{RARE}") and not glyphs.plain(NOBODY_HAS)


def test_markup_takes_nothing_of_the_text_for_its_own(two_fonts):
    assert glyphs.marked(f"[b]&{RARE}") == f"&bl;b&br;&amp;[font=Number]{RARE}[/font]"


def test_a_character_nobody_has_is_said_once(caplog):
    glyphs.face.cache_clear()
    glyphs.runs(NOBODY_HAS * 3)
    glyphs.runs(f"又{NOBODY_HAS}")
    assert caplog.text.count("no font has U+3134F") == 1


@pytest.mark.parametrize("kind", [Label, Shrink])
def test_a_label_turns_to_pieces_and_back(two_fonts, kind):
    register_fonts()
    label = kind(text="张三", font_name="Sans", font_size=40, color=(1, 0, 0, 1))
    label.texture_update()
    width = label.texture_size[0]
    label.text = f"张{RARE}"
    label.texture_update()
    assert label.text == f"张{RARE}"
    assert isinstance(label._label, RareText) and "[font=Number]" in label._label.text
    assert label.texture_size[0] > width / 2
    pixels = label.texture.pixels
    assert set(zip(pixels[0::4], pixels[1::4], pixels[2::4], strict=True)) <= {(255, 0, 0), (0, 0, 0)}
    label.text = "张三"
    label.texture_update()
    assert not isinstance(label._label, RareText)
    assert label.texture_size[0] == width


def test_an_icon_is_no_rare_character():
    """Phosphor's codes run on into Han characters."""
    register_fonts()
    label = Label(text=NOBODY_HAS, font_name="Icon")
    label.texture_update()
    assert not isinstance(label._label, RareText)


@pytest.mark.skipif(not THERE, reason="fonts-hanazono is not installed")
def test_four_dragons_are_not_a_box():
    register_fonts()
    drawn = {}
    for text in (RARE, "□", "龍"):
        label = Label(text=text, font_name="Sans", font_size=80)
        label.texture_update()
        drawn[text] = bytes(label.texture.pixels)
    assert len(set(drawn.values())) == 3
