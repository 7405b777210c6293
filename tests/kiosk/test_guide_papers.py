"""The lookup terminal's papers: what stands on them, and that both widths hold it."""

from dataclasses import replace

import pytest

from devices import fonts
from devices.escpos import press
from devices.escpos.simulator import Simulator
from devices.paper import blocks as b
from devices.paper import drawing
from devices.paper.looks import LOOKS
from kiosk import guide_papers as papers
from kiosk.answers import Name
from kiosk.guides_client import Material
from tests.kiosk.guides_rig import AT, catalogue

GUIDES, TABLES = list(catalogue().guides.values()), catalogue().tables
URL = "https://zw.linjiang.example/g/11990100017357081C3000109001000?v=3"
HALL = Name("临江市政务服务中心", "Linjiang Government Service Centre")
BOTH = {"checklist": papers.checklist, "summary": papers.summary}
both = pytest.mark.parametrize("paper", BOTH.values(), ids=BOTH)


def facts(guide, **more):
    return papers.Facts(guide, TABLES, HALL, AT, here="linjiang", **more)


@pytest.fixture
def guide():
    """Four materials to bring, one of each need, and two that the city looks up."""
    materials = (
        Material("申请表", "Form"),
        Material("照片", "Photo"),
        Material("委托书", "Letter of authority", necessity="optional", when="委托别人来办时"),
        Material("体检表", "Medical report", necessity="later"),
        Material("户口簿", "Register book", exempt="shared"),
        Material("结婚证", "Marriage certificate", exempt="shared"),
        Material("学历", "Diploma", exempt="commitment"),
    )
    return replace(next(one for one in GUIDES if one.called == "办身份证"), materials=materials)


def of(document, kind):
    return [block for block in document.blocks if isinstance(block, kind)]


def headings(document):
    return [block.zh for block in of(document, b.Text) if block.bold]


def names(document):
    return [tick.name for tick in of(document, b.Tick)]


def notes(document, label):
    return [note.zh for note in of(document, b.Note) if note.label == label]


# -- every guide ------------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_guide_has_its_paper_and_no_empty_heading(paper, lang):
    for guide in GUIDES:
        document = paper(facts(guide, lang=lang, url=URL))
        for block, following in zip(document.blocks, document.blocks[1:], strict=False):
            assert not isinstance(block, b.Text) or block.zh, guide.name
            assert not (isinstance(block, b.Rule) and isinstance(following, b.Rule)), guide.name
            alone = isinstance(block, b.Text) and block.bold and isinstance(following, b.Rule)
            assert not alone or block.zh == "不用带材料", (guide.name, block)


@both
def test_a_chinese_paper_has_no_english(paper):
    for guide in GUIDES:
        assert not [block for block in paper(facts(guide, url=URL)).blocks if getattr(block, "en", "")]


@both
@pytest.mark.parametrize("mm", [80, 58])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_longest_title_and_19_materials_fit_the_paper(paper, mm, lang, guide):
    long = replace(guide, name="建设工程规划许可证" * 7 + "核发变更延", name_en="", materials=guide.materials[:3] * 6)
    long = replace(long, materials=(*long.materials, guide.materials[4]))
    assert (len(long.name), len(long.materials)) == (68, 19)
    look = LOOKS[mm, "elder"]  # the largest letters
    picture = drawing.draw(paper(facts(long, lang=lang, url=URL, style="elder")), look).convert("L")
    ink = picture.point([255 - level for level in range(256)]).getbbox()
    assert ink[0] >= drawing.EDGE and ink[2] <= look.width - drawing.EDGE


@both
@pytest.mark.parametrize("mm", [80, 58])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_small_print_of_the_last_line_stays_on_the_paper(paper, mm, lang, guide):
    foot = of(paper(facts(guide, lang=lang)), b.Foot)[0]
    look = LOOKS[mm, "normal"]
    assert all(fonts.width(one, "sans", look.small) <= look.width - 2 * drawing.EDGE for one in (foot.left, foot.right))


