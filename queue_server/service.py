"""What a hall can be asked to do: each method decides by asking the domain, inside one transaction of the hall.

Methods that take a `Transaction` are commands: they run in `Store.run`, one after another, and what they append to the
log is told to listeners after the commit. The others only look. Clock and randomness come in: `clock()` is an aware
datetime in UTC, `rng(n)` n random bytes as URL-safe text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from queue_server.days import KEEP_ANSWERS, Days
from queue_server.domain.errors import KeyUsed, NotFound
from queue_server.estimate.posted import Posted
from queue_server.finding import Finding
from queue_server.hallbook import HallBook
from queue_server.help_calls import HelpCalls
from queue_server.holders import Holders
from queue_server.issuing import Issuing, Placed
from queue_server.limits import Limit
from queue_server.popular import Popular
from queue_server.ratings import Ratings
from queue_server.store.queries import Answer, Reading
from queue_server.store.store import Store
from queue_server.store.writer import Transaction
from queue_server.windows import Windows, the_ticket

TRIES, TRIES_WITHIN = (
    30,
    timedelta(minutes=1),
)  # numbers one kiosk may try: more than fingers do, less than a guess needs


class QueueService:
    """The halls of one store. `enforce_hours` False: opening hours are shown, not enforced (demo).

    `posted` has the ranges of waits; without it there are none.
    """

    def __init__(
        self,
        halls: Mapping[str, HallBook],
        store: Store,
        clock: Callable[[], datetime],
        rng: Callable[[int], str],
        *,
        enforce_hours: bool = True,
        posted: Posted | None = None,
    ) -> None:
        self.halls = halls
        self.store = store
        self.clock = clock
        self.days = Days(halls, clock, rng, enforce_hours=enforce_hours)
        self.posted = posted or Posted(None)
        self.issuing = Issuing(halls, self.days, rng, self.posted.newcomer)
        self.windows = Windows(self.book, self.days)
        self.holders = Holders(self.book, self.days, self.issuing, clock)
        self.help = HelpCalls(self.book, self.days)
        self.finding = Finding(self.days, self.holders)
        self.tries = Limit(TRIES, TRIES_WITHIN, clock)
        self.ratings = Ratings(self.days)
        self.popular = Popular(self.book, self.days)

    def book(self, hall: str) -> HallBook:
        """Raises NotFound."""
        book = self.halls.get(hall)
        if book is None:
            raise NotFound(f"there is no hall {hall!r} on this server", hall=hall)
        return book

    def once(
        self,
        hall: str,
        scope: str,
        key: str,
        fingerprint: bytes,
        work: Callable[[Transaction], Answer],
        check_repeat: Callable[[Transaction, Answer], None] = lambda tx, first: None,
    ) -> Answer:
        """The work's answer; a repeat of scope + key gets the first answer again, and nothing happens twice.

        Raises Unprocessable if the key was used for another request (`fingerprint` differs, or `check_repeat` says
        so), and what `work` raises: a refused request is not remembered, so it may be sent again with the same key.
        """

        def command(tx: Transaction) -> Answer:
            now = self.clock()
            stored = tx.answered(scope, key)
            if stored is not None and now - stored.at < KEEP_ANSWERS:
                if stored.fingerprint != fingerprint:
                    raise KeyUsed(key)
                check_repeat(tx, stored.answer)
                return stored.answer
            answer = work(tx)
            tx.remember(scope, key, fingerprint, answer, now)
            return answer

        return self.store.run(hall, command)

    def close_days(self) -> list[str]:
        """Closes every business day that is over, also where nobody sends a command; the halls it closed one of."""
        with self.store.read() as reading:
            halls = reading.hall_ids()
        return [hall for hall in halls if self.store.run(hall, partial(self.days.close, hall=hall))]

    def placed(self, reading: Reading, ticket_id: str) -> Placed:
        """Raises NotFound."""
        ticket = the_ticket(reading, ticket_id)
        return Placed(ticket, reading.ahead(ticket))
