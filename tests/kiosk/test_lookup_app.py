"""The lookup terminal as a citizen meets it: touches on the glass, a real server over HTTP, a simulated printer."""

import threading

import pytest

from devices import registry
from kiosk.client import Client
from kiosk.lookup_flow import LOOKUP
from kiosk.places import Paper, Place
from kiosk.widgets.entry import Entry
from tests.kiosk.lookup_rig import guide_called, open_lookup, with_guides

ENROLMENT = "社保参保登记"  # its queue is line "social"


@pytest.fixture
def terminal(drive, server, tmp_path):
    """terminal(**options of open_lookup) opens one with the demo's guides, at home."""

    def start(**options):
        made = open_lookup(drive, with_guides(server), tmp_path / "copy", **options)
        made.home()
        return made

    return start


# -- finding ----------------------------------------------------------------------------------------------------------


def test_initials_typed_on_the_glass_find_a_guide(terminal):
    kiosk = terminal()
    kiosk.find("sbcbdj")
    guide = guide_called(ENROLMENT)
    assert next(name for name in kiosk.driver.rects() if name.startswith("guide-")) == f"guide-{guide.code}"
    kiosk.driver.tap(f"guide-{guide.code}")
    kiosk.at(Place.GUIDE)
    assert kiosk.driver.says(guide.name)
    kiosk.driver.tap("back")
    kiosk.at(Place.SEARCH)
    assert kiosk.driver.says("sbcbdj")


def test_the_list_follows_every_key(terminal):
    kiosk = terminal()
    kiosk.find("s")
    for letter in "bkshbk":
        before = kiosk.app.typing.found
        kiosk.driver.tap(f"key-{letter}")
        kiosk.driver.wait("hits", lambda before=before: kiosk.app.typing.found is not before)
    assert kiosk.app.typing.words == "sbkshbk"


def test_the_rows_are_told_anew_and_a_finger_opens_what_it_touched(terminal):
    kiosk = terminal()
    kiosk.find("gjj")
    rows = list(kiosk.driver.shown(Entry))
    kiosk.app.typing.clear()
    kiosk.type("sbk")
    kiosk.found()
    assert set(kiosk.driver.shown(Entry)) <= set(rows)
    touched = kiosk.driver.find(f"guide-{kiosk.app.typing.found.guides[0].code}")
    guide, touch = touched.guide, kiosk.driver.press(touched.testid)
    kiosk.app.typing.clear()
    kiosk.app.typing.add("gjj")
    kiosk.found()
    assert guide not in kiosk.app.typing.found.guides
    touch.touch_up()
    kiosk.at(Place.GUIDE)
    assert kiosk.app.guide == guide


def test_keys_delete_clear_and_space(terminal):
    kiosk = terminal()
    kiosk.find("ab c")
    kiosk.driver.tap("key-back")
    assert kiosk.app.typing.words == "ab "
    kiosk.driver.tap("key-clear")
    assert kiosk.app.typing.words == ""
    assert kiosk.driver.says("首字母")


def test_a_real_keyboard_types_words(terminal):
    kiosk = terminal()
    kiosk.driver.window.dispatch("on_textinput", "结婚")
    kiosk.at(Place.SEARCH)
    kiosk.found()
    assert kiosk.driver.says("结婚登记")
    kiosk.driver.window.dispatch("on_key_down", 8, 0, "", [])
    assert kiosk.app.typing.words == "结"
    kiosk.found()
    kiosk.driver.window.dispatch("on_key_down", 13, 0, "", [])
    kiosk.at(Place.GUIDE)


def test_whatever_is_typed_the_search_stays_up(terminal):
    kiosk = terminal()
    kiosk.driver.tap("search")
    kiosk.at(Place.SEARCH)
    for words in ("", " ", "x" * 500, "😀", '"*NEAR(', "a\x00\x1b\n", "'; DROP TABLE guides"):
        kiosk.app.typing.add(words)
        kiosk.driver.run(0.1)
        assert len(kiosk.app.typing.words) <= 40
        kiosk.driver.tap("key-clear")
    kiosk.type("sfz")
    kiosk.found()
    assert kiosk.driver.says("身份证")


