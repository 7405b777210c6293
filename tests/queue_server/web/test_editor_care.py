"""What goes wrong while one edits, and that nothing typed is lost by it; and who may."""

from __future__ import annotations

from playwright.sync_api import expect

from queue_server.sessions import COOKIE
from tests.queue_server.helpers import HALL, Desk, Served
from tests.queue_server.web.conftest import Visit
from tests.queue_server.web.publisher import CODE, GUIDE, Publisher, call, enter_link, published

EVIL = "<img src=x onerror=alert(1)><script>alert(1)</script>"


def opened(served: Served, visit: Visit) -> Publisher:
    published(served)
    editor = Publisher(visit(enter_link(served)))
    editor.open(f"/guides/{CODE}")
    expect(editor.field("change_note")).to_be_visible()
    return editor


def note_of(served: Served) -> str:
    with served.client("publisher") as client:
        return str(client.get(f"/guides/{CODE}/versions/2").json()["guide"]["change_note"])


def test_two_editors_are_told_of_each_other_and_choose(served: Served, visit: Visit):
    editor = opened(served, visit)
    editor.field("change_note").fill("我写的")
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE | {"change_note": "别人写的"}})
    editor.save()
    expect(editor.page.locator("#question")).to_contain_text("变更说明")
    editor.page.locator("#question [value='']").click()
    expect(editor.note).to_contain_text("您写的都还在")
    expect(editor.field("change_note")).to_have_value("我写的")
    assert note_of(served) == "别人写的"
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE | {"change_note": "又改了"}})
    editor.field("change_note").fill("我又写的")
    editor.save()
    editor.page.locator("#question .main").click()
    expect(editor.note).to_have_text("草稿已保存")
    assert note_of(served) == "我又写的"


def test_a_session_that_ended_is_begun_again_on_the_spot(served: Served, visit: Visit):
    editor = opened(served, visit)
    editor.field("change_note").fill("没丢")
    editor.page.context.clear_cookies(name=COOKIE)
    editor.save()
    editor.page.locator("#again-token").fill("nonsense")
    editor.page.locator("#again-go").click()
    expect(editor.page.locator("#again-wrong")).to_contain_text("令牌不对")
    editor.page.locator("#again-token").fill(served.tokens["publisher"])
    editor.page.keyboard.press("Enter")
    expect(editor.note).to_have_text("草稿已保存")
    assert note_of(served) == "没丢"


def test_what_was_typed_outlives_the_link_and_the_page(served: Served, visit: Visit):
    editor = opened(served, visit)
    editor.page.context.set_offline(True)
    editor.field("change_note").fill("断网时写的")
    editor.save()
    expect(editor.note).to_contain_text("没有保存")
    expect(editor.page.locator("#banner")).to_be_visible()
    editor.page.context.set_offline(False)
    editor.page.reload()  # or the machine went off
    editor.page.locator("#restore .main").click()
    expect(editor.field("change_note")).to_have_value("断网时写的")
    editor.save()
    expect(editor.note).to_have_text("草稿已保存")
    expect(editor.page.locator("#banner")).to_be_hidden()
    assert note_of(served) == "断网时写的"


def test_what_was_brought_back_does_not_cover_what_others_saved_since(served: Served, visit: Visit):
    editor = opened(served, visit)
    editor.field("change_note").fill("没存的")
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE | {"change_note": "别人后来写的"}})
    editor.page.reload()
    editor.page.locator("#restore .main").click()
    editor.save()
    expect(editor.page.locator("#question")).to_contain_text("变更说明")
    editor.page.locator("#question [value='theirs']").click()
    expect(editor.field("change_note")).to_have_value("别人后来写的")


def test_html_in_any_text_is_only_text(served: Served, visit: Visit):
    evil = {"change_note": EVIL, "materials": [{"name": EVIL, "name_en": EVIL}], "aliases": [EVIL], "name": EVIL}
    published(served, **evil)
    editor = Publisher(visit(enter_link(served)))  # whose console must stay quiet
    expect(editor.page.locator("#rows")).to_contain_text(EVIL)
    for path in (f"/guides/{CODE}", f"/guides/{CODE}/diff?old=1&new=1"):
        editor.open(path)
        assert editor.page.locator("main img, main script").count() == 0
    editor.page.goto(f"{served.url}/g/{CODE}")
    expect(editor.page.locator("h1")).to_have_text(EVIL)
    assert editor.page.locator("img, script").count() == 0


def enter(desk: Desk, role: str) -> int:
    return int(desk.client.post("/editor/enter", json={"token": desk.tokens[role]}).status_code)


def test_only_publishers_get_in_and_they_sit_at_no_window(desk: Desk):
    assert [enter(desk, role) for role in ("window", "kiosk", "auditor")] == [403, 403, 403]
    assert desk.client.get("/editor").headers["Location"] == "/editor/enter"
    assert enter(desk, "manager") == 200  # who may do everything, but not from here at a window
    assert desk.client.get(f"/api/v1/halls/{HALL}/windows/10").status_code == 403
    assert desk.client.get("/console").headers["Location"].startswith("/console/enter")
    assert desk.client.get("/console/enter").status_code == 200


def test_a_change_needs_the_header_of_the_session(desk: Desk):
    assert enter(desk, "publisher") == 200
    answer = desk.client.put(f"/api/v1/guides/{CODE}/draft", json={"guide": GUIDE}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 403
