"""The phone's ticket page: where the code on the paper leads. No script, nothing from elsewhere."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from queue_server.api.gate import parts
from queue_server.domain.errors import NotFound
from queue_server.domain.model import State

pages = Blueprint("pages", __name__)

STATE_WORDS: dict[State, tuple[str, str]] = {
    State.WAITING: ("正在排队", "Waiting"),
    State.CALLED: ("请到窗口", "Please go to the window"),
    State.SERVING: ("正在办理", "Being served"),
    State.HELD: ("暂留，请回原窗口", "On hold: return to your window"),
    State.DONE: ("已办结", "Done"),
    State.MISSED: ("已过号", "Passed over"),
    State.CANCELLED: ("已取消", "Cancelled"),
    State.EXPIRED: ("当天已结束", "Expired"),
}
REFRESHING = (State.WAITING, State.CALLED, State.SERVING, State.HELD, State.MISSED)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address is the ticket's secret
    "Cache-Control": "no-store",
}


@pages.get("/t/<ticket>")
def ticket_page(ticket: str) -> Response:
    service = parts().service
    try:
        with service.store.read() as reading:
            placed = service.placed(reading, ticket)
    except NotFound:
        response = make_response(render_template("no_ticket.html"), 404)
    else:
        book = service.book(placed.ticket.hall)
        line = book.lines.get(placed.ticket.line)
        page = render_template(
            "ticket.html",
            ticket=placed.ticket,
            ahead=placed.ahead,
            hall=book.hall,
            line=line,
            zone=book.zone_of(placed.ticket.line, placed.ticket.window),
            words=STATE_WORDS[placed.ticket.state],
            refresh=placed.ticket.state in REFRESHING,
        )
        response = make_response(page)
    response.headers.update(HEADERS)
    return response
