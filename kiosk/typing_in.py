"""Words typed on the glass or a keyboard, searched as they come: off the UI thread, and only the newest answer counts.

A search that found nothing is told to the server once the citizen has turned away from it, not at every key.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.background import Background
from kiosk.catalogue import Finder, Found, Misses

LONGEST = 40  # characters kept; no guide is asked for in more
WORTH = 2  # characters: fewer are no search


class Typing:
    """What was typed and what it found; `changed()` is called in the UI thread. `found` is None without words."""

    def __init__(self, finder: Finder, misses: Misses, changed: Callable[[], None]) -> None:
        self._finder, self._misses, self._changed = finder, misses, changed
        self._hands = Background(threads=1)  # the index is for one thread
        self.words, self._told = "", ""
        self.found: Found | None = None
        self.found_for = ""  # the words it was found for

    def add(self, text: str) -> None:
        """More words; what cannot be seen is left out."""
        self._say(self.words + "".join(char for char in text if char.isprintable()))

    def back(self) -> None:
        self._say(self.words[:-1])

    def clear(self) -> None:
        self.report()
        self._told = ""
        self._say("")

    def prepare(self) -> None:
        """Somebody is about to type: what the first search would wait for is read now."""
        self._hands.run(self._finder.prepare, lambda _none: None)

    def again(self) -> None:
        """The guides or their index have changed."""
        if self.words:
            self._say(self.words)

    def report(self) -> None:
        """Tells the server if what stands here found nothing."""
        words = self.words.strip()
        if self.found and not self.found.sure and len(words) >= WORTH and words != self._told:
            self._told = words
            self._misses.tell(words)

    def close(self) -> None:
        self._hands.close()
        self._misses.close()

    def _say(self, words: str) -> None:
        self.words = words = words[:LONGEST]
        if not words.strip():
            self.found, self.found_for = None, ""
        else:
            self._hands.run(lambda: self._finder.search(words), lambda found: self._show(words, found))
        self._changed()

    def _show(self, words: str, found: Found) -> None:
        if words == self.words:
            self.found, self.found_for = found, words
            self._changed()
