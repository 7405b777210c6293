"""What the one writer keeps in memory of its halls: where each waiting ticket stands, and the tickets it had at hand.

Counting rows would cost more the more people wait, and finding the heads of lanes costs as much as all else of a call.
The tables are the truth: a hall is read from them when it is first asked for, follows what the writer saves, and is
thrown away when something is taken back.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from queue_server.domain.dispatch import LaneHead
from queue_server.domain.model import OPEN_STATES, State, Ticket

Place = tuple[datetime, int]  # key, seq: what orders a lane
Lane = list[tuple[datetime, int, LaneHead]]  # in order


class Places:
    """The waiting tickets of one hall, by line and (class, bound window)."""

    def __init__(self, waiting: Iterable[LaneHead]) -> None:
        """`waiting` in order of (key, seq)."""
        self._lines: dict[str, dict[tuple[str, int], Lane]] = {}
        self._waiting: dict[int, LaneHead] = {}  # by seq
        for one in waiting:
            self._lane(one).append((one.key, one.seq, one))
            self._waiting[one.seq] = one

    def _lane(self, one: LaneHead) -> Lane:
        return self._lines.setdefault(one.line, {}).setdefault((one.cls, one.bound), [])

    def put(self, one: LaneHead) -> None:
        """A ticket waits here, wherever it was before."""
        self.take(one.seq)
        insort(self._lane(one), (one.key, one.seq, one))
        self._waiting[one.seq] = one

    def take(self, seq: int) -> None:
        """A ticket waits no longer, if it did."""
        if seq in self._waiting:
            one = self._waiting.pop(seq)
            lane = self._lane(one)
            del lane[bisect_left(lane, one.place)]  # the shorter of two alike comes first

    def ahead(self, line: str, place: Place) -> int:
        """How many of the line stand before this place."""
        return sum(bisect_left(lane, place) for lane in self._lines.get(line, {}).values())

    def heads(self, lines: Sequence[str], window: int) -> list[LaneHead]:
        """The first ticket of each lane a window may serve."""
        lanes = (lane for line in lines for lane in self._lines.get(line, {}).items())
        return [lane[0][2] for (_, bound), lane in lanes if lane and bound in (0, window)]


@dataclass(slots=True)
class Memory:
    """What outlives a transaction. Only where one process writes: others would change the tables behind its back."""

    places: dict[str, Places] = field(default_factory=dict)  # by hall
    tickets: dict[str, Ticket] = field(default_factory=dict)  # live ones that were looked at or saved, by id

    def saved(self, ticket: Ticket) -> None:
        """Follows what was saved; places nobody has asked for yet will be read with it."""
        self.seen(ticket)
        places = self.places.get(ticket.hall)
        if places is None:
            return
        if ticket.state is State.WAITING:
            places.put(LaneHead.of(ticket))
        else:
            places.take(ticket.seq)

    def seen(self, ticket: Ticket) -> None:
        if ticket.state in OPEN_STATES:
            self.tickets[ticket.id] = ticket
        else:
            self.tickets.pop(ticket.id, None)

    def forget(self, ticket: Ticket) -> None:
        """What was saved of it is taken back."""
        self.tickets.pop(ticket.id, None)
        self.places.pop(ticket.hall, None)

    def clear(self) -> None:
        self.tickets.clear()
        self.places.clear()
