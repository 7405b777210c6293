"""The words of a call: every letter and digit, windows as numbers, both languages, nothing personal."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.voice import numbers, readings
from devices.voice.calls import Call
from devices.voice.words import PAUSE, Language, One, listed, tokens


def words(text: str, language: Language = "zh", one: One = "yi") -> str:
    return listed(tokens(text, language, one))


def sounds(text: str, language: Language = "zh", one: One = "yi") -> str:
    return " ".join(token.sound for token in tokens(text, language, one))


# --- the sentences of WORDS.md ----------------------------------------------------------------------------------------

SENTENCES: list[tuple[str, Language, str]] = [
    ("请 A012 号到 3 号窗口办理。", "zh", "请 A 零 一 二 号到 三 号窗口办理"),
    ("请 A012 号到 12 号窗口办理。", "zh", "请 A 零 一 二 号到 十二 号窗口办理"),
    ("请 B105 号转到 21 号窗口，接着办理。", "zh", "请 B 一 零 五 号转到 二十一 号窗口 接着办理"),
    ("请 AB7 号到 110 号窗口办理。", "zh", "请 A B 七 号到 一百一十 号窗口办理"),
    ("请 1024 号到 2 号窗口办理。", "zh", "请 一 零 二 四 号到 二 号窗口办理"),
    ("请 024 号到 2 号窗口办理。", "zh", "请 零 二 四 号到 二 号窗口办理"),
    ("请Ａ０１２号到３号窗口办理。", "zh", "请 A 零 一 二 号到 三 号窗口办理"),
    ("请 a-012 号到 3 号窗口办理。", "zh", "请 A 零 一 二 号到 三 号窗口办理"),
    ("大约还要等 5 到 10 分钟。", "zh", "大约还要等 五 到 十 分钟"),
    ("咨询请拨 12345。", "zh", "咨询请拨 一 二 三 四 五"),
    ("Number A012, please go to Window 3.", "en", "Number A zero one two please go to Window three"),
    ("Number 1024, please go to Window 12.", "en", "Number one zero two four please go to Window twelve"),
    (
        "Number AB7, please continue at Window 121.",
        "en",
        "Number A B seven please continue at Window one hundred and twenty-one",
    ),
    ("About 5 to 10 minutes to wait.", "en", "About five to ten minutes to wait"),
    ("It’s your turn: Window 3, Zone A.", "en", "It's your turn Window three Zone A"),
    ("A number, I said.", "en", "A number I said"),
]


@pytest.mark.parametrize(("text", "language", "spoken"), SENTENCES)
def test_sentences_become_these_words(text: str, language: Language, spoken: str) -> None:
    assert words(text, language) == spoken


def test_a_call_is_fed_as_pinyin_with_tones() -> None:
    assert sounds("请 A012 号到 3 号窗口办理。") == (
        "qing3 ei1 ling2 yi1 er4 hao4 dao4 san1 hao4 chuang1 kou3 ban4 li3"
    )


def test_a_comma_is_a_pause_and_the_end_is_none() -> None:
    assert [token.word for token in tokens("请 1 号转到 2 号窗口，接着办理。", "zh")][-2:] == [PAUSE, "接着办理"]
    assert tokens("。，！", "zh") == ()


@pytest.mark.parametrize(
    ("han", "said"),
    [
        ("银行", "yin2 hang2"),
        ("重庆银行行长", "chong2 qing4 yin2 hang2 hang2 zhang3"),
        ("重新", "chong2 xin1"),
        ("重大", "zhong4 da4"),
        ("会计", "kuai4 ji4"),
        ("行政", "xing2 zheng4"),
        ("还没叫到", "hai2 mei2 jiao4 dao4"),
        ("办得了", "ban4 de5 liao3"),
        ("差旅", "chai1 lv3"),
        ("不要", "bu2 yao4"),
        ("女士", "nv3 shi4"),
    ],
)
def test_characters_with_two_readings_are_read_by_their_phrase(han: str, said: str) -> None:
    assert readings.pinyin(han) == said


def test_the_readings_of_calls_agree_with_the_dictionary() -> None:
    for han, said in readings.CALLS.items():
        assert " ".join(readings._looked_up(han)) == said, han


def test_a_call_does_not_load_the_dictionary() -> None:
    code = (
        "import sys; from devices.voice.words import tokens;"
        "[tokens(text, 'zh') for text in ('请 A012 号到 3 号窗口办理。', '请 A012 号转到 130 号窗口，接着办理。')];"
        "assert 'pypinyin' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# --- letters and digits -----------------------------------------------------------------------------------------------

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = list(
    zip(
        "0123456789",
        "零一二三四五六七八九",
        ("ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3"),
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        strict=True,
    )
)


@pytest.mark.parametrize("letter", ALPHABET)
def test_every_letter_has_its_name(letter: str) -> None:
    for text in (f"请 {letter}0 号", f"请 {letter.lower()}0 号"):
        assert words(text) == f"请 {letter} 零 号"
    assert words(f"Number {letter}0,", "en") == f"Number {letter} zero"


def test_no_two_letters_sound_alike_and_none_like_a_digit() -> None:
    said = [sounds(letter) for letter in ALPHABET] + [sound for _, _, sound, _ in DIGITS] + ["yao1"]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(("digit", "chinese", "pinyin", "english"), DIGITS)
def test_every_digit_of_a_ticket_is_said_alone(digit: str, chinese: str, pinyin: str, english: str) -> None:
    assert words(f"请 C{digit}{digit} 号") == f"请 C {chinese} {chinese} 号"
    assert sounds(f"C{digit}") == f"xi1 {pinyin}"
    assert words(f"Number C{digit}{digit}", "en") == f"Number C {english} {english}"


def test_one_may_be_yao_in_tickets_and_never_in_windows() -> None:
    text = "请 A111 号到 11 号窗口办理。"
    assert words(text, one="yao") == "请 A 幺 幺 幺 号到 十一 号窗口办理"
    assert words(text, one="yi") == "请 A 一 一 一 号到 十一 号窗口办理"
    assert sounds("A1", one="yao") == "ei1 yao1"


@given(st.integers(0, 9999))
def test_four_digits_of_a_ticket_are_said_one_by_one(number: int) -> None:
    digits = f"{number:04}"
    spoken = " ".join("零一二三四五六七八九"[int(digit)] for digit in digits)
    assert words(f"请 {digits} 号到 3 号窗口办理。") == f"请 {spoken} 号到 三 号窗口办理"
    assert words(f"请 Z{digits} 号到 3 号窗口办理。") == f"请 Z {spoken} 号到 三 号窗口办理"


# --- windows ----------------------------------------------------------------------------------------------------------

TO_NINE = ["", *"一二三四五六七八九"]
TO_99 = [f"{'' if tens == '一' else tens}十{ones}" if tens else ones for tens in TO_NINE for ones in TO_NINE]
TO_120 = [
    *TO_99,
    "一百",
    *(f"一百零{one}" for one in TO_NINE[1:]),
    *(f"一百一十{one}" for one in TO_NINE),
    "一百二十",
]


@pytest.mark.parametrize("window", range(1, 121))
def test_windows_are_numbers(window: int) -> None:
    assert words(f"请 A1 号到 {window} 号窗口办理。") == f"请 A 一 号到 {TO_120[window]} 号窗口办理"


ENGLISH = {
    1: "one", 10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen", 15: "fifteen", 18: "eighteen", 19: "nineteen",
    20: "twenty", 21: "twenty-one", 40: "forty", 99: "ninety-nine", 100: "one hundred", 101: "one hundred and one",
    120: "one hundred and twenty", 999: "nine hundred and ninety-nine", 1000: "one thousand",
    1001: "one thousand and one", 1100: "one thousand one hundred", 0: "zero",
}  # fmt: skip


@pytest.mark.parametrize(("window", "word"), ENGLISH.items())
def test_english_windows_are_numbers(window: int, word: str) -> None:
    assert words(f"go to Window {window}.", "en") == f"go to Window {word}"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (0, "零"),
        (10, "十"),
        (19, "十九"),
        (200, "二百"),
        (1005, "一千零五"),
        (1010, "一千零一十"),
        (9090, "九千零九十"),
    ],
)
def test_chinese_numbers(number: int, word: str) -> None:
    assert numbers.chinese(number) == word


def counted_zh(words: str) -> int:
    """A plain oracle: what a Chinese number is worth."""
    total, digit = 0, 0
    for char in f"一{words}" if words.startswith("十") else words:
        if char in "十百千":
            total, digit = total + digit * {"十": 10, "百": 100, "千": 1000}[char], 0
        else:
            digit = "零一二三四五六七八九".index(char)
    return total + digit


def counted_en(words: str) -> int:
    """The same for English."""
    values = dict(zip(numbers.DIGITS_EN + numbers.TEENS_EN, range(20), strict=True))
    values |= {word: 10 * number for number, word in enumerate(numbers.TENS_EN) if word}
    total = 0
    for word in words.replace("-", " ").replace(" and", "").split():
        size = {"hundred": 100, "thousand": 1000}.get(word)
        total = total - total % 10 + total % 10 * size if size else total + values[word]
    return total


@given(st.integers(0, 9999))
def test_a_number_read_back_is_itself(number: int) -> None:
    assert counted_zh(numbers.chinese(number)) == number
    assert counted_en(numbers.english(number)) == number


@given(st.integers(100, 9999))
def test_one_before_hundreds_and_thousands_is_said_yi4(number: int) -> None:
    word = numbers.chinese(number)
    assert len(readings.numeral_zh(word).split()) == len(word)
    assert ("yi4" in readings.numeral_zh(word)) == ("一百" in word or "一千" in word)


@pytest.mark.parametrize("number", [-1, 10000])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 9999"):
        numbers.chinese(number)
    with pytest.raises(ValueError, match="from 0 to 9999"):
        numbers.english(number)


@given(st.text(max_size=40), st.sampled_from(("zh", "en")))
def test_any_text_becomes_words_or_nothing(text: str, language: Language) -> None:
    for token in tokens(text, language):
        assert token.word.strip() == token.word != ""


# --- nothing personal -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["请张*三到 3 号窗口", "请 13800000000 到 3 号窗口", "请 110101 19900101 0000 号", "请 19900101 号", "张＊三"],
)
def test_names_and_long_numbers_cannot_be_called(text: str) -> None:
    for make in (lambda: Call(text), lambda: Call("请 1 号", text)):
        with pytest.raises(ValueError, match="nothing personal"):
            make()


def test_a_recall_chimes_once_more() -> None:
    assert (Call("请 1 号").chimes, Call("请 1 号", again=True).chimes) == (1, 2)
