"""The shape of every setting: its type, default, unit and what it is for.

Three files: hall.toml (what the hall offers and its rules; read by the server), kiosk.toml (one terminal; read by
kiosks and displays), devices.toml (the hardware on one terminal). A setting is a field; what a field says here is
what the loader checks and what the README's settings table lists.
"""

from __future__ import annotations

import zoneinfo
from datetime import date, time
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WindowKind = Literal["comprehensive", "special", "green"]
ClassName = Literal["walk_in", "appointment", "elderly", "disabled", "pregnant", "serviceman", "green"]


def setting(default: Any = ..., note: str = "", unit: str = "", **limits: Any) -> Any:
    """A field with its comment and unit; without a default it must be in the file."""
    extra: JsonDict | None = {"unit": unit} if unit else None
    if isinstance(default, (dict, list)):
        kind = type(default)
        return Field(default_factory=kind, description=note, json_schema_extra=extra, **limits)
    return Field(default, description=note, json_schema_extra=extra, **limits)


def known_time_zone(name: str) -> str:
    """The name itself, if the system's zone database has it."""
    if name not in zoneinfo.available_timezones():
        raise ValueError("expected a time zone such as Asia/Shanghai")
    return name


TimeZone = Annotated[str, AfterValidator(known_time_zone)]
DisplayName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,15}$")]


class Settings(BaseModel):
    """Base of every table: unknown keys refused, values never converted silently, frozen once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Words(Settings):
    """A name in Chinese and in the hall's second language."""

    zh: str = setting(note="Chinese, always shown", min_length=1)
    en: str = setting("", note="second language; empty: the Chinese is shown")


class Hours(Settings):
    """One opening time on some days of the week."""

    days: tuple[Weekday, ...] = setting(note="days these hours hold on", min_length=1, strict=False)
    open: time = setting(note="doors open, hall time")
    close: time = setting(note="doors close, hall time; earlier than `open` means after midnight")
    last_ticket: time | None = setting(None, note="no numbers after this, hall time; none: until `close`")


class MakeUpDay(Settings):
    """A day worked in place of another one (调休): its hours are those of that weekday."""

    day: date = setting(note="the date worked, usually a weekend")
    like: Weekday = setting(note="the weekday whose hours hold")


class ClassRule(Settings):
    """What a class of ticket is worth in the queue (QUEUE R1)."""

    name: Words = setting(note="shown to staff only: in public every priority class is one word")
    credit: int = setting(0, note="counted as arriving this much earlier", unit="minutes", ge=0, le=240)
    kiosk: bool = setting(False, note="a citizen may take it at a kiosk without staff")
    retired: bool = setting(False, note="true: no longer given; tickets that have it keep it")


class Rules(Settings):
    """The queue's rules that a hall may tune."""

    recall_gap: int = setting(30, note="least time between two calls of one ticket", unit="seconds", ge=0)
    calls_before_missed: int = setting(3, note="calls before a clerk may mark a ticket missed", unit="calls", ge=1)
    return_within: int = setting(15, note="a missed ticket may return once within", unit="minutes", ge=0)
    return_penalty: int = setting(5, note="added to the key of a returned ticket", unit="minutes", ge=0)
    home_tolerance: int = setting(10, note="a window prefers its home field by up to (0 = off)", unit="minutes", ge=0)
    special_tolerance: int = setting(30, note="a special window prefers its own classes by up to", unit="minutes", ge=0)
    appointment_late: int = setting(15, note="later than this after the slot: a walk-in", unit="minutes", ge=0)
    green_alarm: int = setting(5, note="more green tickets of a day than this: alarm", unit="%", ge=0, le=100)
    undo_within: int = setting(10, note="a window may take back its last action within", unit="seconds", ge=0, le=60)
    special_classes: tuple[ClassName, ...] = setting(
        ("elderly", "disabled"), note="whom a special window prefers", strict=False
    )
    elderly_age: int = setting(60, note="a citizen of this age may take an elderly ticket", unit="years", ge=40, le=120)


class Staff(Settings):
    """People who work here, in a browser."""

    session_idle: int = setting(10, note="signed out when no page of theirs was open for", unit="minutes", ge=1)
    session_longest: int = setting(12, note="signed out at the latest after", unit="hours", ge=1, le=168)


class Line(Settings):
    """What tickets are numbered in: a group of items with a letter."""

    id: str = setting(note="short name used by programs", pattern=r"^[a-z][a-z0-9_]{0,31}$")
    letter: str = setting(note="first character of its numbers", pattern=r"^[A-Z]$")
    name: Words = setting(note="shown on tiles, tickets and screens")
    hint: Words = setting(Words(zh="—"), note="small words under the name on a tile")
    field: str = setting("", note="group of lines a clerk knows well; home field of windows", max_length=32)
    zone: str = setting("A", note="where its holders wait", pattern=r"^[A-Z0-9]{1,4}$")
    icon: str = setting("file", note="a Phosphor icon's name", pattern=r"^[a-z][a-z-]*$")
    colour: str = setting("#1456D9", note="accent of its tile", pattern=r"^#[0-9A-Fa-f]{6}$")
    open: bool = setting(True, note="false: shown, but gives no numbers")
    daily: int = setting(0, note="numbers a business day; 0: as many as come", unit="tickets", ge=0)
    retired: bool = setting(False, note="true: no longer offered anywhere; its past stays readable")


