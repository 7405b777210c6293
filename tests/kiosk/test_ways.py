"""The kiosk's other ways: what is asked for most, what to bring, what else can be done, and an invitation."""

import json

import pytest

from kiosk.app import AWAY_STAYS
from kiosk.places import Happening, Place
from tests.kiosk.guides_rig import catalogue_bytes
from tests.kiosk.test_ticket_app import start_only

POPULAR = ["id-card", "employee-enrolment", "house-transfer", "medical-claim", "invoice"]


def often(kiosk):
    return {name.removeprefix("often-") for name in kiosk.driver.rects() if name.startswith("often-")}


# -- asked for most --------------------------------------------------------------------------------------------------


def test_two_touches_to_a_number_through_an_item_asked_for_most(rig, server):
    server.popular = POPULAR
    kiosk = rig(reader=True)
    kiosk.at_rest()
    assert often(kiosk) == set(POPULAR[:4])
    kiosk.driver.tap("often-employee-enrolment")
    kiosk.at(Place.CHOICE)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)
    assert kiosk.posts("/tickets")[0][1]["item"] == "employee-enrolment"
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    kiosk.driver.tap("often-invoice" if "invoice" in often(kiosk) else "often-id-card")
    kiosk.at(Place.CHOICE)
    kiosk.driver.tap("back")
    kiosk.at(Place.HOME)
    assert kiosk.app.visit.item is None


def test_one_touch_without_a_reader_and_a_second_tap_changes_nothing(rig, server):
    server.popular, server.delay = POPULAR, 0.2
    kiosk = rig()
    kiosk.driver.tap("often-id-card")
    kiosk.driver.tap("often-id-card")
    kiosk.at(Place.TICKET)
    assert len(server.tickets) == 1


def test_an_item_whose_line_gives_no_numbers_is_not_among_them(rig, server):
    server.popular = ["id-card", "employee-enrolment"]
    kiosk = rig()
    assert often(kiosk) == set(server.popular)
    server.closed.add("social")
    server.tell("line.closed")
    kiosk.driver.wait("the item to go", lambda: often(kiosk) == {"id-card"})
    server.stop()
    kiosk.driver.wait("away", lambda: kiosk.app.link == "away")
    kiosk.driver.tap("often-id-card")
    kiosk.at(Place.AWAY)


def test_a_new_hall_has_none(rig):
    kiosk = rig()
    assert not often(kiosk)
    assert not kiosk.driver.says("常办")


# -- what to bring ---------------------------------------------------------------------------------------------------


@pytest.fixture
def guided(rig, server):
    """A kiosk whose server knows what to bring for enrolling an employee."""
    told = json.loads(catalogue_bytes())
    guides = {one["code"]: one for one in told["guides"]}
    code = next(code for code, one in guides.items() if one["places"][0].get("ticket_item") == "employee-enrolment")
    server.answers = {
        "/guides": {"guides": [{"code": code}]},
        f"/guides/{code}": guides[code],
        "/guides/tables": told["tables"],
    }
    kiosk = rig(reader=True)
    kiosk.at_rest()
    return kiosk


def test_what_to_bring_is_ticked_printed_and_the_number_taken_all_the_same(guided):
    guided.take()
    guided.at(Place.CHOICE)
    guided.driver.wait("the offer", lambda: "bring" in guided.driver.rects())
    guided.driver.tap("bring")
    guided.at(Place.BRING)
    guided.driver.wait("the list", lambda: guided.app.bring_screen.ids.sheets.laid)
    guided.driver.run(0.1)
    tick = min(name for name in guided.driver.rects() if name.startswith("tick-"))
    guided.driver.tap(tick)
    assert guided.driver.find(tick).ticked
    guided.driver.tap("print")
    guided.driver.wait("the list", lambda: guided.app.leaflet == "printed", 20)
    assert "材料清单" in "".join(guided.cable.simulator.tickets[-1].lines)
    guided.driver.tap("leaflet-close")
    guided.driver.tap("onward")
    guided.at(Place.CHOICE)
    guided.driver.tap("nocard")
    guided.at(Place.TICKET)
    guided.driver.tap("done")
    guided.at(Place.HOME)
    assert guided.app.visit.ticked == set()
    assert not guided.app.bring_screen.ids.sheets.blocks


def test_without_a_guide_nothing_is_offered_and_nothing_waits(guided):
    guided.server.answers = {"/guides": {"guides": []}}
    guided.take()
    guided.at(Place.CHOICE)
    guided.driver.run(0.4)
    assert "bring" not in guided.driver.rects()
    guided.driver.tap("nocard")
    guided.at(Place.TICKET)


