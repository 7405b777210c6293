"""How a piece of text is said: pinyin with tone digits in Chinese, letters among it included; spelling in English.

pypinyin knows which 行 is háng, but its dictionaries take 55 MB. The pieces of which calls are made stand in CALLS,
so that a display that only calls never loads it.
"""

from __future__ import annotations

import re

# As announcers say them; q is no Mandarin syllable, but espeak-ng reads kiu.
LETTERS_ZH = {
    "A": "ei1", "B": "bi4", "C": "xi1", "D": "di4", "E": "yi4", "F": "ai2 fu5", "G": "ji4", "H": "ei2 chi5",
    "I": "ai4", "J": "zhei4", "K": "kei4", "L": "ai2 lou5", "M": "ai2 mu5", "N": "en1", "O": "ou1", "P": "pi4",
    "Q": "kiu1", "R": "a1 er5", "S": "ai2 si5", "T": "ti4", "U": "you1", "V": "wei1", "W": "da2 bu5 liu5",
    "X": "ai2 ke5 si5", "Y": "wai1", "Z": "zei4",
}  # fmt: skip
NUMERALS_ZH = {
    "零": "ling2", "一": "yi1", "二": "er4", "三": "san1", "四": "si4", "五": "wu3", "六": "liu4", "七": "qi1",
    "八": "ba1", "九": "jiu3", "十": "shi2", "百": "bai3", "千": "qian1", "幺": "yao1",
}  # fmt: skip
CALLS = {
    "请": "qing3",
    "号到": "hao4 dao4",
    "号窗口": "hao4 chuang1 kou3",
    "号窗口办理": "hao4 chuang1 kou3 ban4 li3",
    "号转到": "hao4 zhuan3 dao4",
    "接着办理": "jie1 zhe5 ban4 li3",
}
FIXES = {  # what a dictionary gets wrong, and what must not change with its next version
    "银行": "yin2 hang2",
    "重庆": "chong2 qing4",
    "差旅": "chai1 lv3",
    "办得了": "ban4 de5 liao3",
    "办不了": "ban4 bu4 liao3",
    "单县": "shan4 xian4",
    "行长": "hang2 zhang3",
}
_FIXED = re.compile("|".join(sorted(FIXES, key=len, reverse=True)))


def letter_zh(letter: str) -> str:
    return LETTERS_ZH[letter.upper()]


def letter_en(letter: str) -> str:
    """Alone, a would be read as the article."""
    return "eigh" if letter.upper() == "A" else letter.upper()


def numeral_zh(words: str) -> str:
    """A number in Chinese words; 一 before 百 and 千 is yì."""
    said = (
        "yi4" if one == "一" and after in ("百", "千") else NUMERALS_ZH[one]
        for one, after in zip(words, words[1:] + " ", strict=True)
    )
    return " ".join(said)


def pinyin(han: str) -> str:
    """Syllables with tone digits 1 to 5, a blank between two; characters nobody knows how to say are left out."""
    if han in CALLS:
        return CALLS[han]
    pieces, done = [], 0
    for found in _FIXED.finditer(han):
        pieces += [*_looked_up(han[done : found.start()]), FIXES[found.group()]]
        done = found.end()
    return " ".join([*pieces, *_looked_up(han[done:])])


def _looked_up(han: str) -> list[str]:
    if not han:
        return []
    from pypinyin import Style, lazy_pinyin  # here, not above: 55 MB that calls do not need

    return lazy_pinyin(han, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, errors="ignore")
