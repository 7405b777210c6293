"""What a citizen thought of a service (好差评): one of five levels, once a service, and never whose it was.

A row of the table is made from its event and nothing else, so the log says all of them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from config import Words

LEVELS: Mapping[int, Words] = MappingProxyType(
    {
        5: Words(zh="非常满意", en="Very satisfied"),
        4: Words(zh="满意", en="Satisfied"),
        3: Words(zh="基本满意", en="Fairly satisfied"),
        2: Words(zh="不满意", en="Dissatisfied"),
        1: Words(zh="非常不满意", en="Very dissatisfied"),
    }
)  # the names are prescribed
ENOUGH = 5  # ratings of an item or a window before they are told by themselves: of fewer, one could be guessed


@dataclass(frozen=True, slots=True)
class Rating:
    """`window` is where the service ended; `at` is aware, UTC; `language` that of the page it was given on."""

    ticket: str
    hall: str
    business_day: date
    window: int | None
    line: str
    item: str | None
    level: int
    language: str
    at: datetime


def rating_of(hall: str, facts: Mapping[str, Any]) -> Rating:
    """The rating an event of type `ticket.rated` tells of."""
    told, reason = facts["ticket"], facts["reason"]
    return Rating(
        ticket=told["id"],
        hall=hall,
        business_day=date.fromisoformat(told["business_day"]),
        window=facts["window"],
        line=told["line"],
        item=told["item"],
        level=reason["level"],
        language=reason["language"],
        at=datetime.fromisoformat(facts["at"]),
    )
