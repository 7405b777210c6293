"""What stands on a ticket, in which order and how large: a file that a hall may change, checked when it is read.

The built-in layout is such a file too. What a block prints is said in papers.py; here is what may be asked of it.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from config.loader import load
from config.schema import Settings, setting
from devices.paper.blocks import Size
from devices.paper.drawing import EDGE
from devices.paper.looks import LOOKS
from devices.paper.wrap import columns, wrap

Style = Literal["normal", "elder"]
BUILT_IN = Path(__file__).parent / "assets" / "ticket.toml"
LOOK = {"size", "bold", "align"}
OPTIONS: dict[str, set[str]] = {  # block -> what it can be told
    "hall": LOOK,
    "number": set(),
    "reprint": set(),
    "item": LOOK,
    "line": LOOK,
    "ahead": {"bold"},
    "wait": {"bold"},
    "record": LOOK,
    "place": set(),
    "code": {"short"},
    "missed": {"size"},
    "promise": {"size", "short"},
    "foot": set(),
    "rule": {"heavy"},
    "text": {"zh", "en", *LOOK},
}
REQUIRED = {  # block -> why no ticket can do without
    "number": "nobody would know when it is called",
    "reprint": "two papers of one number could not be told apart",
    "code": "nobody could follow it on a phone or come back with it",
}
REPEATED = {"rule", "text"}
NARROW = 58  # mm: what fits there fits everywhere
LINES = 4  # of narrow paper that a text of the hall's own may take


def _known(block: str) -> str:
    if block not in OPTIONS:
        near = difflib.get_close_matches(block, OPTIONS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(OPTIONS)}"
        raise ValueError(f"no block is called {block!r}; {hint}")
    return block


class Entry(Settings):
    """One block of the ticket and how it looks."""

    block: Annotated[str, AfterValidator(_known)] = setting(note="what is printed: a name in OPTIONS")
    size: Size = setting("body", note="of its characters")
    bold: bool = setting(False, note="heavier; of people ahead and wait: the figure large")
    align: Literal["left", "centre"] = setting("left", note="where its lines stand")
    heavy: bool = setting(False, note="a thick rule")
    short: bool = setting(False, note="fewer words")
    zh: str = setting("", note="the hall's own words")
    en: str = setting("", note="the same in the second language")

    @model_validator(mode="after")
    def _told_what_it_knows(self) -> Self:
        known = OPTIONS[self.block]
        for name in sorted(self.model_fields_set - {"block"} - known):
            told = f"it can be told: {', '.join(sorted(known))}" if known else "it can be told nothing"
            raise ValueError(f"block {self.block!r} cannot be told {name!r}; {told}")
        if self.block == "text" and not self.zh.strip():
            raise ValueError("a text needs zh: Chinese is always printed")
        return self


def _whole(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    count = Counter(entry.block for entry in entries)
    wrong = [
        f'block {name!r} is missing: {why}; add {{ block = "{name}" }}'
        for name, why in REQUIRED.items()
        if name not in count
    ]
    twice = [name for name, times in count.items() if times > 1 and name not in REPEATED]
    wrong += [f"block {name!r} stands {count[name]} times; leave one" for name in twice]
    if wrong:
        raise ValueError(". ".join(wrong))
    return entries


Entries = Annotated[tuple[Entry, ...], AfterValidator(_whole)]


class Template(Settings):
    """A ticket's layout, from top to bottom."""

    normal: Entries = setting(note="for everybody", strict=False)
    elder: Entries = setting(note="larger, for elderly people; fewer lines", strict=False)

    @model_validator(mode="after")
    def _fits_narrow_paper(self) -> Self:
        wrong = [
            f"{style}.{at} ({entry.zh!r}): {fault}"
            for style in ("normal", "elder")
            for at, entry in enumerate(self.entries(style))
            for text in (entry.zh, entry.en)
            for fault in _too_wide(text, "small" if text is entry.en else entry.size, style)
        ]
        if wrong:
            raise ValueError(". ".join(wrong))
        return self

    def entries(self, style: Style) -> tuple[Entry, ...]:
        return {"normal": self.normal, "elder": self.elder}[style]


def _too_wide(text: str, size: Size, style: Style) -> Iterator[str]:
    """What is wrong with a text on 58 mm paper, typed by the printer or drawn."""
    look = LOOKS[NARROW, style]
    room = min(look.columns // look.scale(size)[0], 2 * (look.width - 2 * EDGE) // look.dots(size))
    wide = next((word for word in text.split() if word.isascii() and columns(word) > room), "")
    if wide:
        yield f"{wide!r} is wider than {NARROW} mm paper, {room} letters of {size}; choose a smaller size or cut it"
    elif (lines := len(wrap(text, room))) > LINES:
        yield f"takes {lines} lines of {NARROW} mm paper, at most {LINES}; choose a smaller size or fewer words"


def read(path: Path) -> Template:
    """The layout in a file. Raises ConfigError naming file, entry (counted from 0) and what to do."""
    return load(path, Template)


@cache
def built_in() -> Template:
    """The layout of a hall that sets none."""
    return read(BUILT_IN)
