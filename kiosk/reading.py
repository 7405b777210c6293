"""The card reader, off the UI thread: is a card there, how is the reader, and who it is once the citizen has agreed.

Looking sends `20 01` and nothing else, all the time: it tells that a card lies there, not whose. `read` is the only way
to more. What `read` found is turned into what may be kept in the thread that read it; the card itself goes nowhere.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from devices.errors import DeviceError
from devices.health import HealthReport, Watch
from devices.roles import IdCardReader
from devices.sdt.card import Card, CardUnreadable
from kiosk.background import on_ui
from kiosk.reports import DeviceReports

log = logging.getLogger(__name__)

PAUSE = 0.05  # seconds between two looks; the reader itself takes 0.3
AWAY = 1.0  # seconds until the next look at a reader that does not answer
Kept = TypeVar("Kept")


class Reading:
    """The kiosk's reader. `laid(whether)` and `changed(report)` are called in the UI thread, on changes only."""

    def __init__(
        self,
        reader: IdCardReader,
        reports: DeviceReports,
        laid: Callable[[bool], None],
        changed: Callable[[HealthReport], None],
    ) -> None:
        self._reader, self._reports = reader, reports
        self._laid, self._changed = laid, changed
        self._there = False
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="reading")
        self._looking = threading.Thread(target=self._look, name="looking for a card", daemon=True)
        self._watch = Watch(reader, self._health, name="reader")

    def start(self) -> None:
        self._looking.start()
        self._watch.start()

    def read(self, keep: Callable[[Card], Kept], done: Callable[[Kept], None], failed: Callable[[bool], None]) -> None:
        """Only after the citizen has agreed: reads, and tells `keep(card)` in the UI thread.

        Or `failed(whether it is the card that cannot be read)`: else it is the reader.
        """
        self._pool.submit(self._read, keep, done, failed)

    def close(self) -> None:
        """A running reading may finish; nobody is told of it."""
        self._ended.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._watch.stop()

    def _read(self, keep: Callable[[Card], Kept], done: Callable[[Kept], None], failed: Callable[[bool], None]) -> None:
        try:
            kept = keep(self._reader.read())
        except DeviceError as error:
            log.info("no card was read: %s", error)
            self._watch.poke()
            on_ui(failed, isinstance(error, CardUnreadable))  # not the error: its traceback holds what was read
        except Exception as error:  # noqa: BLE001 - log.exception would write its words, and who knows what they hold
            log.error("reading a card failed: %s", type(error).__name__)
            on_ui(failed, False)
        else:
            on_ui(done, kept)

    def _look(self) -> None:
        pause = PAUSE
        while not self._ended.wait(pause):
            try:
                there, pause = self._reader.card_present(), PAUSE
            except DeviceError:
                there, pause = False, AWAY  # what is wrong with it the watch tells
            except Exception:
                log.exception("looking for a card failed")
                there, pause = False, AWAY
            if there is not self._there:
                self._there = there
                on_ui(self._laid, there)

    def _health(self, report: HealthReport) -> None:
        log.info("the reader is %s %s", report.state, report.detail)
        self._reports.health(report)
        on_ui(self._changed, report)
