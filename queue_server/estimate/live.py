"""The hall as it stands, from one look at its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from queue_server.domain.model import State as TicketState
from queue_server.domain.model import Ticket, WindowState
from queue_server.estimate.rollout import Busy, State, Waiting
from queue_server.hallbook import HallBook
from queue_server.simulate.scene import Counter
from queue_server.store import estimates
from queue_server.store.queries import Reading
from queue_server.store.schema import to_instant


def look(reading: Reading, book: HallBook, now: datetime) -> tuple[State, list[Ticket]]:
    """The state, and who waits in the order of its `waiting`; windows that are not open take nobody."""
    hall, at = book.hall.id, to_instant(now)
    counters, busy = [], []
    for no, (status, _) in sorted(reading.windows(hall).items()):
        if status.state is not WindowState.OPEN or no not in book.windows or book.windows[no].retired:
            continue
        ticket = reading.ticket(status.ticket) if status.ticket else None
        since = min(at, to_instant(status.since)) if status.since else at
        counters.append(Counter(book.desk(no), book.home_lines(no) or None, free_at=since))
        busy.append(_busy(ticket, at))
    tickets = sorted(estimates.waiting(reading, hall), key=lambda ticket: ticket.seq)
    local = now.astimezone(ZoneInfo(book.hall.time_zone))
    credits = {cls: book.credit(cls) // timedelta(microseconds=1) for cls in book.classes}
    waiting = [_waiting(ticket, at) for ticket in tickets]
    minute = local.hour * 60 + local.minute + local.second / 60
    return State(at, local.weekday(), minute, counters, busy, waiting, credits), tickets


def newcomers(state: State, tickets: Sequence[Ticket], wanted: Iterable[tuple[str, str]]) -> list[Waiting]:
    """Tickets taken now, by line and class; those with an appointment, at its time.

    Where the clock was set back, issued after the last one all the same.
    """
    issued = max([state.now, *(to_instant(ticket.issued_at) for ticket in tickets)])
    return [Waiting(line, None, cls, state.now, issued - state.credits.get(cls, 0)) for line, cls in wanted]


def _busy(ticket: Ticket | None, now: int) -> Busy | None:
    if ticket is None or ticket.called_at is None:
        return None
    # a clock that was set back would have it begin in the future
    since = min(now, to_instant(ticket.called_at))
    return Busy(ticket.line, ticket.item, ticket.cls, since, ticket.state is TicketState.SERVING)


def _waiting(ticket: Ticket, now: int) -> Waiting:
    came = min(now, to_instant(ticket.issued_at))
    return Waiting(ticket.line, ticket.item, ticket.cls, came, to_instant(ticket.key), ticket.bound)
