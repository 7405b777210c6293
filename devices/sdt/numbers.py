"""Whether a card's number can be right. Sources: GB 11643-1999, ISO 7064, ICAO 9303, the card rules of 2017 and 2023.

    resident         6 region (begins 1 to 8) + 8 birth + 3 sequence + 1 check    MOD 11-2
    HMT              the same; the region is 810000, 820000 or 830000             MOD 11-2
    foreigner 2023   9 + 2 region + 3 country + 8 birth + 3 sequence + 1 check     MOD 11-2
    foreigner 2017   3 letters + 4 region + birth YYMMDD + 1 sequence + 1 check    7-3-1

Region and country codes change every year and are not looked up: a wrong list would turn a right card away.
"""

from __future__ import annotations

import re
from datetime import date

from devices.sdt.card import CardKind

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"

_FORMS = {
    CardKind.RESIDENT: re.compile(r"[1-8][0-9]{16}[0-9X]"),
    CardKind.HMT: re.compile(r"8[123]0000[0-9]{11}[0-9X]"),
    CardKind.FOREIGNER_2023: re.compile(r"9[0-9]{16}[0-9X]"),
    CardKind.FOREIGNER_2017: re.compile(r"[A-Z]{3}[0-9]{12}"),
}


def check_mod_11_2(digits: str) -> str:
    """The 18th character to 17 digits: ISO 7064 MOD 11-2, a digit or X."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def check_7_3_1(characters: str) -> str:
    """The 15th character to 14 letters and digits: ICAO 9303, A is 10 and Z is 35."""
    return str(sum(int(one, 36) * (7, 3, 1)[place % 3] for place, one in enumerate(characters)) % 10)


def flaw(kind: CardKind, number: str, birth: date) -> str:
    """What is wrong with the number of a card of this kind and birth, in words that do not show it; "" if nothing."""
    if not _FORMS[kind].fullmatch(number):
        return "the number has not the form of this kind of card"
    body, check = number[:-1], number[-1]
    if kind is CardKind.FOREIGNER_2017:
        # the number has no century: the chip's birth decides it
        expected, born = check_7_3_1(body), number[7:13] == f"{birth:%y%m%d}"
    else:
        expected, born = check_mod_11_2(body), number[6:14] == _eight_digits(birth)
    if check != expected:
        return "the number's check character is wrong"
    return "" if born else "the number and the birth date do not agree"


def _eight_digits(day: date) -> str:
    return f"{day.year:04}{day:%m%d}"  # %Y does not pad early years everywhere
