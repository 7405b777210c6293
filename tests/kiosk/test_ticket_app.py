"""The ticket kiosk as a citizen meets it: touches on the glass, a real server over HTTP, a simulated printer."""

import threading

from config import Kiosk
from kiosk import paper_template
from kiosk.app import TicketApp
from kiosk.client import Client
from kiosk.places import Paper, Place
from tests.kiosk.ticket_rig import Rig
from tests.kiosk.tickets import DEMO

# -- taking a number -------------------------------------------------------------------------------------------------


def test_two_touches_give_a_number_and_a_paper(rig):
    kiosk = rig()
    kiosk.server.waiting["social"] = 6
    kiosk.take()
    kiosk.at(Place.TICKET)
    assert kiosk.driver.says("A001")
    assert kiosk.driver.says("请到 A 区坐着等")
    assert kiosk.app.shown_ticket.ahead == "6"
    kiosk.paper(Paper.PRINTED)
    assert kiosk.driver.says("请在下方取票口取走您的票")
    assert len(kiosk.cable.simulator.tickets) == 1
    kiosk.driver.wait("the report", lambda: kiosk.posts("/printed"))
    assert kiosk.posts("/printed")[0][1] == {"ok": True, "doubt": False, "count": 1}
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    assert not kiosk.driver.says("A001")
    kiosk.driver.wait("the tile to count", lambda: kiosk.driver.find("line-social").crowd == "等候 7 人")


def test_a_double_tap_gives_one_ticket(rig):
    kiosk = rig()
    kiosk.server.delay = 0.3
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    kiosk.driver.tap("item-employee-enrolment")
    kiosk.driver.tap("item-employee-enrolment")
    kiosk.at(Place.TICKET)
    assert len(kiosk.server.tickets) == 1
    assert len(kiosk.posts("/tickets")) == 1


def test_a_lost_answer_and_another_try_give_one_ticket(rig):
    kiosk = rig()
    kiosk.server.lost_answers = 1
    kiosk.take()
    kiosk.at(Place.AWAY)
    assert kiosk.driver.says("请到导办台")
    kiosk.driver.tap("again")
    kiosk.at(Place.TICKET)
    assert len(kiosk.server.tickets) == 1
    assert len({key for _, _, key in kiosk.posts("/tickets")}) == 1


def test_two_citizens_get_two_keys(rig):
    kiosk = rig()
    for _ in range(2):
        kiosk.take()
        kiosk.at(Place.TICKET)
        kiosk.driver.tap("done")
        kiosk.at(Place.HOME)
    assert len({key for _, _, key in kiosk.posts("/tickets")}) == 2


def test_a_slow_server_is_said_and_frames_go_on(rig):
    kiosk = rig()
    kiosk.server.delay = 3.0
    kiosk.take()
    kiosk.driver.run(0.5)
    assert kiosk.driver.says("正在取号，请稍等")
    frames = 0
    while kiosk.app.place is Place.ISSUING:
        kiosk.driver.frames()
        frames += 1
    assert frames >= 5  # a UI thread that waited for the server would have drawn one
    kiosk.at(Place.TICKET)


def test_nothing_waits_in_the_ui_thread(rig, monkeypatch):
    threads = set()
    asked = Client.ask
    monkeypatch.setattr(
        Client, "ask", lambda self, *rest: threads.add(threading.current_thread()) or asked(self, *rest)
    )
    kiosk = rig()
    sent = kiosk.cable.connect
    kiosk.cable.connect = lambda: threads.add(threading.current_thread()) or sent()
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.PRINTED)
    assert threads
    assert threading.main_thread() not in threads


def test_without_a_printer_the_screen_says_how_to_keep_the_number(rig):
    kiosk = rig(printer=False)
    kiosk.take()
    kiosk.at(Place.TICKET)
    assert kiosk.driver.says("请拍下屏幕")


# -- paper -----------------------------------------------------------------------------------------------------------


def typed(kiosk):
    """What is typed on the last paper, without blanks."""
    return "".join("".join(kiosk.cable.simulator.tickets[-1].lines).split())


def test_the_paper_says_how_the_estimates_held(rig, server):
    server.range, server.record = {"low": 12, "high": 20}, {"social": (120, 97)}
    kiosk = rig()
    kiosk.driver.wait("the record", lambda: kiosk.app.kept)
    kiosk.take()
    kiosk.paper(Paper.PRINTED)
    assert "近7天，10次里有8次在估计的时间内叫到" in typed(kiosk)


