"""The ticket kiosk: what a citizen does becomes a happening, the flow says where that leads, the screens show it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.screenmanager import SlideTransition

from config import Kiosk
from devices.roles import IdCardReader, TicketPrinter, Voice
from kiosk.answers import Board, Hall, Item, Line
from kiosk.bringing import Bringing
from kiosk.client import Client, new_key
from kiosk.finding import Finding
from kiosk.flow import TICKET
from kiosk.follower import Link
from kiosk.identity import Identity
from kiosk.places import Happening, Help, Paper, Place
from kiosk.printing import works
from kiosk.prompts import prompt
from kiosk.reports import DeviceReports
from kiosk.screens.attract import Attract
from kiosk.screens.bring import Bring
from kiosk.screens.card import CardScreen
from kiosk.screens.choice import Choice
from kiosk.screens.find import Find
from kiosk.screens.found import Found
from kiosk.screens.home import Home
from kiosk.screens.items import Items
from kiosk.screens.notice import Notice
from kiosk.screens.offer import Offer
from kiosk.screens.opening import Opening
from kiosk.screens.privacy import Privacy
from kiosk.screens.rate import Rate, Thanks
from kiosk.touch import PATIENCE, Touch
from kiosk.visit import Visit

NOTICE_STAYS = 8.0  # seconds one of the hall's notices is shown
AWAY_STAYS = 10.0  # seconds somebody has to read why there was no answer, and to try again


class TicketApp(Touch):
    """`printer` None: numbers are shown only; `reader` None: nobody is asked for a card; `voice` None: no prompts."""

    journey = TICKET
    visit: Visit
    FIND, WAKE = Happening.FIND, Happening.WAKE  # for KV
    identity = ObjectProperty(None)
    finding = ObjectProperty(None)
    bringing = ObjectProperty(None)
    notice = StringProperty("")

    def __init__(
        self,
        settings: Kiosk,
        client: Client,
        printer: TicketPrinter | None = None,
        reader: IdCardReader | None = None,
        voice: Voice | None = None,
        **options: Any,
    ) -> None:
        own = settings.ticket
        super().__init__(settings, own, client, Visit(), printer, voice, **options)
        reader_reports = DeviceReports(self.reports, client, own.machine, own.reader or "reader")
        self.identity = Identity(self, reader, reader_reports)
        self.finding, self.bringing = Finding(self), Bringing(self)
        self._notice = 0
        self._stale: set[str] = set()  # screens whose words are to be said anew before they are shown

    # -- Kivy --------------------------------------------------------------------------------------------------------

    def transition(self) -> SlideTransition:
        return SlideTransition(duration=0.22)

    def pages(self) -> list[Any]:
        self.home, self.items, self.notice_screen = Home(), Items(), Notice()
        self.choice, self.card_screen = Choice(), CardScreen()
        self.find, self.found, self.thanks, self.bring_screen = Find(), Found(), Thanks(), Bring()
        told = [self.home, self.items, self.choice, self.card_screen, self.notice_screen]
        told += [self.find, self.found, self.thanks, self.bring_screen]
        return [Opening(), Privacy(), Offer(), Rate(), Attract(), *told]  # the first say everything by themselves

    def on_start(self) -> None:
        from kivy.core.window import Window

        super().on_start()
        Window.bind(on_key_down=self._key, on_textinput=self._typed)
        Window.request_keyboard(lambda: None, self.root_layer)  # else a scanner's characters do not come
        Clock.schedule_interval(self._turn_notice, NOTICE_STAYS)
        self.identity.bind(there=self.say_ticket, left=self.say_trouble)
        self.identity.bind(left=self.say_place)
        self.identity.start()

    def on_stop(self) -> None:
        self._window.unbind(on_key_down=self._key, on_textinput=self._typed)
        Clock.unschedule(self._turn_notice)
        super().on_stop()
        self.identity.close()
        self.bringing.close()

    # -- what the citizen does ---------------------------------------------------------------------------------------

    def choose_line(self, line: Line) -> None:
        if not self.journey.after(self.place, Happening.LINE):  # a tile of a page that is sliding out
            return
        self.visit.line, self.visit.item = line, None
        if self.link == Link.AWAY:
            self.happen(Happening.NO_SERVER)
        elif not self.gives(line):
            self.happen(Happening.LINE_CLOSED)
        else:
            self.happen(Happening.LINE)

    def choose_item(self, item: Item) -> None:
        if self.journey.after(self.place, Happening.ITEM):  # the key belongs to the first tap; a second changes nothing
            self.visit.item, self.visit.key = item, new_key()
            self.bringing.forget()
            self.happen(Happening.ITEM_FIRST if self.identity.asks else Happening.ITEM)

    def choose_popular(self, line: Line, item: Item) -> None:
        """One of the items most asked for: one touch from home."""
        if self.link == Link.AWAY:
            self.happen(Happening.NO_SERVER)
        elif self.journey.after(self.place, Happening.ITEM):
            self.visit.line, self.visit.popular = line, True
            self.choose_item(item)

    def choose_elsewhere(self, line: Line, item: Item) -> None:
        """The same in another line that gives numbers."""
        if self.journey.after(self.place, Happening.ITEM):
            self.visit.line, self.visit.item, self.visit.key = line, item, new_key()
            self.visit.refusal = None
            self.happen(Happening.ITEM)

    def other_size(self) -> None:
        super().other_size()
        if self.elder:
            self.speak(self._prompt())

    def other_language(self) -> None:
        super().other_language()
        if self.elder:
            self.speak(self._prompt())

    def other_volume(self) -> None:
        super().other_volume()
        if not self.reading:  # else nobody would hear what the touch has done
            self.speak(self._prompt())

    def prompt(self) -> None:
        """Reads aloud what this screen is about; while something is read, ends it."""
        self.read(self._prompt())

    def _prompt(self) -> str:
        return prompt(self.place, self.visit, partial(self.say, self.lang))

    def back(self) -> None:
        """One step back; what was said about a card stays."""
        settled = self.place is Place.ITEMS and self.visit.settled
        straight = self.place is Place.CHOICE and self.visit.popular
        self.happen(Happening.GO_HOME if straight else Happening.SETTLED if settled else Happening.BACK)

    def try_again(self) -> None:
        """The same once more; who looks for a ticket and has asked nothing yet goes on looking."""
        looks = Happening.LOOK if self.finding.waits else Happening.FIND
        self.happen(looks if self.visit.seeks else Happening.AGAIN)

    def _key(self, _window: Any, key: int, *_: Any) -> None:
        self.finding.key(key)

    def _typed(self, _window: Any, text: str) -> None:
        self.finding.heard(text)

    # -- the flow ----------------------------------------------------------------------------------------------------

    def drop_visit(self) -> None:
        """What was done until now is nobody's any more."""
        self.visit.forget_person()  # a paper still being printed may hold the visit for a while
        self.visit = Visit()
        self.identity.masked = ""

    def _enter_home(self) -> None:
        self.drop_visit()
        self.identity.end()
        self.finding.end()
        self.bring_screen.fill(self)
        self.say_place()
        if self.home.page:  # the next one begins with the first
            self.home.page = 0
            self._stale.add("home")

    def _enter_lines(self) -> None:
        self.visit.line = self.visit.item = None

    def _enter_privacy(self) -> None:
        self.identity.prepare()

    def _enter_reading(self) -> None:
        self.identity.read()
        self.say_place()

    def _enter_items(self) -> None:
        if self.visit.line:
            self.items.open(self, self.visit.line)
            self._stale.discard("items")

    def _enter_bring(self) -> None:
        self.bring_screen.fill(self, 0)
        self._stale.discard("bring")

    def _enter_issuing(self) -> None:
        item = self.visit.item
        if item is None:
            self.happen(Happening.NO_SERVER)
        else:
            self.issue(item.id, self.visit.about(self.now()))

    def _enter_choice(self) -> None:
        self.say_place()
        self.bringing.ask()

    def _enter_find(self) -> None:
        self.finding.begin()
        self.say_place()

    def _enter_thanks(self) -> None:
        self.say_place()
        self.finding.thank()

    def _enter_asking(self) -> None:
        Clock.schedule_once(self._cover, PATIENCE + 0.05)
        self.finding.ask()

    def _enter_ticket(self) -> None:
        self.follower.refresh()
        self.print_ticket()

    def _enter_held(self) -> None:
        self.show_paper(self.visit, Paper.EARLIER if self.printing else Paper.NONE)

    def turn_to(self, screen: str, happening: Happening) -> None:
        self._freshen(screen)
        back = self.place in (Place.HOME, Place.LINES) or happening is Happening.BACK
        self.screens.transition.direction = "right" if back else "left"
        super().turn_to(screen, happening)

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
            self.find.fill(self, hall)
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

    def _count(self) -> None:
        if self.hall is not None:
            self.home.count(self, self.hall, self.board if self.link == Link.HERE else None)
            self.items.count(self)

    def say_all(self) -> None:
        self._stale = set(FILL)
        self._freshen(self.screens.current)
        self._count()
        self._say_notice()
        self.say_place()

    def _freshen(self, screen: str) -> None:
        """Fills a screen that is shown, or about to be; what nobody sees is not made."""
        if screen in self._stale and self.hall is not None:
            self._stale.remove(screen)
            FILL[screen](self)
            self._count()

    def say_trouble(self, *_: Any) -> None:
        """The banner: the most pressing first."""
        trouble = {
            "server.away.none": self.link == Link.AWAY,
            "card.left": self.identity.left,
            "printer.before": self.printing is not None and not works(self.printer_state),
        }
        self.banner = next((self.say(self.lang, key) for key, holds in trouble.items() if holds), "")

    @property
    def card_there(self) -> bool:
        return bool(self.identity.there)

    def say_place(self, *_: Any) -> None:
        self.choice.show(self, self.visit.item, self.visit.bring is not None)
        self.card_screen.show(self, self.place)
        self.notice_screen.show(self, self.place, self.visit)
        self.found.show(self, self.place, self.visit)
        before = self.visit.news == "rate.already"
        self.thanks.text = self.say(self.lang, "rate.already" if before else "rate.thanks")

    def _turn_notice(self, _dt: float) -> None:
        self._notice += 1
        self._say_notice()

    def _say_notice(self) -> None:
        notices = self.hall.notices if self.hall else ()
        self.notice = notices[self._notice % len(notices)].in_language(self.lang) if notices else ""

    def _tick(self, dt: float) -> None:
        super()._tick(dt)
        if self.place is Place.HOME and self.help is Help.CLOSED and self.idle.since >= self.own.idle_home:
            self._left_alone()
        # one answer was lost, or the server was back while it was still asked: nothing more will say that it is
        here = self.link == Link.HERE and self.hall is not None and self.help is Help.CLOSED
        if self.place is Place.AWAY and here and self.idle.since >= AWAY_STAYS:
            self.happen(Happening.SERVER_BACK)

    def account(self) -> dict[str, Any]:
        told = super().account()
        return {**told, "state": {**told["state"], **self.identity.account()}}

    def enter(self, place: Place) -> None:
        ENTER[place](self)
        if self.elder and self.place is place:  # else entering it led on, and what is there was said already
            self.speak(self._prompt())


