"""A number with an ID card, and every way around it: touches on the glass, a simulated reader, a real server."""

import hashlib
import hmac
import threading
from datetime import date

import pytest

from devices.sdt.samples import person as sample
from kiosk.places import Paper, Place
from kiosk.widgets.label import Label

OLD, YOUNG = "resident 1950-02-28 王样本", "resident 1985-03-14 李样本"
FIND, STATE, SELECT, READ = (bytes.fromhex(code) for code in ("2001", "11ff", "2002", "3001"))


@pytest.fixture
def kiosk(rig):
    made = rig(reader=True)
    made.at_rest()
    return made


def issued(kiosk):
    """The requests for a ticket."""
    return [body for _, body, _ in kiosk.posts("/tickets")]


def lay_and_agree(kiosk, words):
    kiosk.lay(words)
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")


def lift(kiosk):
    kiosk.lay("none")
    kiosk.driver.wait("the card to be gone", lambda: not kiosk.app.identity.there)


# -- card first ------------------------------------------------------------------------------------------------------


def test_card_first_old_enough_and_willing(kiosk):
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.OFFER)
    assert kiosk.driver.says("您满 60 岁，可以优先：\n算您早到 15 分钟。要用吗？")
    kiosk.driver.tap("class-yes")
    kiosk.at(Place.LINES)
    assert kiosk.app.identity.masked == "王*本"
    assert "card" not in kiosk.driver.rects()
    kiosk.take()
    kiosk.at(Place.TICKET)
    (body,) = issued(kiosk)
    said = f"resident|{sample(birth=date(1950, 2, 28), name='王样本').number}".encode()
    token = hmac.new(kiosk.server.day_keys[0], said, hashlib.sha256).hexdigest()
    assert body == {
        "item": "employee-enrolment", "source": "kiosk", "lang": "zh",
        "class": "elderly", "masked_name": "王*本", "card_token": token,
    }  # fmt: skip
    kiosk.paper(Paper.PRINTED)
    assert kiosk.driver.says("别忘了拿回证件")
    lift(kiosk)
    assert kiosk.driver.says("请在下方取票口取走您的票")


def test_the_class_is_never_forced(kiosk):
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.OFFER)
    kiosk.driver.tap("class-no")
    kiosk.at(Place.LINES)
    kiosk.take()
    kiosk.at(Place.TICKET)
    assert "class" not in issued(kiosk)[0]
    assert issued(kiosk)[0]["masked_name"] == "王*本"


def test_too_young_for_the_class_goes_straight_on(kiosk):
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.LINES)
    kiosk.take()
    kiosk.at(Place.TICKET)
    assert "class" not in issued(kiosk)[0]
    assert len(issued(kiosk)[0]["card_token"]) == 64


@pytest.mark.parametrize(("age", "place"), [(59, Place.LINES), (60, Place.OFFER)])
def test_sixty_today_is_old_enough(kiosk, age, place):
    today = kiosk.app.now().date()
    # who is 60 tomorrow is 59 today; 29 February is nobody's day here
    birth = date(today.year - 60, today.month, today.day) if age == 60 else date(today.year - 59, 1, 1)
    lay_and_agree(kiosk, f"resident {birth}")
    kiosk.at(place)


def test_the_tile_is_the_same_as_laying_the_card(kiosk):
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LAY)
    assert kiosk.driver.says("请放证件")
    kiosk.lay(YOUNG)
    kiosk.at(Place.LINES)


def test_a_card_laid_but_not_wanted(kiosk):
    kiosk.lay(OLD)
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.LINES)
    kiosk.take()
    kiosk.at(Place.TICKET)  # not asked again
    assert issued(kiosk) == [{"item": "employee-enrolment", "source": "kiosk", "lang": "zh"}]
    assert SELECT not in kiosk.reader.simulator.heard


def test_another_mind_after_the_first_no(kiosk):
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.LINES)
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.lay(YOUNG)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LINES)
    assert kiosk.app.identity.masked


