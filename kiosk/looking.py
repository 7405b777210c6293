"""Who stands at the lookup terminal and what they looked at; dropped whole at home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.catalogue import Group, Snapshot
from kiosk.errand import Errand
from kiosk.guides_client import Guide

Shelf = tuple[Callable[[Snapshot], list[Group]], Callable[[Snapshot, str], list[Guide]]]

SHELVES: Mapping[str, Shelf] = {  # how home may be browsed -> its tiles, and the guides behind one
    "themes": (Snapshot.themes, Snapshot.by_theme),
    "life_events": (Snapshot.life_events, Snapshot.by_life_event),
    "departments": (Snapshot.departments, Snapshot.by_department),
    "audiences": (Snapshot.audiences, Snapshot.by_audience),
}


@dataclass
class Look(Errand):
    """`shelf` and `group` are where the list came from; `ticked` the materials somebody has with them, by their place
    in the guide. The key belongs to the guide that is open.
    """

    shelf: str = "themes"
    group: str = ""
    from_search: bool = False
    code: str = ""
    ticked: set[int] = field(default_factory=set)
