"""The pieces every screen is made of: words, icons, panels, buttons. How they look stands in parts.kv."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.theme import Colour, Mm, load_kv
from kiosk.widgets.label import Label


class Words(Label):
    """Text as wide as its place and as high as it needs; `mm` is the type size on the glass."""

    mm = NumericProperty(Mm.body)


class Fit(Label):
    """Text exactly as large as its words, on one line."""

    mm = NumericProperty(Mm.body)


class Icon(Label):
    """A Phosphor icon; `mm` is its size. `name` is filled, or in bold lines where `bold_lines`."""

    name = StringProperty("")
    bold_lines = BooleanProperty(False)
    mm = NumericProperty(Mm.h2)


class Panel(BoxLayout):
    """A white sheet with round corners and a soft edge."""

    face = ColorProperty(Colour.surface)
    edge = ColorProperty(Colour.shadow)
    radius_mm = NumericProperty(Mm.r_m)


class Card(ButtonBehavior, Panel):
    """A panel to touch. Big enough for any finger: a card is at least Mm.touch high and wide."""

    testid = StringProperty("")
    face_up = ColorProperty(Colour.surface)
    face_down = ColorProperty(Colour.clear)

    def on_disabled(self, *_: Any) -> None:
        self.state = "normal"


class Chip(Label):
    """A few words on a pale ground with round ends."""

    mm = NumericProperty(Mm.small)
    face = ColorProperty(Colour.bg)


class Badge(Widget):
    """An icon in white on a coloured tile with round corners."""

    name = StringProperty("")
    tint = ColorProperty(Colour.clear)
    mm = NumericProperty(Mm.touch)


class Disc(Widget):
    """A large icon on a pale round ground: what a screen is about."""

    name = StringProperty("")
    face = ColorProperty(Colour.clear)
    tint = ColorProperty(Colour.clear)
    mm = NumericProperty(56)


class BackButton(Card):
    """One step back."""


class Pill(Card):
    """A small button with an icon and a word or two."""

    name = StringProperty("")
    text = StringProperty("")


class Primary(Card):
    """The next step: the biggest button of its screen, with small words beneath if there are any."""

    name = StringProperty("")
    text = StringProperty("")
    small = StringProperty("")


class Plain(Card):
    """The other choice beside a Primary, of the same size."""

    text = StringProperty("")


class Dash(Widget):
    """The line along which a ticket would be torn off: dashes, and a bite at both edges of its panel."""

    bite = ColorProperty(Colour.bg)


class Working(Widget):
    """Something is being done: an arc that turns while it is on screen."""

    turn = NumericProperty(0)
    mm = NumericProperty(Mm.touch)

    def on_parent(self, *_: Any) -> None:
        Clock.unschedule(self._step)
        if self.parent:
            Clock.schedule_interval(self._step, 1 / 30)

    def _step(self, dt: float) -> None:
        self.turn = (self.turn + 300 * min(dt, 0.1)) % 360


def empty(box: Widget) -> None:
    """Takes everything out for good. Its KV rules end at once: a child may outlive the card it speaks of for a while,
    and the next change of language would ask for what is gone.
    """
    for one in box.children[:]:
        for part in one.walk(restrict=True):
            Builder.unbind_widget(part.uid)
    box.clear_widgets()


def let_go(root: Widget) -> None:
    """No button under `root` is down any more: of a finger on a glass that was unplugged the end is never told."""
    for one in root.walk(restrict=True):
        if isinstance(one, ButtonBehavior):
            one.state = "normal"


load_kv(__file__)