def test_back_from_the_items_keeps_the_card(kiosk):
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.LINES)
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    kiosk.driver.tap("back")
    kiosk.at(Place.LINES)
    assert kiosk.app.identity.masked == "李*本"
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    assert kiosk.app.identity.masked == ""


def test_forgetting_on_home_ends_the_visit(kiosk):
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.LINES)
    kiosk.driver.tap("forget")
    kiosk.at(Place.HOME)
    assert kiosk.app.visit.person is None


def test_forgetting_among_the_items_asks_anew(kiosk):
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.OFFER)
    kiosk.driver.tap("class-yes")
    kiosk.at(Place.LINES)
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    kiosk.driver.tap("forget")
    kiosk.driver.run(0.1)
    assert "forget" not in kiosk.driver.rects()
    kiosk.driver.tap("item-employee-enrolment")
    kiosk.at(Place.CHOICE)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)
    assert set(issued(kiosk)[0]) == {"item", "source", "lang"}


# -- item first ------------------------------------------------------------------------------------------------------


def choose(kiosk):
    kiosk.take()
    kiosk.at(Place.CHOICE)


def test_item_first_then_card_then_class(kiosk):
    choose(kiosk)
    assert kiosk.driver.says("职工参保登记")
    kiosk.driver.tap("withcard")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LAY)
    kiosk.lay(OLD)
    kiosk.at(Place.OFFER)
    kiosk.driver.tap("class-yes")
    kiosk.at(Place.TICKET)
    assert issued(kiosk)[0]["class"] == "elderly"


def test_item_first_and_the_card_laid_instead_of_a_touch(kiosk):
    choose(kiosk)
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.TICKET)
    assert issued(kiosk)[0]["masked_name"] == "李*本"


def test_item_first_without_a_card_is_three_touches(kiosk):
    choose(kiosk)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)
    assert issued(kiosk) == [{"item": "employee-enrolment", "source": "kiosk", "lang": "zh"}]


def test_a_double_tap_on_no_card_is_one_ticket(kiosk):
    choose(kiosk)
    kiosk.server.delay = 0.3
    kiosk.driver.tap("nocard")
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)
    assert len(issued(kiosk)) == 1


def test_back_from_the_choice(kiosk):
    choose(kiosk)
    kiosk.driver.tap("back")
    kiosk.at(Place.ITEMS)
    kiosk.driver.tap("item-social-card")
    kiosk.at(Place.CHOICE)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)
    assert issued(kiosk)[0]["item"] == "social-card"


def test_no_card_at_the_notice_issues_at_once(kiosk):
    choose(kiosk)
    kiosk.driver.tap("withcard")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)


# -- no reader -------------------------------------------------------------------------------------------------------


def test_without_a_reader_nothing_speaks_of_cards(rig):
    kiosk = rig()
    assert "card" not in kiosk.driver.rects()
    assert not kiosk.driver.says("身份证取号")
    kiosk.take()
    kiosk.at(Place.TICKET)


def test_a_hall_that_gives_the_class_only_by_staff_offers_none(rig, server):
    classes = {name: rule.model_copy(update={"kiosk": False}) for name, rule in server.settings.classes.items()}
    server.settings = server.settings.model_copy(update={"classes": classes})
    kiosk = rig(reader=True)
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.LINES)


# -- cards that cannot be read ---------------------------------------------------------------------------------------


def test_unreadable_three_times_then_without(kiosk):
    choose(kiosk)
    kiosk.reader.tell("read_fails on")
    lay_and_agree(kiosk, OLD)
    for _ in range(2):
        kiosk.at(Place.UNREADABLE)
        assert kiosk.driver.says("没读出来。请把证件拿开，再平放一次")
        assert kiosk.app.account()["state"]["card"] == "unreadable"
        lift(kiosk)
        kiosk.lay(OLD)
        kiosk.driver.wait("another reading", lambda: kiosk.app.place is not Place.UNREADABLE)
    kiosk.at(Place.GIVE_UP)
    assert kiosk.driver.says("还是读不出，没关系")
    assert "retry" not in kiosk.driver.rects()
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)
    assert set(issued(kiosk)[0]) == {"item", "source", "lang"}


