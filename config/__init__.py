"""Every setting of a hall and its machines: typed schema, strict loader, and the demo hall.

>>> from config import load_hall, load_kiosk, load_devices
"""

from config.loader import ConfigError, load_devices, load_hall, load_kiosk
from config.schema import (
    ClassRule,
    Device,
    Devices,
    DisplaySettings,
    Hall,
    Hours,
    Item,
    Kiosk,
    Line,
    LookupSettings,
    Rules,
    TicketSettings,
    Window,
    Words,
)

__all__ = [
    "ClassRule",
    "ConfigError",
    "Device",
    "Devices",
    "DisplaySettings",
    "Hall",
    "Hours",
    "Item",
    "Kiosk",
    "Line",
    "LookupSettings",
    "Rules",
    "TicketSettings",
    "Window",
    "Words",
    "load_devices",
    "load_hall",
    "load_kiosk",
]
