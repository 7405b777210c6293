"""The server's clock is wrong, is put right, and passes midnight: numbers, order, days and people keep their word."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.history import check
from tests.system.kept import look
from tests.system.record import Kept
from tests.system.rig import HALL
from tests.system.stepped import SteppedHall, issued, jumps, wrong_order

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def whole(hall: SteppedHall, load: Any) -> Kept:
    """What was kept, with nothing wrong in it."""
    kept = look(hall.data)
    assert wrong_order(issued(list(kept.events))) == []
    found = check(load.record, kept, hall.rules)
    assert not found, [str(one) for one in found[:10]]
    assert "Traceback" not in hall.parts["server"].log.read_text("utf-8")
    return kept


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[SteppedHall]:
    with SteppedHall(tmp_path, terminals=()) as hall:
        hall.serve()
        yield hall


NOTICED = 40  # seconds: no busy machine makes everybody pause that long
STEPS = {
    "a minute back": (-60,),
    "an hour forward": (3600,),
    "an hour forward and back again": (3600, -3600),
    "small ones, as time servers make": (-0.4, 0.7, -0.05, 1.5, -1.2, 0.001, -0.9),
    "back further than a recall takes": (-7200, 7200),
}


@pytest.mark.parametrize("steps", STEPS)
def test_a_step_while_everybody_works(hall: SteppedHall, steps: str):
    with hall.at_work(seed=1) as load:
        hall.work(load)
        for step in STEPS[steps]:
            hall.step(step)
            hall.work(load)
    kept = whole(hall, load)
    assert {ticket["business_day"] for ticket in issued(list(kept.events))} == {"2026-03-02"}
    heard = [jump for jump in jumps(list(kept.events)) if abs(jump) > NOTICED]
    assert len(heard) == sum(abs(step) > NOTICED for step in STEPS[steps])  # the server's clock did step


def test_midnight_while_everybody_works(hall: SteppedHall):
    hall.set("2026-03-02 23:59:50")  # 15:59:50 in UTC
    with hall.at_work(seed=2) as load:
        hall.work(load)
        hall.set("2026-03-03 00:00:01")
        hall.work(load, 120)
        hall.step(-60)  # and it was too early: the day that has begun stays
        hall.work(load, 120)
    tickets = issued(list(whole(hall, load).events))
    days = [ticket["business_day"] for ticket in tickets]
    assert set(days) == {"2026-03-02", "2026-03-03"}
    assert tickets[days.index("2026-03-03")]["number"].endswith("001")


def test_a_utc_midnight_changes_no_day(hall: SteppedHall):
    """Case 6: 07:59 and 08:01 at +08:00 are two dates in UTC and one business day."""
    hall.set("2026-03-02 07:59:58")
    with hall.at_work(seed=3) as load:
        hall.work(load)
        hall.set("2026-03-02 08:01:00")
        hall.work(load)
    assert {ticket["business_day"] for ticket in issued(list(whole(hall, load).events))} == {"2026-03-02"}


def test_a_server_that_was_off_at_midnight_begins_with_001(hall: SteppedHall):
    """Case 7: no clock need strike for a day to begin; yesterday's tickets stay to be counted."""
    with hall.api("kiosk") as kiosk:
        assert [kiosk.issue("passport")["number"] for _ in range(3)] == ["F001", "F002", "F003"]
    hall.kill()
    hall.set("2026-03-03 08:59:00")
    hall.serve()
    with hall.api("kiosk") as kiosk:
        assert kiosk.issue("passport")["number"] == "F001"
    hall.kill()
    kept = [(row["number"], row["business_day"], row["state"]) for row in look(hall.data).tickets]
    assert sorted(kept) == [
        ("F001", "2026-03-02", "expired"),
        ("F001", "2026-03-03", "waiting"),
        ("F002", "2026-03-02", "expired"),
        ("F003", "2026-03-02", "expired"),
    ]


@pytest.mark.parametrize("seconds", [-60, -3600, 3600])
def test_nobody_is_locked_out_and_repeats_repeat(hall: SteppedHall, seconds: int):
    with hall.api("admin") as desk:
        headers = {"Idempotency-Key": "one"}
        ask = {"url": f"/halls/{HALL}/tickets", "json": {"item": "passport"}, "headers": headers}
        first = desk.client.post(**ask)
        desk.window(10, "open")
        desk.window(10, "next")
        hall.step(seconds)
        again = desk.client.post(**ask)
        assert (again.status_code, again.text) == (201, first.text)
        desk.window(10, "recall")
        desk.window(10, "start")
        desk.window(10, "finish")


def test_a_key_of_the_day_lives_on_after_a_step(hall: SteppedHall):
    with hall.api("kiosk") as kiosk:
        before = kiosk.get(f"/halls/{HALL}/day-key")
        for step in (-60, 3660, -3600):
            hall.step(step)
            assert kiosk.get(f"/halls/{HALL}/day-key") == before
        hall.set("2026-03-03 00:00:01")
        after = kiosk.get(f"/halls/{HALL}/day-key")
        assert (after["day"], after["key"] != before["key"]) == ("2026-03-03", True)
        hall.set("2026-03-02 23:59:00")
        assert kiosk.get(f"/halls/{HALL}/day-key") == after


def test_the_worker_lives_through_steps(hall: SteppedHall):
    """gunicorn's master ends a worker that seems silent: a step must not look like silence."""
    log = hall.parts["server"].log
    for step in (86_400 * 2, -86_400 * 2, -3600):
        hall.step(step)
        with hall.api("kiosk") as kiosk:
            assert json.dumps(kiosk.board())
    assert "WORKER TIMEOUT" not in log.read_text("utf-8")
    assert os.getpgid(hall.parts["server"].process.pid)
