"""The pieces of the search: one form of writing, syllables, synonyms, and the field a question asks for."""

import re

import pytest

from queue_server.guides.search import questions, sound, words

NOTHING = frozenset[str]().__contains__  # no pair of characters is in any name


def test_one_form_of_writing():
    assert words.plain("《出生醫學證明》（首次）ＡＢＣ\t1") == "出生医学证明 首次 abc 1"


def test_spaces_between_single_characters_mean_nothing():
    assert words.closed_up("社 保 卡") == "社保卡"
    assert words.closed_up("企业 注销") == "企业 注销"


def test_pieces_never_reach_over_a_gap():
    assert words.bigrams("社保卡 补r字") == ["社保", "保卡", "补", "r", "字"]
    assert words.characters("社保 ab1") == ["社", "保", "ab1"]


def test_fillers_go_unless_they_are_part_of_a_word():
    nothing = {"个体"}.__contains__
    assert words.without_fillers("我想办居住证怎么办", nothing) == "居住证"
    assert words.without_fillers("个体工商户", nothing) == "个体工商户"
    assert words.without_fillers("怎么办", nothing) == "怎么办"


@pytest.mark.parametrize(
    ("letters", "likeliest"),
    [
        ("shebaoka", "she bao ka"),
        ("sbk", "s b k"),
        ("shebaok", "she bao k"),
        ("shebk", "she b k"),
        ("xian", "xian"),
        ("xi an", "xi an"),
        ("nvzi", "nv zi"),
        ("zhzh", "zh zh"),
    ],
)
def test_letters_are_read_in_the_likeliest_way(letters, likeliest):
    assert " ".join(sound.readings(letters)[0].syllables) == likeliest


def test_letters_that_begin_no_syllable_have_no_reading():
    assert sound.readings("via") == []


def test_what_pypinyin_misreads_is_put_right():
    assert sound.syllables("还款承诺") == ["huan", "kuan", "cheng", "nuo"]


def test_an_everyday_word_is_known_by_its_sound():
    assert sound.meant("补办社宝卡") == "补办社保卡"
    assert sound.meant("补办社保卡") == "补办社保卡"


def test_a_synonym_weighs_together_no_more_than_what_was_typed():
    (other,) = [said for said in words.variants("补缴社保卡", NOTHING) if said.text == "补缴社会保障卡"]
    pairs, characters = other.pieces(lambda piece: 1.0)
    assert sum(pair.counted for pair in pairs if pair.text in "社会保障卡") == pytest.approx(2)
    assert sum(one.weight for one in characters) == pytest.approx(5)


def test_english_words_are_put_into_chinese():
    assert words.in_chinese("renew passport")[0] == "换发 护照"
    assert words.in_chinese("hamburger") == []


def test_a_name_that_is_there_already_is_not_put_in_twice():
    assert not [said for said in words.variants("普通护照", NOTHING) if "普通普通" in said.text]


def test_the_tables_hold_what_the_code_can_use():
    table = words.data("synonyms")
    said = {*table["means"], *(word for group in table["same"] for word in group)}
    assert all(words.plain(word) == word or "'" in word for word in said)
    assert all(words.plain(one) == one for one in words.data("words")["elsewhere"])
    assert all(re.compile(pattern) for pattern in words.data("words")["phrases"])
    for field in words.data("words")["fields"]:
        assert all(re.compile(pattern) for pattern in field["patterns"])


@pytest.mark.parametrize(
    ("question", "field", "about"),
    [
        ("社保卡要带什么", "materials", "社保卡"),
        ("社保卡需要什么条件", "conditions", "社保卡"),
        ("社保卡要走什么流程", "steps", "社保卡"),
        ("社保卡要跑几趟", "visits", "社保卡"),
        ("社保卡周六上班吗", "hours", "社保卡 吗"),
        ("社保卡咨询电话是多少", "phone", "社保卡"),
        ("身份证去哪里换要带什么", "where", "身份证 换"),
        ("公司变更地址", None, "公司变更地址"),
        ("建筑材料备案", None, "建筑材料备案"),
    ],
)
def test_what_a_question_asks_for(question, field, about):
    assert questions.asked_field(question) == (field, about)


@pytest.mark.parametrize(("spoken", "meant"), [("shen fen zheng", "sen fen zen"), ("nan ning", "lan lin")])
def test_what_half_the_country_hears_alike_is_near(spoken, meant):
    assert sound.near(spoken) == meant == sound.near(meant)


@pytest.mark.parametrize("typed", ["hukuo", "hukkou", "hkou"])
def test_a_letter_exchanged_too_many_or_missing_is_put_right(typed):
    said = [" ".join(one.syllables) for one in sound.mistyped(typed)]
    assert "hu kou" in said


def test_a_word_is_known_with_a_particle_in_it():
    assert "公司地址变更" in [said.text for said in words.variants("公司换了个地方", NOTHING)]


def test_a_verb_that_stands_alone_is_exchanged_and_one_in_a_word_is_not():
    assert "执照变更" in [said.text for said in words.variants("执照改", NOTHING)]
    assert not words.variants("改造", {"改造"}.__contains__)


def test_words_taken_out_of_the_middle_leave_no_gap():
    assert words.without_fillers("社的保卡补办", NOTHING) == "社保卡补办"


def test_what_no_hall_answers_is_told_from_a_guide_that_does():
    assert questions.asked_elsewhere("买彩票", "股权出质登记")
    assert not questions.asked_elsewhere("买彩票", "体育彩票网点征召")
    assert not questions.asked_elsewhere("补社保卡", "社保卡")


def test_english_words_stand_for_one_another_in_whatever_form():
    assert words.english_stem("expired") == words.english_stem("expires")
    assert "elevator" in words.english_others("lift")
