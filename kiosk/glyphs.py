"""Which font draws which part of a text. Kivy takes one for a whole label; rare characters of names need another.

A character no font has is shown as □, and said once in the log, by its code alone.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from devices import fonts

log = logging.getLogger(__name__)

OURS = "sans"  # the chain of fonts screens use
BOX = "□"
ESCAPED = {"&": "&amp;", "[": "&bl;", "]": "&br;"}  # what markup would take for its own


@lru_cache(maxsize=4096)
def face(char: str) -> str:
    """The font of RARE that draws the character; empty: the label's own, or none."""
    if char.isspace() or char.isascii():
        return ""
    found = fonts.holder(char, OURS)
    if found is None:
        log.warning("no font has U+%04X: it is shown as a box", ord(char))
        return BOX
    return "" if found == OURS else found


def plain(text: str) -> bool:
    """Whether the label's own font draws all of it."""
    return text.isascii() or not any(map(face, text))


def runs(text: str) -> list[tuple[str, str]]:
    """The text in pieces of one face each: (face, piece); the face is empty for the label's own font."""
    pieces: list[tuple[str, str]] = []
    for char in text:
        name = face(char)
        name, shown = ("", BOX) if name == BOX else (name, char)
        if pieces and pieces[-1][0] == name:
            pieces[-1] = name, pieces[-1][1] + shown
        else:
            pieces.append((name, shown))
    return pieces


def marked(text: str) -> str:
    """The text in Kivy's markup, with nothing of its own taken for markup."""
    return "".join(f"[font={name}]{escaped(piece)}[/font]" if name else escaped(piece) for name, piece in runs(text))


def escaped(text: str) -> str:
    return "".join(ESCAPED.get(char, char) for char in text)
