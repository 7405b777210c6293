"""The ticket page on a poor link: it reconnects, asks where nothing is told, never shows as true what may not be."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.queue_server.helpers import Served, serving
from tests.queue_server.web.clerk import do, take
from tests.queue_server.web.conftest import Visit, faults
from tests.queue_server.web.holder import WINDOW, Holder, hasty
from tests.queue_server.web.test_console import types

BANNER = re.compile(r"没连上。这是 \d\d:\d\d 的情况，可能已变。正在重连，请听叫号、看大屏。")
HOW = {"ended by a proxy": lambda route: route.abort(), "held back by a proxy": lambda route: None}


def asked(page: Page, ticket: dict) -> list[float]:
    """When the page asks how the ticket stands, in seconds; grows."""
    times: list[float] = []

    def note(request: Request) -> None:
        if request.url.endswith(f"/tickets/{ticket['id']}"):
            times.append(time.monotonic())

    page.on("request", note)
    return times


def is_down(mine: Holder) -> None:
    """Says so, with the time of the last truth, and lets nothing be pressed."""
    expect(mine.page.locator("#banner")).to_be_visible()
    expect(mine.page.locator("#banner")).to_have_text(BANNER)
    expect(mine.page.locator("#asof")).to_have_text(re.compile(r"停在 \d\d:\d\d"))


def test_the_link_goes_and_comes_back(served: Served, visit: Visit):
    do(served, WINDOW, "open")
    ticket = take(served)
    mine = Holder(served, visit, ticket)
    mine.live()
    mine.page.context.set_offline(True)
    is_down(mine)
    expect(mine.page.locator("#cancel")).to_have_attribute("aria-disabled", "true")
    mine.page.click("#cancel", force=True)  # it is refused, and can be pressed to hear why
    expect(mine.page.locator("#notice")).to_have_text("连上以后才能按。请听叫号、看大屏。")
    assert mine.page.locator("#sure").is_hidden()
    expect(mine.page.locator(".asof i")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert faults(mine.page) == []
    mine.page.context.set_offline(False)
    expect(mine.page.locator("#banner")).to_be_hidden()
    do(served, WINDOW, "next")
    mine.at("called")
    mine.live()
    assert "ticket.cancelled" not in types(served)


@pytest.mark.slow
def test_a_server_that_restarts(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        port = served.url.rsplit(":", 1)[1]
        take(served)
        mine = Holder(served, visit, take(served))
        mine.live()
        mine.alerts_on()
        served.kill()
        is_down(mine)
    with serving(tmp_path / "data", "--demo", "--config", str(tmp_path / "hall.toml"), "--port", port) as served:
        for _ in range(2):
            do(served, WINDOW, "next")
            do(served, WINDOW, "recall")
            if _ == 0:
                do(served, WINDOW, "start")
                do(served, WINDOW, "finish")
        expect(mine.page.locator("#banner")).to_be_hidden(timeout=20_000)
        mine.at("recalled")
        assert mine.rung()[1:5] == [880, 659, 880, 659]  # the first call was missed, so the second is what rings
        mine.live()


@pytest.mark.parametrize("how", HOW)
def test_a_stream_that_does_not_get_through_is_replaced_by_asking(served: Served, visit: Visit, how: str):
    do(served, WINDOW, "open")
    ticket = take(served)
    mine = Holder(served, visit, ticket, service_workers="block")
    mine.page.route("**/events", HOW[how])
    mine.page.reload()
    mine.up()
    expect(mine.page.locator("#asof")).to_have_text(re.compile("每几秒看一次"))
    times = asked(mine.page, ticket)
    do(served, WINDOW, "next")
    expect(mine.page.locator("#ticket")).to_have_attribute("data-face", "called", timeout=8_000)
    assert mine.page.locator("body.live").count() == 0
    assert 1 <= len(times) <= 4


# a stream that says its first word and then nothing, and never ends
SILENT = """
  window.streams = 0;
  window.EventSource = class extends EventTarget {
    static CLOSED = 2;
    readyState = 1;
    constructor() {
      super();
      streams += 1;
      const data = '{"state": "waiting", "calls": 0, "ahead": 0, "at": "' + new Date().toISOString() + '"}';
      queueMicrotask(() => this.dispatchEvent(new MessageEvent("place", { data })));
    }
    close() { this.readyState = 2; }
  };
