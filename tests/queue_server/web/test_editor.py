"""The editor in a real browser: from a new guide to a retired one, checked as it is written."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.queue_server.helpers import Served
from tests.queue_server.web.conftest import Visit, faults, sideways
from tests.queue_server.web.publisher import CODE, GUIDE, Publisher, call, enter_link, published

TODAY = datetime.now(UTC) + timedelta(hours=8)
LATER = f"{TODAY + timedelta(days=9):%Y-%m-%d}"


def types(served: Served, code: str = CODE) -> list[str]:
    with served.client("publisher") as client:
        return [one["type"] for one in client.get(f"/guides/{code}/changes").json()["changes"]]


def test_a_new_guide_is_checked_published_compared_and_retired(served: Served, visit: Visit):
    editor = Publisher(visit(enter_link(served)))
    editor.open("/new")
    editor.field("name").fill("社保卡寄存")
    editor.field("name_en").fill("Card deposit")
    editor.field("department").select_option("social")
    editor.field("code").fill("14990000")
    editor.field("code").press("Tab")
    expect(editor.field("code")).to_have_value(CODE)
    editor.page.locator('[data-do="add"][data-list="materials"]').click()
    editor.field("materials.0.name").fill("其他材料")
    expect(editor.wrong("materials.0.name")).to_contain_text("兜底")
    editor.save()
    editor.page.wait_for_url(f"**/editor/guides/{CODE}")

    editor.act("publish")
    editor.answer(effective_from=LATER)
    expect(editor.note).to_contain_text("还不能发布")
    editor.page.locator("#found button", has_text="材料名称").click()
    expect(editor.field("materials.0.name")).to_be_focused()
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE})  # the rest of it
    editor.page.reload()
    expect(editor.found).to_have_text("没有问题，可以发布")
    editor.act("publish")
    editor.answer(effective_from=f"{TODAY:%Y-%m-%d}")
    expect(editor.note).to_contain_text("已发布")

    editor.field("change_note").fill("改期")
    editor.act("publish")  # saves first
    editor.answer(effective_from=LATER)
    expect(editor.note).to_contain_text(f"已发布，{LATER} 起施行")
    editor.page.get_by_text("与上一版对照").click()
    expect(editor.page.locator(".diff")).to_contain_text("变更说明")
    expect(editor.page.locator(".diff ins", has_text="改期")).to_have_count(1)

    editor.open(f"/guides/{CODE}")
    editor.act("retire")
    editor.answer(reason="不再办理")
    expect(editor.note).to_contain_text("已停用")
    assert types(served)[-2:] == ["guide.published", "guide.retired"]


def test_lists_grow_move_and_shrink_by_key(served: Served, visit: Visit):
    published(served)
    editor = Publisher(visit(enter_link(served)))
    editor.open(f"/guides/{CODE}")
    expect(editor.field("materials.0.name")).to_have_value("社保卡")
    editor.page.locator('[data-do="down"][data-n="0"][data-list="materials"]').press("Enter")
    expect(editor.field("materials.1.name")).to_have_value("社保卡")
    editor.page.locator('[data-do="remove"][data-n="0"][data-list="materials"]').press("Enter")
    expect(editor.field("materials.0.name")).to_have_value("社保卡")
    for name, words in (("note", "约 5 分钟"), ("note_en", "about 5 minutes")):
        editor.page.locator(f'[data-path="promised.{name}"]').fill(words)
    editor.save()
    expect(editor.note).to_have_text("草稿已保存")
    with served.client("publisher") as client:
        kept = client.get(f"/guides/{CODE}/versions/2").json()["guide"]
    assert [one["name"] for one in kept["materials"]] == ["社保卡"]
    assert kept["promised"] == GUIDE["promised"] | {"note": "约 5 分钟", "note_en": "about 5 minutes"}


def test_words_searched_in_vain_become_everyday_names(served: Served, visit: Visit):
    published(served)
    with served.client("kiosk") as client:
        client.post("/guides/searches", json={"words": "社保卡寄放"}, headers={"Idempotency-Key": "k"})
        client.post("/guides/searches", json={"words": "钓鱼执照"}, headers={"Idempotency-Key": "l"})
    editor = Publisher(visit(enter_link(served)))
    editor.open(f"/guides/{CODE}")
    expect(editor.page.locator("#names button")).to_have_count(1)
    editor.page.locator("#names button").click()
    expect(editor.field("aliases")).to_have_value("存卡\n社保卡寄放")
    expect(editor.page.locator("#dirty")).to_have_text("有改动未保存")


def test_a_review_is_recorded_with_its_reason(served: Served, visit: Visit):
    published(served)
    editor = Publisher(visit(enter_link(served)))
    editor.open(f"/guides/{CODE}")
    editor.act("review")
    editor.page.locator('[value="revise"]').check()
    editor.answer(reason="地点变了")
    expect(editor.note).to_contain_text("请接着修改")
    assert types(served)[-1] == "guide.reviewed"


def test_the_list_is_narrowed_and_remembers_how(served: Served, visit: Visit):
    published(served)
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE | {"visits": 0}})
    editor = Publisher(visit(enter_link(served)))
    rows = editor.page.locator("#rows tr")
    editor.page.locator("#q").fill("存卡")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("有草稿")
    editor.page.locator("#breaches").check()
    editor.page.reload()
    expect(editor.page.locator("#q")).to_have_value("存卡")
    expect(rows).to_have_count(1)
    editor.page.locator("#theme").select_option("tax")
    expect(rows).to_contain_text("没有符合条件的指南")


def test_a_file_is_tried_then_imported(served: Served, visit: Visit, tmp_path: Path):
    editor = Publisher(visit(enter_link(served)))
    editor.open("/files")
    file = tmp_path / "guides.json"
    file.write_text(json.dumps({"guides": [GUIDE | {"visits": "x"}]}), "utf-8")
    editor.page.locator("#file").set_input_files(file)
    editor.page.locator("#try").click()
    expect(editor.page.locator("#report")).to_contain_text("visits")
    expect(editor.page.locator("#take")).to_be_disabled()
    file.write_text(json.dumps({"guides": [GUIDE]}), "utf-8")
    editor.page.locator("#file").set_input_files(file)
    editor.page.locator("#try").click()
    expect(editor.page.locator("#report")).to_contain_text("可以导入")
    editor.page.locator("#take").click()
    expect(editor.page.locator("#report h2")).to_have_text("已导入")
    assert types(served) == ["guide.drafted"]


def test_a_handbook_is_made_and_saved(served: Served, visit: Visit):
    editor = Publisher(visit(enter_link(served)))
    editor.open("/files")
    editor.page.locator("#department").select_option("social")
    with editor.page.expect_download() as saved:
        editor.page.locator("#book").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_shuts_anybody_out(served: Served, visit: Visit, lang: str):
    published(served)
    call(served, "PUT", f"/guides/{CODE}/draft", {"guide": GUIDE | {"visits": 0, "name": "寄存" * 34}})
    page = visit(f"{served.url}/editor/enter?lang={lang}")
    assert faults(page) == []
    page.goto("about:blank")
    page.goto(enter_link(served))
    editor = Publisher(page)
    for path in ("", f"/guides/{CODE}", f"/guides/{CODE}/diff?old=1&new=2", "/due", "/searches", "/files"):
        editor.open(path)
        if "diff" not in path and path.startswith("/guides"):
            expect(editor.found).to_have_text(re.compile("1"))
        assert (path, faults(page), sideways(page)) == (path, [], 0)
