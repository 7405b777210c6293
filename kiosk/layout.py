"""How the glass is shared out: its shape, how high a header is, how many choices stand on a page.

A terminal stands tall (portrait), lies wide (landscape), or is low: tall, with everything to touch in the lower part,
within reach of somebody who sits. Wide and low pages are both short; a screen asks for what it gets, not for which.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from config.schema import TouchSettings

REACH = 1220  # mm over the floor: the highest anybody must reach (HALL's 380 to 1,220 mm)
LOWER = 0.58  # of a tall glass: as much as a low page takes where the glass hangs low enough for more
TALL_HEADER, WIDE_HEADER = 61.0, 32.0  # mm


class Shape(StrEnum):
    """What a page is shaped like."""

    TALL = "tall"
    WIDE = "wide"
    LOW = "low"


@dataclass(frozen=True)
class Page:
    """Columns and rows of choices: of home's tiles, of the items of a line, and of those most asked for on home. Then
    how many other lines are offered where one gives no number.
    """

    tiles: tuple[int, int]
    items: tuple[int, int]
    often: tuple[int, int]
    others: int


PAGES: dict[tuple[Shape, bool], Page] = {  # shape, elder mode -> fewer choices where there is less room for words
    (Shape.TALL, False): Page(tiles=(2, 4), items=(1, 6), often=(2, 2), others=2),
    (Shape.TALL, True): Page(tiles=(1, 4), items=(1, 4), often=(1, 2), others=1),
    (Shape.WIDE, False): Page(tiles=(4, 2), items=(2, 3), often=(4, 1), others=2),
    (Shape.WIDE, True): Page(tiles=(2, 2), items=(1, 3), often=(2, 1), others=1),
    (Shape.LOW, False): Page(tiles=(2, 2), items=(1, 3), often=(2, 1), others=1),
    (Shape.LOW, True): Page(tiles=(1, 3), items=(1, 3), often=(0, 0), others=1),
}


def shape(own: TouchSettings, low: bool) -> Shape:
    """The shape of a terminal's pages; a glass that lies wide is within reach as it is."""
    if own.width > own.height:
        return Shape.WIDE
    return Shape.LOW if low else Shape.TALL


def header(own: TouchSettings, page: Shape) -> float:
    """mm of the header: of a low page all that is above it."""
    if page is not Shape.LOW:
        return WIDE_HEADER if page is Shape.WIDE else TALL_HEADER
    glass = own.height / own.px_per_mm
    return glass - min(LOWER * glass, REACH - own.glass_bottom)
