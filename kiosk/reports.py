"""What the server should know and nobody waits for: papers that came out or did not, and how the devices are.

A report is tried until the server has it or refuses it, in order, in a thread of its own; its key stays the same.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from devices.health import HealthReport
from kiosk.client import Client, Refused, ServerAway, new_key

log = logging.getLogger(__name__)

RETRY = 2.0  # seconds
DETAIL = 200  # characters of a device's words the server takes
KEPT = 200  # reports kept while the server is away; the oldest are then the least worth

Report = Callable[[str], None]  # takes the idempotency key; raises ServerAway, Refused


class Reports:
    """A queue of reports and the thread that delivers them."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[Report, str]] = queue.Queue()
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="reports", daemon=True).start()

    def send(self, report: Report) -> None:
        """Delivers it soon; returns at once."""
        while self._waiting.qsize() >= KEPT:
            self._waiting.get_nowait()
        self._waiting.put((report, new_key()))

    def close(self) -> None:
        self._ended.set()
        self._waiting.put((lambda _key: None, ""))

    def _run(self) -> None:
        while not self._ended.is_set():
            report, key = self._waiting.get()
            while not self._ended.is_set() and not self._delivered(report, key):
                self._ended.wait(RETRY)

    def _delivered(self, report: Report, key: str) -> bool:
        try:
            report(key)
        except ServerAway:
            return False
        except Refused as error:
            log.warning("the server refused a report: %s", error)
        except Exception:
            log.exception("a report failed")
        return True


class DeviceReports:
    """How one device of this machine is, told to the server under its name."""

    def __init__(self, reports: Reports, client: Client, machine: str, name: str) -> None:
        self._reports, self._client, self._machine, self._name = reports, client, machine, name

    def health(self, report: HealthReport) -> None:
        """Delivers it soon; returns at once."""
        devices = {self._name: (report.state.value, report.detail[:DETAIL])}
        self._reports.send(lambda key: self._client.heartbeat(self._machine, devices, key))
