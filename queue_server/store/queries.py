"""What is read of a hall, and the statements that change it; those of persons and machines stand beside.

`Reading` is one consistent look at a hall; `Transaction` (in `writer`) adds what changes it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from queue_server.domain.dispatch import LaneHead
from queue_server.domain.model import State, Ticket, WindowState, WindowStatus
from queue_server.store.schema import (
    answers,
    counters,
    events,
    from_instant,
    halls,
    tickets,
    to_instant,
    tokens,
    windows,
)
from queue_server.store.statement import Row, Statement, given, insert


def _waiting(*more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    # the literal text lets SQLite see that the partial index `lanes` applies
    return sa.and_(tickets.c.hall == given("hall"), sa.text("tickets.state = 'waiting'"), *more)


t = tickets.c
HALL = Statement(sa.select(halls).where(halls.c.id == given("hall")))
HALL_IDS = Statement(sa.select(halls.c.id).order_by(halls.c.id))
ADD_HALL = Statement(insert(halls))
SAVE_HALL = Statement(
    sa.update(halls)
    .where(halls.c.id == given("hall"))
    .values({c.name: given(c.name) for c in halls.columns if c.name not in ("id", "epoch")})
)
TICKET = Statement(sa.select(tickets).where(t.id == given("id")))
ADD_TICKET = Statement(insert(tickets))
CHANGING = (
    "state",
    "class",
    "key",
    "line",
    "bound",
    "window",
    "calls",
    "first_called_at",
    "called_at",
    "started_at",
    "ended_at",
)
SAVE_TICKET = Statement(
    sa.update(tickets)
    .where(t.id == given("id"))
    .values({name: given(name) for name in (*CHANGING, "printed", "print_doubt", "prints")})
)


def _lane_heads() -> sa.Select[Any]:
    """The heads of a window's lanes: from each line's first lane a seek to the next one, so that only lanes which have
    somebody in them cost anything."""
    n = tickets.alias("n")
    order = (n.c["class"], n.c.bound, n.c.key, n.c.seq)
    waiting = sa.select(n.c.id).where(n.c.state == sa.literal_column("'waiting'")).order_by(*order)
    waiting = waiting.limit(sa.literal_column("1"))
    lines = sa.func.json_each(given("lines")).table_valued("value")
    first = waiting.where(n.c.hall == given("hall"), n.c.line == lines.c.value)
    lane = sa.select(first.correlate(lines).scalar_subquery().label("head")).select_from(lines)
    lanes = lane.cte("lane", recursive=True)
    beside = waiting.where(n.c.hall == t.hall, n.c.line == t.line)
    # two seeks: of (class, bound) > (…, …) SQLite would use the class alone and walk through everybody in it
    bound_higher = beside.where(n.c["class"] == t["class"], n.c.bound > t.bound).correlate(tickets).scalar_subquery()
    class_higher = beside.where(n.c["class"] > t["class"]).correlate(tickets).scalar_subquery()
    following = sa.func.coalesce(bound_higher, class_higher)
    lanes = lanes.union_all(sa.select(following).select_from(lanes.join(tickets, t.id == lanes.c.head)))
    return (
        sa.select(t.id, t.number, t.line, t["class"], t.bound, t.key, t.seq, t.issued_at)
        .select_from(lanes.join(tickets, t.id == lanes.c.head))
        .where(t.bound.in_([sa.literal_column("0"), given("no")]))
    )


LANE_HEADS = Statement(_lane_heads())
AHEAD = Statement(
    sa.select(sa.func.count())
    .select_from(tickets)
    .where(
        _waiting(
            t.line == given("line"),
            sa.tuple_(t.key, t.seq) < sa.tuple_(given("key"), given("seq")),
        )
    )
)
PLACES = Statement(sa.select(t.line, t.key, t.seq).where(_waiting()).order_by(t.line, t.key, t.seq))
WAITING_PER_LINE = Statement(
    sa.select(t.line, sa.func.count()).where(_waiting()).group_by(t.line),
)
CALLABLE = Statement(  # what a window may call: free tickets of its lines and its own
    sa.select(tickets)
    .where(
        _waiting(
            t.line.in_(sa.select(sa.func.json_each(given("lines")).table_valued("value").c.value)),
            t.bound.in_([sa.literal_column("0"), given("no")]),
        )
    )
    .order_by(t.key, t.seq)
    .limit(given("limit"))
)
CALLABLE_COUNT = Statement(
    sa.select(sa.func.count()).where(
        _waiting(
            t.line.in_(sa.select(sa.func.json_each(given("lines")).table_valued("value").c.value)),
            t.bound.in_([sa.literal_column("0"), given("no")]),
        )
    )
)
OF_DAY = Statement(
    sa.select(tickets).where(t.hall == given("hall"), t.business_day == given("day")).order_by(t.key, t.seq)
)
HELD = Statement(
    sa.select(tickets)
    .where(t.hall == given("hall"), t.business_day == given("day"), t.state == State.HELD.value)
    .where(t.window == given("no"))
    .order_by(t.key, t.seq)
)
RECENT_CALLS = Statement(
    sa.select(tickets)
    .where(
        t.hall == given("hall"),
        t.called_at.is_not(None),
        t.business_day == given("day"),
        t.state != State.WAITING.value,
    )
    .order_by(t.called_at.desc())
    .limit(given("limit"))
)
NEXT_NUMBER = Statement(
    sqlite.insert(counters)
    .values(hall=given("hall"), letter=given("letter"), business_day=given("day"), n=sa.literal_column("1"))
    .on_conflict_do_update(index_elements=["hall", "letter", "business_day"], set_={"n": counters.c.n + sa.text("1")})
    .returning(counters.c.n)
)
NUMBERS_GIVEN = Statement(
    sa.select(counters.c.n).where(
        counters.c.hall == given("hall"), counters.c.letter == given("letter"), counters.c.business_day == given("day")
    )
)
CLASSES_OF_DAY = Statement(
    sa.select(t["class"], sa.func.count())
    .where(t.hall == given("hall"), t.business_day == given("day"))
    .group_by(t["class"])
)
WINDOW = Statement(sa.select(windows).where(windows.c.hall == given("hall"), windows.c.no == given("no")))
WINDOWS = Statement(
    sa.select(windows, t.number)
    .outerjoin(tickets, t.id == windows.c.ticket)
    .where(windows.c.hall == given("hall"))
    .order_by(windows.c.no)
)
SAVE_WINDOW = Statement(insert(windows).prefix_with("OR REPLACE"))
ADD_EVENT = Statement(insert(events))
EVENTS_AFTER = Statement(
    sa.select(events.c.seq, events.c.payload)
    .where(events.c.hall == given("hall"), events.c.seq > given("after"))
    .order_by(events.c.seq)
    .limit(given("limit"))
)
TICKET_EVENTS_AFTER = Statement(
    sa.select(events.c.seq, events.c.payload)
    .where(events.c.ticket == given("ticket"), events.c.seq > given("after"))
    .order_by(events.c.seq)
    .limit(given("limit"))
)
LOG = Statement(sa.select(events).where(events.c.hall == given("hall")).order_by(events.c.seq))
ANSWER = Statement(
    sa.select(answers.c.fingerprint, answers.c.status, answers.c.body, answers.c.at).where(
        answers.c.scope == given("scope"), answers.c.key == given("key")
    )
)
ADD_ANSWER = Statement(insert(answers).prefix_with("OR REPLACE"))
FORGET_ANSWERS = Statement(sa.delete(answers).where(answers.c.at < given("before")))
TOKENS = Statement(sa.select(tokens.c.id, tokens.c.hash, tokens.c.role, tokens.c.name, tokens.c.hall, tokens.c.demo))
ADD_TOKEN = Statement(insert(tokens).prefix_with("OR IGNORE"))


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

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def hall(self, hall: str) -> HallState | None:
        row = HALL.one(self.connection, hall=hall)
        if row is None:
            return None
        id_, epoch, settings, event, hash_, ticket, issued, day, version = row
        return HallState(
            id_, epoch, settings, event, hash_, ticket, from_instant(issued), date.fromisoformat(day), version
        )

    def ticket(self, ticket_id: str) -> Ticket | None:
        row = TICKET.one(self.connection, id=ticket_id)
        return ticket_of(row) if row else None

    def ahead(self, ticket: Ticket) -> int:
        """Waiting tickets of its line with smaller (key, seq); 0 when it does not wait itself."""
        if ticket.state is not State.WAITING:
            return 0
        row = AHEAD.one(self.connection, hall=ticket.hall, line=ticket.line, key=to_instant(ticket.key), seq=ticket.seq)
        return int(row[0]) if row else 0

    def lane_heads(self, hall: str, lines: Sequence[str], window: int) -> list[LaneHead]:
        """The first ticket of each lane a window may serve; the cost does not grow with the number waiting."""
        rows = LANE_HEADS.all(self.connection, hall=hall, lines=json.dumps(lines), no=window)
        return [
            LaneHead(id_, number, line, cls, bound, from_instant(key), seq, from_instant(issued_at))
            for id_, number, line, cls, bound, key, seq, issued_at in rows
        ]

    def callable(self, hall: str, lines: Sequence[str], window: int, limit: int) -> tuple[int, list[Ticket]]:
        """How many waiting tickets a window may call, and the first of them in order."""
        values = {"hall": hall, "lines": json.dumps(lines), "no": window}
        count = CALLABLE_COUNT.one(self.connection, **values)
        rows = CALLABLE.all(self.connection, **values, limit=limit) if limit else []
        return int(count[0]) if count else 0, [ticket_of(row) for row in rows]

    def waiting_per_line(self, hall: str) -> dict[str, int]:
        return dict(WAITING_PER_LINE.all(self.connection, hall=hall))

    def numbers_given(self, hall: str, letter: str, day: date) -> int:
        """How many numbers a letter has given on a day."""
        row = NUMBERS_GIVEN.one(self.connection, hall=hall, letter=letter, day=day.isoformat())
        return int(row[0]) if row else 0

    def classes_of_day(self, hall: str, day: date) -> dict[str, int]:
        """How many tickets of each class were taken on a day."""
        return dict(CLASSES_OF_DAY.all(self.connection, hall=hall, day=day.isoformat()))

    def of_day(self, hall: str, day: date) -> list[Ticket]:
        return [ticket_of(row) for row in OF_DAY.all(self.connection, hall=hall, day=day.isoformat())]

    def held(self, hall: str, day: date, window: int) -> list[Ticket]:
        """What a window has set aside, in order of key."""
        return [ticket_of(row) for row in HELD.all(self.connection, hall=hall, day=day.isoformat(), no=window)]

    def recent_calls(self, hall: str, day: date, limit: int) -> list[Ticket]:
        rows = RECENT_CALLS.all(self.connection, hall=hall, day=day.isoformat(), limit=limit)
        return [ticket_of(row) for row in rows]

    def window(self, hall: str, no: int) -> WindowStatus:
        """What a window is doing; one that was never opened is closed."""
        row = WINDOW.one(self.connection, hall=hall, no=no)
        return _window_of(row) if row else WindowStatus(no, WindowState.CLOSED, None, None)

    def windows(self, hall: str) -> dict[int, tuple[WindowStatus, str | None]]:
        """Each window that was ever opened, with its ticket's number."""
        return {row[1]: (_window_of(row), row[5]) for row in WINDOWS.all(self.connection, hall=hall)}

    def events_after(self, hall: str, after: int, limit: int, ticket: str | None = None) -> list[tuple[int, str]]:
        """(seq, payload) of the hall's or one ticket's events, in order."""
        if ticket is not None:
            return TICKET_EVENTS_AFTER.all(self.connection, ticket=ticket, after=after, limit=limit)
        return EVENTS_AFTER.all(self.connection, hall=hall, after=after, limit=limit)

    def log(self, hall: str) -> Iterable[Row]:
        """Every row of the hall's log, in order of seq."""
        return LOG.run(self.connection, hall=hall)

    def hall_ids(self) -> list[str]:
        return [row[0] for row in HALL_IDS.all(self.connection)]

    def tokens(self) -> list[Token]:
        return [
            Token(id_, hash_, role, name, hall, bool(demo))
            for id_, hash_, role, name, hall, demo in TOKENS.all(self.connection)
        ]


def _window_of(row: Row) -> WindowStatus:
    return WindowStatus(row[1], WindowState(row[2]), row[3], _or_none(row[4]))
