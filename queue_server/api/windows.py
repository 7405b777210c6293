"""Windows: what a clerk does."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from queue_server.access import Permission
from queue_server.api import models as m
from queue_server.api.gate import answer, change, needs, parts, who
from queue_server.domain.model import WindowState
from queue_server.store.writer import Transaction

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
    return change(hall, lambda tx: views.action(hall, service.set_window(tx, hall, no, state, actor)))


@windows.post("/next")
@needs(Permission.WINDOW)
@windows.input(m.NextIn)
@windows.output(m.NextOut)
@windows.doc(responses={204: "nobody this window serves is waiting"})
def call_next(hall: str, no: int, json_data: m.NextIn) -> Response:
    """Call who is next"""
    service, views, actor = parts().service, parts().views, who().actor

    def work(tx: Transaction) -> m.NextOut | None:
        called = service.call_next(tx, hall, no, actor, finish_current=json_data.finish_current)
        return views.called(hall, called, called.decision) if called and called.decision else None

    return change(hall, work)


@windows.post("/recall")
@needs(Permission.WINDOW)
@windows.input(m.NothingIn)
@windows.output(m.ActionOut)
def recall(hall: str, no: int, json_data: m.NothingIn) -> Response:
    """Announce the called ticket again, not sooner than the hall's gap"""
    service, views, actor = parts().service, parts().views, who().actor
    return change(hall, lambda tx: views.action(hall, service.recall(tx, hall, no, actor)))


@windows.post("/start")
@needs(Permission.WINDOW)
@windows.input(m.NothingIn)
@windows.output(m.ActionOut)
def start(hall: str, no: int, json_data: m.NothingIn) -> Response:
    """The called citizen is here"""
    service, views, actor = parts().service, parts().views, who().actor
    return change(hall, lambda tx: views.action(hall, service.start(tx, hall, no, actor)))


@windows.post("/finish")
@needs(Permission.WINDOW)
@windows.input(m.NothingIn)
@windows.output(m.ActionOut)
def finish(hall: str, no: int, json_data: m.NothingIn) -> Response:
    """The citizen is served"""
    service, views, actor = parts().service, parts().views, who().actor
    return change(hall, lambda tx: views.action(hall, service.finish(tx, hall, no, actor)))


@windows.post("/miss")
@needs(Permission.WINDOW)
@windows.input(m.NothingIn)
@windows.output(m.ActionOut)
def miss(hall: str, no: int, json_data: m.NothingIn) -> Response:
    """Nobody came, after enough calls"""
    service, views, actor = parts().service, parts().views, who().actor
    return change(hall, lambda tx: views.action(hall, service.miss(tx, hall, no, actor)))