def test_the_hall_s_own_layout_in_elder_mode(rig):
    kiosk = rig()
    kiosk.take()
    kiosk.paper(Paper.PRINTED)
    assert "老花镜" not in typed(kiosk)
    kiosk.app.template, kiosk.app.elder = paper_template.read(DEMO / "ticket.toml"), True
    kiosk.app.print_ticket()
    kiosk.driver.wait("another paper", lambda: len(kiosk.cable.simulator.tickets) == 2)
    assert "老花镜、轮椅，导办台可借" in typed(kiosk)
    assert "预约20分钟" not in typed(kiosk), "the short promise"


def test_paper_out_keeps_the_number(rig):
    kiosk = rig()
    kiosk.cable.tell("paper out")
    kiosk.driver.wait("the banner", lambda: kiosk.driver.says("打印机暂时用不了"))
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.OUT)
    assert kiosk.driver.says("没纸了")
    assert kiosk.app.account()["state"] == {
        "server": "here", "printer": "refusing", "leaflet": "none", "number": "A001", "paper": "out",
        "reader": "", "card": "none", "class": "",
    }  # fmt: skip
    kiosk.driver.wait("the report", lambda: kiosk.posts("/printed"))
    assert kiosk.posts("/printed")[0][1]["ok"] is False
    assert len(kiosk.posts("/help")) == 1  # "已经叫人来换纸" is true
    kiosk.cable.tell("paper ok")
    kiosk.driver.wait("a reprint to be offered", lambda: "reprint" in kiosk.driver.rects())
    kiosk.driver.tap("reprint")
    kiosk.paper(Paper.PRINTED)
    assert "补打" in "".join(kiosk.cable.simulator.tickets[-1].lines)
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    assert not kiosk.driver.says("打印机暂时用不了")


def test_staff_are_called_once_for_one_empty_roll(rig):
    kiosk = rig()
    kiosk.cable.tell("paper out")
    for _ in range(2):
        kiosk.take()
        kiosk.at(Place.TICKET)
        kiosk.paper(Paper.OUT)
        kiosk.driver.tap("done")
        kiosk.at(Place.HOME)
    kiosk.driver.wait("both reports", lambda: len(kiosk.posts("/printed")) == 2)
    assert len(kiosk.posts("/help")) == 1


def test_a_silent_printer_is_a_fault_with_words(rig):
    kiosk = rig()
    kiosk.cable.tell("silent on")
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.FAULT)
    assert kiosk.driver.says("打印机没打出来。您已经排上：A001 号")


def test_a_job_in_doubt_offers_a_reprint(rig):
    kiosk = rig()
    kiosk.cable.tell("slow 60")
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.DOUBT, 40)
    assert kiosk.driver.says("票可能没打好")
    kiosk.driver.wait("the report", lambda: kiosk.posts("/printed"))
    assert kiosk.posts("/printed")[0][1] == {"ok": False, "doubt": True, "count": 1}
    assert "reprint" in kiosk.driver.rects()


def test_a_late_paper_does_not_speak_to_the_next_citizen(rig):
    kiosk = rig()
    kiosk.cable.tell("slow 2")
    kiosk.take()
    kiosk.at(Place.TICKET)
    first = kiosk.app.visit
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    kiosk.driver.wait("the first paper", lambda: first.paper is not Paper.PRINTING, 20)
    assert kiosk.app.visit.paper is Paper.NONE
    assert kiosk.app.place is Place.HOME


def test_the_printer_s_health_is_told(rig):
    kiosk = rig()
    kiosk.cable.tell("cover open")
    kiosk.driver.wait("a heartbeat", lambda: len(kiosk.posts("/devices/heartbeat")) >= 2)
    told = kiosk.posts("/devices/heartbeat")[-1][1]
    assert told["machine"] == "1"
    assert told["devices"][0]["name"] == "printer"
    assert told["devices"][0]["state"] == "refusing"


# -- the server ------------------------------------------------------------------------------------------------------


def test_server_away_and_back(rig):
    kiosk = rig()
    kiosk.server.stop()
    kiosk.driver.wait("the banner", lambda: kiosk.driver.says("现在取不了号。请到导办台"))
    assert kiosk.driver.find("line-social").crowd == ""  # what is stale is not shown
    kiosk.driver.tap("line-social")
    kiosk.at(Place.AWAY)
    assert "again" not in kiosk.driver.rects()
    kiosk.server.start()
    kiosk.at(Place.HOME)
    assert kiosk.app.banner == ""


def start_only(drive, server):
    settings = Kiosk(server=server.url, hall="linjiang", token_file="-")
    return Rig(drive(TicketApp(settings, Client(server.url, "linjiang", "token"))), server, None)


