"""No number is given: the answer says why, when again, and which other line does the same now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.schema import Item, Words
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

TOMORROW = "2026-03-03T01:00:00.000000Z"  # 09:00 in Shanghai


def ask(desk: Desk, item: str = "passport", **more: Any) -> Any:
    return desk.post(f"/halls/{HALL}/tickets", {"item": item, **more}, "kiosk")


def said(answer: Any) -> tuple[str, str | None, list[dict[str, str]]]:
    assert (answer.status_code, answer.json["error"]) == (409, "conflict"), answer.json
    detail = answer.json["detail"]
    return detail["reason"], detail["next_open"], detail["other_lines"]


def opens_next(desk: Desk, line: str = "police") -> str | None:
    return {one["id"]: one["opens_next"] for one in desk.board()["lines"]}[line]


@pytest.fixture
def shared(tmp_path: Path, clock: Clock, database: str | None) -> Iterator[Desk]:
    """Two lines do passports: police, two a day, and general."""
    hall = demo_hall()
    lines = tuple(line.model_copy(update={"daily": 2}) if line.id == "police" else line for line in hall.lines)
    name = next(item.name for item in hall.items if item.id == "passport")
    twin = Item(id="passport-too", line="general", name=Words(zh=name.zh, en="Passports, also here"))
    desk = Desk(
        tmp_path / "d", hall.model_copy(update={"lines": lines, "items": (*hall.items, twin)}), clock, url=database
    )
    yield desk
    desk.close()


def test_a_full_line_opens_on_the_next_business_day_and_another_line_does_the_same(shared: Desk, clock: Clock):
    assert opens_next(shared) is None
    shared.issue()
    shared.issue()
    other = [{"line": "general", "item": "passport-too"}]
    assert said(ask(shared)) == ("line_full", TOMORROW, other)
    assert said(ask(shared, "id-card")) == ("line_full", TOMORROW, [])  # nobody else does that
    by_line = shared.post(f"/halls/{HALL}/tickets", {"line": "police"}, "kiosk")
    assert said(by_line) == ("line_full", TOMORROW, [])
    assert opens_next(shared) == TOMORROW
    assert opens_next(shared, "general") is None
    assert ask(shared, "passport-too").status_code == 201
    clock.pass_(days=1)
    assert opens_next(shared) is None
    assert shared.issue()["number"] == "F001"


def test_on_friday_a_full_line_opens_on_monday_or_when_the_hall_does(shared: Desk, clock: Clock):
    clock.at = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    shared.issue()
    shared.issue()
    reason, again, _ = said(ask(shared))
    hours = shared.get(f"/halls/{HALL}").json["hours"]
    assert (reason, again) == ("line_full", opens_next(shared))
    assert again is not None
    assert again > hours["next_open"][:10]
    assert again[:10] > "2026-03-06"


def test_a_line_closed_by_the_manager_names_the_others_and_no_time(shared: Desk):
    shared.settle(lines={"police": {"open": False}})
    answer = ask(shared)
    assert said(answer) == ("line_closed", None, [{"line": "general", "item": "passport-too"}])
    assert answer.json["detail"]["line"] == "police"
    assert opens_next(shared) is None
    shared.settle(lines={"general": {"open": False}})
    assert said(ask(shared)) == ("line_closed", None, [])


def test_another_line_that_is_full_or_gone_is_not_offered(shared: Desk):
    shared.settle(lines={"police": {"open": False}, "general": {"daily": 1}})
    assert said(ask(shared))[2] == [{"line": "general", "item": "passport-too"}]
    assert ask(shared, "passport-too").status_code == 201
    assert said(ask(shared))[2] == []
    shared.settle(lines={"general": {"daily": 0}}, items={"passport-too": {"retired": True}})
    assert said(ask(shared))[2] == []


def test_after_the_last_ticket_and_after_closing(shared: Desk, clock: Clock):
    clock.at = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)  # 16:30
    assert said(ask(shared)) == ("last_ticket", TOMORROW, [])
    assert opens_next(shared) == opens_next(shared, "general") == TOMORROW
    clock.at = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert said(ask(shared)) == ("hall_closed", TOMORROW, [])
    clock.at = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)  # 08:00
    assert said(ask(shared)) == ("hall_closed", TOMORROW, [])
    shared.settle(lines={"police": {"open": False}})
    assert said(ask(shared)) == ("line_closed", None, [])  # nobody gives numbers now
    shared.service.days.enforce_hours = False  # demo
    assert opens_next(shared, "general") is None
