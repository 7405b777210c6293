"""How long nobody has touched the glass, by Kivy's clock."""

from __future__ import annotations

from kivy.clock import Clock


class Idle:
    """Counts since the last `poke()`; `allowed` seconds, of which the last `warning` show the question."""

    def __init__(self, allowed: float, warning: float) -> None:
        self.allowed, self.warning = allowed, warning
        self._since = Clock.get_time()

    def poke(self) -> None:
        """Somebody is there."""
        self._since = Clock.get_time()

    @property
    def since(self) -> float:
        """Seconds since somebody was there."""
        return float(Clock.get_time() - self._since)

    @property
    def left(self) -> float:
        """Seconds until the end, at least 0."""
        return max(0.0, self.allowed + self.warning - self.since)

    @property
    def warn(self) -> bool:
        return self.left <= self.warning

    @property
    def over(self) -> bool:
        return self.left <= 0
