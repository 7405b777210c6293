"""What a voice is asked to say, and what it tells of it afterwards. Nothing personal: numbers and windows only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from devices.voice.words import Language

LONGEST = 6  # digits of a ticket number; a birth date has 8, a phone number 11, an ID 18
PERSONAL = re.compile(rf"\*|\d(?:[\s-]?\d){{{LONGEST},}}")  # * as in a masked name


@dataclass(frozen=True)
class Call:
    """What is to be spoken; `again`: a recall, which chimes twice. Without English only Chinese is spoken. `loudness`
    is a share of the voice's own volume, up to the loudest there is.

    ValueError if it holds what looks like a masked name, an ID or a phone number.
    """

    chinese: str
    english: str = ""
    again: bool = False
    loudness: float = 1.0

    def __post_init__(self) -> None:
        for text in (self.chinese, self.english):
            if PERSONAL.search(unicodedata.normalize("NFKC", text)):
                raise ValueError("nothing personal is spoken: numbers and windows only")

    @property
    def chimes(self) -> int:
        return 2 if self.again else 1

    def text(self, language: Language) -> str:
        return self.chinese if language == "zh" else self.english


@dataclass(frozen=True)
class Spoken:
    """What became of a call: the seconds of its sound; in words why not all of it was heard, empty if it was."""

    call: Call
    seconds: float
    problem: str = ""


Finished = Callable[[Spoken], None]