def test_the_second_try_works(kiosk):
    kiosk.reader.tell("read_fails on")
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.UNREADABLE)
    kiosk.reader.tell("read_fails off")
    lift(kiosk)
    kiosk.lay(YOUNG)
    kiosk.at(Place.LINES)


def test_retry_without_waiting_leads_to_laying_it(kiosk):
    kiosk.reader.tell("read_fails on")
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.UNREADABLE)
    kiosk.driver.wait("the reader to refuse the card", lambda: not kiosk.app.identity.there)
    kiosk.driver.tap("retry")
    kiosk.at(Place.LAY)
    kiosk.reader.tell("read_fails off")
    lift(kiosk)
    kiosk.lay(YOUNG)
    kiosk.at(Place.LINES)


def test_a_card_lifted_while_reading(kiosk):
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.lay(YOUNG)
    kiosk.driver.wait("the card", lambda: kiosk.app.identity.there)
    kiosk.reader.tell("leaves selected")  # which looking never does
    kiosk.driver.tap("agree")
    kiosk.at(Place.UNREADABLE)
    kiosk.driver.wait("it to be gone", lambda: not kiosk.app.identity.there)
    kiosk.lay(YOUNG)
    kiosk.at(Place.LINES)


def test_no_card_is_possible_while_it_is_read_and_what_was_read_is_dropped(kiosk):
    choose(kiosk)
    kiosk.reader.tell("slow 0.4")
    lay_and_agree(kiosk, OLD)
    kiosk.driver.wait("the reading", lambda: kiosk.app.place is Place.READING)
    kiosk.driver.run(0.3)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)
    kiosk.driver.run(2)
    assert set(issued(kiosk)[0]) == {"item", "source", "lang"}
    assert kiosk.app.visit.person is None


# -- a reader in trouble ---------------------------------------------------------------------------------------------


def test_an_unplugged_reader_and_back(kiosk):
    kiosk.reader.unplug()
    kiosk.driver.wait("the tile to say so", lambda: kiosk.driver.says("读卡器暂时用不了"))
    assert "card" not in kiosk.driver.rects()
    kiosk.take()
    kiosk.at(Place.TICKET)  # not even asked
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    kiosk.reader.plug()
    kiosk.driver.wait("the tile", lambda: "card" in kiosk.driver.rects())
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.LINES)


def test_unplugged_while_the_card_is_awaited_and_back(kiosk):
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LAY)
    kiosk.reader.unplug()
    kiosk.at(Place.NO_READER)
    assert kiosk.driver.says("不用证件也能取号")
    kiosk.lay(YOUNG)
    kiosk.reader.plug()
    kiosk.at(Place.LINES)


def test_a_reader_that_falls_silent_while_reading(kiosk):
    choose(kiosk)
    kiosk.lay(OLD)
    kiosk.at(Place.PRIVACY)
    kiosk.reader.tell("silent on")
    kiosk.driver.tap("agree")
    kiosk.at(Place.NO_READER, 20)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)


def test_a_broken_reader_at_the_choice_leaves_the_other_answer(kiosk):
    choose(kiosk)
    kiosk.reader.tell("module broken")
    kiosk.driver.wait("the answer to go", lambda: "withcard" not in kiosk.driver.rects())
    assert kiosk.driver.says("读卡器暂时用不了")
    kiosk.driver.tap("nocard")
    kiosk.at(Place.TICKET)


def test_the_reader_is_never_waited_for_in_the_ui_thread(kiosk):
    threads, listen = set(), kiosk.reader.simulator.receive
    kiosk.reader.simulator.receive = lambda data: threads.add(threading.current_thread()) or listen(data)
    lay_and_agree(kiosk, YOUNG)
    kiosk.at(Place.LINES)
    assert threads
    assert threading.main_thread() not in threads


