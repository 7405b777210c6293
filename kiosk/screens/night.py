"""What hall and window screens have in common: the head with name and clock, and the banner over what may be old."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.theme import load_kv
from kiosk.widgets.night import Said


class NightHead(BoxLayout):
    """Whose screen this is, what day and time it is; for staff and small, what is broken."""

    name = ObjectProperty(Said(), rebind=True)
    date = ObjectProperty(Said(), rebind=True)
    time = StringProperty("")
    trouble = StringProperty("")
    portrait = BooleanProperty(False)


class StaleBanner(FloatLayout):
    """Lies over the lists, which are dimmed, while what they say may be old; `low` and `high` are its ends in px."""

    words = ObjectProperty(Said(), rebind=True)
    low = NumericProperty(0)
    high = NumericProperty(0)


class NightScreen(FloatLayout):
    """The base of both. What lies between its `head` and its `foot` is what may be old."""

    hall_name = ObjectProperty(Said(), rebind=True)
    date = ObjectProperty(Said(), rebind=True)
    time = StringProperty("")
    stale = ObjectProperty(Said(), rebind=True)
    trouble = StringProperty("")
    portrait = BooleanProperty(False)

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self._banner = StaleBanner()
        self.bind(size=self._place_banner)
        self.ids.head.bind(y=self._place_banner)
        self.ids.foot.bind(top=self._place_banner)

    def on_stale(self, _screen: Any, words: Said) -> None:
        """The banner is on the screen only while it speaks: unseen it would still be drawn."""
        self._banner.words = words
        if words.zh and not self._banner.parent:
            self.add_widget(self._banner)
        elif not words.zh:
            self.remove_widget(self._banner)

    def stop(self) -> None:
        """Ends what moves by itself, when the program ends."""

    def _place_banner(self, *_: Any) -> None:
        self._banner.low, self._banner.high = self.ids.foot.top, self.ids.head.y


load_kv(__file__)
