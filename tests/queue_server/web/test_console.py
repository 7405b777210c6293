"""The window console in a real browser: two clerks, two tabs, a hasty hand, a lost link, a hostile text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from config import load_hall
from queue_server.access import Access
from queue_server.hallbook import HallBook
from queue_server.sessions import COOKIE, Sessions
from queue_server.store.queries import Reading
from queue_server.store.store import DATABASE, open_reader
from tests.queue_server.helpers import CONFIG, HALL, Served, demo_hall, serving
from tests.queue_server.web.clerk import MEANT_AGAIN, Clerk, do, link, take, window_now
from tests.queue_server.web.conftest import Visit, faults, sideways


def opened(served: Served, visit: Visit, window: int = 10, **more: object) -> Clerk:
    """A clerk signed in at an open window."""
    do(served, window, "open")
    clerk = Clerk(visit(link(served, window), **more))
    clerk.at("idle")
    return clerk


def types(served: Served) -> list[str]:
    """What the hall's log holds, in order."""
    connection = open_reader(served.data / DATABASE)
    try:
        payloads = [payload for _, payload in Reading(connection).events_after(HALL, 0, 10_000)]
    finally:
        connection.close()
    return [re.search(r'"type":"([\w.]+)"', payload)[1] for payload in payloads]  # type: ignore[index]


