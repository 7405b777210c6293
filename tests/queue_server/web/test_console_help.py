"""A call for help on the console: a strip of its own that covers nothing, on every desk until somebody goes."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.queue_server.helpers import HALL, Served
from tests.queue_server.web.clerk import Clerk, do, link, take
from tests.queue_server.web.conftest import Visit, faults


def ask(served: Served, place: str) -> None:
    """Somebody at a machine presses the button for help."""
    with served.client("kiosk") as client:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        assert client.post(f"/halls/{HALL}/help", json={"place": place}, headers=headers).status_code == 201


def covered(clerk: Clerk) -> list[str]:
    """Buttons, rows and strips that something else lies over, or that leave the screen."""
    found: list[str] = clerk.page.evaluate(
        """() => [...document.querySelectorAll('main button, .strip, #help p')].filter((el) => {
             const box = el.getBoundingClientRect();
             if (!box.width) return false;
             const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
             return box.bottom > innerHeight || !top || !(el.contains(top) || top.contains(el));
           }).map((el) => el.id || el.className)"""
    )
    return found


@pytest.mark.parametrize("height", [768, 650])
def test_the_call_is_on_every_desk_until_one_clerk_goes(served: Served, visit: Visit, height: int):
    desks = [Clerk(visit(link(served, no), viewport={"width": 1366, "height": height})) for no in (10, 11)]
    for clerk in desks:
        clerk.at("closed")
        expect(clerk.page.locator("#help")).to_be_hidden()
    ask(served, "2")
    ask(served, "lookup")
    for clerk in desks:
        expect(clerk.page.locator("#help-text")).to_have_text(
            re.compile(r"机器 2 旁有人要帮忙，\d\d:\d\d 起；还有 1 处")
        )
        assert covered(clerk) == []
        assert faults(clerk.page) == []
    desks[0].page.click("#go")
    for clerk in desks:
        expect(clerk.page.locator("#help-text")).to_contain_text("lookup")
    expect(desks[0].strip).to_contain_text("您去帮忙：2")
    desks[1].press("h")
    for clerk in desks:
        expect(clerk.page.locator("#help")).to_be_hidden()
    desks[1].press("h")
    expect(desks[1].strip).to_contain_text("没有人求助")


def test_it_covers_nothing_while_somebody_is_served_and_others_are_held(served: Served, visit: Visit):
    for _ in range(12):
        take(served)
    for action in ("open", "next", "start", "hold", "next", "start", "hold", "next", "start"):
        do(served, 10, action)
    clerk = Clerk(visit(link(served, 10) + "", viewport={"width": 1366, "height": 650}))
    clerk.at("serving")
    clerk.page.goto(f"{served.url}/console?lang=en")
    clerk.at("serving")
    ask(served, "")
    expect(clerk.page.locator("#help-text")).to_contain_text("Help wanted in the hall, since")
    clerk.go("idle")
    expect(clerk.page.locator("#undo")).to_be_visible()
    assert covered(clerk) == []
    clerk.press("h")
    expect(clerk.page.locator("#help")).to_be_hidden()
    expect(clerk.page.locator("#undo")).to_be_visible()  # going to help took nothing away
