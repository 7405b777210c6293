"""What people come for most: counted once a business day over the days before it, then kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from queue_server.days import Days
from queue_server.hallbook import HallBook
from queue_server.store import asked
from queue_server.store.queries import Reading

DAYS = 30  # business days counted
MOST = 8  # items named: what fits beside each other on a kiosk's first screen


class Popular:
    """`book(hall)` raises NotFound for a hall that is not here."""

    def __init__(self, book: Callable[[str], HallBook], days: Days) -> None:
        self._book = book
        self._days = days
        self._counted: dict[str, tuple[date, Mapping[str, int]]] = {}  # by hall: on which day, and tickets per item

    def items(self, reading: Reading, hall: str) -> list[str]:
        """Ids of the items most asked for that are still offered, the most first; none without a past."""
        today = self._days.today(reading, hall)
        day, counts = self._counted.get(hall, (None, {}))
        if day != today:
            counts = asked.counts(reading, hall, today, DAYS)
            self._counted[hall] = today, counts
        offered = [item.id for item in self._book(hall).offered() if item.id in counts]
        return sorted(offered, key=lambda item: -counts[item])[:MOST]
