"""Tickets onto paper, off the UI thread: one job at a time, what became of it told and reported.

The number is saved before this begins, so nothing here can lose it. A job in doubt is never sent twice by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from devices.errors import DeviceError, DeviceRefused, JobInDoubt
from devices.health import Health, HealthReport, Watch
from devices.paper.blocks import Document
from devices.roles import TicketPrinter
from kiosk.background import on_ui
from kiosk.client import Client
from kiosk.places import Paper
from kiosk.reports import DeviceReports, Reports

log = logging.getLogger(__name__)

PAPER_OUT = "paper out"  # the printers' word for it


class Printing:
    """The kiosk's printer. `changed` is called in the UI thread with every change of its health."""

    def __init__(
        self,
        printer: TicketPrinter,
        client: Client,
        reports: Reports,
        machine: str,
        changed: Callable[[HealthReport], None],
        name: str = "printer",
    ) -> None:
        self._printer, self._client, self._reports = printer, client, reports
        self._machine, self._changed = machine, changed
        self._device = DeviceReports(reports, client, machine, name)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="printing")
        self._called = False
        self._watch = Watch(printer, self._health, name="printer")

    def start(self) -> None:
        self._watch.start()

    def print(self, ticket_id: str | None, document: Document, told: Callable[[Paper], None]) -> None:
        """Prints in the background, reports it, and tells in the UI thread what became of it. A paper that is no
        ticket has no id and no report.
        """
        self._pool.submit(self._job, ticket_id, document, told)

    def close(self) -> None:
        """A running job may finish; the line is let go when the program ends."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._watch.stop()

    def _job(self, ticket_id: str | None, document: Document, told: Callable[[Paper], None]) -> None:
        paper = self._print(document)
        on_ui(told, paper)
        self._watch.poke()
        if paper in (Paper.OUT, Paper.FAULT):
            self._call_staff()
        ok, doubt = paper is Paper.PRINTED, paper is Paper.DOUBT
        if ticket_id:
            self._reports.send(lambda key: self._client.printed(ticket_id, ok, doubt, key))

    def _print(self, document: Document) -> Paper:
        try:
            self._printer.print(document)
        except DeviceRefused as error:
            log.warning("the printer refused a ticket: %s", error.reason)
            return Paper.OUT if error.reason == PAPER_OUT else Paper.FAULT
        except JobInDoubt as error:
            log.warning("a ticket may not be printed: %s", error)
            return Paper.DOUBT
        except DeviceError as error:
            log.warning("a ticket is not printed: %s", error)
            return Paper.FAULT
        except Exception:  # the citizen waits for an answer, and the next one for this thread
            log.exception("printing a ticket failed")
            return Paper.FAULT
        return Paper.PRINTED

    def _call_staff(self) -> None:
        """The screen says that somebody was called: once until the printer works again, not by every citizen."""
        if not self._called:
            self._called = True
            self._reports.send(lambda key: self._client.help(self._machine, key))

    def _health(self, report: HealthReport) -> None:
        if report.state.works:
            self._called = False
        log.info("the printer is %s %s", report.state, report.detail)
        self._device.health(report)
        on_ui(self._changed, report)


def works(state: str) -> bool:
    """Whether a printer in this state can print; unknown counts as working."""
    return not state or Health(state).works
