"""What is read of a hall, and the statements that change it; those of persons and machines stand beside.

`Reading` is one consistent look at a hall; `Transaction` (in `writer`) adds what changes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from queue_server.domain.dispatch import LaneHead
from queue_server.domain.model import State, Ticket, WindowState, WindowStatus
from queue_server.store import sql
from queue_server.store.schema import (
    from_instant,
    to_instant,
)
from queue_server.store.statement import Connection, Row

LOG_PAGE = 5_000  # rows: a log may be larger than memory


def _or_none(value: int | None) -> datetime | None:
    return None if value is None else from_instant(value)


def _instant(value: datetime | None) -> int | None:
    return None if value is None else to_instant(value)


def ticket_of(row: Row) -> Ticket:
    """A row of `tickets`, in the table's order."""
    (id_, hall, seq, number, line, item, cls, state, day, issued_at, key, source, lang, bound, window, calls) = row[:16]
    first_called_at, called_at, started_at, ended_at = map(_or_none, row[16:20])
    printed, print_doubt, prints = row[20:]
    return Ticket(
        id=id_,
        seq=seq,
        number=number,
        hall=hall,
        line=line,
        item=item,
        cls=cls,
        state=State(state),
        business_day=date.fromisoformat(day),
        issued_at=from_instant(issued_at),
        key=from_instant(key),
        source=source,
        lang=lang,
        bound=bound,
        window=window,
        calls=calls,
        first_called_at=first_called_at,
        called_at=called_at,
        started_at=started_at,
        ended_at=ended_at,
        printed=bool(printed),
        print_doubt=bool(print_doubt),
        prints=prints,
    )


def head_of(row: Row) -> LaneHead:
    id_, number, line, cls, bound, key, seq, issued_at = row
    return LaneHead(id_, number, line, cls, bound, from_instant(key), seq, from_instant(issued_at))


def changing_values(ticket: Ticket) -> dict[str, Any]:
    """The columns of a ticket that may change after it was issued."""
    return {
        "id": ticket.id,
        "state": ticket.state.value,
        "class": ticket.cls,
        "key": to_instant(ticket.key),
        "line": ticket.line,
        "bound": ticket.bound,
        "window": ticket.window,
        "calls": ticket.calls,
        "first_called_at": _instant(ticket.first_called_at),
        "called_at": _instant(ticket.called_at),
        "started_at": _instant(ticket.started_at),
        "ended_at": _instant(ticket.ended_at),
        "printed": int(ticket.printed),
        "print_doubt": int(ticket.print_doubt),
        "prints": ticket.prints,
    }


def all_values(ticket: Ticket) -> dict[str, Any]:
    return changing_values(ticket) | {
        "hall": ticket.hall,
        "seq": ticket.seq,
        "number": ticket.number,
        "item": ticket.item,
        "business_day": ticket.business_day.isoformat(),
        "issued_at": to_instant(ticket.issued_at),
        "source": ticket.source,
        "lang": ticket.lang,
    }


@dataclass(slots=True)
class HallState:
    """The row of `halls`: where its sequences stand. `settings` is JSON."""

    id: str
    epoch: str
    settings: str
    last_event: int
    last_hash: bytes
    last_ticket: int
    last_issued_at: datetime
    business_day: date
    settings_version: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: the status and the JSON text ("" for 204)."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    fingerprint: bytes
    answer: Answer
    at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """Who holds a token: `hall` None is every hall; `demo` ones are good only on a demo server."""

    id: str
    hash: bytes
    role: str
    name: str
    hall: str | None
    demo: bool


