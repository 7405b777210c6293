"""Windows: what a clerk does."""

from __future__ import annotations

from collections.abc import Callable

from apiflask import APIBlueprint
from flask import Response

from queue_server.access import Permission
from queue_server.api import models as m
from queue_server.api.gate import answer, change, needs, parts, who
from queue_server.domain.model import WindowState
from queue_server.store.writer import Transaction
from queue_server.windows import AtWindow, Windows

windows = APIBlueprint("windows", __name__, tag="windows", url_prefix="/api/v1/halls/<hall>/windows/<int:no>")


@windows.get("")
@needs(Permission.WINDOW)
@windows.output(m.WindowDetailOut)
def get_window(hall: str, no: int) -> Response:
    """A window: its state, its ticket, whom it can call"""
    parts().service.book(hall).window(no)
    with parts().service.store.read() as reading:
        return answer(parts().views.window_detail(reading, hall, no))


@windows.post("/open")
@needs(Permission.WINDOW)
@windows.input(m.NothingIn)
@windows.output(m.ActionOut)
def open_window(hall: str, no: int, json_data: m.NothingIn) -> Response:
    """Open a window"""
    return _set(hall, no, WindowState.OPEN)


@windows.post("/pause")
@needs(Permission.WINDOW)
@windows.input(m.NothingIn)
@windows.output(m.ActionOut)
def pause_window(hall: str, no: int, json_data: m.NothingIn) -> Response:
    """Pause a window: it keeps its ticket and calls nobody"""
    return _set(hall, no, WindowState.PAUSED)


@windows.post("/close")
@needs(Permission.WINDOW)
@windows.input(m.NothingIn)
@windows.output(m.ActionOut)
def close_window(hall: str, no: int, json_data: m.NothingIn) -> Response:
    """Close a window that has no ticket"""
    return _set(hall, no, WindowState.CLOSED)


def _set(hall: str, no: int, state: WindowState) -> Response:
    service, views, actor = parts().service, parts().views, who().actor
    return change(hall, lambda tx: views.action(hall, service.windows.set_state(tx, hall, no, state, actor)))


@windows.post("/next")
@needs(Permission.WINDOW)
@windows.input(m.NextIn)
@windows.output(m.NextOut)
@windows.doc(responses={204: "nobody this window serves is waiting"})
def call_next(hall: str, no: int, json_data: m.NextIn) -> Response:
    """Call who is next"""
    service, views, actor = parts().service, parts().views, who().actor

    def work(tx: Transaction) -> m.NextOut | None:
        called = service.windows.call_next(tx, hall, no, actor, finish_current=json_data.finish_current)
        return views.called(hall, called, called.decision) if called and called.decision else None

    return change(hall, work)


@windows.post("/call")
@needs(Permission.WINDOW)
@windows.input(m.TicketIn)
@windows.output(m.NextOut)
def call_this(hall: str, no: int, json_data: m.TicketIn) -> Response:
    """Call a ticket of one's own choice; out of turn, it raises an alarm"""
    service, views, actor = parts().service, parts().views, who().actor

    def work(tx: Transaction) -> m.NextOut:
        called = service.windows.call_this(tx, hall, no, json_data.ticket, actor)
        assert called.decision is not None
        return views.called(hall, called, called.decision)

    return change(hall, work)


@windows.post("/resume")
@needs(Permission.WINDOW)
@windows.input(m.TicketIn)
@windows.output(m.ActionOut)
def resume(hall: str, no: int, json_data: m.TicketIn) -> Response:
    """Call a ticket this window had set aside"""
    service, views, actor = parts().service, parts().views, who().actor
    ticket = json_data.ticket
    return change(hall, lambda tx: views.action(hall, service.windows.resume(tx, hall, no, ticket, actor)))


@windows.post("/transfer")
@needs(Permission.WINDOW)
@windows.input(m.TransferIn)
@windows.output(m.ActionOut)
def transfer(hall: str, no: int, json_data: m.TransferIn) -> Response:
    """Send the ticket on under its number and with its place: to a line, or to one window"""
    service, views, actor = parts().service, parts().views, who().actor
    to = json_data

    def work(tx: Transaction) -> m.ActionOut:
        return views.action(hall, service.windows.transfer(tx, hall, no, actor, line=to.line, window=to.window))

    return change(hall, work)


OWN_TICKET: dict[str, tuple[Callable[[Windows, Transaction, str, int, str], AtWindow], str]] = {
    "recall": (Windows.recall, "Announce the called ticket again, not sooner than the hall's gap"),
    "start": (Windows.start, "The called citizen is here"),
    "finish": (Windows.finish, "The citizen is served"),
    "miss": (Windows.miss, "Nobody came, after enough calls"),
    "release": (Windows.release, "Send the called ticket back to its place"),
    "hold": (Windows.hold, "Set the ticket aside while its holder fills in a form or fetches a copy"),
    "undo": (Windows.undo, "Take back this window's last action, soon enough and if nothing happened since"),
}  # what is done to the window's own ticket and needs no more words than its name


def _add(action: str) -> None:
    command, does = OWN_TICKET[action]

    def act(hall: str, no: int, json_data: m.NothingIn) -> Response:
        service, views, actor = parts().service, parts().views, who().actor
        return change(hall, lambda tx: views.action(hall, command(service.windows, tx, hall, no, actor)))

    act.__doc__ = does
    route: Callable[..., Response] = windows.output(m.ActionOut)(act)
    route = needs(Permission.WINDOW)(windows.input(m.NothingIn)(route))
    windows.post(f"/{action}", endpoint=action)(route)


for _action in OWN_TICKET:
    _add(_action)
