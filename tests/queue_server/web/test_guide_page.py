"""A guide on a phone: what the QR code opens, in force, old, coming or gone; and looking for another."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.queue_server.helpers import Served
from tests.queue_server.web.conftest import Visit, faults, sideways
from tests.queue_server.web.publisher import CODE, GUIDE, call, published

PHONE = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": True}
LIGHT = 60_000  # bytes of the page and all it loads


def test_the_page_the_code_opens_says_what_matters_first(served: Served, visit: Visit):
    published(served)
    with served.client() as client:
        url = client.get(f"/guides/{CODE}").json()["url"]
    assert url == f"{served.url}/g/{CODE}"
    page = visit(url, **PHONE)
    cards = page.locator(".cards .card")
    assert [one.split("\n") for one in cards.all_inner_texts()] == [
        ["材料", "2 样"],
        ["时限", "2 个工作日"],
        ["费用", "不收费"],
        ["窗口", "1–2"],
        ["跑几次", "1 次"],
    ]
    expect(page.locator("footer")).to_contain_text("第 1 版 · 2026-01-05 起施行")
    page.get_by_text("EN", exact=True).click()
    expect(page.locator("h1")).to_have_text("Card deposit")
    expect(page.locator(".materials")).to_contain_text("Slip")
    page.get_by_text("How long?").click()
    expect(page.get_by_text("A year.")).to_be_visible()


def test_an_old_version_says_so_and_leads_to_the_one_in_force(served: Served, visit: Visit):
    published(served)
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE | {"name": "社保卡寄存（新）"}})
    with served.client() as client:
        today = client.get("/guides").json()["day"]
    call(served, "POST", f"/guides/{CODE}/publish", {"effective_from": today})
    page = visit(f"{served.url}/g/{CODE}/1", **PHONE)
    expect(page.locator(".notice")).to_contain_text("不再施行")
    page.get_by_text("看现行版本").click()
    expect(page.locator("h1")).to_have_text("社保卡寄存（新）")
    page.get_by_text("其他版本").click()
    expect(page.locator("footer li")).to_have_count(1)


def test_a_draft_is_nobodys_business_yet(served: Served, visit: Visit):
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE})
    for path in (CODE, f"{CODE}/1", "nonsense"):
        page = visit(f"{served.url}/g/{path}", **PHONE)
        expect(page.locator("h1")).to_have_text("没有这个指南")


def test_a_guide_is_found_on_a_phone(served: Served, visit: Visit):
    published(served)
    page = visit(f"{served.url}/g", **PHONE)
    for query in ("存卡", "sbkjc", "社保卡寄存要带什么"):
        page.locator("#q").fill(query)
        page.keyboard.press("Enter")
        page.locator(".list a", has_text="社保卡寄存").click()
        expect(page.locator("h1")).to_have_text("社保卡寄存")
        page.go_back()


def test_phones_show_it_whole_and_light(served: Served, visit: Visit):
    published(served, name="寄存" * 34, materials=[{"name": f"材料{n}" * 9} for n in range(19)])
    page = visit(f"{served.url}/g", **PHONE)
    loaded: list[int] = []
    page.on("requestfinished", lambda request: loaded.append(request.sizes()["responseBodySize"]))
    for lang in ("zh", "en"):
        for path in ("", "?q=社保卡", "?q=%22*%20NEAR(", f"/{CODE}", "/nonsense"):
            page.goto(f"{served.url}/g{path}{'&' if '?' in path else '?'}lang={lang}")
            assert (path, faults(page), sideways(page)) == (path, [], 0)
    assert sum(loaded) < 10 * LIGHT
