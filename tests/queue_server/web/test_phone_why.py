"""The ticket page when others go first, a call is taken back, a ticket is held or sent on; and the page of rules."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from config import Hall
from queue_server.hallbook import HallBook
from queue_server.web.i18n import words
from queue_server.web.pages import public_promise
from tests.queue_server.helpers import HALL, Clock, Desk, Served, demo_hall
from tests.queue_server.web.clerk import do, take
from tests.queue_server.web.conftest import Visit, faults, sideways
from tests.queue_server.web.holder import PHONES, WINDOW, Holder, hasty
from tests.queue_server.web.test_phone import FREE, LANGUAGES, cut_off, is_well, said


def tell(served: Served, at: int, action: str, **body: Any) -> None:
    """Somebody works a window by the API, with more to say than the action."""
    with served.client() as client:
        path = f"/halls/{HALL}/windows/{at}/{action}"
        answer = client.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_somebody_else_went_first_is_told_when_asked(served: Served, visit: Visit, language: str):
    mine = Holder(served, visit, take(served), language, **FREE)
    mine.up()
    why = words("why", language)
    row, text = mine.page.locator("#why-ask"), mine.page.locator("#why-text")
    expect(text).to_be_hidden()
    row.tap()
    expect(text).to_have_text(why["why.nobody"])
    expect(row).to_have_attribute("aria-expanded", "true")
    care = take(served, **{"class": "elderly"})
    expect(mine.page.locator("#big")).to_have_text("1")
    do(served, WINDOW, "open")
    do(served, WINDOW, "next")
    expect(text).to_have_text(why["why.credit"].format(other=care["number"], credit=15))
    is_well(mine)
    row.tap()
    expect(text).to_be_hidden()
    row.tap()
    served.kill()
    expect(text).to_have_text(said(language, "once.linked"), timeout=10_000)


def test_an_answer_that_does_not_come_is_said(served: Served, visit: Visit):
    mine = Holder(served, visit, take(served), service_workers="block")
    mine.up()
    mine.page.route("**/why", lambda route: route.fulfill(status=502))
    mine.page.locator("#why-ask").tap()
    mine.reads("#why-text", said("zh", "why.away"))


@pytest.mark.parametrize("action", ["undo", "release"])
def test_a_call_that_was_taken_back_is_apologised_for(served: Served, visit: Visit, action: str):
    mine = Holder(served, visit, take(served), "en" if action == "undo" else "zh", **FREE)
    mine.live()
    do(served, WINDOW, "open")
    do(served, WINDOW, "next")
    mine.at("called")
    do(served, WINDOW, action)
    mine.at("nobody")
    mine.reads("#notice", said("en" if action == "undo" else "zh", "undone"))
    is_well(mine)
    do(served, WINDOW, "next")
    mine.at("called")
    expect(mine.page.locator("#notice")).to_be_hidden()


def test_who_comes_back_after_a_missed_call_gets_no_apology(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        ticket = take(served)
        mine = Holder(served, visit, ticket, service_workers="block")
        mine.page.route("**/events", lambda route: route.abort())  # it only asks, now and then
        mine.page.reload()
        for action in ("next", "recall", "recall"):
            do(served, WINDOW, action)
        mine.at("last")
        do(served, WINDOW, "miss")
        with served.client() as client:
            client.post(f"/tickets/{ticket['id']}/return", headers={"Idempotency-Key": "back"})
        mine.at("nobody")
        expect(mine.page.locator("#notice")).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_held_and_sent_on_the_page_says_where_to_and_goes_on(served: Served, visit: Visit, language: str):
    mine = Holder(served, visit, take(served), language, **FREE)
    plain_ticket = mine.address
    mine.live()
    mine.alerts_on()
    number = mine.page.locator("#number").inner_text()
    for action in ("open", "next", "start", "hold"):
        do(served, WINDOW, action)
    mine.at("held")
    assert mine.words() == said(language, "face.held", window=10).replace("|", " ").strip()
    is_well(mine)
    with served.client() as client:
        held = client.get(f"/halls/{HALL}/windows/{WINDOW}").json()["held"][0]
    tell(served, WINDOW, "resume", ticket=held["id"])
    mine.at("called")
    do(served, WINDOW, "start")
    tell(served, WINDOW, "transfer", line="tax")
    mine.at("nobody")
    line = {"zh": "税务服务", "en": "Tax"}[language]
    mine.reads("#matter", line)
    mine.reads("#note", said(language, "note.moved", line=line, number=number))
    mine.reads("#place-windows", said(language, "place.windows", windows="5–9、12" if language == "zh" else "5–9, 12"))
    assert mine.page.evaluate("rung.length") >= 3  # the same page: it still rings
    is_well(mine)
    for action in ("open", "next", "start"):
        do(served, 5, action)
    mine.at("serving")
    tell(served, 5, "transfer", line="police", window=11)
    mine.at("nobody")
    mine.reads("#note", said(language, "note.moved.window", window=11, number=number))
    mine.reads("#place-windows", said(language, "place.windows", windows="11"))
    is_well(mine)
    plain = visit(f"{plain_ticket}?lang={language}", viewport=PHONES[0], java_script_enabled=False)
    expect(plain.locator("#note")).to_have_text(said(language, "note.moved.window", window=11, number=number))
    expect(plain.locator("#zone")).to_be_hidden()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_are_a_page_for_everybody(served: Served, visit: Visit, language: str):
    mine = Holder(served, visit, take(served), language)
    mine.page.get_by_role("link", name=said(language, "rules")).click()
    page = mine.page
    told = words("rules", language)
    expect(page.locator("h1")).to_have_text(told["title"])
    page.wait_for_load_state()
    for size in (*PHONES, {"width": 1366, "height": 768}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (size, sideways(page)) == (size, 0)
        assert cut_off(page) == []
    free = visit(page.url, viewport=PHONES[0], **FREE)
    assert faults(free) == []
    rows = free.locator("tbody tr").evaluate_all("all => all.map((row) => [...row.cells].map((one) => one.innerText))")
    short, never = told["minutes.short"], told["promise.never"]
    assert rows[0][1:] == [f"10 {short}", f"20 {short}", f"45 {short}", f"70 {short}"]
    assert rows[2][1:3] == [never, f"5 {short}"]
    assert told["missed.back"].format(within=15, penalty=5) in free.locator("main").inner_text()
    free.locator(".top a").click()
    expect(free.locator("h1")).not_to_have_text(told["title"])


def rules_of(hall: Hall, folder: Path, language: str) -> str:
    """The page of rules of a hall with these settings."""
    desk = Desk(folder, hall, Clock())
    try:
        return str(desk.client.get(f"/rules/{HALL}?lang={language}").text)
    finally:
        desk.close()


def test_the_rules_follow_the_halls_settings(desk: Desk, tmp_path: Path):
    rules = desk.hall.rules.model_copy(update={"home_tolerance": 0, "return_within": 0, "undo_within": 0})
    classes = {name: rule for name, rule in desk.hall.classes.items() if name in ("walk_in", "elderly")}
    windows = tuple(one.model_copy(update={"kind": "comprehensive"}) for one in desk.hall.windows)
    hall = demo_hall(rules=rules, classes=classes, windows=windows)
    book = HallBook(hall)
    assert public_promise(book) == {"walk_in": {"walk_in": 0, "care": 15}, "care": {"walk_in": 0, "care": 0}}
    page = rules_of(hall, tmp_path / "other", "zh")
    told = words("rules", "zh")
    assert told["missed.new"] in page
    for gone in ("急办", "爱心窗口", "预约", "撤回", "最熟"):
        assert gone not in page


def test_the_hall_says_what_it_promises(desk: Desk):
    promise = desk.get(f"/halls/{HALL}").json["promise"]
    assert promise["walk_in"] == {
        "walk_in": 10, "appointment": 20, "elderly": 45, "disabled": 45, "pregnant": 25, "serviceman": 25, "green": 70,
    }  # fmt: skip
    assert promise["elderly"]["walk_in"] == 0
    assert promise["green"]["green"] == 10


def test_the_rules_page_is_as_strict_as_the_others(desk: Desk, tmp_path: Path):
    answer = desk.client.get(f"/rules/{HALL}")
    assert answer.status_code == 200
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert re.findall(r'<script|\sstyle=|\son\w+=|<style|(?:src|href)="(?:https?:)?//', answer.text) == []
    assert desk.client.get("/rules/nowhere").status_code == 404
    evil = "<img src=x>"
    hall = demo_hall(name=desk.hall.name.model_copy(update={"zh": evil}))
    page = rules_of(hall, tmp_path / "other", "zh")
    assert evil not in page and "&lt;img src=x&gt;" in page
