"""What everybody may read: lists, a guide with its queue, the whole catalogue, files; and imports of files."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import date
from typing import Any

import pytest

from queue_server.guides.links import link
from queue_server.guides.model import Guide, Place, Tables
from queue_server.guides.transfer import csv_text, json_text
from tests.queue_server.helpers import HALL, Desk, demo_hall

TODAY = "2026-03-02"


def names(city: Desk, query: str = "") -> list[str]:
    return [one["name"]["en"] for one in city.get(f"/guides{query}", None).json["guides"]]


def send(city: Desk, data: bytes, kind: str = "csv", role: str = "publisher", **more: Any) -> Any:
    body = {"format": kind, "content": base64.b64encode(data).decode(), **more}
    return city.post("/guides/import", body, role)


# -- lists ------------------------------------------------------------------------------------------------------------


def test_guides_are_listed_by_name_and_page(city: Desk):
    whole = city.get("/guides", None).json
    assert (whole["total"], whole["day"]) == (3, TODAY)
    assert [one["version"] for one in whole["guides"]] == [1, 1, 1]
    assert names(city, "?limit=2") + names(city, "?limit=2&offset=2") == names(city)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?theme=social_security", 3),
        ("?theme=tax", 0),
        ("?audience=company", 1),
        ("?audience=person&life_event=job", 2),
        ("?department=social&life_event=hardship", 1),
        ("?area=qingxi", 3),
        ("?area=songlin", 0),
        (f"?hall={HALL}&line=social", 3),
        (f"?hall={HALL}&line=tax", 0),
        ("?hall=elsewhere", 0),
    ],
)
def test_a_list_is_narrowed_by_every_kind_of_code(city: Desk, query: str, found: int):
    assert len(names(city, query)) == found


@pytest.mark.parametrize("query", ["?theme=A'--", "?limit=0", "?limit=501", "?offset=-1", "?colour=red"])
def test_a_question_that_makes_no_sense_is_refused(city: Desk, query: str):
    assert city.get(f"/guides{query}", None).status_code == 422


@pytest.mark.parametrize("code", ["x", "'; DROP TABLE guide_versions", "1" * 500])
def test_a_guide_that_is_not_there_is_not_found(city: Desk, code: str):
    for path in (f"/guides/{code}", f"/guides/{code}/versions", f"/guides/{code}/versions/1"):
        assert city.get(path, None).status_code == 404
    assert city.get("/guides", None).json["total"] == 3


# -- a guide and the queue --------------------------------------------------------------------------------------------


def test_a_guide_names_its_line_and_the_windows_that_do_it(city: Desk, guide: Guide):
    city_hall, qingxi = city.get(f"/guides/{guide.code}", None).json["places"][:2]
    assert city_hall["queue"] == {
        "id": "social",
        "letter": "A",
        "name": {"zh": "社会保障", "en": "Social security"},
        "open": True,
    }
    assert (city_hall["ticket_item"], city_hall["served_at"]) == ("employee-enrolment", [1, 2, 3, 4, 8])
    assert (qingxi["queue"], qingxi["ticket_item"], qingxi["served_at"]) == (None, None, [5, 6])


@pytest.mark.parametrize("change", [{"lines": {"social": {"retired": True}}}, {"items": {"employee-enrolment": None}}])
def test_a_guide_whose_line_is_gone_is_shown_without_a_ticket(city: Desk, guide: Guide, change: dict[str, Any]):
    city.settle(**change)
    shown = city.get(f"/guides/{guide.code}", None)
    assert shown.status_code == 200
    place = shown.json["places"][0]
    assert (place["queue"], place["ticket_item"], place["served_at"]) == (None, None, [])


def test_a_line_that_is_closed_for_today_is_named_as_closed(city: Desk, guide: Guide):
    city.settle(lines={"social": {"open": False}})
    assert city.get(f"/guides/{guide.code}", None).json["places"][0]["queue"]["open"] is False


def test_a_place_may_name_a_line_without_an_item_and_windows_of_its_own():
    halls = {HALL: demo_hall()}
    found = link(Place(area="linjiang", name="大厅", hall=HALL, line="tax", windows=(9, 77)), halls)
    assert (found.line and found.line.id, found.item, found.windows) == ("tax", None, (9,))


# -- the whole catalogue ----------------------------------------------------------------------------------------------


def test_a_terminal_fetches_the_catalogue_once_until_something_changes(city: Desk, guide: Guide):
    first = city.get("/guides/catalogue", "kiosk")
    assert len(first.json["guides"]) == 3
    assert first.json["tables"]["themes"]["tax"]["zh"] == "税费缴纳"
    tag = {"If-None-Match": first.headers["ETag"]}
    assert city.client.get("/api/v1/guides/catalogue", headers=tag).status_code == 304
    city.settle(lines={"social": {"open": False}})  # a place looks different now
    assert city.client.get("/api/v1/guides/catalogue", headers=tag).status_code == 200
    city.post(f"/guides/{guide.code}/retire", {"on": TODAY, "reason": "取消"}, "publisher")
    assert len(city.get("/guides/catalogue", "kiosk").json["guides"]) == 2


def test_the_tables_are_public(city: Desk, tables: Tables):
    assert city.get("/guides/tables", None).json == tables.model_dump(mode="json")


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_was_exported_changes_nothing_when_it_is_imported(city: Desk, kind: str):
    data = city.get(f"/guides/export?format={kind}", None).data
    answer = send(city, data, kind)
    assert answer.status_code == 200
    assert {name: len(answer.json[name]) for name in ("added", "changed", "unchanged", "faults")} == {
        "added": 0,
        "changed": 0,
        "unchanged": 3,
        "faults": 0,
    }


def test_a_file_adds_and_changes_in_one_go(city: Desk, three: list[Guide]):
    new = three[0].model_copy(update={"code": three[0].code[:-3] + "001", "name": "社会保险变更登记"})
    other = three[1].model_copy(update={"change_note": "更快", "effective_from": date.fromisoformat("2026-04-01")})
    data = csv_text([three[2], other, new]).encode("gb18030")
    dry = send(city, data, dry_run=True).json
    assert (dry["done"], dry["added"], dry["changed"], dry["unchanged"]) == (
        False,
        [new.code],
        [other.code],
        [three[2].code],
    )
    assert city.get("/guides", None).json["total"] == 3
    done = send(city, data)
    assert (done.status_code, done.json["done"]) == (200, True)
    assert city.get("/guides", None).json["total"] == 4
    assert len(city.get(f"/guides/{other.code}/versions", None).json["versions"]) == 2


def test_one_bad_row_keeps_all_of_it_out_and_is_named(city: Desk, three: list[Guide]):
    good = three[0].model_copy(update={"code": three[0].code[:-3] + "001"})
    no_reason = three[1].model_copy(update={"code": three[1].code[:-3] + "001", "visits": 1, "online_depth": ""})
    overlaps = three[2].model_copy(update={"effective_from": date.fromisoformat("2024-12-31"), "change_note": "早一天"})
    answer = send(city, csv_text([good, no_reason, overlaps, good]).encode())
    assert answer.status_code == 409
    told = [(one["row"], one["column"], one["rule"]) for one in answer.json["detail"]["faults"]]
    assert told == [(3, "visits_reason", "visits_reason"), (4, "effective_from", "past"), (5, "code", "twice")]
    assert "要到现场 1 次" in answer.json["detail"]["faults"][0]["zh"]
    assert city.get("/guides", None).json["total"] == 3


def test_a_row_that_overlaps_a_version_is_named(city: Desk, guide: Guide):
    coming = guide.model_copy(update={"effective_from": date.fromisoformat("2026-05-01"), "change_note": "甲"})
    assert send(city, json_text([coming]).encode(), "json").status_code == 200
    (fault,) = send(
        city, json_text([coming.model_copy(update={"change_note": "乙"})]).encode(), "json", dry_run=True
    ).json["faults"]
    assert (fault["row"], fault["column"], fault["rule"]) == (1, "effective_from", "overlap")
    assert "第 2 版" in fault["zh"]


def test_as_drafts_what_breaks_rules_comes_in_and_is_noted(city: Desk, three: list[Guide]):
    bad = three[0].model_copy(update={"code": three[0].code[:-3] + "001", "promised": None, "effective_from": None})
    done = send(city, json_text([bad]).encode(), "json", as_drafts=True)
    assert (done.status_code, done.json["done"]) == (200, True)
    assert [(one["row"], one["rule"]) for one in done.json["notes"]] == [(1, "promised")]
    assert city.get(f"/guides/{bad.code}", None).status_code == 404
    # and a published import does not run over it
    again = send(
        city,
        json_text([bad.model_copy(update={"effective_from": date.fromisoformat(TODAY)})]).encode(),
        "json",
        dry_run=True,
    )
    assert {one["rule"] for one in again.json["faults"]} == {"promised", "draft_open"}


def test_a_file_may_bring_other_tables(city: Desk, tables: Tables, guide: Guide):
    values = tables.model_dump(mode="json")
    values["types"]["public_service"]["code"] = "21"  # as in Guangdong
    there = guide.code[:21] + "21" + guide.code[23:]
    data = json_text([guide.model_copy(update={"code": there})]).encode()
    assert [one["rule"] for one in send(city, data, "json", dry_run=True).json["faults"]] == ["code_type"]
    assert send(city, data, "json", tables=values).status_code == 200
    assert city.get("/guides/tables", None).json["types"]["public_service"]["code"] == "21"


@pytest.mark.parametrize(
    "body",
    [
        {"format": "csv", "content": "not base64!"},
        {"format": "xls", "content": ""},
        {"format": "json", "content": "", "tables": {"types": {}}},
        {},
    ],
)
def test_a_request_that_is_no_import_is_refused(city: Desk, body: dict[str, Any]):
    assert city.post("/guides/import", body, "publisher").status_code == 422


@pytest.mark.parametrize("role", ["kiosk", "window", "auditor", "display"])
def test_guides_are_changed_by_publishers_only(city: Desk, guide: Guide, role: str):
    assert send(city, b"{}", "json", role).status_code == 403
    path = f"/api/v1/guides/{guide.code}/draft"
    headers = city.headers(role, uuid.uuid4().hex)
    assert city.client.put(path, data=json.dumps({"guide": {}}), headers=headers).status_code == 403
