"""A clerk at a window in a real browser, in words; and citizens who take tickets by the API."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Page, expect

from tests.queue_server.helpers import HALL, Served

MEANT_AGAIN = 650  # ms: a second press of the big button sooner than 600 is a double click


def link(served: Served, window: int) -> str:
    """The ready link `./hall demo` prints."""
    return f"{served.url}/console/enter#token={served.tokens['window']}&window={window}"


def take(served: Served, item: str = "passport", **more: Any) -> dict[str, Any]:
    """A citizen takes a ticket."""
    with served.client() as client:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = client.post(f"/halls/{HALL}/tickets", json={"item": item, **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def do(served: Served, window: int, action: str) -> None:
    """Somebody works a window by the API."""
    with served.client() as client:
        path = f"/halls/{HALL}/windows/{window}/{action}"
        answer = client.post(path, json={}, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert answer.status_code in (200, 204), answer.text


def window_now(served: Served, window: int) -> dict[str, Any]:
    with served.client() as client:
        return client.get(f"/halls/{HALL}/windows/{window}").json()


class Clerk:
    """One tab of the console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.locator("#main")
        self.number = page.locator("#number")
        self.strip = page.locator("#last")
        self.banner = page.locator("#banner")

    def at(self, phase: str) -> None:
        """Waits until the console shows this phase, and what was pressed is done."""
        expect(self.page.locator("#desk")).to_have_attribute("data-phase", phase)
        expect(self.main).not_to_have_attribute("aria-busy", "true")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def go(self, phase: str) -> None:
        """The big button, by key, once the last press is long enough ago; then waits for what it leads to."""
        self.page.wait_for_timeout(MEANT_AGAIN)
        self.press("Enter")
        self.at(phase)

    def button(self, digit: str) -> Any:
        return self.page.locator(f'button[data-digit="{digit}"]')

    def queue(self) -> list[str]:
        return self.page.locator("#queue .no").all_inner_texts()
