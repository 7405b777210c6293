"""What a screen has to say: a large icon, a title, a sentence or two. Beneath stand the answers to it."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.theme import Colour, Mm, load_kv
from kiosk.widgets import parts


class Message(parts.Panel):
    """The icon stands over the words, on a short page beside them; `busy` turns an arc in its stead. On a wide page it
    has a third of the sheet, and the words are `large` times as large.
    """

    icon = StringProperty("")
    title = StringProperty("")
    title_mm = NumericProperty(Mm.h1)
    text = StringProperty("")
    small = StringProperty("")
    disc = ColorProperty(Colour.clear)
    tint = ColorProperty(Colour.clear)
    busy = BooleanProperty(False)
    icon_mm = NumericProperty(56)
    large = NumericProperty(1)


class Answers(BoxLayout):
    """Answers one under the other, or side by side where the page is wide."""


load_kv(__file__)
