"""What a citizen is promised, from the settings alone; and whether a call kept it.

Nobody is overtaken, at a window that could serve them, by someone who arrived more than (credit of that one's class −
own credit + tolerance of that window) later (QUEUE). It holds because the called key is at most the oldest one's plus
the tolerance; only what was transferred to a window is outside of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from queue_server.domain.dispatch import Decision, Desk, Rule

OUTSIDE = (Rule.BOUND, Rule.RESUMED)  # these do not stand in the queue


def bound(own: timedelta, other: timedelta, desk: Desk, prefers: bool) -> timedelta:
    """How much later somebody may have come and still go first at this window, given both credits; at least nothing."""
    return max(timedelta(0), other - own + (desk.tolerance if prefers else timedelta(0)))


def bounds(own: str, credits: Mapping[str, timedelta], desks: Iterable[Desk]) -> dict[str, timedelta]:
    """By class: the largest bound at any of these windows for the holder of a ticket of class `own`."""
    windows = tuple(desks)

    def largest(cls: str) -> timedelta:
        ways = (
            bound(credits[own], credits[cls], desk, cls in desk.own_classes or bool(desk.own_lines)) for desk in windows
        )
        return max(ways, default=timedelta(0))

    return {cls: largest(cls) for cls in credits}


def kept(desk: Desk, decision: Decision) -> bool:
    """Whether this call is within what everybody was promised."""
    return decision.rule in OUTSIDE or decision.ticket.key <= decision.oldest.key + desk.tolerance
