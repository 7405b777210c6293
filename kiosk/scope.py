"""Which part of a hall a display is for: all of it, some zones, or some windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.answers import Call, Hall


@dataclass(frozen=True)
class Scope:
    """Zones and windows a display is for; empty ones leave nothing out."""

    zones: frozenset[str] = frozenset()
    windows: frozenset[int] = frozenset()

    def holds(self, call: Call, zone_of: Mapping[int, str]) -> bool:
        """Whether a call is to one of its windows. `zone_of`: where windows stand; a call knows it of deleted ones."""
        zone = zone_of.get(call.window, call.zone)
        return (not self.zones or zone in self.zones) and (not self.windows or call.window in self.windows)

    def lines(self, hall: Hall) -> frozenset[str]:
        """Ids of the lines that are served here."""
        if not self.zones and not self.windows:
            return frozenset(line.id for line in hall.lines)
        here = [
            window
            for window in hall.windows
            if (not self.zones or window.zone in self.zones) and (not self.windows or window.no in self.windows)
        ]
        return frozenset(line for window in here for line in window.lines)


def listed(calls: Sequence[Call], count: int) -> list[Call]:
    """The big call and `count` under it, newest first: where there is no room for all, who has not come yet stays."""
    if len(calls) <= 1 + count:
        return list(calls)
    rest = sorted(range(1, len(calls)), key=lambda place: (calls[place].state != "called", place))
    return [calls[place] for place in (0, *sorted(rest[:count]))]
