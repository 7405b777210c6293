"""The versions of a guide in time: which one is in force on a day, and whether a new one fits between the others.

A version holds from the first moment of `effective_from` to the last of `effective_to`, in the city's time zone; none
means until another one supersedes it. Nothing is overwritten: a version that is superseded or retired gets an end and
stays readable. One that was withdrawn before it began ends the day before its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from queue_server.guides.model import Guide

DAY = timedelta(days=1)


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Version:
    """One version; `guide` is its content, the other fields what became of it. `edits` counts a draft's."""

    number: int
    status: Status
    guide: Guide
    effective_from: date | None  # None: a draft with no date yet
    effective_to: date | None
    made_at: datetime
    made_by: str
    published_at: datetime | None = None
    published_by: str = ""
    edits: int = 1


def today(now: datetime, time_zone: str) -> date:
    """The date in the city at an aware instant."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def holds(version: Version, day: date) -> bool:
    """Is this version in force on a day?"""
    if version.status is Status.DRAFT or version.effective_from is None:
        return False
    return version.effective_from <= day and (version.effective_to is None or day <= version.effective_to)


def in_force(versions: Iterable[Version], day: date) -> Version | None:
    """The one version in force on a day: published ones never overlap."""
    return next((version for version in versions if holds(version, day)), None)


def superseded_by(versions: Sequence[Version], start: date, end: date | None) -> Version | None:
    """The version that a new one from `start` to `end` supersedes. Raises Overlap when it does not fit.

    An open-ended version ends where a later one begins. Anything else in common is a mistake.
    """
    found = None
    for other in versions:
        if other.status is Status.DRAFT or other.effective_from is None or _never_held(other):
            continue
        before = end is not None and end < other.effective_from
        after = other.effective_to is not None and other.effective_to < start
        if before or after:
            continue
        if other.effective_to is None and other.effective_from < start:
            found = other
            continue
        raise Overlap(other, start, end)
    return found


def _never_held(version: Version) -> bool:
    start, end = version.effective_from, version.effective_to
    return start is not None and end is not None and end < start


class Overlap(ValueError):
    """Two versions would hold on one day; `zh` and `en` say which and what to do."""

    def __init__(self, other: Version, start: date, end: date | None) -> None:
        theirs = f"{other.effective_from} – {other.effective_to or '…'}"
        ours = f"{start} – {end or '…'}"
        self.zh = f"{ours} 与第 {other.number} 版（{theirs}）重叠：请改生效或取消日期，或先停用第 {other.number} 版"
        self.en = (
            f"{ours} overlaps version {other.number} ({theirs}): choose other dates, or retire version "
            f"{other.number} first"
        )
        super().__init__(self.en)


def months_later(day: date, months: int) -> date:
    """The same day some months on; the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    last = date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY
    return min(first + timedelta(days=day.day - 1), last)
