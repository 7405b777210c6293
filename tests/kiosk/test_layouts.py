"""Every place of the ticket kiosk, in every layout, size of words and language, keeps the house's rules."""

import pytest

from config import TicketSettings
from devices.health import Health
from kiosk import dump, layout
from kiosk.client import ServerAway
from kiosk.follower import Link
from kiosk.layout import PAGES, REACH, Shape
from kiosk.places import Happening, Paper, Place
from tests.kiosk.test_finding import missed, scan, taken
from tests.kiosk.test_screens import LANGUAGES, OLD, PX_PER_MM, check
from tests.kiosk.test_speaking import Quiet
from tests.kiosk.test_ways import POPULAR, refuse
from tests.kiosk.test_ways_screens import longest_list, seen_state

TALL, WIDE = (1080, 1920), (1920, 1080)
FIXED = ("home", "back", "size", "reach", "voice", "volume", "lang", "help")
LAYOUTS = {
    (name + end, language): (size, low, elder)
    for name, size, low in (("tall", TALL, False), ("wide", WIDE, False), ("low", TALL, True))
    for end, elder in (("", False), ("-elder", True))
    for language in LANGUAGES
}


class Walk:
    """A citizen's way through every place; each is checked, and its fixed keys stay where they were."""

    def __init__(self, kiosk):
        self.kiosk, self.tap = kiosk, kiosk.driver.tap
        self.keys = {}

    def look(self):
        self.kiosk.driver.run(0.03)
        check(self.kiosk)
        self.fixed()

    def fixed(self):
        driver, app = self.kiosk.driver, self.kiosk.app
        rects = driver.rects()
        for name in set(FIXED) & set(rects):
            assert self.keys.setdefault(name, rects[name]) == rects[name], name
        if app.low:
            lower = min((REACH - app.own.glass_bottom) * PX_PER_MM, layout.LOWER * driver.window.height)
            assert all(dump.box(one)[1] + one.height <= lower + 1 for one in driver.buttons())

    def at(self, place):
        self.kiosk.at(place)
        self.look()

    def go(self, key, place):
        """Where a key leads."""
        self.tap(key)
        self.at(place)


@pytest.fixture(params=LAYOUTS, ids="-".join)
def walk(request, rig, server):
    """A kiosk at home in one of the layouts."""
    language = request.param[1]
    (width, height), low, elder = LAYOUTS[request.param]
    server.waiting, server.range = {"social": 112, "tax": 9}, {"low": 112, "high": 128}
    kiosk = rig(reader=True, language=language, width=width, height=height, voice=Quiet())
    kiosk.at_rest()
    if elder:
        kiosk.driver.tap("size")
    if low:
        kiosk.driver.tap("reach")
    return Walk(kiosk)


def test_every_place_in_every_layout(walk):
    kiosk, app = walk.kiosk, walk.kiosk.app
    walk.look()
    walk.go("line-social", Place.ITEMS)
    walk.go("item-employee-enrolment", Place.CHOICE)
    walk.go("withcard", Place.PRIVACY)
    walk.go("agree", Place.LAY)
    for place in (Place.READING, Place.UNREADABLE, Place.GIVE_UP, Place.NO_READER):
        app.card_screen.show(app, place)
        walk.look()
    kiosk.lay(OLD)
    walk.at(Place.OFFER)
    walk.go("class-yes", Place.TICKET)
    kiosk.paper(Paper.PRINTED)
    for paper in (Paper.NONE, Paper.OUT, Paper.DOUBT):
        app.show_paper(app.visit, paper)
        walk.look()
    walk.tap("help")
    walk.look()
    walk.tap("help-no")
    walk.tap("done")
    trouble(walk)


def trouble(walk):
    kiosk, app = walk.kiosk, walk.kiosk.app
    kiosk.at(Place.HOME)
    kiosk.driver.wait("the banner about the card", lambda: app.banner)
    walk.look()
    kiosk.lay("none")
    kiosk.driver.wait("the card to be gone", lambda: not app.banner)
    kiosk.lay(OLD)
    kiosk.at(Place.PRIVACY)
    walk.tap("agree")
    kiosk.at(Place.OFFER)
    walk.go("class-no", Place.LINES)
    walk.go("line-social", Place.ITEMS)
    app.visit.refusal = None
    app.place = Place.ISSUING
    app.happen(Happening.NO)
    walk.at(Place.REFUSED)
    app.visit.item = app.visit.line.items[0]
    app.place = Place.ISSUING
    app._not_issued(app.visit, ServerAway("gone"))
    walk.at(Place.AWAY)
    app.show_link(Link.AWAY)
    walk.look()


def test_every_other_way_in_every_layout(walk):
    asked_for_most(walk)
    looking_for_a_ticket(walk)
    a_found_ticket(walk)
    rating(walk)
    what_to_bring(walk)
    what_else(walk)
    invitation(walk)


