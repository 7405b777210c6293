"""The screens of the kiosk's other ways keep the house's rules, in both languages."""

import json

import pytest

from config import load_hall
from kiosk.places import Place
from kiosk.theme import Colour, contrast
from kiosk.widgets.parts import Primary
from tests.kiosk.guides_rig import catalogue_bytes
from tests.kiosk.hall_server import DEMO
from tests.kiosk.test_finding import missed, scan, taken
from tests.kiosk.test_screens import check, in_both
from tests.kiosk.test_ways import POPULAR, refuse
from tests.kiosk.ticket_rig import Rig


@pytest.fixture
def kiosk(rig, server):
    """A busy hall with everything there is."""
    server.popular = POPULAR
    server.waiting, server.range = {"social": 112, "tax": 9}, {"low": 112, "high": 128}
    made = rig(reader=True)
    made.at_rest()
    return made


def test_home_with_all_it_can_have_and_the_invitation(kiosk):
    in_both(kiosk)
    for _ in kiosk.app.hall.notices:
        kiosk.driver.advance(8.1)
        in_both(kiosk)
    kiosk.cable.tell("paper out")
    kiosk.driver.wait("the banner", lambda: kiosk.app.banner)
    in_both(kiosk)
    kiosk.driver.advance(61)
    kiosk.at(Place.ATTRACT)
    in_both(kiosk)


def test_looking_for_a_ticket(kiosk):
    kiosk.driver.tap("find")
    kiosk.at(Place.FIND)
    in_both(kiosk)
    for key in "A12345":
        kiosk.driver.tap(f"key-{key}")
    in_both(kiosk)
    kiosk.driver.tap("look")
    kiosk.at(Place.UNFOUND)
    for why in ("find.yesterday", "find.many", "find.another", "find.changed", "find.card.none", "missed.late"):
        kiosk.app.visit.unfound = why
        kiosk.app.say_place()
        in_both(kiosk)


@pytest.mark.parametrize("elder", [False, True])
def test_a_key_that_cannot_be_touched_yet_is_pale_and_can_be_read(kiosk, elder):
    kiosk.app.elder = elder
    kiosk.go("find", Place.FIND)
    (key,) = [one for one in kiosk.driver.shown(Primary) if one.text == kiosk.app.say("zh", "find.do")]
    assert key.disabled
    assert contrast(tuple(key.face), Colour.bg) < 1.5
    check(kiosk)
    for character in "A1":
        kiosk.driver.tap(f"key-{character}")
    assert not key.disabled
    assert contrast(tuple(key.face), Colour.bg) > 4.5
    check(kiosk)


def test_a_found_ticket_in_every_state(kiosk, server):
    ticket = taken(server)
    ticket.update(number="W1012", ahead=112, window=12)
    for state in ("waiting", "called", "serving", "held", "cancelled", "expired"):
        ticket["state"] = state
        scan(kiosk, ticket["url"])
        kiosk.driver.wait(state, lambda state=state: seen_state(kiosk) == state)
        kiosk.at(Place.FOUND)
        in_both(kiosk)
    missed(ticket)
    scan(kiosk, ticket["url"])
    kiosk.driver.wait("missed", lambda: seen_state(kiosk) == "missed")
    kiosk.at(Place.FOUND)
    in_both(kiosk)
    kiosk.driver.tap("do-back")
    kiosk.driver.wait("waiting", lambda: seen_state(kiosk) == "waiting")
    in_both(kiosk)
    kiosk.driver.tap("do-cancel")
    kiosk.at(Place.SURE)
    in_both(kiosk)


def seen_state(kiosk):
    found = kiosk.app.visit.found
    return found and kiosk.app.place is Place.FOUND and found[0].standing.state


def test_rating(kiosk, server):
    ticket = taken(server)
    ticket["state"] = "done"
    scan(kiosk, ticket["url"])
    kiosk.at(Place.RATE)
    in_both(kiosk)
    kiosk.driver.tap("back")
    kiosk.at(Place.FOUND)
    in_both(kiosk)
    kiosk.driver.tap("do-rate")
    kiosk.at(Place.RATE)
    kiosk.driver.tap("rate-3")
    kiosk.at(Place.THANKS)
    in_both(kiosk)


def test_no_number_and_what_else(kiosk):
    others = [{"line": "medical", "item": "medical-claim"}, {"line": "police", "item": "id-card"}]
    refuse(kiosk, "line_full", line="social", next_open="2026-11-26T09:00:00+08:00", other_lines=others)
    kiosk.take()
    kiosk.at(Place.CHOICE)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.REFUSED)
    in_both(kiosk)
    for reason in ("hall_closed", "last_ticket"):
        kiosk.app.visit.refusal.detail.update(reason=reason)
        kiosk.app.say_place()
        in_both(kiosk)


def longest_list(server):
    """The guide of the item everybody takes here has the most materials and the longest name of all."""
    told = json.loads(catalogue_bytes())
    most = max(told["guides"], key=lambda one: len(one["guide"]["materials"]))
    longest = max((one["guide"] for one in told["guides"]), key=lambda one: len(one["name"]))
    most["guide"].update(name=longest["name"], name_en=longest["name_en"])
    most["places"][0].update(hall="linjiang", ticket_item="employee-enrolment")
    code = most["code"]
    server.answers = {
        "/guides": {"guides": [{"code": code}]},
        f"/guides/{code}": most,
        "/guides/tables": told["tables"],
    }


def test_what_to_bring_with_the_longest_list(kiosk, server):
    longest_list(server)
    kiosk.take()
    kiosk.at(Place.CHOICE)
    kiosk.driver.wait("the offer", lambda: "bring" in kiosk.driver.rects())
    in_both(kiosk)
    kiosk.driver.tap("bring")
    kiosk.at(Place.BRING)
    for _ in range(4):
        for language in ("en", "zh"):
            kiosk.app.lang = language
            kiosk.driver.frames(8)
            kiosk.driver.wait("the list", lambda: kiosk.app.bring_screen.ids.sheets.laid)
            kiosk.driver.frames(2)
            check(kiosk)
        if "next" in kiosk.driver.rects():
            kiosk.driver.tap("next")


def test_a_hall_of_many_lines_has_room_for_two_of_the_items_asked_for_most(rig, server, monkeypatch):
    hall = load_hall(DEMO)
    lines = [line.model_copy(update={"id": f"{line.id}_{n}"}) for n in range(2) for line in hall.lines]
    items = [item.model_copy(update={"line": f"{item.line}_0"}) for item in hall.items]
    server.settings = hall.model_copy(update={"lines": tuple(lines), "items": tuple(items)})
    server.popular, server.range = POPULAR, {"low": 112, "high": 128}
    monkeypatch.setattr(Rig, "home", lambda self: self.at(Place.HOME))
    kiosk = rig(reader=True)
    kiosk.at_rest()
    kiosk.driver.wait("the items", lambda: "often-id-card" in kiosk.driver.rects())
    assert sum(name.startswith("often-") for name in kiosk.driver.rects()) == 2
    in_both(kiosk)
    kiosk.cable.tell("paper out")
    kiosk.driver.wait("the banner", lambda: kiosk.app.banner)
    in_both(kiosk)
