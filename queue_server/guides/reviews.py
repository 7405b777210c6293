"""Which guides are due for review: the standard every half year, its process every quarter (both from the tables)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from queue_server.guides.model import Tables
from queue_server.guides.versions import Version, months_later, today


class Verdict(StrEnum):
    KEEP = "keep"
    REVISE = "revise"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody found when looking a guide over; `kind` is of the table reviews."""

    code: str
    number: int
    kind: str
    verdict: Verdict
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Due:
    """A guide to look over, the day by which, and the last verdict if there was one."""

    version: Version
    kind: str
    on: date
    last: Review | None


def due(current: Iterable[Version], reviews: Iterable[Review], tables: Tables, until: date) -> list[Due]:
    """What is due by `until`, the longest overdue first. Counted from the publication or the last review."""
    last: dict[tuple[str, str], Review] = {}
    for review in reviews:
        key = (review.code, review.kind)
        if key not in last or review.at >= last[key].at:
            last[key] = review
    found = []
    for version in current:
        for kind, entry in tables.reviews.items():
            before = last.get((version.guide.code, kind))
            times = [at for at in (version.published_at or version.made_at, before.at if before else None) if at]
            on = months_later(today(max(times), tables.time_zone), entry.months)
            if on <= until:
                found.append(Due(version, kind, on, before))
    return sorted(found, key=lambda one: (one.on, one.version.guide.code, one.kind))
