"""What home and items say about the ID card: that one may be used, or that one was read in this visit."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.theme import load_kv
from kiosk.widgets import parts


class CardBar(BoxLayout):
    """One place for both, as only one is ever shown."""


class UseCard(parts.Card):
    """The way to a number with a card: touch it, or lay the card. Says so when the reader cannot work.

    Takes no room without a reader, and none once a card was read.
    """

    shown = BooleanProperty(False)
    broken = BooleanProperty(False)


class CardRead(parts.Panel):
    """Whose card was read, with stars, and a way to forget it; takes no room without one."""

    masked = StringProperty("")


class PrivateWords(parts.Fit):
    """Words about a person: on the glass, but in no dump of it. To be emptied by a space: a label that is given no text
    keeps the words it has drawn last.
    """

    private = True


load_kv(__file__)
