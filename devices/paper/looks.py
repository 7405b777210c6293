"""Sizes for a paper width and a reader's eyes. Dots; 8 dots are 1 mm, 24 dots are the printer's own 8.5 pt."""

from __future__ import annotations

from dataclasses import dataclass

Scale = tuple[int, int]  # times the ROM character is repeated, across and down
DOWN = {"title": "strong", "strong": "body", "body": "body", "small": "small"}


@dataclass(frozen=True)
class Scales:
    """Multipliers of the printer's own characters, per size."""

    small: Scale = (1, 1)
    body: Scale = (1, 1)
    strong: Scale = (2, 2)
    title: Scale = (2, 2)
    value: Scale = (2, 2)  # right side of a Pair


@dataclass(frozen=True)
class Look:
    """One paper: `width` printable dots, then the em of each size where characters are drawn."""

    width: int
    small: int
    body: int
    strong: int
    title: int
    value: int
    number: int  # tallest capital of the ticket number
    module: int  # dots of one QR module
    scales: Scales
    air: float = 1.0  # times the usual space between blocks

    def dots(self, size: str) -> int:
        return {"small": self.small, "body": self.body, "strong": self.strong, "title": self.title}[size]

    def scale(self, size: str) -> Scale:
        s = self.scales
        return {"small": s.small, "body": s.body, "strong": s.strong, "title": s.title, "value": s.value}[size]

    @property
    def columns(self) -> int:
        """Half-width characters of 12 dots in a line."""
        return self.width // 12


_NARROW = Scales(strong=(1, 2), value=(1, 2))
_ELDER = Scales(small=(1, 2), body=(2, 2))
_ELDER_NARROW = Scales(small=(1, 2), body=(1, 2))
_COMPACT = Scales(strong=(1, 2), title=(1, 2), value=(1, 2))

LOOKS = {  # (mm, style)
    (80, "normal"): Look(576, 23, 27, 38, 42, 42, 190, 6, Scales()),
    (58, "normal"): Look(384, 21, 25, 32, 36, 34, 150, 5, _NARROW),
    (80, "elder"): Look(576, 30, 38, 54, 48, 56, 230, 6, _ELDER),
    (58, "elder"): Look(384, 26, 33, 42, 40, 39, 170, 5, _ELDER_NARROW),
    (80, "compact"): Look(576, 21, 23, 30, 30, 32, 110, 5, _COMPACT, air=0.5),
    (58, "compact"): Look(384, 20, 22, 27, 27, 28, 96, 4, _COMPACT, air=0.5),
}
WIDTHS = {80: 576, 58: 384}  # mm of paper -> printable dots
