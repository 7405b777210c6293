"""How often somebody may try something: softly, in memory, each asker apart."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from queue_server.domain.errors import TooMany


class Limit:
    """At most `most` tries in `within`; `clock()` is aware. A restart forgets, which is soft enough."""

    def __init__(self, most: int, within: timedelta, clock: Callable[[], datetime]) -> None:
        self._most = most
        self._within = within
        self._clock = clock
        self._tries: dict[str, deque[datetime]] = {}  # by asker; there are as many as tokens

    def take(self, asker: str) -> None:
        """Counts a try. Raises TooMany, which says when the next one may be made."""
        now, tries = self._clock(), self._tries.setdefault(asker, deque(maxlen=self._most))
        while tries and not timedelta(0) <= now - tries[0] < self._within:  # or a clock set back would shut it for long
            tries.popleft()
        if len(tries) == self._most:
            left = (self._within - (now - tries[0])).total_seconds()
            raise TooMany(
                f"numbers were tried {self._most} times within {self._within.total_seconds():.0f} s here; wait "
                f"{left:.0f} s, or ask the help desk",
                retry_after=left,
            )
        tries.append(now)
