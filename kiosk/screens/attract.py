"""Nobody there: a calm invitation over the whole screen. The touch that ends it does nothing else."""

from __future__ import annotations

from typing import Any

from kiosk.theme import load_kv
from kiosk.widgets import frame


class Attract(frame.Page):
    """Says everything by itself; dispatches on_wake."""

    testid = "begin"

    __events__ = ("on_wake",)

    def on_wake(self) -> None:
        """Somebody came."""

    def on_touch_down(self, touch: Any) -> bool:
        self.dispatch("on_wake")
        return True


load_kv(__file__)
