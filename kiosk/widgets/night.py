"""The pieces of a hall screen: light words on a dark ground; lengths are px of a screen 1920 wide, times `app.unit`."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from kiosk.theme import Colour, load_kv
from kiosk.widgets import shrink


@dataclass(frozen=True)
class Said:
    """One text in Chinese and in the hall's second language, empty without one."""

    zh: str = ""
    also: str = ""


class NightPanel(BoxLayout):
    """A round-cornered sheet on the dark ground."""

    face = ColorProperty(Colour.night_card)


class NightLabel(Label):
    """Words on the dark ground; `fs` is their size on a screen 1920 wide."""

    fs = NumericProperty(34)


class NightWords(Label):
    """The same, as wide as they are."""

    fs = NumericProperty(34)


class NightFit(shrink.Shrink):
    """The same, set smaller where it would not fit."""

    fs = NumericProperty(34)


class Both(BoxLayout):
    """A text in Chinese, and small beside it in the second language."""

    zh = StringProperty("")
    also = StringProperty("")
    also_colour = ColorProperty(Colour.night_ink_2)
    fs = NumericProperty(38)


load_kv(__file__)
