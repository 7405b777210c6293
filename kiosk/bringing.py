"""What to bring for the item that was chosen: asked of the server while the citizen chooses, never waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk import guide_papers
from kiosk.background import Background
from kiosk.guides_client import Guide, GuidesClient, Tables
from kiosk.places import Happening, Place
from kiosk.terminal import EXPECTED
from kiosk.visit import Visit

if TYPE_CHECKING:
    from kiosk.app import TicketApp


class Bringing:
    """The guide of one visit. While it is away, or there is none, nothing is offered."""

    def __init__(self, app: TicketApp) -> None:
        self._app, self._guides = app, GuidesClient(app.client)
        self._hands = Background(EXPECTED, threads=1)  # its own: a number never waits behind a guide

    def close(self) -> None:
        self._hands.close()

    def ask(self) -> None:
        """Looks for the guide of the item, once a visit."""
        visit, guides = self._app.visit, self._guides
        item, line = visit.item, visit.line
        if item is None or line is None or visit.bring is not None:
            return

        def wanted() -> tuple[Guide, Tables] | None:
            still = visit is self._app.visit and visit.item is item  # else somebody has gone on while this waited
            return guides.of_item(item.id, line.id, item.name.zh) if still else None

        self._hands.run(wanted, lambda found: self._learnt(visit, item.id, found))

    def _learnt(self, visit: Visit, item: str, found: tuple[Guide, Tables] | None) -> None:
        if visit is self._app.visit and visit.item and visit.item.id == item and found and found[0].materials:
            visit.bring = found
            self._app.say_place()

    def forget(self) -> None:
        """Another item is another guide."""
        self._app.visit.bring = None
        self._app.visit.ticked = set()

    def tick(self, at: int) -> None:
        """A material somebody has with them, or not after all."""
        self._app.visit.ticked ^= {at}
        self._app.bring_screen.mark(self._app)

    def open(self) -> None:
        if self._app.place is Place.CHOICE and self._app.visit.bring:
            self._app.happen(Happening.BRING)

    def print(self) -> None:
        """The checklist, with what is ticked."""
        app, known = self._app, self._app.visit.bring
        if known is None or app.hall is None:
            return
        guide, tables = known
        page = f"{(app.settings.lookup.page_url or app.settings.server).rstrip('/')}/g/{guide.code}"
        facts = guide_papers.Facts(guide, tables, app.hall.name, app.now(), app.lang, app.settings.hall, page)
        app.print_leaflet(guide_papers.checklist(facts, app.visit.ticked))
