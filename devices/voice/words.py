"""A call's sentences as the words that are spoken, one after the other; pure, the same for clips and for espeak-ng.

    请 A012 号到 3 号窗口办理。                   请 A 零 一 二 号到 三 号窗口办理
    Number A012, please go to Window 12.        Number A zero one two please go to Window twelve

Rules:
- A ticket number is read one by one: letters by name, then digits; 1 is yī or yāo. So is what has a letter before it,
  a zero in front or more than four digits, and what stands before 号 without 窗口, or after "Number".
- Any other number is a word: 3 三, 12 十二.
- Chinese between them stays in one piece from one number or mark to the next; so does English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from devices.voice import numbers, readings

Language = Literal["zh", "en"]
One = Literal["yi", "yao"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
PAUSE = ","

PIECES_ZH = re.compile(
    r"(?P<spelled>[A-Za-z]+(?:[- ]?\d+)?)|(?P<number>\d+)(?P<ticket>\s*号(?!\s*窗口))?"
    r"|(?P<text>[\u3400-\u9fff\U00020000-\U0003ffff]+)|(?P<pause>[,.;:!?、。…—()]+)"
)
PIECES_EN = re.compile(
    r"(?P<spelled>[A-Za-z]{1,3}-?\d+|(?<!\w)[B-HJ-Z](?!['\w])|(?<!\w)A(?!['\w]|\s[a-z]))|(?P<number>\d+)"
    r"|(?P<text>[A-Za-z]+(?:['-][A-Za-z]+)*)|(?P<pause>[,.;:!?…—()]+)"
)


@dataclass(frozen=True)
class Token:
    """One word or phrase as listed, and how it is said: pinyin, or English spelling. PAUSE is a short silence."""

    word: str
    sound: str


def tokens(text: str, language: Language, one: One = "yi") -> tuple[Token, ...]:
    """The text's words in order. Characters that nobody can say are left out."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    found = _chinese(text, one) if language == "zh" else _english(text)
    return tuple(_without_needless_pauses(found))


def listed(said: tuple[Token, ...]) -> str:
    """The words, a blank between two."""
    return " ".join(token.word for token in said if token.word != PAUSE)


def spelled_zh(text: str, one: One = "yi") -> Iterator[Token]:
    """Letters and digits one by one; all else is left out."""
    for char in text:
        if char.isdigit():
            word = "幺" if char == "1" and one == "yao" else numbers.DIGITS_ZH[int(char)]
            yield Token(word, readings.numeral_zh(word))
        elif char.isalpha():
            yield Token(char.upper(), readings.letter_zh(char))


def spelled_en(text: str) -> Iterator[Token]:
    """The same in English."""
    for char in text:
        if char.isdigit():
            yield Token(numbers.DIGITS_EN[int(char)], numbers.DIGITS_EN[int(char)])
        elif char.isalpha():
            yield Token(char.upper(), readings.letter_en(char))


def _chinese(text: str, one: One) -> Iterator[Token]:
    place = 0
    while found := PIECES_ZH.search(text, place):
        place = found.end()
        if found["spelled"]:
            yield from spelled_zh(found["spelled"], one)
        elif found["number"]:
            place = found.end("number")  # what follows it is text
            if found["ticket"] or not _counts(found["number"]):
                yield from spelled_zh(found["number"], one)
            else:
                word = numbers.chinese(int(found["number"]))
                yield Token(word, readings.numeral_zh(word))
        elif found["text"]:
            yield Token(found["text"], readings.pinyin(found["text"]))
        else:
            yield Token(PAUSE, PAUSE)


def _english(text: str) -> Iterator[Token]:
    run: list[str] = []
    for found in PIECES_EN.finditer(text):
        if found["text"]:
            run.append(found["text"])
            continue
        after_number = bool(run) and run[-1].lower() == "number"
        yield from _run(run)
        run = []
        if found["pause"]:
            yield Token(PAUSE, PAUSE)
        elif found["spelled"] or after_number or not _counts(found["number"]):
            yield from spelled_en(found.group())
        else:
            word = numbers.english(int(found["number"]))
            yield Token(word, word)
    yield from _run(run)


def _run(words: list[str]) -> Iterator[Token]:
    if words:
        yield Token(" ".join(words), " ".join(words))


def _counts(digits: str) -> bool:
    """Whether these digits are a number to be said as a word."""
    return len(digits) <= len(str(numbers.LARGEST)) and (digits == "0" or not digits.startswith("0"))


def _without_needless_pauses(said: Iterator[Token]) -> Iterator[Token]:
    """No pause at either end, and never two."""
    waiting: Token | None = None
    begun = False
    for token in said:
        if token.word == PAUSE:
            waiting = token
            continue
        if begun and waiting is not None:
            yield waiting
        yield token
        begun, waiting = True, None
