"""Every screen in both languages keeps the house's rules: words inside their boxes, big targets, glyphs, contrast."""

import itertools

import pytest
from fontTools.ttLib import TTFont
from kivy.uix.label import Label

from config import load_hall
from devices import fonts
from kiosk import dump
from kiosk.places import Paper, Place
from kiosk.theme import Colour, Mm, contrast, rgba
from kiosk.widgets.answer import Answer
from kiosk.widgets.frame import FootKey
from kiosk.widgets.parts import BackButton, Badge, Card, Icon, Pill, Primary
from tests.kiosk.hall_server import DEMO

PX_PER_MM = 4.03
LANGUAGES = ("zh", "en")


def drawable(name):
    with TTFont(fonts.path(name), lazy=True) as font:
        return set(font.getBestCmap())


GLYPHS = {name: drawable(file) for name, file in {"Icon": "icons", "Number": "number", "Roboto": "sans"}.items()}


def check(kiosk):
    """All rules at once, for what is shown now; in elder mode words are to be clearer still."""
    driver = kiosk.driver
    contrast_of_text = 7 if kiosk.app.elder else 4.5
    assert not list(driver.overflows())
    assert not list(driver.overlaps())
    buttons = driver.buttons()
    assert all(min(button.size) >= Mm.touch * PX_PER_MM for button in buttons)
    next_step_is_the_biggest(buttons)
    for one, other in itertools.combinations([dump.box(button) for button in buttons if isinstance(button, Card)], 2):
        assert apart(one, other) >= Mm.gap * PX_PER_MM, (one, other)
    for label in driver.shown(Label):
        if not isinstance(label, Icon) and label.text.strip():
            assert label.font_size * 0.7 >= 4.6 * PX_PER_MM, label.text
        clear_enough(label, 3 if isinstance(label, Icon) else contrast_of_text)
        missing = {char for char in label.text if ord(char) not in GLYPHS[label.font_name] and char not in "\n\u00a0"}
        assert not missing, (label.text, label.font_name)


def next_step_is_the_biggest(buttons):
    steps = [button.width * button.height for button in buttons if isinstance(button, (Primary, Answer))]
    lesser = [button.width * button.height for button in buttons if isinstance(button, (FootKey, Pill, BackButton))]
    assert not steps or max(steps) > max(lesser, default=0)


def clear_enough(label, least):
    assert not label.text.strip() or contrast(label.color, ground(label)) >= least, (label.text, label.color)


def ground(widget):
    """The colour a widget stands on: the nearest face around it."""
    while widget is not None and widget.parent is not widget:
        face = getattr(widget, "tint" if isinstance(widget, Badge) else "face", None)
        if face is not None and face[3] == 1:
            return tuple(face)
        widget = widget.parent
    return Colour.bg


def apart(one, other):
    """px between two boxes, the larger of across and down."""
    across = max(one[0] - other[0] - other[2], other[0] - one[0] - one[2])
    down = max(one[1] - other[1] - other[3], other[1] - one[1] - one[3])
    return max(across, down)


def in_both(kiosk):
    for language in reversed(LANGUAGES):
        kiosk.app.lang = language
        kiosk.driver.run(0.05)
        kiosk.driver.wait("the slide to end", lambda: not kiosk.app.screens.transition.is_active)
        check(kiosk)


def test_home(rig, server):
    server.waiting, server.range = {"social": 112, "tax": 9}, {"low": 112, "high": 128}
    in_both(rig())


def test_home_with_a_broken_printer_and_then_without_server(rig):
    kiosk = rig()
    kiosk.cable.tell("paper out")
    kiosk.driver.wait("the banner", lambda: kiosk.app.banner)
    in_both(kiosk)
    kiosk.server.stop()
    kiosk.driver.wait("away", lambda: kiosk.app.link == "away")
    in_both(kiosk)


def test_home_with_many_lines_and_items_with_many_items_are_paged(rig, server):
    hall = load_hall(DEMO)
    lines = [line.model_copy(update={"id": f"{line.id}_{n}"}) for n in range(2) for line in hall.lines]
    items = [
        item.model_copy(update={"id": f"{item.id}-{n}", "line": lines[0].id}) for n, item in enumerate(hall.items[:8])
    ]
    server.settings = hall.model_copy(update={"lines": tuple(lines), "items": tuple(items)})
    kiosk = rig_without_counts(rig, lines[0].id)
    in_both(kiosk)
    kiosk.driver.tap("next")
    assert f"line-{lines[8].id}" in kiosk.driver.rects()
    in_both(kiosk)
    kiosk.driver.tap("previous")
    kiosk.driver.tap(f"line-{lines[0].id}")
    kiosk.at(Place.ITEMS)
    in_both(kiosk)
    kiosk.driver.tap("next")
    assert sum(name.startswith("item-") for name in kiosk.driver.rects()) == 2
    in_both(kiosk)


