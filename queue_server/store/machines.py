"""How the devices of each machine are, as last reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from queue_server.store.queries import Reading
from queue_server.store.schema import devices, from_instant, to_instant
from queue_server.store.statement import Row, Statement, given
from queue_server.store.statement import save as saving
from queue_server.store.writer import Transaction


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a machine; it has been in this state since `at`."""

    machine: str
    name: str
    state: str
    detail: str
    at: datetime


OF_HALL = Statement(
    sa.select(devices).where(devices.c.hall == given("hall")).order_by(devices.c.machine, devices.c.name)
)
OF_MACHINE = Statement(sa.select(devices).where(devices.c.hall == given("hall"), devices.c.machine == given("machine")))
SAVE = Statement(saving(devices))


def _device(row: Row) -> Device:
    _, machine, name, state, detail, at = row
    return Device(machine, name, state, detail, from_instant(at))


def of_hall(reading: Reading, hall: str) -> list[Device]:
    """Every device that was ever reported, by machine and name."""
    return [_device(row) for row in OF_HALL.all(reading.connection, hall=hall)]


def of_machine(reading: Reading, hall: str, machine: str) -> dict[str, Device]:
    found = map(_device, OF_MACHINE.all(reading.connection, hall=hall, machine=machine))
    return {device.name: device for device in found}


def save(tx: Transaction, hall: str, device: Device) -> None:
    SAVE.run(
        tx.connection,
        hall=hall,
        machine=device.machine,
        name=device.name,
        state=device.state,
        detail=device.detail,
        at=to_instant(device.at),
    )
