"""A lookup terminal under test with everything around it: driver, hall server with guides, printer, voice."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from config import Kiosk, LookupSettings, load_kiosk
from devices import registry
from devices.escpos.simulator import Simulator
from devices.simulation import Cable
from kiosk.brand import Brand
from kiosk.client import Client
from kiosk.lookup import LookupApp
from kiosk.places import Paper, Place
from tests.kiosk.guides_rig import DEMO, catalogue, catalogue_bytes, index_bytes

OURS = Brand()
FACILITIES = load_kiosk(DEMO / "kiosk.toml").lookup.facilities


def guide_called(short_name):
    """A demo guide by its short name."""
    return next(guide for guide in catalogue().guides.values() if guide.short_name == short_name)


class Rig:
    """An app with its driver, server and printer."""

    def __init__(self, driver, server, cable):
        self.driver, self.app, self.server, self.cable = driver, driver.app, server, cable

    def at(self, place, seconds=15):
        """Waits until the place is reached and its sheets are laid."""
        self.driver.wait(place, lambda: self.app.place is place, seconds)
        if place is Place.GUIDE:
            self.laid()
        self.driver.run(0.05)

    def laid(self):
        """Waits until the sheets of a guide lie there."""
        self.driver.frames(3)
        self.driver.wait("the sheets", lambda: self.app.guide_screen.ids.sheets.laid)
        self.driver.frames(2)

    def section(self, name):
        self.driver.tap(f"section-{name}")
        self.laid()

    def home(self):
        self.at(Place.HOME)
        self.driver.wait("the board", lambda: self.app.link == "here" and self.app.board)
        self.driver.run(0.05)

    def type(self, words):
        for letter in words:
            self.driver.tap("key-space" if letter == " " else f"key-{letter}")

    def find(self, words):
        """Types on the glass and waits for what it finds."""
        self.driver.tap("search")
        self.at(Place.SEARCH)
        self.type(words)
        self.found()

    def found(self):
        typing = self.app.typing
        self.driver.wait("hits", lambda: typing.found is not None)
        self.driver.run(0.08)

    def open(self, guide):
        """A guide, however it is found."""
        if self.app.place is not Place.SEARCH:
            self.driver.tap("search")
            self.at(Place.SEARCH)
        self.app.open_guide(guide)
        self.at(Place.GUIDE)

    def paper(self, paper, seconds=20):
        self.driver.wait(paper, lambda: self.app.visit.paper is paper, seconds)
        self.driver.run(0.05)

    def leaflet(self, paper, seconds=20):
        self.driver.wait(paper, lambda: self.app.leaflet is paper, seconds)
        self.driver.run(0.05)

    def papers(self):
        """The words of every paper that was cut, without spaces."""
        return ["".join(paper.lines).replace(" ", "") for paper in self.cable.simulator.tickets]

    def posts(self, ending):
        return [post for post in self.server.posts if post[0].endswith(ending)]


@cache
def index():
    with TemporaryDirectory() as folder:
        return index_bytes(Path(folder))


def with_guides(server):
    """The hall server serves the demo's guides."""
    server.files = {"catalogue": (catalogue_bytes(), '"7"'), "index": (index(), '"i7"')}
    return server


def open_lookup(
    drive, server, folder, printer=True, voice=None, language="zh", dump=None, brand=OURS, **lookup
):  # fmt: skip
    """A terminal; it is at home once its guides are there."""
    cable = Cable(Simulator())
    device = registry.open_device("escpos", "", cable=cable) if printer else None
    own = LookupSettings(facilities=lookup.pop("facilities", FACILITIES), **lookup)
    settings = Kiosk(server=server.url, hall="linjiang", token_file="-", language=language, lookup=own)
    app = LookupApp(settings, Client(server.url, "linjiang", "token"), folder, device, voice, brand=brand, dump=dump)
    return Rig(drive(app), server, cable)


__all__ = ["FACILITIES", "Paper", "Place", "Rig", "guide_called", "open_lookup", "with_guides"]
