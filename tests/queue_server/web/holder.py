"""Somebody with a ticket, and its page open on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.queue_server.helpers import CONFIG, Served, serving
from tests.queue_server.web.clerk import do
from tests.queue_server.web.conftest import Visit

PHONES = [{"width": 390, "height": 844}, {"width": 320, "height": 568}]
WINDOW = 10

# what a phone would let people hear and feel, noted instead
NOTING = """
  window.rung = []; window.shaken = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) {
    rung.push(Math.round(this.frequency.value));
    return start.call(this, at);
  };
  navigator.vibrate = (pattern) => { shaken.push(pattern); return true; };
"""


@contextmanager
def hasty(folder: Path, more: str = "", **replaced: str) -> Iterator[Served]:
    """A hall in which a ticket may be called again at once; `replaced` are other settings of its rules."""
    text = CONFIG.read_text("utf-8").replace("recall_gap = 30 ", "recall_gap = 0 ")
    for name, value in replaced.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(line, f"{name} = {value}")
    (folder / "hall.toml").write_text(text, "utf-8")
    with serving(folder / "data", "--demo", "--config", str(folder / "hall.toml"), *more.split()) as served:
        do(served, WINDOW, "open")
        yield served


class Holder:
    """The page of a ticket; a browser of its own unless `page` is given."""

    def __init__(self, served: Served, visit: Visit, ticket: dict[str, Any], language: str = "zh", **more: Any) -> None:
        options = {"viewport": PHONES[0], "has_touch": True} | more
        self.page: Page = visit("about:blank", **options)
        if options.get("java_script_enabled", True):
            self.page.add_init_script(NOTING)
        self.address = f"{served.url}/t/{ticket['id']}"
        self.page.goto(f"{self.address}?lang={language}")

    def at(self, face: str) -> None:
        """Waits until the page has this face."""
        expect(self.page.locator("#ticket")).to_have_attribute("data-face", face)

    def up(self) -> None:
        """Waits until a stream or a question has been answered."""
        expect(self.page.locator("#asof")).to_contain_text(", " if self.language == "en" else "更新")
        expect(self.page.locator("#banner")).to_be_hidden()

    def live(self) -> None:
        """Waits until the stream gets through."""
        expect(self.page.locator("body.live")).to_have_count(1)

    @property
    def language(self) -> str:
        return self.page.locator("html").get_attribute("lang") or ""

    def reads(self, selector: str, text: Any) -> None:
        expect(self.page.locator(selector)).to_have_text(text)

    def words(self) -> str:
        """The large words."""
        return " ".join(self.page.locator(".words").inner_text().split())

    def face(self) -> list[str]:
        """Every line of the face, without the time it is of."""
        return [line for line in self.page.locator(".face").inner_text().split("\n") if line.strip()][:-1]

    def alerts_on(self) -> None:
        self.page.locator("#sound").tap()
        expect(self.page.locator("#sound")).to_have_attribute("aria-checked", "true")
        expect(self.page.locator("#sound-text")).to_contain_text(("已打开", "On")[self.language == "en"])

    def rings(self, *pitches: int) -> None:
        """Waits until it has rung this since the page was opened."""
        for _ in range(160):
            if self.rung()[: len(pitches)] == list(pitches):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(self.rung())

    def rung(self) -> list[int]:
        rung: list[int] = self.page.evaluate("rung")
        return rung

    def shaken(self) -> list[Any]:
        return [pattern for pattern in self.page.evaluate("shaken") if pattern]


def misses(served: Served) -> None:
    """Whoever is next is called three times and does not come."""
    for action in ("next", "recall", "recall", "miss"):
        do(served, WINDOW, action)
