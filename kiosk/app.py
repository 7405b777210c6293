"""The ticket kiosk: what a citizen does becomes a happening, the flow says where that leads, the screens show it.

One visit is everything one citizen did; at home it is dropped whole, so that nothing of the last one stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.properties import OptionProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.screenmanager import ScreenManager, SlideTransition

from config import Kiosk
from devices.health import HealthReport
from devices.roles import TicketPrinter
from kiosk import papers
from kiosk.client import Board, Client, Hall, Item, Line, Refused, Ticket, new_key
from kiosk.cover import GETTING_NUMBER, STILL_THERE, Cover, Question
from kiosk.cover import HELP as HELP_QUESTIONS
from kiosk.flow import HELP, SCREENS, WATCHED, Happening, Help, Paper, Place, after
from kiosk.follower import Link
from kiosk.idle import Idle
from kiosk.printing import Printing, works
from kiosk.reports import Reports
from kiosk.screens.home import Home
from kiosk.screens.items import Items
from kiosk.screens.notice import Notice
from kiosk.screens.opening import Opening
from kiosk.screens.ticket import TicketScreen
from kiosk.terminal import Terminal, moment_text

TICK = 0.25  # seconds between looks at the time-outs
PATIENCE = 0.3  # seconds a wait may last before it is shown
REPRINTABLE = {Paper.DOUBT, Paper.OUT, Paper.FAULT}


@dataclass
class Visit:
    """What one citizen did. `key` was made with the tap on the item and serves every retry."""

    line: Line | None = None
    item: Item | None = None
    key: str = ""
    ticket: Ticket | None = None
    paper: Paper = Paper.NONE
    reprints: int = 0
    refusal: Refused | None = None


class TicketApp(Terminal):
    """`printer` None: numbers are shown only. `printer_state` is a devices.health.Health, empty while unknown."""

    place = OptionProperty(Place.OPENING, options=list(Place))
    help = OptionProperty(Help.CLOSED, options=list(Help))
    printer_state = StringProperty("")
    banner = StringProperty("")
    hall_other = StringProperty("")

    BACK, GO_HOME, AGAIN = Happening.BACK, Happening.GO_HOME, Happening.AGAIN  # for KV

    def __init__(self, settings: Kiosk, client: Client, printer: TicketPrinter | None = None, **options: Any) -> None:
        super().__init__(settings, client, **options)
        self.px_per_mm = settings.ticket.px_per_mm
        self.visit = Visit()
        self.reports = Reports()
        machine = settings.ticket.machine
        self.printing = Printing(printer, client, self.reports, machine, self.show_printer) if printer else None
        self.idle = Idle(settings.ticket.idle_home, settings.ticket.idle_warning)

    # -- Kivy --------------------------------------------------------------------------------------------------------

    def build(self) -> Any:
        self.screens = ScreenManager(transition=SlideTransition(duration=0.22))
        self.home, self.items, self.shown_ticket, self.notice = Home(), Items(), TicketScreen(), Notice()
        for screen in (Opening(), self.home, self.items, self.shown_ticket, self.notice):
            self.screens.add_widget(screen)
        self.root_layer = FloatLayout()
        self.root_layer.add_widget(self.screens)
        self.cover = Cover(self.root_layer, self._answered)
        return self.root_layer

    def on_start(self) -> None:
        from kivy.core.window import Window

        super().on_start()
        Window.bind(on_touch_down=self._touched, on_key_down=self._touched)
        self._window = Window
        self.bind(lang=self._say_all, link=self._say_all, printer_state=self._say_all)
        self._ticking = Clock.schedule_interval(self._tick, TICK)
        if self.printing:
            self.printing.start()

    def on_stop(self) -> None:
        self._window.unbind(on_touch_down=self._touched, on_key_down=self._touched)
        self._ticking.cancel()
        super().on_stop()
        if self.printing:
            self.printing.close()
        self.reports.close()

    # -- what the citizen does ---------------------------------------------------------------------------------------

    def choose_line(self, line: Line) -> None:
        self.visit = Visit(line=line)
        if self.link == Link.AWAY:
            self.happen(Happening.NO_SERVER)
        elif not self.gives(line):
            self.happen(Happening.LINE_CLOSED)
        else:
            self.happen(Happening.LINE)

    def choose_item(self, item: Item) -> None:
        if after(self.place, Happening.ITEM):  # the key belongs to the first tap; a second one changes nothing
            self.visit.item, self.visit.key = item, new_key()
            self.happen(Happening.ITEM)

    def other_language(self) -> None:
        self.lang = "en" if self.lang == "zh" else "zh"

    def help_step(self, step: str) -> None:
        """The question for help: open, yes, no, and from the server told or failed."""
        to = HELP.get((self.help, step))
        if to is None:
            return
        self.help = to
        self._cover()
        if to is Help.CALLING:
            key, machine = new_key(), self.settings.ticket.machine
            self.background.run(
                lambda: self.client.help(machine, key),
                lambda _none: self.help_step("told"),
                lambda _error: self.help_step("failed"),
            )

    def reprint(self) -> None:
        """Another paper with the same number, marked as such."""
        if self.visit.paper in REPRINTABLE:
            self.visit.reprints += 1
            self._print()

    # -- the flow ----------------------------------------------------------------------------------------------------

    def happen(self, happening: Happening) -> None:
        """Goes where the flow says; nothing if it says nothing."""
        to = after(self.place, happening)
        if to is not None:
            self.place = to
            self.idle.poke()
            ENTER[to](self)
            self._turn_to(SCREENS[to], back=to is Place.HOME)
            self._cover()

    def _enter_home(self) -> None:
        self.visit = Visit()
        self.home.page = 0

    def _enter_items(self) -> None:
        if self.visit.line:
            self.items.open(self, self.visit.line)

    def _enter_issuing(self) -> None:
        item, key, language = self.visit.item, self.visit.key, self.lang
        if item is None:
            self.happen(Happening.NO_SERVER)
            return
        Clock.schedule_once(self._cover, PATIENCE + 0.05)
        self.background.run(lambda: self.client.issue(item.id, language, key), self._issued, self._not_issued)

    def _issued(self, ticket: Ticket) -> None:
        self.visit.ticket = ticket
        self.happen(Happening.ISSUED)

    def _not_issued(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self.visit.refusal = error
            self.happen(Happening.NO)
        else:
            self.happen(Happening.NO_SERVER)

    def _enter_ticket(self) -> None:
        self.follower.refresh()
        self._print()

    def _enter_notice(self) -> None:
        self._say_notice()

    # -- paper -------------------------------------------------------------------------------------------------------

    def _facts(self) -> papers.Facts | None:
        ticket = self.visit.ticket
        if ticket is None or self.hall is None:
            return None
        issued_at = ticket.issued_at.astimezone(self.now().tzinfo)
        return papers.facts(self.hall, ticket, issued_at, self.settings.ticket.machine, self.visit.reprints)

    def _print(self) -> None:
        visit, told = self.visit, self._facts()
        if told is None:
            return
        if self.printing is None:
            self._paper(visit, Paper.NONE)
            return
        self._paper(visit, Paper.PRINTING)
        document = papers.ticket(told, self.words)
        self.printing.print(told.ticket.id, document, lambda paper: self._paper(visit, paper))

    def _paper(self, visit: Visit, paper: Paper) -> None:
        visit.paper = paper
        if visit is self.visit:  # else its citizen has gone: the paper comes out, the screen is another's
            self.idle.poke()
            self._say_ticket()

    # -- what is shown -----------------------------------------------------------------------------------------------

    def gives(self, line: Line) -> bool:
        """Whether the line gives numbers now."""
        now = self.board.lines.get(line.id) if self.board else None
        return line.open and (now is None or now.open)

    def show_hall(self, hall: Hall) -> None:
        changed = hall != self.hall
        super().show_hall(hall)
        if changed:
            self.home.fill(self, hall)
            self._say_all()
        self.happen(Happening.READY)

    def show_board(self, board: Board) -> None:
        super().show_board(board)
        self._count()

    def show_link(self, link: Link) -> None:
        super().show_link(link)
        self._count()
        if link is Link.AWAY and self.place is Place.OPENING:
            self.happen(Happening.NO_SERVER)
        elif link is Link.HERE and self.hall is not None:
            self.happen(Happening.SERVER_BACK)

    def show_printer(self, report: HealthReport) -> None:
        self.printer_state = report.state.value
        self._say_ticket()

    def _count(self) -> None:
        if self.hall is not None:
            self.home.count(self, self.hall, self.board if self.link == Link.HERE else None)
            self.items.count(self)

    def _say_all(self, *_: Any) -> None:
        """Everything that was said in words is said anew: the language, the link or the printer changed."""
        trouble = {
            "server.away.none": self.link == Link.AWAY,
            "printer.before": self.printing is not None and not works(self.printer_state),
        }
        self.banner = next((self.say(self.lang, key) for key, holds in trouble.items() if holds), "")
        if self.hall is not None:
            self.hall_other = self.hall.name.en if self.lang == "zh" else self.hall.name.zh
            self.home.fill(self, self.hall)
            self._count()
        self.items.fill(self)
        self._say_ticket()
        self._say_notice()
        self._cover()

    def _say_ticket(self) -> None:
        told, paper = self._facts(), self.visit.paper
        if told is not None:
            again = paper is Paper.DOUBT or (paper in REPRINTABLE and works(self.printer_state))
            self.shown_ticket.show(self, told, paper, again and self.printing is not None)

    def _say_notice(self) -> None:
        notice, say, line = self.notice, self.say, self.visit.line
        if self.place is Place.AWAY:
            notice.icon, notice.again = "wifi-slash", self.visit.item is not None
            notice.title, notice.text = say(self.lang, "away.title"), say(self.lang, "server.away.none")
            notice.small = say(self.lang, "away.retry")
        elif self.place is Place.REFUSED and line:
            notice.icon, notice.again = "info", False
            notice.title, notice.text = say(self.lang, "refused.title"), self._why_refused(line)
            notice.small = say(self.lang, "refused.next")

    def _why_refused(self, line: Line) -> str:
        """Why there is no number: in our words where we know the case, else the server's, which are English."""
        refusal = self.visit.refusal
        detail = refusal.detail if refusal else {"line": line.id}
        if detail.get("line"):
            return self.say(self.lang, "refused.closed", line=line.name.in_language(self.lang))
        if detail.get("next_open"):
            opens = datetime.fromisoformat(detail["next_open"]).astimezone(self.now().tzinfo)
            return self.say(self.lang, "refused.hours", next=moment_text(opens, self.lang))
        words = refusal.message if refusal and self.lang == "en" else ""
        return words[:1].upper() + words[1:] or self.say(self.lang, "refused.other")

    def _turn_to(self, screen: str, back: bool) -> None:
        self.screens.transition.direction = "right" if back else "left"
        if self.screens.current != screen:
            self.screens.current = screen

    # -- over the screens --------------------------------------------------------------------------------------------

    def _cover(self, *_: Any) -> None:
        """Shows the question that is due, or none."""
        question, facts = self._question()
        self.cover.show(question and question.in_words(partial(self.say, self.lang), **facts))

    def _question(self) -> tuple[Question | None, dict[str, object]]:
        if self.help is not Help.CLOSED:
            return HELP_QUESTIONS[self.help], {}
        if self.place is Place.ISSUING and self.idle.since >= PATIENCE:
            return GETTING_NUMBER, {}
        if self.place in WATCHED and self.idle.warn and not self.idle.over:
            return STILL_THERE, {"seconds": int(self.idle.left) + 1}
        return None, {}

    def _answered(self, yes: bool) -> None:
        self.idle.poke()
        self.help_step("yes" if yes and self.help is Help.ASKED else "no")
        self._cover()

    # -- time-outs ---------------------------------------------------------------------------------------------------

    def _touched(self, *_: Any) -> None:
        self.idle.poke()

    def _tick(self, _dt: float) -> None:
        if self.place is Place.TICKET:
            self.shown_ticket.left = self._ticket_left()
            over = self.shown_ticket.left <= 0
        else:
            over = self.idle.over
        if over and self.help is not Help.CALLING and self.place is not Place.ISSUING:
            self._left_alone()
        self._cover()

    def _ticket_left(self) -> float:
        """A ticket without paper stays as long as any other screen: it must be copied or photographed."""
        ticket = self.settings.ticket
        on_paper = self.visit.paper in (Paper.PRINTED, Paper.PRINTING)
        stay = ticket.ticket_seconds if on_paper else max(ticket.ticket_seconds, ticket.idle_home)
        return max(0.0, stay - self.idle.since)

    def _left_alone(self) -> None:
        self.lang = self.settings.language
        self.help = Help.CLOSED
        self.idle.poke()
        self.happen(Happening.TIME_OUT)

    def account(self) -> dict[str, Any]:
        ticket = self.visit.ticket
        state = {
            "server": self.link,
            "printer": self.printer_state,
            "number": ticket.number if ticket else "",
            "paper": self.visit.paper.value if ticket else "",
        }
        return {"screen": self.place.value, "lang": self.lang, "state": state}


ENTER: dict[Place, Callable[[TicketApp], None]] = {
    Place.HOME: TicketApp._enter_home,
    Place.ITEMS: TicketApp._enter_items,
    Place.ISSUING: TicketApp._enter_issuing,
    Place.TICKET: TicketApp._enter_ticket,
    Place.AWAY: TicketApp._enter_notice,
    Place.REFUSED: TicketApp._enter_notice,
}
