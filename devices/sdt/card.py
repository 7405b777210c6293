"""The person on an ID card: as much as a hall may keep, and nothing more.

A name or a number never shows in `repr`, in an error or in a log: only who asks for `name` or `number` gets it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from devices.errors import DeviceError


class CardUnreadable(DeviceError):
    """Ask the citizen to lift the card and lay it again. The text says why, without a name or a number."""


class Private(bytes):
    """Bytes from a card. They show neither in a repr nor in a traceback that prints variables."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes of a card>"


class CardKind(StrEnum):
    """What kind of card it is; numbers of one kind never look like another's."""

    RESIDENT = "resident"  # 居民身份证
    FOREIGNER_2017 = "foreigner_2017"  # 外国人永久居留身份证, 15 characters
    FOREIGNER_2023 = "foreigner_2023"  # the same, 18 characters
    HMT = "hmt"  # 港澳台居民居住证


@dataclass(frozen=True, repr=False)
class Card:
    """Who laid a card on the reader. `name` is the Chinese one if the card has one, else the Latin one."""

    kind: CardKind
    name: str
    birth: date
    number: str

    def __repr__(self) -> str:
        return f"Card({self.kind.value})"

    @property
    def masked_name(self) -> str:
        """The name as a clerk may see it: 张*三, 张*, S* J*."""
        return mask(self.name)

    def age_on(self, day: date) -> int:
        """Whole years on that day. Who was born on 29 February is a year older on 1 March where there is no 29th."""
        before_birthday = (day.month, day.day) < (self.birth.month, self.birth.day)
        return day.year - self.birth.year - before_birthday


def mask(name: str) -> str:
    """First and last character around one star, however many it hides; of two the first; initials of Latin names."""
    if name.isascii():
        words = [word for word in _LATIN_WORDS.split(name) if word]
        return " ".join(f"{word[0]}*" for word in (words if len(words) < 2 else (words[0], words[-1])))
    if len(name) < 3:
        return f"{name[:1]}*" if len(name) == 2 else "*"
    return f"{name[0]}*{name[-1]}"


_LATIN_WORDS = re.compile(r"[^A-Za-z]+")
