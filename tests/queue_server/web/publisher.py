"""A publisher at the editor in a real browser, in words; and what other publishers do by the API."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Page, expect

from tests.queue_server.helpers import Served

CODE = "11990100013701236H3002014990000"  # of the item 14990000 of the department of social security
GUIDE: dict[str, Any] = {
    "code": CODE,
    "name": "社保卡寄存",
    "name_en": "Card deposit",
    "short_name": "社保卡寄存",
    "aliases": ["存卡"],
    "type": "public_service",
    "level": "city",
    "department": "social",
    "themes": ["social_security"],
    "audience": ["person"],
    "kind": "promised",
    "basis": ["临江市社会保障卡管理办法第六条"],
    "conditions": "持有本市社保卡的人",
    "conditions_en": "Holders of a card of this city",
    "promised": {"number": 2, "unit": "working_day"},
    "visits": 1,
    "visits_reason": "要交卡",
    "visits_reason_en": "to hand in the card",
    "channels": ["hall"],
    "materials": [{"name": "社保卡", "name_en": "Card"}, {"name": "寄存单", "name_en": "Slip", "when": "代办时"}],
    "steps": [{"stage": "accept", "time": 0, "what": "收卡", "what_en": "The card is taken"}],
    "result": "寄存凭条",
    "result_en": "Receipt",
    "result_sample": "一张小票",
    "delivery": ["window"],
    "places": [
        {
            "area": "linjiang",
            "name": "一楼大厅",
            "windows": [1, 2],
            "enquiry": "0900-5550110",
            "complaint": "0900-5550119",
        }
    ],
    "faq": [{"question": "存多久？", "answer": "一年。", "question_en": "How long?", "answer_en": "A year."}],
}


def call(served: Served, method: str, path: str, body: Any) -> Any:
    """Another publisher, by the API."""
    with served.client("publisher") as client:
        answer = client.request(method, path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def published(served: Served, start: str = "2026-01-05", **changes: Any) -> dict[str, Any]:
    """A guide in force, with these changes of the one above."""
    guide = GUIDE | changes
    path = f"/guides/{guide['code']}"
    call(served, "PUT", f"{path}/draft", {"guide": guide})
    call(served, "POST", f"{path}/publish", {"effective_from": start})
    return guide


def enter_link(served: Served) -> str:
    return f"{served.url}/editor/enter#token={served.tokens['publisher']}"


class Publisher:
    """One tab of the editor."""

    def __init__(self, page: Page) -> None:
        self.page = page
        expect(page.locator("#rows")).to_be_visible()
        self.url = page.url.split("/editor")[0]
        self.note = page.locator("#note")
        self.found = page.locator("#found h2")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}/editor{path}")
        expect(self.page.locator("h1")).to_be_visible()

    def field(self, path: str) -> Any:
        return self.page.locator(f'[id="f-{path}"]')

    def wrong(self, path: str) -> Any:
        return self.page.locator(f'[id="m-{path}"]')

    def save(self) -> None:
        self.page.keyboard.press("Control+s")

    def act(self, name: str) -> None:
        self.page.locator(f'[data-act="{name}"]').click()

    def answer(self, **values: str) -> None:
        """Fills in the dialog and presses its main button."""
        for name, value in values.items():
            self.page.locator(f'#question [name="{name}"]').fill(value)
        self.page.locator("#question .main").click()
