"""What a simulated hall is made of: those who come, and the windows they come to.

Instants and lengths are whole microseconds, instants since the hall opened: as exact as the log's, so that a key and a
tolerance compare here as they do in the live queue.
"""

from __future__ import annotations

from dataclasses import dataclass

from queue_server.domain.dispatch import Desk

MINUTE = 60_000_000  # µs
FOREVER = 1 << 45  # µs, about a year: a break that long is a window that closed


@dataclass(frozen=True, slots=True)
class Visitor:
    """A ticket. `key` orders it (QUEUE R1), `bound` is a window's number or 0.

    A clerk needs `own` for it in a field they know and `off` elsewhere; who does not answer costs both alike.
    """

    arrives: int
    line: str
    cls: str
    key: int
    own: int
    off: int
    bound: int = 0


@dataclass(frozen=True, slots=True)
class Break:
    """Planned to begin at `at`; begins once the ticket at the window is finished, and lasts `length` from then."""

    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Counter:
    """A window: the rules' view of it, the lines its clerk knows (None: all), its breaks in order, when it is free.

    `free_at` is when it opens, or when the ticket at it will be finished, or, in the past, since when it is idle.
    """

    desk: Desk
    knows: frozenset[str] | None = None
    breaks: tuple[Break, ...] = ()
    free_at: int = 0

    def is_off(self, line: str) -> bool:
        return self.knows is not None and line not in self.knows
