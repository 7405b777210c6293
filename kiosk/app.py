"""The ticket kiosk: what a citizen does becomes a happening, the flow says where that leads, the screens show it.

One visit is everything one citizen did; at home it is dropped whole, so that nothing of the last one stays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.properties import ObjectProperty, OptionProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.screenmanager import ScreenManager, SlideTransition

from config import Kiosk
from devices.health import HealthReport
from devices.roles import IdCardReader, TicketPrinter
from kiosk import papers
from kiosk.client import AlreadyHeld, Board, Client, Hall, Item, Line, Refused, Ticket, new_key
from kiosk.cover import GETTING_NUMBER, STILL_THERE, Cover, Question
from kiosk.cover import HELP as HELP_QUESTIONS
from kiosk.flow import COUNTED, HELP, SCREENS, WATCHED, Happening, Help, Paper, Place, after
from kiosk.follower import Link
from kiosk.identity import Identity
from kiosk.idle import Idle
from kiosk.printing import Printing, works
from kiosk.reports import DeviceReports, Reports
from kiosk.screens.card import CardScreen
from kiosk.screens.choice import Choice
from kiosk.screens.home import Home
from kiosk.screens.items import Items
from kiosk.screens.notice import Notice
from kiosk.screens.offer import Offer
from kiosk.screens.opening import Opening
from kiosk.screens.privacy import Privacy
from kiosk.screens.ticket import TicketScreen
from kiosk.terminal import Terminal
from kiosk.visit import Visit

TICK = 0.25  # seconds between looks at the time-outs
PATIENCE = 0.3  # seconds a wait may last before it is shown
REPRINTABLE = {Paper.DOUBT, Paper.OUT, Paper.FAULT, Paper.EARLIER}


class TicketApp(Terminal):
    """`printer` None: numbers are shown only; `reader` None: nobody is asked for a card.

    `printer_state` is a devices.health.Health, empty while unknown.
    """

    place = OptionProperty(Place.OPENING, options=list(Place))
    help = OptionProperty(Help.CLOSED, options=list(Help))
    printer_state = StringProperty("")
    banner = StringProperty("")
    hall_other = StringProperty("")
    identity = ObjectProperty(None)

    BACK, GO_HOME, AGAIN = Happening.BACK, Happening.GO_HOME, Happening.AGAIN  # for KV

    def __init__(
        self,
        settings: Kiosk,
        client: Client,
        printer: TicketPrinter | None = None,
        reader: IdCardReader | None = None,
        **options: Any,
    ) -> None:
        super().__init__(settings, client, **options)
        self.px_per_mm = settings.ticket.px_per_mm
        self.visit = Visit()
        self.reports = Reports()
        own = settings.ticket
        self.printing = None
        if printer:
            name = own.printer or "printer"
            self.printing = Printing(printer, client, self.reports, own.machine, self.show_printer, name)
        reader_reports = DeviceReports(self.reports, client, own.machine, own.reader or "reader")
        self.identity = Identity(self, reader, reader_reports)
        self.idle = Idle(settings.ticket.idle_home, settings.ticket.idle_warning)

    # -- Kivy --------------------------------------------------------------------------------------------------------

    def build(self) -> Any:
        self.screens = ScreenManager(transition=SlideTransition(duration=0.22))
        self.home, self.items, self.shown_ticket, self.notice = Home(), Items(), TicketScreen(), Notice()
        self.choice, self.card_screen = Choice(), CardScreen()
        told = (self.home, self.items, self.choice, self.card_screen, self.shown_ticket, self.notice)
        for screen in (Opening(), Privacy(), Offer(), *told):  # the first three say everything by themselves
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
        self.identity.bind(there=self._say_ticket, left=self._say_trouble)
        self._ticking = Clock.schedule_interval(self._tick, TICK)
        if self.printing:
            self.printing.start()
        self.identity.start()

    def on_stop(self) -> None:
        self._window.unbind(on_touch_down=self._touched, on_key_down=self._touched)
        self._ticking.cancel()
        super().on_stop()
        if self.printing:
            self.printing.close()
        self.identity.close()
        self.reports.close()

    # -- what the citizen does ---------------------------------------------------------------------------------------

    def choose_line(self, line: Line) -> None:
        self.visit.line, self.visit.item = line, None
        if self.link == Link.AWAY:
            self.happen(Happening.NO_SERVER)
        elif not self.gives(line):
            self.happen(Happening.LINE_CLOSED)
        else:
            self.happen(Happening.LINE)

    def choose_item(self, item: Item) -> None:
        if after(self.place, Happening.ITEM):  # the key belongs to the first tap; a second one changes nothing
            self.visit.item, self.visit.key = item, new_key()
            self.happen(Happening.ITEM_FIRST if self.identity.asks else Happening.ITEM)

    def back(self) -> None:
        """One step back; what was said about a card stays."""
        settled = self.place is Place.ITEMS and self.visit.settled
        self.happen(Happening.SETTLED if settled else Happening.BACK)

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
            self._turn_to(SCREENS[to], back=to in (Place.HOME, Place.LINES) or happening is Happening.BACK)
            self._cover()

    def _enter_home(self) -> None:
        self.visit.forget_person()  # a paper still being printed may hold the visit for a while
        self.visit = Visit()
        self.identity.end()
        self.home.page = 0

    def _enter_lines(self) -> None:
        self.visit.line = self.visit.item = None

    def _enter_privacy(self) -> None:
        self.identity.prepare()

    def _enter_reading(self) -> None:
        self.identity.read()
        self._say_place()

    def _enter_items(self) -> None:
        if self.visit.line:
            self.items.open(self, self.visit.line)

    def _enter_issuing(self) -> None:
        item, key, language = self.visit.item, self.visit.key, self.lang
        if item is None:
            self.happen(Happening.NO_SERVER)
            return
        Clock.schedule_once(self._cover, PATIENCE + 0.05)
        about = self.visit.about(self.now())
        self.background.run(lambda: self.client.issue(item.id, language, key, about), self._issued, self._not_issued)

    def _issued(self, ticket: Ticket) -> None:
        self.visit.ticket = ticket
        self.happen(Happening.ISSUED)

    def _not_issued(self, error: Exception) -> None:
        if isinstance(error, AlreadyHeld):
            self.visit.ticket = error.ticket
            self.happen(Happening.HELD)
        elif isinstance(error, Refused):
            self.visit.refusal = error
            self.happen(Happening.NO)
        else:
            self.happen(Happening.NO_SERVER)

    def _enter_ticket(self) -> None:
        self.follower.refresh()
        self._print()

    def _enter_held(self) -> None:
        self._paper(self.visit, Paper.EARLIER if self.printing else Paper.NONE)

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
            self._follow_line(hall)
            self.home.fill(self, hall)
            self._say_all()
        self.happen(Happening.READY)

    def _follow_line(self, hall: Hall) -> None:
        """The line whose items are on the screen may have others now, or be no more."""
        if self.place is not Place.ITEMS or self.visit.line is None:
            return
        line = hall.line(self.visit.line.id)
        if line is None:
            self.back()
        elif line != self.visit.line:
            self.visit.line = line
            self.items.open(self, line)

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
        self._say_trouble()
        if self.hall is not None:
            self.hall_other = self.hall.name.en if self.lang == "zh" else self.hall.name.zh
            self.home.fill(self, self.hall)
            self._count()
        self.items.fill(self)
        self._say_ticket()
        self._cover()

    def _say_trouble(self, *_: Any) -> None:
        """The banner: the most pressing first. And the notices, which speak of a card left behind."""
        self._say_place()
        trouble = {
            "server.away.none": self.link == Link.AWAY,
            "card.left": self.identity.left,
            "printer.before": self.printing is not None and not works(self.printer_state),
        }
        self.banner = next((self.say(self.lang, key) for key, holds in trouble.items() if holds), "")

    def _say_ticket(self, *_: Any) -> None:
        told, paper = self._facts(), self.visit.paper
        if told is not None:
            again = paper is Paper.DOUBT or (paper in REPRINTABLE and works(self.printer_state))
            again = again and self.printing is not None
            self.shown_ticket.show(self, told, paper, again, self.place is Place.HELD)

    def _say_place(self) -> None:
        self.choice.show(self, self.visit.item)
        self.card_screen.show(self, self.place)
        self.notice.show(self, self.place, self.visit)

    def _turn_to(self, screen: str, back: bool) -> None:
        self.screens.transition.direction = "right" if back else "left"
        if screen and self.screens.current != screen:
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
        if self.place in COUNTED:
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
            **self.identity.account(),
        }
        return {"screen": self.place.value, "lang": self.lang, "state": state}


ENTER: dict[Place, Callable[[TicketApp], None]] = {
    Place.HOME: TicketApp._enter_home,
    Place.LINES: TicketApp._enter_lines,
    Place.ITEMS: TicketApp._enter_items,
    Place.CHOICE: TicketApp._say_place,
    Place.PRIVACY: TicketApp._enter_privacy,
    Place.LAY: TicketApp._say_place,
    Place.READING: TicketApp._enter_reading,
    Place.UNREADABLE: TicketApp._say_place,
    Place.GIVE_UP: TicketApp._say_place,
    Place.NO_READER: TicketApp._say_place,
    Place.OFFER: TicketApp._say_place,
    Place.ISSUING: TicketApp._enter_issuing,
    Place.TICKET: TicketApp._enter_ticket,
    Place.HELD: TicketApp._enter_held,
    Place.AWAY: TicketApp._say_place,
    Place.REFUSED: TicketApp._say_place,
}
