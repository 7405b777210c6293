"""The server's guides as a terminal sees them: the two files it keeps a copy of, what a guide says, searches in vain.

Names follow the API; a field ending in `_en` is empty where there is no English, and the Chinese is shown instead. What
the API may add later is left aside, so an older terminal reads a newer catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx

from kiosk.answers import Json, Name, read_name
from kiosk.client import Client, ServerAway, understand

NOT_MODIFIED = 304
LISTED, LIKELY = 500, 5  # guides an item's name may find; the first few of its line are looked at
Made = TypeVar("Made")


class BrokenCatalogue(Exception):
    """What should be a catalogue cannot be read: fetch it again."""


@dataclass(frozen=True)
class Entry:
    """What a code means. `immediate` is a kind's: done on the spot."""

    zh: str
    en: str = ""
    icon: str = ""
    immediate: bool = False

    def in_language(self, language: str) -> str:
        return Name(self.zh, self.en).in_language(language)


Tables = Mapping[str, Mapping[str, Entry]]  # table -> code -> what it means, in the order to show them


@dataclass(frozen=True)
class Time:
    """So many of a unit (table units); 0 is on the spot."""

    number: int
    unit: str = "working_day"
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Step:
    """One stage of handling (table stages)."""

    stage: str
    time: Time
    what: str = ""
    what_en: str = ""


@dataclass(frozen=True)
class Material:
    """One thing to hand in; with `exempt` (table exemptions) it need not be brought."""

    name: str
    name_en: str = ""
    form: str = "original"
    copies: int = 1
    specification: str = ""
    specification_en: str = ""
    source: str = "applicant"
    issued_by: str = ""
    necessity: str = "required"
    exempt: str = ""
    when: str = ""
    when_en: str = ""
    acceptance: str = ""
    acceptance_en: str = ""
    sample: str = ""
    blank: str = ""


@dataclass(frozen=True)
class Queue:
    """The line of a place, for "take a ticket for this"."""

    id: str
    letter: str
    name: Name
    open: bool


