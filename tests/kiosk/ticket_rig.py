"""A ticket kiosk under test with everything around it: driver, hall server, printer."""

from config import Kiosk, TicketSettings
from devices import registry
from devices.escpos.simulator import Simulator
from devices.sdt.simulator import Simulator as ReaderSimulator
from devices.simulation import Cable
from kiosk.app import TicketApp
from kiosk.client import Client
from kiosk.places import Place


class Rig:
    """An app with its driver, server, printer and, if it has one, card reader."""

    def __init__(self, driver, server, cable, reader=None):
        self.driver, self.app, self.server, self.cable = driver, driver.app, server, cable
        self.reader = reader

    def at(self, place, seconds=15):
        """Waits until the place is reached and nothing moves."""
        app = self.app
        self.driver.wait(place, lambda: app.place is place and not app.screens.transition.is_active, seconds)
        self.driver.run(0.05)

    def go(self, testid, place):
        """Where a touch leads."""
        self.driver.tap(testid)
        self.at(place)

    def home(self):
        self.at(Place.HOME)
        self.driver.wait("the board", lambda: self.app.link == "here")
        self.driver.wait("the counts", lambda: self.driver.find("line-social").crowd)

    def take(self, line="social", item="employee-enrolment"):
        self.driver.tap(f"line-{line}")
        self.at(Place.ITEMS)
        self.driver.tap(f"item-{item}")

    def paper(self, paper, seconds=20):
        self.driver.wait(paper, lambda: self.app.visit.paper is paper, seconds)
        self.driver.run(0.05)

    def lay(self, words="resident"):
        """A card onto the reader: the simulator's words for it, "none" lifts it."""
        self.reader.tell(f"card {words}")

    def at_rest(self):
        """Waits until the reader was seen to work, or not to."""
        self.driver.wait("the reader's health", lambda: self.app.identity.state)

    def posts(self, ending):
        return [post for post in self.server.posts if post[0].endswith(ending)]


def open_kiosk(
    drive,
    server,
    printer=True,
    reader=False,
    voice=None,
    language="zh",
    names=("", ""),
    dump=None,
    kind=TicketApp,
    **ticket,
):
    """A kiosk at home with the board shown; `ticket` are settings of its [ticket] table, `names` the devices'."""
    ticket |= dict(zip(("printer", "reader"), names, strict=True))
    reader_cable = Cable(ReaderSimulator()) if reader else None
    card_reader = registry.open_device("sdt", "", cable=reader_cable) if reader else None
    cable = Cable(Simulator())
    device = registry.open_device("escpos", "", cable=cable) if printer else None
    settings = Kiosk(
        server=server.url, hall="linjiang", token_file="-", language=language, ticket=TicketSettings(**ticket)
    )
    app = kind(settings, Client(server.url, "linjiang", "token"), device, card_reader, voice, dump=dump)
    made = Rig(drive(app, app.own.width, app.own.height), server, cable, reader_cable)
    app.screens.transition.duration = 0.01  # a slide of every step of every test is minutes
    made.home()
    return made
