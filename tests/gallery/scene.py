"""What a scene of the gallery is: a terminal, a name, the place it shows and how to get there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.places import Place


@dataclass(frozen=True)
class Glass:
    """What a terminal is shown on: px, more settings of its table ({"px_per_mm": 5.0}), and whether it is set low."""

    name: str
    width: int
    height: int
    settings: dict[str, Any] = field(default_factory=dict)
    low: bool = False


PORTRAIT = Glass("portrait", 1080, 1920)
LANDSCAPE = Glass("landscape", 1920, 1080)
LOW = Glass("low", 1080, 1920, low=True)
HALL = Glass("hall", 1920, 1080)


@dataclass(frozen=True)
class Scene:
    """`reach(rig)` leads there from home; `place` is where that is, None for a hall display. `opened` are options of
    the rig ({"reader": True}); `glasses` what it is pictured on.
    """

    name: str
    place: Place | None
    reach: Callable[[Any], object]
    opened: dict[str, Any] = field(default_factory=dict)
    glasses: tuple[Glass, ...] = (PORTRAIT,)


def morning() -> datetime:
    """When pictures are taken: a hall is open then."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=9, minute=42)