FILL: dict[str, Callable[[TicketApp], None]] = {  # screens made of as many pieces as the hall has
    "home": lambda app: app.home.fill(app, app.hall),
    "items": lambda app: app.items.fill(app),
    "bring": lambda app: app.bring_screen.fill(app),
}

ENTER: dict[Place, Callable[[TicketApp], None]] = {
    Place.HOME: TicketApp._enter_home,
    Place.LINES: TicketApp._enter_lines,
    Place.ITEMS: TicketApp._enter_items,
    Place.CHOICE: TicketApp._enter_choice,
    Place.BRING: TicketApp._enter_bring,
    Place.PRIVACY: TicketApp._enter_privacy,
    Place.LAY: TicketApp.say_place,
    Place.READING: TicketApp._enter_reading,
    Place.UNREADABLE: TicketApp.say_place,
    Place.GIVE_UP: TicketApp.say_place,
    Place.NO_READER: TicketApp.say_place,
    Place.OFFER: TicketApp.say_place,
    Place.ISSUING: TicketApp._enter_issuing,
    Place.TICKET: TicketApp._enter_ticket,
    Place.HELD: TicketApp._enter_held,
    Place.AWAY: TicketApp.say_place,
    Place.REFUSED: TicketApp.say_place,
    Place.FIND: TicketApp._enter_find,
    Place.ASKING: TicketApp._enter_asking,
    **dict.fromkeys((Place.FOUND, Place.SURE, Place.RATE, Place.UNFOUND), TicketApp.say_place),
    Place.THANKS: TicketApp._enter_thanks,
    Place.ATTRACT: lambda _app: None,
}
