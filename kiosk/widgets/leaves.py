"""What a guide's page is made of: figures, steps, materials to tick, places, questions. Each knows its own height."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.theme import Colour, Mm, load_kv
from kiosk.widgets import parts, qr

__all__ = ["qr"]


class Figure(parts.Panel):
    """One of the figures people come for."""

    icon = StringProperty("")
    label = StringProperty("")
    value = StringProperty("")
    note = StringProperty("")


class TakeHome(parts.Panel):
    """The code that takes the guide along on a phone."""

    url = StringProperty("")


class Side(BoxLayout):
    """Two figures beside each other."""


class Strip(parts.Panel):
    """The steps in a row, joined by a line."""


class Ball(Widget):
    """The number of a step on a round ground."""

    number = StringProperty("")
    mm = NumericProperty(Mm.lead)
    face = ColorProperty(Colour.clear)


class Dot(BoxLayout):
    """A step of the strip. `first` and `last` end the line."""

    number = StringProperty("")
    stage = StringProperty("")
    time = StringProperty("")
    first = BooleanProperty(False)
    last = BooleanProperty(False)


class Heading(parts.Words):
    """Never the last of its sheet."""

    tied = True


class Para(parts.Words):
    """A paragraph."""


class TickRow(parts.Card):
    """A material to bring; a touch says that somebody has it."""

    title = StringProperty("")
    note = StringProperty("")
    ticked = BooleanProperty(False)
    at = NumericProperty(0)


class SpareRow(parts.Panel):
    """A material that need not be brought, and why."""

    title = StringProperty("")
    note = StringProperty("")


class StepRow(BoxLayout):
    """A step with its time and what happens."""

    number = StringProperty("")
    stage = StringProperty("")
    time = StringProperty("")
    what = StringProperty("")
    last = BooleanProperty(False)


class PlaceCard(parts.Panel):
    """Where it is done, when, and whom to call."""

    title = StringProperty("")
    area = StringProperty("")
    here = BooleanProperty(False)
    facts = StringProperty("")


class AskedCard(parts.Panel):
    """A question and its answer; also a label and what stands under it."""

    question = StringProperty("")
    answer = StringProperty("")


load_kv(__file__)