class Item(Settings):
    """A thing a citizen can have done."""

    id: str = setting(note="short name used by programs", pattern=r"^[a-z][a-z0-9_-]{0,47}$")
    line: str = setting(note="id of its line")
    name: Words = setting(note="as published")
    retired: bool = setting(False, note="true: no longer offered")


class Window(Settings):
    """Where a clerk serves."""

    no: int = setting(note="the number over the window", ge=1, le=999)
    zone: str = setting("A", note="where it stands", pattern=r"^[A-Z0-9]{1,4}$")
    kind: WindowKind = setting("comprehensive", note="comprehensive, special (own classes first) or green")
    lines: tuple[str, ...] = setting(note="ids of the lines it serves", min_length=1, strict=False)
    home_field: str = setting("", note="the field its clerk knows best; empty: none")
    retired: bool = setting(False, note="true: taken out of service")


class Hall(Settings):
    """One service hall: the unit of time zone, business day, numbering and order."""

    id: str = setting(note="in every address of the API", pattern=r"^[a-z][a-z0-9-]{0,31}$")
    name: Words = setting(note="over every screen and ticket")
    phone: str = setting(note="enquiries", max_length=32)
    time_zone: TimeZone = setting("Asia/Shanghai", note="decides the business day")
    public_url: str = setting("", note="address phones reach; empty: the server's own", pattern=r"^(https?://\S+)?$")
    second_language: Literal["", "en"] = setting("en", note="printed and spoken after Chinese; empty: none")
    rules: Rules = setting(Rules(), note="recall, return and preference")
    staff: Staff = setting(Staff(), note="sessions of clerks and managers")
    classes: dict[ClassName, ClassRule] = setting({}, note="kinds of ticket")
    hours: tuple[Hours, ...] = setting(note="weekly opening times", min_length=1, strict=False)
    holidays: tuple[date, ...] = setting((), note="closed on these dates", strict=False)
    make_up_days: tuple[MakeUpDay, ...] = setting((), note="worked in place of others", strict=False)
    notices: tuple[Words, ...] = setting((), note="run along the foot of hall screens", strict=False)
    lines: tuple[Line, ...] = setting(note="what tickets are numbered in", min_length=1, strict=False)
    items: tuple[Item, ...] = setting(note="what citizens can have done", min_length=1, strict=False)
    windows: tuple[Window, ...] = setting(note="where clerks serve", min_length=1, strict=False)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for what, names in (
            ("line id", [line.id for line in self.lines]),
            ("line letter", [line.letter for line in self.lines]),
            ("item id", [item.id for item in self.items]),
            ("window no", [str(window.no) for window in self.windows]),
            ("make-up day", [str(one.day) for one in self.make_up_days]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]} stands twice; each must be its own")
        known = {line.id for line in self.lines}
        named = [(f"items.{item.id}.line", item.line) for item in self.items]
        named += [(f"windows.{window.no}.lines", line) for window in self.windows for line in window.lines]
        for where, line_id in named:
            if line_id not in known:
                raise ValueError(f"{where}: no line is called {line_id!r}")
        served = {line for window in self.windows if not window.retired for line in window.lines}
        for one in self.lines:
            if one.open and not one.retired and one.id not in served:
                raise ValueError(f"lines.{one.id}: no window serves it; add it to a window or set open = false")
        for one_day in self.make_up_days:
            if one_day.day in self.holidays:
                raise ValueError(f"make_up_days: {one_day.day} is among the holidays too; keep it in one of them")
        if "walk_in" not in self.classes or self.classes["walk_in"].retired:
            raise ValueError("classes.walk_in: every hall has walk-in tickets")
        return self


class TouchSettings(Settings):
    """A terminal people touch."""

    machine: str = setting("1", note="its name, on tickets and in device reports", max_length=16)
    width: int = setting(1080, note="screen", unit="px", ge=320)
    height: int = setting(1920, note="screen", unit="px", ge=320)
    px_per_mm: float = setting(4.03, note="21.5 inch portrait 1080p is 4.03", unit="px/mm", gt=1, le=40)
    glass_bottom: int = setting(
        760, note="lower edge of the glass over the floor; decides the low layout", unit="mm", ge=0, le=960
    )
    idle_home: int = setting(60, note="untouched this long: warn", unit="seconds", ge=10)
    idle_warning: int = setting(20, note="the warning lasts", unit="seconds", ge=20)
    ticket_seconds: int = setting(20, note="a ticket stays on screen", unit="seconds", ge=5)
    printer: str = setting("", note="name of the printer in devices.toml; empty: none")
    template: str = setting("", note="what stands on its tickets, a file from this file's folder; empty: built in")
    voice: str = setting("", note="name of the voice in devices.toml; empty: nothing is read aloud")