def test_not_found_says_so_offers_three_and_is_reported_once(terminal):
    kiosk = terminal()
    kiosk.driver.tap("search")
    kiosk.at(Place.SEARCH)
    kiosk.app.typing.add("坐火箭去月球")
    kiosk.found()
    assert kiosk.driver.says("没有找到一样的")
    assert sum(name.startswith("guide-") for name in kiosk.driver.rects()) == 3
    assert not kiosk.posts("/guides/searches")  # not at every key
    kiosk.driver.tap("call")
    kiosk.driver.tap("help-yes")
    kiosk.driver.wait("somebody to come", lambda: kiosk.app.help == "coming")
    kiosk.driver.tap("help-close")
    assert kiosk.posts("/help")[0][1] == {"place": "lookup"}
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    kiosk.driver.wait("the report", lambda: kiosk.posts("/guides/searches"))
    kiosk.driver.run(0.2)
    assert [post[1] for post in kiosk.posts("/guides/searches")] == [{"words": "坐火箭去月球"}]


def test_a_question_is_answered_word_for_word_with_its_version(terminal):
    kiosk = terminal()
    kiosk.driver.window.dispatch("on_textinput", "办社保卡要带什么")
    kiosk.at(Place.SEARCH)
    kiosk.found()
    card = kiosk.driver.find("answer")
    assert guide_called("社保卡申领").materials[0].name in card.text
    assert "第 3 版" in card.source


def test_browsing_leads_to_every_guide_of_a_theme(terminal):
    kiosk = terminal()
    kiosk.driver.tap("tab-departments")
    kiosk.driver.tap("group-police")
    kiosk.at(Place.LIST)
    seen = {name for name in kiosk.driver.rects() if name.startswith("guide-")}
    for _ in range(3):
        kiosk.driver.tap("next")
        seen |= {name for name in kiosk.driver.rects() if name.startswith("guide-")}
    assert len(seen) == len(kiosk.app.snapshot.by_department("police"))
    kiosk.driver.tap(min(name for name in kiosk.driver.rects() if name.startswith("guide-")))
    kiosk.at(Place.GUIDE)
    kiosk.driver.tap("back")
    kiosk.at(Place.LIST)
    assert kiosk.app.shelf.page == 3  # where one was


def test_the_hall_s_facilities(terminal):
    kiosk = terminal()
    kiosk.driver.tap("facilities")
    kiosk.at(Place.FACILITIES)
    assert all(kiosk.driver.says(words) for words in ("休息区", "饮水", "手机充电", "母婴室", "复印打印"))
    kiosk.driver.tap("back")
    kiosk.at(Place.HOME)


# -- a guide ----------------------------------------------------------------------------------------------------------


def test_the_five_figures_come_first(terminal):
    kiosk = terminal()
    kiosk.open(guide_called(ENROLMENT))
    for words in ("要带什么", "多久办好", "收费", "哪个窗口", "要跑几次", "3 个工作日", "第 3 版，2025-01-01 起用"):
        assert kiosk.driver.says(words), words


def test_the_checklist_says_what_is_missing_and_is_printed_so(terminal):
    kiosk = terminal()
    kiosk.open(guide_called(ENROLMENT))
    kiosk.section("materials")
    assert kiosk.driver.says("还差 2 样")
    kiosk.driver.tap("tick-0")
    assert kiosk.driver.says("还差 1 样")
    assert kiosk.driver.says("我带了")
    kiosk.driver.tap("print")
    kiosk.leaflet(Paper.PRINTED)
    assert len(kiosk.papers()) == 1
    assert "材料清单" in kiosk.papers()[0]
    assert "还差1样" in kiosk.papers()[0]
    kiosk.driver.tap("leaflet-close")
    kiosk.driver.tap("tick-2")
    assert kiosk.driver.says("要带的都齐了")
    assert not kiosk.posts("/printed")  # no ticket