def rig_without_counts(rig, line_id):
    from unittest.mock import patch

    from tests.kiosk.ticket_rig import Rig

    def home(self):
        self.at(Place.HOME)
        self.driver.wait("the counts", lambda: self.driver.find(f"line-{line_id}").crowd)

    with patch.object(Rig, "home", home):
        return rig()


@pytest.mark.parametrize("count", [1, 3])
def test_a_small_hall(rig, server, count):
    hall = load_hall(DEMO)
    lines = {line.id for line in hall.lines[:count]}
    items = tuple(item for item in hall.items if item.line in lines)
    server.settings = hall.model_copy(update={"lines": hall.lines[:count], "items": items})
    in_both(rig())


def test_items_and_an_empty_line(rig, server):
    server.settings = server.settings.model_copy(
        update={"items": tuple(item for item in server.settings.items if item.line != "family")}
    )
    kiosk = rig()
    kiosk.driver.tap("line-property")
    kiosk.at(Place.ITEMS)
    in_both(kiosk)
    kiosk.driver.tap("back")
    kiosk.at(Place.HOME)
    kiosk.driver.tap("line-family")
    kiosk.at(Place.ITEMS)
    in_both(kiosk)


@pytest.mark.parametrize("span", [None, {"low": 2, "high": 4}, {"low": 112, "high": 128}])
def test_ticket_with_every_kind_of_wait_and_paper(rig, server, span):
    server.range, server.waiting = span, {"social": 126}
    kiosk = rig()
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.PRINTED)
    in_both(kiosk)
    for paper in Paper:
        kiosk.app.show_paper(kiosk.app.visit, paper)
        in_both(kiosk)


def test_four_figures_fit(rig):
    from dataclasses import replace

    kiosk = rig()
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.app.visit.ticket = replace(kiosk.app.visit.ticket, number="W1012")
    kiosk.app.show_paper(kiosk.app.visit, Paper.OUT)
    in_both(kiosk)


