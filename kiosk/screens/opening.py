"""The first frame: there at once, before the hall is known."""

from __future__ import annotations

from kiosk.theme import load_kv
from kiosk.widgets import frame


class Opening(frame.Page):
    """Says that it is opening."""


load_kv(__file__)
