"""From a guide to the queue: which line and windows of a hall do it now, and whether one can take a ticket for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config import Hall, Line
from queue_server.guides.model import Place


@dataclass(frozen=True, slots=True)
class Link:
    """`line` None: there is no queue for it (any more), so no ticket is offered; `item` None: the line's, no item."""

    line: Line | None
    item: str | None
    windows: tuple[int, ...]


def link(place: Place, halls: Mapping[str, Hall]) -> Link:
    """Of a place whose hall is not on this server only the windows it names are known."""
    hall = halls.get(place.hall)
    if hall is None:
        return Link(None, None, place.windows)
    item = next((one for one in hall.items if one.id == place.item and not one.retired), None)
    name = item.line if item else place.line
    line = next((one for one in hall.lines if one.id == name and not one.retired), None)
    in_service = {window.no: window for window in hall.windows if not window.retired}
    windows = [no for no in place.windows if no in in_service]
    if not windows and line is not None:
        windows = [no for no, window in in_service.items() if line.id in window.lines]
    return Link(line, item.id if item and line else None, tuple(windows))
