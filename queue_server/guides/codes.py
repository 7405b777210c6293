"""The item code (实施编码): whose it is, at which level, which item of the basic list; and the check character in it.

 18  统一社会信用代码 of the department (GB 32100: the last character checks the other 17)
  1  行使层级
 12  基本编码: 2 issuer, 2 type, 5 item, 3 sub-item
(2)  业务办理项
"""

from __future__ import annotations

import re
from typing import NamedTuple

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
CODE = re.compile(r"([0-9A-Z]{18})([0-9])([0-9]{2})([0-9]{2})([0-9]{8})([0-9]{2})?")


class CodeParts(NamedTuple):
    """An item code taken apart; `option` is empty in a code of 31 characters."""

    credit_code: str
    level: str
    issuer: str
    type: str
    number: str
    option: str


def parts(code: str) -> CodeParts | None:
    """None when it is not built like an item code."""
    found = CODE.fullmatch(code)
    return CodeParts(*(part or "" for part in found.groups())) if found else None


def check_character(first: str) -> str:
    """The 18th character for these 17 (GB 32100-2015, 4.2.5). Raises ValueError on a letter that no code has."""
    weighed = sum(CREDIT_ALPHABET.index(one) * weight for one, weight in zip(first, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[-weighed % 31]


def credit_code_holds(code: str) -> bool:
    """Is it a well-formed unified social credit code?"""
    if len(code) != 18 or any(one not in CREDIT_ALPHABET for one in code):
        return False
    return check_character(code[:17]) == code[17]


def compose(credit_code: str, level: str, issuer: str, type_code: str, number: str, option: str = "") -> str:
    """An item code from its parts; `number` is 5 digits of the item and 3 of the sub-item (000: none)."""
    return f"{credit_code}{level}{issuer}{type_code}{number}{option}"