def test_ticks_are_gone_with_the_next_guide_and_at_home(terminal):
    kiosk = terminal()
    kiosk.open(guide_called(ENROLMENT))
    kiosk.section("materials")
    kiosk.driver.tap("tick-0")
    kiosk.driver.tap("home")
    kiosk.open(guide_called(ENROLMENT))
    assert kiosk.app.visit.ticked == set()


def test_no_paper_is_said_and_staff_are_called(terminal):
    kiosk = terminal()
    kiosk.cable.tell("paper out")
    kiosk.open(guide_called(ENROLMENT))
    kiosk.driver.tap("print")
    kiosk.leaflet(Paper.OUT)
    assert kiosk.driver.says("没纸了")
    kiosk.driver.wait("the call", lambda: kiosk.posts("/help"))
    kiosk.driver.tap("leaflet-close")
    assert kiosk.app.place is Place.GUIDE


def test_without_printer_and_voice_there_are_no_such_buttons(terminal):
    kiosk = terminal(printer=False)
    kiosk.open(guide_called(ENROLMENT))
    assert not {"print", "aloud"} & set(kiosk.driver.rects())
    assert "take" in kiosk.driver.rects()


def test_a_guide_is_read_aloud_and_hushed(terminal, tmp_path):
    said = tmp_path / "said"
    said.mkdir()
    voice = registry.open_device("voice", f"wav://{said}?pace=0", languages=["zh", "en"])
    kiosk = terminal(voice=voice)
    kiosk.open(guide_called(ENROLMENT))
    kiosk.driver.tap("aloud")
    kiosk.driver.wait("a sound", lambda: list(said.glob("*.txt")))
    kiosk.driver.wait("the end", lambda: not kiosk.app.reading)
    assert "社保参保登记" in next(iter(said.glob("*.txt"))).read_text("utf-8").replace(" ", "")
    kiosk.driver.tap("aloud")
    kiosk.driver.tap("home")
    kiosk.driver.wait("silence", lambda: not kiosk.app.reading)


# -- a number ---------------------------------------------------------------------------------------------------------


def test_take_a_ticket_for_this(terminal, server):
    server.waiting, server.range = {"social": 6}, {"low": 12, "high": 28}
    kiosk = terminal()
    kiosk.open(guide_called(ENROLMENT))
    assert kiosk.app.guide_screen.crowd == "等候 6 人 · 12 到 28 分钟"
    kiosk.driver.tap("take")
    kiosk.at(Place.TICKET)
    assert kiosk.driver.says("A001")
    kiosk.paper(Paper.PRINTED)
    assert "职工参保登记" in kiosk.papers()[0]
    assert kiosk.posts("/tickets")[0][1]["item"] == "employee-enrolment"
    kiosk.driver.wait("the report", lambda: kiosk.posts("/printed"))
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    assert not kiosk.driver.says("A001")


def test_a_double_tap_is_one_ticket(terminal, server):
    kiosk = terminal()
    server.delay = 0.3
    kiosk.open(guide_called(ENROLMENT))
    kiosk.driver.tap("take")
    kiosk.driver.tap("take")
    kiosk.at(Place.TICKET)
    assert len(server.tickets) == 1
    assert len(kiosk.posts("/tickets")) == 1


def test_a_lost_answer_and_another_try_are_one_ticket(terminal, server):
    kiosk = terminal()
    server.lost_answers = 1
    kiosk.open(guide_called(ENROLMENT))
    kiosk.driver.tap("take")
    kiosk.at(Place.AWAY)
    assert kiosk.driver.says("请到导办台")
    kiosk.driver.tap("again")
    kiosk.at(Place.TICKET)
    assert len({key for _, _, key in kiosk.posts("/tickets")}) == len(server.tickets) == 1


def test_a_closed_line_says_so_and_cannot_be_touched(terminal, server):
    server.closed = {"social"}
    kiosk = terminal()
    kiosk.open(guide_called(ENROLMENT))
    assert kiosk.driver.says("这一类现在不取号")
    assert "take" not in kiosk.driver.rects()


