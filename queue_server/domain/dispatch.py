"""Who is next. A policy is a pure function from a window and the heads of its lanes to one ticket.

A lane is (line, class, bound window or none), in order of (key, seq); only its head is looked at, so the cost does not
grow with the number waiting. A key is when a ticket counts as having come (QUEUE R1), so the smallest is next (R2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config import Rules, Window


class Rule(StrEnum):
    """Why a ticket was called."""

    FIRST_COME = "first_come"
    CREDIT = "credit"  # its class counts as having come earlier; else somebody who came before would be called


@dataclass(frozen=True, slots=True)
class LaneHead:
    """The first ticket of a lane."""

    ticket: str
    number: str
    line: str
    cls: str
    bound: int
    key: datetime
    seq: int
    issued_at: datetime

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


def dispatch(window: Window, lane_heads: Sequence[LaneHead], now: datetime, rules: Rules) -> Decision | None:
    """The next ticket for this window, or None when nobody it may serve waits.

    `now` and `rules` are what preferences and promises will look at; credits are in the keys already.
    """
    heads = [head for head in lane_heads if head.line in window.lines and head.bound in (0, window.no)]
    if not heads:
        return None
    oldest = min(heads, key=lambda head: head.place)
    # a lane is of one class, so who would be first in it without credits is its head too
    came_first = min(heads, key=lambda head: head.place_without_credit)
    return Decision(oldest, Rule.FIRST_COME if came_first is oldest else Rule.CREDIT, oldest, len(heads))
