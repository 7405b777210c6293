"""Why somebody was called before me: one rule, as the key of a sentence and what it is filled with (QUEUE, WORDS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from queue_server.domain.dispatch import Desk, Rule

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to know."""

    line: str
    issued_at: datetime
    key: datetime


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who was called while the asker waited. `first_window`: where an earlier step was done, else None."""

    number: str
    cls: str
    issued_at: datetime
    key: datetime
    rule: Rule
    returned: bool = False
    first_window: int | None = None


def why(asker: Asker, called: Called, desk: Desk, credit: timedelta, field: object) -> tuple[str, dict[str, object]]:
    """The sentence and its facts. `credit` is that of the called one's class, `field` the window's home field in words.

    Instants among the facts stay datetimes, lengths are whole minutes, never less than 1.
    """
    facts: dict[str, object] = {"other": called.number, "window": desk.no}
    limit = _minutes(desk.tolerance)
    if called.rule is Rule.RESUMED:
        return "why.resume", facts
    if called.rule is Rule.BOUND:
        return "why.bound", facts
    if asker.line not in desk.lines:
        return "why.other_line", facts
    if called.rule is Rule.CHOSEN and called.key > asker.key:
        return "why.chosen", facts
    if called.rule is Rule.OWN_CLASS:
        return "why.special", facts | {"limit": limit}
    if called.rule is Rule.HOME_FIELD and called.key > asker.key:
        return "why.home", facts | {"field": field, "minutes": _minutes(called.key - asker.key), "limit": limit}
    if called.first_window is not None:
        return "why.transfer", facts | {"from_window": called.first_window, "time": called.issued_at}
    if called.returned:
        return "why.return", facts | {"minutes": _minutes(asker.key - called.key)}
    if called.issued_at < asker.issued_at:
        return "why.order", facts | {"minutes": _minutes(asker.issued_at - called.issued_at)}
    if called.cls == "green":
        return "why.urgent", facts | {"credit": _minutes(credit)}
    if called.cls == "appointment":
        return "why.booked", facts | {"slot": called.key + credit}
    return "why.credit", facts | {"credit": _minutes(credit)}


def _minutes(length: timedelta) -> int:
    return max(1, round(length / MINUTE))