@dataclass(frozen=True)
class Place:
    """Where it is done. No ticket is offered without a `queue`; `ticket_item` None: one for the line.

    `served_at` are the windows that do it.
    """

    area: str
    name: str
    name_en: str = ""
    hall: str = ""
    hours: str = ""
    hours_en: str = ""
    enquiry: str = ""
    complaint: str = ""
    queue: Queue | None = None
    ticket_item: str | None = None
    served_at: tuple[int, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question people ask, and its answer."""

    question: str
    answer: str
    question_en: str = ""
    answer_en: str = ""


@dataclass(frozen=True)
class Guide:
    """One item as published; `number` is its version. Codes are those of the tables."""

    code: str
    number: int
    name: str
    name_en: str
    department: str
    kind: str
    effective_from: date
    effective_to: date | None = None  # the last day
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    life_events: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    conditions: str = ""
    conditions_en: str = ""
    steps: tuple[Step, ...] = ()
    statutory: Time | None = None
    promised: Time | None = None
    visits: int = 0
    visits_reason: str = ""
    visits_reason_en: str = ""
    commitment: bool = False
    commitment_note: str = ""
    one_window: bool = False
    joint: tuple[str, ...] = ()
    pre_review: bool = False
    appointment: bool = False
    channels: tuple[str, ...] = ()
    online_depth: str = ""
    online_address: str = ""
    materials: tuple[Material, ...] = ()
    fee: bool = False
    fee_standard: str = ""
    fee_standard_en: str = ""
    fee_basis: str = ""
    result: str = ""
    result_en: str = ""
    delivery: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    faq: tuple[Question, ...] = ()

    @property
    def called(self) -> str:
        """Its short name, which fits a tile; the whole name where it has none."""
        return self.short_name or self.name


@dataclass(frozen=True)
class Catalogue:
    """Everything in force on `day`, as the server gave it; `revision` counts every change."""

    guides: Mapping[str, Guide]
    tables: Tables
    revision: int
    day: date


@dataclass(frozen=True)
class Download:
    """A file and the mark it goes by: sent with the next question, the server answers whether it is still the same."""

    content: bytes
    etag: str


class GuidesClient:
    """Requests for guides, over the terminal's own connection. Every call may raise ServerAway or Refused."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def catalogue(self, etag: str) -> Download | None:
        """Everything in force; None while what `etag` names still holds."""
        return self._download("/guides/catalogue", etag)

    def index(self, etag: str) -> Download | None:
        """The search's file; None while what `etag` names still holds."""
        return self._download("/guides/index", etag)

    def of_item(self, item: str, line: str, name: str) -> tuple[Guide, Tables] | None:
        """The guide that leads to this item of the hall's line, with the tables; None if none does. `name` finds it."""
        hall = self._client.hall_id
        asked = urlencode({"q": name, "hall": hall, "line": line, "limit": LISTED})
        for short in self._client.ask("GET", f"/guides?{asked}")["guides"][:LIKELY]:
            guide = read_guide(self._client.ask("GET", f"/guides/{short['code']}"))
            if any(place.hall == hall and place.ticket_item == item for place in guide.places):
                return guide, read_tables(self._client.ask("GET", "/guides/tables"))
        return None

    def missed(self, words: str, key: str) -> None:
        """A search that found nothing."""
        self._client.ask("POST", "/guides/searches", {"words": words}, key)

    def _download(self, path: str, etag: str) -> Download | None:
        try:
            answer = self._client.http.get(path, headers={"If-None-Match": etag} if etag else {})
        except httpx.HTTPError as error:  # a body cut short is one of them
            raise ServerAway(str(error)) from error
        if etag and answer.status_code == NOT_MODIFIED:
            return None
        if not answer.is_success:
            understand(answer)
            raise ServerAway(f"{path} answered {answer.status_code}")
        return Download(answer.content, answer.headers.get("ETag", ""))


def read_catalogue(content: bytes) -> Catalogue:
    """The API's catalogue; BrokenCatalogue for anything else."""
    try:
        raw = json.loads(content)
        guides = [read_guide(one) for one in raw["guides"]]
        tables = read_tables(raw["tables"])
        return Catalogue({one.code: one for one in guides}, tables, raw["revision"], date.fromisoformat(raw["day"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenCatalogue(f"not a catalogue: {error!r}") from error


def read_tables(raw: Json) -> Tables:
    """The API's tables."""
    return {
        name: {code: _made(Entry, entry) for code, entry in table.items()}
        for name, table in raw.items()
        if isinstance(table, Mapping)  # beside the tables stand settings of the city
    }


def read_guide(raw: Json) -> Guide:
    """The API's guide, alone or out of its catalogue."""
    said, end = raw["guide"], raw.get("effective_to")
    return _made(
        Guide,
        {**said, "number": raw["number"]},
        effective_from=date.fromisoformat(raw["effective_from"]),
        effective_to=date.fromisoformat(end) if end else None,
        steps=tuple(_made(Step, step, time=_made(Time, step["time"])) for step in said["steps"]),
        statutory=_time(said.get("statutory")),
        promised=_time(said.get("promised")),
        materials=tuple(_made(Material, one) for one in said["materials"]),
        places=tuple(_place(one) for one in raw["places"]),
        faq=tuple(_made(Question, one) for one in said["faq"]),
    )


def _time(raw: Json | None) -> Time | None:
    return _made(Time, raw) if raw else None


def _place(raw: Json) -> Place:
    queue = raw.get("queue")
    return _made(Place, raw, queue=_made(Queue, queue, name=read_name(queue["name"])) if queue else None)


def _made(kind: type[Made], raw: Json, **made: Any) -> Made:
    """A dataclass from the fields of the same names; lists become tuples."""
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items() if key in known}
    return kind(**{**plain, **made})