"""


def test_a_stream_that_falls_silent_is_given_up(served: Served, visit: Visit):
    mine = Holder(served, visit, take(served))
    mine.page.add_init_script(SILENT)
    mine.page.clock.install()
    mine.page.reload()
    mine.live()
    mine.page.clock.run_for(35_000)
    assert mine.page.evaluate("streams") == 1
    mine.page.clock.run_for(10_000)
    assert mine.page.evaluate("streams") == 2


def test_whoever_looks_again_sees_how_it_is_now(served: Served, visit: Visit):
    ticket = take(served)
    mine = Holder(served, visit, ticket, service_workers="block")
    mine.live()
    for event in ("document.dispatchEvent(new Event('visibilitychange'))", "dispatchEvent(new Event('online'))"):
        with mine.page.expect_request(f"**/tickets/{ticket['id']}"):
            mine.page.evaluate(f"{{ {event} }}")


# notes what is waited for, and does not wait
HURRY = """() => {
  const real = setTimeout;
  window.waits = [];
  window.setTimeout = (what, ms, ...more) => {
    if (ms >= 700) waits.push(ms);
    return real(what, Math.min(ms, 20), ...more);
  };
}"""


def test_a_dead_server_is_asked_ever_more_seldom(served: Served, visit: Visit):
    ticket = take(served)
    mine = Holder(served, visit, ticket, service_workers="block")
    mine.live()
    mine.page.evaluate(HURRY)
    mine.page.route("**/api/**", lambda route: route.abort())
    mine.page.evaluate("dispatchEvent(new Event('offline'))")
    is_down(mine)
    for _ in range(100):
        if mine.page.evaluate("waits.length") > 20:
            break
        mine.page.wait_for_timeout(50)
    waits = mine.page.evaluate("waits")
    assert max(waits[:2]) < 3_000
    assert all(20_000 < wait < 40_000 for wait in waits[-4:])
    assert len(set(waits[-4:])) == 4  # spread, so that a hall full of phones does not come back at once


def test_what_was_known_last_is_kept_for_when_there_is_no_network(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        tickets = [take(served) for _ in range(3)]
        mine = Holder(served, visit, tickets[2])
        mine.live()
        mine.reads("#big", "2")
        mine.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        do(served, WINDOW, "next")
        mine.reads("#big", "1")  # known by the stream, after the copy of the page was made
        served.kill()
        is_down(mine)
        mine.page.reload()
        assert mine.page.locator("html").get_attribute("data-kept") == "yes"
        is_down(mine)
        mine.reads("#big", "1")
        mine.reads("#number", tickets[2]["number"])
        mine.page.click("#cancel", force=True)
        expect(mine.page.locator("#notice")).to_contain_text("连上以后才能按")
        mine.page.context.set_offline(True)
        mine.page.goto(f"{mine.address}?lang=en")
        mine.reads("#number", tickets[2]["number"])
        is_down(mine)


def test_a_kept_page_is_the_present_one_as_soon_as_there_is_a_server(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        port = served.url.rsplit(":", 1)[1]
        mine = Holder(served, visit, take(served))
        mine.live()
        mine.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        served.kill()
        mine.page.reload()
        is_down(mine)
    with serving(tmp_path / "data", "--demo", "--config", str(tmp_path / "hall.toml"), "--port", port) as served:
        do(served, WINDOW, "next")
        expect(mine.page.locator("#ticket")).to_have_attribute("data-face", "called", timeout=20_000)
        expect(mine.page.locator("#banner")).to_be_hidden()


def test_a_proxys_page_is_no_answer(served: Served, visit: Visit):
    ticket = take(served)
    mine = Holder(served, visit, ticket, service_workers="block")
    mine.up()
    mine.page.route("**/api/**", lambda route: route.fulfill(status=200, body="<h1>Welcome to the free Wi-Fi</h1>"))
    mine.page.evaluate("dispatchEvent(new Event('online'))")
    is_down(mine)
    mine.reads("#number", ticket["number"])


def test_an_answer_that_never_comes_is_not_taken_for_one(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        mine = Holder(served, visit, take(served), service_workers="block")
        mine.live()
        mine.page.route("**/cancel", lambda route: route.abort())
        mine.page.click("#cancel")
        mine.page.locator("#sure").get_by_role("button", name="取消这个号").click()
        expect(mine.page.locator("#notice")).to_have_text("没收到回答，不知道成了没有。连上以后，以上面的情况为准。")
        mine.at("nobody")
        assert "ticket.cancelled" not in types(served)
