"""Whole numbers as words, Chinese and English, 0 to 9999. Windows are 二, never 两: they are numbers, not amounts."""

from __future__ import annotations

LARGEST = 9999
DIGITS_ZH = "零一二三四五六七八九"
UNITS_ZH = (("千", 1000), ("百", 100), ("十", 10), ("", 1))
DIGITS_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS_EN = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
    *("sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS_EN = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def chinese(number: int) -> str:
    """3 -> 三, 12 -> 十二, 110 -> 一百一十, 1005 -> 一千零五. ValueError outside 0 to 9999."""
    _within(number)
    if number == 0:
        return DIGITS_ZH[0]
    words, skipped = "", False
    for unit, size in UNITS_ZH:
        digit = number // size % 10
        if digit:
            words += ("零" if skipped and words else "") + DIGITS_ZH[digit] + unit
        skipped = not digit
    return words.removeprefix("一") if 10 <= number < 20 else words


def english(number: int) -> str:
    """3 -> three, 21 -> twenty-one, 101 -> one hundred and one. ValueError outside 0 to 9999."""
    _within(number)
    thousands, below = divmod(number, 1000)
    hundreds, rest = divmod(below, 100)
    words = [f"{DIGITS_EN[thousands]} thousand"] if thousands else []
    if hundreds:
        words.append(f"{DIGITS_EN[hundreds]} hundred")
    if rest or not words:
        words.append(("and " if words else "") + _below_hundred(rest))
    return " ".join(words)


def _below_hundred(number: int) -> str:
    if number < 10:
        return DIGITS_EN[number]
    if number < 20:
        return TEENS_EN[number - 10]
    tens, ones = divmod(number, 10)
    return TENS_EN[tens] + (f"-{DIGITS_EN[ones]}" if ones else "")


def _within(number: int) -> None:
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number}: numbers are said in words from 0 to {LARGEST}")