@both
@pytest.mark.parametrize("mm", [80, 58])
def test_a_printer_prints_every_word_of_it(paper, mm, guide):
    printer = Simulator(width=mm, strict=True)
    printer.receive(press.render(paper(facts(guide, lang="en", url=URL)), mm, "text"))
    (one,) = printer.tickets
    words = "".join("".join(one.lines).split())
    assert not one.wrapped and one.cut
    for said in (guide.name, "投诉", "第3版", "以上为打印时的标准"):
        assert said in words


# -- the checklist ----------------------------------------------------------------------------------------------------


def test_all_that_is_to_be_brought_has_a_box(guide):
    document = papers.checklist(facts(guide))
    assert names(document) == ["申请表", "照片", "委托书", "体检表"]
    assert headings(document) == ["要带的 4 样（带好一样，打一个勾）", "不用带的 3 样（我们自己查）"]
    assert [tick.note for tick in of(document, b.Tick)][2:] == ["原件 · 委托别人来办时", "原件 · 可以后补"]


def test_what_is_missing_comes_first_and_what_is_there_is_marked(guide):
    document = papers.checklist(facts(guide), ticked={0, 3})
    assert headings(document)[:3] == ["还差 1 样", "看情况带的 1 样", "已经带了 2 样"]
    assert names(document) == ["照片", "委托书"]
    assert notes(document, papers.TICKED) == ["申请表", "体检表"]


def test_who_has_everything_is_told_so(guide):
    document = papers.checklist(facts(guide), ticked={0, 1, 2, 3})
    assert headings(document)[:2] == ["要带的都齐了", "已经带了 4 样"]
    assert names(document) == []


def test_ticks_that_fit_no_material_change_nothing(guide):
    assert papers.checklist(facts(guide), ticked={4, 99}) == papers.checklist(facts(guide))


def test_what_need_not_be_brought_says_why(guide):
    spare = notes(papers.checklist(facts(guide)), papers.DOT)
    assert spare == ["数据共享，免提交：户口簿、结婚证", "告知承诺，免提交：学历"]


def test_nothing_to_bring(guide):
    document = papers.checklist(facts(replace(guide, materials=())))
    assert headings(document) == ["不用带材料"]


def test_the_rule_is_printed_where_there_is_a_number_to_call(guide):
    rule = "清单以外的材料，窗口不会再要。如果要，请打投诉电话。"
    document = papers.checklist(facts(guide))
    assert rule in [one.zh for one in of(document, b.Text)]
    assert notes(document, "投诉") == [guide.places[0].complaint]
    silent = replace(guide, places=(replace(guide.places[0], complaint=""),))
    assert rule not in [one.zh for one in of(papers.checklist(facts(silent)), b.Text)]


def test_an_english_reader_has_both_names(guide):
    tick = of(papers.checklist(facts(guide, lang="en")), b.Tick)[0]
    assert (tick.name, tick.note) == ("申请表", "Form · Original")


@both
def test_this_place_alone_is_printed(paper, guide):
    document = paper(replace(facts(guide), here="yunshan"))
    assert len(notes(document, "地点")) == 1
    assert notes(document, "地点")[0].startswith("云山县政务服务中心")


# -- both -------------------------------------------------------------------------------------------------------------


@both
def test_version_code_and_moment(paper, guide):
    document = paper(facts(guide, url=URL))
    assert of(document, b.Code) == [b.Code(URL, "扫码看全文和样表", "", "第 3 版，2025-01-01 起用")]
    assert of(document, b.Foot) == [b.Foot("2026-11-25 01:41", "以上为打印时的标准")]


@both
def test_without_an_address_the_version_stands_alone(paper, guide):
    document = paper(facts(guide))
    assert of(document, b.Code) == []
    assert "第 3 版，2025-01-01 起用" in [one.zh for one in of(document, b.Text)]


def test_the_summary_has_figures_conditions_and_steps(guide):
    document = papers.summary(facts(guide))
    assert [pair.label for pair in of(document, b.Pair)] == ["要带什么", "多久办好", "收费", "哪个窗口", "要跑几次"]
    assert headings(document) == ["什么人能办", "怎么办"]
    assert notes(document, "1.")[0].startswith("受理（当场）：")


def test_a_guide_without_conditions_or_steps_has_no_heading_for_them(guide):
    document = papers.summary(facts(replace(guide, conditions="", conditions_en="", steps=())))
    assert headings(document) == []
