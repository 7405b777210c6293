"""What stands on a piece of paper, said without fonts, dots or bytes.

A document is blocks from top to bottom and a style. Every way of printing knows every block; none may drop words.
A block's `en` is the hall's second language, empty where none is set: it is printed small, under the Chinese.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeVar

Size = Literal["small", "body", "strong", "title"]
Style = Literal["normal", "elder", "compact"]


@dataclass(frozen=True)
class Text:
    """A paragraph. With `shrink` it steps one size down if it would need more than two lines."""

    zh: str
    en: str = ""
    size: Size = "body"
    bold: bool = False
    centre: bool = False
    shrink: bool = False


@dataclass(frozen=True)
class Number:
    """The ticket number, as large as the paper allows."""

    value: str


@dataclass(frozen=True)
class Pair:
    """A label on the left, what one looks for on the right, large where `strong`."""

    label: str
    value: str
    en: str = ""
    strong: bool = True


@dataclass(frozen=True)
class Note:
    """A short bold label with a sentence hanging beside it."""

    label: str
    zh: str
    en: str = ""
    size: Size = "body"


@dataclass(frozen=True)
class Frame:
    """The one thing to do next, boxed."""

    zh: str
    detail: str = ""
    en: str = ""


@dataclass(frozen=True)
class Badge:
    """White on black: a mark nobody may overlook."""

    text: str


@dataclass(frozen=True)
class Tick:
    """A box to tick with a pen, a name, and what form it must have."""

    name: str
    note: str = ""


@dataclass(frozen=True)
class Code:
    """A QR code with a caption; `url` is ASCII, so that every reader agrees on it."""

    url: str
    zh: str
    en: str = ""
    detail: str = ""
    detail_en: str = ""


@dataclass(frozen=True)
class Rule:
    """A line across."""

    heavy: bool = False


@dataclass(frozen=True)
class Foot:
    """Small print at both edges of the last line."""

    left: str
    right: str


Block = Text | Number | Pair | Note | Frame | Badge | Tick | Code | Rule | Foot


@dataclass(frozen=True)
class Document:
    """A whole paper. Style "elder" is larger, "compact" shorter; what to leave out there is the writer's choice."""

    blocks: tuple[Block, ...]
    style: Style = "normal"


Some = TypeVar("Some", bound=Block)
LOST = "\u25a1"  # stands where a character cannot be written down at all


def plain(block: Some) -> Some:
    """The block with nothing in its words that a printer would obey or that has no shape on paper.

    Names come from files and from the network: a line break or an escape in one is a blank, marks that only steer
    letters are dropped, half a character is shown as a box.
    """
    values = {field.name: getattr(block, field.name) for field in fields(block)}
    changed: Any = {name: _plain(value) for name, value in values.items() if isinstance(value, str)}
    return replace(block, **changed)


def _plain(text: str) -> str:
    return text if text.isprintable() else "".join(_SHOWN.get(unicodedata.category(c), c) for c in text)


_SHOWN = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": LOST}