def test_a_ready_link_signs_in_and_leaves_no_token_behind(served: Served, visit: Visit):
    page = visit("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link(served, 10))
    Clerk(page).at("closed")
    assert page.url == f"{served.url}/console"
    secret = served.tokens["window"]
    assert not [url for url in asked if secret in url.split("#")[0]]
    assert {url.split("/")[2] for url in asked} == {served.url.split("/")[2]}  # nothing from anywhere else
    assert page.evaluate("document.cookie.includes('session')") is False  # no script can read it
    assert secret not in page.content()


def test_signing_in_by_hand(served: Served, visit: Visit):
    page = visit(f"{served.url}/console")
    expect(page).to_have_url(f"{served.url}/console/enter")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_have_text("请先填令牌")
    page.fill("#token", "window-guess")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_have_text("请选窗口")
    page.get_by_text("11", exact=True).click()
    page.click("#go")
    expect(page.locator("#notice")).to_contain_text("令牌不对")
    assert page.locator("#token").get_attribute("aria-invalid") == "true"
    page.fill("#token", served.tokens["window"])
    page.keyboard.press("Enter")
    Clerk(page).at("closed")
    expect(page.locator("h1")).to_have_text("11 号窗口")


@pytest.mark.slow
def test_a_ticket_from_the_call_to_the_end_by_key(served: Served, visit: Visit):
    first, second = take(served, **{"class": "elderly"}), take(served)
    clerk = Clerk(visit(link(served, 10)))
    clerk.at("closed")
    clerk.go("idle")
    expect(clerk.number).to_have_text(first["number"])
    assert clerk.queue() == [first["number"], second["number"]]
    assert clerk.page.locator("#queue-count").inner_text() == "2 人"
    clerk.go("called")
    assert clerk.queue() == [second["number"]]
    clerk.go("serving")
    clerk.go("idle")
    expect(clerk.strip).to_have_text(re.compile(rf"\d\d:\d\d {first['number']} 已办结 · 用时 \d\d:\d\d"))
    expect(clerk.number).to_have_text(second["number"])
    clerk.press("Numpad8")
    clerk.at("paused")
    clerk.go("idle")
    happened = ["ticket.called", "ticket.started", "ticket.finished", "window.paused", "window.opened"]
    assert types(served)[-5:] == happened


@pytest.mark.slow
def test_what_is_refused_stays_and_says_when(tmp_path: Path, visit: Visit):
    quick = CONFIG.read_text("utf-8").replace("recall_gap = 30 ", "recall_gap = 2 ")
    (tmp_path / "hall.toml").write_text(quick, "utf-8")
    with serving(tmp_path / "data", "--demo", "--config", str(tmp_path / "hall.toml")) as served:
        take(served)
        clerk = opened(served, visit)
        recall, miss = clerk.button("1"), clerk.button("2")
        for button in (recall, miss):
            expect(button).to_have_attribute("aria-disabled", "true")
            expect(button.locator("small")).to_have_text("叫号后可用")
        clerk.press("Enter")
        clerk.at("called")
        clerk.press("1")
        expect(clerk.strip).to_have_text(re.compile("现在不能重呼：[12] 秒后"))
        expect(miss.locator("small")).to_have_text("再呼 2 次后")
        for calls in (2, 3):
            expect(recall).to_have_attribute("aria-disabled", "false")
            recall.click()
            expect(clerk.strip).to_contain_text(f"第 {calls} 次呼叫")
            expect(clerk.main).to_be_focused()  # after a mouse, Enter means the big button again
        expect(miss).to_have_attribute("aria-disabled", "false")
        clerk.at("called")  # the last recall may be told by the stream before its own answer is here
        clerk.press("Digit2")
        clerk.at("idle")
        expect(clerk.strip).to_contain_text("已过号")


def test_every_action_keeps_its_place(served: Served, visit: Visit):
    take(served)
    clerk = opened(served, visit)

    def places() -> list[object]:
        return [clerk.button(digit).bounding_box() for digit in "12345689"] + [clerk.main.bounding_box()]

    before = places()
    for phase in ("called", "serving", "idle"):
        clerk.go(phase)
        assert places() == before
    assert clerk.page.locator("#others button").count() == 7  # what the server cannot do yet is not shown
    clerk.press("7")
    clerk.at("idle")


def test_cancelling_a_waiting_ticket_by_key_and_by_button(served: Served, visit: Visit):
    numbers = [take(served)["number"] for _ in range(3)]
    clerk = opened(served, visit)
    clerk.press("9")
    expect(clerk.strip).to_have_text("现在不能取消号：先选一个号")
    clerk.press("ArrowDown")
    clerk.press("ArrowDown")
    clerk.press("9")
    expect(clerk.page.locator("#cancel-title")).to_have_text(f"取消 {numbers[1]}？")
    clerk.press("1")  # digits do nothing behind a question
    clerk.press("Escape")
    assert clerk.queue() == numbers
    clerk.press("9")
    clerk.page.get_by_role("button", name="取消这个号").click()
    expect(clerk.page.locator("#queue li")).to_have_count(2)
    expect(clerk.strip).to_contain_text(f"{numbers[1]} 已取消")
    clerk.page.locator("#queue li").last.click()
    clerk.button("9").click()
    clerk.page.get_by_role("button", name="取消这个号").click()
    expect(clerk.page.locator("#queue li")).to_have_count(1)
    assert types(served).count("ticket.cancelled") == 2


@pytest.mark.slow
def test_two_clerks_in_two_browsers_never_get_the_same_ticket(served: Served, visit: Visit):
    numbers = [take(served)["number"] for _ in range(9)]
    clerks = [opened(served, visit, window) for window in (10, 11)]
    got = []
    for phase in ("called", "serving", "idle") * 4:
        clerks[0].page.wait_for_timeout(MEANT_AGAIN)
        for clerk in clerks:
            clerk.page.evaluate("document.querySelector('#main').click()")  # returns at once: both are on their way
        for clerk in clerks:
            clerk.at(phase)
        if phase == "called":
            got += [clerk.number.inner_text() for clerk in clerks]
    assert sorted(got) == numbers[:8]
    assert [clerk.queue() for clerk in clerks] == [numbers[8:], numbers[8:]]


def test_a_double_click_and_a_held_key_are_one_press(served: Served, visit: Visit):
    for _ in range(2):
        take(served)
    clerk = opened(served, visit)
    clerk.main.dblclick()
    clerk.at("called")
    clerk.page.wait_for_timeout(MEANT_AGAIN)
    for _ in range(12):  # a held key: pressed once, then repeated, on the focused button
        clerk.page.keyboard.down("Enter")
        clerk.page.wait_for_timeout(80)
    clerk.page.keyboard.up("Enter")
    clerk.at("serving")
    happened = [one for one in types(served) if one.startswith("ticket.") and one != "ticket.issued"]
    assert happened == ["ticket.called", "ticket.started"]


def test_two_tabs_stay_in_step(served: Served, visit: Visit):
    number = take(served)["number"]
    one = opened(served, visit)
    two = Clerk(one.page.context.new_page())
    two.page.goto(f"{served.url}/console")
    two.at("idle")
    at_once = one.page.evaluate("Date.now()") + 500
    for tab in (one, two):
        tab.page.evaluate(
            "at => { setTimeout(() => document.querySelector('#main').click(), at - Date.now()) }", at_once
        )
    for tab in (one, two):
        tab.at("called")
        expect(tab.number).to_have_text(number)
    assert types(served).count("ticket.called") == 1
    one.go("serving")
    two.at("serving")
    expect(two.strip).to_contain_text(f"{number} 开始办理")
    two.go("idle")
    one.at("idle")
    assert one.page.locator("#number").inner_text() == "0"


def test_an_answer_that_is_lost_is_asked_for_again_not_done_again(served: Served, visit: Visit):
    for _ in range(2):
        take(served)
    clerk = opened(served, visit)
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # the server does it
            route.abort()  # and nobody hears
        else:
            route.continue_()

    clerk.page.route("**/next", lose_the_first)
    with clerk.page.expect_response("**/next"):
        clerk.press("Enter")
    clerk.at("called")
    assert len(keys) == 2 and len(set(keys)) == 1
    assert types(served).count("ticket.called") == 1


def test_a_session_that_ended_leads_to_signing_in_and_back_to_the_ticket(served: Served, visit: Visit):
    number = take(served)["number"]
    clerk = opened(served, visit)
    clerk.go("called")
    connection = open_reader(served.data / DATABASE)
    access = Access(Reading(connection).tokens(), demo=True)
    connection.close()
    key = (served.data / "session-key").read_bytes()
    long_ago = Sessions(
        key, access, {HALL: HallBook(demo_hall())}, lambda: datetime.now(UTC) - timedelta(minutes=11), str
    )
    old = long_ago.begin(access.who(f"Bearer {served.tokens['window']}"), HALL, 10)
    clerk.page.context.add_cookies([{"name": COOKIE, "value": long_ago.cookie(old), "url": served.url}])
    clerk.page.wait_for_timeout(MEANT_AGAIN)
    clerk.press("Enter")
    page = clerk.page
    expect(page.locator("#notice")).to_contain_text("重新登录就能接着办")
    assert page.locator("[name=window]:checked").input_value() == "10"
    assert window_now(served, 10)["ticket"]["state"] == "called"  # the press was refused, not kept for later
    page.fill("#token", served.tokens["window"])
    page.keyboard.press("Enter")
    clerk.at("called")
    expect(clerk.number).to_have_text(number)


@pytest.mark.slow
def test_a_server_that_restarts(tmp_path: Path, visit: Visit):
    with serving(tmp_path / "data") as served:
        number, port = take(served)["number"], served.url.rsplit(":", 1)[1]
        clerk = opened(served, visit)
        clerk.go("called")
        served.kill()
        expect(clerk.banner).to_be_visible()
        expect(clerk.banner).to_contain_text(re.compile(r"屏幕上是 \d\d:\d\d 前（\d\d:\d\d）的情况"))
        expect(clerk.main).to_have_attribute("aria-disabled", "true")
        clerk.page.wait_for_timeout(MEANT_AGAIN)
        clerk.press("Enter")
        expect(clerk.strip).to_have_text("连接恢复后可用")
        for digit in "128":
            expect(clerk.button(digit).locator("small")).to_have_text("连接恢复后")
        assert faults(clerk.page) == []
    with serving(tmp_path / "data", "--demo", "--port", port) as served:
        expect(clerk.banner).to_be_hidden(timeout=10_000)
        clerk.at("called")
        expect(clerk.number).to_have_text(number)
        clerk.page.wait_for_timeout(500)
        assert "ticket.started" not in types(served)  # what was pressed meanwhile was refused, not queued
        clerk.go("serving")


@pytest.mark.slow
def test_html_in_every_text_is_only_text(tmp_path: Path, visit: Visit):
    evil = "<img src=x onerror=document.title='got'>&amp;\\\"'"
    text = re.sub(r'((?:zh|en) = ")', rf"\1{evil}", CONFIG.read_text("utf-8"))
    (tmp_path / "hall.toml").write_text(text, "utf-8")
    assert "onerror" in load_hall(tmp_path / "hall.toml").name.zh
    with serving(tmp_path / "data", "--demo", "--config", str(tmp_path / "hall.toml")) as served:
        for language in ("zh", "en"):
            for cls in ("walk_in", "elderly"):
                take(served, **{"class": cls})
            clerk = opened(served, visit)
            clerk.page.goto(f"{served.url}/console?lang={language}")
            clerk.at("idle")
            for phase in ("called", "serving", "idle"):
                clerk.go(phase)
                assert "<img src=x" in clerk.page.locator("#desk").inner_text()
                assert clerk.page.locator("img").count() == 0
            clerk.page.goto(f"{served.url}/console/enter")
            assert clerk.page.locator("img").count() == 0
            assert "got" not in clerk.page.title()


def shown_whole(page: Page) -> list[str]:
    """Buttons whose words do not fit, or that are not all on the screen."""
    return page.evaluate(
        """() => [...document.querySelectorAll('button, small, .bar *')].filter((el) => {
             const box = el.getBoundingClientRect();
             if (!box.width || el.closest('dialog') || el.closest('svg')) return false;
             return el.scrollWidth > el.clientWidth + 1 && getComputedStyle(el).display !== 'inline'
               || box.bottom > innerHeight || box.right > innerWidth || box.left < 0 || box.top < 0;
           }).map((el) => el.outerHTML)"""
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_fits_and_axe_finds_nothing(served: Served, visit: Visit, language: str):
    for cls in ("walk_in", "elderly", "pregnant") * 5:
        take(served, **{"class": cls})
    page = visit(f"{served.url}/console/enter?lang={language}")
    clerk = Clerk(page)

    def look() -> None:
        for height in (768, 650):
            page.set_viewport_size({"width": 1366, "height": height})
            assert sideways(page) == 0
            assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
            assert shown_whole(page) == []
        page.wait_for_timeout(700)  # colours in transition, and the press the primary ignores, are not what is judged
        assert faults(page) == []

    look()
    page.goto("about:blank")
    page.goto(link(served, 10))
    clerk.at("closed")
    look()
    for phase in ("idle", "called", "serving"):
        clerk.go(phase)
        look()
    clerk.press("8")
    expect(page.locator("#state")).not_to_be_empty()
    look()
    clerk.press("ArrowDown")
    clerk.press("9")
    look()
    clerk.press("Escape")
    page.click("#leave")
    look()


def test_leaving_closes_the_window_if_asked(served: Served, visit: Visit):
    clerk = opened(served, visit)
    clerk.page.click("#leave")
    clerk.page.get_by_role("button", name="关窗并退出").click()
    expect(clerk.page).to_have_url(f"{served.url}/console/enter")
    assert window_now(served, 10)["state"] == "closed"
    clerk.page.goto(f"{served.url}/console")
    expect(clerk.page).to_have_url(f"{served.url}/console/enter")


def test_moving_to_another_window_needs_no_token(served: Served, visit: Visit):
    clerk = opened(served, visit)
    tab = Clerk(clerk.page.context.new_page())
    tab.page.goto(f"{served.url}/console")
    tab.at("idle")
    clerk.page.bring_to_front()
    clerk.page.click("#leave")
    clerk.page.get_by_role("button", name="换到别的窗口").click()
    clerk.page.get_by_text("11", exact=True).click()
    clerk.page.click("#go")
    expect(clerk.page.locator("h1")).to_have_text("11 号窗口")
    clerk.at("closed")
    tab.press("8")  # the other tab still shows window 10: it is told, and nothing is done there
    expect(tab.page.locator("#notice")).to_contain_text("换到别的窗口")
    assert window_now(served, 10)["state"] == "open"