class Reading:
    """One consistent look at the store, on a connection that is inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def hall(self, hall: str) -> HallState | None:
        row = sql.HALL.one(self.connection, hall=hall)
        if row is None:
            return None
        id_, epoch, settings, event, hash_, ticket, issued, day, version = row
        return HallState(
            id_, epoch, settings, event, hash_, ticket, from_instant(issued), date.fromisoformat(day), version
        )

    def ticket(self, ticket_id: str) -> Ticket | None:
        row = sql.TICKET.one(self.connection, id=ticket_id)
        return ticket_of(row) if row else None

    def ahead(self, ticket: Ticket) -> int:
        """Waiting tickets of its line with smaller (key, seq); 0 when it does not wait itself."""
        if ticket.state is not State.WAITING:
            return 0
        row = sql.AHEAD.one(
            self.connection, hall=ticket.hall, line=ticket.line, key=to_instant(ticket.key), seq=ticket.seq
        )
        return int(row[0]) if row else 0

    def lane_heads(self, hall: str, lines: Sequence[str], window: int) -> list[LaneHead]:
        """The first ticket of each lane a window may serve; the cost does not grow with the number waiting."""
        rows = sql.LANE_HEADS.all(self.connection, hall=hall, lines=json.dumps(lines), no=window)
        return [head_of(row) for row in rows]

    def callable(self, hall: str, lines: Sequence[str], window: int, limit: int) -> tuple[int, list[Ticket]]:
        """How many waiting tickets a window may call, and the first of them in order."""
        values = {"hall": hall, "lines": json.dumps(lines), "no": window}
        count = sql.CALLABLE_COUNT.one(self.connection, **values)
        rows = sql.CALLABLE.all(self.connection, **values, limit=limit) if limit else []
        return int(count[0]) if count else 0, [ticket_of(row) for row in rows]

    def waiting_per_line(self, hall: str) -> dict[str, int]:
        return dict(sql.WAITING_PER_LINE.all(self.connection, hall=hall))

    def numbers_given(self, hall: str, letter: str, day: date) -> int:
        """How many numbers a letter has given on a day."""
        row = sql.NUMBERS_GIVEN.one(self.connection, hall=hall, letter=letter, day=day.isoformat())
        return int(row[0]) if row else 0

    def classes_of_day(self, hall: str, day: date) -> dict[str, int]:
        """How many tickets of each class were taken on a day."""
        return dict(sql.CLASSES_OF_DAY.all(self.connection, hall=hall, day=day.isoformat()))

    def of_day(self, hall: str, day: date) -> list[Ticket]:
        return [ticket_of(row) for row in sql.OF_DAY.all(self.connection, hall=hall, day=day.isoformat())]

    def numbered(self, hall: str, day: date, number: str) -> Ticket | None:
        row = sql.NUMBERED.one(self.connection, hall=hall, day=day.isoformat(), number=number)
        return ticket_of(row) if row else None

    def held(self, hall: str, day: date, window: int) -> list[Ticket]:
        """What a window has set aside, in order of key."""
        return [ticket_of(row) for row in sql.HELD.all(self.connection, hall=hall, day=day.isoformat(), no=window)]

    def recent_calls(self, hall: str, day: date, limit: int) -> list[Ticket]:
        rows = sql.RECENT_CALLS.all(self.connection, hall=hall, day=day.isoformat(), limit=limit)
        return [ticket_of(row) for row in rows]

    def window(self, hall: str, no: int) -> WindowStatus:
        """What a window is doing; one that was never opened is closed."""
        row = sql.WINDOW.one(self.connection, hall=hall, no=no)
        return _window_of(row) if row else WindowStatus(no, WindowState.CLOSED, None, None)

    def windows(self, hall: str) -> dict[int, tuple[WindowStatus, str | None]]:
        """Each window that was ever opened, with its ticket's number."""
        return {row[1]: (_window_of(row), row[5]) for row in sql.WINDOWS.all(self.connection, hall=hall)}

    def events_after(self, hall: str, after: int, limit: int, ticket: str | None = None) -> list[tuple[int, str]]:
        """(seq, payload) of the hall's or one ticket's events, in order."""
        if ticket is not None:
            return sql.TICKET_EVENTS_AFTER.all(self.connection, ticket=ticket, after=after, limit=limit)
        return sql.EVENTS_AFTER.all(self.connection, hall=hall, after=after, limit=limit)

    def log(self, hall: str) -> Iterator[Row]:
        """Every row of the hall's log, in order of seq."""
        after = -1
        while rows := sql.LOG.all(self.connection, hall=hall, after=after, limit=LOG_PAGE):
            yield from rows
            after = rows[-1][1]

    def hall_ids(self) -> list[str]:
        return [row[0] for row in sql.HALL_IDS.all(self.connection)]

    def tokens(self) -> list[Token]:
        return [
            Token(id_, hash_, role, name, hall, bool(demo))
            for id_, hash_, role, name, hall, demo in sql.TOKENS.all(self.connection)
        ]


def _window_of(row: Row) -> WindowStatus:
    return WindowStatus(row[1], WindowState(row[2]), row[3], _or_none(row[4]))
