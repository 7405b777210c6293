"""The ticket page on a phone: what each state says, rings and lets do, in both languages, on two sizes of phone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from queue_server.web.i18n import words
from tests.queue_server.helpers import CONFIG, HALL, Desk, Served, serving
from tests.queue_server.web.clerk import do, take
from tests.queue_server.web.conftest import CHROMIUM, QUIET, Visit, faults, sideways
from tests.queue_server.web.holder import PHONES, WINDOW, Holder, hasty, misses
from tests.queue_server.web.test_console import types

HEAVIEST = 60_000  # bytes of HTML, CSS and JavaScript, uncompressed
LANGUAGES = ["zh", "en"]


def said(language: str, key: str, **facts: Any) -> str:
    return words("phone", language)[key].format(**facts)


def cut_off(page: Page) -> list[str]:
    """What does not fit its own box."""
    return page.evaluate(
        """() => [...document.querySelectorAll('h1, p, b, strong, button, a, span')].filter((el) => {
             const box = el.getBoundingClientRect();
             if (!box.width || el.closest('dialog:not([open])')) return false;
             return box.right > innerWidth + 1 || box.left < -1
               || getComputedStyle(el).display !== 'inline' && el.scrollWidth > el.clientWidth + 1;
           }).map((el) => el.outerHTML)"""
    )


def is_well(holder: Holder) -> None:
    """Fits both phones, without a fault that axe finds."""
    holder.page.add_style_tag(
        content="*, ::before, ::after { animation: none !important; transition: none !important }"
    )
    for size in PHONES:
        holder.page.set_viewport_size(size)
        assert sideways(holder.page) == 0
        assert cut_off(holder.page) == []
        assert faults(holder.page) == []
    holder.page.set_viewport_size(PHONES[0])


# without the policy, because axe and the style that stops animations are injected
FREE = {"bypass_csp": True}


class Both:
    """The page of a ticket twice: with scripts, and as the server makes it for a phone without."""

    def __init__(self, served: Served, visit: Visit, ticket: dict[str, Any], language: str) -> None:
        self.served, self.language, self.number = served, language, ticket["number"]
        self.mine = Holder(served, visit, ticket, language, **FREE)
        self.plain = Holder(served, visit, ticket, language, java_script_enabled=False)

    def said(self, key: str, **facts: Any) -> str:
        return said(self.language, key, **facts).replace("|", " ").strip()

    def show(self, ticket: dict[str, Any]) -> None:
        for holder in (self.mine, self.plain):
            holder.page.goto(f"{self.served.url}/t/{ticket['id']}")

    def do(self, *actions: str) -> None:
        """What the clerk does, one after another."""
        for action in actions:
            do(self.served, WINDOW, action)

    def stands(self, face: str, *lines: str) -> None:
        self.mine.at(face)
        self.mine.up()
        for line in lines:  # what a stream told is there at once, the rest as soon as it was asked for
            expect(self.mine.page.locator(".face")).to_contain_text(line, use_inner_text=True)
        is_well(self.mine)
        self.plain.page.reload()
        assert self.plain.face() == self.mine.face()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_says_what_it_is_and_the_server_says_the_same(tmp_path: Path, visit: Visit, language: str):
    with hasty(tmp_path) as served:
        _, second = take(served), take(served)
        page = Both(served, visit, second, language)
        called_three_times(page)
        missed_and_back_once(page)
        page.show(take(served))
        served_until_done(page)
        page.show(take(served))
        given_up(page)


def called_three_times(page: Both) -> None:
    mine = page.mine
    page.stands("waiting", page.number, page.said("note.waiting"))
    assert mine.words() == page.said("face.waiting", ahead=1)
    page.do("next")
    page.stands("nobody", page.said("face.nobody"))
    page.do("start", "finish", "next")
    page.stands("called", page.said("note.called", calls_before_missed=3), page.said("zone", zone="C"))
    assert mine.words() == page.said("face.called", window=10)
    assert mine.page.locator("#big").bounding_box()["height"] > 100  # cannot be missed  # type: ignore[index]
    assert mine.page.title().startswith(page.said("title.called", window=10))
    page.do("recall")
    page.stands("recalled", page.said("nth", calls=2), page.said("note.recalled", left=1))
    page.do("recall")
    page.stands("last", page.said("nth", calls=3), page.said("note.last"))


def missed_and_back_once(page: Both) -> None:
    mine = page.mine
    page.do("miss")
    page.stands("missed", page.said("face.missed"))
    expect(mine.page.locator("#left")).to_have_text(re.compile(r"14:\d\d|15:00"))
    mine.page.click("#back")
    mine.at("nobody")
    expect(mine.page.locator("#notice")).to_have_text(page.said("back.done", number=page.number, ahead=0))
    misses(page.served)
    page.stands("once", page.said("note.once"))
    assert mine.page.locator("#back").is_hidden()


def served_until_done(page: Both) -> None:
    page.do("next", "start")
    page.stands("serving", page.said("note.serving"))
    page.do("finish")
    page.stands("done", page.said("note.done"))


def given_up(page: Both) -> None:
    mine = page.mine
    mine.up()
    mine.page.click("#cancel")
    expect(mine.page.locator("#sure")).to_be_visible()
    is_well(mine)
    mine.page.get_by_role("button", name=page.said("cancel.yes"), exact=True).click()
    mine.at("cancelled")
    assert mine.page.locator("#cancel").is_hidden()
    is_well(mine)


OTHERS: list[tuple[dict[str, Any], str, str]] = [  # what the API says, the face it makes, what it says then
    ({"state": "held", "window": 10, "calls": 1}, "held", "face.held"),
    ({"state": "expired"}, "expired", "note.expired"),
    ({"state": "missed", "calls": 3}, "late", "note.late"),
    ({"state": "waiting", "ahead": 7, "range": {"low": 12, "high": 20}}, "waiting", "range"),
    ({"state": "waiting", "ahead": 1, "range": {"low": 1, "high": 5}}, "waiting", "range.soon"),
    ({"state": "waiting", "ahead": 1234, "number": "F1234"}, "waiting", "range.none"),
    ({"state": "waiting", "ahead": 2, "no_window": True}, "waiting", "range.no_window"),
]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_states_a_hall_reaches_in_other_ways(served: Served, visit: Visit, language: str):
    ticket = take(served)
    mine = Holder(served, visit, ticket, language, service_workers="block", **FREE)
    mine.page.route("**/events", lambda route: route.abort())
    answered = dict(ticket)
    mine.page.route(f"**/api/v1/tickets/{ticket['id']}", lambda route: route.fulfill(json=answered))
    for changes, face, shown in OTHERS:
        answered = ticket | changes
        mine.page.reload()
        mine.at(face)
        mine.up()
        sentence = said(language, shown, window=10, return_within=15, low=12, high=20).replace("|", " ").strip()
        assert sentence in " ".join(mine.page.locator("main").inner_text().split())
        is_well(mine)


def test_called_and_called_again_while_the_page_is_open(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        others = [take(served) for _ in range(4)]
        mine = Holder(served, visit, take(served))
        mine.live()
        mine.reads("#big", "4")
        assert mine.page.locator("#near").is_hidden()
        mine.alerts_on()
        assert (mine.rung(), mine.shaken()) == ([880], [[80]])  # so that one knows what to expect
        do(served, WINDOW, "next")
        expect(mine.page.locator("#near")).to_be_visible()
        mine.reads("#big", "3")
        mine.rings(880, 659, 880)
        assert mine.shaken()[1:] == [[200]]
        for _ in others:
            do(served, WINDOW, "start")
            do(served, WINDOW, "finish")
            do(served, WINDOW, "next")
        mine.at("called")
        mine.reads("#big", "10")
        mine.rings(880, 659, 880, 880, 659)  # near was said once
        assert mine.shaken()[2:] == [[400, 200, 400]]
        mine.page.locator("#heard").tap()
        expect(mine.page.locator("#heard")).to_be_hidden()
        do(served, WINDOW, "recall")
        mine.at("recalled")
        mine.rings(880, 659, 880, 880, 659, 880, 659, 880, 659)
        assert len(mine.shaken()[-1]) == 7
        do(served, WINDOW, "start")
        mine.at("serving")
        assert mine.page.locator("#heard").is_hidden()


def test_it_rings_again_until_somebody_says_so(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        mine = Holder(served, visit, take(served))
        mine.live()
        mine.alerts_on()
        do(served, WINDOW, "next")
        mine.rings(880, 880, 659, 880, 659)  # hello, the call, the call again after 5 s
        mine.page.locator("#heard").tap()
        expect(mine.page.locator("#notice")).to_have_text("好，铃声停了")


def test_it_is_quiet_unless_asked_and_remembers_for_this_ticket(served: Served, visit: Visit):
    first, second = take(served), take(served)
    mine = Holder(served, visit, first)
    mine.live()
    expect(mine.page.locator("#sound-text")).to_have_text(said("zh", "sound.off"))
    do(served, WINDOW, "open")
    do(served, WINDOW, "next")
    mine.at("called")
    assert (mine.rung(), mine.shaken()) == ([], [])
    mine.alerts_on()
    mine.page.reload()
    expect(mine.page.locator("#sound")).to_have_attribute("aria-checked", "true")
    expect(mine.page.locator("#sound-text")).to_have_text(said("zh", "sound.tap"))  # a page may not ring untouched
    mine.page.locator("#number").tap()
    expect(mine.page.locator("#sound-text")).to_have_text(said("zh", "sound.on"))
    mine.page.goto(f"{served.url}/t/{second['id']}")
    expect(mine.page.locator("#sound")).to_have_attribute("aria-checked", "false")


def test_cancelling_is_asked_once(served: Served, visit: Visit):
    mine = Holder(served, visit, take(served))
    mine.up()
    sure = mine.page.locator("#sure")
    for no in (lambda: mine.page.keyboard.press("Escape"), mine.page.get_by_role("button", name="继续等").click):
        mine.page.click("#cancel")
        expect(sure).to_be_visible()
        no()
        expect(sure).to_be_hidden()
    assert "ticket.cancelled" not in types(served)
    mine.page.click("#cancel")
    mine.page.locator("#sure").get_by_role("button", name="取消这个号").click()
    mine.at("cancelled")
    assert types(served).count("ticket.cancelled") == 1


def test_too_late_to_cancel_is_said_and_nothing_is_lost(served: Served, visit: Visit):
    mine = Holder(served, visit, take(served))
    mine.up()
    mine.page.click("#cancel")
    do(served, WINDOW, "open")
    do(served, WINDOW, "next")
    mine.at("called")
    mine.page.locator("#sure").get_by_role("button", name="取消这个号").click()
    expect(mine.page.locator("#notice")).to_have_text(said("zh", "refused"))
    mine.at("called")


def test_who_took_another_number_is_told_which(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        mine = Holder(served, visit, take(served, card_token="a" * 64))
        misses(served)
        mine.at("missed")
        other = take(served, "id-card", card_token="a" * 64)
        mine.page.click("#back")
        expect(mine.page.locator("#notice")).to_have_text(said("zh", "back.another", number=other["number"]))
        mine.at("missed")


def test_the_time_to_come_back_runs_out_before_the_eyes(tmp_path: Path, visit: Visit):
    with hasty(tmp_path, return_within="1") as served:
        mine = Holder(served, visit, take(served))
        mine.page.clock.install()
        mine.page.reload()
        misses(served)
        mine.at("missed")
        expect(mine.page.locator("#left")).to_have_text(re.compile(r"还剩 0\d:\d\d"))
        mine.page.clock.fast_forward(61_000)
        mine.at("late")
        assert mine.page.locator("#back").is_hidden()


def test_a_lost_answer_is_asked_for_again_not_done_again(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        mine = Holder(served, visit, take(served), service_workers="block")
        misses(served)
        mine.at("missed")
        keys: list[str] = []

        def lose_the_first(route: Route) -> None:
            keys.append(route.request.headers["idempotency-key"])
            if len(keys) == 1:
                route.fetch()
                route.abort()
            else:
                route.continue_()

        mine.page.route("**/return", lose_the_first)
        mine.page.click("#back")
        expect(mine.page.locator("#notice")).to_contain_text("欢迎回来")
        assert len(keys) == 2 and len(set(keys)) == 1
        assert types(served).count("ticket.returned") == 1


def test_the_first_language_is_the_tickets_then_what_was_chosen(served: Served, visit: Visit):
    english, chinese = take(served, lang="en"), take(served)
    page = visit(f"{served.url}/t/{english['id']}", viewport=PHONES[0], locale="zh-CN")
    expect(page.locator("#lead")).to_have_text("Nobody ahead of you")
    page.goto(f"{served.url}/t/{chinese['id']}")
    expect(page.locator("#lead")).to_have_text("前面还有")
    page.get_by_role("link", name="EN").click()
    expect(page.locator("#lead")).to_have_text("People ahead")
    page.goto(f"{served.url}/t/{chinese['id']}")
    expect(page.locator("#lead")).to_have_text("People ahead")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("#lead")).to_have_text("前面还有")


@pytest.mark.parametrize(
    ("accepted", "title"), [("en-GB,en;q=0.9", "No such ticket"), ("zh-CN", "没有这张号票"), ("fr", "没有这张号票")]
)
def test_no_such_ticket_is_said_in_the_browsers_language(desk: Desk, accepted: str, title: str):
    answer = desk.client.get("/t/nobody", headers={"Accept-Language": accepted})
    assert answer.status_code == 404
    assert f'<h1 class="words">{title}</h1>' in answer.text


@pytest.mark.slow
def test_html_in_every_text_is_only_text(tmp_path: Path, visit: Visit):
    evil = "<img src=x onerror=document.title='got'><b>&amp;\\\"'|{number}{0}%s"
    text = re.sub(r'((?:zh|en) = ")', rf"\1{evil}", CONFIG.read_text("utf-8"))
    (tmp_path / "hall.toml").write_text(text, "utf-8")
    with serving(tmp_path / "data", "--demo", "--config", str(tmp_path / "hall.toml")) as served:
        for language in LANGUAGES:
            mine = Holder(served, visit, take(served), language)
            mine.up()
            do(served, WINDOW, "open")
            do(served, WINDOW, "next")
            mine.at("called")
            for part in (".top", ".matter"):
                assert (
                    "<img src=x onerror=document.title='got'><b>&amp;\"'|{number}{0}%s"
                    in mine.page.locator(part).inner_text()
                )
            assert mine.page.locator("img").count() == 0
            assert mine.page.locator(".brand b, .matter b").count() == 0
            assert sideways(mine.page) == 0
            assert "got" not in mine.page.title().split(" · ")[:2]
            do(served, WINDOW, "start")
            do(served, WINDOW, "finish")
            manifest = httpx.get(f"{mine.address}/manifest.webmanifest?lang={language}", trust_env=False).json()
            assert "<img" in manifest["name"]


def test_the_page_is_light(served: Served, visit: Visit):
    page = visit("about:blank", viewport=PHONES[0], service_workers="block")
    weights: dict[str, int] = {}
    kinds = {"document", "stylesheet", "script"}

    def weigh(response: Any) -> None:
        if response.request.resource_type in kinds:
            weights[response.url.removeprefix(served.url)] = len(response.body())

    page.on("response", weigh)
    page.goto(f"{served.url}/t/{take(served)['id']}?lang=en")
    page.wait_for_load_state("networkidle", timeout=4_000) if False else expect(
        page.locator("body.live")
    ).to_have_count(1)
    weights["worker"] = len(httpx.get(f"{served.url}/t/worker.js", trust_env=False).content)
    assert len(weights) >= 9, weights
    assert sum(weights.values()) < HEAVIEST, weights
    assert len(httpx.get(f"{served.url}/web/barlow-600.ttf", trust_env=False).content) < 20_000


def test_a_phone_can_keep_it_beside_its_programs(served: Served, browser: Browser, tmp_path: Path):
    ticket = take(served)
    address = f"{served.url}/t/{ticket['id']}"
    manifest = httpx.get(f"{address}/manifest.webmanifest", trust_env=False)
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    assert (manifest.json()["start_url"], manifest.json()["short_name"]) == (f"/t/{ticket['id']}", ticket["number"])
    # a window that keeps nothing cannot install anything, so this one keeps
    keeping = browser.browser_type.launch_persistent_context(tmp_path / "me", executable_path=CHROMIUM, args=QUIET)
    page = keeping.new_page()
    page.goto(address)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session = keeping.new_cdp_session(page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert session.send("Page.getAppManifest")["errors"] == []
    keeping.close()


def test_nothing_of_the_person_is_on_the_page_or_in_its_feed(served: Served, visit: Visit):
    token = "b" * 64
    ticket = take(served, card_token=token, masked_name="王*", **{"class": "elderly"})
    page = visit("about:blank", viewport=PHONES[0], service_workers="block")
    bodies: list[str] = []
    text = {"document", "script", "fetch", "manifest", "stylesheet"}

    def read(response: Any) -> None:
        if response.request.resource_type in text:
            bodies.append(response.text())

    page.on("response", read)
    page.goto(f"{served.url}/t/{ticket['id']}")
    expect(page.locator("body.live")).to_have_count(1)
    shown = page.content()
    with httpx.stream(
        "GET", f"{served.url}/api/v1/tickets/{ticket['id']}/events", trust_env=False, headers={"Last-Event-ID": "0"}
    ) as stream:
        lines = stream.iter_lines()
        feed = [next(lines) for _ in range(6)]
    assert any(line.startswith("data: ") for line in feed)
    assert len(bodies) > 8
    for one in (*bodies, shown, *feed):
        assert token not in one and "王" not in one
    assert "elderly" not in shown
    assert '"key"' not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_it_tells_the_truth_by_itself(served: Served, visit: Visit, language: str):
    take(served)
    plain = Holder(served, visit, take(served), language, java_script_enabled=False)
    plain.reads("#big", "1")
    assert '<meta http-equiv="refresh" content="15">' in plain.page.content()
    assert said(language, "plain") in plain.page.locator("main").inner_text()
    assert plain.page.locator("button:visible").count() == 0  # what cannot work is not shown
    do(served, WINDOW, "open")
    do(served, WINDOW, "next")
    plain.page.reload()
    plain.reads("#lead", said(language, "face.nobody").strip("|"))


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(desk: Desk):
    ticket = desk.issue()
    for path in (f"/t/{ticket['id']}", "/t/nobody", f"/t/{ticket['id']}/manifest.webmanifest", "/t/worker.js"):
        answer = desk.client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'") and "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert (
            re.findall(r'<script(?! type="(?:module" src="/static/[\w/]+\.js|application/json" id="\w+)")', answer.text)
            == []
        )
        assert re.findall(r'\sstyle=|\son\w+=|<style|(?:src|href)="(?:https?:)?//', answer.text) == []
        answer.close()
    assert desk.client.get("/t/nobody/manifest.webmanifest").status_code == 404
    page = desk.client.get(f"/t/{ticket['id']}").text
    facts = json.loads(re.search(r'id="page">(.*?)</script>', page)[1])  # type: ignore[index]
    assert "return_until" not in facts["ticket"]
    assert facts["rules"] == {"calls_before_missed": 3, "return_within": 15, "return_penalty": 5}
    assert page.replace(f"/rules/{HALL}", "").count(HALL) == 0  # an id for programs, of no use here