@pytest.mark.parametrize(
    ("reason", "title", "text"),
    [
        ("line_full", "“社会保障”今天的号取完了", "下次发号：11月26日 9:00"),
        ("line_closed", "这次没取到号", "社会保障"),
        ("hall_closed", "现在不上班", "下次开门：11月26日 9:00"),
        ("last_ticket", "今天不再发号了", "下次发号：11月26日 9:00"),
    ],
)
def test_a_refusal_says_the_server_s_reason_and_when_there_are_numbers_again(terminal, server, reason, title, text):
    line = {"line": "social"} if reason.startswith("line") else {}
    server.refuse = "no number"
    server.refusal_detail = {"reason": reason, "next_open": "2026-11-26T09:00:00+08:00", "other_lines": [], **line}
    kiosk = terminal()
    kiosk.open(guide_called(ENROLMENT))
    kiosk.driver.tap("take")
    kiosk.at(Place.REFUSED)
    assert title in kiosk.app.plight.title and text in kiosk.app.plight.text
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)


def test_a_guide_without_a_queue_here_is_shown_without_the_button(terminal):
    kiosk = terminal()
    lone = next(guide for guide in kiosk.app.snapshot.guides.values() if not any(place.queue for place in guide.places))
    kiosk.open(lone)
    assert kiosk.driver.says(lone.name)
    assert "take" not in kiosk.driver.rects()


def test_wherever_a_happening_leads_the_screen_is_that_of_the_place(terminal):
    app = terminal().app
    for place, happening in LOOKUP.steps:
        app.place = place
        app.happen(happening)
        assert LOOKUP.screens[app.place] in ("", app.screens.current), (place, happening)


# -- away, idle -------------------------------------------------------------------------------------------------------


def test_offline_the_copy_is_read_and_its_age_is_said(terminal, server, drive, tmp_path):
    terminal().driver.close()
    server.stop()
    kiosk = open_lookup(drive, server, tmp_path / "copy")
    kiosk.at(Place.HOME)
    kiosk.driver.wait("away", lambda: kiosk.app.link == "away")
    kiosk.driver.wait("the banner", lambda: kiosk.driver.says("网络断了，指南照常能看，是 1 分钟前核对过的"))
    kiosk.find("sbcbdj")
    kiosk.driver.tap(f"guide-{guide_called(ENROLMENT).code}")
    kiosk.at(Place.GUIDE)
    kiosk.driver.tap("take")
    kiosk.at(Place.AWAY)
    assert kiosk.driver.says("请到导办台")


def test_without_any_copy_it_says_what_to_do_and_opens_by_itself(drive, server, tmp_path):
    server.stop()
    kiosk = open_lookup(drive, server, tmp_path / "copy")
    kiosk.at(Place.EMPTY)
    assert kiosk.driver.says("请到导办台")
    with_guides(server)
    server.start()
    kiosk.at(Place.HOME, 30)


def test_left_alone_it_asks_and_forgets_language_size_and_words(terminal):
    kiosk = terminal()
    kiosk.driver.tap("lang")
    kiosk.driver.tap("size")
    kiosk.find("sfz")
    kiosk.driver.advance(61)
    kiosk.driver.wait("the question", lambda: "here" in kiosk.driver.rects())
    kiosk.driver.tap("here")
    assert kiosk.app.place is Place.SEARCH
    kiosk.driver.advance(81)
    kiosk.at(Place.HOME)
    assert (kiosk.app.lang, kiosk.app.elder, kiosk.app.typing.words) == ("zh", False, "")


def test_left_alone_at_home_the_language_is_reset_without_a_question(terminal):
    kiosk = terminal()
    kiosk.driver.tap("lang")
    kiosk.driver.tap("size")
    kiosk.driver.advance(81)
    kiosk.driver.wait("Chinese", lambda: kiosk.app.lang == "zh" and not kiosk.app.elder)


def test_nothing_waits_in_the_ui_thread(terminal, monkeypatch):
    threads, asked = set(), Client.ask
    monkeypatch.setattr(
        Client, "ask", lambda self, *rest: threads.add(threading.current_thread()) or asked(self, *rest)
    )
    kiosk = terminal()
    kiosk.open(guide_called(ENROLMENT))
    kiosk.driver.tap("take")
    kiosk.at(Place.TICKET)
    assert threads
    assert threading.main_thread() not in threads
