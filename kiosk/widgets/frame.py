"""What stands on every screen of the ticket kiosk and always in the same place: header above, footer below."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import Screen
from kivy.uix.widget import Widget

from kiosk.theme import Colour, load_kv
from kiosk.widgets import parts
from kiosk.widgets.parts import Card


class Header(BoxLayout):
    """Whose hall this is, and the time. Of a low page it is all that is out of reach: large words go into its slot.

    `follows` False: as high as of a tall page in a low one too, for what must be read and is not touched.
    """

    face = ColorProperty(Colour.clear)
    follows = BooleanProperty(True)
    phone = StringProperty("")


def lift(seen: Widget, header: Header, home: BoxLayout, low: bool) -> None:
    """What is looked at, not touched, stands in the header of a low page; else it is the first in its `home`."""
    slot = header.ids.slot
    seen.parent.remove_widget(seen)
    slot.clear_widgets()
    if low:
        slot.add_widget(seen)
    else:
        home.add_widget(seen, len(home.children))


class FootKey(Card):
    """An icon and a word or two. `given` False: this terminal has no use for it."""

    name = StringProperty("")
    text = StringProperty("")
    given = BooleanProperty(True)


class Footer(BoxLayout):
    """Home, size, reach, voice, volume, language, help: always these, always here. On home itself the first is for
    finding one's ticket.
    """

    home = BooleanProperty(True)

    def on_kv_post(self, _base: object) -> None:
        """A key that is not given takes no room; what a terminal has does not change while it runs."""
        for key in [one for one in self.children if not one.given]:
            self.remove_widget(key)


class Banner(parts.Panel):
    """A sentence of trouble across the screen; takes no room without one."""

    text = StringProperty("")
    name = StringProperty("warning-circle")
    grave = BooleanProperty(False)


class Page(Screen):
    """A screen of the kiosk."""

    face = ColorProperty(Colour.bg)

    def on_leave(self, *_: object) -> None:
        """No button may stay down when the screen that held it is gone."""
        for widget in self.walk():
            if isinstance(widget, Card):
                widget.state = "normal"


load_kv(__file__)