def asked_for_most(walk):
    kiosk = walk.kiosk
    kiosk.server.popular = POPULAR
    kiosk.server.tell("settings.changed")
    kiosk.driver.wait("what is asked for most", lambda: kiosk.app.hall.popular)
    columns, rows = kiosk.app.choices.often
    shown = sum(name.startswith("often-") for name in kiosk.driver.rects())
    assert shown == (columns * rows if kiosk.app.home.pages == 1 else columns)
    walk.look()


def looking_for_a_ticket(walk):
    walk.go("find", Place.FIND)
    for key in "A12345":
        walk.tap(f"key-{key}")
    walk.look()
    walk.go("look", Place.UNFOUND)
    for why in ("find.yesterday", "find.card.none"):  # the longest
        walk.kiosk.app.visit.unfound = why
        walk.kiosk.app.say_place()
        walk.look()


def a_found_ticket(walk):
    kiosk, ticket = walk.kiosk, taken(walk.kiosk.server)
    ticket.update(number="W1012", ahead=112, window=12)
    for state in ("called", "held", "cancelled", "missed"):
        missed(ticket) if state == "missed" else ticket.update(state=state)
        scan(kiosk, ticket["url"])
        kiosk.driver.wait(state, lambda state=state: seen_state(kiosk) == state)
        walk.at(Place.FOUND)
    walk.tap("do-back")
    kiosk.driver.wait("waiting", lambda: seen_state(kiosk) == "waiting")
    walk.look()
    kiosk.app.visit.news = ""
    kiosk.app.say_place()
    walk.look()
    walk.go("do-cancel", Place.SURE)


def rating(walk):
    ticket = walk.kiosk.server.tickets[0]
    ticket["state"] = "done"
    walk.tap("home")
    walk.kiosk.at(Place.HOME)
    scan(walk.kiosk, ticket["url"])
    walk.at(Place.RATE)
    walk.go("rate-3", Place.THANKS)
    walk.tap("done")
    walk.kiosk.at(Place.HOME)


def what_to_bring(walk):
    kiosk = walk.kiosk
    longest_list(kiosk.server)
    kiosk.take()
    walk.at(Place.CHOICE)
    kiosk.driver.wait("the offer", lambda: "bring" in kiosk.driver.rects())
    walk.look()
    walk.tap("bring")
    kiosk.at(Place.BRING)
    sheets = kiosk.app.bring_screen.ids.sheets
    kiosk.driver.wait("the list", lambda: sheets.laid)
    assert sheets.blocks
    for _ in range(min(3, sheets.pages)):
        walk.look()
        if sheets.pages > 1:
            walk.tap("next")
    walk.tap("onward")
    kiosk.at(Place.CHOICE)


def what_else(walk):
    kiosk = walk.kiosk
    others = [{"line": "medical", "item": "medical-claim"}, {"line": "police", "item": "id-card"}]
    refuse(kiosk, "line_full", line="social", next_open="2026-11-26T09:00:00+08:00", other_lines=others)
    walk.go("nocard", Place.REFUSED)
    assert sum(name.startswith("other-") for name in kiosk.driver.rects()) == kiosk.app.choices.others
    for reason in ("hall_closed", "last_ticket"):
        kiosk.app.visit.refusal.detail.update(reason=reason)
        kiosk.app.say_place()
        walk.look()
    walk.tap("done")
    kiosk.at(Place.HOME)


def invitation(walk):
    kiosk = walk.kiosk
    kiosk.app.printer_state = Health.REFUSING.value
    kiosk.driver.wait("the banner", lambda: kiosk.app.banner)
    walk.look()
    kiosk.driver.advance(81)
    kiosk.at(Place.ATTRACT)
    for language in LANGUAGES:
        kiosk.app.lang = language
        walk.look()


@pytest.mark.parametrize("glass_bottom", [0, 700, 760, 900, 960])
def test_a_low_page_is_within_reach_and_long_enough_for_its_screens(glass_bottom):
    own = TicketSettings(glass_bottom=glass_bottom)
    glass = own.height / own.px_per_mm
    page = glass - layout.header(own, Shape.LOW)
    assert glass_bottom + page <= REACH
    assert page >= 259


def test_elder_mode_offers_fewer_choices_in_fewer_columns():
    for shape in Shape:
        usual, elder = PAGES[shape, False], PAGES[shape, True]
        assert elder.tiles[0] < usual.tiles[0]
        assert elder.items[0] * elder.items[1] <= usual.items[0] * usual.items[1]


def test_size_and_reach_are_the_next_person_s_own_again(rig):
    kiosk = rig()
    kiosk.driver.tap("size")
    kiosk.driver.tap("reach")
    assert kiosk.app.elder and kiosk.app.low
    kiosk.driver.advance(81)
    kiosk.driver.wait("the reset", lambda: not kiosk.app.elder and not kiosk.app.low)