def test_printer_and_reader_are_told_under_their_names(rig):
    kiosk = rig(reader=True, names=("till", "cards"))
    kiosk.at_rest()
    kiosk.reader.tell("module broken")
    kiosk.cable.tell("cover open")

    def told():
        devices = [body["devices"][0] for _, body, _ in kiosk.posts("/devices/heartbeat")]
        return {(one["name"], one["state"]) for one in devices}

    wanted = {("till", "ready"), ("till", "refusing"), ("cards", "ready"), ("cards", "refusing")}
    kiosk.driver.wait("both", lambda: told() == wanted)


# -- the server ------------------------------------------------------------------------------------------------------


def take_with_card(kiosk, words):
    lay_and_agree(kiosk, words)
    kiosk.at(Place.LINES)
    lift(kiosk)
    kiosk.take()


def test_who_has_a_number_in_the_line_is_shown_it(kiosk):
    take_with_card(kiosk, YOUNG)
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.PRINTED)
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    take_with_card(kiosk, YOUNG)
    kiosk.at(Place.HELD)
    assert kiosk.driver.says("您已经有号了")
    assert kiosk.app.shown_ticket.number == "A001"
    assert len(kiosk.cable.simulator.tickets) == 1  # no second paper unasked
    kiosk.driver.tap("reprint")
    kiosk.paper(Paper.PRINTED)
    assert "补打" in "".join(kiosk.cable.simulator.tickets[-1].lines)
    assert len(kiosk.server.tickets) == 1
    kiosk.driver.advance(21)
    kiosk.at(Place.HOME)


def test_without_a_key_the_number_is_given_with_the_class(kiosk):
    kiosk.server.key_refused = True
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.OFFER)
    kiosk.driver.tap("class-yes")
    kiosk.at(Place.LINES)
    kiosk.take()
    kiosk.at(Place.TICKET)
    assert issued(kiosk)[0]["class"] == "elderly"
    assert "card_token" not in issued(kiosk)[0]


def test_away_a_laid_card_says_so_at_once(kiosk):
    kiosk.server.stop()
    kiosk.driver.wait("away", lambda: kiosk.app.link == "away")
    kiosk.lay(YOUNG)
    kiosk.at(Place.AWAY)


def test_a_lost_answer_and_another_try_carry_the_same_person(kiosk):
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.OFFER)
    kiosk.driver.tap("class-yes")
    kiosk.at(Place.LINES)
    kiosk.server.lost_answers = 1
    kiosk.take()
    kiosk.at(Place.AWAY)
    kiosk.driver.tap("again")
    kiosk.at(Place.TICKET)
    first, second = issued(kiosk)
    assert first == second
    assert len(kiosk.server.tickets) == 1


# -- consent ---------------------------------------------------------------------------------------------------------


def test_before_the_yes_the_reader_is_only_asked_whether_a_card_lies_there(kiosk):
    """`20 01`: a card is there or not. `11 FF` asks the reader for its own state; there need be no card for that."""
    heard = kiosk.reader.simulator.heard
    kiosk.lay(OLD)
    kiosk.at(Place.PRIVACY)
    kiosk.driver.run(3)
    kiosk.driver.tap("lang")
    kiosk.driver.run(0.5)
    assert FIND in heard
    assert set(heard) <= {FIND, STATE}
    kiosk.driver.tap("agree")
    kiosk.at(Place.OFFER)
    commands = [code for code in heard if code != STATE]
    first = commands.index(SELECT)
    assert set(commands[:first]) == {FIND}
    assert commands[first + 1] == READ
    assert commands.count(READ) == 1


def test_walking_everywhere_without_a_yes_reads_nothing(kiosk):
    kiosk.lay(OLD)
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("nocard")
    kiosk.at(Place.LINES)
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    kiosk.driver.run(1)
    kiosk.app.identity.read()  # even if something asked for it
    kiosk.driver.run(0.5)
    assert set(kiosk.reader.simulator.heard) <= {FIND, STATE}


