"""What stands at the foot of every screen of the lookup terminal: home, size of words, volume, language, a person."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.theme import load_kv
from kiosk.widgets import parts


class NavKey(parts.Card):
    """An icon over a word or two. `given` False: this terminal has no use for it."""

    name = StringProperty("")
    text = StringProperty("")
    given = BooleanProperty(True)


class LookupFooter(BoxLayout):
    """On home itself the first place leads to the hall's facilities, where there are any."""

    home = BooleanProperty(True)

    def on_kv_post(self, _base: object) -> None:
        """A key that is not given takes no room; what a terminal has does not change while it runs."""
        for key in [one for one in self.children if not one.given]:
            self.remove_widget(key)


class Tab(parts.Card):
    """One of several ways to look at the same thing; `on` is the present one."""

    text = StringProperty("")
    on = BooleanProperty(False)


load_kv(__file__)
