"""Tickets scanned at any place: a scanner types what the code says as a keyboard would, then Enter.

Its characters come faster than fingers type; what comes slower begins anew, so that nothing half typed is left over.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

GAP = 0.05  # s between two characters of a scanner
LONGEST = 256  # characters
ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


def ticket_id(text: str) -> str | None:
    """The id in a ticket's address, `http(s)://…/t/{id}`; None for anything else.

    >>> ticket_id("https://hall.example/t/abcdefghij0123456789_-")
    'abcdefghij0123456789_-'
    """
    text = text.strip()
    if any(character.isspace() for character in text):
        return None
    try:
        address = urlsplit(text)
    except ValueError:
        return None
    *_, before, last = ["", "", *address.path.rstrip("/").split("/")]
    if address.scheme not in ("http", "https") or not address.netloc or before != "t" or not ID.fullmatch(last):
        return None
    return last


class Scan:
    """Collects characters. `at` are seconds of any clock, `frame` counts the frames of the screen: a screen that was
    slow to draw gives us the characters of one scan in two frames, far apart by the clock.
    """

    def __init__(self) -> None:
        self._text = ""
        self._at, self._frame = 0.0, 0

    def type(self, text: str, at: float, frame: int) -> None:
        """One character, or several at once."""
        if not self._follows(at, frame) or len(self._text) > LONGEST:
            self._text = ""
        self._text += text
        self._at, self._frame = at, frame

    def enter(self, at: float, frame: int) -> str | None:
        """The end of a scan: the ticket's id, None if it was no ticket."""
        text, follows = self._text, self._follows(at, frame)
        self._text = ""
        return ticket_id(text) if follows else None

    def _follows(self, at: float, frame: int) -> bool:
        return at - self._at < GAP or frame - self._frame <= 1