class TicketSettings(TouchSettings):
    """A ticket kiosk."""

    reader: str = setting("", note="name of the ID card reader in devices.toml; empty: none")


class SignSettings(Settings):
    """An LED sign a hall display writes to."""

    device: str = setting(note="name in devices.toml; signs on one line share it")
    address: int = setting(1, note="its own on that line", ge=1)
    windows: tuple[int, ...] = setting((), note="only calls to these windows; empty: all", strict=False)


class SilentHours(Settings):
    """A time of every day without the loudspeaker."""

    start: time = setting(note="no calls are spoken from, hall time")
    end: time = setting(note="until, hall time; earlier than `start` means after midnight")


class DisplaySettings(Settings):
    """A hall display: of the whole hall, of some zones, or of some windows; one window alone has its own screen."""

    machine: str = setting("display", note="its name, in device reports", max_length=16)
    width: int = setting(1920, note="screen", unit="px", ge=320)
    height: int = setting(1080, note="screen", unit="px", ge=320)
    call_seconds: float = setting(6.0, note="least time a call is the big one", unit="seconds", ge=1)
    recent: int = setting(5, note="calls listed under the big one", unit="calls", ge=1, le=12)
    zones: tuple[str, ...] = setting((), note="only calls to these zones; empty: all", strict=False)
    windows: tuple[int, ...] = setting((), note="only calls to these windows; empty: all", strict=False)
    silent: tuple[SilentHours, ...] = setting((), note="calls are shown and not spoken", strict=False)
    signs: tuple[SignSettings, ...] = setting((), note="LED signs", strict=False)
    voice: str = setting("", note="name of the voice in devices.toml; empty: none")


class Facility(Settings):
    """Something in the hall that helps people wait."""

    icon: str = setting("info", note="a Phosphor icon's name", pattern=r"^[a-z][a-z-]*$")
    name: Words = setting(note="what it is")
    where: Words = setting(note="how to get there")


class LookupSettings(TouchSettings):
    """A standards lookup terminal."""

    machine: str = setting("lookup", note="its name, on tickets and in device reports", max_length=16)
    copy_folder: str = setting(
        "guides-copy", note="keeps the guides for when the server is away; from this file's folder"
    )
    page_url: str = setting("", note="address phones reach; empty: the server's", pattern=r"^(https?://\S+)?$")
    facilities: tuple[Facility, ...] = setting((), note="listed on a page of their own", strict=False)


class Theme(Settings):
    """How a hall marks its terminals as its own."""

    emblem: str = setting("bank", note="a Phosphor icon's name, or a PNG's path from this file's folder", min_length=1)
    accent: str = setting("#1456D9", note="behind white words in headers", pattern=r"^#[0-9A-Fa-f]{6}$")


class Kiosk(Settings):
    """One terminal: where its server is and what it shows."""

    server: str = setting(note="address of the queue server", pattern=r"^https?://\S+$")
    hall: str = setting(note="id of the hall")
    token_file: str = setting(note="file with this terminal's token: text, or JSON {role: token}")
    language: Literal["zh", "en"] = setting("zh", note="language after each reset")
    stale_after: int = setting(20, note="no word from the server this long: say so", unit="seconds", ge=5)
    theme: Theme = setting(Theme(), note="the hall's emblem and colour")
    ticket: TicketSettings = setting(TicketSettings(), note="if it gives numbers")
    display: DisplaySettings = setting(DisplaySettings(), note="if it is a hall display")
    displays: dict[DisplayName, DisplaySettings] = setting({}, note="more hall displays, by name")
    lookup: LookupSettings = setting(LookupSettings(), note="if it looks up what to bring")

    @model_validator(mode="after")
    def _machines_differ(self) -> Self:
        machines = [self.display.machine, *(self.display_named(name).machine for name in self.displays)]
        twice = sorted({machine for machine in machines if machines.count(machine) > 1})
        if twice:
            raise ValueError(f"displays: machine {twice[0]} stands twice; each display reports under its own name")
        return self

    def display_named(self, name: str) -> DisplaySettings:
        """One of `displays`; its machine is its name unless the file says another. KeyError for an unknown name."""
        found = self.displays[name]
        return found if "machine" in found.model_fields_set else found.model_copy(update={"machine": name})


class Device(Settings):
    """A piece of hardware: a model and a URL."""

    model: str = setting(note="a name `python -m devices list` shows")
    url: str = setting(note="/dev/serial/by-id/…, socket://host:port, rfc2217://…, sim://…")
    options: dict[str, str | int | float | bool | list[str]] = setting({}, note="what this model can be told, by name")


class Devices(Settings):
    """The hardware on one terminal, by name."""

    devices: dict[str, Device] = setting({}, note="name -> device")
