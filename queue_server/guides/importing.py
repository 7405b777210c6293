"""Many guides at once, all or nothing: what a file would change, row by row, and the change itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from queue_server.domain.events import NOBODY
from queue_server.guides.catalogue import Catalogue, draft_of
from queue_server.guides.checks import breaches
from queue_server.guides.model import Guide, Tables
from queue_server.guides.source import load_folder
from queue_server.guides.transfer import Fault, Row
from queue_server.guides.versions import Overlap, Status, Version, superseded_by
from queue_server.store import guides as stored
from queue_server.store.queries import Reading
from queue_server.store.store import Store
from queue_server.store.writer import Transaction


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do: codes of guides; `faults` keep it from happening, `notes` do not."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class File:
    """What was read of a file: its rows, what is wrong with its form, the code tables that came with it."""

    rows: Sequence[Row]
    faults: Sequence[Fault] = ()
    tables: Tables | None = None


def plan(reading: Reading, catalogue: Catalogue, file: File, *, as_drafts: bool = False) -> Report:
    """What an import of the file would change, and what keeps it from happening."""
    return _planned(reading, catalogue, file, as_drafts).report


def run(tx: Transaction, catalogue: Catalogue, file: File, actor: str, *, as_drafts: bool = False) -> Report:
    """Imports the file; with any fault nothing is changed.

    Each row becomes its guide's next version, published from its `effective_from`; with `as_drafts` its draft, which
    may still break rules.
    """
    planned = _planned(tx, catalogue, file, as_drafts)
    if planned.report.faults:
        return planned.report
    if file.tables is not None:
        catalogue.use_tables(tx, file.tables, actor)
    for guide in planned.accepted:
        if as_drafts:
            catalogue.put_draft(tx, guide, planned.known.get(guide.code, []), actor)
        else:
            catalogue.put_in_force(tx, guide, planned.known.get(guide.code, []), planned.day, actor)
    return planned.report


def _planned(reading: Reading, catalogue: Catalogue, file: File, as_drafts: bool) -> _Plan:
    known = catalogue.all_versions(reading)
    # before the catalogue has begun every version is a first one, and its date is not looked at
    day = catalogue.today(reading) if known else date.min
    planned = _Plan(file.tables or catalogue.tables(reading), known, day, as_drafts)
    planned.report.faults.extend(file.faults)
    for row in file.rows:
        planned.take(row)
    return planned


class _Plan:
    """Row after row: is it new, another or the same; and what keeps it out."""

    def __init__(self, tables: Tables, known: dict[str, list[Version]], day: date, as_drafts: bool) -> None:
        self._tables, self.known, self.day, self._as_drafts = tables, known, day, as_drafts
        self._seen: dict[str, int] = {}
        self.report = Report()
        self.accepted: list[Guide] = []

    def take(self, row: Row) -> None:
        guide, versions = row.guide, self.known.get(row.guide.code, [])
        first = self._seen.setdefault(guide.code, row.row)
        if first != row.row:
            words = f"实施编码与第 {first} 行相同", f"row {first} has the same code"
            self.report.faults.append(Fault(row.row, guide.name, "code", "twice", *words))
            return
        found = [
            Fault(row.row, guide.name, one.field, one.rule, one.zh, one.en) for one in breaches(guide, self._tables)
        ]
        if self._as_drafts:
            self.report.notes.extend(found)
        elif self._is_as_published(guide, versions):
            self.report.unchanged.append(guide.code)
            return
        else:
            self.report.faults.extend([*found, *self._does_not_fit(row, versions)])
        (self.report.changed if versions else self.report.added).append(guide.code)
        self.accepted.append(guide)

    @staticmethod
    def _is_as_published(guide: Guide, versions: list[Version]) -> bool:
        published = [version for version in versions if version.status is not Status.DRAFT]
        return bool(published) and published[-1].guide == guide

    def _does_not_fit(self, row: Row, versions: list[Version]) -> list[Fault]:
        guide = row.guide

        def fault(column: str, rule: str, zh: str, en: str) -> list[Fault]:
            return [Fault(row.row, guide.name, column, rule, zh, en)]

        if guide.effective_from is None:
            words = (
                "没有计划生效日期；还没定的请按草稿导入",
                "no date to begin on; import as drafts if it is not settled",
            )
            return fault("effective_from", "no_date", *words)
        if (draft := draft_of(versions)) is not None:
            words = (
                f"第 {draft.number} 版还是草稿：请先发布，或按草稿导入",
                f"version {draft.number} is a draft still: publish it first, or import as drafts",
            )
            return fault("code", "draft_open", *words)
        if versions and guide.effective_from < self.day:
            words = (
                f"{guide.effective_from} 已经过去：新版本最早从今天（{self.day}）起生效",
                f"{guide.effective_from} is over: a later version begins today ({self.day}) or later",
            )
            return fault("effective_from", "past", *words)
        try:
            superseded_by(versions, guide.effective_from, guide.effective_to)
        except Overlap as error:
            return fault("effective_from", "overlap", error.zh, error.en)
        return []


def seed(store: Store, catalogue: Catalogue, folder: Path) -> Report | None:
    """The written catalogue of a folder into a store that has none; None if it has one. Raises ConfigError."""
    with store.read() as reading:
        if stored.head(reading) is not None:
            return None
    tables, written = load_folder(folder)
    file = File([Row(place, one.guide) for place, one in enumerate(written, 1)], tables=tables)

    def command(tx: Transaction) -> Report | None:
        if stored.head(tx) is not None:  # another server was quicker
            return None
        return run(tx, catalogue, file, NOBODY)

    return store.run(stored.CATALOGUE, command)
