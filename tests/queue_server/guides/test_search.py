"""Whatever way somebody asks for a guide: typed, said, misspelt, in a sentence; and what is said when there is none."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from queue_server.guides.search import Entry, Index, build
from tests.queue_server.guides.search_catalogue import ENTRIES, FIELDS

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    path = tmp_path_factory.mktemp("search") / "guides.db"
    build(path, ENTRIES, version="7", built_at=NOW)
    return Index(path)


def first(index, query):
    hits = index.search(query).hits
    return hits[0].code if hits else None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("sbk", "SB01"),  # initials
        ("jzz", "GA07"),
        ("jhdj", "MZ01"),
        ("shebaoka", "SB01"),  # pinyin
        ("juzhuzheng", "GA07"),
        ("she bao ka", "SB01"),
        ("ju'zhu'zheng", "GA07"),
        ("gonggongzulin", "ZJ01"),
        ("juzuzen", "GA07"),  # pinyin as it is spoken
        ("canjirenzhen", "CL01"),
        ("jiehundegnji", "MZ01"),  # with a letter in the wrong place, too many, missing
        ("lihunndengji", "MZ02"),
        ("jiehndengji", "MZ01"),
        ("gtghdj", "SJ03"),  # initials of words that stand apart
        ("居住zheng", "GA07"),  # both
        ("结婚dj", "MZ01"),
        ("残疾证", "CL01"),  # everyday names, in the guide or in the table of synonyms
        ("暂住证", "GA07"),
        ("领养孩子", "MZ05"),
        ("社宝卡", "SB01"),  # sounds alike
        ("居注证", "GA07"),
        ("高铃津贴", "MZ04"),
        ("居住證", "GA07"),  # traditional
        ("普通護照", "GA03"),
        ("社 保 卡", "SB01"),  # spaces, full width, capitals
        ("ＳＢＫ", "SB01"),
        ("SBK", "SB01"),
        ("社保卡！！", "SB01"),
        ("passport", "GA03"),  # English
        ("social insurance card", "SB01"),
        ("how do I get a dog licence", "GA09"),
        ("marria", "MZ01"),
        ("married", "MZ01"),
        ("vehicle licence renewal driving", "GA10"),
        ("我想给刚出生的孩子上户口", "GA06"),  # sentences
        ("身份证不见了怎么补", "GA02"),
        ("我想开个火锅店要办什么手续", "SJ04"),
        ("请问怎么离婚", "MZ02"),
        ("商品预售", "ZJ02"),  # a character left out
        ("企业 注销", "SJ02"),
    ],
)
def test_a_guide_is_found_however_it_is_asked_for(index, query, code):
    answer = index.search(query)
    assert answer.sure
    assert [hit.code for hit in answer.hits][:1] == [code]


@pytest.mark.parametrize("whole", ["shebaoka", "juzhuzheng", "jiehundengji", "passport"])
def test_the_guide_comes_while_its_pinyin_is_typed(index, whole):
    code = first(index, whole)
    for end in range(4, len(whole) + 1):
        assert code in [hit.code for hit in index.search(whole[:end]).hits][:3], whole[:end]


def test_every_title_finds_itself(index):
    for entry in ENTRIES:
        assert first(index, entry.title) == entry.code


def test_a_code_finds_its_guide(index, tmp_path):
    coded = replace(ENTRIES[0], code="11440000006939756B2440101007000")
    build(tmp_path / "one.db", [coded, *ENTRIES[1:]], version="1", built_at=NOW)
    assert first(Index(tmp_path / "one.db"), "11440000006939756b24") == coded.code


@pytest.mark.parametrize(
    "query", ["今天天气怎么样", "附近有什么好吃的", "讲个笑话", "王者荣耀", "qwrtzx", "hamburger", "红烧肉怎么做"]
)
def test_what_is_nobodys_business_is_said_to_be_not_found(index, query):
    answer = index.search(query)
    assert not answer.sure
    assert len(answer.hits) == 3
    assert answer.text is None


def test_the_hit_says_by_which_name_it_was_found(index):
    assert index.search("砍树").hits[0].matched == "砍树"
    assert index.search("林木采伐").hits[0].matched == "林木采伐许可证核发"


def test_of_equals_the_one_opened_more_often_comes_first(tmp_path):
    equals = [
        Entry(code, "居住证签注", "", (), code, visits=visits) for code, visits in (("A", 3), ("B", 40), ("C", 0))
    ]
    build(tmp_path / "equals.db", equals, version="1", built_at=NOW)
    assert [hit.code for hit in Index(tmp_path / "equals.db").search("居住证签注").hits] == ["B", "A", "C"]


@pytest.mark.parametrize(
    ("question", "code", "field"),
    [
        ("办社保卡要带什么", "SB01", "materials"),
        ("社保卡需要准备哪些材料", "SB01", "materials"),
        ("社保卡多久能好", "SB01", "time"),
        ("社保卡几天能拿到", "SB01", "time"),
        ("社保卡收费吗", "SB01", "fee"),
        ("办社保卡要多少钱", "SB01", "fee"),
        ("社保卡在哪里办", "SB01", "where"),
        ("办护照需要什么条件", "GA03", "conditions"),
        ("護照要多少錢", "GA03", "fee"),
        ("how much is a passport", "GA03", "fee"),
        ("what documents do I need for a passport", "GA03", "materials"),
        ("how long does a passport take", "GA03", "time"),
    ],
)
def test_a_question_is_answered_with_the_stored_field_word_for_word(index, question, code, field):
    answer = index.search(question)
    assert (answer.hits[0].code, answer.field) == (code, field)
    assert answer.text == FIELDS[code][field]


def test_a_question_about_what_is_not_stored_names_the_field_only(index):
    answer = index.search("离婚登记要多久")
    assert (answer.hits[0].code, answer.field, answer.text) == ("MZ02", "time", None)


def test_a_question_about_nothing_has_a_field_and_no_guide(index):
    answer = index.search("收费吗")
    assert (answer.hits, answer.sure, answer.field) == ((), False, "fee")


def test_words_of_a_question_in_a_guides_name_ask_for_nothing(tmp_path):
    named = Entry("X", "变更办理地点", "", (), "", fields={"where": "二楼"})
    build(tmp_path / "named.db", [named, *ENTRIES], version="1", built_at=NOW)
    answer = Index(tmp_path / "named.db").search("变更办理地点")
    assert (answer.hits[0].code, answer.field, answer.text) == ("X", None, None)
