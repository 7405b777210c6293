"""Every screen of the lookup terminal, in both languages and both sizes, keeps the house's rules."""

from dataclasses import replace

import pytest
from kivy.uix.widget import Widget

from kiosk.brand import Brand, darker
from kiosk.places import Paper, Place
from kiosk.theme import rgba
from kiosk.widgets.leaves import Ball, Figure
from kiosk.widgets.nav import Tab
from kiosk.widgets.parts import Badge
from tests.kiosk.guides_rig import catalogue
from tests.kiosk.lookup_rig import guide_called, open_lookup, with_guides
from tests.kiosk.test_screens import check

ENROLMENT = "社保参保登记"
LONGEST_NAME = (
    "国有建设用地使用权及房屋所有权转移登记（夫妻间增加、减少共有人或约定归一方，离婚析产，"
    "共有份额变化，或者按生效法律文书转移的情形）"
)
SIXTY_EIGHT, NINETEEN = 68, 19
SECTIONS = ("facts", "materials", "steps", "places", "questions")


@pytest.fixture(params=[("zh", False), ("en", False), ("zh", True), ("en", True)], ids=lambda how: f"{how[0]}{how[1]}")
def kiosk(request, drive, server, tmp_path):
    """A terminal at home, in each language and size."""
    language, elder = request.param
    server.waiting, server.range = {"social": 112}, {"low": 112, "high": 128}
    made = open_lookup(drive, with_guides(server), tmp_path / "copy", language=language)
    made.home()
    if elder:
        made.driver.tap("size")
        made.driver.run(0.1)
    return made


def every_sheet(kiosk):
    """Checks all sheets of what is shown."""
    sheets = kiosk.app.guide_screen.ids.sheets
    for _ in range(int(sheets.pages)):
        kiosk.driver.frames(4)
        check(kiosk)
        if sheets.pages > 1:
            kiosk.driver.tap("next")
    return int(sheets.pages)


def every_section(kiosk):
    for section in SECTIONS:
        kiosk.section(section)
        every_sheet(kiosk)


def test_home_lists_and_facilities(kiosk):
    for way in ("life_events", "departments", "audiences", "themes"):
        kiosk.driver.tap(f"tab-{way}")
        for _ in range(int(kiosk.app.shelves.pages)):
            kiosk.driver.run(0.03)
            check(kiosk)
            if kiosk.app.shelves.pages > 1:
                kiosk.driver.tap("next")
    kiosk.driver.tap("group-social_security")
    kiosk.at(Place.LIST)
    for _ in range(int(kiosk.app.shelf.pages)):
        kiosk.driver.run(0.03)
        check(kiosk)
        kiosk.driver.tap("next")
    kiosk.driver.tap("home")
    kiosk.driver.tap("facilities")
    kiosk.at(Place.FACILITIES)
    check(kiosk)


def test_search(kiosk):
    kiosk.driver.tap("search")
    kiosk.at(Place.SEARCH)
    check(kiosk)
    for words in ("sb", "坐火箭去月球", "办社保卡要带什么", "x" * 40):
        kiosk.app.typing.add(words)
        kiosk.found()
        check(kiosk)
        kiosk.app.typing.clear()


def test_a_guide_its_papers_and_its_number(kiosk):
    kiosk.open(guide_called(ENROLMENT))
    every_section(kiosk)
    kiosk.section("materials")
    kiosk.driver.tap("tick-0")
    check(kiosk)
    for paper in (Paper.PRINTING, Paper.PRINTED, Paper.DOUBT, Paper.OUT, Paper.FAULT, Paper.NONE):
        kiosk.app._show_leaflet(paper)
        kiosk.driver.run(0.03)
        check(kiosk)
    kiosk.driver.tap("take")
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.PRINTED)
    check(kiosk)


