"""The lookup terminal's scenes. A new one is a line in SCENES; how to get there is a function of the rig."""

from functools import partial

from kiosk.places import Happening, Paper, Place
from tests.gallery.scene import Scene
from tests.gallery.ticket import SLOW, help_asked, help_coming, stay
from tests.kiosk.lookup_rig import guide_called

NOT_PICTURED: dict[Place, str] = {}  # place -> why not
ENROLMENT = "社保参保登记"


def show_plight(rig, place):
    rig.app.place = place
    rig.app.plight.show(rig.app, place)
    rig.app.turn_to(rig.app.journey.screens[place], Happening.READY)
    rig.at(place)


def shelf(rig, way):
    rig.driver.tap(f"tab-{way}")


def listed(rig):
    rig.driver.tap("group-social_security")
    rig.at(Place.LIST)


def search(rig):
    rig.driver.tap("search")
    rig.at(Place.SEARCH)


def found(rig, words):
    search(rig)
    rig.app.typing.add(words)
    rig.found()


def guide(rig, section="facts"):
    rig.open(guide_called(ENROLMENT))
    rig.section(section)


def ticked(rig):
    guide(rig, "materials")
    rig.driver.tap("tick-0")


def leaflet(rig, paper):
    guide(rig)
    rig.app._show_leaflet(paper)


def facilities(rig):
    rig.driver.tap("facilities")
    rig.at(Place.FACILITIES)


def issuing(rig):
    guide(rig)
    rig.server.delay = SLOW
    rig.driver.tap("take")
    rig.driver.run(0.5)


def ticket(rig):
    guide(rig)
    rig.driver.tap("take")
    rig.at(Place.TICKET)
    rig.paper(Paper.PRINTED)


def away(rig):
    guide(rig)
    rig.server.stop()
    rig.driver.tap("take")
    rig.at(Place.AWAY)


def refused(rig):
    guide(rig)
    rig.server.refuse = "the hall gives no numbers now"
    rig.driver.tap("take")
    rig.at(Place.REFUSED)


def server_gone(rig):
    rig.server.stop()
    rig.driver.wait("the banner", lambda: rig.app.banner)


def still_there(rig):
    search(rig)
    rig.driver.advance(61)
    rig.driver.wait("the question", lambda: "here" in rig.driver.rects())


SCENES = (
    Scene("opening", Place.OPENING, partial(show_plight, place=Place.OPENING)),
    Scene("no guides", Place.EMPTY, partial(show_plight, place=Place.EMPTY)),
    Scene("home", Place.HOME, stay),
    Scene("home, server away", Place.HOME, server_gone),
    *(
        Scene(f"home, {way}", Place.HOME, partial(shelf, way=way))
        for way in ("life_events", "departments", "audiences", "themes")
    ),
    Scene("list", Place.LIST, listed),
    Scene("search", Place.SEARCH, search),
    Scene("search, initials", Place.SEARCH, partial(found, words="sb")),
    Scene("search, a question", Place.SEARCH, partial(found, words="办社保卡要带什么")),
    Scene("search, nothing", Place.SEARCH, partial(found, words="坐火箭去月球")),
    *(
        Scene(f"guide, {section}", Place.GUIDE, partial(guide, section=section))
        for section in ("facts", "materials", "steps", "places", "questions")
    ),
    Scene("guide, ticked", Place.GUIDE, ticked),
    *(
        Scene(f"leaflet, {paper.value}", Place.GUIDE, partial(leaflet, paper=paper))
        for paper in (Paper.PRINTING, Paper.PRINTED, Paper.DOUBT, Paper.OUT, Paper.FAULT)
    ),
    Scene("facilities", Place.FACILITIES, facilities),
    Scene("issuing", Place.ISSUING, issuing),
    Scene("ticket", Place.TICKET, ticket),
    Scene("away", Place.AWAY, away),
    Scene("refused", Place.REFUSED, refused),
    Scene("help?", Place.HOME, help_asked),
    Scene("help, coming", Place.HOME, help_coming),
    Scene("still there?", Place.SEARCH, still_there),
)
