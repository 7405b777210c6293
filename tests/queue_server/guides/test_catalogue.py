"""The life of a guide over the API, on both databases: nothing is overwritten, every change is in the log."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from queue_server.guides.model import Guide
from queue_server.store import guides as stored
from tests.queue_server.helpers import HALL, Desk

TODAY = "2026-03-02"  # the desk's clock: Monday, 10:00 in Shanghai


def values(guide: Guide, **changes: Any) -> dict[str, Any]:
    return guide.model_dump(mode="json") | changes


def put_draft(city: Desk, guide: dict[str, Any], role: str = "publisher", key: str = "", **more: Any) -> Any:
    headers = city.headers(role, key or uuid.uuid4().hex)
    path = f"/api/v1/guides/{guide['code']}/draft"
    return city.client.put(path, json={"guide": guide, **more}, headers=headers)


def publish(city: Desk, guide: dict[str, Any], start: str, **more: Any) -> Any:
    assert put_draft(city, guide).status_code == 200
    return city.post(f"/guides/{guide['code']}/publish", {"effective_from": start, **more}, "publisher")


def number(city: Desk, code: str) -> int | None:
    """Of the version a citizen sees now."""
    answer = city.get(f"/guides/{code}", None)
    return answer.json["number"] if answer.status_code == 200 else None


def spans(city: Desk, code: str) -> list[tuple[str, str | None, str | None]]:
    versions = city.get(f"/guides/{code}/versions", "publisher").json["versions"]
    return [(one["status"], one["effective_from"], one["effective_to"]) for one in versions]


def set_clock(city: Desk, *at: int) -> None:
    city.clock.at = datetime(*at, tzinfo=UTC)


# -- draft, publish, supersede ----------------------------------------------------------------------------------------


def test_a_new_version_takes_over_at_midnight_and_the_old_one_stays_readable(city: Desk, guide: Guide):
    answer = publish(city, values(guide, change_note="两天办好", promised={"number": 3}), "2026-04-01")
    assert (answer.status_code, answer.json["number"], answer.json["in_force"]) == (200, 2, False)
    set_clock(city, 2026, 3, 31, 15, 59, 59)
    assert number(city, guide.code) == 1
    set_clock(city, 2026, 3, 31, 16, 0, 0)  # midnight in Shanghai
    assert number(city, guide.code) == 2
    assert spans(city, guide.code) == [("superseded", "2025-01-01", "2026-03-31"), ("published", "2026-04-01", None)]
    first = city.get(f"/guides/{guide.code}/versions/1", None).json
    assert (first["guide"], first["in_force"]) == (values(guide), False)


def test_a_draft_may_break_rules_and_says_which(city: Desk, guide: Guide):
    answer = put_draft(city, values(guide, visits=1))
    assert answer.status_code == 200
    assert {one["rule"] for one in answer.json["breaches"]} == {"visits_reason", "depth_visits"}
    refused = city.post(f"/guides/{guide.code}/publish", {"effective_from": "2026-04-01"}, "publisher")
    assert refused.status_code == 422
    assert {one["rule"] for one in refused.json["detail"]["breaches"]} == {"visits_reason", "depth_visits"}
    assert number(city, guide.code) == 1


def test_a_dry_run_of_a_draft_only_says_what_is_wrong(city: Desk, guide: Guide):
    answer = put_draft(city, values(guide, visits=1), dry_run=True)
    assert (answer.json["dry_run"], len(answer.json["breaches"])) == (True, 2)
    assert len(spans(city, guide.code)) == 1


def test_two_people_do_not_write_over_each_others_draft(city: Desk, guide: Guide):
    assert put_draft(city, values(guide, short_name="甲"), if_edits=0).json["edits"] == 1
    assert put_draft(city, values(guide, short_name="乙"), if_edits=0).status_code == 409
    assert put_draft(city, values(guide, short_name="乙"), if_edits=1).json["edits"] == 2
    assert spans(city, guide.code)[1][0] == "draft"


def test_a_draft_is_seen_by_publishers_only(city: Desk, guide: Guide):
    put_draft(city, values(guide))
    assert len(city.get(f"/guides/{guide.code}/versions", None).json["versions"]) == 1
    assert city.get(f"/guides/{guide.code}/versions/2", None).status_code == 403
    assert city.get(f"/guides/{guide.code}/versions/2", "kiosk").status_code == 403
    assert city.get(f"/guides/{guide.code}/versions/2", "publisher").status_code == 200


def test_those_who_work_on_guides_see_every_version_of_all(city: Desk, guide: Guide):
    new = values(guide, code=guide.code[:-3] + "001", name="社会保险变更登记", effective_from=None)
    assert put_draft(city, new).status_code == 200
    found = city.get("/guides/versions", "publisher").json["guides"]
    seen = {one["name"]["zh"]: [version["status"] for version in one["versions"]] for one in found}
    assert seen["社会保险变更登记"] == ["draft"]
    assert seen[guide.name] == ["published"]
    assert len(seen) == 4
    assert city.get(f"/guides/{new['code']}", None).status_code == 404


def test_a_version_that_overlaps_is_refused_with_words(city: Desk, guide: Guide):
    assert publish(city, values(guide), "2026-04-01", effective_to="2026-12-31").status_code == 200
    answer = publish(city, values(guide), "2026-12-31")
    assert answer.status_code == 409
    assert "overlaps version 2 (2026-04-01 – 2026-12-31)" in answer.json["message"]
    assert "第 2 版" in answer.json["detail"]["zh"]
    assert publish(city, values(guide, short_name="好"), "2027-01-01").status_code == 200


def test_a_later_version_cannot_begin_in_the_past(city: Desk, guide: Guide):
    answer = publish(city, values(guide), "2026-03-01")
    assert answer.status_code == 422
    assert "is over" in answer.json["message"]
    assert city.post(f"/guides/{guide.code}/publish", {"effective_from": TODAY}, "publisher").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "社\x00保"}, "name"),
        ({"name": "x" * 301}, "name"),
        ({"aliases": "社保"}, "aliases"),
        ({"colour": "red"}, "colour"),
        ({"effective_from": "tomorrow"}, "effective_from"),
        ({"materials": [{"name": "表", "copies": -1}]}, "materials.0.copies"),
    ],
)
def test_what_is_no_guide_is_refused_with_its_path(city: Desk, guide: Guide, changes: dict[str, Any], field: str):
    answer = put_draft(city, values(guide, **changes), key="k")
    assert answer.status_code == 422
    assert any(fault.startswith(field) for fault in answer.json["detail"]["faults"])


def test_a_title_of_68_characters_and_19_materials_are_published(city: Desk, guide: Guide):
    title = "从事企业职工基本养老保险、失业保险、工伤保险等社会保险业务的用人单位（含个体工商户）"
    title += "首次办理社会保险参保登记、变更登记与注销登记（含跨地区转入）"
    assert len(title) >= 68
    many = [guide.materials[0].model_dump(mode="json") | {"name": f"材料第 {n} 号"} for n in range(19)]
    assert publish(city, values(guide, name=title, materials=many), TODAY).status_code == 200
    shown = city.get(f"/guides/{guide.code}", None).json["guide"]
    assert (shown["name"], len(shown["materials"])) == (title, 19)


# -- a county's own ---------------------------------------------------------------------------------------------------


def put_place(city: Desk, code: str, area: str, start: str, **place: Any) -> Any:
    body = {"place": place, "effective_from": start}
    headers = city.headers("publisher", uuid.uuid4().hex)
    return city.client.put(f"/api/v1/guides/{code}/places/{area}", json=body, headers=headers)


def test_a_township_adds_where_it_does_it_and_changes_nothing_else(city: Desk, guide: Guide):
    own = {"name": "松林乡便民服务中心", "windows": [1], "enquiry": "0900-5554310", "complaint": "0900-5553119"}
    assert put_place(city, guide.code, "songlin", TODAY, **own).status_code == 200
    changes = city.get(f"/guides/{guide.code}/diff?old=1&new=2", "publisher").json["differences"]
    assert [one["path"] for one in changes] == ["effective_from", "places.songlin"]
    moved = put_place(city, guide.code, "qingxi", "2026-03-09", **own | {"enquiry": "0900-5552110"})
    assert moved.json["number"] == 3
    shown = city.get(f"/guides/{guide.code}/versions/3", None).json["guide"]["places"]
    assert [one["area"] for one in shown] == ["linjiang", "qingxi", "yunshan", "hekou", "songlin"]


@pytest.mark.parametrize(
    ("area", "place", "status"),
    [
        ("atlantis", {"name": "海底", "enquiry": "0900-1234567", "complaint": "0900-1234568"}, 422),
        ("qingxi", {"name": "清溪", "enquiry": "12345", "complaint": "0900-1234568"}, 422),
        ("qingxi", {"name": "清溪", "promised": 1}, 422),  # the standard is not its to change
        ("qingxi", {}, 422),
    ],
)
def test_a_place_that_is_none_is_refused(city: Desk, guide: Guide, area: str, place: dict[str, Any], status: int):
    assert put_place(city, guide.code, area, TODAY, **place).status_code == status
    assert len(spans(city, guide.code)) == 1


def test_a_place_waits_while_the_city_drafts(city: Desk, guide: Guide):
    put_draft(city, values(guide))
    own = {"name": "清溪", "enquiry": "0900-1234567", "complaint": "0900-1234568"}
    assert put_place(city, guide.code, "qingxi", TODAY, **own).status_code == 409


# -- retire, review, missed searches ----------------------------------------------------------------------------------


def test_a_retired_guide_is_gone_from_that_day_and_stays_readable(city: Desk, guide: Guide):
    publish(city, values(guide), "2026-05-01")
    answer = city.post(f"/guides/{guide.code}/retire", {"on": "2026-04-01", "reason": "并入一件事"}, "publisher")
    assert answer.status_code == 200
    # version 2 would have begun after that day: it never does
    assert spans(city, guide.code) == [("retired", "2025-01-01", "2026-03-31"), ("retired", "2026-05-01", "2026-04-30")]
    assert number(city, guide.code) == 1
    set_clock(city, 2026, 5, 2)
    gone = city.get(f"/guides/{guide.code}", None)
    assert (gone.status_code, "no longer in force" in gone.json["message"]) == (404, True)
    assert city.get(f"/guides/{guide.code}/versions/1", None).status_code == 200
    again = city.post(f"/guides/{guide.code}/retire", {"on": "2026-06-01", "reason": "再次"}, "publisher")
    assert again.status_code == 409
    assert publish(city, values(guide), "2026-06-01").json["number"] == 3


def test_the_superseded_version_holds_on_if_the_next_is_retired_before_it_began(city: Desk, guide: Guide):
    publish(city, values(guide), "2026-05-01")
    city.post(f"/guides/{guide.code}/retire", {"on": "2026-05-01", "reason": "不改了"}, "publisher")
    assert spans(city, guide.code)[0] == ("superseded", "2025-01-01", "2026-04-30")  # until then, as was announced


def test_what_is_due_comes_the_longest_overdue_first_and_goes_when_it_was_looked_over(city: Desk, guide: Guide):
    assert city.get("/guides/due", "publisher").json["due"] == []  # published today
    set_clock(city, 2026, 5, 25)
    due = city.get("/guides/due?within=10", "publisher").json["due"]
    assert {(one["kind"], one["on"], one["overdue"]) for one in due} == {("process", "2026-06-02", False)}
    set_clock(city, 2026, 9, 10)
    due = city.get("/guides/due", "publisher").json["due"]
    assert [one["kind"] for one in due] == ["process"] * 3 + ["standard"] * 3
    body = {"kind": "standard", "verdict": "keep", "reason": "与现行规定一致"}
    assert city.post(f"/guides/{guide.code}/reviews", body, "publisher").status_code == 201
    left = city.get("/guides/due", "publisher").json["due"]
    assert (guide.code, "standard") not in [(one["code"], one["kind"]) for one in left]
    assert len(left) == 5
    set_clock(city, 2027, 3, 11)
    again = [one for one in city.get("/guides/due", "publisher").json["due"] if one["code"] == guide.code]
    assert {one["kind"]: (one["last"] or {}).get("verdict") for one in again} == {"process": None, "standard": "keep"}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "standard", "verdict": "keep", "reason": ""},
        {"kind": "standard", "verdict": "maybe", "reason": "x"},
        {"kind": "colour", "verdict": "keep", "reason": "x"},
        {"kind": "standard", "verdict": "keep", "reason": "a\x1bb"},
    ],
)
def test_a_review_without_reason_or_meaning_is_refused(city: Desk, guide: Guide, body: dict[str, str]):
    assert city.post(f"/guides/{guide.code}/reviews", body, "publisher").status_code == 422


def test_searches_that_found_nothing_are_counted_and_say_nothing_of_who_asked(city: Desk):
    for words in (
        "怎么办 护照",
        "怎么办　护照 ",
        "找张三 13800138000",
        "110101 19900307 7715",
        "a@b.cn",
        "😀" * 100,
        " ",
        "\x00",
    ):
        assert city.post("/guides/searches", {"words": words}, "kiosk").status_code == 200
    found = city.get("/guides/searches", "publisher").json["searches"]
    assert [(one["words"], one["count"]) for one in found] == [("怎么办 护照", 2), ("😀" * 40, 1)]
    assert "13800138000" not in repr([row for name, row in city.dump() if name.startswith("guide")])


def test_a_search_nobody_repeats_for_a_year_is_forgotten(city: Desk):
    city.post("/guides/searches", {"words": "领取消费券"}, "kiosk")
    city.clock.pass_(days=367)
    city.post("/guides/searches", {"words": "办港澳通行证"}, "kiosk")
    found = city.get("/guides/searches", "publisher").json["searches"]
    assert [one["words"] for one in found] == ["办港澳通行证"]


# -- log, diff --------------------------------------------------------------------------------------------------------


def test_every_change_is_in_the_log_with_who_and_what(city: Desk, guide: Guide):
    publish(city, values(guide, fee=True, fee_standard="10 元", fee_basis="临江市价目表"), "2026-04-01")
    city.post(
        f"/guides/{guide.code}/reviews", {"kind": "process", "verdict": "revise", "reason": "改为两步"}, "publisher"
    )
    city.post(f"/guides/{guide.code}/retire", {"on": "2026-06-01", "reason": "取消"}, "publisher")
    changes = city.get(f"/guides/{guide.code}/changes", "publisher").json["changes"]
    assert [one["type"] for one in changes] == [
        "guide.published",
        "guide.drafted",
        "guide.published",
        "guide.reviewed",
        "guide.retired",
    ]
    assert changes[0]["actor"] == "hall"
    assert all(one["actor"].startswith("publisher/") for one in changes[1:])
    assert changes[1]["facts"]["changed"] == ["fee", "fee_standard", "fee_basis"]
    assert changes[2]["facts"]["content"]["fee_standard"] == "10 元"
    with city.store.read() as reading:
        assert stored.verify(reading) == stored.LogCheck(8, "")  # tables, three guides, these four


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ("UPDATE guide_changes SET payload = replace(payload, '社', '杜') WHERE seq = 2", "change 2 was changed"),
        ("DELETE FROM guide_changes WHERE seq = 3", "change 3 is missing"),
        ("DELETE FROM guide_changes WHERE seq = 4", "the log ends at change 3, the catalogue at 4"),
    ],
)
def test_a_log_that_was_tampered_with_is_found_out(city: Desk, slip: str, words: str):
    city.store.run(stored.CATALOGUE, lambda tx: tx.connection.execute(slip.encode() if city.url else slip))
    with city.store.read() as reading:
        assert words in stored.verify(reading).fault


def test_the_difference_of_two_versions_is_told_field_by_field(city: Desk, guide: Guide):
    publish(city, values(guide, promised={"number": 3, "unit": "working_day", "note": "含公示"}), "2026-04-01")
    answer = city.get(f"/guides/{guide.code}/diff?old=1&new=2", "publisher").json
    assert [one["path"] for one in answer["differences"]] == ["effective_from", "promised.note"]
    assert answer["differences"][1]["pieces"] == [["+", "含公示"]]
    assert city.get(f"/guides/{guide.code}/diff?old=1&new=9", "publisher").status_code == 404


def test_a_repeated_request_publishes_once(city: Desk, guide: Guide):
    put_draft(city, values(guide))
    first = city.post(f"/guides/{guide.code}/publish", {"effective_from": "2026-04-01"}, "publisher", key="same")
    again = city.post(f"/guides/{guide.code}/publish", {"effective_from": "2026-04-01"}, "publisher", key="same")
    assert (first.json, len(spans(city, guide.code))) == (again.json, 2)


def test_without_a_catalogue_the_server_says_how_to_get_one(desk: Desk):
    answer = desk.get("/guides", None)
    assert (answer.status_code, "guides import" in answer.json["message"]) == (404, True)
    assert desk.get(f"/halls/{HALL}").status_code == 200
