"""Writes what a terminal shows into a file, so that whole-system tests can look and know where to touch."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kivy.clock import Clock

EVERY = 0.5  # seconds; what changed in between is written at the next LOOK
LOOK = 0.05
MARKUP = re.compile(r"\[/?[a-z]+(?:=[^\]]*)?\]")

Account = Mapping[str, Any]


class Dump:
    """Keeps `path` up to date with {n, at, screen, lang, rects, texts, state}; written whole or not at all.

    `at` is when it was written, seconds since 1970; `rects` are px from the window's top left, by testid.
    `account` gives screen, lang and state.
    """

    def __init__(self, path: Path, window: Any, account: Callable[[], Account]) -> None:
        self._path, self._window, self._account = path, window, account
        self._number, self._due = 0, 0.0
        self._last: Account = {}
        self._event = Clock.schedule_interval(self._look, LOOK)

    def _look(self, _dt: float) -> None:
        seen = {**self._account(), "rects": rects(self._window), "texts": texts(self._window)}
        now = time.monotonic()
        if seen == self._last and now < self._due:
            return
        self._last, self._due, self._number = seen, now + EVERY, self._number + 1
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"n": self._number, "at": time.time(), **seen}, ensure_ascii=False), "utf-8")
        part.replace(self._path)

    def close(self) -> None:
        self._event.cancel()


def visible(window: Any) -> Iterator[Any]:
    """Every widget on the glass, outermost first; what is fully see-through or outside is left out with all in it."""
    waiting = list(window.children)
    while waiting:
        widget = waiting.pop()
        if not widget.opacity:
            continue
        x, y, width, height = box(widget)
        if x + width > 0 and y + height > 0 and x < window.width and y < window.height:
            yield widget
            waiting.extend(widget.children)


def box(widget: Any) -> tuple[float, float, float, float]:
    """Where a widget is on the glass: px from the bottom left, width, height."""
    x, y = widget.to_window(*widget.pos)
    return x, y, widget.width, widget.height


def rects(window: Any) -> dict[str, list[int]]:
    """testid -> [x, y, width, height], px from the top left; what cannot be touched now is left out."""
    found = {}
    for widget in visible(window):
        testid = getattr(widget, "testid", "")
        if testid and not widget.disabled:
            x, y, width, height = box(widget)
            found[testid] = [round(x), round(window.height - y - height), round(width), round(height)]
    return found


def texts(window: Any) -> list[str]:
    """The words on the glass without markup, but for those about a person."""
    found = []
    for widget in visible(window):
        words = getattr(widget, "text", "") if hasattr(widget, "texture_size") else ""
        if words and not getattr(widget, "private", False):
            found.append(MARKUP.sub("", words) if widget.markup else words)
    return found