def test_what_one_item_needs_is_not_shown_for_another(guided):
    guided.take()
    guided.at(Place.CHOICE)
    guided.driver.wait("the offer", lambda: "bring" in guided.driver.rects())
    guided.driver.tap("back")
    guided.at(Place.ITEMS)
    guided.driver.tap("item-pension-claim")
    guided.at(Place.CHOICE)
    guided.driver.run(0.4)
    assert "bring" not in guided.driver.rects()


# -- no number: what else --------------------------------------------------------------------------------------------


def refuse(kiosk, reason, **detail):
    kiosk.server.refuse = "no number"
    kiosk.server.refusal_detail = {"reason": reason, "next_open": None, "other_lines": [], **detail}


def test_a_full_line_names_another_that_does_the_same(rig):
    kiosk = rig()
    other = {"line": "medical", "item": "medical-claim"}
    refuse(kiosk, "line_full", line="social", next_open="2026-11-26T09:00:00+08:00", other_lines=[other])
    kiosk.take()
    kiosk.at(Place.REFUSED)
    assert kiosk.driver.says("今天的号取完了")
    assert kiosk.driver.says("下次发号：11月26日 9:00")
    kiosk.server.refuse = ""
    kiosk.driver.tap("other-medical")
    kiosk.at(Place.TICKET)
    assert [post[1]["item"] for post in kiosk.posts("/tickets")] == ["employee-enrolment", "medical-claim"]
    assert len({key for _, _, key in kiosk.posts("/tickets")}) == 2


@pytest.mark.parametrize(
    ("reason", "words"),
    [("hall_closed", "下次开门：11月26日 9:00"), ("last_ticket", "请继续等叫号"), ("line_closed", "现在不发号")],
)
def test_why_and_when_again_and_somebody_can_be_called(rig, reason, words):
    kiosk = rig()
    refuse(kiosk, reason, next_open="2026-11-26T09:00:00+08:00", **({"line": "social"} if "line" in reason else {}))
    kiosk.take()
    kiosk.at(Place.REFUSED)
    assert kiosk.driver.says(words)
    assert not [name for name in kiosk.driver.rects() if name.startswith("other-")]
    kiosk.driver.tap("call")
    kiosk.driver.tap("help-yes")
    kiosk.driver.wait("the call", lambda: kiosk.posts("/help"))


# -- nobody there ----------------------------------------------------------------------------------------------------


def test_an_invitation_whose_touch_does_nothing_else(rig):
    kiosk = rig()
    kiosk.driver.tap("lang")
    kiosk.driver.advance(kiosk.app.own.idle_home + 1)
    kiosk.at(Place.ATTRACT)
    assert kiosk.driver.says("点一下，开始取号")
    assert kiosk.app.lang == "zh"
    kiosk.driver.tap("begin")
    kiosk.at(Place.HOME)
    assert not kiosk.posts("/tickets")


def test_a_card_laid_on_the_invitation_begins_at_once(rig):
    kiosk = rig(reader=True)
    kiosk.at_rest()
    kiosk.driver.advance(kiosk.app.own.idle_home + 1)
    kiosk.at(Place.ATTRACT)
    kiosk.lay()
    kiosk.at(Place.PRIVACY)


def test_notices_take_turns(rig):
    kiosk = rig()
    notices = [one.zh for one in kiosk.app.hall.notices]
    shown = [kiosk.app.notice]
    for _ in notices:
        kiosk.driver.advance(8.1)
        shown.append(kiosk.app.notice)
    assert shown[:-1] == notices
    assert shown[-1] == notices[0]
    assert kiosk.app.notice in kiosk.driver.texts()


def test_after_one_lost_answer_the_notice_ends_by_itself(rig):
    kiosk = rig()
    kiosk.app.place = Place.ISSUING
    kiosk.app.happen(Happening.NO_SERVER)
    kiosk.at(Place.AWAY)
    assert kiosk.app.link == "here"
    kiosk.driver.advance(AWAY_STAYS / 2)
    assert kiosk.app.place is Place.AWAY
    kiosk.driver.advance(AWAY_STAYS)
    kiosk.at(Place.HOME)


def test_while_no_hall_is_known_the_notice_stays(drive, server):
    server.stop()
    kiosk = start_only(drive, server)
    kiosk.at(Place.AWAY)
    kiosk.app.link = "here"  # its hall was not told yet
    kiosk.driver.advance(2 * AWAY_STAYS)
    assert kiosk.app.place is Place.AWAY
