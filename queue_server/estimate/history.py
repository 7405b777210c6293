"""A hall's past days, from its log: each ticket's stays, and whether its first range held.

The first range a ticket was given stands in its `ticket.issued`, so that anybody who has the log can check what was
promised. A row that makes no sense is left out, and counted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from queue_server.domain import past
from queue_server.estimate.learning import Day, Kept, Stay, day_of
from queue_server.hallbook import HallBook

Facts = Mapping[str, Any]
MINUTE = timedelta(minutes=1)
BUSY_UNTIL = ("done", "missed", "held", "transferred")  # a window was busy from the call to the end of these
logger = logging.getLogger(__name__)


def read_row(payload: str) -> tuple[str, date, Facts] | None:
    """Ticket id, its business day and the event; None for what is no ticket's, or broken."""
    try:
        facts: Facts = json.loads(payload)
        ticket = facts["ticket"]
        if ticket is None:
            return None
        datetime.fromisoformat(facts["at"]).astimezone(UTC)
        return str(ticket["id"]), date.fromisoformat(ticket["business_day"]), facts
    except (ValueError, KeyError, TypeError) as error:
        logger.warning("a row of the log was left out: %s", error)
        return None


def day_from(day: date, tickets: Iterable[Sequence[Facts]], book: HallBook) -> Day:
    """The business day's counts from its tickets' events."""
    midnight = datetime.combine(day, time(0), ZoneInfo(book.hall.time_zone))
    stays: list[Stay] = []
    kept: dict[str, Kept] = {}
    for events in tickets:
        try:
            found = list(_stays(events, midnight, book))
            first = first_range(events[0])
        except (KeyError, ValueError, IndexError, TypeError) as error:
            logger.warning("a ticket of %s was left out: %s", day, error)
            continue
        stays += found
        if first and found and found[0].called is not None:
            line, wait = found[0].line, found[0].called - found[0].came
            kept[line] = kept.get(line, Kept()).and_one(*first, wait)
    counted = day_of(day.weekday(), stays)
    counted.kept = kept
    return counted


def first_range(issued: Facts) -> tuple[int, int] | None:
    """What a ticket was told when it was taken; minutes."""
    told = issued["reason"].get("range") if issued["type"] == "ticket.issued" else None
    return (int(told["low"]), int(told["high"])) if told else None


def _stays(events: Sequence[Facts], midnight: datetime, book: HallBook) -> Iterator[Stay]:
    ticket = events[0]["ticket"]

    def minutes(at: datetime | None) -> float | None:
        return (at - midnight) / MINUTE if at is not None else None

    for n, step in enumerate(past.steps(events)):
        came = minutes(step.waiting_from)
        assert came is not None
        called, ended = minutes(step.called_at), minutes(step.ended_at)
        home = book.home_lines(step.window) if step.window in book.windows else frozenset()
        yield Stay(
            step.line,
            ticket["item"] or step.line,
            ticket["class"],
            came,
            called,
            ended,
            off=bool(home) and step.line not in home,
            answers=step.outcome != "missed",
            takes=step.outcome in BUSY_UNTIL,
            first=n == 0,
            gone=ended if called is None else None,
        )
