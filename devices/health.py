"""How a device is doing, and a watch that notices when that changes.

A `Watch` is the only thing that polls. The device's own lock makes a poll wait for a running job, never interrupt it.
Opening and closing the line is the driver's: a check on an absent device tries to open it, so that a device that is
plugged in again is back at the next check. While a device is away checks come at FIRST_RETRY, doubling up to
LAST_RETRY seconds: plugged in again it is back well within 3 s.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from devices.errors import DeviceError

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.25, 2.0  # seconds


class Health(StrEnum):
    """What a device can be; only `ready` and `warning` can work."""

    READY = "ready"
    WARNING = "warning"  # works, but soon needs a person: paper near end
    REFUSING = "refusing"  # a person must help: paper out, cover open
    SILENT = "silent"  # the line is open, but no sensible answer
    ABSENT = "absent"  # the line cannot be opened

    @property
    def works(self) -> bool:
        return self in (Health.READY, Health.WARNING)

    @property
    def reachable(self) -> bool:
        return self not in (Health.SILENT, Health.ABSENT)


@dataclass(frozen=True)
class HealthReport:
    """A device's health at one moment; `detail` says why in words, empty when all is well; `at` is aware, UTC."""

    state: Health
    detail: str
    at: datetime

    def same(self, other: HealthReport | None) -> bool:
        """Whether both say the same, whenever they say it. Absent is absent, in whatever words the system says why."""
        if other is None or self.state is not other.state:
            return False
        return self.detail == other.detail or self.state is Health.ABSENT


class Checkable(Protocol):
    """Anything with a health."""

    def check(self) -> HealthReport: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


class Watch:
    """Checks one device every `every` seconds in a thread of its own and calls `changed(report)` on changes only.

    The first report is a change. `changed` is called in the watch's thread; what it raises is logged, and the watch
    goes on. `report` is the latest one, None before the first check.
    """

    def __init__(
        self,
        device: Checkable,
        changed: Callable[[HealthReport], None],
        *,
        every: float = 2.0,
        name: str = "device",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._device, self._changed, self._every, self._clock = device, changed, every, clock
        self._told: HealthReport | None = None
        self._due = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=f"watch {name}", daemon=True)

    @property
    def report(self) -> HealthReport | None:
        return self._told

    def start(self) -> Watch:
        self._thread.start()
        return self

    def poke(self) -> None:
        """Check at once, not at the next turn."""
        self._due.set()

    def stop(self) -> None:
        """Returns when the thread has ended; a running check is waited for."""
        self._ended = True
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        retry = FIRST_RETRY
        while not self._ended:
            state = self._look().state
            pause, retry = (self._every, FIRST_RETRY) if state.reachable else (retry, min(retry * 2, LAST_RETRY))
            self._due.wait(pause)
            self._due.clear()

    def _look(self) -> HealthReport:
        report = self._ask()
        if not report.same(self._told):
            self._told = report
            try:
                self._changed(report)
            except Exception:
                log.exception("a listener for device health failed")
        return report

    def _ask(self) -> HealthReport:
        try:
            return self._device.check()
        except DeviceError as error:
            return HealthReport(Health.SILENT, str(error), self._clock())
        except Exception:
            log.exception("checking a device failed")
            return HealthReport(Health.SILENT, "the driver failed; see the log", self._clock())
