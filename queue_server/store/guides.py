"""The catalogue's tables: the code tables, every version of every guide, the log of changes, reviews, missed searches.

The catalogue is the city's and belongs to no hall, so its changes have a log of their own, chained like a hall's
(`domain.events.chain`): each row's hash follows from the one before, and the catalogue's row holds the last. Whoever
changes something has the name CATALOGUE for himself (`Store.run`).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from queue_server.domain.events import FIRST_HASH, canonical, chain, iso
from queue_server.guides.reviews import Review, Verdict
from queue_server.guides.versions import Status
from queue_server.store.log import LogCheck
from queue_server.store.queries import Reading
from queue_server.store.schema import (
    from_instant,
    guide_catalogue,
    guide_changes,
    guide_reviews,
    guide_searches,
    guide_versions,
    to_instant,
)
from queue_server.store.statement import Row, Statement, given, insert, save
from queue_server.store.writer import Transaction

CATALOGUE = ""  # what belongs to no hall
ONE = 1  # the only row of guide_catalogue


@dataclass(frozen=True, slots=True)
class Head:
    """Where the catalogue stands: its code tables as JSON, and its last change."""

    tables: str
    last_change: int
    last_hash: bytes


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as it is kept; `content` is the guide as JSON."""

    code: str
    number: int
    status: Status
    effective_from: date | None
    effective_to: date | None
    content: str
    made_at: datetime
    made_by: str
    published_at: datetime | None
    published_by: str
    edits: int


@dataclass(frozen=True, slots=True)
class Search:
    """Words that found nothing."""

    words: str
    count: int
    first_at: datetime
    last_at: datetime


v, s = guide_versions.c, guide_searches.c
HEAD = Statement(
    sa.select(guide_catalogue.c.tables, guide_catalogue.c.last_change, guide_catalogue.c.last_hash).where(
        guide_catalogue.c.id == given("id")
    )
)
SAVE_HEAD = Statement(save(guide_catalogue))
LAST = Statement(  # without the code tables, which are long
    sa.select(guide_catalogue.c.last_change, guide_catalogue.c.last_hash).where(guide_catalogue.c.id == given("id"))
)
MOVE = Statement(
    sa.update(guide_catalogue)
    .where(guide_catalogue.c.id == given("id"))
    .values(last_change=given("seq"), last_hash=given("hash"))
)
VERSIONS = Statement(sa.select(guide_versions).order_by(v.code, v.number))
OF_GUIDE = Statement(sa.select(guide_versions).where(v.code == given("code")).order_by(v.number))
SAVE_VERSION = Statement(save(guide_versions))
ADD_CHANGE = Statement(insert(guide_changes))
CHANGES = Statement(
    sa.select(guide_changes)
    .where(guide_changes.c.seq > given("after"))
    .order_by(guide_changes.c.seq)
    .limit(given("limit"))
)
CHANGES_OF = Statement(
    sa.select(guide_changes).where(guide_changes.c.code == given("code")).order_by(guide_changes.c.seq)
)
ADD_REVIEW = Statement(insert(guide_reviews))
REVIEWS = Statement(sa.select(guide_reviews).order_by(guide_reviews.c.seq))
SEARCHES = Statement(sa.select(guide_searches).order_by(s.count.desc(), s.words).limit(given("limit")))
SEARCH = Statement(sa.select(guide_searches).where(s.words == given("words")))
SAVE_SEARCH = Statement(save(guide_searches))
FORGET_SEARCHES = Statement(sa.delete(guide_searches).where(s.last_at < given("before")))


def head(reading: Reading) -> Head | None:
    """None before the catalogue has begun."""
    row = HEAD.one(reading.connection, id=ONE)
    return Head(row[0], row[1], bytes(row[2])) if row else None


def save_tables(tx: Transaction, tables: str) -> None:
    """The code tables from now on; begins the catalogue if there is none."""
    now = head(tx)
    last = (now.last_change, now.last_hash) if now else (0, FIRST_HASH)
    SAVE_HEAD.run(tx.connection, id=ONE, tables=tables, last_change=last[0], last_hash=last[1])


def versions(reading: Reading) -> list[VersionRow]:
    """Every version of every guide, by code and number."""
    return [_version(row) for row in VERSIONS.all(reading.connection)]


def of_guide(reading: Reading, code: str) -> list[VersionRow]:
    return [_version(row) for row in OF_GUIDE.all(reading.connection, code=code)]


