"""Asks an index file: which guides a person may mean, whether that is sure, and what the guide says to the question.

How it is found: FTS5 names candidates by pieces, scoring.py decides between them. Han queries are looked up as typed
and with synonyms put in; only when a character of the query is in none of the first five are its sounds looked up too,
because sounds make natural questions worse. Latin queries are pinyin, initials or English, whichever answers best.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from queue_server.guides.search import questions, scoring, sound, words
from queue_server.guides.search.index import COLUMNS, FORMAT, BrokenIndex
from queue_server.guides.search.scoring import Names, Score

CANDIDATES = 50
AT_LEAST = 0.4  # of the query's pairs in the best guide: less is "not found"
OFFERED = 3  # guides shown with "not found"
SAID_OTHERWISE = 0.92  # a synonym's answer against one to the words themselves
FIRST = 5  # guides among which every character of the query is looked for before sounds are
CODE_DIGITS = 6
CLEARLY_TYPED = 0.75  # letters that answer less well than this may be typed as they are spoken
MOST_NEAR = 2
ENOUGH_INITIALS = 4
ENOUGH_TO_MISTYPE, MOST_MISTYPED = 5, 24  # letters
_TEXT = ("title", "alias", "title_characters", "alias_characters")
_SOUND = ("title_sound", "alias_sound")
_INITIALS = ("initials", "all_initials")
_RANK = f"bm25(pieces, {', '.join(str(weight) for weight in COLUMNS.values())})"


@dataclass(frozen=True, slots=True)
class Hit:
    """`matched` is the name by which the guide was found: its title, short name or an alias, in plain form."""

    code: str
    title: str
    short: str
    department: str
    score: float
    matched: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`sure` False: nothing answers well, `hits` are three offers. `field` is what a question asked for, `text` that
    field of the first hit word for word; None when it has none or is not sure.
    """

    hits: tuple[Hit, ...]
    sure: bool
    field: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class _Guide:
    id: int
    code: str
    title: str
    short: str
    department: str
    visits: int
    names: Names
    near: Names  # how the names sound to somebody who hears sh and s alike


_Ranked = list[tuple[Score, _Guide]]