def long_guide():
    """As long as any of 2,262 real ones: a name of 68 characters, 19 materials."""
    most = max(catalogue().guides.values(), key=lambda guide: len(guide.materials))
    materials = tuple(
        replace(one, name=one.name + "、检验检测报告和合格证明（近一年内由具备资质的机构出具）" * (at % 2))
        for at, one in enumerate((most.materials * 4)[:NINETEEN])
    )
    name = (LONGEST_NAME + LONGEST_NAME)[:SIXTY_EIGHT]
    return replace(most, name=name, short_name="", name_en="", materials=materials)


def test_the_longest_name_and_most_materials_survive(kiosk):
    long = long_guide()
    known = kiosk.app.snapshot
    kiosk.app.show_guides(replace(known, guides={**known.guides, long.code: long}))
    kiosk.open(kiosk.app.snapshot.guides[long.code])
    assert kiosk.driver.says(long.name)
    for section in SECTIONS:
        kiosk.section(section)
        every_sheet(kiosk)
    kiosk.section("materials")
    ticks = set()
    for _ in range(int(kiosk.app.guide_screen.ids.sheets.pages)):
        ticks |= {name for name in kiosk.driver.rects() if name.startswith("tick-")}
        kiosk.driver.tap("next")
    assert len(ticks) == sum(not one.exempt for one in long.materials)
    kiosk.driver.tap("home")
    kiosk.app.visit.shelf, kiosk.app.visit.group = "themes", long.themes[0]
    kiosk.app.choose_group(long.themes[0])
    kiosk.at(Place.LIST)
    check(kiosk)


def test_offline_and_in_trouble(kiosk, server):
    kiosk.open(guide_called(ENROLMENT))
    server.refuse = "no"
    server.refusal_detail = {"reason": "last_ticket", "next_open": "2026-11-26T09:00:00+08:00"}
    kiosk.driver.tap("take")
    kiosk.at(Place.REFUSED)
    check(kiosk)
    kiosk.driver.tap("home")
    server.stop()
    kiosk.driver.wait("the banner", lambda: kiosk.app.banner)
    kiosk.driver.run(0.05)
    check(kiosk)
    kiosk.open(guide_called(ENROLMENT))
    check(kiosk)
    kiosk.driver.tap("take")
    kiosk.at(Place.AWAY)
    check(kiosk)
    kiosk.app.plight.show(kiosk.app, Place.EMPTY)
    kiosk.driver.run(0.03)
    check(kiosk)


def test_a_hall_s_own_colour_reaches_tabs_tiles_figures_and_steps(drive, server, tmp_path):
    green = Brand(colour=rgba("#0B6B4F"), dark=darker(rgba("#0B6B4F"), 7))
    kiosk = open_lookup(drive, with_guides(server), tmp_path / "copy", brand=green)
    kiosk.home()

    def coloured(accent):
        shown = kiosk.driver.shown
        tabs = [tab.face for tab in shown(Tab) if tab.on]
        found = tabs + [badge.tint for badge in shown(Badge)] + [ball.face for ball in shown(Ball)]
        return len(found) > 1 and {tuple(colour) for colour in found} == {accent}

    assert coloured(green.colour)
    kiosk.open(guide_called(ENROLMENT))
    assert list(kiosk.driver.shown(Figure)) and list(kiosk.driver.shown(Ball))
    assert coloured(green.colour)
    kiosk.driver.tap("size")
    kiosk.laid()
    assert coloured(green.dark)


def test_what_fits_without_a_pager_gets_no_second_sheet(drive, server, tmp_path):
    kiosk = open_lookup(drive, with_guides(server), tmp_path / "copy")
    kiosk.home()
    kiosk.open(guide_called(ENROLMENT))
    sheets = kiosk.app.guide_screen.ids.sheets
    pager, gap = sheets.ids.pager, sheets.ids.rows.spacing
    for room, pages in ((sheets.height - sheets.spacing, 1), (sheets.height - sheets.spacing + 1, 2)):
        each = (room - 2 * gap) / 3
        sheets.show([Widget(size_hint_y=None, height=each) for _ in range(3)])
        kiosk.laid()
        assert (sheets.pages, pager.height) == (pages, pager.full if pages > 1 else 0)
