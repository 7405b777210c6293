"""A ticket, the states it can be in, and the one table of what may happen to it.

`TRANSITIONS` holds every row of the queue's rules. An action that is not in it is refused in words that say what the
state is. Instants are aware and in UTC; `key` orders tickets (then `seq`), `number` is what people read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self

from queue_server.domain.errors import Conflict


class State(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Action(StrEnum):
    CALL = "call"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    MISS = "miss"
    RETURN = "return"
    RELEASE = "release"
    TRANSFER = "transfer"
    HOLD = "hold"
    RESUME = "resume"
    CLASS = "class"
    CANCEL = "cancel"
    EXPIRE = "expire"


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.WAITING, Action.CALL): State.CALLED,
    (State.WAITING, Action.CLASS): State.WAITING,
    (State.WAITING, Action.CANCEL): State.CANCELLED,
    (State.CALLED, Action.RECALL): State.CALLED,
    (State.CALLED, Action.START): State.SERVING,
    (State.CALLED, Action.MISS): State.MISSED,
    (State.CALLED, Action.RELEASE): State.WAITING,
    (State.SERVING, Action.FINISH): State.DONE,
    (State.SERVING, Action.TRANSFER): State.WAITING,
    (State.SERVING, Action.HOLD): State.HELD,
    (State.HELD, Action.RESUME): State.CALLED,
    (State.MISSED, Action.RETURN): State.WAITING,
    # at the end of the business day; a missed ticket stays missed
    (State.WAITING, Action.EXPIRE): State.EXPIRED,
    (State.CALLED, Action.EXPIRE): State.EXPIRED,
    (State.SERVING, Action.EXPIRE): State.EXPIRED,
    (State.HELD, Action.EXPIRE): State.EXPIRED,
}

OPEN_STATES = (State.WAITING, State.CALLED, State.SERVING, State.HELD)
AT_A_WINDOW = (State.CALLED, State.SERVING)


class WindowState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Ticket(
    NamedTuple
):  # no dataclass: a frozen one of so many fields takes several times as long to make and to copy
    """A citizen's place. `seq` is per hall and rises with issue; `bound` is a window's number or 0 for any."""

    id: str
    seq: int
    number: str
    hall: str
    line: str
    item: str | None
    cls: str
    state: State
    business_day: date
    issued_at: datetime
    key: datetime
    source: str = "kiosk"
    lang: str = "zh"
    bound: int = 0
    window: int | None = None
    calls: int = 0
    first_called_at: datetime | None = None
    called_at: datetime | None = None  # the last call
    started_at: datetime | None = None
    ended_at: datetime | None = None
    printed: bool = False
    print_doubt: bool = False
    prints: int = 0

    def after(self, action: Action, **changes: Any) -> Self:
        """This ticket once the action has happened, with the given fields changed. Raises Conflict naming the state."""
        state = TRANSITIONS.get((self.state, action))
        if state is None:
            raise Conflict(
                f"ticket {self.number} is {self.state}: cannot {action} it", ticket=self.id, state=self.state
            )
        return self._replace(state=state, **changes)


@dataclass(frozen=True, slots=True)
class WindowStatus:
    """What a window is doing: `ticket` is the id of its called or serving ticket."""

    no: int
    state: WindowState
    ticket: str | None
    since: datetime | None


def ticket_number(letter: str, n: int) -> str:
    """Letter and three digits, four beyond 999.

    >>> ticket_number("A", 12), ticket_number("A", 1000)
    ('A012', 'A1000')
    """
    return f"{letter}{n:03d}"


def read_number(said: str) -> str | None:
    """A number however people write or type it; None if it is none.

    >>> read_number("ａ 12"), read_number("A012号"), read_number("A-1000"), read_number("012")
    ('A012', 'A012', 'A1000', None)
    """
    plain = "".join(unicodedata.normalize("NFKC", said).upper().split()).removesuffix("号").replace("-", "")
    found = re.fullmatch(r"([A-Z])0*([0-9]{1,6})", plain)
    return ticket_number(found[1], int(found[2])) if found else None
