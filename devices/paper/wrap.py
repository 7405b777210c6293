"""Where a Chinese line may break.

Words of Latin letters and digits stay whole, a number stays with its unit, closing marks never start a line, opening
marks never end one. `measure` gives a text's width in whatever unit the caller counts: dots or half-width columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

CLOSING = "，。、；：？！）》」』】〕”’％%…·,.;:?!)]}"
OPENING = "（《「『【〔“‘([{"
UNITS = "分钟|人|号|次|样|天|年|份|元|区"
ATOM = re.compile(
    rf"[{re.escape(OPENING)}]*(?:\d+ ?(?:{UNITS})|[A-Za-z0-9][!-~–\u00a0]*|\s|.)[{re.escape(CLOSING)}]*", re.DOTALL
)

Measure = Callable[[str], int]


def columns(text: str) -> int:
    """Half-width columns a receipt printer uses for the text: two for a full-width character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def wrap(text: str, width: int, measure: Measure = columns) -> list[str]:
    """Lines of at most `width`; a word wider than that is broken."""
    lines, line = [], ""
    for atom in _atoms(text, width, measure):
        if line and measure((line + atom).rstrip()) > width:
            lines.append(line.rstrip())
            line = atom.lstrip()
        else:
            line += atom
    return [*lines, line.rstrip()]


def tidy(text: str, width: int, measure: Measure = columns) -> list[str]:
    """Wrapped, but no word or two left alone on the last line."""
    lines = wrap(text, width, measure)
    if len(lines) == 1 or measure(lines[-1]) * 4 >= width:
        return lines
    for narrower in range(width - 1, width * 3 // 5, -1):
        attempt = wrap(text, narrower, measure)
        if len(attempt) == len(lines) and measure(attempt[-1]) * 4 >= width:
            return attempt
    return lines


def balanced(text: str, width: int, measure: Measure = columns) -> list[str]:
    """The same number of lines as wrap, but of similar length: for centred text."""
    lines = wrap(text, width, measure)
    for narrower in range(measure(text) // len(lines), width):
        attempt = wrap(text, narrower, measure)
        if len(attempt) == len(lines) and all(measure(one) <= width for one in attempt):
            return attempt
    return lines


def _atoms(text: str, width: int, measure: Measure) -> list[str]:
    atoms: list[str] = []
    for match in ATOM.finditer(text):
        atom = match.group()
        atoms.extend([atom] if measure(atom) <= width else list(atom))
    return atoms
