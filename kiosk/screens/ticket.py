"""The ticket: number, people ahead, where to wait, the code for the phone, and what became of the paper."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.papers import Facts
from kiosk.places import Paper
from kiosk.ranges import SOON
from kiosk.theme import load_kv
from kiosk.widgets import frame, parts, qr

SAYS = {  # what became of the paper -> (sentence, icon, grave)
    Paper.NONE: ("paper.none", "camera", False),
    Paper.PRINTING: ("paper.printing", "printer", False),
    Paper.PRINTED: ("paper.printed", "ticket", False),
    Paper.OUT: ("printer.out", "warning-circle", True),
    Paper.FAULT: ("paper.fault", "warning-circle", True),
    Paper.DOUBT: ("printer.doubt", "question", True),
    Paper.EARLIER: ("paper.earlier", "ticket", True),
}
WITH_CARD = {"paper.printed": "paper.printed.card"}  # what is said instead while a card still lies there

__all__ = ["SAYS", "Stat", "TicketLive", "TicketNumber", "TicketScreen", "parts", "qr"]


class Stat(BoxLayout):
    """A label over a large figure with its unit, over a word, or over a sentence."""

    label = StringProperty("")
    figure = StringProperty("")
    unit = StringProperty("")
    word = StringProperty("")
    note = StringProperty("")


class PaperSays(FloatLayout):
    """What became of the paper: a quiet line, or trouble on a warm ground with `again` to print once more."""

    text = StringProperty("")
    icon = StringProperty("printer")
    grave = BooleanProperty(False)
    again = BooleanProperty(False)


class TicketNumber(parts.Panel):
    """The number, as large as there is room for, and what it is for."""

    number = StringProperty("")
    item = StringProperty("")


class TicketLive(parts.Panel):
    """The code for the phone; `code` is its size in mm."""

    url = StringProperty("")
    code = NumericProperty(56)


class TicketScreen(frame.Page):
    """Shows what was issued; `left` are the seconds until home."""

    title = StringProperty("")
    number = StringProperty("")
    item = StringProperty("")
    ahead = StringProperty("")
    low_high = StringProperty("")
    soon = StringProperty("")
    unknown = StringProperty("")
    place = StringProperty("")
    windows = StringProperty("")
    url = StringProperty("")
    paper_says = StringProperty("")
    paper_icon = StringProperty("printer")
    grave = BooleanProperty(False)
    again = BooleanProperty(False)
    left = NumericProperty(0)

    def show(self, app: Any, told: Facts, paper: Paper, again: bool, held: bool = False, card: bool = False) -> None:
        """Says everything in the app's language. `again` offers a reprint; `held`: the number was taken earlier;
        `card`: one still lies on the reader.
        """
        self._arrange(app.low)
        ticket, say = told.ticket, app.say
        self.title = say(app.lang, "ticket.held" if held else "ticket.title")
        self.number, self.url = ticket.number, ticket.url
        self.item = told.item.in_language(app.lang)
        self.ahead = str(ticket.ahead)
        span = ticket.range
        self.soon = say(app.lang, "range.soon") if span and span.high <= SOON else ""
        self.low_high = f"{span.low}–{span.high}" if span and not self.soon else ""
        self.unknown = "" if span else say(app.lang, "range.no_window" if ticket.no_window else "range.none")
        self.place = say(app.lang, "ticket.place", zone=ticket.zone)
        windows = told.windows if app.lang == "zh" else told.windows.replace("、", ", ")
        self.windows = say(app.lang, "ticket.windows", windows=windows)
        key, self.paper_icon, self.grave = SAYS[paper]
        key = WITH_CARD.get(key, key) if card else key
        self.paper_says = say(app.lang, key, number=ticket.number)
        self.again = again

    def _arrange(self, low: bool) -> None:
        """Number and code are looked at, not touched: on a low page they stand in its header."""
        number, live, slot = self.ids.number, self.ids.live, self.ids.header.ids.slot
        if low is (number.parent is slot):
            return
        for one in (number, live):
            one.parent.remove_widget(one)
        slot.clear_widgets()
        if low:
            slot.orientation, slot.spacing = "horizontal", slot.padding[0] / 2
            slot.add_widget(number)
            slot.add_widget(live)
        else:
            self.ids.sheet.add_widget(number, len(self.ids.sheet.children))
            self.ids.beneath.add_widget(live, 1)  # before the button at the foot


load_kv(__file__)
