"""The shapes of what a citizen does besides taking a ticket: rating a visit, finding a ticket, asking for a person.

The key of the day is among them: a ticket is found by a card only with what was made with it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from queue_server.api.models import Asked, CardToken, HelpCallOut, Instant, Name, RangeOut, TicketOut
from queue_server.domain.model import State

Level = Annotated[int, Field(ge=1, le=5, strict=True, description="5 very satisfied 非常满意 … 1 very dissatisfied")]


class RatingIn(Asked):
    """One of the five levels of 好差评: 5 非常满意, 4 满意, 3 基本满意, 2 不满意, 1 非常不满意."""

    level: Level
    language: Literal["zh", "en"] = Field("zh", description="of the page it was asked on")


class RatingOut(BaseModel):
    """A rating that is kept; who gave it is not."""

    level: int
    name: Name
    at: Instant


class LevelOut(BaseModel):
    level: int
    name: Name
    count: int


class ItemRatingsOut(BaseModel):
    item: str
    levels: list[LevelOut]


class WindowRatingsOut(BaseModel):
    window: int
    levels: list[LevelOut]


class RatingsOut(BaseModel):
    """How many ratings of each level; by item and by window only where there are at least five."""

    since: date
    until: date
    levels: list[LevelOut]
    items: list[ItemRatingsOut]
    windows: list[WindowRatingsOut]


class DaysIn(Asked):
    days: int = Field(30, ge=1, le=366, description="business days, today's included")


class NumberIn(Asked):
    number: str = Field(max_length=32, description="today's, however it is written: A012, a 12")


class FindIn(Asked):
    """What is known of the ticket: exactly one of the three."""

    number: str | None = Field(None, max_length=32, description="today's, however it is written: A012, a 12")
    id: str | None = Field(None, max_length=64, description="what stands after /t/ in its code")
    card_token: CardToken | None = Field(None, description="as for taking a ticket")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.number, self.id, self.card_token)) != 1:
            raise ValueError("send exactly one of number, id and card_token")
        return self


class StandingOut(BaseModel):
    """How a ticket stands, for whoever knows its number alone: nothing that opens it."""

    number: str
    line: str
    state: State
    ahead: int
    range: RangeOut | None
    window: int | None
    zone: str
    calls: int
    prints: int = Field(description="papers printed of it")
    return_until: Instant | None = Field(description="while a missed one may come back")


class FoundOut(BaseModel):
    """By number: how it stands. By id or card: the tickets as when they were taken, with all a paper needs."""

    standing: StandingOut | None
    tickets: list[TicketOut]


class HelpIn(Asked):
    place: str = Field("", max_length=64, description="where the person stands: a machine's name, a zone")


class SeqOut(BaseModel):
    seq: int = Field(description="the event in the log")


class HelpCallsOut(BaseModel):
    calls: list[HelpCallOut]


class DayKeyOut(BaseModel):
    day: date
    key: str = Field(description="base64url of 32 random bytes; keep it in memory only")
    closes_at: Instant = Field(description="forget the key then, and fetch the next one")
