"""The ticket: number, people ahead, where to wait, the code for the phone, and what became of the paper."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.flow import Paper
from kiosk.papers import SOON, Facts
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

__all__ = ["SAYS", "Stat", "TicketScreen", "parts", "qr"]


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

    def show(self, app: Any, told: Facts, paper: Paper, again: bool, held: bool) -> None:
        """Says everything in the app's language. `again` offers a reprint; `held`: the number was taken earlier."""
        ticket, say = told.ticket, app.say
        self.title = say(app.lang, "ticket.held" if held else "ticket.title")
        self.number, self.url = ticket.number, ticket.url
        self.item = told.item.in_language(app.lang)
        self.ahead = str(ticket.ahead)
        span = ticket.range
        self.soon = say(app.lang, "range.soon") if span and span.high <= SOON else ""
        self.low_high = f"{span.low}–{span.high}" if span and not self.soon else ""
        self.unknown = "" if span else say(app.lang, "range.none")
        self.place = say(app.lang, "ticket.place", zone=ticket.zone)
        windows = told.windows if app.lang == "zh" else told.windows.replace("、", ", ")
        self.windows = say(app.lang, "ticket.windows", windows=windows)
        key, self.paper_icon, self.grave = SAYS[paper]
        key = WITH_CARD.get(key, key) if app.identity.there else key
        self.paper_says = say(app.lang, key, number=ticket.number)
        self.again = again


load_kv(__file__)
