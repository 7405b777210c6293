"""Who is next. A policy is a pure function from a window and the heads of its lanes to one ticket.

A lane is (line, class, bound window or none), in order of (key, seq); only its head is looked at, so the cost does not
grow with the number waiting. A key is when a ticket counts as having come (QUEUE R1), so the smallest is next (R2);
a window may prefer its own by up to its tolerance (R3); what was transferred to it comes first (R5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from queue_server.domain.model import Ticket


class Rule(StrEnum):
    """Why a ticket was called."""

    FIRST_COME = "first_come"
    CREDIT = "credit"  # its class counts as having come earlier; else somebody who came before would be called
    HOME_FIELD = "home_field"  # the window's own field, within its tolerance
    OWN_CLASS = "own_class"  # the classes a special window is for, within its tolerance
    BOUND = "bound"  # transferred to this window: outside the promise
    CHOSEN = "chosen"  # the clerk called this one: watched, not promised
    RESUMED = "resumed"  # it had been here and was set aside


PREFERRED = (Rule.HOME_FIELD, Rule.OWN_CLASS)


@dataclass(frozen=True, slots=True)
class Desk:
    """A window as the rules see it: what it serves, and whom it prefers by up to `tolerance`.

    A window has one preference: the lines of its home field, or its own classes.
    """

    no: int
    lines: frozenset[str]
    own_lines: frozenset[str] = frozenset()
    own_classes: frozenset[str] = frozenset()
    tolerance: timedelta = timedelta(0)

    def serves(self, head: LaneHead) -> bool:
        return head.line in self.lines and head.bound in (0, self.no)

    def prefers(self, head: LaneHead) -> bool:
        return head.cls in self.own_classes or head.line in self.own_lines


class LaneHead(NamedTuple):  # made by the dozen for each call: quicker than a dataclass
    """The first ticket of a lane."""

    ticket: str
    number: str
    line: str
    cls: str
    bound: int
    key: datetime
    seq: int
    issued_at: datetime

    @classmethod
    def of(cls, t: Ticket) -> Self:
        return cls(t.id, t.number, t.line, t.cls, t.bound, t.key, t.seq, t.issued_at)

    @property
    def place(self) -> tuple[datetime, int]:
        """What orders tickets."""
        return self.key, self.seq

    @property
    def place_without_credit(self) -> tuple[datetime, int]:
        return max(self.key, self.issued_at), self.seq


@dataclass(frozen=True, slots=True)
class Decision:
    """The ticket to call, the rule that chose it, the oldest one this window could have called, lanes compared."""

    ticket: LaneHead
    rule: Rule
    oldest: LaneHead
    candidates: int


def dispatch(desk: Desk, lane_heads: Iterable[LaneHead]) -> Decision | None:
    """The next ticket for this window, or None when nobody it may serve waits."""
    heads = [head for head in lane_heads if desk.serves(head)]
    free = [head for head in heads if not head.bound]
    oldest = min(free or heads, key=_place, default=None)
    if oldest is None:
        return None
    if len(free) < len(heads):
        bound = min((head for head in heads if head.bound), key=_place)
        return Decision(bound, Rule.BOUND, oldest, len(heads))
    own = min((head for head in free if desk.prefers(head)), key=_place, default=oldest)
    if own is not oldest and own.key <= oldest.key + desk.tolerance:
        return Decision(own, Rule.OWN_CLASS if desk.own_classes else Rule.HOME_FIELD, oldest, len(heads))
    # a lane is of one class, so who would be first in it without credits is its head too
    came_first = min(free, key=lambda head: head.place_without_credit)
    return Decision(oldest, Rule.FIRST_COME if came_first is oldest else Rule.CREDIT, oldest, len(heads))


def _place(head: LaneHead) -> tuple[datetime, int]:
    return head.place


@dataclass(frozen=True, slots=True)
class Idle:
    """A window without a ticket, and since when."""

    desk: Desk
    since: datetime


def idle_window(arrived: LaneHead, idle: Sequence[Idle]) -> Idle | None:
    """Where a ticket goes that arrives while windows are idle (QUEUE R4); None when none of them may serve it.

    Preferred first, then the window that can do least else, then the one idle longest; then the lowest number.
    """
    able = [one for one in idle if one.desk.serves(arrived)]
    return min(
        able,
        key=lambda one: (not one.desk.prefers(arrived), len(one.desk.lines), one.since, one.desk.no),
        default=None,
    )
