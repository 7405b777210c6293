"""Calls for a person: shown to the staff until one of them goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from queue_server.days import Days
from queue_server.domain.errors import NotFound
from queue_server.domain.events import Event
from queue_server.hallbook import HallBook
from queue_server.store import help_calls as table
from queue_server.store.help_calls import HelpCall
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction


class HelpCalls:
    """A place that asks again while nobody has come is the same call: it waits since it first asked.

    `book(hall)` raises NotFound for a hall that is not here.
    """

    def __init__(self, book: Callable[[str], HallBook], days: Days) -> None:
        self._book = book
        self._days = days

    def ask(self, tx: Transaction, hall: str, place: str, actor: str) -> int:
        """A citizen asks for a person at `place`; returns the event's seq. Raises NotFound."""
        self._book(hall)
        now = self._days.begin(tx, hall)
        day = tx.state(hall).business_day
        before = next((call for call in table.unanswered(tx, hall, day) if call.place == place), None)
        again = {"call": before.id} if before else {}
        seq = tx.append(hall, Event("help.asked", now, actor, reason={"place": place} | again))
        if before is None:
            table.keep(tx, HelpCall(hall, seq, day, place, now))
        return seq

    def answer(self, tx: Transaction, hall: str, id_: int, window: int | None, actor: str) -> HelpCall:
        """Somebody goes; who comes second is told the same. Raises NotFound."""
        now = self._days.begin(tx, hall)
        call = table.one(tx, hall, id_)
        if call is None:
            raise NotFound("there is no such call for help", call=id_)
        if call.answered_at is not None:
            return call
        call = dataclasses.replace(call, answered_at=now)
        table.keep(tx, call)
        # the window is part of the reason only: it was not an action there, and must not stand in the way of its undo
        tx.append(hall, Event("help.answered", now, actor, reason={"call": id_, "place": call.place, "window": window}))
        return call

    def unanswered(self, reading: Reading, hall: str) -> list[HelpCall]:
        """Today's calls nobody has gone to yet, the oldest first."""
        return table.unanswered(reading, hall, self._days.today(reading, hall))
