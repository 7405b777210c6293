"""The index file: guides under every name they have, as FTS5 knows them, in one SQLite file that is only ever replaced.

meta      format, version, built_at, count
guide     a row an entry; `names` and `sounds` are what scoring.py reads
pieces    contentless FTS5 over the same rowids: bigrams and characters of the title and of the other names, pairs of
          syllables (`she0bao`), the initials of every name from every place in it (`sbk`, `bk`), English words
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from types import MappingProxyType

from queue_server.guides.search import sound, words

FORMAT = "1"
LONGEST_INITIALS = 16
COLUMNS = {  # column of `pieces` -> its weight in bm25
    "title": 8.0,
    "alias": 6.0,
    "title_characters": 3.0,
    "alias_characters": 2.0,
    "title_sound": 2.5,
    "alias_sound": 2.0,
    "initials": 2.0,
    "all_initials": 4.0,
    "english": 6.0,
}
_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE guide (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE COLLATE NOCASE, title TEXT NOT NULL, short TEXT NOT NULL,
    department TEXT NOT NULL, visits INTEGER NOT NULL, names TEXT NOT NULL, sounds TEXT NOT NULL, fields TEXT NOT NULL
);
CREATE VIRTUAL TABLE pieces USING fts5(
    {", ".join(COLUMNS)}, content='', prefix='2 3 4', tokenize='unicode61 remove_diacritics 0'
);
"""


class BrokenIndex(Exception):
    """The index file cannot be used; it has to be built, or fetched, again."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; build it again on the server, or fetch it again on a terminal")
        self.path = path


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a guide. `visits` is how often it was opened and decides between equals; `fields` are
    its stored answers by field (materials, time, fee, where, conditions, steps …), given back word for word;
    `title_en` among them is searched. Aliases may be Chinese or English.
    """

    code: str
    title: str
    short: str
    aliases: tuple[str, ...]
    department: str
    visits: int = 0
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name people may know it by, the title first, in plain form."""
        named = map(words.plain, (self.title, self.short, *self.aliases, self.fields.get("title_en", "")))
        # a title of nothing but dashes is no name; every guide has its code
        return tuple(dict.fromkeys(name for name in named if name)) or (words.plain(self.code) or "0",)


def build(path: Path, entries: Iterable[Entry], *, version: str, built_at: datetime) -> None:
    """Writes the index beside `path` and puts it in its place at once; readers of the old file keep the old file.

    A guide's code may stand once only: ValueError. Nothing is left behind when it fails.
    """
    handle, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        with closing(sqlite3.connect(beside, isolation_level=None)) as db:
            _fill(db, entries, version, built_at)
        beside.chmod(0o644)
        _sync(beside)
        beside.replace(path)
        _sync(path.parent)
    except sqlite3.IntegrityError as error:
        raise ValueError(f"two guides with one code: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _fill(db: sqlite3.Connection, entries: Iterable[Entry], version: str, built_at: datetime) -> None:
    # one writer, no reader, and a file that is thrown away when this fails: a journal would guard nothing
    db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;" + _SCHEMA)
    db.execute("BEGIN")
    count = 0
    for count, entry in enumerate(entries, 1):
        names = list(entry.names)
        sounds = [sound.syllables(name) for name in names]
        row = (entry.code, entry.title, entry.short, entry.department, entry.visits, json.dumps(names))
        stored = (json.dumps([f" {' '.join(said)} " for said in sounds]), json.dumps(dict(entry.fields)))
        db.execute("INSERT INTO guide VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (count, *row, *stored))
        marks = ", ".join("?" for _ in range(len(COLUMNS) + 1))
        db.execute(
            f"INSERT INTO pieces (rowid, {', '.join(COLUMNS)}) VALUES ({marks})", (count, *_pieces(names, sounds))
        )
    meta = {"format": FORMAT, "version": version, "built_at": built_at.isoformat(), "count": str(count)}
    db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    db.execute("COMMIT")
    db.execute("INSERT INTO pieces (pieces) VALUES ('optimize')")


def _pieces(names: list[str], sounds: list[list[str]]) -> Iterator[str]:
    """The text of every column, in the order of COLUMNS."""
    first, others = names[:1], names[1:]
    for said in (words.bigrams, words.characters):
        yield " ".join(piece for name in first for piece in said(name))
        yield " ".join(piece for name in others for piece in said(name))
    for some in (sounds[:1], sounds[1:]):
        yield " ".join(pair for name in some for pair in sound.pairs(name))
    letters = [sound.initials(name) for name in sounds]
    yield " ".join(one[at : at + LONGEST_INITIALS] for one in letters for at in range(len(one)))
    yield " ".join(letters)
    yield " ".join(name for name in names if name.isascii())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