def save_version(tx: Transaction, row: VersionRow) -> None:
    SAVE_VERSION.run(
        tx.connection,
        code=row.code,
        number=row.number,
        status=row.status.value,
        effective_from=row.effective_from and row.effective_from.isoformat(),
        effective_to=row.effective_to and row.effective_to.isoformat(),
        content=row.content,
        made_at=to_instant(row.made_at),
        made_by=row.made_by,
        published_at=row.published_at and to_instant(row.published_at),
        published_by=row.published_by,
        edits=row.edits,
    )


def append(tx: Transaction, kind: str, code: str, at: datetime, actor: str, facts: Mapping[str, Any]) -> int:
    """Writes a change to the catalogue's log; returns its seq. Raises LookupError before the catalogue has begun."""
    last = LAST.one(tx.connection, id=ONE)
    if last is None:
        raise LookupError("catalogue")
    payload = canonical({"type": kind, "code": code, "at": iso(at), "actor": actor, "facts": dict(facts)})
    seq = int(last[0]) + 1
    hash_ = chain(bytes(last[1]), seq, payload)
    ADD_CHANGE.run(tx.connection, seq=seq, code=code, payload=payload, hash=hash_)
    MOVE.run(tx.connection, id=ONE, seq=seq, hash=hash_)
    return seq


def changes(reading: Reading, code: str | None = None, after: int = 0, limit: int = 1_000) -> list[dict[str, Any]]:
    """{seq, type, code, at, actor, facts} in order; of one guide, all of them."""
    if code is not None:
        rows = CHANGES_OF.all(reading.connection, code=code)
    else:
        rows = CHANGES.all(reading.connection, after=after, limit=limit)
    return [{"seq": seq, **json.loads(payload)} for seq, _, payload, _ in rows]


def verify(reading: Reading) -> LogCheck:
    """Checks that the catalogue's log has no gap, and that each hash follows from the one before."""
    previous, after = FIRST_HASH, 0
    while rows := CHANGES.all(reading.connection, after=after, limit=1_000):
        for seq, code, payload, stored in rows:
            if seq != after + 1:
                return LogCheck(after, f"change {after + 1} is missing: the next one is {seq}")
            facts = json.loads(payload)
            if chain(previous, seq, payload) != bytes(stored) or facts["code"] != code:
                return LogCheck(after, f"change {seq} was changed: its hash does not follow from the one before")
            previous, after = bytes(stored), seq
    now = head(reading)
    if ((now.last_change, now.last_hash) if now else (0, FIRST_HASH)) != (after, previous):
        return LogCheck(after, f"the log ends at change {after}, the catalogue at {now.last_change if now else 0}")
    return LogCheck(after, "")


def add_review(tx: Transaction, seq: int, review: Review) -> None:
    values = dataclasses.asdict(review) | {"verdict": review.verdict.value, "at": to_instant(review.at)}
    ADD_REVIEW.run(tx.connection, seq=seq, **values)


def reviews(reading: Reading) -> list[Review]:
    """Every review, the oldest first."""
    rows = REVIEWS.all(reading.connection)
    return [Review(row[1], row[2], row[3], Verdict(row[4]), row[5], from_instant(row[6]), row[7]) for row in rows]


def count_search(tx: Transaction, words: str, at: datetime) -> int:
    """One more search for these words that found nothing; how many that makes."""
    row = SEARCH.one(tx.connection, words=words)
    count, first = (row[1] + 1, row[2]) if row else (1, to_instant(at))
    SAVE_SEARCH.run(tx.connection, words=words, count=count, first_at=first, last_at=to_instant(at))
    return int(count)


def searches(reading: Reading, limit: int) -> list[Search]:
    """What was searched in vain, the most frequent first."""
    rows = SEARCHES.all(reading.connection, limit=limit)
    return [Search(words, count, from_instant(first), from_instant(last)) for words, count, first, last in rows]


def forget_searches(tx: Transaction, before: datetime) -> None:
    """Those nobody has asked since."""
    FORGET_SEARCHES.run(tx.connection, before=to_instant(before))


def _version(row: Row) -> VersionRow:
    code, number, status, start, end, content, made_at, made_by, published_at, published_by, edits = row
    return VersionRow(
        code=code,
        number=number,
        status=Status(status),
        effective_from=date.fromisoformat(start) if start else None,
        effective_to=date.fromisoformat(end) if end else None,
        content=content,
        made_at=from_instant(made_at),
        made_by=made_by,
        published_at=None if published_at is None else from_instant(published_at),
        published_by=published_by,
        edits=edits,
    )
