"""A manager changes the settings while the hall is open: in use at once, all or nothing, nobody who is here is lost."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import load_hall
from config.writer import hall_toml
from queue_server import settings
from queue_server.domain.errors import Conflict
from queue_server.store.log import verify
from tests.queue_server.helpers import CONFIG, HALL, MONDAY_TEN, Clock, Desk, demo_hall

SETTINGS = f"/halls/{HALL}/settings"


def put(desk: Desk, body: dict[str, Any], role: str = "manager", key: str = "k") -> Any:
    return desk.client.put(f"/api/v1{SETTINGS}", json=body, headers=desk.headers(role, key))


def held(desk: Desk) -> tuple[int, dict[str, Any]]:
    answer = desk.get(SETTINGS, "manager").json
    return answer["version"], answer["settings"]


def hall(desk: Desk) -> Any:
    return desk.get(f"/halls/{HALL}", "kiosk").json


def ids(entries: list[dict[str, Any]], name: str = "id") -> list[Any]:
    return [entry[name] for entry in entries]


# -- reading and replacing --------------------------------------------------------------------------------------------


def test_the_whole_hall_is_read_and_put_back(desk: Desk):
    version, whole = held(desk)
    assert (version, whole) == (1, demo_hall().model_dump(mode="json"))
    answer = put(desk, {"settings": whole, "if_version": 1})
    assert answer.json == {"version": 1, "dry_run": False, "changed": [], "notes": []}
    whole["phone"] = "12345"
    whole["lines"].reverse()
    answer = put(desk, {"settings": whole, "if_version": 1}, key="k2")
    assert [one["path"] for one in answer.json["changed"]] == ["phone", "lines (order)"]
    assert held(desk) == (2, whole)
    assert hall(desk)["phone"] == "12345"
    assert desk.types() == ["hall.created", "settings.changed"]  # what changes nothing is no event


def test_a_change_is_an_event_with_version_old_and_new(desk: Desk):
    desk.settle(lines={"social": {"name": {"zh": "社保"}, "open": False}}, rules={"recall_gap": 20})
    event = desk.events()[-1]
    assert event["type"] == "settings.changed"
    assert event["actor"].startswith("manager/")
    assert event["reason"] == {
        "version": 2,
        "changed": [
            {"path": "rules.recall_gap", "old": 30, "new": 20},
            {"path": "lines.social.name.zh", "old": "社会保障", "new": "社保"},
            {"path": "lines.social.open", "old": True, "new": False},
        ],
    }
    with desk.store.read() as reading:
        assert verify(reading, HALL).fault == ""


def test_a_dry_run_says_it_all_and_changes_nothing(desk: Desk):
    before = held(desk)
    answer = desk.settings({"phone": "1", "windows": {"13": {"lines": ["tax"]}}}, dry_run=True)
    assert [(one["path"], one["old"]) for one in answer.json["changed"]] == [
        ("phone", "0900-5550101"),
        ("windows.13", None),
    ]
    assert answer.json["dry_run"] is True
    assert held(desk) == before
    assert desk.types() == ["hall.created"]


def test_whoever_knew_an_older_version_is_told(desk: Desk):
    version, whole = held(desk)
    desk.settle(phone="1")
    whole["phone"] = "2"
    answer = put(desk, {"settings": whole, "if_version": version})
    assert answer.status_code == 409
    assert "somebody else changed the settings meanwhile" in answer.json["message"]
    assert answer.json["detail"]["version"] == 2
    assert desk.settings({"phone": "2"}, if_version=1).status_code == 409
    assert desk.settings({"phone": "2"}, if_version=2).status_code == 200
    assert put(desk, {"settings": whole}, key="none").status_code == 422  # a whole replacement must say of what


def test_a_repeated_change_is_one_change(desk: Desk):
    first = desk.settings({"phone": "1"}, key="same")
    desk.settle(phone="2")
    again = desk.settings({"phone": "1"}, key="same")
    assert (again.json, held(desk)[1]["phone"]) == (first.json, "2")
    assert desk.settings({"phone": "3"}, key="same").status_code == 422
    assert (
        desk.client.patch(f"/api/v1{SETTINGS}", json={"changes": {}}, headers=desk.headers("manager")).status_code
        == 400
    )


def test_a_big_hall_fits(desk: Desk):
    items = {f"item-{n}": {"line": "social", "name": {"zh": "办理事项" * 10, "en": "x" * 60}} for n in range(600)}
    assert len(json.dumps({"changes": {"items": items}})) > 100_000
    desk.settle(items=items)
    version, whole = held(desk)
    assert put(desk, {"settings": whole | {"phone": "9"}, "if_version": version}).status_code == 200


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rules": {"home_tolerance": -1}}, "rules.home_tolerance: expected at least 0, found -1"),
        ({"rules": {"recal_gap": 1}}, "rules.recal_gap: unknown key; did you mean 'recall_gap'?"),
        ({"rules": {"recall_gap": "20"}}, "rules.recall_gap: expected a whole number, found '20'"),
        ({"rules": 3}, "rules: expected a table"),
        ({"lines": {"social": {"letter": "aa"}}}, "lines.social.letter: expected text of the form ^[A-Z]$, found 'aa'"),
        ({"lines": {"social": {"letter": "B"}}}, "line letter B stands twice"),
        ({"lines": {"social": {"nam": 1}}}, "lines.social.nam: unknown key; did you mean 'name'?"),
        ({"lines": {"social": None}}, "items.employee-enrolment.line: no line is called 'social'"),
        ({"lines": {"socail": None}}, "lines.socail: there is none to take away"),
        ({"lines": {"social": 1}}, "lines.social: expected an object of what changes"),
        ({"lines": {"new": {"letter": "N", "name": {"zh": "新"}}}}, "lines.new: no window serves it"),
        ({"lines": {"Bad Id": {"letter": "N", "name": {"zh": "新"}}}}, "lines.Bad Id.id: expected text of the form"),
        ({"lines": []}, "lines: expected at least 1 entry"),
        ({"lines": None}, "lines: this key is required"),
        ({"windows": {"10": {"lines": []}}}, "windows.10.lines: expected at least 1 entry"),
        ({"windows": {"10": {"lines": ["nowhere"]}}}, "windows.10.lines: no line is called 'nowhere'"),
        ({"windows": {"ten": {"lines": ["tax"]}}}, "windows.ten.no: expected a whole number, found 'ten'"),
        ({"windows": {"9" * 5000: {"lines": ["tax"]}}}, ".no: expected a whole number"),
        ({"windows": {"0": {"lines": ["tax"]}}}, "windows.0.no: expected at least 1, found 0"),
        ({"windows": {"010": {"lines": ["tax"]}}}, "window no 10 stands twice"),
        ({"items": {"new": {"name": {"zh": "新"}}}}, "items.new.line: this key is required"),
        ({"classes": {"walk_in": None}}, "classes.walk_in: every hall has walk-in tickets"),
        ({"classes": {"walk_in": {"retired": True}}}, "classes.walk_in: every hall has walk-in tickets"),
        ({"classes": {"elderly": {"credit": 999}}}, "classes.elderly.credit: expected at most 240, found 999"),
        ({"classes": {"vip": {"name": {"zh": "贵宾"}}}}, "classes.vip"),
        ({"hours": []}, "hours: expected at least 1 entry"),
        ({"hours": [{"days": ["mon"], "open": "9", "close": "17:00"}]}, "hours.0.open: "),
        ({"holidays": ["next monday"]}, "holidays.0: "),
        ({"time_zone": "Mars/Olympus"}, "time_zone: expected a time zone such as Asia/Shanghai"),
        ({"notices": [{"zh": ""}]}, "notices.0.zh: expected at least 1 character(s)"),
        ({"id": "elsewhere"}, "id: this hall is 'linjiang'; its id is in every address and stays"),
        ({"nmae": {"zh": "x"}}, "nmae: unknown key; did you mean 'name'?"),
        ({"phone": "\ud800"}, "surrogate"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_makes_no_hall_is_refused_in_words(desk: Desk, changes: dict[str, Any], words: str):
    for dry_run in (True, False):
        answer = desk.settings(changes, dry_run=dry_run)
        assert (answer.status_code, answer.json["error"]) == (422, "unprocessable"), answer.json
        assert words in answer.json["message"]
    assert held(desk)[0] == 1
    assert desk.types() == ["hall.created"]


def test_every_fault_is_named_at_once(desk: Desk):
    answer = desk.settings({"rules": {"home_tolerance": -1}, "windows": {"3": {"zone": "?"}}})
    assert [fault.split(":")[0] for fault in answer.json["detail"]["faults"]] == [
        "rules.home_tolerance",
        "windows.3.zone",
    ]


@pytest.mark.parametrize("body", [b"[]", b"{", b"", b'{"changes": []}', b'{"changes": {}, "dryrun": true}', b"nul"])
def test_a_body_that_cannot_be_read(desk: Desk, body: bytes):
    for method in ("put", "patch"):
        answer = getattr(desk.client, method)(f"/api/v1{SETTINGS}", data=body, headers=desk.headers("admin", "k"))
        assert answer.status_code in (400, 422), (method, answer.json)
        assert answer.json["message"]


# -- in use at once ---------------------------------------------------------------------------------------------------


def test_a_closed_or_retired_line_gives_no_numbers_at_once(desk: Desk):
    desk.settle(lines={"police": {"open": False}})
    refused = desk.post(f"/halls/{HALL}/tickets", {"item": "passport"})
    assert (refused.status_code, "gives no numbers now" in refused.json["message"]) == (409, True)
    assert [line["open"] for line in desk.board()["lines"] if line["id"] == "police"] == [False]
    desk.settle(lines={"police": {"open": True, "retired": True}})
    assert "no longer offered" in desk.post(f"/halls/{HALL}/tickets", {"item": "passport"}).json["message"]
    assert "police" not in ids(hall(desk)["lines"])
    assert "police" not in ids(desk.board()["lines"])
    assert "passport" in ids(hall(desk)["past"]["items"])
    desk.settle(lines={"police": {"retired": False}})
    assert desk.issue("passport")["number"] == "F001"


def test_a_retired_item_class_or_window_is_offered_nowhere_at_once(desk: Desk):
    """Cases 21, 22: not offered anywhere, and nothing breaks that names it."""
    desk.settle(
        items={"passport": {"retired": True}}, classes={"elderly": {"retired": True}}, windows={"10": {"retired": True}}
    )
    now = hall(desk)
    assert "passport" not in [item["id"] for line in now["lines"] for item in line["items"]]
    assert "elderly" not in ids(now["classes"])
    assert 10 not in ids(now["windows"], "no")
    assert [ids(now["past"][kind]) for kind in ("lines", "items", "classes")] == [[], ["passport"], ["elderly"]]
    assert desk.post(f"/halls/{HALL}/tickets", {"item": "passport"}).status_code == 409
    assert desk.post(f"/halls/{HALL}/tickets", {"item": "id-card", "class": "elderly"}).status_code == 409
    assert desk.window(10, "open").status_code == 409


def test_new_and_renamed_things_are_there_at_once(desk: Desk):
    desk.settle(
        lines={"licence": {"letter": "L", "name": {"zh": "驾照", "en": "Licences"}}, "tax": {"name": {"zh": "办税"}}},
        items={"licence-renewal": {"line": "licence", "name": {"zh": "换证"}}},
        windows={"13": {"zone": "D", "lines": ["licence"]}},
        classes={"serviceman": None},
        notices=[{"zh": "今天人多"}],
        holidays=["2026-03-03"],
    )
    now = hall(desk)
    assert now["lines"][-1]["items"] == [{"id": "licence-renewal", "name": {"zh": "换证", "en": ""}}]
    assert {"zh": "办税", "en": "Tax"} in [line["name"] for line in now["lines"]]  # an object is merged
    assert (now["notices"], now["hours"]["holidays"]) == ([{"zh": "今天人多", "en": ""}], ["2026-03-03"])
    assert desk.issue("licence-renewal")["number"] == "L001"
    desk.window(13, "open")
    assert desk.window(13, "next").json["ticket"]["zone"] == "D"


def test_rules_count_from_the_next_command_on(desk: Desk, clock: Clock):
    desk.issue()
    desk.window(10, "open")
    desk.window(10, "next")
    assert desk.window(10, "recall").status_code == 409
    desk.settle(rules={"recall_gap": 5, "calls_before_missed": 2})
    clock.pass_(seconds=6)
    assert desk.window(10, "recall").status_code == 200
    assert desk.window(10, "miss").status_code == 200


def test_what_a_window_serves_counts_for_the_next_call_and_for_the_clerks_count(desk: Desk):
    desk.issue("invoice")
    desk.issue("passport")
    desk.window(10, "open")
    seen = desk.get(f"/halls/{HALL}/windows/10").json
    assert (seen["callable"], seen["coming"]["oldest"]) == (1, "F001")
    desk.settle(windows={"10": {"lines": ["tax", "police"], "home_field": "business"}})
    seen = desk.get(f"/halls/{HALL}/windows/10").json
    assert (seen["callable"], seen["lines"]) == (2, ["tax", "police"])
    assert desk.window(10, "next").json["ticket"]["number"] == "E001"
    desk.settle(windows={"10": {"lines": ["general"]}})
    assert desk.get(f"/halls/{HALL}/windows/10").json["callable"] == 0
    assert desk.window(10, "next", finish_current=True).status_code == 204


def test_credits_count_for_new_tickets_only(desk: Desk, clock: Clock):
    before = desk.issue(**{"class": "elderly"})
    answer = desk.settle(classes={"elderly": {"credit": 60}})
    assert answer["notes"] == [
        "a new credit counts for tickets taken from now on; tickets already taken keep their place"
    ]
    assert desk.get(f"/tickets/{before['id']}").json["key"] == before["key"]
    clock.pass_(minutes=1)
    after = desk.issue(**{"class": "elderly"})
    issued, key = (datetime.fromisoformat(after[name]) for name in ("issued_at", "key"))
    assert issued - key == timedelta(minutes=60)


# -- people who are here ----------------------------------------------------------------------------------------------


def test_who_waits_in_a_retired_line_is_still_called(desk: Desk):
    ticket = desk.issue()
    answer = desk.settle(lines={"police": {"retired": True}})
    assert answer["notes"] == [
        "lines.police: gives no new numbers; 1 ticket (F001) will still be called, by window 8, 10, 11, 12"
    ]
    assert desk.get(f"/halls/{HALL}/windows/10").json["callable"] == 1
    assert desk.get(f"/tickets/{ticket['id']}", None).json["zone"] == "C"
    assert "户" in desk.client.get(f"/t/{ticket['id']}").text
    desk.window(10, "open")
    assert desk.window(10, "next").json["ticket"]["number"] == "F001"


def test_nobody_who_waits_is_left_without_a_window(desk: Desk):
    for _ in range(7):
        desk.issue()
    without = {str(no): {"retired": True} for no in (8, 10, 11, 12)}
    answer = desk.settings({"lines": {"police": {"retired": True}}, "windows": without})
    assert answer.status_code == 409
    assert answer.json["message"].startswith(
        "lines.police: 7 tickets (F001, F002, F003, F004, F005 …) would wait for no"
    )
    assert len(answer.json["detail"]["tickets"]) == 7
    assert held(desk)[0] == 1
    del without["10"]
    desk.settle(lines={"police": {"retired": True}}, windows=without)
    desk.window(10, "open")
    for _ in range(7):
        assert desk.window(10, "next", finish_current=True).status_code == 200
    desk.window(10, "start")
    desk.window(10, "finish")
    desk.settle(windows={"10": {"retired": True}})


def test_a_window_with_a_citizen_is_not_taken_away(desk: Desk):
    desk.issue()
    desk.window(10, "open")
    desk.window(10, "next")
    for change in ({"retired": True}, None):
        answer = desk.settings({"windows": {"10": change}})
        assert answer.status_code == 409
        assert answer.json["message"] == "windows.10: ticket F001 is called there; finish it first"
    desk.window(10, "start")
    desk.window(10, "finish")
    answer = desk.settle(windows={"10": {"retired": True}})
    assert answer["notes"] == ["window 10 was open and is closed"]
    assert desk.types()[-2:] == ["settings.changed", "window.closed"]
    assert (desk.events()[-1]["window"], desk.events()[-1]["reason"]) == (10, {"settings": 2})
    desk.issue()
    seen = desk.get(f"/halls/{HALL}/windows/10").json
    assert (seen["state"], seen["callable"], seen["coming"]) == ("closed", 0, None)  # what it can call: nothing


def test_the_day_that_goes_on_does_not_end_by_other_settings(desk: Desk):
    desk.issue()
    answer = desk.settings({"time_zone": "Pacific/Kiritimati"})  # there it is Monday 16:00
    assert answer.status_code == 200
    desk.clock.at = MONDAY_TEN + timedelta(hours=5)
    desk.settle(time_zone="Asia/Shanghai")
    answer = desk.settings(
        {"time_zone": "Pacific/Kiritimati", "hours": [{"days": ["mon"], "open": "08:00", "close": "09:00"}]}
    )
    assert answer.status_code == 200  # 21:00, the same date
    desk.settle(time_zone="Asia/Shanghai")
    desk.clock.at = datetime(2026, 3, 2, 12, tzinfo=UTC)  # 20:00 in Shanghai, 02:00 on Tuesday there
    answer = desk.settings({"time_zone": "Pacific/Kiritimati"})
    assert answer.status_code == 409
    assert "business day 2026-03-02 would be over, and 1 ticket (F001) would lose" in answer.json["message"]


def test_yesterdays_tickets_hold_nothing_up(desk: Desk):
    """A command may come before the first request of a new day has closed the old one."""
    desk.issue()
    without = {"10": None, "11": None, "12": None, "8": {"lines": ["general"]}}
    change = {"windows": without, "lines": {"police": {"retired": True}}}

    def work(tx: Any) -> settings.Outcome:
        return settings.change(tx, HALL, lambda old: settings.merged(old, change), desk.clock(), settings.COMMAND)

    with pytest.raises(Conflict):
        desk.store.run(HALL, work)
    desk.clock.pass_(hours=20)
    assert desk.store.run(HALL, work).version == 2
    assert desk.events()[-1]["actor"] == "command"


def test_the_business_day_never_goes_back(desk: Desk):
    desk.clock.at = datetime(2026, 3, 2, 17, tzinfo=UTC)  # Tuesday 01:00 in Shanghai: a fresh day
    desk.service.close_days()
    desk.settle(time_zone="UTC", hours=[{"days": ["mon", "tue", "wed"], "open": "00:00", "close": "23:59"}])
    assert hall(desk)["hours"]["business_day"] == "2026-03-03"
    ticket = desk.issue()
    assert ticket["business_day"] == "2026-03-03"
    assert [line["waiting"] for line in desk.board()["lines"] if line["id"] == "police"] == [1]
    assert [line["waiting"] for line in hall(desk)["lines"] if line["id"] == "police"] == [1]
    desk.clock.at = datetime(2026, 3, 4, 1, tzinfo=UTC)
    assert desk.issue()["business_day"] == "2026-03-04"


def test_hours_count_in_the_very_second(desk: Desk):
    desk.issue()
    desk.settle(holidays=["2026-03-02"])
    answer = desk.post(f"/halls/{HALL}/tickets", {"item": "passport"})
    assert (answer.status_code, answer.json["message"]) == (
        409,
        "the hall gives no numbers now; it opens 2026-03-03 09:00",
    )
    desk.settle(holidays=[])
    desk.issue()


# -- who sees what, when ----------------------------------------------------------------------------------------------


def test_a_command_sees_the_settings_of_its_own_transaction(desk: Desk, clock: Clock):
    seen = []

    def command(tx: Any) -> None:
        seen.append(desk.service.book(HALL).hall.phone)
        settings.change(tx, HALL, lambda old: old | {"phone": "1"}, clock(), "x")
        seen.append(desk.service.book(HALL).hall.phone)
        raise Conflict("no")

    with pytest.raises(Conflict):
        desk.store.run(HALL, command)
    assert seen == ["0900-5550101", "1"]
    assert hall(desk)["phone"] == "0900-5550101"  # nothing of it happened
    desk.settle(phone="2")
    assert hall(desk)["phone"] == "2"


def test_a_second_process_works_with_the_settings_of_the_first(desk: Desk, clock: Clock):
    other = Desk(desk.data, demo_hall(), clock, url=desk.url)
    desk.settle(items={"passport": {"retired": True}}, classes={"elderly": {"credit": 60}})
    assert other.post(f"/halls/{HALL}/tickets", {"item": "passport"}).status_code == 409
    ticket = other.issue("id-card", **{"class": "elderly"})
    issued, key = (datetime.fromisoformat(ticket[name]) for name in ("issued_at", "key"))
    assert issued - key == timedelta(minutes=60)
    assert other.settings({"phone": "1"}, if_version=1).status_code == 409
    assert other.settings({"phone": "1"}, if_version=2).status_code == 200
    assert held(desk)[0] == 3
    other.close()


def test_the_file_seeds_and_then_only_differs(tmp_path: Path, clock: Clock):
    Desk(tmp_path / "d", demo_hall(), clock).close()
    file = demo_hall(phone="12345")
    desk = Desk(tmp_path / "d", file, clock)
    assert [one.facts() for one in desk.changed] == [{"path": "phone", "old": "0900-5550101", "new": "12345"}]
    assert desk.types() == ["hall.created"]
    assert hall(desk)["phone"] == "0900-5550101"
    desk.close()


# -- as a file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["plain", '"quoted" \\ back', "line\nbreak\ttab", "\x00\x1f\x7f", "🙂 號票 'x'", "# = [{"]
)
def test_a_hall_written_as_toml_is_read_back_the_same(tmp_path: Path, words: str):
    hall = settings.checked(
        settings.merged(demo_hall().model_dump(mode="json"), {"name": {"zh": words}, "notices": [{"zh": words}]})
    )
    (tmp_path / "hall.toml").write_text(hall_toml(hall), "utf-8")
    assert load_hall(tmp_path / "hall.toml") == hall
    assert hall.model_copy(update={"name": demo_hall().name, "notices": demo_hall().notices}) == load_hall(CONFIG)


# -- anything ---------------------------------------------------------------------------------------------------------


def anything(rng: random.Random, values: dict[str, Any]) -> dict[str, Any]:
    """A change somebody may ask for: mostly sensible."""
    line, item = rng.choice(values["lines"])["id"], rng.choice(values["items"])["id"]
    window = str(rng.choice(values["windows"])["no"])
    lines = [one["id"] for one in values["lines"]]
    return rng.choice(
        [
            {"lines": {line: {"open": rng.random() < 0.7, "retired": rng.random() < 0.2}}},
            {"lines": {line: {"letter": rng.choice("ABCDEFGHXYZ")}}},
            {"lines": {line: None}},
            {"lines": {f"l{rng.randrange(4)}": {"letter": rng.choice("MNOP"), "name": {"zh": "新"}, "open": False}}},
            {"items": {item: {"retired": rng.random() < 0.5, "line": rng.choice(lines)}}},
            {"items": {item: None}},
            {"windows": {window: {"lines": rng.sample(lines, rng.randint(2, len(lines)))}}},
            {"windows": {window: {"retired": rng.random() < 0.5}}},
            {"windows": {window: None}},
            {"windows": {str(rng.randint(10, 20)): rng.choice([None, {"lines": lines}])}},
            {"classes": {"elderly": rng.choice([None, {"name": {"zh": "老"}, "credit": rng.randint(-5, 250)}])}},
            {"rules": {"home_tolerance": rng.randint(-2, 30), "return_within": rng.choice([None, 5])}},
            {"time_zone": rng.choice(["Asia/Shanghai", "UTC", "Pacific/Kiritimati", "Mars/X"])},
            {"holidays": rng.choice([[], ["2026-03-02"], ["x"]])},
        ]
    )


@pytest.mark.parametrize("seed", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_whatever_is_changed_during_a_day_everything_goes_on(tmp_path: Path, seed: int):
    rng, clock = random.Random(seed), Clock()
    desk = Desk(tmp_path / "d", demo_hall(), clock, enforce_hours=False)
    tickets, answered, day = [], {200: 0, 409: 0, 422: 0}, ""
    for _ in range(100):
        clock.pass_(seconds=rng.randint(0, 120))
        version, values = held(desk)
        answer = desk.settings(anything(rng, values), if_version=version)
        answered[answer.status_code] += 1
        for item in rng.sample([one["id"] for one in values["items"]], 2):
            taken = desk.post(f"/halls/{HALL}/tickets", {"item": item, "class": rng.choice(["walk_in", "elderly"])})
            assert taken.status_code in (201, 404, 409), taken.json
            tickets += [taken.json["id"]] if taken.status_code == 201 else []
        for no in ids(hall(desk)["windows"], "no")[:5]:
            seen = desk.get(f"/halls/{HALL}/windows/{no}").json
            desk.window(no, "open")
            called = desk.window(no, "next", finish_current=True)
            assert called.status_code in (200, 204), called.json
            assert (called.status_code == 200) == (seen["callable"] > 0)
        board = desk.board()
        assert day <= hall(desk)["hours"]["business_day"]
        day = hall(desk)["hours"]["business_day"]
        assert all(desk.get(f"/tickets/{one}", None).status_code == 200 for one in tickets[-3:])
        assert desk.client.get(f"/t/{tickets[0]}").status_code == 200
        assert ids(board["lines"]) == ids(hall(desk)["lines"])
    assert all(answered.values()), answered
    waiting = desk.get(f"/halls/{HALL}/tickets?state=waiting").json["tickets"]
    lines = {line for one in held(desk)[1]["windows"] if not one["retired"] for line in one["lines"]}
    assert {ticket["line"] for ticket in waiting} <= lines  # nobody waits for nobody
    with desk.store.read() as reading:
        assert verify(reading, HALL).fault == ""
    desk.close()
