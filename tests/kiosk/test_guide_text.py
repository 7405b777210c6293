"""What is shown of a guide: every demo guide in both languages, and both ends of length."""

from dataclasses import replace

import pytest

from kiosk import guide_text as text
from kiosk.guides_client import Entry, Material, Place, Step, Time
from tests.kiosk.guides_rig import catalogue

GUIDES, TABLES = list(catalogue().guides.values()), catalogue().tables
LANGUAGES = ("zh", "en")
HALL = "linjiang"
LONG_FEE = "第一次办免费；期满换领每证 20 元"
languages = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture
def guide():
    """The renewal of an ID card."""
    return next(one for one in GUIDES if one.called == "办身份证")


def with_materials(guide, *materials):
    return replace(guide, materials=materials)


# -- every guide ------------------------------------------------------------------------------------------------------


@languages
def test_every_guide_has_its_cards(lang):
    for guide in GUIDES:
        cards = text.cards(guide, TABLES, lang, HALL)
        assert [card.key for card in cards] == ["materials", "time", "fee", "windows", "visits"], guide.name
        for card in cards:
            assert card.label and card.value, (guide.name, card)
            assert len(card.value) <= 2 * text.VALUE[lang], (guide.name, card)


@languages
def test_nothing_of_any_guide_is_empty(lang):
    for guide in GUIDES:
        assert text.title(guide, lang) and text.version_line(guide, lang)
        assert all(line.name and line.note for line in text.material_lines(guide, TABLES, lang)), guide.name
        assert all(line.stage and line.time and line.what for line in text.step_lines(guide, TABLES, lang)), guide.name
        assert all(one.question and one.answer for one in text.faq(guide, lang)), guide.name
        assert text.conditions(guide, lang), guide.name
        places = text.places(guide, TABLES, lang, HALL)
        assert all(place.name and place.area and place.hours and place.enquiry for place in places), guide.name


@languages
def test_every_field_a_question_asks_for_is_answered(lang):
    for guide in GUIDES:
        for field in text.ANSWERS:
            if field != "materials" or guide.materials:
                assert text.answer(guide, TABLES, lang, field), (guide.name, field)
    assert text.answer(GUIDES[0], TABLES, lang, "no such field") == ""


@languages
def test_what_is_read_aloud_takes_20_seconds_at_most(lang):
    for guide in GUIDES:
        said = text.spoken(guide, TABLES, lang, HALL)
        assert 10 < len(said) <= text.ALOUD[lang], said
        assert "–" not in said and "{" not in said


def test_english_has_no_word_of_ours_in_chinese():
    for guide in GUIDES:
        for card in text.cards(guide, TABLES, "en", HALL):
            assert (card.label + card.value).isascii() or "–" in card.value, card


# -- one guide --------------------------------------------------------------------------------------------------------


def test_materials_stand_by_need_and_keep_their_place_for_ticking(guide):
    some = with_materials(
        guide,
        Material("户口簿", exempt="shared"),
        Material("检验报告", necessity="later"),
        Material("委托书", necessity="optional", when="委托别人来办时", copies=2),
        Material("申请表"),
    )
    lines = text.material_lines(some, TABLES, "zh")
    assert [(line.at, line.group) for line in lines] == [(3, "bring"), (2, "if"), (1, "later"), (0, "spare")]
    assert lines[1].note == "原件 · 2 份 · 委托别人来办时"
    assert lines[2].note == "原件 · 可以后补"
    assert lines[3].note == "数据共享，免提交"


def test_only_what_everybody_brings_can_be_missing(guide):
    some = with_materials(
        guide, Material("甲"), Material("乙", exempt="shared"), Material("丙", necessity="optional"), Material("丁")
    )
    assert text.missing(some, ()) == (0, 3)
    assert text.missing(some, {3}) == (0,)
    assert text.missing(some, {0, 3}) == ()


def test_a_necessity_nobody_knows_counts_as_needed(guide):
    assert text.missing(with_materials(guide, Material("甲", necessity="by-law")), ()) == (0,)


def test_the_materials_card_counts_what_to_bring_and_what_not(guide):
    some = with_materials(guide, *[Material("甲")] * 3, *[Material("乙", exempt="shared")] * 2)
    card = text.cards(some, TABLES, "zh")[0]
    assert (card.value, card.note) == ("3 样", "另有 2 样不用带")
    nothing = text.cards(with_materials(guide, Material("乙", exempt="shared")), TABLES, "zh")[0]
    assert (nothing.value, nothing.note) == ("不用带材料", "")


