"""Server-sent events: a hall's, for displays and kiosks; one ticket's, for its holder."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from queue_server.access import Permission
from queue_server.api.gate import needs, parts, public
from queue_server.domain.errors import BadRequest

streams = APIBlueprint("streams", __name__, tag="events", url_prefix="/api/v1")

STREAM: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {
        "description": "`id` is the event's seq; comments are heartbeats; `event: reset` means fetch the board",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # the second: nginx must not hold events back


@streams.get("/halls/<hall>/events")
@needs(Permission.EVENTS)
@streams.doc(responses=STREAM)
def hall_events(hall: str) -> Response:
    """Follow a hall; with `Last-Event-ID`, what was missed comes first"""
    parts().service.book(hall)
    return _stream(hall, None)


@streams.get("/tickets/<ticket>/events")
@public()
@streams.doc(responses=STREAM)
def ticket_events(ticket: str) -> Response:
    """Follow one ticket by its id"""
    with parts().service.store.read() as reading:
        hall = parts().service.placed(reading, ticket).ticket.hall
    return _stream(hall, ticket)


def _stream(hall: str, ticket: str | None) -> Response:
    store = parts().service.store

    def read_newest() -> int:
        with store.read() as reading:
            state = reading.hall(hall)
            return state.last_event if state else 0

    def read_log(after: int, limit: int) -> list[tuple[int, str]]:
        with store.read() as reading:
            return reading.events_after(hall, after, limit, ticket)

    frames = parts().hub.stream(hall, ticket, _last_event_id(), read_newest, read_log)
    return Response(frames, mimetype="text/event-stream", headers=HEADERS)


def _last_event_id() -> int | None:
    text = request.headers.get("Last-Event-ID", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequest("Last-Event-ID is the number of the last event you have seen")
    return int(text)
