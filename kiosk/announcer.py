"""Which call is the big one now, and which are listed under it: one order for screen, signs and voice.

Rules:
- Calls are announced in the order they were made, each for at least `call_seconds`; a recall is announced again.
- An event is a hint and comes first; the board is the truth. A call is announced once, whichever of the two brings it.
- The first board, and the first of another epoch, is history: its calls are listed and not announced.
- After a gap (`lost`) the next board decides: calls newer than what was seen are announced if nobody answered them
  yet, else only listed.
- A call taken back (undone, released, cancelled) leaves at once: nobody may walk to a window that does not expect
  them. A call that was answered stays until the next one takes its place.

Whoever announces asks `now(at)`, in seconds of any clock that never goes back, and acts when `n` changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kiosk.answers import Call
from kiosk.scope import Scope

if TYPE_CHECKING:
    from kiosk.answers import Board
    from kiosk.follower import Event

ANNOUNCED = {"ticket.called": False, "ticket.recalled": True, "ticket.resumed": False}  # type -> whether it is again
RESET = "reset"  # the server cannot replay what was missed
TAKEN_BACK = frozenset({"waiting", "cancelled", "expired"})  # states in which no window expects the ticket any more
SAME_MOMENT = timedelta(seconds=1)  # the board and the event may round one moment differently
LISTED = 40  # calls remembered; no screen lists more
FORGET = timedelta(days=1)


@dataclass(frozen=True)
class Announcement:
    """A call to be shown big, rung and spoken; `n` counts them, so that each is rung and spoken once."""

    n: int
    call: Call
    again: bool


class Announcer:
    """The order of announcements of one hall, or of the part in `scope`; `zone_of` says where windows stand."""

    def __init__(self, call_seconds: float, scope: Scope = Scope()) -> None:
        self.call_seconds, self.scope = call_seconds, scope
        self.zone_of: Mapping[int, str] = {}
        self._pending: deque[Announcement] = deque()
        self._current: Announcement | None = None
        self._since = 0.0
        self._count = 0
        self._forget_all()

    def _forget_all(self) -> None:
        self._epoch: str | None = None
        self._gap = True
        self._floor = -1  # events up to this seq are history
        self._listed: list[Call] = []
        self._known: dict[str, Call] = {}  # number -> its latest call
        self._told: dict[str, int] = {}  # number -> seq up to which its calls were dealt with
        self._pending.clear()
        self._current = None

    # -- what comes in -----------------------------------------------------------------------------------------------

    def feed(self, event: Event) -> None:
        """What the stream said. While a board is owed events count for nothing: that board will hold them."""
        if event.type == RESET:
            self.lost()
        said = _ticket_said(event)
        if self._gap or said is None:
            return
        seq, number, state = said
        if seq <= max(self._floor, self._told.get(number, -1)):
            return
        if event.type in ANNOUNCED:
            call = self._call_of(event, number)
            self._told[number] = seq
            self._known[number] = call
            self._announce(call, ANNOUNCED[event.type])
        elif state in TAKEN_BACK:
            self._told[number] = seq
            self._take_back(number)

    def board(self, board: Board) -> None:
        """The truth at `board.seq`."""
        calls = _one_each(board.calls)
        if board.epoch != self._epoch:
            self._forget_all()
            self._epoch = board.epoch
            self._listed = [call for call in calls if self._wanted(call)][:LISTED]
            self._known = {call.number: call for call in calls}
        else:
            self._drop_absent(board, calls)
            for call in reversed(calls):
                self._compare(call, board.seq)
            self._forget_old(board.at)
        if self._gap:
            self._gap, self._floor = False, board.seq

    def lost(self) -> None:
        """The stream broke: until the next board, events may be missing."""
        self._gap = True

    # -- what goes out -----------------------------------------------------------------------------------------------

    def now(self, at: float) -> Announcement | None:
        """The announcement whose time runs; None when nothing is being announced."""
        if self._current is not None and at >= self._since + self.call_seconds:
            self._current = None
        if self._current is None and self._pending:
            self._current, self._since = self._pending.popleft(), at
            self._list_first(self._current.call)
        return self._current

    @property
    def calls(self) -> tuple[Call, ...]:
        """Calls that were announced, newest first: the first is the big one."""
        return tuple(self._listed)

    def holds(self, call: Call) -> bool:
        """Whether a call that was announced still stands, and no newer one of the same number took its place."""
        return any(one.number == call.number and one.window == call.window for one in self._listed)

    # -- rules -------------------------------------------------------------------------------------------------------

    def _announce(self, call: Call, again: bool) -> None:
        if self._wanted(call):
            self._count += 1
            self._pending.append(Announcement(self._count, call, again))

    def _wanted(self, call: Call) -> bool:
        return self.scope.holds(call, self.zone_of)

    def _list_first(self, call: Call) -> None:
        self._listed = [call, *(one for one in self._listed if one.number != call.number)][:LISTED]

    def _list_by_time(self, call: Call) -> None:
        """Behind the one being announced, before what is older."""
        first = int(self._current is not None)
        rest = [one for one in self._listed if one.number != call.number]
        place = next((i for i, one in enumerate(rest) if i >= first and one.at <= call.at), len(rest))
        self._listed = [*rest[:place], call, *rest[place:]][:LISTED]

    def _take_back(self, number: str) -> None:
        self._listed = [one for one in self._listed if one.number != number]
        self._pending = deque(one for one in self._pending if one.call.number != number)
        if self._current is not None and self._current.call.number == number:
            self._current = None

    def _compare(self, call: Call, seq: int) -> None:
        """Announces or lists what this board knows and we did not."""
        known, told = self._known.get(call.number), self._told.get(call.number, -1)
        if told > seq:
            return  # an event newer than this board has spoken
        self._known[call.number] = call
        if not _newer(call, known):
            self._listed = [call if one.number == call.number else one for one in self._listed]
            return
        self._told[call.number] = seq
        if call.state == "called" or not self._gap:
            self._announce(call, again=call.calls > 1)
        elif self._wanted(call):
            self._list_by_time(call)

    def _drop_absent(self, board: Board, calls: tuple[Call, ...]) -> None:
        """A call the board no longer has is taken back, unless the board's list was just too short for it."""
        there = {call.number for call in calls}
        oldest = min((call.at for call in calls), default=None)
        waiting = [one.call for one in (self._current, *self._pending) if one is not None]
        due = {call.number for call in waiting if oldest is not None and call.at < oldest}
        for call in (*self._listed, *waiting):
            number = call.number
            if number not in there and number not in due and self._told.get(number, -1) <= board.seq:
                self._take_back(number)

    def _call_of(self, event: Event, number: str) -> Call:
        ticket, window, known = event.data["ticket"], event.data["window"], self._known.get(number)
        return Call(
            number=number,
            window=window,
            zone=self.zone_of.get(window, ""),
            line=str(ticket.get("line", "")),
            at=datetime.fromisoformat(event.data["at"]),
            calls=ticket.get("calls") or (known.calls + 1 if known else 1),
            state="called",
        )

    def _forget_old(self, now: datetime) -> None:
        if len(self._known) > 50 * LISTED:
            self._known = {number: call for number, call in self._known.items() if now - call.at < FORGET}
            self._told = {number: seq for number, seq in self._told.items() if number in self._known}


def _newer(call: Call, known: Call | None) -> bool:
    """Whether the board's call is another one than the one known, made after it."""
    if known is None:
        return True
    if abs(call.at - known.at) > SAME_MOMENT:
        return call.at > known.at
    return call.window != known.window or call.calls > known.calls


def _one_each(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """The latest call of each number that a window still stands for."""
    latest: dict[str, Call] = {}
    for call in calls:
        if call.state not in TAKEN_BACK and isinstance(call.window, int):
            latest.setdefault(call.number, call)
    return tuple(latest.values())


def _ticket_said(event: Event) -> tuple[int, str, str] | None:
    """seq, number and state of an event about a ticket; None for others, and for a call without window or time."""
    ticket, seq = event.data.get("ticket"), event.data.get("seq")
    if not isinstance(ticket, Mapping) or not isinstance(seq, int) or not isinstance(ticket.get("number"), str):
        return None
    if event.type in ANNOUNCED and not (isinstance(event.data.get("window"), int) and event.data.get("at")):
        return None
    return seq, ticket["number"], str(ticket.get("state", ""))