def test_the_notice_is_shown_in_every_visit(kiosk):
    for _ in range(2):
        lay_and_agree(kiosk, YOUNG)
        kiosk.at(Place.LINES)
        kiosk.driver.tap("home")
        kiosk.at(Place.HOME)
        lift(kiosk)


def test_the_notice_says_all_six_lines(kiosk):
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    for key in ("what", "why", "how", "keep", "rights"):
        assert kiosk.driver.says(kiosk.app.say("zh", f"privacy.{key}"))
    assert kiosk.driver.says("谁来读：临江市政务服务中心，电话 0900-5550101。")
    yes, no = (kiosk.driver.find(name) for name in ("agree", "nocard"))
    assert tuple(yes.size) == tuple(no.size)
    assert yes.face_up == no.face_up


# -- one after the other ---------------------------------------------------------------------------------------------


def test_a_card_left_behind_is_nobody_else_s(kiosk):
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.OFFER)
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    kiosk.driver.run(1)
    assert kiosk.app.place is Place.HOME  # it lies there, and nothing begins by itself
    assert kiosk.driver.says("读卡区放着一张证件")
    reads = kiosk.reader.simulator.heard.count(READ)
    kiosk.driver.tap("card")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LAY)
    kiosk.driver.run(1)
    assert kiosk.driver.says("读卡区放着一张证件")
    assert kiosk.reader.simulator.heard.count(READ) == reads
    lift(kiosk)
    kiosk.driver.run(0.1)
    assert kiosk.driver.says("平放在读卡区")
    kiosk.lay(YOUNG)
    kiosk.at(Place.LINES)
    assert kiosk.app.identity.masked == "李*本"


def test_a_reading_that_ends_after_its_citizen_left_is_nobody_s(kiosk):
    kiosk.reader.tell("slow 0.5")
    lay_and_agree(kiosk, OLD)
    kiosk.driver.wait("the reading", lambda: kiosk.app.place is Place.READING)
    kiosk.driver.run(0.3)
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    kiosk.driver.run(3)
    assert kiosk.app.place is Place.HOME
    assert kiosk.app.visit.person is None
    assert kiosk.app.identity.masked == ""


def test_left_alone_with_a_card_it_asks_and_forgets(kiosk):
    lay_and_agree(kiosk, OLD)
    kiosk.at(Place.OFFER)
    kiosk.driver.tap("class-yes")
    kiosk.at(Place.LINES)
    kiosk.driver.advance(61)
    kiosk.driver.wait("the question", lambda: "here" in kiosk.driver.rects())
    kiosk.driver.advance(21)
    kiosk.at(Place.HOME)
    assert kiosk.app.visit.person is None
    assert kiosk.app.account()["state"]["class"] == ""


# -- what is told outside --------------------------------------------------------------------------------------------


def test_the_dump_s_state_through_a_visit(kiosk):
    def state():
        told = kiosk.app.account()["state"]
        return told["card"], told["class"]

    assert state() == ("none", "")
    kiosk.lay(OLD)
    kiosk.at(Place.PRIVACY)
    assert state() == ("laid", "")
    kiosk.reader.tell("slow 0.2")
    kiosk.driver.tap("agree")
    kiosk.driver.wait("the reading", lambda: state() == ("reading", ""))
    kiosk.at(Place.OFFER)
    assert state() == ("read", "")
    kiosk.driver.tap("class-yes")
    kiosk.at(Place.LINES)
    assert state() == ("read", "elderly")
    kiosk.reader.tell("slow 0")
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    lift(kiosk)
    assert state() == ("none", "")


def test_a_name_with_a_character_no_font_has_is_drawn_with_a_box(kiosk):
    rare = "\U0003134f"
    kiosk.reader.simulator.lay(sample(name=f"{rare}样本"))
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LINES)
    assert kiosk.app.identity.masked == f"{rare}*本"
    (label,) = [one for one in kiosk.driver.shown(Label) if rare in one.text]
    assert "□*本" in label._label.text
    kiosk.take()
    kiosk.at(Place.TICKET)
    assert issued(kiosk)[0]["masked_name"] == f"{rare}*本"
