"""What a manager sets: settings of the hall while it is open, and its day after the clock was off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel, Field

from config import Hall
from queue_server import settings
from queue_server.access import Permission
from queue_server.api.gate import answer, change, needs, parts, who
from queue_server.api.models import Asked, NothingIn
from queue_server.store.writer import Transaction

admin = APIBlueprint("admin", __name__, tag="settings", url_prefix="/api/v1")

LARGEST_SETTINGS = 1024 * 1024  # a city hall's: 200 windows and 1,000 items are 300 KB
DRY_RUN = Field(False, description="says what would change or what is wrong, and changes nothing")


class SettingsIn(Asked):
    """All settings of the hall, as GET answers them."""

    settings: dict[str, Any]
    if_version: int = Field(description="the version these were made from; 409 if it is no longer that")
    dry_run: bool = DRY_RUN


class ChangesIn(Asked):
    """Some settings: objects are merged, null takes away, lists replace; lines, items and windows go by their name."""

    changes: dict[str, Any] = Field(
        examples=[{"lines": {"social": {"open": False}}, "windows": {"10": {"lines": ["police"]}, "13": None}}]
    )
    if_version: int | None = Field(None, description="409 if it is no longer that; none: whatever it is")
    dry_run: bool = DRY_RUN


class SettingsOut(BaseModel):
    hall: str
    version: int = Field(description="counts the changes; 1 is what the hall began with")
    settings: Hall


class ChangeOut(BaseModel):
    path: str = Field(description="lines.social.open")
    old: Any
    new: Any


class ChangedOut(BaseModel):
    version: int
    dry_run: bool
    changed: list[ChangeOut]
    notes: list[str] = Field(description="what it means for those who are here today, in words")


class DayOut(BaseModel):
    business_day: date


@admin.before_request
def room() -> None:
    request.max_content_length = LARGEST_SETTINGS


@admin.get("/halls/<hall>/settings")
@needs(Permission.SETTINGS)
@admin.output(SettingsOut)
def get_settings(hall: str) -> Response:
    """Every setting of the hall, and their version"""
    parts().service.book(hall)
    with parts().service.store.read() as reading:
        state = reading.hall(hall)
    assert state is not None
    return answer(
        SettingsOut(hall=hall, version=state.settings_version, settings=settings.stored(hall, state.settings))
    )


@admin.put("/halls/<hall>/settings")
@needs(Permission.SETTINGS)
@admin.input(SettingsIn)
@admin.output(ChangedOut)
def put_settings(hall: str, json_data: SettingsIn) -> Response:
    """Replace every setting of the hall, all or nothing; in use at once"""
    return _change(hall, lambda old: json_data.settings, json_data)


@admin.patch("/halls/<hall>/settings")
@needs(Permission.SETTINGS)
@admin.input(ChangesIn)
@admin.output(ChangedOut)
def patch_settings(hall: str, json_data: ChangesIn) -> Response:
    """Change some settings, all or nothing; in use at once

    `{"lines": {"social": {"open": false}}}` closes a line, `{"windows": {"10": {"lines": ["police"]}}}` says what a
    window serves, `{"windows": {"13": {"lines": ["tax"]}}}` adds one, `{"rules": {"recall_gap": 20}}`,
    `{"holidays": ["2026-10-01"]}`. `retired: true` keeps the past readable, null takes away altogether.
    """
    return _change(hall, lambda old: settings.merged(old, json_data.changes), json_data)


@admin.post("/halls/<hall>/day")
@needs(Permission.SETTINGS)
@admin.input(NothingIn)
@admin.output(DayOut)
def set_day(hall: str, json_data: NothingIn) -> Response:
    """Set the business day by the server's clock, after the clock was ahead (alarm `clock`) and is right again

    Whoever still waits on the false day is expired; numbers go on where the true day left them.
    """
    service, actor = parts().service, who().actor
    service.book(hall)
    return change(hall, lambda tx: DayOut(business_day=service.days.set_by_clock(tx, hall, actor)))


def _change(hall: str, make: Callable[[settings.Values], Any], asked: SettingsIn | ChangesIn) -> Response:
    service, actor = parts().service, who().actor
    service.book(hall)

    def work(tx: Transaction) -> ChangedOut:
        now = service.days.begin(tx, hall)
        done = settings.change(tx, hall, make, now, actor, if_version=asked.if_version, dry_run=asked.dry_run)
        changed = [ChangeOut.model_construct(**one.facts()) for one in done.changes]
        return ChangedOut(version=done.version, dry_run=asked.dry_run, changed=changed, notes=done.notes)

    return change(hall, work)
