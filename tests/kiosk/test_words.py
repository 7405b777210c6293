"""The catalogues: complete, unused nothing, short enough for their places, drawable."""

import re
import string
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from devices import fonts
from kiosk.cover import GETTING_NUMBER, HELP, STILL_THERE
from kiosk.i18n import LANGUAGES, Catalogue
from kiosk.screens.card import SAYS as CARD_SAYS

KIOSK = Path(__file__).parents[2] / "kiosk"
CATALOGUE = Catalogue()
LONGEST = {  # key -> most characters once filled, Chinese and English: the room there is on paper and screen
    "call.screen": (16, 20), "recall.screen": (18, 40), "display.stale": (36, 100),
    "printer.out": (48, 110), "printer.doubt": (28, 100),
    "printer.before": (38, 104), "server.away.none": (36, 112), "timeout.here": (6, 12), "promise.walk_in": (62, 130),
    "range.minutes": (12, 12), "range.soon": (6, 12), "range.none": (16, 52), "ticket.reprint": (10, 12),
    "ticket.ahead": (6, 20), "ticket.people": (6, 4), "ticket.nobody": (6, 8), "ticket.wait": (6, 16),
    "ticket.place": (12, 26), "ticket.windows": (22, 26), "ticket.live": (10, 26), "ticket.live.detail": (14, 40),
    "privacy.title": (10, 28), "privacy.who": (40, 80), "privacy.what": (40, 120), "privacy.why": (46, 130),
    "privacy.how": (52, 120), "privacy.keep": (30, 92), "privacy.rights": (44, 110), "privacy.yes": (8, 24),
    "privacy.no": (8, 30), "class.age": (34, 100), "class.yes": (6, 14), "class.no": (6, 14),
    "card.unreadable": (28, 80), "card.give.up": (34, 100),
    "list.title": (8, 20), "list.bring": (24, 40), "list.missing": (8, 20), "list.if": (12, 30), "list.ready": (10, 16),
    "list.all": (8, 24), "list.none": (6, 18), "list.later": (6, 18), "list.spare": (22, 52), "list.rule": (28, 96),
    "guide.title": (8, 20), "guide.conditions": (8, 20), "guide.steps": (6, 10), "guide.live": (12, 36),
    "guide.version": (24, 44), "guide.printed": (12, 32), "guide.count": (6, 6), "guide.spare": (12, 30),
    "guide.spot": (4, 12), "guide.free": (4, 8), "guide.paid": (4, 16), "guide.visits": (6, 6),
    "guide.visits.none": (8, 8), "guide.windows.ask": (6, 18), "guide.windows.elsewhere": (6, 16),
    "label.materials": (6, 16), "label.time": (6, 16), "label.fee": (6, 8), "label.visits": (6, 10),
    "label.windows": (6, 10), "label.where": (4, 10), "label.hours": (4, 10), "label.phone": (4, 12),
    "label.complaint": (4, 12),
    "promise.walk_in.short": (36, 100), "track.record": (26, 62),
    "label.missed": (4, 8), "ticket.missed": (48, 116), "label.promise": (4, 8), "ticket.machine": (8, 10),
}  # fmt: skip
FACTS = {
    "number": "A1012", "window": "12", "zone": "A", "time": "10:05", "seconds": 20, "count": 12, "walk": 10,
    "booked": 20, "care": 45, "urgent": 70, "low": 112, "high": 128, "windows": "5–8、12", "machine": "12",
    "hall": "临江市政务服务中心", "age": 60, "credit": 15,
    "line": "社会保障", "calls": 3, "phone": "0900-5550101", "page": 2, "pages": 3, "next": "11月26日 9:00",
    "version": 12, "date": "2026-10-01", "hits": 10,
}  # fmt: skip


def places(sentence):
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def sources():
    return [path for path in KIOSK.rglob("*") if path.suffix in (".py", ".kv")]


def test_both_languages_say_the_same_things():
    zh, en = (CATALOGUE.sentences[language] for language in LANGUAGES)
    assert set(zh) == set(en)
    for key in zh:
        if key != "ticket.ahead":  # on paper the Chinese is a label beside the figure, the English a line of its own
            assert places(zh[key]) == places(en[key]), key
        assert zh[key] and en[key], key


def test_every_key_is_used():
    everything = "\n".join(path.read_text("utf-8") for path in sources())
    unused = {key for key in CATALOGUE.sentences["zh"] if f'"{key}"' not in everything and f"'{key}'" not in everything}
    assert not unused


def test_every_key_asked_for_is_there():
    everything = "\n".join(path.read_text("utf-8") for path in sources())
    asked = re.findall(r"""(?:say|tell|both|also)\((?:[\w.]+,\s*)?["'](\w+(?:\.\w+)*)["'][,)]""", everything)
    asked += [key for said in CARD_SAYS.values() for key in (said.title, said.text)]
    questions = [STILL_THERE, GETTING_NUMBER, *HELP.values()]
    asked += [key for one in questions for key in (one.title, one.text, one.yes, one.no) if key]
    assert set(asked) - set(LANGUAGES) <= set(CATALOGUE.sentences["zh"])


@pytest.mark.parametrize("key", LONGEST)
def test_a_filled_sentence_fits_its_place(key):
    for language, longest in zip(LANGUAGES, LONGEST[key], strict=True):
        assert len(CATALOGUE.say(language, key, **FACTS)) <= longest


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_character_is_in_the_screen_s_font(language):
    characters = {char for words in CATALOGUE.sentences[language].values() for char in words} - {"\n"}
    for name in ("sans", "sans-bold"):
        with TTFont(fonts.path(name), lazy=True) as font:
            drawn = font.getBestCmap()
        assert not {char for char in characters if ord(char) not in drawn}, name


def test_english_has_no_full_width_apostrophe():
    """The Chinese font draws ’ as wide as a Chinese character."""
    assert not [key for key, words in CATALOGUE.sentences["en"].items() if "’" in words]
