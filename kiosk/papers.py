"""The ticket as it is printed: plain facts and the words of the catalogue become a paper document.

Chinese always, a second language where the hall has set one. No person's name or class stands on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from devices.paper import blocks as b
from kiosk.client import Hall, Name, Ticket, windows_serving
from kiosk.i18n import Catalogue

SOON = 5  # minutes: a wait that ends before this is said in words


@dataclass(frozen=True)
class Facts:
    """What a ticket says beside its own numbers. `reprint` is 0 for the first paper; `issued_at` in the hall's zone."""

    hall: Hall
    ticket: Ticket
    line: Name
    item: Name
    windows: str
    issued_at: datetime
    machine: str
    reprint: int = 0


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


def facts(hall: Hall, ticket: Ticket, issued_at: datetime, machine: str, reprint: int = 0) -> Facts:
    """Gathers what the paper says from what the hall offers."""
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
    )


def ticket(told: Facts, words: Catalogue) -> b.Document:
    """The whole paper."""
    tell = _Language(words, told.hall.second_language)
    return b.Document((*_head(told, tell), *_wait(told, tell), *_rules(told, tell)))


class _Language:
    """Chinese and the second language; the latter empty where the hall has none."""

    def __init__(self, words: Catalogue, second: str) -> None:
        self._words, self._second = words, second

    def __call__(self, key: str, **facts: object) -> tuple[str, str]:
        zh, en = self._words.both(key, **facts)
        return zh, en if self._second else ""

    def name(self, name: Name) -> tuple[str, str]:
        return name.zh, name.en if self._second else ""


def _head(told: Facts, tell: _Language) -> list[b.Block]:
    out: list[b.Block] = [b.Text(*tell.name(told.hall.name), size="title", centre=True), b.Rule(heavy=True)]
    if told.reprint:
        zh, en = tell("ticket.reprint", count=told.reprint)
        out.append(b.Badge(" · ".join(filter(None, (zh, en)))))
    out += [b.Number(told.ticket.number), b.Text(*tell.name(told.item), size="strong", centre=True, shrink=True)]
    if told.line != told.item:
        out.append(b.Text(*tell.name(told.line), centre=True))
    return [*out, b.Rule()]


def _wait(told: Facts, tell: _Language) -> list[b.Block]:
    count = told.ticket.ahead
    label, label_en = tell("ticket.ahead", count=count)
    people = tell("ticket.people" if count else "ticket.nobody", count=count)[0]
    out: list[b.Block] = [b.Pair(label, people, label_en)]
    wait, wait_en = tell("ticket.wait")
    span = told.ticket.range
    if span is None:
        out.append(b.Text(*tell("range.none")))
    else:
        soon = span.high <= SOON
        zh, en = tell("range.soon") if soon else tell("range.minutes", low=span.low, high=span.high)
        out.append(b.Pair(wait, zh, f"{wait_en}: {en.lower()}" if wait_en else ""))
    place, place_en = tell("ticket.place", zone=told.ticket.zone)
    windows, windows_en = tell("ticket.windows", windows=told.windows)
    out.append(b.Frame(place, windows, ", ".join(filter(None, (place_en, windows_en.replace("、", ", "))))))
    return out


def _rules(told: Facts, tell: _Language) -> list[b.Block]:
    promise = told.hall.promise
    out: list[b.Block] = [
        b.Code(told.ticket.url, *tell("ticket.live"), tell("ticket.live.detail")[0]),
        b.Rule(),
        b.Note(tell("label.missed")[0], *tell("ticket.missed", calls=told.hall.calls_before_missed)),
    ]
    if promise:
        minutes = {"walk": promise.walk, "booked": promise.booked, "care": promise.care, "urgent": promise.urgent}
        out.append(b.Note(tell("label.promise")[0], *tell("promise.walk_in", **minutes)))
    foot = b.Foot(f"{told.issued_at:%Y-%m-%d %H:%M}", tell("ticket.machine", machine=told.machine)[0])
    return [*out, b.Rule(), foot]
