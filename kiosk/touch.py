"""What both touch terminals have in common: a journey over screens, one visit, help, elder mode, paper and time-outs.

What one citizen did is a visit; at home it is dropped whole, so that nothing of the last one stays.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, OptionProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.screenmanager import ScreenManager, TransitionBase
from kivy.uix.widget import Widget

from config import Kiosk
from config.schema import TouchSettings
from devices.health import HealthReport
from devices.paper.blocks import Document
from devices.roles import TicketPrinter, Voice
from kiosk import heap, papers
from kiosk.aloud import Aloud
from kiosk.answers import Hall, Kept, Ticket
from kiosk.client import AlreadyHeld, Client, Refused, new_key
from kiosk.cover import HELP as HELP_QUESTIONS
from kiosk.cover import LEAFLET, STILL_THERE, WAITS, Cover, Question
from kiosk.errand import Errand
from kiosk.idle import Idle
from kiosk.paper_template import Template
from kiosk.places import HELP, Happening, Help, Journey, Paper, Place
from kiosk.printing import Printing, works
from kiosk.reports import DeviceReports, Reports
from kiosk.screens.ticket import TicketScreen
from kiosk.speaking import Speaking
from kiosk.widgets.parts import let_go

TICK = 0.25  # seconds between looks at the time-outs
AT_REST = 0.3  # seconds after which home has slid in
PATIENCE = 0.3  # seconds a wait may last before it is shown
LEAFLET_STAYS = 6.0  # seconds "take your paper" is shown
REPRINTABLE = {Paper.DOUBT, Paper.OUT, Paper.FAULT, Paper.EARLIER}


class Touch(Speaking):
    """`printer` None: numbers are shown only; `voice` None: nothing is read aloud; `template` None: the built-in.

    For KV: `printer_state` is a devices.health.Health, empty while unknown. A subclass gives `journey`, a fresh visit
    at home, its screens, and what entering a place does.
    """

    journey: Journey

    place = OptionProperty(Place.OPENING, options=list(Place))
    help = OptionProperty(Help.CLOSED, options=list(Help))
    leaflet = OptionProperty(Paper.NONE, options=list(Paper))
    printer_state = StringProperty("")
    banner = StringProperty("")
    hall_other = StringProperty("")
    can_print = BooleanProperty(False)

    BACK, GO_HOME, AGAIN = Happening.BACK, Happening.GO_HOME, Happening.AGAIN  # for KV

    def __init__(
        self,
        settings: Kiosk,
        own: TouchSettings,
        client: Client,
        visit: Errand,
        printer: TicketPrinter | None,
        voice: Voice | None,
        template: Template | None = None,
        **options: Any,
    ) -> None:
        super().__init__(settings, client, **options)
        self.own, self.visit, self.template = own, visit, template
        self.kept: Mapping[str, Kept] = {}  # how the estimates of the days before `kept_on` held, by line
        self.kept_on: date | None = None
        self.px_per_mm = own.px_per_mm
        self.measure()
        self.reports = Reports()
        self.printing = None
        if printer:
            name = own.printer or "printer"
            self.printing = Printing(printer, client, self.reports, own.machine, self.show_printer, name)
        if voice:
            heard = DeviceReports(self.reports, client, own.machine, own.voice or "voice")
            self.aloud = Aloud(voice, heard, self._show_reading)
        self.can_read, self.can_print = voice is not None, printer is not None
        self.idle = Idle(own.idle_home, own.idle_warning)

    # -- for a subclass to say ---------------------------------------------------------------------------------------

    @abstractmethod
    def pages(self) -> Sequence[Widget]:
        """Makes the screens, each of them once; `self.shown_ticket` is among them already."""

    @abstractmethod
    def transition(self) -> TransitionBase:
        """How one screen gives way to another."""

    @abstractmethod
    def enter(self, place: Place) -> None:
        """What is begun there."""

    @abstractmethod
    def say_all(self) -> None:
        """Everything said in words is said anew: the language, the size, the link or the printer changed."""

    @abstractmethod
    def say_trouble(self) -> None:
        """The banner."""

    # -- Kivy --------------------------------------------------------------------------------------------------------

    def build(self) -> Any:
        self.screens = ScreenManager(transition=self.transition())
        self.shown_ticket = TicketScreen()
        for page in (*self.pages(), self.shown_ticket):
            page.size = self.own.width, self.own.height  # a hidden one is given none: its words would be a letter wide
            self.screens.add_widget(page)
        self.root_layer = FloatLayout()
        self.root_layer.add_widget(self.screens)
        self.cover = Cover(self.root_layer, self._answered)
        return self.root_layer

    def on_start(self) -> None:
        from kivy.core.window import Window

        super().on_start()
        self._window = Window
        Window.bind(on_touch_down=self._touched, on_key_down=self._touched)
        self.bind(
            lang=self._say_all, elder=self._say_all, low=self._say_all, link=self._say_all, printer_state=self._say_all
        )
        self._ticking = Clock.schedule_interval(self._tick, TICK)
        for device in (self.printing, self.aloud):
            if device:
                device.start()

    def on_stop(self) -> None:
        self._window.unbind(on_touch_down=self._touched, on_key_down=self._touched)
        self._ticking.cancel()
        Clock.unschedule(self._tidy)
        super().on_stop()
        for device in (self.printing, self.aloud):
            if device:
                device.close()
        self.reports.close()

    # -- the journey -------------------------------------------------------------------------------------------------

    def happen(self, happening: Happening) -> None:
        """Goes where the journey says; nothing if it says nothing."""
        to = self.journey.after(self.place, happening)
        if to is not None:
            self.place = to
            self.idle.poke()
            self.hush()
            self.enter(to)
            if self.place is to:  # else entering it led on, and the screen is another's
                self.turn_to(self.journey.screens[to], happening)
                self._cover()
                if to is Place.HOME:
                    Clock.schedule_once(self._tidy, AT_REST)

    def _tidy(self, _dt: float) -> None:
        if self.place is Place.HOME:  # else the next citizen was quick
            heap.tidy()

    def turn_to(self, screen: str, _happening: Happening) -> None:
        if screen and self.screens.current != screen:
            self.screens.current = screen

    # -- what every citizen may do -----------------------------------------------------------------------------------

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
            key, machine = new_key(), self.own.machine
            self.background.run(
                lambda: self.client.help(machine, key),
                lambda _none: self.help_step("told"),
                lambda _error: self.help_step("failed"),
            )

    # -- the number --------------------------------------------------------------------------------------------------

    def issue(self, item: str | None, about: Mapping[str, str]) -> None:
        """Asks for a number with the visit's key; the answer is the next happening."""
        visit, language = self.visit, self.lang
        Clock.schedule_once(self._cover, PATIENCE + 0.05)
        self.background.run(
            lambda: self.client.issue(item, language, visit.key, about),
            partial(self._issued, visit),
            partial(self._not_issued, visit),
        )

    def _issued(self, visit: Errand, ticket: Ticket) -> None:
        visit.ticket = ticket
        self.happen(Happening.ISSUED)

    def _not_issued(self, visit: Errand, error: Exception) -> None:
        if isinstance(error, AlreadyHeld):
            visit.ticket = error.ticket
            self.happen(Happening.HELD)
        elif isinstance(error, Refused):
            visit.refusal = error
            self.happen(Happening.NO)
        else:
            self.happen(Happening.NO_SERVER)

    # -- paper -------------------------------------------------------------------------------------------------------

    def show_hall(self, hall: Hall) -> None:
        self.kept_on = None  # the server may be back
        super().show_hall(hall)

    def show_time(self, *_: Any) -> None:
        super().show_time()
        if self.hall and self.kept_on != (today := self.now().date()):
            self.kept_on, self.kept = today, {}  # rather none than an old one
            self.background.run(self.client.track_record, self._show_kept)

    def _show_kept(self, kept: Mapping[str, Kept]) -> None:
        self.kept = kept

    def facts(self) -> papers.Facts | None:
        """What the ticket says; None without one."""
        ticket = self.visit.ticket
        if ticket is None or self.hall is None:
            return None
        issued_at = ticket.issued_at.astimezone(self.now().tzinfo)
        kept = self.kept.get(ticket.line)
        return papers.facts(self.hall, ticket, issued_at, self.own.machine, self.visit.reprints, kept)

    def print_ticket(self) -> None:
        """The number is saved; its paper follows, and what becomes of it is shown."""
        visit, told = self.visit, self.facts()
        if told is None:
            return
        if self.printing is None:
            self.show_paper(visit, Paper.NONE)
            return
        self.show_paper(visit, Paper.PRINTING)
        document = papers.ticket(told, self.words, self.template, "elder" if self.elder else "normal")
        self.printing.print(told.ticket.id, document, partial(self.show_paper, visit))

    def reprint(self) -> None:
        """Another paper with the same number, marked as such."""
        if self.visit.paper in REPRINTABLE:
            self.visit.reprints += 1
            self.print_ticket()

    def show_paper(self, visit: Errand, paper: Paper) -> None:
        visit.paper = paper
        if visit is self.visit:  # else its citizen has gone: the paper comes out, the screen is another's
            self.idle.poke()
            self.say_ticket()

    def print_leaflet(self, document: Document) -> None:
        """A paper that is no ticket. While one is printed or its end is shown, a second touch does nothing."""
        if self.printing is not None and self.leaflet is Paper.NONE:
            self._show_leaflet(Paper.PRINTING)
            self.printing.print(None, document, self._show_leaflet)

    def _show_leaflet(self, paper: Paper) -> None:
        self.leaflet = paper
        self.idle.poke()
        self._cover()
        Clock.unschedule(self._leaflet_over)
        if paper is Paper.PRINTED:
            Clock.schedule_once(self._leaflet_over, LEAFLET_STAYS)

    def _leaflet_over(self, *_: Any) -> None:
        self._show_leaflet(Paper.NONE)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def show_printer(self, report: HealthReport) -> None:
        self.printer_state = report.state.value
        self.say_ticket()

    def _show_reading(self, reading: bool) -> None:
        self.reading = reading
        self.idle.poke()

    def _say_all(self, *_: Any) -> None:
        self.measure()
        if self.hall is not None:
            self.hall_other = self.hall.name.en if self.lang == "zh" else self.hall.name.zh
        self.say_trouble()
        self.say_all()
        self.say_ticket()
        self._cover()

    def say_ticket(self, *_: Any) -> None:
        told, paper = self.facts(), self.visit.paper
        if told is not None:
            again = paper is Paper.DOUBT or (paper in REPRINTABLE and works(self.printer_state))
            again = again and self.printing is not None
            self.shown_ticket.show(self, told, paper, again, held=self.place is Place.HELD, card=self.card_there)

    @property
    def card_there(self) -> bool:
        """Whether a card lies on a reader of this terminal."""
        return False

    # -- over the screens --------------------------------------------------------------------------------------------

    def _cover(self, *_: Any) -> None:
        """Shows the question that is due, or none."""
        question, facts = self._question()
        self.cover.show(question and question.in_words(partial(self.say, self.lang), **facts))

    def _question(self) -> tuple[Question | None, dict[str, object]]:
        if self.help is not Help.CLOSED:
            return HELP_QUESTIONS[self.help], {}
        if self.leaflet is not Paper.NONE:
            return LEAFLET[self.leaflet], {}
        if self.place in WAITS and self.idle.since >= PATIENCE:
            return WAITS[self.place], {}
        if self.place in self.journey.watched and not self.reading and self.idle.warn and not self.idle.over:
            return STILL_THERE, {"seconds": int(self.idle.left) + 1}
        return None, {}

    def _answered(self, yes: bool) -> None:
        self.idle.poke()
        if self.help is not Help.CLOSED:
            self.help_step("yes" if yes and self.help is Help.ASKED else "no")
        elif self.leaflet is not Paper.NONE:
            self._leaflet_over()
        self._cover()

    # -- time-outs ---------------------------------------------------------------------------------------------------

    def _touched(self, *_: Any) -> None:
        self.idle.poke()

    def _tick(self, _dt: float) -> None:
        self.say_trouble()
        over = self.idle.over
        if self.place in self.journey.counted:
            self.shown_ticket.left = self._ticket_left()
            over = self.shown_ticket.left <= 0
        elif self.reading:
            self.idle.poke()  # whoever listens is there
        busy = self.help is Help.CALLING or self.leaflet is Paper.PRINTING or self.place in WAITS
        if over and not busy:
            self._left_alone()
        self._cover()

    def _ticket_left(self) -> float:
        """A ticket without paper stays as long as any other screen: it must be copied or photographed."""
        own = self.own
        on_paper = self.visit.paper in (Paper.PRINTED, Paper.PRINTING)
        stay = own.ticket_seconds if on_paper else max(own.ticket_seconds, own.idle_home)
        return max(0.0, stay - self.idle.since)

    def _left_alone(self) -> None:
        self.lang, self.elder, self.low, self.volume = self.settings.language, False, False, 0
        self.help, self.leaflet = Help.CLOSED, Paper.NONE
        for screen in self.screens.screens:
            let_go(screen)
        self.idle.poke()
        self.happen(Happening.TIME_OUT)

    def account(self) -> dict[str, Any]:
        ticket = self.visit.ticket
        state = {
            "server": self.link,
            "printer": self.printer_state,
            "leaflet": self.leaflet.value,
            "number": ticket.number if ticket else "",
            "paper": self.visit.paper.value if ticket else "",
        }
        return {"screen": self.place.value, "lang": self.lang, "state": state}
