"""Finding the ticket somebody stands at a kiosk about: by its number, by what its code holds, or by their card.

A number is on every screen of the hall, so it opens nothing but how the ticket stands. The id and the card are the
holder's own.
"""

from __future__ import annotations

from queue_server.days import Days
from queue_server.domain.errors import Conflict, NotFound
from queue_server.domain.model import read_number
from queue_server.holders import Holders
from queue_server.issuing import Placed
from queue_server.store import asked, persons
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction

OPEN_FACTS = ("why", "state", "return_within")  # of a refusal, what whoever knows a number alone may be told


class Finding:
    """Looks at today's tickets of a hall, and the one thing a number alone may do."""

    def __init__(self, days: Days, holders: Holders) -> None:
        self._days = days
        self._holders = holders

    def by_number(self, reading: Reading, hall: str, said: str) -> Placed:
        """The ticket of today with this number, however it is written.

        Raises NotFound with `why`: no_number, yesterday or none.
        """
        number = read_number(said)
        if number is None:
            raise NotFound("that is not a number; it is a letter and three digits, as on the paper", why="no_number")
        today = self._days.today(reading, hall)
        ticket = reading.numbered(hall, today, number)
        if ticket is not None:
            return Placed(ticket, reading.ahead(ticket))
        before = asked.last_day(reading, hall, today)
        if before is not None and reading.numbered(hall, before, number) is not None:
            raise _past(number, before)
        raise NotFound(f"there is no number {number} today; look at the paper again, or ask the help desk", why="none")

    def by_id(self, reading: Reading, hall: str, ticket_id: str) -> Placed:
        """The ticket its own code names. Raises NotFound with `why`: yesterday or none."""
        ticket = reading.ticket(ticket_id)
        if ticket is None or ticket.hall != hall:
            raise NotFound("that code is of no ticket of this hall; look at the paper again", why="none")
        if ticket.business_day != self._days.today(reading, hall):
            raise _past(ticket.number, ticket.business_day)
        return Placed(ticket, reading.ahead(ticket))

    def by_card(self, reading: Reading, hall: str, card_token: str) -> list[Placed]:
        """What the holder of a card has today that lives or was missed, in the order it was taken."""
        found = persons.tickets_of(reading, hall, self._days.today(reading, hall), card_token)
        return [Placed(ticket, reading.ahead(ticket)) for ticket in found]

    def come_back(self, tx: Transaction, hall: str, said: str, actor: str) -> Placed:
        """A missed ticket waits again, by its number alone. Raises NotFound, and Conflict without anything secret."""
        self._days.begin(tx, hall)
        ticket = self.by_number(tx, hall, said).ticket
        try:
            return self._holders.come_back(tx, ticket.id, actor)
        except Conflict as refused:
            told = {name: value for name, value in refused.detail.items() if name in OPEN_FACTS}
            another = f"the holder of {ticket.number} has another number of the same line by now; that one counts"
            raise Conflict(another if told.get("why") == "another" else refused.message, **told) from None


def _past(number: str, day: object) -> NotFound:
    words = f"number {number} is of {day}; numbers begin anew every day, so please take a new one"
    return NotFound(words, why="yesterday", day=str(day))
