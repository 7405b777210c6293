"""The console's later actions in a real browser: send back, hold, resume, transfer, call this one, class, undo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from queue_server.web.i18n import words
from tests.queue_server.helpers import CONFIG, Served, serving
from tests.queue_server.web.clerk import MEANT_AGAIN, Clerk, do, link, take, window_now
from tests.queue_server.web.conftest import Visit, faults, sideways
from tests.queue_server.web.test_console import opened, shown_whole, types

SERVING = ("called", "serving")


def serves(clerk: Clerk) -> None:
    for phase in SERVING:
        clerk.go(phase)


def short(folder: Path, rule: str) -> Path:
    """The demo hall with one more rule."""
    text = CONFIG.read_text("utf-8").replace("recall_gap = 30 ", f"{rule}\nrecall_gap = 30 ")
    (folder / "hall.toml").write_text(text, "utf-8")
    return folder / "hall.toml"


def second_tab(clerk: Clerk, served: Served) -> Clerk:
    tab = Clerk(clerk.page.context.new_page())
    tab.page.goto(f"{served.url}/console")
    tab.at("idle")
    return tab


def test_what_was_done_by_mistake_is_taken_back_by_key_in_both_tabs(served: Served, visit: Visit):
    number = take(served)["number"]
    one = opened(served, visit)
    two = second_tab(one, served)
    expect(one.button("0")).to_be_hidden()
    one.press("0")
    expect(one.strip).to_have_text("现在不能撤回：只有 10 秒内的最后一步能撤回")
    one.go("called")
    for tab in (one, two):
        expect(tab.strip).to_have_text(re.compile(rf"\d\d:\d\d 已叫 {number}"))
        expect(tab.button("0")).to_have_text(re.compile(r"0撤回（\d+）"))
    two.press("0")
    for tab in (one, two):
        tab.at("idle")
        expect(tab.number).to_have_text(number)
        expect(tab.strip).to_contain_text(f"已撤回，{number} 回到原来的位置。")
        expect(tab.button("0")).to_be_hidden()
    one.go("called")
    one.go("serving")
    one.go("idle")
    one.button("0").click()
    one.at("serving")
    expect(one.main).to_be_focused()
    assert types(served)[-2:] == ["ticket.finished", "ticket.undone"]


def test_the_seconds_run_out_before_the_eyes(tmp_path: Path, visit: Visit):
    config = short(tmp_path, "undo_within = 2")
    with serving(tmp_path / "data", "--demo", "--config", str(config)) as served:
        take(served)
        clerk = opened(served, visit)
        clerk.go("called")
        expect(clerk.button("0")).to_be_visible()
        expect(clerk.button("0")).to_be_hidden(timeout=3_000)
        clerk.press("0")
        expect(clerk.strip).to_contain_text("只有 2 秒内的最后一步能撤回")
        clerk.at("called")


def test_a_later_step_ends_the_chance_to_take_back(served: Served, visit: Visit):
    first = take(served)
    clerk = opened(served, visit)
    clerk.go("called")
    clerk.press("3")
    clerk.at("idle")
    expect(clerk.strip).to_contain_text(f"{first['number']} 已退回，排在原来的位置")
    expect(clerk.button("0")).to_be_visible()
    do(served, 11, "open")
    do(served, 11, "next")  # another window calls it
    expect(clerk.button("0")).to_be_hidden()
    clerk.press("8")
    clerk.at("paused")
    expect(clerk.button("0")).to_be_hidden()


def test_too_late_by_the_servers_clock_is_said(served: Served, visit: Visit):
    take(served)
    clerk = opened(served, visit)
    clerk.go("called")
    clerk.page.route(
        "**/undo", lambda route: route.fulfill(status=409, json={"error": "conflict", "message": "", "detail": {}})
    )
    clerk.press("0")
    expect(clerk.strip).to_contain_text("不能撤回了")
    clerk.at("called")


def test_held_and_resumed_by_key_and_by_button(served: Served, visit: Visit):
    numbers = [take(served)["number"] for _ in range(3)]
    clerk = opened(served, visit)
    page, held = clerk.page, clerk.page.locator("#held li")
    clerk.press("4")
    expect(clerk.strip).to_have_text("现在不能挂起：办理中可用")
    clerk.press("r")
    expect(clerk.strip).to_have_text("现在不能接着办：没有挂起的号")
    expect(page.locator("#held-card")).to_be_hidden()
    for number in numbers[:2]:
        serves(clerk)
        expect(clerk.number).to_have_text(number)
        clerk.press("Numpad4")
        clerk.at("idle")
    expect(held).to_have_count(2)
    expect(held.first).to_contain_text("已 0 分钟")
    clerk.go("called")
    page.get_by_role("button", name=f"接着办 {numbers[0]}").click(force=True)
    expect(clerk.strip).to_have_text("现在不能接着办：办完手上的后")
    clerk.go("serving")
    clerk.go("idle")
    clerk.press("r")  # two are held: the list has the keys
    expect(held.first.locator("button")).to_be_focused()
    clerk.press("ArrowDown")
    clerk.press("Enter")
    clerk.press("Enter")  # a double press is one
    clerk.at("called")
    expect(clerk.number).to_have_text(numbers[1])
    page.wait_for_timeout(300)
    clerk.at("called")
    expect(page.locator("#steps")).to_contain_text("10 号窗口 · 挂起")
    clerk.go("serving")
    clerk.go("idle")
    clerk.press("r")
    clerk.at("called")
    expect(clerk.number).to_have_text(numbers[0])
    assert types(served).count("ticket.resumed") == 2


def test_transferred_to_a_line_and_to_a_window_by_key(served: Served, visit: Visit):
    first, second = take(served), take(served)
    clerk = opened(served, visit)
    page, saying = clerk.page, clerk.page.locator("#transfer-say")
    clerk.press("5")
    expect(clerk.strip).to_have_text("现在不能转移：办理中可用")
    serves(clerk)
    clerk.press("5")
    expect(page.locator("#transfer-title")).to_have_text(f"{first['number']} 转到哪里？")
    expect(page.locator('[data-line="police"]')).to_have_text("等 1 人")
    clerk.press("Escape")
    clerk.at("serving")
    clerk.press("5")
    clerk.press("e")
    expect(saying).to_have_text(
        words("console", "zh")["transfer.say.line"].format(line="税务服务", number=first["number"])
    )
    clerk.press("Enter")
    clerk.press("Enter")
    clerk.at("idle")
    expect(clerk.strip).to_contain_text(f"{first['number']} 已转到“税务服务”，号码、次序不变")
    serves(clerk)
    clerk.press("5")
    clerk.press("f")  # its own line: at one window, any other than this
    expect(page.locator("#transfer-windows input").first).not_to_have_value("")
    assert page.locator('#transfer-windows input[value="10"]').count() == 0
    page.locator('#transfer-windows input[value="11"]').check()
    expect(saying).to_contain_text("下一步到 11 号窗口办")
    clerk.press("Enter")
    clerk.at("idle")
    expect(clerk.strip).to_contain_text(f"{second['number']} 已转到 11 号窗口")
    assert clerk.queue() == []
    other = opened(served, visit, 11)
    expect(other.number).to_have_text(second["number"])
    expect(other.page.locator("#queue .next .why")).to_contain_text("转到本窗口")
    expect(other.page.locator("#steps")).to_contain_text("10 号窗口 · 转走")


def test_a_transfer_is_not_turned_on_another_ticket(served: Served, visit: Visit):
    take(served), take(served)
    clerk = opened(served, visit)
    serves(clerk)
    clerk.press("5")
    for action in ("finish", "next", "start"):
        do(served, 10, action)
    expect(clerk.number).to_have_text("F002")
    clerk.press("Enter")
    expect(clerk.strip).to_have_text("现在不能转移：手上的号已经变了")
    assert "ticket.transferred" not in types(served)


def test_where_it_cannot_be_done_is_said(served: Served, visit: Visit):
    take(served)
    clerk = opened(served, visit)
    serves(clerk)
    clerk.page.route(
        "**/transfer", lambda route: route.fulfill(status=409, json={"error": "conflict", "message": "", "detail": {}})
    )
    clerk.press("5")
    clerk.press("Enter")
    expect(clerk.strip).to_contain_text("没有转成")


def test_calling_out_of_order_is_asked_once_and_said_calmly(served: Served, visit: Visit):
    late, care = take(served), take(served, **{"class": "elderly"})
    clerk = opened(served, visit)
    page = clerk.page
    clerk.press("6")
    expect(clerk.strip).to_have_text("现在不能叫这个号：先选一个号")
    clerk.press("ArrowDown")
    clerk.press("6")  # who comes next is called without a question
    clerk.at("called")
    expect(clerk.number).to_have_text(care["number"])
    clerk.press("0")
    clerk.at("idle")
    clerk.press("ArrowDown")
    clerk.press("ArrowDown")
    clerk.press("6")
    expect(page.locator("#call-text")).to_contain_text(f"下一位是 {care['number']}")
    expect(page.locator("#call-no")).to_be_focused()  # a hasty Enter keeps the order
    clerk.press("Enter")
    clerk.at("idle")
    clerk.press("6")
    clerk.press("ArrowRight")
    clerk.press("Enter")
    clerk.at("called")
    expect(clerk.number).to_have_text(late["number"])
    expect(page.locator("#strip")).to_have_class(re.compile("aside"))
    expect(clerk.strip).to_have_text(f"这次没按次序：{care['number']} 排在它前面 15 分钟，还在等。已经记下来。")
    assert types(served)[-2:] == ["ticket.called", "alarm"]
    clerk.press("0")
    clerk.at("idle")


def test_a_waiting_ticket_gets_another_class(served: Served, visit: Visit):
    first, second = take(served), take(served)
    clerk = opened(served, visit)
    page = clerk.page
    clerk.press("c")
    expect(clerk.strip).to_have_text("现在不能改类别：先选一个号")
    page.locator("#queue li").last.click()
    page.click("#class")
    offered = page.locator("#class-ways button").evaluate_all("all => all.map((one) => one.value)")
    assert offered == ["elderly", "disabled", "pregnant", "serviceman"]
    clerk.press("ArrowDown")
    clerk.press("Enter")
    expect(clerk.number).to_have_text(second["number"])
    expect(clerk.strip).to_contain_text(f"{second['number']} 改为“残疾人”，次序已重算")
    assert clerk.queue() == [second["number"], first["number"]]
    assert window_now(served, 10)["tickets"][0]["class"] == "disabled"


@pytest.mark.slow
def test_nothing_is_pretended_while_the_link_is_down_or_the_server_restarts(tmp_path: Path, visit: Visit):
    with serving(tmp_path / "data") as served:
        first, port = take(served), served.url.rsplit(":", 1)[1]
        take(served)
        clerk = opened(served, visit)
        serves(clerk)
        clerk.press("4")
        clerk.at("idle")
        clerk.go("called")
        served.kill()
        expect(clerk.banner).to_be_visible()
        expect(clerk.button("0")).to_be_hidden()
        for key in "0123456":
            clerk.press(key)
            expect(clerk.strip).to_contain_text("连接恢复后可用")
        clerk.press("r")
        expect(clerk.strip).to_have_text("现在不能接着办：连接恢复后可用")
        assert clerk.page.locator("dialog[open]").count() == 0
        assert faults(clerk.page) == []
    with serving(tmp_path / "data", "--demo", "--port", port) as served:
        expect(clerk.banner).to_be_hidden(timeout=10_000)
        clerk.at("called")
        expect(clerk.page.locator("#held")).to_contain_text(first["number"])
        clerk.go("serving")
        assert types(served)[-1] == "ticket.started"
        clerk.press("0")
        clerk.at("called")


def test_a_double_press_takes_back_once(served: Served, visit: Visit):
    for _ in range(2):
        take(served)
    clerk = opened(served, visit)
    clerk.go("called")
    held: list[Route] = []
    clerk.page.route("**/undo", lambda route: held.append(route))
    clerk.press("0")
    clerk.press("0")
    clerk.press("3")
    clerk.page.wait_for_timeout(200)
    assert len(held) == 1
    held[0].continue_()
    clerk.at("idle")
    clerk.page.wait_for_timeout(MEANT_AGAIN)
    assert types(served).count("ticket.undone") == 1
    assert "ticket.released" not in types(served)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_new_state_fits_and_axe_finds_nothing(served: Served, visit: Visit, language: str):
    for cls in ("walk_in", "elderly", "pregnant") * 5:
        take(served, **{"class": cls})
    do(served, 10, "open")
    clerk = Clerk(visit(link(served, 10)))
    clerk.at("idle")
    page = clerk.page
    page.goto(f"{served.url}/console?lang={language}")
    clerk.at("idle")

    def look() -> None:
        for height in (768, 650):
            page.set_viewport_size({"width": 1366, "height": height})
            assert sideways(page) == 0
            assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
            assert shown_whole(page) == []
            for dialog in page.locator("dialog[open]").all():
                assert dialog.evaluate("el => el.scrollHeight - el.clientHeight") == 0
        page.wait_for_timeout(700)
        assert faults(page) == []

    for _ in range(2):
        serves(clerk)
        clerk.press("4")
        clerk.at("idle")
    look()
    page.locator("#queue li").last.click()
    for key in ("c", "6"):
        clerk.press(key)
        expect(page.locator("dialog[open]")).to_have_count(1)
        look()
        clerk.press("Escape")
    clerk.press("6")
    clerk.press("ArrowRight")
    clerk.press("Enter")
    clerk.at("called")
    look()
    clerk.go("serving")
    clerk.press("5")
    expect(page.locator('[data-line="police"]')).not_to_be_empty()
    look()
