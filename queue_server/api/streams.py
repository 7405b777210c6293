"""Server-sent events: a hall's, for displays and kiosks; one ticket's, for its holder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from queue_server.access import Permission
from queue_server.api.gate import needs, parts, public
from queue_server.api.views import Views
from queue_server.domain.errors import BadRequest
from queue_server.domain.events import iso
from queue_server.domain.model import State, Ticket
from queue_server.hub import HEARTBEAT, HEARTBEAT_FRAME
from queue_server.issuing import Placed

streams = APIBlueprint("streams", __name__, tag="events", url_prefix="/api/v1")

STREAM: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {
        "description": "`id` is the event's seq; comments are heartbeats; `event: reset` means fetch the board",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
BEAT = timedelta(seconds=HEARTBEAT)
MOVING = {
    f"event: ticket.{name}".encode()
    for name in ("issued", "called", "returned", "released", "transferred", "cancelled", "expired")
}
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # the second: nginx must not hold events back


@streams.get("/halls/<hall>/events")
@needs(Permission.EVENTS)
@streams.doc(responses=STREAM)
def hall_events(hall: str) -> Response:
    """Follow a hall; with `Last-Event-ID`, what was missed comes first"""
    parts().service.book(hall)
    return _stream(hall)


@streams.get("/tickets/<ticket>/events")
@public()
@streams.doc(responses=STREAM)
def ticket_events(ticket: str) -> Response:
    """Follow one ticket by its id

    Beside what happens to it, `event: place` {state, calls, ahead, at, range, no_window} comes whenever one of
    the first three changes and instead of heartbeats, so that a reader knows how old its truth is; without
    `Last-Event-ID` also at once.
    """
    service, views = parts().service, parts().views

    def placed(known: Ticket | None) -> Placed:
        with service.store.read() as reading:
            return Placed(known, reading.ahead(known)) if known else service.placed(reading, ticket)

    told = _last_event_id() is not None  # then what was missed comes first
    now = placed(None)
    return _stream(now.ticket.hall, ticket, lambda frames: _with_places(frames, now, placed, views, told=told))


def _with_places(
    frames: Iterator[bytes], now: Placed, placed: Callable[[Ticket | None], Placed], views: Views, *, told: bool
) -> Iterator[bytes]:
    """Of a hall's frames those of the ticket and of no ticket; and its place, when that is another one or is due.

    What happens to others costs one count in the ticket's line, and only while it waits: `placed` of a ticket that is
    known asks no more than that.
    """
    clock = views.service.clock
    mine, told_at = f'"id":"{now.ticket.id}"'.encode(), clock()
    for frame in frames:
        heartbeat, about_it, before = frame == HEARTBEAT_FRAME, mine in frame, now
        if about_it or not (heartbeat or b'"ticket":' in frame):
            yield frame
        # a heartbeat is for a hall in which nothing happens; in a busy one this ticket may still hear nothing
        due = heartbeat or not told or not timedelta(0) <= clock() - told_at < BEAT
        if due or about_it:
            now = placed(None)
        elif _moves(frame, now.ticket):
            now = placed(now.ticket)
        if due or now != before:
            told, told_at = True, clock()
            yield _place_frame(now, told_at, views)


def _moves(frame: bytes, ticket: Ticket) -> bool:
    """May this change how many are ahead of a ticket?"""
    waits = ticket.state is State.WAITING and f'"line":"{ticket.line}"'.encode() in frame
    return waits and frame.split(b"\n", 2)[1] in MOVING


def _place_frame(placed: Placed, at: datetime, views: Views) -> bytes:
    ticket, span = placed.ticket, views.range(placed)
    data = {"state": ticket.state, "calls": ticket.calls, "ahead": placed.ahead, "at": iso(at)}
    data |= {"range": span.model_dump() if span else None, "no_window": views.no_window(ticket)}
    return f"event: place\ndata: {json.dumps(data)}\n\n".encode()


def _stream(
    hall: str, ticket: str | None = None, shape: Callable[[Iterator[bytes]], Iterator[bytes]] = lambda frames: frames
) -> Response:
    """Every frame of the hall, as `shape` makes it; what was missed is read for the ticket alone, if one is named."""
    store = parts().service.store

    def read_newest() -> int:
        with store.read() as reading:
            state = reading.hall(hall)
            return state.last_event if state else 0

    def read_log(after: int, limit: int) -> list[tuple[int, str]]:
        with store.read() as reading:
            return reading.events_after(hall, after, limit, ticket)

    # who holds a ticket is told of the hall as well: others' tickets move this one up
    frames = parts().hub.stream(hall, None, _last_event_id(), read_newest, read_log)
    return Response(shape(frames), mimetype="text/event-stream", headers=HEADERS)


def _last_event_id() -> int | None:
    text = request.headers.get("Last-Event-ID", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequest("Last-Event-ID is the number of the last event you have seen")
    return int(text)