class Index:
    """One index file, which may be replaced while it is open: the next search reads the new one. For many threads.

    Raises BrokenIndex when the file is missing, cut short, not an index, or of another format; a query of whatever
    kind raises nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file = _File(path)

    @property
    def version(self) -> str:
        return self._file.meta["version"]

    @property
    def built_at(self) -> datetime:
        return datetime.fromisoformat(self._file.meta["built_at"])

    def __len__(self) -> int:
        return int(self._file.meta["count"])

    def search(self, query: str, limit: int = 10) -> Answer:
        with self._lock:
            if _mark(self._path) != self._file.mark:
                fresh = _File(self._path)
                self._file.close()
                self._file = fresh
            try:
                return _Search(self._file).answer(query, limit)
            except sqlite3.DatabaseError as error:
                raise BrokenIndex(self._path, str(error)) from error

    def close(self) -> None:
        self._file.close()


def _mark(path: Path) -> tuple[int, int, int]:
    """Tells one file in this place from the next."""
    try:
        found = path.stat()
    except OSError as error:
        raise BrokenIndex(path, error.strerror or "cannot be read") from error
    return found.st_ino, found.st_mtime_ns, found.st_size


class _File:
    """The file as it was when opened: nobody ever writes into it, so SQLite need not look for changes or locks."""

    def __init__(self, path: Path) -> None:
        self.mark = _mark(path)
        try:
            self._db = sqlite3.connect(
                f"file:{quote(os.fspath(path.absolute()))}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        except sqlite3.DatabaseError as error:
            raise BrokenIndex(path, str(error)) from error
        try:
            self.meta = self._checked(path)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise BrokenIndex(path, str(error)) from error
        except BrokenIndex:
            self._db.close()
            raise
        self._seen: dict[int, _Guide] = {}  # read once: the same guides come up while somebody types
        self._weights: dict[str, tuple[bool, float]] = {}

    def _checked(self, path: Path) -> dict[str, str]:
        (found,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise BrokenIndex(path, f"damaged ({found})")
        meta = dict(self._db.execute("SELECT key, value FROM meta"))
        if meta.get("format") != FORMAT:
            raise BrokenIndex(path, f"format {meta.get('format')}, this program reads {FORMAT}")
        (count,) = self._db.execute("SELECT count(*) FROM guide").fetchone()
        if meta.get("count") != str(count):
            raise BrokenIndex(path, f"{count} guides instead of {meta.get('count')}")
        self._db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'pieces', 'row')")
        return meta

    def close(self) -> None:
        self._db.close()

    def known(self, piece: str) -> bool:
        return self._looked_up(piece)[0]

    def weight(self, piece: str) -> float:
        """More for what few guides have; most for what none has."""
        return self._looked_up(piece)[1]

    def _looked_up(self, piece: str) -> tuple[bool, float]:
        if piece not in self._weights:
            row = self._db.execute("SELECT doc FROM temp.vocabulary WHERE term = ?", (piece,)).fetchone()
            guides = row[0] if row else 0
            if len(self._weights) > 50_000:  # a terminal runs for months
                self._weights.clear()
            self._weights[piece] = (guides > 0, math.log(1 + (1 + int(self.meta["count"])) / (guides + 0.5)))
        return self._weights[piece]

    def candidates(self, parts: Iterable[str]) -> list[_Guide]:
        """Guides that match any of the FTS5 expressions, the likeliest by bm25."""
        sql = f"SELECT rowid FROM pieces WHERE pieces MATCH ? ORDER BY {_RANK} LIMIT ?"
        return self._guides(self._db.execute(sql, (" OR ".join(parts), CANDIDATES)))

    def coded(self, start: str) -> list[_Guide]:
        """Guides whose code starts like this."""
        sql = "SELECT id FROM guide WHERE code >= ? AND code < ? ORDER BY code LIMIT ?"
        return self._guides(self._db.execute(sql, (start, start + "~", CANDIDATES)))

    def most_visited(self) -> list[_Guide]:
        sql = "SELECT id FROM guide ORDER BY visits DESC, length(title), code LIMIT ?"
        return self._guides(self._db.execute(sql, (OFFERED,)))

    def fields(self, guide: _Guide) -> dict[str, str]:
        (stored,) = self._db.execute("SELECT fields FROM guide WHERE id = ?", (guide.id,)).fetchone()
        return dict(json.loads(stored))

    def _guides(self, ids: Iterable[tuple[int]]) -> list[_Guide]:
        return [self._seen.get(id) or self._read(id) for (id,) in ids]

    def _read(self, id: int) -> _Guide:
        sql = "SELECT code, title, short, department, visits, names, sounds FROM guide WHERE id = ?"
        code, title, short, department, visits, texts, sounds = self._db.execute(sql, (id,)).fetchone()
        names = Names(tuple(json.loads(texts)), tuple(json.loads(sounds)))
        self._seen[id] = _Guide(id, code, title, short, department, visits, names, names.near)
        return self._seen[id]


class _Search:
    def __init__(self, file: _File) -> None:
        self._file = file

    def answer(self, query: str, limit: int) -> Answer:
        text = words.closed_up(words.plain(query[: words.LONGEST * 4]))[: words.LONGEST].strip()
        if not text:
            return Answer((), sure=False)
        if sum(c.isdigit() for c in text) >= CODE_DIGITS and (found := self._file.coded(query.strip())):
            return self._shown(text, [(Score(1.0, 1.0, 0), guide) for guide in found], limit, None)
        field, subject = questions.asked_field(text)
        if field and not subject:
            return Answer((), sure=False, field=field)
        ranked = self._ranked(subject)
        # 工商营业时间 … may stand in a guide's own name: then nobody asked for its hours
        if field and all(map(self._file.known, words.bigrams(text))):
            whole = self._ranked(text)
            if any(text in name for _, guide in whole[:OFFERED] for name in guide.names.texts):
                field, ranked = None, whole
        if not ranked:
            ranked = [(scoring.NOTHING, guide) for guide in self._file.most_visited()]
        return self._shown(text, ranked, limit, field)

    def _shown(self, text: str, ranked: _Ranked, limit: int, field: str | None) -> Answer:
        if not ranked:
            return Answer((), sure=False, field=field)
        first, guide = ranked[0]
        sure = first.share >= AT_LEAST and not questions.asked_elsewhere(text, guide.names.texts[first.best])
        shown = ranked[: max(0, limit if sure else min(limit, OFFERED))]
        hits = tuple(
            Hit(g.code, g.title, g.short, g.department, round(s.value, 4), g.names.texts[s.best]) for s, g in shown
        )
        said = self._file.fields(guide).get(field) if sure and field else None
        return Answer(hits, sure, field, said)

    def _ranked(self, text: str) -> _Ranked:
        if text.isascii():
            return _merged(self._by_letters(text), self._by_english(text))
        subject = words.without_fillers(text, self._file.known)
        found = self._by_text(subject)
        if any(map(words.latin, words.runs(subject))):
            return _merged(found, self._by_letters(" ".join(sound.syllables(subject))))
        return found

    def _by_text(self, text: str, *, misspelt: bool = True) -> _Ranked:
        """`misspelt`: an everyday word may be meant by what only sounds like it. Asked once, words may overlap."""
        said = [(1.0, words.Said(text)), *((SAID_OTHERWISE, other) for other in words.variants(text, self._file.known))]
        queries = self._queries(said, sounds=False)
        pieces = dict.fromkeys(piece for q in queries for piece in (*q.pairs, *(one for one, _ in q.characters)))
        found = self._file.candidates([_any(_TEXT, pieces)])
        ranked = _scored(queries, found)
        if _all_there(text, ranked):
            return ranked
        if misspelt and (meant := sound.meant(text)) != text:
            return _merged(ranked, _less(self._by_text(meant, misspelt=False)))
        heard = sound.pairs(sound.syllables(text))
        known = {guide.code for guide in found}
        found += [guide for guide in self._file.candidates([_any(_SOUND, heard)]) if guide.code not in known]
        return _scored(self._queries(said, sounds=True), found)

    def _queries(self, said: list[tuple[float, words.Said]], *, sounds: bool) -> list[scoring.Query]:
        return [scoring.query_of(one, part, self._file.weight, sounds=sounds) for part, one in said]

    def _by_letters(self, text: str) -> _Ranked:
        """Pinyin and initials; and the everyday words that are typed like that."""
        said = sound.readings(text)
        other = sound.otherwise(said[0]) if said else []
        ranked = [self._by_reading(said), _less(self._by_reading(other))]
        for word in sound.everyday_words(text):
            ranked.append(_less(self._by_text(word)))
        best = max((found[0][0].value for found in ranked if found), default=0.0)
        if best < CLEARLY_TYPED:
            ranked += [_less(self._by_near((said + other)[:MOST_NEAR])), self._by_gaps(text.replace(" ", ""))]
        return _merged(*ranked) or self._by_mistyped(text)

    def _by_near(self, said: list[sound.Reading]) -> _Ranked:
        """Pinyin as somebody types it who says s for sh, or in for ing."""
        lists = []
        for reading in (one for one in said if one.whole and len(one.syllables) > 1):
            meant = (near for pair in sound.pairs(reading.syllables) for near in sound.near_pairs(pair))
            pairs = [pair for pair in meant if self._file.known(pair)]
            found = self._file.candidates([_any(_SOUND, pairs)]) if pairs else []
            near = replace(reading, syllables=tuple(map(sound.near, reading.syllables)))
            lists.append(_sorted((scoring.by_letters(near, g.near, self._near_weight), g) for g in found))
        return _merged(*lists)

    def _by_mistyped(self, text: str) -> _Ranked:
        if not ENOUGH_TO_MISTYPE <= len(text) <= MOST_MISTYPED or not text.isalpha():
            return []
        meant = (one for one in sound.mistyped(text) if len(one.syllables) > 1)
        found = (one for one in meant if all(map(self._file.known, sound.pairs(one.syllables))))
        return _less(self._by_reading(list(islice(found, MOST_NEAR))))

    def _near_weight(self, pair: str) -> float:
        return min(map(self._file.weight, sound.near_pairs(pair)))

    def _by_gaps(self, letters: str) -> _Ranked:
        if len(letters) < ENOUGH_INITIALS or not letters.isalpha():
            return []
        found = self._file.candidates([f'initials : ("{letters[:2]}"* AND "{letters[-2:]}"*)'])
        return _sorted((scoring.by_gaps(letters, guide.names), guide) for guide in found)

    def _by_reading(self, said: list[sound.Reading]) -> _Ranked:
        parts = []
        for reading in said:
            parts.append(f'{{{" ".join(_INITIALS)}}} : "{reading.initials}"*')
            if reading.whole and len(reading.syllables) > 1:
                whole = reading.syllables[:-1] if reading.open[-1] and len(reading.syllables) > 2 else reading.syllables
                parts.append(_any(_SOUND, sound.pairs(whole)))
        found = self._file.candidates(parts) if parts else []
        return _merged(
            *(_sorted((scoring.by_letters(one, g.names, self._file.weight), g) for g in found) for one in said)
        )

    def _by_english(self, text: str) -> _Ranked:
        said = words.english_words(text)
        if not said:
            return []
        groups = list(map(words.english_others, dict.fromkeys(said)))
        weighed = [(tuple(map(words.english_stem, group)), min(map(self._file.weight, group))) for group in groups]
        found = self._file.candidates(f'english : "{stem}"*' for stems, _ in weighed for stem in stems)
        ranked = [_sorted((scoring.by_english(weighed, guide.names), guide) for guide in found)]
        ranked += [_less(self._by_text(other)) for other in words.in_chinese(" ".join(said))]
        return _merged(*ranked)


def _scored(queries: list[scoring.Query], found: list[_Guide]) -> _Ranked:
    return _sorted((scoring.by_text(queries, guide.names), guide) for guide in found)


def _any(columns: Iterable[str], pieces: Iterable[str]) -> str:
    """An FTS5 expression. Pieces are letters and digits of some script: quoted, none of them can be an operator."""
    quoted = " OR ".join(f'"{piece}"' for piece in pieces)
    return f"{{{' '.join(columns)}}} : ({quoted})"


def _less(ranked: _Ranked) -> _Ranked:
    return [(Score(score.value * SAID_OTHERWISE, score.share, score.best), guide) for score, guide in ranked]


def _sorted(scored: Iterable[tuple[Score, _Guide]]) -> _Ranked:
    """Best first. Between equals the guide opened more often, then the shorter title, then always the same one."""
    return sorted(
        ((score, guide) for score, guide in scored if score.value > 0),
        key=lambda one: (-round(one[0].value, 4), -one[1].visits, len(one[1].title), one[1].code),
    )


def _merged(*lists: _Ranked) -> _Ranked:
    best: dict[str, tuple[Score, _Guide]] = {}
    for score, guide in (one for ranked in lists for one in ranked):
        if guide.code not in best or best[guide.code][0].value < score.value:
            best[guide.code] = (score, guide)
    return _sorted(best.values())


def _all_there(text: str, ranked: _Ranked) -> bool:
    """Whether the first guides have every character of the query, or all of it said otherwise."""
    first = ranked[:FIRST]
    if not first or first[0][0].share < AT_LEAST:
        return False
    if first[0][0].share >= 1:
        return True
    names = "".join(name for _, guide in first for name in guide.names.texts)
    return all(one in names for one in words.characters(text))