def test_the_first_frame_does_not_wait_for_the_server(drive, server):
    server.reading = 1.5
    kiosk = start_only(drive, server)
    assert kiosk.app.place is Place.OPENING
    assert kiosk.driver.says("正在打开")
    assert not list(kiosk.driver.overflows())
    kiosk.home()


def test_before_the_server_is_there_the_kiosk_says_so(drive, server):
    server.stop()
    kiosk = start_only(drive, server)
    kiosk.at(Place.AWAY)
    assert kiosk.driver.says("请到导办台")
    server.start()
    kiosk.home()


def test_a_refusal_is_said_in_words(rig):
    kiosk = rig(language="en")
    kiosk.server.refuse = "the class is not given here"
    kiosk.take()
    kiosk.at(Place.REFUSED)
    assert kiosk.driver.says("The class is not given here")
    kiosk.driver.tap("lang")
    assert kiosk.driver.says("这件事现在取不了号")
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)


def test_closed_hours_are_said_with_the_next_opening(rig):
    kiosk = rig()
    kiosk.server.refuse, kiosk.server.refusal_detail = "closed", {"next_open": "2026-11-26T01:00:00+00:00"}
    kiosk.take()
    kiosk.at(Place.REFUSED)
    assert kiosk.driver.says("现在不发号。下次发号：11月26日 9:00。")


def test_a_closed_line_says_so_before_anything_is_asked(rig):
    kiosk = rig()
    kiosk.server.closed = {"tax"}
    kiosk.app.follower.refresh()
    kiosk.driver.wait("the tile", lambda: kiosk.driver.find("line-tax").crowd == "暂不取号")
    kiosk.driver.tap("line-tax")
    kiosk.at(Place.REFUSED)
    assert kiosk.driver.says("“税务服务”现在不发号")


# -- time-outs -------------------------------------------------------------------------------------------------------


def test_left_alone_it_asks_then_goes_home_in_chinese(rig):
    kiosk = rig()
    kiosk.driver.tap("lang")
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    kiosk.driver.advance(45)
    kiosk.driver.run(0.3)
    assert "here" not in kiosk.driver.rects()
    kiosk.driver.advance(17)
    kiosk.driver.wait("the question", lambda: kiosk.driver.says("Are you still there?"))
    kiosk.driver.tap("here")
    kiosk.driver.run(0.3)
    assert kiosk.app.place is Place.ITEMS
    kiosk.driver.advance(61)
    kiosk.driver.wait("the question again", lambda: "here" in kiosk.driver.rects())
    kiosk.driver.advance(21)
    kiosk.at(Place.HOME)
    assert kiosk.app.lang == "zh"
    assert "here" not in kiosk.driver.rects()


def test_home_left_in_english_turns_back_without_a_question(rig):
    kiosk = rig()
    kiosk.driver.tap("lang")
    assert kiosk.driver.says("Social security")
    kiosk.driver.advance(81)
    kiosk.driver.wait("Chinese", lambda: kiosk.app.lang == "zh")


def test_a_ticket_counts_down_to_home(rig):
    kiosk = rig(ticket_seconds=20)
    kiosk.take()
    kiosk.paper(Paper.PRINTED)
    kiosk.driver.advance(15)
    kiosk.driver.run(0.3)
    assert kiosk.app.place is Place.TICKET
    kiosk.driver.advance(6)
    kiosk.at(Place.HOME)


def test_a_ticket_without_paper_stays_longer(rig):
    kiosk = rig(printer=False, ticket_seconds=20, idle_home=60)
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.driver.advance(50)
    kiosk.driver.run(0.3)
    assert kiosk.app.place is Place.TICKET
    kiosk.driver.advance(12)
    kiosk.at(Place.HOME)


# -- help and language -----------------------------------------------------------------------------------------------


def test_help_asks_first_and_says_what_happens(rig):
    kiosk = rig()
    kiosk.driver.tap("help")
    assert not kiosk.posts("/help")
    kiosk.driver.tap("help-no")
    assert "help-yes" not in kiosk.driver.rects()
    kiosk.driver.tap("help")
    kiosk.driver.tap("help-yes")
    kiosk.driver.wait("the answer", lambda: kiosk.driver.says("已经告诉导办员"))
    assert kiosk.posts("/help")[0][1] == {"place": "1"}
    kiosk.driver.tap("help-close")
    assert kiosk.app.place is Place.HOME


def test_help_that_fails_sends_to_the_desk(rig):
    kiosk = rig()
    kiosk.server.stop()
    kiosk.driver.tap("help")
    kiosk.driver.tap("help-yes")
    kiosk.driver.wait("the answer", lambda: kiosk.driver.says("请直接到导办台"))


def test_under_a_question_nothing_can_be_touched(rig):
    kiosk = rig()
    kiosk.driver.tap("help")
    kiosk.driver.tap("line-social")
    assert kiosk.app.place is Place.HOME


