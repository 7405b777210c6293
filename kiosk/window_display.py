"""The display over one window: what the hall display knows, for that window alone."""

from __future__ import annotations

from typing import Any

from kiosk.announcer import Announcement
from kiosk.answers import Call, WindowNow
from kiosk.display import Display
from kiosk.screens.window import WindowScreen, WindowShown
from kiosk.widgets.night import Said

CLOSED = WindowNow("closed", "")  # what a window is that the board does not have: deleted, or not known yet
TITLES = {"open": "window.open", "paused": "window.paused", "closed": "window.closed"}
TEXTS = {"open": "window.open.text", "paused": "window.paused.text", "closed": "window.closed.text"}


class WindowDisplay(Display):
    """For `windows` of one."""

    def make_screen(self) -> WindowScreen:
        return WindowScreen(self.window)

    @property
    def window(self) -> int:
        return int(self.settings.display.windows[0])

    def account(self) -> dict[str, Any]:
        return {**super().account(), "screen": "window"}

    def fill(self, calls: list[Call], announced: Announcement | None) -> dict[str, Any]:
        """The board says who is there; an announcement is newer than the board that will follow it."""
        now = self._now(announced)
        state = now.state if now.state in TITLES else "closed"
        standing = next((call for call in calls if call.number == now.number), None)
        called = announced is not None or (standing is not None and standing.state == "called")
        does = self.both("window.calling" if called else "window.serving") if now.number else Said()
        shown = WindowShown(state, self.both(TITLES[state]), self.both(TEXTS[state]), now.number, does)
        sentence = self.sentence(standing, announced) if called and standing else self.line_name(standing)
        self.screen.show(shown, sentence, announced.n if announced else 0)
        if self.hall is not None:
            self.screen.lines = [text for line, _ in self.lines() for text in self.texts(line.name)]
        return {"window": {"no": self.window, "state": state, "number": now.number}}

    def _now(self, announced: Announcement | None) -> WindowNow:
        now = self.board.windows.get(self.window, CLOSED) if self.board else CLOSED
        return now if announced is None else WindowNow("open", announced.call.number)
