"""What the queue server answers, as a terminal keeps it: a shape for each thing, and how it is read from the JSON.

A field a server does not send has a default: terminals and servers are not renewed on one day.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]
CARE = ("elderly", "disabled", "pregnant", "serviceman")  # in public they are one: a care number


@dataclass(frozen=True)
class Name:
    """A name in Chinese and in the second language; `in_language` falls back to Chinese."""

    zh: str
    en: str = ""

    def in_language(self, language: str) -> str:
        return (self.en or self.zh) if language == "en" else self.zh


@dataclass(frozen=True)
class Item:
    """A thing a citizen can have done."""

    id: str
    name: Name


@dataclass(frozen=True)
class Line:
    """A line and its items, as the hall's settings have it."""

    id: str
    letter: str
    name: Name
    hint: Name
    zone: str
    icon: str
    colour: str
    open: bool
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Window:
    """A window as the hall's settings have it."""

    no: int
    zone: str
    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """How many minutes later than a walk-in someone may come and still be called first, by class (QUEUE R1, R3)."""

    walk: int
    booked: int
    care: int
    urgent: int


@dataclass(frozen=True)
class Elderly:
    """The class that a card shows by itself: from `age` years on, counted `credit` minutes early."""

    age: int
    credit: int


@dataclass(frozen=True)
class Hall:
    """What the hall offers. `second_language` is printed after Chinese, empty for none; `promise` None if unknown.

    `elderly` is None where a citizen may not take that class at a kiosk.
    """

    id: str
    name: Name
    phone: str
    time_zone: str
    second_language: str
    lines: tuple[Line, ...]
    windows: tuple[Window, ...]
    notices: tuple[Name, ...]
    promise: Promise | None
    calls_before_missed: int
    elderly: Elderly | None = None
    popular: tuple[str, ...] = ()  # ids of the items most asked for, the most first
    past: Mapping[str, Name] = field(
        default_factory=dict
    )  # lines that give no more numbers: their calls still have a name

    def line(self, line_id: str) -> Line | None:
        return next((line for line in self.lines if line.id == line_id), None)


@dataclass(frozen=True)
class Range:
    """Minutes somebody who comes now will wait, with four in five certainty."""

    low: int
    high: int


@dataclass(frozen=True)
class Call:
    """A ticket called to a window."""

    number: str
    window: int
    zone: str
    line: str
    at: datetime
    calls: int
    state: str


@dataclass(frozen=True)
class LineNow:
    """How full a line is; `no_window`: nobody serves it now, so no time can be told; `opens_next` (aware): when it
    gives numbers again, where it gives none and that is known.
    """

    waiting: int
    range: Range | None
    open: bool
    no_window: bool = False
    opens_next: datetime | None = None


@dataclass(frozen=True)
class WindowNow:
    """What goes on at a window: `state` is "open", "paused" or "closed", `number` who is called or served there."""

    state: str
    number: str


@dataclass(frozen=True)
class Board:
    """The hall at one moment: the truth every screen shows. `calls` newest first; `lines` by id, `windows` by no."""

    seq: int
    epoch: str
    at: datetime
    calls: tuple[Call, ...]
    lines: Mapping[str, LineNow]
    windows: Mapping[int, WindowNow] = field(default_factory=dict)


@dataclass(frozen=True)
class Ticket:
    """A citizen's place in the queue. `url` is its live page, for the QR code."""

    id: str
    number: str
    line: str
    item: str
    state: str
    issued_at: datetime
    ahead: int
    range: Range | None
    zone: str
    url: str
    no_window: bool = False


@dataclass(frozen=True)
class Kept:
    """How often people of a line waited as long as they were first told, of those `given` a range lately."""

    given: int
    inside: int


def windows_serving(hall: Hall, line_id: str) -> list[int]:
    """Numbers of the windows that can serve a line, lowest first."""
    return sorted(window.no for window in hall.windows if line_id in window.lines)


@dataclass(frozen=True)
class DayKey:
    """What card tokens are made with until `closes_at` (aware). In memory only."""

    key: bytes = field(repr=False)
    closes_at: datetime


def read_name(raw: Any) -> Name:
    """A name from {zh, en} or from plain text."""
    return Name(raw["zh"], raw.get("en") or "") if isinstance(raw, Mapping) else Name(str(raw or ""))