def test_the_language_turns_every_word_of_a_ticket(rig):
    kiosk = rig()
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.driver.tap("lang")
    assert kiosk.driver.says("Employee enrolment")
    assert kiosk.driver.says("You are in the queue")


def test_a_fault_in_a_callback_does_not_end_the_kiosk(rig, caplog):
    from kivy.clock import Clock

    kiosk = rig()
    Clock.schedule_once(lambda _dt: 1 / 0)
    kiosk.driver.frames(3)
    assert "a screen failed and goes on" in caplog.text
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)


def test_f1_and_escape_do_nothing(rig):
    kiosk = rig()
    for key, scan in ((282, 58), (27, 41)):
        kiosk.driver.window.dispatch("on_keyboard", key, scan, "", [])
    kiosk.driver.frames(3)
    assert kiosk.app.place is Place.HOME
    assert len(kiosk.driver.window.children) == 1
    assert kiosk.app.open_settings() is False


# -- other settings --------------------------------------------------------------------------------------------------


def settle(kiosk, **update):
    """The manager changes the hall's settings."""
    kiosk.server.settings = kiosk.server.settings.model_copy(update=update)
    kiosk.server.tell("settings.changed")


def without(entries, *ids):
    return tuple(one for one in entries if one.id not in ids)


def test_changed_settings_are_on_the_glass_at_once(rig):
    kiosk = rig()
    hall = kiosk.server.settings
    renamed = hall.lines[1].model_copy(update={"name": hall.name})
    settle(kiosk, lines=(renamed, *hall.lines[2:]), items=tuple(one for one in hall.items if one.line != "social"))
    kiosk.driver.wait("the retired line to go", lambda: "line-social" not in kiosk.driver.rects())
    kiosk.driver.wait("the new name", lambda: kiosk.driver.find("line-medical").title == hall.name.zh)
    kiosk.take("medical", "medical-claim")
    kiosk.at(Place.TICKET)


def test_items_that_are_retired_go_from_under_the_citizens_finger(rig):
    """Case 22: at once, wherever the citizen is."""
    kiosk = rig()
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    settle(kiosk, items=without(kiosk.server.settings.items, "employee-enrolment"))
    kiosk.driver.wait("the item to go", lambda: "item-employee-enrolment" not in kiosk.driver.rects())
    assert kiosk.app.place is Place.ITEMS
    hall = kiosk.server.settings
    settle(kiosk, lines=without(hall.lines, "social"), items=tuple(one for one in hall.items if one.line != "social"))
    kiosk.at(Place.HOME)


def test_a_hall_that_could_not_be_fetched_is_fetched_again(rig, monkeypatch):
    kiosk = rig()
    monkeypatch.setattr("kiosk.terminal.LEARN_AGAIN", 0.1)
    answer, kiosk.server.hall_json = kiosk.server.hall_json, lambda: 1 / 0
    settle(kiosk, lines=without(kiosk.server.settings.lines, "general"), items=kiosk.server.settings.items[:-3])
    kiosk.driver.run(0.3)
    kiosk.server.hall_json = answer
    kiosk.driver.wait("the line to go", lambda: "line-general" not in kiosk.driver.rects())


def test_the_key_of_the_day_is_asked_for_again_under_other_settings(rig):
    kiosk = rig()
    now = kiosk.app.now()
    first = kiosk.app.client.day_key(now)
    assert kiosk.app.client.day_key(now) is first
    settle(kiosk, phone="1")
    kiosk.driver.wait("the hall", lambda: kiosk.app.hall.phone == "1")
    assert kiosk.app.client.day_key(now) is not first


def test_where_nobody_serves_a_line_that_is_said_instead_of_a_time(rig, server):
    server.no_window = True
    kiosk = rig()
    assert kiosk.driver.find("line-social").span == "暂无开放窗口"
    kiosk.take()
    kiosk.at(Place.TICKET)
    assert kiosk.driver.says("暂无开放窗口")
    kiosk.paper(Paper.PRINTED)
    assert "暂无开放窗口" in "".join(kiosk.cable.simulator.tickets[-1].lines)


def test_a_newcomer_s_longer_estimate_is_not_shown_at_once(rig, server):
    server.range = {"low": 10, "high": 20}
    kiosk = rig()
    kiosk.driver.wait("the range", lambda: kiosk.driver.find("line-social").span == "10 到 20 分钟")
    server.range = {"low": 15, "high": 30}
    server.tell("ticket.issued")
    kiosk.driver.wait("the next board", lambda: kiosk.driver.find("line-social").span == "15 到 20 分钟")