def test_notices(rig, server):
    kiosk = rig()
    server.refuse = "the hall gives no numbers now; it opens on Thursday 26 November at 09:00"
    kiosk.take()
    kiosk.at(Place.REFUSED)
    in_both(kiosk)
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    server.stop()
    kiosk.driver.tap("item-employee-enrolment")
    kiosk.at(Place.AWAY)
    in_both(kiosk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions(rig, server, language):
    kiosk = rig(language=language)
    server.delay = 1.0
    kiosk.driver.tap("help")
    check(kiosk)
    kiosk.driver.tap("help-yes")
    kiosk.driver.run(0.1)
    check(kiosk)
    kiosk.driver.wait("the answer", lambda: kiosk.app.help == "coming")
    kiosk.driver.run(0.1)
    check(kiosk)
    kiosk.driver.tap("help-close")
    kiosk.take()
    kiosk.driver.run(0.5)
    check(kiosk)
    kiosk.at(Place.TICKET)
    server.delay = 0
    kiosk.driver.tap("done")
    kiosk.at(Place.HOME)
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    kiosk.driver.advance(61)
    kiosk.driver.wait("the question", lambda: "here" in kiosk.driver.rects())
    kiosk.driver.run(0.1)
    check(kiosk)


GROUNDS = {  # what text colours stand on
    "ink": ("bg", "surface", "primary_lt", "faint"),
    "ink_2": ("bg", "surface", "primary_lt", "faint"),
    "ink_3": ("surface",),
    "primary": ("bg", "surface", "primary_lt", "line"),
    "white": ("primary", "primary_dk", "ink_2", "ink_3"),
    "white_2": ("primary", "primary_dk", "ink_2"),
    "warn_ink": ("warn_lt",),
    "danger_ink": ("danger_lt",),
    "ok_ink": ("ok_lt",),
}


@pytest.mark.parametrize(("front", "back"), [(front, back) for front, backs in GROUNDS.items() for back in backs])
def test_text_is_dark_enough(front, back):
    assert contrast(getattr(Colour, front), getattr(Colour, back)) >= 4.5


def test_icons_are_clear_on_their_line_s_colour():
    for line in load_hall(DEMO).lines:
        assert contrast(Colour.white, rgba(line.colour)) >= 3, line.id


# -- with a card -----------------------------------------------------------------------------------------------------

OLD = "resident 1950-02-28 王样本"


@pytest.fixture
def reading(rig, server):
    server.waiting, server.range = {"social": 112, "tax": 9}, {"low": 112, "high": 128}
    kiosk = rig(reader=True)
    kiosk.at_rest()
    return kiosk


def test_home_with_a_reader(reading):
    in_both(reading)
    reading.cable.tell("paper out")
    reading.driver.wait("the banner", lambda: reading.app.banner)
    in_both(reading)
    reading.reader.unplug()
    reading.driver.wait("the tile to say so", lambda: reading.app.identity.way == "broken")
    in_both(reading)


def test_choice_and_notice(reading):
    reading.take()
    reading.at(Place.CHOICE)
    in_both(reading)
    reading.driver.tap("withcard")
    reading.at(Place.PRIVACY)
    in_both(reading)
    reading.driver.tap("agree")
    reading.at(Place.LAY)
    in_both(reading)
    reading.reader.unplug()
    reading.at(Place.NO_READER)
    in_both(reading)


def test_choice_with_a_broken_reader(reading):
    reading.take()
    reading.at(Place.CHOICE)
    reading.reader.tell("module broken")
    reading.driver.wait("the answer to go", lambda: reading.app.identity.way == "broken")
    in_both(reading)


def test_reading_and_unreadable(reading):
    reading.reader.tell("read_fails on")
    reading.reader.tell("slow 0.7")
    reading.driver.tap("card")
    reading.at(Place.PRIVACY)
    reading.driver.tap("agree")
    reading.at(Place.LAY)
    reading.lay(OLD)
    reading.at(Place.READING)
    in_both(reading)
    reading.reader.tell("slow 0")
    reading.at(Place.UNREADABLE)
    in_both(reading)
    reading.app.visit.failures = 2
    reading.driver.wait("it to be refused", lambda: not reading.app.identity.there)
    reading.lay(OLD)
    reading.at(Place.GIVE_UP)
    in_both(reading)


def test_offer_and_the_strip_that_says_a_card_was_read(reading):
    reading.lay(OLD)
    reading.at(Place.PRIVACY)
    reading.driver.tap("agree")
    reading.at(Place.OFFER)
    in_both(reading)
    reading.driver.tap("class-yes")
    reading.at(Place.LINES)
    in_both(reading)
    reading.driver.tap("line-social")
    reading.at(Place.ITEMS)
    in_both(reading)
    reading.driver.tap("item-employee-enrolment")
    reading.at(Place.TICKET)
    reading.paper(Paper.PRINTED)
    in_both(reading)
    reading.driver.tap("done")
    reading.at(Place.HOME)
    reading.driver.wait("the banner", lambda: reading.app.banner)
    in_both(reading)
    reading.driver.tap("card")
    reading.at(Place.PRIVACY)
    reading.driver.tap("agree")
    reading.at(Place.LAY)
    in_both(reading)  # a card left behind


def test_a_long_latin_name_and_many_lines_and_items_leave_room(rig, server):
    hall = load_hall(DEMO)
    lines = [line.model_copy(update={"id": f"{line.id}_{n}"}) for n in range(2) for line in hall.lines]
    items = [
        item.model_copy(update={"id": f"{item.id}-{n}", "line": lines[0].id}) for n, item in enumerate(hall.items[:8])
    ]
    server.settings = hall.model_copy(update={"lines": tuple(lines), "items": tuple(items)})
    server.waiting, server.range = {lines[0].id: 112}, {"low": 112, "high": 128}
    from unittest.mock import patch

    from tests.kiosk.ticket_rig import Rig

    with patch.object(Rig, "home", lambda self: self.at(Place.HOME)):
        kiosk = rig(reader=True)
    kiosk.at_rest()
    kiosk.cable.tell("paper out")
    kiosk.driver.wait("the banner", lambda: kiosk.app.banner)
    in_both(kiosk)
    kiosk.lay("foreigner_2017 1985-03-14")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.LINES)
    in_both(kiosk)
    kiosk.driver.tap(f"line-{lines[0].id}")
    kiosk.at(Place.ITEMS)
    in_both(kiosk)


def test_a_number_taken_earlier(reading):
    reading.take()
    reading.at(Place.CHOICE)
    reading.driver.tap("nocard")
    reading.at(Place.TICKET)
    reading.paper(Paper.PRINTED)
    ticket = reading.server.tickets[0]
    reading.server.held = lambda _body: ticket
    reading.driver.tap("done")
    reading.at(Place.HOME)
    reading.take()
    reading.at(Place.CHOICE)
    reading.driver.tap("nocard")
    reading.at(Place.HELD)
    in_both(reading)


def test_the_two_answers_of_every_question_are_of_one_size_and_look(reading):
    def alike(one, other):
        first, second = reading.driver.find(one), reading.driver.find(other)
        assert tuple(first.size) == tuple(second.size)
        assert first.face_up == second.face_up

    reading.take()
    reading.at(Place.CHOICE)
    alike("withcard", "nocard")
    reading.lay(OLD)
    reading.at(Place.PRIVACY)
    alike("agree", "nocard")
    reading.driver.tap("agree")
    reading.at(Place.OFFER)
    alike("class-yes", "class-no")