def read_range(raw: Json | None) -> Range | None:
    return Range(round(raw["low"]), round(raw["high"])) if raw else None


def read_instant(raw: str | None) -> datetime | None:
    return datetime.fromisoformat(raw) if raw else None


def read_hall(raw: Json) -> Hall:
    """The API's hall."""
    lines = tuple(
        Line(
            id=one["id"],
            letter=one["letter"],
            name=read_name(one["name"]),
            hint=read_name(one.get("hint")),
            zone=one.get("zone", ""),
            icon=one.get("icon", "file-text"),
            colour=one.get("colour", "#1456D9"),
            open=one.get("open", True),
            items=tuple(Item(item["id"], read_name(item["name"])) for item in one["items"]),
        )
        for one in raw["lines"]
    )
    windows = tuple(Window(one["no"], one["zone"], one["kind"], tuple(one["lines"])) for one in raw["windows"])
    return Hall(
        id=raw["id"],
        name=read_name(raw["name"]),
        phone=raw.get("phone", ""),
        time_zone=raw.get("time_zone", "Asia/Shanghai"),
        second_language=raw.get("second_language", ""),
        lines=lines,
        windows=windows,
        notices=tuple(read_name(one) for one in raw.get("notices", ())),
        promise=read_promise(raw),
        calls_before_missed=raw.get("rules", {}).get("calls_before_missed", 3),
        elderly=read_elderly(raw),
        popular=tuple(raw.get("popular", ())),
        past={one["id"]: read_name(one["name"]) for one in (raw.get("past") or {}).get("lines", ())},
    )


def read_elderly(raw: Json) -> Elderly | None:
    """The class for old age, if a kiosk may give it and the hall says from which age."""
    found, age = read_classes(raw).get("elderly", {}), raw.get("rules", {}).get("elderly_age")
    return Elderly(age, found["credit"]) if found.get("kiosk") and age else None


def read_classes(raw: Json) -> Mapping[str, Json]:
    """The hall's classes by name, however they are listed."""
    classes = raw.get("classes") or {}
    return classes if isinstance(classes, Mapping) else {one["id"]: one for one in classes}


def read_promise(raw: Json) -> Promise | None:
    """What a walk-in is promised, in the server's numbers; None from a server that gives none."""
    minutes = raw.get("promise", {}).get("walk_in")
    if not minutes:
        return None
    return Promise(
        walk=minutes["walk_in"],
        booked=minutes.get("appointment", 0),
        care=max(minutes.get(name, 0) for name in CARE),
        urgent=minutes.get("green", 0),
    )


def read_board(raw: Json) -> Board:
    """The API's board."""
    calls = tuple(
        Call(
            number=one["number"],
            window=one["window"],
            zone=one.get("zone", ""),
            line=one.get("line", ""),
            at=datetime.fromisoformat(one["at"]),
            calls=one.get("calls", 1),
            state=one.get("state", "called"),
        )
        for one in raw["calls"]
    )
    lines = {
        one["id"]: LineNow(
            one["waiting"],
            read_range(one.get("range")),
            one.get("open", True),
            one.get("no_window", False),
            read_instant(one.get("opens_next")),
        )
        for one in raw["lines"]
    }
    windows = {one["no"]: WindowNow(one["state"], one.get("number") or "") for one in raw.get("windows", ())}
    return Board(raw["seq"], str(raw["epoch"]), datetime.fromisoformat(raw["at"]), calls, lines, windows)


def read_day_key(raw: Json) -> DayKey:
    """The API's key of the day. Raises ValueError for one that is none; the cause would hold the key."""
    try:
        text = raw["key"] + "=" * (-len(raw["key"]) % 4)
        key = base64.b64decode(text, altchars=b"-_", validate=True)
        return DayKey(key, datetime.fromisoformat(raw["closes_at"]))
    except (KeyError, TypeError, ValueError):
        raise ValueError("the server's key of the day cannot be used") from None


def read_ticket(raw: Json) -> Ticket:
    """The API's ticket."""
    return Ticket(
        id=raw["id"],
        number=raw["number"],
        line=raw["line"],
        item=raw["item"] or "",
        state=raw["state"],
        issued_at=datetime.fromisoformat(raw["issued_at"]),
        ahead=raw["ahead"] or 0,
        range=read_range(raw.get("range")),
        zone=raw.get("zone") or "",
        url=raw["url"],
        no_window=raw.get("no_window", False),
    )
