"""A ticket kiosk under test with everything around it: driver, hall server, printer."""

from config import Kiosk, TicketSettings
from devices import registry
from devices.escpos.simulator import Simulator
from devices.simulation import Cable
from kiosk.app import TicketApp
from kiosk.client import Client
from kiosk.flow import Place


class Rig:
    """An app with its driver, server and printer."""

    def __init__(self, driver, server, cable):
        self.driver, self.app, self.server, self.cable = driver, driver.app, server, cable

    def at(self, place, seconds=15):
        """Waits until the place is reached and nothing moves."""
        app = self.app
        self.driver.wait(place, lambda: app.place is place and not app.screens.transition.is_active, seconds)
        self.driver.run(0.05)

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

    def posts(self, ending):
        return [post for post in self.server.posts if post[0].endswith(ending)]


def open_kiosk(drive, server, printer=True, language="zh", **ticket):
    """A kiosk at home with the board shown; `ticket` are settings of its [ticket] table."""
    cable = Cable(Simulator())
    device = registry.open_device("escpos", "", cable=cable) if printer else None
    settings = Kiosk(
        server=server.url, hall="linjiang", token_file="-", language=language, ticket=TicketSettings(**ticket)
    )
    app = TicketApp(settings, Client(server.url, "linjiang", "token"), device)
    made = Rig(drive(app), server, cable)
    made.home()
    return made
