"""A clerk's console while a manager changes the settings: what the window serves is what the clerk sees, at once."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.queue_server.helpers import HALL, Served
from tests.queue_server.web.clerk import Clerk, do, link, take
from tests.queue_server.web.conftest import Visit


def settle(served: Served, **changes: Any) -> None:
    with served.client("manager") as client:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = client.patch(f"/halls/{HALL}/settings", json={"changes": changes}, headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def clerk(served: Served, visit: Visit) -> Clerk:
    """Signed in at window 10, which is open; it serves police and general."""
    do(served, 10, "open")
    clerk = Clerk(visit(link(served, 10)))
    clerk.at("idle")
    return clerk


def test_what_a_window_serves_changes_under_the_clerks_eyes(served: Served, clerk: Clerk):
    police, tax = take(served), take(served, "invoice")
    expect(clerk.page.locator("#queue .no")).to_have_text([police["number"]])
    settle(
        served,
        windows={"10": {"lines": ["tax"], "zone": "D", "kind": "special"}},
        lines={"tax": {"name": {"zh": "办税"}}},
    )
    expect(clerk.page.locator("#queue .no")).to_have_text([tax["number"]])
    expect(clerk.page.locator("#queue-count")).to_have_text("1 人")
    expect(clerk.page.locator("#where")).to_contain_text("D")
    expect(clerk.page.locator("#what")).to_contain_text("办税")
    clerk.go("called")
    expect(clerk.number).to_have_text(tax["number"])


def test_tickets_of_a_retired_line_item_and_class_keep_their_names_and_are_called(served: Served, clerk: Clerk):
    """Case 21: nor the console."""
    old = take(served, **{"class": "elderly"})
    expect(clerk.page.locator("#queue")).to_contain_text("普通护照申请")
    settle(
        served,
        lines={"police": {"retired": True}},
        items={"passport": {"retired": True}},
        classes={"elderly": {"retired": True}},
    )
    expect(clerk.page.locator("#queue")).to_contain_text("普通护照申请")
    expect(clerk.page.locator("#queue")).to_contain_text("老年人")
    clerk.go("called")
    expect(clerk.number).to_have_text(old["number"])
    clerk.go("serving")
    settle(served, items={"passport": None}, classes={"elderly": None})  # their names are gone; the work is not
    clerk.go("idle")


def test_a_window_taken_out_of_service_sends_its_clerk_to_choose_another(served: Served, clerk: Clerk):
    settle(served, windows={"10": {"retired": True}})
    expect(clerk.page).to_have_url(re.compile(r"/console/enter\?why=moved"))
    expect(clerk.page.locator("#notice")).to_contain_text("请重新选")
    expect(clerk.page.locator('[name=window][value="10"]')).to_have_count(0)
    clerk.page.goto(f"{served.url}/console")
    expect(clerk.page).to_have_url(re.compile(r"/console/enter\?why=moved"))


def test_a_window_that_is_deleted_does_so_too(served: Served, clerk: Clerk):
    settle(served, windows={"10": None})
    expect(clerk.page).to_have_url(re.compile(r"/console/enter\?why=moved"))
