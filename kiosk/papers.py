"""The ticket as it is printed: plain facts, the words of the catalogue and a template become a paper document.

Chinese always, a second language where the hall has set one. No person's name or class stands on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from devices.paper import blocks as b
from kiosk.answers import Hall, Kept, Name, Ticket, windows_serving
from kiosk.i18n import Catalogue
from kiosk.paper_template import Entry, Style, Template, built_in
from kiosk.ranges import SOON

ENOUGH = 10  # waits that came to their end, until "so many of ten" says something


@dataclass(frozen=True)
class Facts:
    """What a ticket says beside its own numbers. `reprint` is 0 for the first paper; `issued_at` in the hall's zone.

    `hits` of ten waits in this line lay within the time first given; None: too few to say.
    """

    hall: Hall
    ticket: Ticket
    line: Name
    item: Name
    windows: str
    issued_at: datetime
    machine: str
    reprint: int = 0
    hits: int | None = None


def windows_text(numbers: Iterable[int]) -> str:
    """Window numbers with neighbours drawn together: 1, 2, 3, 8 -> "1–3、8"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(
        f"{run[0]}–{run[-1]}" if len(run) > 2 else "、".join(str(number) for number in run) for run in runs
    )


def facts(
    hall: Hall, ticket: Ticket, issued_at: datetime, machine: str, reprint: int = 0, kept: Kept | None = None
) -> Facts:
    """Gathers what the paper says from what the hall offers and how its line's estimates were `kept`."""
    line = hall.line(ticket.line)
    items = {item.id: item.name for item in line.items} if line else {}
    return Facts(
        hall=hall,
        ticket=ticket,
        line=line.name if line else Name(ticket.line),
        item=items.get(ticket.item, line.name if line else Name(ticket.line)),
        windows=windows_text(windows_serving(hall, ticket.line)),
        issued_at=issued_at,
        machine=machine,
        reprint=reprint,
        hits=10 * kept.inside // kept.given if kept and kept.given >= ENOUGH else None,
    )


def ticket(told: Facts, words: Catalogue, template: Template | None = None, style: Style = "normal") -> b.Document:
    """The whole paper, as the hall's template has it; without one, as the built-in."""
    tell = _Language(words, told.hall.second_language)
    entries = (template or built_in()).entries(style)
    blocks = [block for entry in entries for block in WRITERS[entry.block](entry, told, tell)]
    return b.Document(tuple(blocks), style)


class _Language:
    """Chinese and the second language; the latter empty where the hall has none."""

    def __init__(self, words: Catalogue, second: str) -> None:
        self._words, self._second = words, second

    def __call__(self, key: str, **facts: object) -> tuple[str, str]:
        zh, en = self._words.both(key, **facts)
        return zh, en if self._second else ""

    def name(self, name: Name) -> tuple[str, str]:
        return name.zh, name.en if self._second else ""


def _titled(entry: Entry, words: tuple[str, str], shrink: bool = False) -> list[b.Block]:
    zh, en = words
    return [b.Text(zh, en, entry.size, entry.bold, entry.align == "centre", shrink)]


def _hall(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    return _titled(entry, tell.name(told.hall.name))


def _reprint(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    both = tell("ticket.reprint", count=told.reprint)
    return [b.Badge(" · ".join(filter(None, both)))] if told.reprint else []


def _number(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    return [b.Number(told.ticket.number)]


def _item(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    return _titled(entry, tell.name(told.item), shrink=True)


def _line(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    """Nothing where the number is for no item of the line."""
    return _titled(entry, tell.name(told.line)) if told.line != told.item else []


def _ahead(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    count = told.ticket.ahead
    label, label_en = tell("ticket.ahead", count=count)
    people = tell("ticket.people" if count else "ticket.nobody", count=count)[0]
    return [b.Pair(label, people, label_en, strong=entry.bold)]


def _wait(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    span = told.ticket.range
    if span is None:
        return [b.Text(*tell("range.no_window" if told.ticket.no_window else "range.none"))]
    label, label_en = tell("ticket.wait")
    soon = span.high <= SOON
    zh, en = tell("range.soon") if soon else tell("range.minutes", low=span.low, high=span.high)
    return [b.Pair(label, zh, f"{label_en}: {en.lower()}" if label_en else "", strong=entry.bold)]


def _record(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    """It speaks of the time above it: without one, nothing."""
    if told.hits is None or told.ticket.range is None:
        return []
    return _titled(entry, tell("track.record", hits=told.hits))


def _place(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    place, place_en = tell("ticket.place", zone=told.ticket.zone)
    windows, windows_en = tell("ticket.windows", windows=told.windows)
    return [b.Frame(place, windows, ", ".join(filter(None, (place_en, windows_en.replace("、", ", ")))))]


def _code(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    detail = ("", "") if entry.short else tell("ticket.live.detail")
    return [b.Code(told.ticket.url, *tell("ticket.live"), *detail)]


def _missed(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    both = tell("ticket.missed", calls=told.hall.calls_before_missed)
    return [b.Note(tell("label.missed")[0], *both, size=entry.size)]


def _promise(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    promise = told.hall.promise
    if promise is None:
        return []
    minutes = {"walk": promise.walk, "booked": promise.booked, "care": promise.care, "urgent": promise.urgent}
    both = tell("promise.walk_in.short" if entry.short else "promise.walk_in", **minutes)
    return [b.Note(tell("label.promise")[0], *both, size=entry.size)]


def _foot(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    machine = " · ".join(filter(None, tell("ticket.machine", machine=told.machine)))
    return [b.Foot(f"{told.issued_at:%Y-%m-%d %H:%M}", machine)]


def _rule(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    return [b.Rule(entry.heavy)]


def _own(entry: Entry, told: Facts, tell: _Language) -> list[b.Block]:
    return _titled(entry, tell.name(Name(entry.zh, entry.en)))


WRITERS: dict[str, Callable[[Entry, Facts, _Language], list[b.Block]]] = {
    "hall": _hall,
    "number": _number,
    "reprint": _reprint,
    "item": _item,
    "line": _line,
    "ahead": _ahead,
    "wait": _wait,
    "record": _record,
    "place": _place,
    "code": _code,
    "missed": _missed,
    "promise": _promise,
    "foot": _foot,
    "rule": _rule,
    "text": _own,
}
