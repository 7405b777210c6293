"""The pieces of a hall screen: light words on a dark ground; lengths are px of a screen 1920 wide, times `app.unit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.theme import Colour, load_kv
from kiosk.widgets import shrink
from kiosk.widgets.label import Label

INK = (0.13, 0.97)  # of the type size, from a line's lower edge: capitals reach from .2 to .9, a Q's tail lower


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


class NightFigure(NightWords):
    """A number as wide as it is, and only as high as its ink: the empty part of a line would push others away."""

    texture: Any  # a property of Kivy's

    def texture_update(self, *how: Any) -> None:
        super().texture_update(*how)
        whole = self.texture
        if whole is not None and whole.height > self.font_size:
            low, high = (int(part * self.font_size) for part in INK)
            self.texture = whole.get_region(0, low, whole.width, high - low)
            self.texture_size = list(self.texture.size)


class NightPara(Label):
    """The same in as many rows as it needs."""

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
