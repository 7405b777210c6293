"""Who is next. A policy is a pure function from a window and the heads of its lanes to one ticket.

A lane is (line, class, bound window or none), in order of (key, seq); only its head is looked at, so the cost does not
grow with the number waiting. Here: first come, first called.
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


@dataclass(frozen=True, slots=True)
class Decision:
    """The ticket to call, the rule that chose it, the oldest one this window could have called, lanes compared."""

    ticket: LaneHead
    rule: Rule
    oldest: LaneHead
    candidates: int


def dispatch(window: Window, lane_heads: Sequence[LaneHead], now: datetime, rules: Rules) -> Decision | None:
    """The next ticket for this window, or None when nobody it may serve waits.

    `now` and `rules` are what preferences and promises will look at; first come needs neither.
    """
    heads = [head for head in lane_heads if head.line in window.lines and head.bound in (0, window.no)]
    if not heads:
        return None
    oldest = min(heads, key=lambda head: (head.key, head.seq))
    return Decision(oldest, Rule.FIRST_COME, oldest, len(heads))
