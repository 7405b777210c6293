"""The queue server as a terminal sees it: typed answers, and errors named by what to do about them.

Every change carries an idempotency key. The caller makes it, once for what a citizen did, and uses it again for every
retry: so a double tap, a lost answer and a second try still give one ticket. `Client` blocks and may be used from
several threads; the event stream is in follower.py.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

import httpx

CONNECT, ANSWER = 2.0, 6.0  # seconds until a server that does not answer counts as away
CONFLICT = 409
Json = Mapping[str, Any]
NOBODY: Mapping[str, str] = MappingProxyType({})  # a walk-in without a card
CARE = ("elderly", "disabled", "pregnant", "serviceman")  # in public they are one: a care number


class ServerAway(Exception):
    """Try later: no connection, no answer in time, or the server says it cannot work now (502, 503, 504)."""


class Refused(Exception):
    """The server said no: `message` is for a person, `detail` for programs; `error` is "conflict", "not_found" …"""

    def __init__(self, status: int, error: str, message: str, detail: Json) -> None:
        super().__init__(f"{status} {error}: {message}")
        self.status, self.error, self.message, self.detail = status, error, message, detail


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
    """How full a line is."""

    waiting: int
    range: Range | None
    open: bool


@dataclass(frozen=True)
class Board:
    """The hall at one moment: the truth every screen shows. `calls` newest first; `lines` by line id."""

    seq: int
    epoch: str
    at: datetime
    calls: tuple[Call, ...]
    lines: Mapping[str, LineNow]


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


def windows_serving(hall: Hall, line_id: str) -> list[int]:
    """Numbers of the windows that can serve a line, lowest first."""
    return sorted(window.no for window in hall.windows if line_id in window.lines)


def new_key() -> str:
    """An idempotency key; make one for each thing a citizen does."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class DayKey:
    """What card tokens are made with until `closes_at` (aware). In memory only."""

    key: bytes = field(repr=False)
    closes_at: datetime


class AlreadyHeld(Exception):
    """One number a line for each person: `ticket` is the one there is."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__("this person has a number in this line")
        self.ticket = ticket


class Client:
    """Requests to one hall's server. Every call may raise ServerAway or Refused.

    `transport` replaces the network in tests.
    """

    def __init__(self, server: str, hall: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.hall_id = hall
        self._day_key: DayKey | None = None
        # trust_env off: a proxy meant for browsers must not come between a kiosk and its hall
        self.http = httpx.Client(
            base_url=f"{server.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(ANSWER, connect=CONNECT),
            transport=transport,
            trust_env=False,
        )

    def hall(self) -> Hall:
        """What the hall offers."""
        return read_hall(self._ask("GET", f"/halls/{self.hall_id}"))

    def board(self) -> Board:
        """The hall now."""
        return read_board(self._ask("GET", f"/halls/{self.hall_id}/board"))

    def issue(self, item: str, language: str, key: str, about: Mapping[str, str] = NOBODY) -> Ticket:
        """A ticket; the same `key` always gives the same one. `about`: class, card_token, masked_name, where known.

        AlreadyHeld if the person of that card has a number in this line.
        """
        body = {"item": item, "source": "kiosk", "lang": language, **about}
        try:
            return read_ticket(self._ask("POST", f"/halls/{self.hall_id}/tickets", body, key))
        except Refused as error:
            held = error.detail.get("ticket")
            if error.status == CONFLICT and isinstance(held, Mapping):
                raise AlreadyHeld(read_ticket(held)) from None
            raise

    def day_key(self, now: datetime) -> DayKey:
        """The hall's key of the day, kept in memory until it closes. `now` is aware, the server's time."""
        known = self._day_key
        if known is None or now >= known.closes_at:
            self._day_key = None
            known = self._day_key = read_day_key(self._ask("GET", f"/halls/{self.hall_id}/day-key"))
        return known

    def forget_day_key(self) -> None:
        """Other settings may close the day at another time."""
        self._day_key = None

    def ticket(self, ticket_id: str) -> Ticket:
        """A ticket as it is now."""
        return read_ticket(self._ask("GET", f"/tickets/{ticket_id}"))

    def printed(self, ticket_id: str, ok: bool, doubt: bool, key: str) -> None:
        """Tells whether the paper came out; `doubt`: it was sent whole, but never confirmed."""
        body = {"ok": ok, "doubt": doubt, "count": 1 if ok or doubt else 0}
        self._ask("POST", f"/tickets/{ticket_id}/printed", body, key)

    def help(self, place: str, key: str) -> None:
        """Asks for a person to come; `place` is this machine's name."""
        self._ask("POST", f"/halls/{self.hall_id}/help", {"place": place}, key)

    def heartbeat(self, machine: str, devices: Mapping[str, tuple[str, str]], key: str) -> None:
        """Says how this terminal's devices are: name -> (state, detail)."""
        listed = [{"name": name, "state": state, "detail": detail} for name, (state, detail) in devices.items()]
        body = {"hall": self.hall_id, "machine": machine, "devices": listed}
        self._ask("POST", "/devices/heartbeat", body, key)

    def close(self) -> None:
        self.http.close()

    def _ask(self, method: str, path: str, body: Json | None = None, key: str = "") -> Json:
        try:
            headers = {"Idempotency-Key": key} if key else {}
            answer = self.http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise ServerAway(str(error)) from error
        return understand(answer)


def understand(answer: httpx.Response) -> Json:
    """The answer's JSON, {} for an empty one. Raises ServerAway, Refused."""
    if answer.status_code in (502, 503, 504):
        raise ServerAway(f"the server answered {answer.status_code}")
    try:
        found = answer.json() if answer.content else {}
    except ValueError as error:
        raise ServerAway("something else than the queue server answered") from error
    if answer.is_success and isinstance(found, dict):
        return found
    said = found if isinstance(found, dict) else {}
    raise Refused(
        answer.status_code, str(said.get("error", "")), str(said.get("message", "")), said.get("detail") or {}
    )


def read_name(raw: Any) -> Name:
    """A name from {zh, en} or from plain text."""
    return Name(raw["zh"], raw.get("en") or "") if isinstance(raw, Mapping) else Name(str(raw or ""))


def read_range(raw: Json | None) -> Range | None:
    return Range(round(raw["low"]), round(raw["high"])) if raw else None


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
        one["id"]: LineNow(one["waiting"], read_range(one.get("range")), one.get("open", True)) for one in raw["lines"]
    }
    return Board(raw["seq"], str(raw["epoch"]), datetime.fromisoformat(raw["at"]), calls, lines)


def read_day_key(raw: Json) -> DayKey:
    """The API's key of the day; ServerAway for one that is none."""
    try:
        text = raw["key"] + "=" * (-len(raw["key"]) % 4)
        key = base64.b64decode(text, altchars=b"-_", validate=True)
        return DayKey(key, datetime.fromisoformat(raw["closes_at"]))
    except (KeyError, TypeError, ValueError):
        raise ServerAway("the server's key of the day cannot be used") from None  # the cause would hold the key


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
    )
