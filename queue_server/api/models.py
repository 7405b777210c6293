"""What the API is sent and what it answers: the shapes of DESIGN §4, and the source of `/openapi.json`.

Instants are ISO 8601 in UTC, always with microseconds, so that they sort as text. `range` (minutes, low to high) is
null until there is an estimate.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from config import Rules, Words
from config.schema import ClassName, Hours, WindowKind
from queue_server.domain.events import iso
from queue_server.domain.model import State, WindowState

Instant = Annotated[datetime, PlainSerializer(iso, return_type=str)]


def _is_none(value: object) -> bool:
    return value is None


def _looks_masked(name: str) -> str:
    if "*" not in name or not name.isprintable() or any(character.isdigit() for character in name):
        # digits: a number with stars in it is still half of a number
        raise ValueError("must have a * for what is hidden, and no digits; never send a full name or a number")
    return name


CardToken = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{64}$", to_lower=True)]
MaskedName = Annotated[str, AfterValidator(_looks_masked)]


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,32}$")]  # a code is not a place for names


class Asked(BaseModel):
    """Base of every request: a field that is not known is refused, so that a slip is not silently lost."""

    model_config = ConfigDict(extra="forbid")


class IssueIn(Asked):
    """A ticket for an item, or for a line when the item is not known."""

    item: str | None = Field(None, max_length=64)
    line: str | None = Field(None, max_length=64)
    class_: ClassName = Field("walk_in", alias="class")
    source: Literal["kiosk", "guide", "counter", "phone", "appointment"] = "kiosk"
    lang: Literal["zh", "en"] = "zh"
    card_token: CardToken | None = Field(None, description="HMAC-SHA-256 of kind|number, key of the day, hex")
    masked_name: MaskedName | None = Field(None, max_length=64, description="as a clerk may see it: 张*三")
    reason: Code = Field("", description="why a green ticket is given: a code")
    appointment: AwareDatetime | None = Field(None, description="the booked time, for class appointment")


class NextIn(Asked):
    finish_current: bool = Field(False, description="finish the window's present ticket in the same step")


class NothingIn(Asked):
    """No fields; the body may be left out."""


class TicketIn(Asked):
    ticket: str = Field(max_length=64, description="its id")


class TransferIn(Asked):
    """Where a ticket goes on: a line, one window, or a line at one window."""

    line: str | None = Field(None, max_length=64)
    window: int | None = Field(None, ge=1, le=999)


class ClassIn(Asked):
    class_: ClassName = Field(alias="class")
    reason: Code = Field("", description="a code; needed for green")


class PrintedIn(Asked):
    ok: bool = Field(description="the printer confirmed the paper")
    doubt: bool = Field(False, description="sent whole, never confirmed")
    count: int = Field(1, ge=0, le=100, description="how many papers left the printer in this try")


class DeviceIn(Asked):
    name: str = Field(min_length=1, max_length=64)
    state: str = Field(min_length=1, max_length=32, description="ok, paper_low, offline …")
    detail: str = Field("", max_length=200, description="for a person; never about a citizen")


class HeartbeatIn(Asked):
    hall: str | None = Field(None, max_length=32, description="needed only where the server has several")
    machine: str = Field(min_length=1, max_length=64)
    devices: list[DeviceIn] = Field(default_factory=list, max_length=64)


class Name(BaseModel):
    zh: str
    en: str

    @classmethod
    def of(cls, words: Words) -> Name:
        return cls.model_construct(zh=words.zh, en=words.en)


class RangeOut(BaseModel):
    low: int
    high: int


class StepOut(BaseModel):
    """One visit to a window."""

    line: str
    waiting_from: Instant
    window: int
    called_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    outcome: str = Field(description="done, held, transferred, released, missed …; empty while it lasts")


class TicketOut(BaseModel):
    id: str = Field(description="unguessable; it is in the address of the QR code")
    number: str
    hall: str
    line: str
    item: str | None
    class_: str = Field(alias="class")
    state: State
    business_day: date
    issued_at: Instant
    key: Instant = Field(description="virtual arrival: orders tickets")
    ahead: int = Field(description="waiting tickets of the same line before this one")
    range: RangeOut | None
    no_window: bool = Field(description="it waits, and no open window serves its line: no range can be told")
    window: int | None
    bound: int | None = Field(description="the window it was sent on to, alone; null: any that serves its line")
    zone: str
    url: str
    printed: bool
    print_doubt: bool
    prints: int
    calls: int
    called_at: Instant | None
    source: str
    lang: str
    steps: list[StepOut] = Field(description="the present one; all of them for a ticket asked for by its id")
    return_until: Instant | None = Field(
        None, description="only while a missed ticket, asked for by its id, may come back", exclude_if=_is_none
    )


class PersonOut(BaseModel):
    masked_name: str


class ServedTicketOut(TicketOut):
    """The ticket at a window, with what its clerk may know of the person; nowhere else is that shown."""

    person: PersonOut | None


class TicketsOut(BaseModel):
    tickets: list[TicketOut]


class WindowOut(BaseModel):
    no: int
    zone: str
    kind: WindowKind
    state: WindowState
    lines: list[str]
    home_field: str
    since: Instant | None
    number: str | None = Field(description="of its called or serving ticket")


class ReasonOut(BaseModel):
    """Why this ticket was called."""

    rule: str = Field(
        description="first_come; credit: its class counts as having come earlier; home_field and own_class: preferred "
        "here within the tolerance; bound: transferred to this window; chosen by the clerk; resumed"
    )
    candidates: int = Field(description="lanes compared")
    oldest: str = Field(description="number of the oldest ticket this window could call")


class ActionOut(BaseModel):
    ticket: TicketOut | None
    window: WindowOut


class NextOut(BaseModel):
    ticket: TicketOut
    window: WindowOut
    reason: ReasonOut


class ComingOut(ReasonOut):
    """Whom `next` would call now, and why."""

    ticket: str = Field(description="its id")


class HelpCallOut(BaseModel):
    """A citizen who asked for a person: where, since when, and when somebody went."""

    id: int
    place: str
    asked_at: Instant
    answered_at: Instant | None


class WindowDetailOut(WindowOut):
    """A window with its ticket, those it can call (the first of them, and how many in all) and those it holds."""

    at: Instant = Field(description="when this was so")
    coming: ComingOut | None = Field(description="of those it can call; null when nobody waits")
    ticket: ServedTicketOut | None
    callable: int
    tickets: list[TicketOut]
    held: list[TicketOut]
    help: list[HelpCallOut] = Field(description="of the hall: nobody has gone yet")


class ItemOut(BaseModel):
    id: str
    name: Name


class LineOut(BaseModel):
    id: str
    letter: str
    name: Name
    hint: Name
    field: str
    zone: str
    icon: str
    colour: str
    open: bool
    items: list[ItemOut]
    waiting: int
    range: RangeOut | None
    no_window: bool = Field(description="no open window serves the line now")


class ClassOut(BaseModel):
    id: str
    name: Name
    credit: int = Field(description="minutes")
    kiosk: bool


class HoursOut(BaseModel):
    open: bool = Field(description="doors are open now")
    tickets: bool = Field(description="numbers are given now")
    enforced: bool
    next_open: Instant | None
    business_day: date
    weekly: list[Hours]
    holidays: list[date]


class HallShortOut(BaseModel):
    id: str
    name: Name
    open: bool


class HallsOut(BaseModel):
    halls: list[HallShortOut]


class PastOut(BaseModel):
    """What is no longer offered: names for tickets that still have it."""

    lines: list[ItemOut]
    items: list[ItemOut]
    classes: list[ItemOut]


class HallOut(BaseModel):
    id: str
    name: Name
    phone: str
    time_zone: str
    second_language: str
    lines: list[LineOut]
    windows: list[WindowOut]
    classes: list[ClassOut]
    hours: HoursOut
    rules: Rules
    promise: dict[str, dict[str, int]] = Field(
        description="minutes by own class, then by another's: how much later somebody of that class may have come and "
        "still be called first, at a window that could serve both"
    )
    notices: list[Name]
    popular: list[str] = Field(description="ids of the items most asked for on past days, the most first; at most 8")
    past: PastOut


class CallOut(BaseModel):
    number: str
    line: str
    window: int
    zone: str
    state: State
    at: Instant
    calls: int


class BoardLineOut(BaseModel):
    id: str
    letter: str
    name: Name
    waiting: int
    range: RangeOut | None
    no_window: bool = Field(description="no open window serves the line now")
    open: bool
    opens_next: Instant | None = Field(description="numbers again; null: they are given now, or nobody knows when")


class BoardWindowOut(BaseModel):
    no: int
    zone: str
    kind: WindowKind
    state: WindowState
    number: str | None


class BoardOut(BaseModel):
    """The hall now. An event is a hint, this is the truth."""

    seq: int = Field(description="the last event that is in this picture")
    epoch: str = Field(description="another epoch: forget what was known")
    at: Instant
    hall: str
    calls: list[CallOut] = Field(description="newest first, at most 20")
    lines: list[BoardLineOut]
    windows: list[BoardWindowOut]


class LineRecordOut(BaseModel):
    """First ranges of a line's tickets that came to their end."""

    id: str
    given: int
    inside: int = Field(description="the wait lay within the range")
    beyond: int = Field(description="the wait was longer than the range said")


class RecordOut(BaseModel):
    """How well what people were told about their wait held."""

    days: int = Field(description="business days before today")
    lines: list[LineRecordOut]


class WhyOut(BaseModel):
    """Who was called before, and by which rule, in one sentence."""

    rule: str = Field(description="key of the sentence")
    zh: str
    en: str


class HeartbeatOut(BaseModel):
    changed: int = Field(description="devices whose state was news")


class DeviceOut(BaseModel):
    machine: str
    name: str
    state: str
    detail: str
    at: Instant = Field(description="in this state since")


class DevicesOut(BaseModel):
    devices: list[DeviceOut]


class ErrorOut(BaseModel):
    error: str
    message: str
    detail: dict[str, Any]


class HealthOut(BaseModel):
    ok: bool