@pytest.mark.parametrize(
    ("time", "zh", "en"),
    [
        (Time(0, note="约 5 分钟"), "当场", "On the spot"),
        (Time(1), "1 个工作日", "1 working day"),
        (Time(20), "20 个工作日", "20 working days"),
        (Time(2, "moon"), "2 moon", "2 moon"),
    ],
)
def test_times(time, zh, en):
    assert (text.time_text(time, TABLES, "zh"), text.time_text(time, TABLES, "en")) == (zh, en)


def test_the_legal_time_stands_beside_the_promise(guide):
    card = text.cards(replace(guide, promised=Time(3), statutory=Time(10)), TABLES, "zh")[1]
    assert (card.value, card.note) == ("3 个工作日", "法定 10 个工作日")


def test_a_note_on_a_time_stands_in_its_own_language_or_not_at_all(guide):
    noted, bare = Time(3, note="不含公示期", note_en="without the public notice"), Time(3, note="不含公示期")
    for time, english in ((noted, "without the public notice"), (bare, "")):
        timed = replace(guide, promised=time, statutory=None, steps=(Step("accept", time),))
        assert [text.cards(timed, TABLES, lang)[1].note for lang in ("zh", "en")] == ["不含公示期", english]
        (zh,), (en,) = (text.step_lines(timed, TABLES, lang) for lang in ("zh", "en"))
        assert "不含公示期" in zh.time
        assert en.time == (f"3 working days ({english})" if english else "3 working days")


def test_without_a_promised_time_there_is_no_card_for_it(guide):
    keys = [card.key for card in text.cards(replace(guide, promised=None), TABLES, "zh")]
    assert keys == ["materials", "fee", "windows", "visits"]


@pytest.mark.parametrize(
    ("standard", "value", "note"),
    [("每证 40 元。", "每证 40 元", ""), (LONG_FEE, "要收费", LONG_FEE), ("", "要收费", "")],
)
def test_a_short_fee_stands_large_a_long_one_below(guide, standard, value, note):
    card = text.cards(replace(guide, fee=True, fee_standard=standard), TABLES, "zh")[2]
    assert (card.value, card.note) == (value, note)


def test_where_english_is_missing_the_chinese_stands(guide):
    bare = replace(guide, name_en="", conditions_en="", materials=(Material("申请表"),))
    assert text.title(bare, "en") == guide.name
    assert text.conditions(bare, "en") == text.conditions(guide, "zh")
    assert text.material_lines(bare, TABLES, "en")[0].name == "申请表"
    assert Entry("甲").in_language("en") == "甲"


def test_a_question_and_its_answer_stay_in_one_language(guide):
    half = replace(guide, faq=(replace(guide.faq[0], answer_en=""),))
    assert text.faq(half, "en")[0] == text.Asked(guide.faq[0].question, guide.faq[0].answer)


def test_this_place_comes_first_whether_by_hall_or_by_area(guide):
    for here, area in (("linjiang", "临江市"), ("yunshan", "云山县"), ("", "临江市")):
        places = text.places(guide, TABLES, "zh", here)
        assert (places[0].area, places[0].here) == (area, True)
        assert not any(place.here for place in places[1:])
        assert len(places) == len(guide.places)


def test_a_guide_that_is_not_done_here_says_where(guide):
    away = replace(guide, places=(Place("qingxi", "清溪县政务服务中心", served_at=(1, 2)),))
    card = text.cards(away, TABLES, "zh", "linjiang")[-2]
    assert (card.value, card.note) == ("不在这里办", "清溪县政务服务中心")
    assert "号窗口" not in text.spoken(away, TABLES, "zh", "linjiang")


@languages
def test_a_guide_without_places_or_windows_sends_to_the_help_desk(guide, lang):
    for places in ((), (Place("linjiang", "临江市政务服务中心"),)):
        card = text.cards(replace(guide, places=places), TABLES, lang, "linjiang")[-2]
        assert card.value == {"zh": "请问服务台", "en": "Ask the help desk"}[lang]


@languages
def test_the_longest_title_and_19_materials(guide, lang):
    long = replace(guide, name="建" * 68, name_en="", short_name="", materials=(Material("材" * 60),) * 19)
    assert text.title(long, lang) == "建" * 68
    assert len(text.material_lines(long, TABLES, lang)) == 19
    said = text.spoken(long, TABLES, lang, HALL)
    assert "19" in said and len(said) <= text.ALOUD[lang]


def test_the_version(guide):
    assert text.version_line(guide, "zh") == "第 3 版，2025-01-01 起用"
    assert text.version_line(guide, "en") == "Version 3, in force from 2025-01-01"
