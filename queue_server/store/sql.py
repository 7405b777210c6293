"""The statements that read and change a hall's tables, on either database; those of persons stand with them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from queue_server.domain.model import State
from queue_server.store.schema import (
    answers,
    counters,
    events,
    halls,
    server_keys,
    tickets,
    tokens,
    windows,
)
from queue_server.store.statement import Statement, given, insert, save, texts


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
    lines = texts("lines")
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


def _lane_heads_postgresql() -> sa.Select[Any]:
    """The same. Joins leave the planner a choice, which it makes by statistics that may be old; LATERAL leaves none.
    And of (class, bound) > (…, …) PostgreSQL makes one seek."""
    n, lines = tickets.alias("n"), texts("lines")
    order = (n.c["class"], n.c.bound, n.c.key, n.c.seq)
    waiting = sa.select(n.c.id, n.c.number, n.c.line, *order, n.c.issued_at).order_by(*order)
    waiting = waiting.where(n.c.state == sa.literal_column("'waiting'"), n.c.hall == given("hall"))
    waiting = waiting.limit(sa.literal_column("1"))
    first = waiting.where(n.c.line == lines.c.value).lateral("first")
    lanes = sa.select(first).select_from(lines.join(first, sa.true())).cte("lane", recursive=True)
    beyond = sa.tuple_(n.c["class"], n.c.bound) > sa.tuple_(lanes.c["class"], lanes.c.bound)
    following = waiting.where(n.c.line == lanes.c.line, beyond).lateral("following")
    lanes = lanes.union_all(sa.select(following).select_from(lanes.join(following, sa.true())))
    return sa.select(lanes).where(lanes.c.bound.in_([sa.literal_column("0"), given("no")]))


LANE_HEADS = Statement(_lane_heads(), postgresql=_lane_heads_postgresql())
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
PLACES = Statement(
    sa.select(t.id, t.number, t.line, t["class"], t.bound, t.key, t.seq, t.issued_at)
    .where(_waiting())
    .order_by(t.key, t.seq)
)
WAITING_PER_LINE = Statement(
    sa.select(t.line, sa.func.count()).where(_waiting()).group_by(t.line),
)
CALLABLE = Statement(  # what a window may call: free tickets of its lines and its own
    sa.select(tickets)
    .where(
        _waiting(
            t.line.in_(sa.select(texts("lines").c.value)),
            t.bound.in_([sa.literal_column("0"), given("no")]),
        )
    )
    .order_by(t.key, t.seq)
    .limit(given("limit"))
)
CALLABLE_COUNT = Statement(
    sa.select(sa.func.count()).where(
        _waiting(
            t.line.in_(sa.select(texts("lines").c.value)),
            t.bound.in_([sa.literal_column("0"), given("no")]),
        )
    )
)
OF_DAY = Statement(
    sa.select(tickets).where(t.hall == given("hall"), t.business_day == given("day")).order_by(t.key, t.seq)
)
NUMBERED = Statement(
    sa.select(tickets).where(t.hall == given("hall"), t.business_day == given("day"), t.number == given("number"))
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
    postgresql.insert(counters)
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
SAVE_WINDOW = Statement(save(windows))
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
LOG = Statement(
    sa.select(events)
    .where(events.c.hall == given("hall"), events.c.seq > given("after"))
    .order_by(events.c.seq)
    .limit(given("limit"))
)
ANSWER = Statement(
    sa.select(answers.c.fingerprint, answers.c.status, answers.c.body, answers.c.at).where(
        answers.c.scope == given("scope"), answers.c.key == given("key")
    )
)
ADD_ANSWER = Statement(save(answers))
FORGET_ANSWERS = Statement(sa.delete(answers).where(answers.c.at < given("before")))
TOKENS = Statement(sa.select(tokens.c.id, tokens.c.hash, tokens.c.role, tokens.c.name, tokens.c.hall, tokens.c.demo))
ADD_TOKEN = Statement(insert(tokens).on_conflict_do_nothing())
SERVER_KEY = Statement(sa.select(server_keys.c.key).where(server_keys.c.name == given("name")))
ADD_SERVER_KEY = Statement(insert(server_keys).on_conflict_do_nothing())
