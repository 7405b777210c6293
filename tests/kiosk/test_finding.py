"""My ticket: found by its code, by card, by number; what can be done with it, and only that."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.app import AWAY_STAYS
from kiosk.places import Paper, Place
from tests.kiosk.test_scanning import ID

CARD = "resident 1985-03-14 李样本"
LATER = timedelta(minutes=10)


@pytest.fixture
def kiosk(rig):
    """A kiosk at home, and a ticket that was taken at another one."""
    made = rig()
    made.mine = taken(made.server)
    return made


def taken(server, item="employee-enrolment", **about):
    ticket = server.issue({"item": item, **about}, f"another kiosk's {len(server.tickets)}")
    ticket["prints"] = 1
    return ticket


def scan(kiosk, url):
    for character in url:
        kiosk.driver.window.dispatch("on_textinput", character)
    kiosk.driver.window.dispatch("on_key_down", 13, 40, "\r", [])
    kiosk.driver.frames(2)


def type_number(kiosk, number):
    kiosk.driver.tap("find")
    kiosk.at(Place.FIND)
    for character in number:
        kiosk.driver.tap(f"key-{character}")
    kiosk.driver.tap("look")


def missed(ticket):
    ticket.update(state="missed", return_until=(datetime.now(UTC) + LATER).isoformat())


def can(kiosk):
    return {name for name in kiosk.driver.rects() if name.startswith("do-")}


# -- found -----------------------------------------------------------------------------------------------------------


def test_found_by_scan_from_home(kiosk):
    kiosk.server.tickets[0]["ahead"] = 4
    scan(kiosk, kiosk.mine["url"])
    kiosk.at(Place.FOUND)
    assert kiosk.driver.says("A001")
    assert kiosk.driver.says("前面还有 4 人")
    assert can(kiosk) == {"do-reprint", "do-cancel"}


def test_found_by_number_it_only_says_how_it_stands(kiosk):
    type_number(kiosk, "A001")
    kiosk.at(Place.FOUND)
    assert kiosk.driver.says("还在排队")
    assert not can(kiosk)


def take_with_card(kiosk, item):
    kiosk.lay(CARD)
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LINES)
    lift(kiosk)
    kiosk.take(*item)
    kiosk.at(Place.TICKET)
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)


def lift(kiosk):
    kiosk.lay("none")
    kiosk.driver.wait("the card to be taken", lambda: not kiosk.app.identity.there)


def test_found_by_card_after_the_notice(rig):
    kiosk = rig(reader=True)
    kiosk.at_rest()
    for item in (("social", "employee-enrolment"), ("property", "house-transfer")):
        take_with_card(kiosk, item)
    kiosk.driver.tap("find")
    kiosk.at(Place.FIND)
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    assert kiosk.driver.says("只用来找您今天取的号")
    kiosk.driver.tap("agree")
    kiosk.at(Place.LAY)
    kiosk.lay(CARD)
    kiosk.at(Place.FOUND)
    assert kiosk.app.visit.person is None
    first = kiosk.app.found.number
    kiosk.driver.tap("next")
    assert {first, kiosk.app.found.number} == {ticket["number"] for ticket in kiosk.server.tickets}
    assert "do-cancel" in can(kiosk)


def test_a_card_without_a_number_and_no_card_after_all(rig):
    kiosk = rig(reader=True)
    kiosk.at_rest()
    kiosk.driver.tap("find")
    kiosk.at(Place.FIND)
    kiosk.lay("resident 1950-02-28 王样本")  # nobody is asked about priority here
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.UNFOUND)
    assert kiosk.driver.says("用这张证件，今天没有")
    lift(kiosk)
    kiosk.driver.tap("again")
    kiosk.at(Place.FIND)
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.FIND)
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    kiosk.take()
    kiosk.at(Place.CHOICE)  # asked anew


def test_a_number_nobody_has(kiosk):
    type_number(kiosk, "B77")
    kiosk.at(Place.UNFOUND)
    assert kiosk.driver.says("今天没有这个号")
    kiosk.driver.tap("again")
    kiosk.at(Place.FIND)
    assert kiosk.app.finding.typed == ""


def test_a_ticket_of_yesterday(kiosk):
    scan(kiosk, f"{kiosk.server.url}/t/{ID}")
    kiosk.at(Place.UNFOUND)
    assert kiosk.driver.says("请重新取号")


def test_keys_make_a_number_and_nothing_else(kiosk):
    kiosk.driver.tap("find")
    kiosk.at(Place.FIND)
    assert "look" not in kiosk.driver.rects()
    for key in "1A0B12":
        kiosk.driver.tap(f"key-{key}")
    assert kiosk.app.finding.typed == "A012"
    kiosk.driver.tap("key-back")
    assert kiosk.app.finding.typed == "A01"


def test_what_is_no_ticket_or_comes_slowly_does_nothing(kiosk):
    scan(kiosk, "https://pay.example/qr?x=1")
    scan(kiosk, "6901234567892")
    assert kiosk.app.place is Place.HOME
    assert not kiosk.posts("/find")


def test_a_scan_while_a_number_is_taken_changes_nothing(kiosk):
    kiosk.server.delay = 0.5
    kiosk.take()
    assert kiosk.app.place is Place.ISSUING
    scan(kiosk, kiosk.mine["url"])
    kiosk.at(Place.TICKET)


# -- how it stands ---------------------------------------------------------------------------------------------------


STANDS = [
    ("called", "请到 5 号窗口", {"do-reprint"}),
    ("serving", "在 5 号窗口", set()),
    ("held", "告诉原来的窗口", set()),
    ("missed", "过号太久", set()),
    ("cancelled", "重新取号", set()),
    ("expired", "重新取号", set()),
]


def test_only_what_is_possible_is_offered(kiosk):
    for state, words, doing in STANDS:
        kiosk.mine.update(state=state, window=5)
        scan(kiosk, kiosk.mine["url"])
        kiosk.driver.wait(state, lambda words=words: kiosk.driver.says(words))
        kiosk.at(Place.FOUND)
        assert can(kiosk) == doing, state


def test_without_a_printer_no_reprint(rig):
    kiosk = rig(printer=False)
    scan(kiosk, taken(kiosk.server)["url"])
    kiosk.at(Place.FOUND)
    assert can(kiosk) == {"do-cancel"}


# -- what can be done ------------------------------------------------------------------------------------------------


def test_after_a_missed_call_one_comes_back(kiosk):
    for find in (lambda: scan(kiosk, kiosk.mine["url"]), lambda: type_number(kiosk, "A001")):
        missed(kiosk.mine)
        find()
        kiosk.at(Place.FOUND)
        assert can(kiosk) == {"do-back"}
        kiosk.driver.tap("do-back")
        kiosk.driver.wait("the news", lambda: kiosk.driver.says("欢迎回来"))
        assert kiosk.mine["state"] == "waiting"
        kiosk.driver.tap("home")
        kiosk.at(Place.HOME)
    assert [path for path, _, _ in kiosk.posts("/return")] == [
        f"/tickets/{kiosk.mine['id']}/return",
        "/halls/linjiang/tickets/return",
    ]


def test_giving_up_is_asked_once(kiosk):
    scan(kiosk, kiosk.mine["url"])
    kiosk.at(Place.FOUND)
    kiosk.driver.tap("do-cancel")
    kiosk.at(Place.SURE)
    kiosk.driver.tap("do-keep")
    kiosk.at(Place.FOUND)
    assert not kiosk.posts("/cancel")
    kiosk.driver.tap("do-cancel")
    kiosk.at(Place.SURE)
    kiosk.driver.tap("do-really")
    kiosk.driver.wait("the news", lambda: kiosk.driver.says("已退掉"))
    assert kiosk.mine["state"] == "cancelled"
    assert not can(kiosk)


def test_a_reprint_is_marked(kiosk):
    scan(kiosk, kiosk.mine["url"])
    kiosk.at(Place.FOUND)
    kiosk.driver.tap("do-reprint")
    kiosk.at(Place.HELD)
    kiosk.paper(Paper.PRINTED)
    assert "补打" in "".join(kiosk.cable.simulator.tickets[-1].lines)
    assert len(kiosk.server.tickets) == 1


def rate_screen(kiosk):
    kiosk.mine["state"] = "done"
    scan(kiosk, kiosk.mine["url"])
    kiosk.at(Place.RATE)


def test_rated_once_thanked_and_home(kiosk):
    rate_screen(kiosk)
    for level in ("非常满意", "满意", "基本满意", "不满意", "非常不满意"):
        assert level in kiosk.driver.texts()
    kiosk.driver.tap("back")
    kiosk.at(Place.FOUND)
    assert can(kiosk) == {"do-rate"}
    kiosk.driver.tap("do-rate")
    kiosk.at(Place.RATE)
    kiosk.server.delay = 0.2
    kiosk.driver.tap("rate-4")
    kiosk.driver.tap("rate-1")
    kiosk.at(Place.THANKS)
    assert kiosk.server.ratings == {kiosk.mine["id"]: 4}
    assert len(kiosk.posts("/rating")) == 1
    kiosk.driver.advance(7)
    kiosk.at(Place.HOME)


def test_a_second_rating_is_thanked_and_not_counted(kiosk):
    kiosk.server.ratings[kiosk.mine["id"]] = 5
    rate_screen(kiosk)
    kiosk.driver.tap("rate-1")
    kiosk.at(Place.THANKS)
    assert kiosk.driver.says("已经评过了")
    assert kiosk.server.ratings == {kiosk.mine["id"]: 5}
    kiosk.driver.advance(7)
    kiosk.at(Place.HOME)


# -- the server ------------------------------------------------------------------------------------------------------


def test_away_while_looking_and_the_same_again(kiosk):
    kiosk.server.stop()
    scan(kiosk, kiosk.mine["url"])
    kiosk.at(Place.AWAY)
    assert kiosk.driver.says("现在查不了")
    kiosk.server.start()
    kiosk.driver.wait("home or found", lambda: kiosk.app.place is Place.HOME)


def test_a_trembling_finger_on_again_asks_nothing(kiosk):
    type_number(kiosk, "B77")
    kiosk.at(Place.UNFOUND)
    again = kiosk.driver.find("again")
    again.dispatch("on_release")
    again.dispatch("on_release")  # the screen is still sliding out
    kiosk.at(Place.FIND)
    kiosk.driver.run(0.2)
    assert kiosk.app.place is Place.FIND


def test_a_change_whose_answer_is_lost_is_asked_again_with_the_same_key(kiosk):
    missed(kiosk.mine)
    scan(kiosk, kiosk.mine["url"])
    kiosk.at(Place.FOUND)
    kiosk.server.stop()
    kiosk.driver.tap("do-back")
    kiosk.at(Place.AWAY)
    assert "again" in kiosk.driver.rects()
    kiosk.driver.tap("again")
    kiosk.at(Place.AWAY)
    kiosk.server.start()
    kiosk.driver.advance(AWAY_STAYS)  # the link may not have been away at all
    kiosk.at(Place.HOME)


def test_a_slow_answer_is_said(kiosk):
    kiosk.server.delay = 1.5
    scan(kiosk, kiosk.mine["url"])
    kiosk.driver.wait("the words", lambda: kiosk.driver.says("正在查，请稍等"))
    kiosk.at(Place.FOUND)


# -- two people ------------------------------------------------------------------------------------------------------


def test_nothing_of_the_first_is_left_for_the_second(kiosk):
    type_number(kiosk, "A001")
    kiosk.at(Place.FOUND)
    kiosk.driver.tap("back")
    kiosk.at(Place.FIND)
    kiosk.driver.tap("key-A")
    kiosk.driver.advance(81)
    kiosk.at(Place.HOME)
    assert kiosk.app.finding.typed == ""
    assert kiosk.app.visit.found == ()
    kiosk.driver.tap("find")
    kiosk.at(Place.FIND)
    texts = [str(getattr(widget, "text", "")) for widget in kiosk.driver.shown()]
    assert "A001" not in texts
    assert "look" not in kiosk.driver.rects()
