"""Where the fonts are, and which of them draws a character.

Paper and screens share them. `python -m devices fonts` (fontmaker.py) puts them into FOLDER at set-up. Names hold
characters that no single font has, so each name is a chain: the first font of it that holds a character draws it.
Kivy does not fall back by character: kiosk/glyphs.py tells it, piece by piece, which font `holder()` names.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

from devices.errors import SetupError

log = logging.getLogger(__name__)

FOLDER = Path(sys.prefix) / "share" / "yichuang" / "fonts"
FILES = {
    "sans": "sc-regular.otf",  # Noto Sans CJK SC
    "sans-bold": "sc-bold.otf",
    "mono": "mono-regular.otf",  # Noto Sans Mono CJK SC: Latin is exactly half as wide as Han, as in a printer's ROM
    "mono-bold": "mono-bold.otf",
    "number": "number.ttf",  # Barlow SemiBold: capitals 0.7 em tall
    "number-bold": "number-bold.ttf",
    "icons": "icons.ttf",  # Phosphor
}
# Characters few names have, up to Extension F (GB 18030-2022 level 3). Without these files all else works.
RARE = {
    "rare-a": "hana-a.ttf",  # HanaMin A: Extension A and some of B
    "rare-b": "hana-b.ttf",  # HanaMin B: Extensions B to F
}
ICON_NAMES = "icons.json"
CHAINS: dict[str, tuple[str, ...]] = {
    "sans": ("sans", *RARE),
    "sans-bold": ("sans-bold", *RARE),
    "mono": ("mono", *RARE),
    "mono-bold": ("mono-bold", *RARE),
    "number": ("number", "sans", *RARE),
    "number-bold": ("number-bold", "sans-bold", *RARE),
    "icons": ("icons",),
}

Runs = list[tuple[str, ImageFont.FreeTypeFont]]


def path(name: str) -> Path:
    """The font's file; SetupError if it has not been made yet, KeyError for a name in neither FILES nor RARE."""
    return _there(FOLDER / (FILES.get(name) or RARE[name]))


def icon(name: str) -> str:
    """The character of the `icons` font that shows this Phosphor icon ("printer", "wheelchair-bold", …)."""
    try:
        return _icons()[name]
    except KeyError:
        raise SetupError(f'no icon is called "{name}"') from None


def runs(text: str, name: str, dots: int) -> Runs:
    """The text in pieces, each with the first font of the chain that holds its characters, `dots` to the em."""
    pieces: Runs = []
    for char in text:
        font = _font(holder(char, name) or CHAINS[name][0], dots)
        if pieces and pieces[-1][1] is font:
            pieces[-1] = pieces[-1][0] + char, font
        else:
            pieces.append((char, font))
    return pieces


def width(text: str, name: str, dots: int) -> int:
    """Dots the text is wide, `dots` to the em."""
    return round(sum(font.getlength(piece) for piece, font in runs(text, name, dots)))


def _there(file: Path) -> Path:
    if not file.exists():
        raise SetupError(f"{file} is missing; run: {Path(sys.executable)} -m devices fonts")
    return file


def holder(char: str, name: str) -> str | None:
    """The first font of the chain that has the character; None if none has."""
    return next((one for one in CHAINS[name] if ord(char) in _characters(one)), None)


@cache
def _characters(name: str) -> frozenset[int]:
    if name in RARE and not (FOLDER / RARE[name]).exists():
        log.warning("%s is missing: rare characters are shown as boxes", FOLDER / RARE[name])
        return frozenset()
    with TTFont(path(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _font(name: str, dots: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path(name), dots)


@cache
def _icons() -> Mapping[str, str]:
    codes = json.loads(_there(FOLDER / ICON_NAMES).read_text(encoding="utf-8"))
    return {name: chr(int(code, 16)) for name, code in codes.items()}
