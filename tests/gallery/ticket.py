"""The ticket kiosk's scenes. A new one is a line in SCENES; how to get there is a function of the rig."""

import json
from functools import partial

from kiosk.places import Happening, Paper, Place
from tests.gallery.scene import LANDSCAPE, LOW, PORTRAIT, Scene
from tests.kiosk.guides_rig import catalogue_bytes

OLD, YOUNG = "resident 1950-02-28 王样本", "resident 1985-03-14 李样本"
CARD = {"reader": True}
EVERY = (PORTRAIT, LANDSCAPE, LOW)
SLOW = 30.0  # s until a server answers: longer than pictures take

NOT_PICTURED: dict[Place, str] = {}  # place -> why not


def stay(_rig):
    """Home as it opens."""


def opening(rig):
    rig.app.place = Place.OPENING
    rig.app.turn_to("opening", Happening.READY)
    rig.at(Place.OPENING)


def paper_out(rig):
    rig.cable.tell("paper out")
    rig.driver.wait("the banner", lambda: rig.app.banner)


def server_gone(rig):
    rig.server.stop()
    rig.driver.wait("away", lambda: rig.app.link == "away")


def reader_unplugged(rig):
    rig.reader.unplug()
    rig.driver.wait("the tile to say so", lambda: rig.app.identity.way == "broken")


def items(rig, line="social"):
    rig.go(f"line-{line}", Place.ITEMS)


def no_items(rig):
    hall = rig.server.settings
    rig.server.settings = hall.model_copy(update={"items": tuple(one for one in hall.items if one.line != "family")})
    rig.server.tell("settings.changed")
    rig.driver.wait("the change", lambda: not rig.app.hall.line("family").items)
    items(rig, "family")


def choice(rig):
    rig.at_rest()
    rig.take()
    rig.at(Place.CHOICE)


def choice_without_reader(rig):
    choice(rig)
    reader_unplugged(rig)


def privacy(rig):
    rig.at_rest()
    rig.go("card", Place.PRIVACY)


def lay(rig):
    privacy(rig)
    rig.go("agree", Place.LAY)


def reading(rig):
    lay(rig)
    rig.app.place = Place.READING  # a real one ends before its pictures are taken
    rig.app.card_screen.show(rig.app, Place.READING)


def unreadable(rig, failures=0):
    lay(rig)
    rig.app.visit.failures = failures
    rig.reader.tell("read_fails on")
    rig.lay(OLD)
    rig.at(Place.GIVE_UP if failures else Place.UNREADABLE)


def no_reader(rig):
    lay(rig)
    rig.reader.unplug()
    rig.at(Place.NO_READER)


def read(rig, card=OLD):
    rig.at_rest()
    rig.lay(card)
    rig.at(Place.PRIVACY)
    rig.go("agree", Place.OFFER if card == OLD else Place.LINES)


def lines(rig):
    read(rig, YOUNG)


def card_left(rig):
    lines(rig)
    rig.take()
    rig.at(Place.TICKET)
    rig.paper(Paper.PRINTED)
    rig.go("done", Place.HOME)
    rig.driver.wait("the banner", lambda: rig.app.banner)


def issuing(rig):
    rig.server.delay = SLOW
    rig.take()
    rig.driver.run(0.5)


def ticket(rig, paper=Paper.PRINTED):
    rig.take()
    rig.at(Place.TICKET)
    rig.paper(Paper.PRINTED)
    rig.app.show_paper(rig.app.visit, paper)


def ticket_waiting(rig, span):
    rig.server.range = span
    ticket(rig)


def held(rig):
    for place in (Place.TICKET, Place.HELD):
        rig.lay(YOUNG)
        rig.at(Place.PRIVACY)
        rig.go("agree", Place.LINES)
        rig.lay("none")
        rig.driver.wait("the card to be gone", lambda: not rig.app.identity.there)
        rig.take()
        rig.at(place)
        if place is Place.TICKET:
            rig.paper(Paper.PRINTED)
            rig.go("done", Place.HOME)


def away(rig):
    items(rig)
    rig.server.stop()
    rig.go("item-employee-enrolment", Place.AWAY)


def refused(rig, words="the hall gives no numbers now", **detail):
    rig.server.refuse, rig.server.refusal_detail = words, detail
    rig.take()
    rig.at(Place.REFUSED)


def help_asked(rig):
    rig.driver.tap("help")


def help_calling(rig):
    rig.server.delay = SLOW
    help_asked(rig)
    rig.driver.tap("help-yes")


def help_coming(rig):
    help_asked(rig)
    rig.driver.tap("help-yes")
    rig.driver.wait("the answer", lambda: rig.app.help == "coming")


def help_failed(rig):
    rig.server.stop()
    help_asked(rig)
    rig.driver.tap("help-yes")
    rig.driver.wait("the answer", lambda: rig.app.help == "failed")


def still_there(rig):
    items(rig)
    rig.driver.advance(61)
    rig.driver.wait("the question", lambda: "here" in rig.driver.rects())


def often(rig):
    rig.server.popular = ["id-card", "employee-enrolment", "house-transfer", "medical-claim"]
    rig.server.tell("settings.changed")
    rig.driver.wait("what is asked for most", lambda: rig.app.hall.popular)


def invitation(rig):
    rig.driver.advance(61)
    rig.at(Place.ATTRACT)


