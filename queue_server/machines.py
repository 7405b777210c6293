"""The machines of a hall: what they report of their devices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from queue_server.domain.events import Event
from queue_server.store import machines
from queue_server.store.machines import Device
from queue_server.store.writer import Transaction


def heartbeat(
    tx: Transaction, hall: str, machine: str, devices: Mapping[str, tuple[str, str]], now: datetime, actor: str
) -> int:
    """A machine's devices, name to (state, detail); an event for each that changed. Returns how many did.

    A device the machine does not name stays as it was: reader and printer may be reported apart.
    """
    known, changed = machines.of_machine(tx, hall, machine), 0
    for name, (state, detail) in devices.items():
        was = known.get(name)
        if was is not None and (was.state, was.detail) == (state, detail):
            continue
        changed += 1
        machines.save(tx, hall, Device(machine, name, state, detail, now))
        reason = {"machine": machine, "name": name, "state": state, "detail": detail}
        tx.append(hall, Event("device.changed", now, actor, reason=reason | {"was": was and was.state}))
    return changed
