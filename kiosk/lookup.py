"""The standards lookup terminal: find a guide, tick what one has, print it, take a number for it.

Guides are read from the terminal's own copy, so everything but numbers works while the server is away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from kivy.properties import ObjectProperty
from kivy.uix.screenmanager import NoTransition

from config import Kiosk
from devices.roles import TicketPrinter, Voice
from kiosk import guide_papers, guide_text
from kiosk.answers import Board, Hall, LineNow, Name
from kiosk.background import on_ui
from kiosk.catalogue import Copy, Fetcher, Finder, Misses, Snapshot
from kiosk.client import Client, new_key
from kiosk.follower import Event, Link
from kiosk.guides_client import Guide, GuidesClient
from kiosk.looking import Look
from kiosk.lookup_flow import LOOKUP
from kiosk.places import Happening, Help, Place
from kiosk.screens.facilities import Facilities
from kiosk.screens.guide import GuideScreen
from kiosk.screens.opening import Opening
from kiosk.screens.plight import Plight
from kiosk.screens.search import Search
from kiosk.screens.shelf import ShelfScreen
from kiosk.screens.shelves import Shelves
from kiosk.touch import Touch
from kiosk.typing_in import Typing

OLD = timedelta(days=1)  # a copy older than this says so, whether the server is there or not
BACKSPACE, ENTER_KEY = 8, 13


class LookupApp(Touch):
    """`folder` keeps the copy of the guides; `printer` None: nothing can be printed."""

    journey = LOOKUP
    visit: Look
    snapshot = ObjectProperty(None, allownone=True)

    FACILITIES, SEARCH = Happening.FACILITIES, Happening.SEARCH  # for KV

    def __init__(
        self,
        settings: Kiosk,
        client: Client,
        folder: Path,
        printer: TicketPrinter | None = None,
        voice: Voice | None = None,
        **options: Any,
    ) -> None:
        super().__init__(settings, settings.lookup, client, Look(), printer, voice, **options)
        copy, guides = Copy(folder), GuidesClient(client)
        self.finder = Finder(copy)
        self.fetcher = Fetcher(guides, copy, partial(on_ui, self.show_guides))
        self.typing = Typing(self.finder, Misses(guides), self._show_search)

    # -- Kivy --------------------------------------------------------------------------------------------------------

    def transition(self) -> NoTransition:
        return NoTransition()

    def pages(self) -> list[Any]:
        self.shelves, self.shelf, self.search, self.guide_screen = Shelves(), ShelfScreen(), Search(), GuideScreen()
        self.plight, self.facilities = Plight(), Facilities()
        told = (self.shelves, self.shelf, self.search, self.guide_screen, self.plight)
        return [Opening(), self.facilities, *told]

    def on_start(self) -> None:
        from kivy.core.window import Window

        super().on_start()
        Window.bind(on_key_down=self._key, on_textinput=self._typed)
        Window.request_keyboard(lambda: None, self.root_layer)  # else an input method's words do not come
        self.fetcher.start()

    def on_stop(self) -> None:
        self._window.unbind(on_key_down=self._key, on_textinput=self._typed)
        self.fetcher.stop()
        self.typing.close()
        super().on_stop()

    # -- what the citizen does ---------------------------------------------------------------------------------------

    def choose_shelf(self, shelf: str) -> None:
        """Another way to browse home."""
        self.visit.shelf = shelf
        self.shelves.open(self)

    def choose_group(self, code: str) -> None:
        if self.journey.after(self.place, Happening.GROUP):
            self.visit.group = code
            self.happen(Happening.GROUP)

    def open_guide(self, guide: Guide) -> None:
        if self.journey.after(self.place, Happening.OPEN):
            self.typing.report()
            self.visit.from_search = self.place is Place.SEARCH
            # the key belongs to the guide: whatever is tapped twice on its page is one ticket
            self.visit.code, self.visit.key, self.visit.ticked = guide.code, new_key(), set()
            self.happen(Happening.OPEN)

    def tick(self, at: int) -> None:
        """A material somebody has with them, or not after all."""
        self.visit.ticked ^= {at}
        self.guide_screen.mark(self)

    def back(self) -> None:
        if self.place is Place.SEARCH:
            self.typing.report()
        from_guide = Happening.TO_SEARCH if self.visit.from_search else Happening.TO_LIST
        self.happen(from_guide if self.place is Place.GUIDE else Happening.BACK)

    def take(self) -> None:
        """A number for the guide that is shown."""
        self.happen(Happening.TAKE)

    def read_aloud(self) -> None:
        guide = self.guide
        if guide and self.snapshot:
            self.read(guide_text.spoken(guide, self.snapshot.tables, self.lang, self.settings.hall))

    def help_step(self, step: str) -> None:
        super().help_step(step)
        if self.help is Help.CALLING:
            self.typing.report()  # what was searched for in vain is why somebody is called

    def _key(self, _window: Any, key: int, *_: Any) -> None:
        if self.place is Place.SEARCH and key == BACKSPACE:
            self.typing.back()
        elif self.place is Place.SEARCH and key == ENTER_KEY and self.typing.found and self.typing.found.guides:
            self.open_guide(self.typing.found.guides[0])

    def _typed(self, _window: Any, text: str) -> None:
        """A real keyboard: the first key opens the search."""
        self.happen(Happening.SEARCH)
        if self.place is Place.SEARCH:
            self.typing.add(text)

    # -- the flow ----------------------------------------------------------------------------------------------------

    def _enter_home(self) -> None:
        self.typing.report()
        self.visit = Look()
        self.typing.clear()
        self.shelves.open(self)

    def _enter_list(self) -> None:
        self.shelf.show(self, keep=self.visit.code != "")

    def _enter_search(self) -> None:
        self.typing.prepare()
        self.search.show(self)

    def _enter_guide(self) -> None:
        self.guide_screen.open_at(self)

    def _enter_issuing(self) -> None:
        place = self.here
        if place is None or place.queue is None:
            self.happen(Happening.NO)
        else:
            self.issue(place.ticket_item, {} if place.ticket_item else {"line": place.queue.id})

    def _enter_ticket(self) -> None:
        self.follower.refresh()
        self.print_ticket()

    # -- paper -------------------------------------------------------------------------------------------------------

    def print_guide(self, kind: str) -> None:
        """The checklist or the guide in short."""
        guide = self.guide
        if guide is None or self.snapshot is None:
            return
        hall = self.hall.name if self.hall else Name("")
        facts = guide_papers.Facts(
            guide, self.snapshot.tables, hall, self.now(), self.lang, self.settings.hall, self.page_of(guide),
            "elder" if self.elder else "normal",
        )  # fmt: skip
        ticked = self.visit.ticked
        made = guide_papers.checklist(facts, ticked) if kind == "checklist" else guide_papers.summary(facts)
        self.print_leaflet(made)

    # -- what is known -----------------------------------------------------------------------------------------------

    @property
    def guide(self) -> Guide | None:
        """The guide that is shown, as it is in force now."""
        return self.snapshot.guides.get(self.visit.code) if self.snapshot else None

    @property
    def here(self) -> guide_text.PlaceLine | None:
        """Where in this hall the guide's matter is done."""
        if self.guide is None or self.snapshot is None:
            return None
        lines = guide_text.places(self.guide, self.snapshot.tables, self.lang, self.settings.hall)
        return next((line for line in lines if line.here), None)

    def line_now(self, line_id: str) -> LineNow | None:
        """How full a line is; None while nobody can say."""
        return self.board.lines.get(line_id) if self.board and self.link == Link.HERE else None

    def page_of(self, guide: Guide) -> str:
        """The guide's own page, for a phone."""
        return f"{(self.settings.lookup.page_url or self.settings.server).rstrip('/')}/g/{guide.code}"

    def show_guides(self, snapshot: Snapshot) -> None:
        """A newer catalogue, or word that this one still holds."""
        same = self.snapshot is not None and snapshot.guides == self.snapshot.guides
        self.snapshot = snapshot
        self.finder.use(snapshot)
        if not same and self.place is Place.GUIDE and self.guide is None:
            self.happen(Happening.GONE)
        elif not same:
            self._say_all()
        self.typing.again()
        self.say_trouble()
        self.happen(Happening.READY)

    def show_hall(self, hall: Hall) -> None:
        super().show_hall(hall)
        self._say_all()

    def show_board(self, board: Board) -> None:
        super().show_board(board)
        self.guide_screen.count(self)

    def show_event(self, event: Event) -> None:
        super().show_event(event)
        if event.type.startswith("guide."):
            self.fetcher.refresh()

    def show_link(self, link: Link) -> None:
        super().show_link(link)
        if link is Link.HERE:
            self.fetcher.refresh()
        elif link is Link.AWAY and self.snapshot is None:
            self.happen(Happening.NO_GUIDES)

    def _show_search(self) -> None:
        self.search.show(self)

    # -- in words ----------------------------------------------------------------------------------------------------

    def say_all(self) -> None:
        self.shelves.fill(self)
        self.shelf.show(self, keep=True)
        self.search.show(self)
        self.guide_screen.fill(self)
        self.facilities.fill(self, int(self.facilities.page))
        self.plight.show(self, self.place)

    def say_trouble(self, *_: Any) -> None:
        age = self.fetcher.age()
        away = self.link == Link.AWAY
        if self.snapshot and age is not None and (away or age > OLD):
            self.banner = self.say(self.lang, "copy.away" if away else "copy.old", age=age_text(self, age))
        else:
            self.banner = ""

    def account(self) -> dict[str, Any]:
        told, typing = super().account(), self.typing
        own = {"words": typing.words, "found_for": typing.found_for}
        looked_at = {"guide": self.visit.code, "ticked": len(self.visit.ticked)}
        return {**told, "state": {**told["state"], **own, **looked_at}}

    def enter(self, place: Place) -> None:
        ENTER[place](self)


def age_text(app: Any, age: timedelta) -> str:
    """Such as 3 小时, in the app's language; never 0."""
    minutes = max(1, int(age.total_seconds() // 60))
    for unit, size in (("age.days", 24 * 60), ("age.hours", 60), ("age.minutes", 1)):
        if minutes >= size:
            return str(app.say(app.lang, unit, count=minutes // size))
    raise AssertionError(minutes)


ENTER: dict[Place, Callable[[LookupApp], None]] = {
    Place.EMPTY: lambda app: app.plight.show(app, Place.EMPTY),
    Place.HOME: LookupApp._enter_home,
    Place.LIST: LookupApp._enter_list,
    Place.SEARCH: LookupApp._enter_search,
    Place.GUIDE: LookupApp._enter_guide,
    Place.FACILITIES: lambda app: app.facilities.fill(app, 0),
    Place.ISSUING: LookupApp._enter_issuing,
    Place.TICKET: LookupApp._enter_ticket,
    Place.AWAY: lambda app: app.plight.show(app, Place.AWAY),
    Place.REFUSED: lambda app: app.plight.show(app, Place.REFUSED),
}