def find(rig, number=""):
    rig.go("find", Place.FIND)
    for key in number:
        rig.driver.tap(f"key-{key}")


def unfound(rig):
    find(rig, "A999")
    rig.go("look", Place.UNFOUND)


def scan(rig, **told):
    """Somebody's ticket, as the server tells it, under the scanner."""
    mine = rig.server.issue({"item": "employee-enrolment"}, "another kiosk's")
    mine.update(told, prints=1)
    for character in mine["url"]:
        rig.driver.window.dispatch("on_textinput", character)
    rig.driver.window.dispatch("on_key_down", 13, 40, "\r", [])


def found(rig, state="waiting", **told):
    scan(rig, state=state, **told)
    rig.at(Place.FOUND)


def sure(rig):
    found(rig)
    rig.go("do-cancel", Place.SURE)


def asking(rig):
    rig.server.delay = SLOW
    scan(rig)
    rig.driver.run(0.5)


def rate(rig):
    scan(rig, state="done")
    rig.at(Place.RATE)


def thanks(rig):
    rate(rig)
    rig.go("rate-5", Place.THANKS)


def bring(rig):
    told = json.loads(catalogue_bytes())
    guide = max(told["guides"], key=lambda one: len(one["guide"]["materials"]))
    guide["places"][0].update(hall="linjiang", ticket_item="employee-enrolment")
    code = guide["code"]
    rig.server.answers = {
        "/guides": {"guides": [{"code": code}]},
        f"/guides/{code}": guide,
        "/guides/tables": told["tables"],
    }
    choice(rig)
    rig.driver.wait("the offer", lambda: "bring" in rig.driver.rects())
    rig.go("bring", Place.BRING)


def elsewhere(rig):
    others = [{"line": "medical", "item": "medical-claim"}, {"line": "police", "item": "id-card"}]
    refused(rig, reason="line_full", line="social", next_open="2026-11-26T01:00:00+00:00", other_lines=others)


SCENES = (
    Scene("opening", Place.OPENING, opening),
    Scene("home", Place.HOME, stay),
    Scene("home with a reader", Place.HOME, stay, CARD, EVERY),
    Scene("home, often asked for", Place.HOME, often, CARD, EVERY),
    Scene("invitation", Place.ATTRACT, invitation, {}, (PORTRAIT, LANDSCAPE)),
    Scene("home, paper out", Place.HOME, paper_out),
    Scene("home, server away", Place.HOME, server_gone),
    Scene("home, reader unplugged", Place.HOME, reader_unplugged, CARD),
    Scene("home, a card left behind", Place.HOME, card_left, CARD),
    Scene("lines, card read", Place.LINES, lines, CARD),
    Scene("items", Place.ITEMS, items, {}, EVERY),
    Scene("items of an empty line", Place.ITEMS, no_items),
    Scene("choice", Place.CHOICE, choice, CARD, EVERY),
    Scene("what to bring", Place.BRING, bring, CARD, EVERY),
    Scene("choice, reader unplugged", Place.CHOICE, choice_without_reader, CARD),
    Scene("privacy", Place.PRIVACY, privacy, CARD, EVERY),
    Scene("lay the card", Place.LAY, lay, CARD),
    Scene("reading", Place.READING, reading, CARD),
    Scene("unreadable", Place.UNREADABLE, unreadable, CARD),
    Scene("given up", Place.GIVE_UP, partial(unreadable, failures=2), CARD),
    Scene("no reader", Place.NO_READER, no_reader, CARD),
    Scene("offer of a class", Place.OFFER, read, CARD),
    Scene("issuing", Place.ISSUING, issuing),
    *(Scene(f"ticket, paper {paper.value}", Place.TICKET, partial(ticket, paper=paper)) for paper in Paper),
    Scene("ticket, soon", Place.TICKET, partial(ticket_waiting, span={"low": 2, "high": 4}), {}, EVERY),
    Scene("ticket, no range", Place.TICKET, partial(ticket_waiting, span=None)),
    Scene("held", Place.HELD, held, CARD),
    Scene("away", Place.AWAY, away),
    Scene("refused", Place.REFUSED, refused),
    Scene("refused, closed line", Place.REFUSED, partial(refused, line="social")),
    Scene("refused, closed hall", Place.REFUSED, partial(refused, next_open="2026-11-26T01:00:00+00:00")),
    Scene("refused, done elsewhere", Place.REFUSED, elsewhere, {}, EVERY),
    Scene("find", Place.FIND, find, CARD, EVERY),
    Scene("find, typed", Place.FIND, partial(find, number="A12"), CARD),
    Scene("looking it up", Place.ASKING, asking),
    Scene("not found", Place.UNFOUND, unfound, CARD, EVERY),
    Scene("found, waiting", Place.FOUND, partial(found, ahead=4), {}, EVERY),
    Scene("found, called", Place.FOUND, partial(found, state="called", window=5), {}, EVERY),
    Scene("give up?", Place.SURE, sure, {}, EVERY),
    Scene("rate", Place.RATE, rate, {}, EVERY),
    Scene("thanks", Place.THANKS, thanks, {}, EVERY),
    Scene("help?", Place.HOME, help_asked),
    Scene("help, calling", Place.HOME, help_calling),
    Scene("help, coming", Place.HOME, help_coming),
    Scene("help, failed", Place.HOME, help_failed),
    Scene("still there?", Place.ITEMS, still_there),
)
