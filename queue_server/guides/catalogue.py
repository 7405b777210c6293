"""The life of a guide: draft, published from a date, superseded or retired; reviewed; and what nobody found.

Methods that take a `Transaction` are commands (run with `Store.run(CATALOGUE, …)`); each appends to the catalogue's
log. What is published is kept ready, because everybody reads it and few change it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from queue_server.domain.errors import Conflict, NotFound, Unprocessable
from queue_server.guides.checks import Breach, breaches
from queue_server.guides.diff import differences
from queue_server.guides.model import Guide, Place, Tables
from queue_server.guides.reviews import Due, Review, Verdict, due
from queue_server.guides.versions import DAY, Overlap, Status, Version, in_force, superseded_by, today
from queue_server.store import guides as stored
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction

LONGEST_SEARCH = 40  # characters of a search that are kept
NUMBER_OF_A_PERSON = re.compile(r"\d{5,}|@")  # telephone, ID card, address: such a search is not kept
SEARCHES_KEPT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Published:
    """What is in force on a day: code -> version. `revision` counts every change of the catalogue."""

    revision: int
    day: date
    tables: Tables
    guides: Mapping[str, Version]


class Catalogue:
    """The guides of a city. `clock()` is an aware datetime."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._tables: tuple[str, Tables] | None = None
        self._guides: dict[tuple[str, int], tuple[str, Guide]] = {}
        self._published: Published | None = None

    # -- looking ------------------------------------------------------------------------------------------------------

    def tables(self, reading: Reading) -> Tables:
        """Raises NotFound before there is a catalogue."""
        head = stored.head(reading)
        if head is None:
            raise NotFound("there is no catalogue here yet: python -m queue_server guides import FOLDER --data DIR")
        if self._tables is None or self._tables[0] != head.tables:
            self._tables = head.tables, Tables.model_validate_json(head.tables)
        return self._tables[1]

    def today(self, reading: Reading) -> date:
        return today(self._clock(), self.tables(reading).time_zone)

    def published(self, reading: Reading) -> Published:
        """What is in force now. Raises NotFound before there is a catalogue."""
        tables, head = self.tables(reading), stored.head(reading)
        assert head is not None
        day, known = today(self._clock(), tables.time_zone), self._published
        if known is not None and (known.revision, known.day) == (head.last_change, day):
            return known
        by_code = self.all_versions(reading)
        current = {code: found for code, versions in by_code.items() if (found := in_force(versions, day))}
        self._published = Published(head.last_change, day, tables, current)
        return self._published

    def all_versions(self, reading: Reading) -> dict[str, list[Version]]:
        found: dict[str, list[Version]] = {}
        for row in stored.versions(reading):
            found.setdefault(row.code, []).append(self._version(row))
        return found

    def versions(self, reading: Reading, code: str) -> list[Version]:
        """The first one first. Raises NotFound."""
        found = [self._version(row) for row in stored.of_guide(reading, code)]
        if not found:
            raise NotFound(f"there is no guide {code!r}", code=code)
        return found

    def version(self, reading: Reading, code: str, number: int) -> Version:
        """Raises NotFound."""
        for version in self.versions(reading, code):
            if version.number == number:
                return version
        raise NotFound(f"guide {code!r} has no version {number}", code=code, number=number)

    def _version(self, row: stored.VersionRow) -> Version:
        key = (row.code, row.number)
        if key not in self._guides or self._guides[key][0] != row.content:
            self._guides[key] = row.content, Guide.model_validate_json(row.content)
        return Version(
            row.number,
            row.status,
            self._guides[key][1],
            row.effective_from,
            row.effective_to,
            row.made_at,
            row.made_by,
            row.published_at,
            row.published_by,
            row.edits,
        )

    def breaches(self, reading: Reading, guide: Guide) -> list[Breach]:
        return breaches(guide, self.tables(reading))

    def due(self, reading: Reading, within: timedelta) -> list[Due]:
        """What is to be looked over by then."""
        day = self.today(reading)
        current = [found for some in self.all_versions(reading).values() if (found := in_force(some, day))]
        return due(current, stored.reviews(reading), self.tables(reading), day + within)

    # -- changing -----------------------------------------------------------------------------------------------------

    def save_draft(self, tx: Transaction, guide: Guide, actor: str, if_edits: int | None = None) -> Version:
        """Begins the draft of a guide's next version, or changes it; a draft may break rules.

        Raises Conflict when the draft was changed since the asker saw it (`if_edits`; 0: there was none).
        """
        self.tables(tx)
        versions = [self._version(row) for row in stored.of_guide(tx, guide.code)]
        old = draft_of(versions)
        edits = old.edits if old else 0
        if if_edits is not None and if_edits != edits:
            raise Conflict("somebody else changed this draft meanwhile: fetch it and look again", edits=edits)
        return self.put_draft(tx, guide, versions, actor)

    def put_draft(self, tx: Transaction, guide: Guide, versions: list[Version], actor: str) -> Version:
        """The guide as the draft beside these versions, in place of one that is there."""
        old, now = draft_of(versions), self._clock()
        edits = old.edits if old else 0
        draft = Version(
            old.number if old else len(versions) + 1,
            Status.DRAFT,
            guide,
            guide.effective_from,
            guide.effective_to,
            now,
            actor,
            edits=edits + 1,
        )
        self._save(tx, draft)
        before = old or (versions[-1] if versions else None)
        fields = [one.path for one in differences(before.guide, guide)] if before else []
        stored.append(
            tx, "guide.drafted", guide.code, now, actor, {"number": draft.number, "edits": edits + 1, "changed": fields}
        )
        return draft

    def publish(
        self, tx: Transaction, code: str, actor: str, start: date | None = None, end: date | None = None
    ) -> Version:
        """The draft becomes a version that holds from `start` (none: as the draft says).

        Raises Unprocessable with every breach, Conflict when it would overlap another version.
        """
        versions = self.versions(tx, code)
        draft = draft_of(versions)
        if draft is None:
            raise Conflict(f"guide {code!r} has no draft to publish", code=code)
        dates = {"effective_from": start or draft.effective_from, "effective_to": end or draft.effective_to}
        return self._publish(tx, draft.guide.model_copy(update=dates), versions, actor)

    def put_place(self, tx: Transaction, code: str, place: Place, start: date, actor: str) -> Version:
        """A version that differs from the last one only in where one area does it. Raises as `publish`."""
        versions = self.versions(tx, code)
        last = versions[-1]
        if last.status is not Status.PUBLISHED:
            raise Conflict(f"version {last.number} of guide {code!r} is {last.status}: publish one first", code=code)
        others = [one for one in last.guide.places if one.area != place.area]
        at = next((n for n, one in enumerate(last.guide.places) if one.area == place.area), len(others))
        places = (*others[:at], place, *others[at:])
        return self._publish(
            tx, last.guide.model_copy(update={"places": places, "effective_from": start}), versions, actor
        )

    def _publish(self, tx: Transaction, guide: Guide, versions: list[Version], actor: str) -> Version:
        found = self.breaches(tx, guide)
        if found:
            words = "; ".join(one.en for one in found)
            raise Unprocessable(f"this cannot be published yet: {words}", breaches=[told(one) for one in found])
        try:
            return self.put_in_force(tx, guide, versions, self.today(tx), actor)
        except Overlap as error:
            raise Conflict(str(error), zh=error.zh) from error

    def put_in_force(self, tx: Transaction, guide: Guide, versions: list[Version], day: date, actor: str) -> Version:
        """Publishes what was checked, as the draft's version or a new one; `day` is today. Raises Overlap."""
        draft, start, now = draft_of(versions), guide.effective_from, self._clock()
        if start is None:
            raise Unprocessable("say from which day it holds (effective_from)", field="effective_from")
        number = draft.number if draft else len(versions) + 1
        if number > 1 and start < day:
            # citizens have been told otherwise on those days; only a first version may say since when a standard holds
            raise Unprocessable(
                f"{start} is over: a later version begins today ({day}) or later", today=day.isoformat()
            )
        superseded = superseded_by(versions, start, guide.effective_to)
        version = Version(
            number,
            Status.PUBLISHED,
            guide,
            start,
            guide.effective_to,
            draft.made_at if draft else now,
            draft.made_by if draft else actor,
            now,
            actor,
            draft.edits if draft else 1,
        )
        if superseded is not None:
            self._save(tx, replace(superseded, status=Status.SUPERSEDED, effective_to=start - DAY))
        self._save(tx, version)
        facts = {"number": number, "effective_from": start.isoformat(), "content": guide.model_dump(mode="json")}
        stored.append(tx, "guide.published", guide.code, now, actor, facts)
        return version

    def retire(self, tx: Transaction, code: str, on: date, reason: str, actor: str) -> list[Version]:
        """From the day `on` no version holds; what would have begun later never does. The versions it ended."""
        day = self.today(tx)
        if on < day:
            raise Unprocessable(f"{on} is over: a guide is retired today ({day}) or later", today=day.isoformat())
        ended = []
        for version in self.versions(tx, code):
            start, end = version.effective_from, version.effective_to
            if version.status is Status.DRAFT or start is None or (end is not None and end < max(on, start)):
                continue
            last = max(on, start) - DAY
            ended.append(replace(version, status=Status.RETIRED, effective_to=last))
        if not ended:
            raise Conflict(f"no version of guide {code!r} is in force on {on} or later", code=code)
        for version in ended:
            self._save(tx, version)
        facts = {"on": on.isoformat(), "reason": reason, "numbers": [version.number for version in ended]}
        stored.append(tx, "guide.retired", code, self._clock(), actor, facts)
        return ended

    def review(self, tx: Transaction, code: str, kind: str, verdict: Verdict, reason: str, actor: str) -> Review:
        """Somebody looked over the version in force. Raises NotFound, Conflict, Unprocessable."""
        known = self.tables(tx).reviews
        if kind not in known:
            raise Unprocessable(f"there is no review {kind!r}; known: {', '.join(known)}", field="kind")
        current = in_force(self.versions(tx, code), self.today(tx))
        if current is None:
            raise Conflict(f"no version of guide {code!r} is in force today", code=code)
        now = self._clock()
        review = Review(code, current.number, kind, verdict, reason, now, actor)
        facts = {"number": current.number, "kind": kind, "verdict": verdict.value, "reason": reason}
        stored.add_review(tx, stored.append(tx, "guide.reviewed", code, now, actor, facts), review)
        return review

    def missed(self, tx: Transaction, words: str) -> int:
        """A search that found nothing; how often that was so, 0 if it is not kept."""
        kept = keepable(words)
        now = self._clock()
        stored.forget_searches(tx, now - SEARCHES_KEPT)
        return stored.count_search(tx, kept, now) if kept else 0

    def use_tables(self, tx: Transaction, tables: Tables, actor: str) -> bool:
        """The code tables from now on; False if they are those already."""
        head, text = stored.head(tx), tables.model_dump_json()
        if head is not None and head.tables == text:
            return False
        stored.save_tables(tx, text)
        stored.append(tx, "tables.changed", "", self._clock(), actor, {"tables": tables.model_dump(mode="json")})
        return True

    @staticmethod
    def _save(tx: Transaction, version: Version) -> None:
        content = version.guide.model_dump_json()
        stored.save_version(
            tx,
            stored.VersionRow(
                version.guide.code,
                version.number,
                version.status,
                version.effective_from,
                version.effective_to,
                content,
                version.made_at,
                version.made_by,
                version.published_at,
                version.published_by,
                version.edits,
            ),
        )


def draft_of(versions: list[Version]) -> Version | None:
    """The draft among a guide's versions; there is at most one."""
    return next((version for version in versions if version.status is Status.DRAFT), None)


def told(breach: Breach) -> dict[str, str]:
    return {"rule": breach.rule, "field": breach.field, "zh": breach.zh, "en": breach.en}


def keepable(words: str) -> str:
    """A search as it is kept: plain, short, in small letters; "" for one that may say who asked."""
    plain = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
    plain = "".join(one for one in plain if one.isprintable())[:LONGEST_SEARCH].strip()
    return "" if NUMBER_OF_A_PERSON.search(plain.replace(" ", "").replace("-", "")) else plain
