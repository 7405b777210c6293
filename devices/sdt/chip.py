"""The 256 bytes of text in a card's chip: four layouts, both ways, no I/O.

UTF-16LE, padded with blanks. One character at byte 248 tells the layout: ' ' resident, 'I' foreigner 2017,
'Y' foreigner 2023, 'J' Hong Kong / Macau / Taiwan. Widths below are in characters of two bytes, 128 in all.
Sources: Johann356/readinfo (PCSCGetData.h, the four structs), checked against two more public drivers.

Nothing is interpreted here: a nation code nobody knows, a nation written in words and 长期 (valid for ever) stay as
they stand in the chip.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date

from devices.errors import BadFrame
from devices.sdt.card import CardKind, CardUnreadable

SIZE = 256  # bytes
FLAG_AT = 248
FOR_EVER = "长期"  # instead of a date in valid_to
FLAGS = {
    " ": CardKind.RESIDENT,
    "I": CardKind.FOREIGNER_2017,
    "Y": CardKind.FOREIGNER_2023,
    "J": CardKind.HMT,
}
_KIND_TO_FLAG = {kind: flag for flag, kind in FLAGS.items()}


@dataclass(frozen=True, repr=False)
class ChipText:
    """All text of a chip, as it stands there without padding; what a layout has no place for is empty."""

    kind: CardKind
    name: str = ""  # Chinese
    latin_name: str = ""
    sex: str = ""  # 1 male, 2 female, 0 unknown, 9 not stated (GB/T 2261.1)
    nation: str = ""  # GB/T 3304 code, two digits
    birth: str = ""  # YYYYMMDD, as all days here
    address: str = ""
    number: str = ""
    authority: str = ""
    valid_from: str = ""
    valid_to: str = ""  # a day or 长期
    pass_number: str = ""  # 通行证号码
    issues: str = ""  # 签发次数
    renewals: str = ""  # 换证次数
    nationality: str = ""  # three letters
    card_version: str = ""
    authority_code: str = ""
    previous_card: str = ""

    def __repr__(self) -> str:
        return f"ChipText({self.kind.value})"


LAYOUTS: dict[CardKind, tuple[tuple[str, int], ...]] = {  # field (empty: reserved), characters
    CardKind.RESIDENT: (
        ("name", 15), ("sex", 1), ("nation", 2), ("birth", 8), ("address", 35), ("number", 18), ("authority", 15),
        ("valid_from", 8), ("valid_to", 8), ("", 14), ("flag", 1), ("", 3),
    ),
    CardKind.HMT: (
        ("name", 15), ("sex", 1), ("", 2), ("birth", 8), ("address", 35), ("number", 18), ("authority", 15),
        ("valid_from", 8), ("valid_to", 8), ("pass_number", 9), ("issues", 2), ("", 3), ("flag", 1), ("", 3),
    ),
    CardKind.FOREIGNER_2017: (
        ("latin_name", 60), ("sex", 1), ("number", 15), ("nationality", 3), ("name", 15), ("valid_from", 8),
        ("valid_to", 8), ("birth", 8), ("card_version", 2), ("authority_code", 4), ("flag", 1), ("", 3),
    ),
    CardKind.FOREIGNER_2023: (
        ("name", 15), ("sex", 1), ("renewals", 2), ("birth", 8), ("latin_name", 35), ("number", 18), ("", 15),
        ("valid_from", 8), ("valid_to", 8), ("latin_name", 11), ("nationality", 3), ("flag", 1), ("previous_card", 3),
    ),
}  # fmt: skip


def read(block: bytes) -> ChipText:
    """The text of a chip. BadFrame unless it is 256 bytes, CardUnreadable for a kind of card nobody here knows."""
    if len(block) != SIZE:
        raise BadFrame(f"{len(block)} bytes of card text instead of {SIZE}")
    kind = FLAGS.get(_text(block[FLAG_AT : FLAG_AT + 2]))
    if kind is None:
        raise CardUnreadable("this kind of card is not known here")
    fields: dict[str, str] = {}
    start = 0
    for name, width in LAYOUTS[kind]:
        # parts of a long Latin name are joined before blanks go: one may stand at the seam
        fields[name] = fields.get(name, "") + _text(block[start : start + 2 * width])
        start += 2 * width
    del fields[""], fields["flag"]
    return ChipText(kind, **{name: text.strip(" \0") for name, text in fields.items()})


def write(text: ChipText) -> bytes:
    """The same the other way; ValueError if a field does not fit."""
    left = {**dataclasses.asdict(text), "": "", "flag": _KIND_TO_FLAG[text.kind]}
    block = b""
    for name, width in LAYOUTS[text.kind]:
        units = left[name].encode("utf-16-le")
        left[name] = units[2 * width :].decode("utf-16-le")
        block += units[: 2 * width] + b" \0" * (width - len(units) // 2)
    if too_long := [name for name, _ in LAYOUTS[text.kind] if left[name]]:
        raise ValueError(f"{too_long[0]} is too long for this card")
    return block


def day(text: str) -> date | None:
    """YYYYMMDD as a date; None for 长期, blanks or a day that no calendar has."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _text(units: bytes) -> str:
    return units.decode("utf-16-le", errors="replace")  # half a rare character must not cost the whole card
