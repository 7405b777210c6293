"""Halls: what they offer, the board, asking for a person, and the machines that stand in them."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from queue_server import machines
from queue_server.access import Permission
from queue_server.api import models as m
from queue_server.api import visit_models as v
from queue_server.api.gate import answer, change, needs, parts, told, who
from queue_server.domain.errors import Unprocessable
from queue_server.store.writer import Transaction

halls = APIBlueprint("halls", __name__, tag="halls", url_prefix="/api/v1")


@halls.get("/halls")
@needs(Permission.READ_HALL)
@halls.output(m.HallsOut)
def list_halls() -> Response:
    """The halls of this server"""
    return answer(parts().views.halls(parts().service.clock()))


@halls.get("/halls/<hall>")
@needs(Permission.READ_HALL)
@halls.output(m.HallOut)
def get_hall(hall: str) -> Response:
    """What a hall offers: lines with their items, windows, classes, hours, rules"""
    return told(hall, lambda reading: parts().views.hall(reading, hall))


@halls.get("/halls/<hall>/board")
@needs(Permission.BOARD)
@halls.output(m.BoardOut)
def board(hall: str) -> Response:
    """The hall now: calls, who waits, windows; one consistent picture"""
    return told(hall, lambda reading: parts().views.board(reading, hall))


@halls.get("/halls/<hall>/track-record")
@needs(Permission.READ_HALL)
@halls.output(m.RecordOut)
def track_record(hall: str) -> Response:
    """How many waits lay within the range people were first given, by line"""
    return answer(parts().views.record(hall))


@halls.post("/halls/<hall>/help")
@needs(Permission.HELP)
@halls.input(v.HelpIn)
@halls.output(v.SeqOut, 201)
def ask_help(hall: str, json_data: v.HelpIn) -> Response:
    """A citizen asks for a person"""
    service, actor = parts().service, who().actor
    service.book(hall)
    return change(hall, lambda tx: v.SeqOut(seq=service.help.ask(tx, hall, json_data.place, actor)), 201)


@halls.get("/halls/<hall>/day-key")
@needs(Permission.DAY_KEY)
@halls.output(v.DayKeyOut)
def day_key(hall: str) -> Response:
    """The key of the business day, for making card tokens; gone when the day closes"""
    service = parts().service
    service.book(hall)
    made = service.store.run(hall, lambda tx: service.days.key(tx, hall))  # the first to ask makes it
    return answer(v.DayKeyOut(day=made.day, key=made.key, closes_at=made.closes_at))


@halls.get("/halls/<hall>/devices")
@needs(Permission.DEVICES)
@halls.output(m.DevicesOut)
def list_devices(hall: str) -> Response:
    """How the devices of the hall's machines are, as last reported"""
    return told(hall, lambda reading: parts().views.devices(reading, hall))


@halls.post("/devices/heartbeat")
@needs(Permission.HEARTBEAT)
@halls.input(m.HeartbeatIn)
@halls.output(m.HeartbeatOut)
def heartbeat(json_data: m.HeartbeatIn) -> Response:
    """A machine says how its devices are; changes become `device.changed` events"""
    service, asker = parts().service, who()
    hall = json_data.hall or asker.hall or next(iter(service.halls))
    if json_data.hall is None and asker.hall is None and len(service.halls) > 1:
        raise Unprocessable("this server has several halls; say which one the machine stands in", field="hall")
    service.book(hall)
    asker.may(Permission.HEARTBEAT, hall)
    devices = {device.name: (device.state, device.detail) for device in json_data.devices}

    def work(tx: Transaction) -> m.HeartbeatOut:
        changed = machines.heartbeat(tx, hall, json_data.machine, devices, service.clock(), asker.actor)
        return m.HeartbeatOut(changed=changed)

    return change(hall, work)
