"""Asking a device that answers each question: one at a time, asked again once, the line opened and closed as needed.

What both ends say is the codecs' business; this only waits. A line on which something failed is closed, so that the
next question begins on a fresh one: a device that was unplugged is back at the first question after it is plugged in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from devices.errors import BadFrame, DeviceOffline, DeviceRefused, DeviceSilent
from devices.health import Health, HealthReport, utc_now
from devices.transport import Line

QUIET = 0.5  # seconds without a byte in the middle of an answer that end the hope for the rest
DRAIN = 0.05  # seconds without a byte after which a line holds nothing old
TRIES = 2
Result = TypeVar("Result")


class Dialogue:
    """One line and who may speak on it. `connect` opens the line anew each time it is called."""

    def __init__(
        self,
        connect: Callable[[], Line],
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connect, self._clock, self._now = connect, clock, now
        self._lock = threading.RLock()
        self._line: Line | None = None

    def hold(self, talk: Callable[[], Result]) -> Result:
        """Has the line while `talk` asks; begins `talk` once more if what came was silence or made no sense."""
        with self._lock:
            try:
                for _ in range(TRIES - 1):
                    try:
                        return talk()
                    except (DeviceSilent, BadFrame):
                        self._drain(self._open())
                return talk()
            except (DeviceOffline, BadFrame):
                self.close()
                raise

    def ask(self, data: bytes, answers: Callable[[bytes], Iterable[Result]], within: float, who: str) -> Result:
        """Sends and returns the first answer that `answers` finds in what comes; to be called by a `talk`.

        DeviceSilent if nothing comes for `within` seconds, BadFrame if something comes and no answer is in it.
        """
        line = self._open()
        line.write(data)
        heard, found = self._hear(line, answers, within)
        if found:
            return found[0]
        if heard:
            raise BadFrame(f"what comes over the line of the {who} makes no sense; check speed, cable and model")
        raise DeviceSilent(f"the {who} does not answer; is it switched on?")

    def check(self, talk: Callable[[], str]) -> HealthReport:
        """Health by a `talk` that returns why the device cannot work, or "" if it can."""
        try:
            refusal = self.hold(talk)
        except DeviceRefused as error:
            refusal = error.reason
        except (DeviceSilent, BadFrame) as error:
            return HealthReport(Health.SILENT, str(error), self._now())
        except DeviceOffline as error:
            return HealthReport(Health.ABSENT, str(error), self._now())
        return HealthReport(Health.REFUSING if refusal else Health.READY, refusal, self._now())

    def close(self) -> None:
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None

    def _open(self) -> Line:
        if self._line is None:
            self._line = self._connect()
            self._drain(self._line)
        return self._line

    def _drain(self, line: Line) -> None:
        """Reads away what nobody waits for any more, for a second at most."""
        until = self._clock() + 1
        while line.read(DRAIN) and self._clock() < until:
            pass

    def _hear(self, line: Line, answers: Callable[[bytes], Iterable[Result]], wait: float) -> tuple[bool, list[Result]]:
        """Whether anything came, and the answers in it. What came lives no longer than this call: it may be private."""
        heard, until = False, self._clock() + wait
        while (left := until - self._clock()) > 0:
            data = line.read(min(left, QUIET) if heard else left)
            if not data:
                break
            heard = True
            if found := list(answers(data)):
                return True, found
        return heard, []
