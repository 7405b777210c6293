"""The terminal's own copy of the guides: kept on disk, browsed and searched without the server, refreshed behind it.

In the copy's folder:
guides.json           the server's catalogue as it came; its time of change is when the server last said that it holds
guides.index          the search's file, as it came
guides.json.mark, guides.index.mark     the ETag each came with, and the SHA-256 it must have

A file is written beside its place, synced and put there at once, and its mark only then: after a power cut there is the
old file, the new one, or a mark that fits no file, which only means that it is fetched again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import queue
import threading
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkstemp

from kiosk.client import Refused, ServerAway, new_key
from kiosk.guides_client import BrokenCatalogue, Catalogue, Entry, Guide, GuidesClient, Tables, read_catalogue
from queue_server.guides.search import BrokenIndex, Index

__all__ = ["BrokenCatalogue", "Copy", "Fetcher", "Finder", "Found", "Group", "Guide", "Misses", "Snapshot"]

log = logging.getLogger(__name__)

CATALOGUE, INDEX, MARK = "guides.json", "guides.index", ".mark"
EVERY = 600.0  # seconds between two looks at the server
RETRY = 30.0  # seconds until a server that was away is asked again
SHOWN = 20  # hits of a search
MISSES_KEPT, TRIES, TRY_AGAIN = 50, 3, 5.0  # searches that wait to be reported; tries each; seconds between


@dataclass(frozen=True)
class Group:
    """A theme, a department, an audience or a life event, and how many guides it has."""

    code: str
    entry: Entry
    count: int


@dataclass(frozen=True)
class Snapshot:
    """The guides in force on `day`, by code. `fetched_at` (aware): when the server last said that this holds."""

    guides: Mapping[str, Guide]
    tables: Tables
    fetched_at: datetime
    revision: int
    day: date

    def all(self) -> list[Guide]:
        return sorted(self.guides.values(), key=_by_name)

    def by_theme(self, code: str) -> list[Guide]:
        return self._of(lambda guide: code in guide.themes)

    def by_department(self, code: str) -> list[Guide]:
        return self._of(lambda guide: code == guide.department)

    def by_audience(self, code: str) -> list[Guide]:
        return self._of(lambda guide: code in guide.audience)

    def by_life_event(self, code: str) -> list[Guide]:
        return self._of(lambda guide: code in guide.life_events)

    def themes(self) -> list[Group]:
        """Those that have guides, in the table's order; so the other three."""
        return self._groups("themes", lambda guide: guide.themes)

    def departments(self) -> list[Group]:
        return self._groups("departments", lambda guide: (guide.department,))

    def audiences(self) -> list[Group]:
        return self._groups("audiences", lambda guide: guide.audience)

    def life_events(self) -> list[Group]:
        return self._groups("life_events", lambda guide: guide.life_events)

    def _of(self, chosen: Callable[[Guide], bool]) -> list[Guide]:
        return sorted(filter(chosen, self.guides.values()), key=_by_name)

    def _groups(self, table: str, codes: Callable[[Guide], tuple[str, ...]]) -> list[Group]:
        counted: dict[str, int] = {}
        for guide in self.guides.values():
            for code in codes(guide):
                counted[code] = counted.get(code, 0) + 1
        entries = self.tables.get(table, {})
        return [Group(code, entry, counted[code]) for code, entry in entries.items() if code in counted]


def _by_name(guide: Guide) -> tuple[bytes, str]:
    # GB 18030 has the common characters in the order of their sound, as people look names up
    return guide.called.encode("gb18030"), guide.code


class Copy:
    """The files in `folder`, which is made when something is kept. For many threads; `clock()` is aware."""

    def __init__(self, folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.folder, self._clock = folder, clock
        self.index_path = folder / INDEX

    def read(self) -> Snapshot | None:
        """None if nothing was ever fetched, or what is there cannot be read: the log says why."""
        path = self.folder / CATALOGUE
        try:
            content, at = path.read_bytes(), path.stat().st_mtime
            known = read_catalogue(content)
        except FileNotFoundError:
            return None
        except (OSError, BrokenCatalogue) as error:
            log.warning("the copy of the guides in %s cannot be read: %s", path, error)
            return None
        return _snapshot(known, datetime.fromtimestamp(at, UTC))

    def keep(self, catalogue: bytes, etag: str) -> Snapshot:
        """BrokenCatalogue, and the old copy stays, if it is none."""
        known = read_catalogue(catalogue)
        return _snapshot(known, self._put(CATALOGUE, catalogue, etag))

    def keep_index(self, index: bytes, etag: str) -> None:
        """BrokenIndex, and the old copy stays, if it is none."""
        self._put(INDEX, index, etag, check=lambda path: Index(path).close())

    def confirm(self) -> datetime:
        """The server said that the catalogue here still holds: when that was."""
        return self._date(self.folder / CATALOGUE)

    def etag(self) -> str:
        """Of the catalogue here; "" if there is none, or not as it came."""
        return self._marked(CATALOGUE)

    def index_etag(self) -> str:
        """Likewise; "" too for one that another version of this program wrote."""
        try:
            Index(self.index_path).close()
        except BrokenIndex:
            return ""
        return self._marked(INDEX)

    def _put(self, name: str, content: bytes, etag: str, check: Callable[[Path], None] = lambda path: None) -> datetime:
        self.folder.mkdir(parents=True, exist_ok=True)
        mark = {"etag": etag, "sha256": hashlib.sha256(content).hexdigest()}
        for file, data in ((name, content), (name + MARK, json.dumps(mark).encode())):
            handle, beside = mkstemp(prefix=f".{file}.", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as new:
                    new.write(data)
                    new.flush()
                    os.fsync(new.fileno())
                if file == name:
                    check(Path(beside))
                at = self._date(Path(beside))
                Path(beside).replace(self.folder / file)
            finally:
                Path(beside).unlink(missing_ok=True)
            _sync(self.folder)
        return at

    def _date(self, path: Path) -> datetime:
        now = self._clock()
        os.utime(path, (now.timestamp(), now.timestamp()))
        return now

    def _marked(self, name: str) -> str:
        try:
            mark = json.loads((self.folder / (name + MARK)).read_bytes())
            same = hashlib.sha256((self.folder / name).read_bytes()).hexdigest() == mark["sha256"]
            return str(mark["etag"]) if same else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""


def _snapshot(known: Catalogue, at: datetime) -> Snapshot:
    return Snapshot(known.guides, known.tables, at, known.revision, known.day)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True)
class Found:
    """What a search found, best first. Not `sure`: nothing answers well and these are offers. `field` is what a
    question asked for (materials, time, fee, where …), `text` that field of the first guide, in Chinese.
    """

    guides: tuple[Guide, ...]
    sure: bool
    field: str | None = None
    text: str | None = None


class Finder:
    """Searches the copied index; names only while that cannot be used. For one thread at a time."""

    def __init__(self, copy: Copy, snapshot: Snapshot | None = None) -> None:
        self._path, self._snapshot = copy.index_path, snapshot
        self._index: Index | None = None
        self._said = ""

    def use(self, snapshot: Snapshot) -> None:
        """Finds the guides of this catalogue from now on."""
        self._snapshot = snapshot

    def prepare(self) -> None:
        """Reads what the first search would wait for, some 150 ms: call it before anybody types, off the UI thread."""
        self.search("社保 shebao")

    def search(self, text: str, limit: int = SHOWN) -> Found:
        guides = self._snapshot.guides if self._snapshot else {}
        try:
            self._index = self._index or Index(self._path)
            said = self._index.search(text, limit)
        except BrokenIndex as error:
            self._forget(str(error))
            return self._plain(text, limit)
        self._said = ""
        # the index may be a moment newer or older than the catalogue
        found = tuple(guides[hit.code] for hit in said.hits if hit.code in guides)
        first = bool(said.hits) and said.hits[0].code in guides
        return Found(found, said.sure and bool(found), said.field, said.text if first else None)

    def close(self) -> None:
        if self._index:
            self._index.close()

    def _forget(self, why: str) -> None:
        """The next search opens the file anew: it may have been fetched again."""
        if why != self._said:
            log.warning("searching by names only: %s", why)
            self._said = why
        self.close()
        self._index = None

    def _plain(self, text: str, limit: int) -> Found:
        wanted = _plain(text)
        everything = self._snapshot.all() if self._snapshot else []
        named = [(guide, _names(guide)) for guide in everything] if wanted else []
        found = [(guide, names) for guide, names in named if any(wanted in name for name in names)]
        found.sort(key=lambda one: not any(name.startswith(wanted) for name in one[1]))
        return Found(tuple(guide for guide, _ in found[:limit]), sure=bool(found))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _names(guide: Guide) -> list[str]:
    return [_plain(name) for name in (guide.short_name, guide.name, guide.name_en, *guide.aliases) if name]


class Fetcher:
    """Asks the server for a newer catalogue and index, in a thread of its own, and keeps them.

    `changed(snapshot)` is called in that thread with every new catalogue, and with the old one once the server said
    that it still holds. While the server is away the copy stays, and `age()` grows.
    """

    def __init__(
        self,
        client: GuidesClient,
        copy: Copy,
        changed: Callable[[Snapshot], None],
        *,
        every: float = EVERY,
        retry: float = RETRY,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._copy, self._changed = client, copy, changed
        self._every, self._retry, self._clock = every, retry, clock
        self._snapshot: Snapshot | None = None
        self._due, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="guides", daemon=True)

    def start(self) -> Fetcher:
        """What is on disk is told first, if there is any."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends soon; an answer that is awaited is left to its time-out, and nothing is told any more."""
        self._ended.set()
        self._due.set()

    def refresh(self) -> None:
        """Look at the server soon: a `guide.…` event came, or the server is back."""
        self._due.set()

    def age(self) -> timedelta | None:
        """How long ago the server last said that the catalogue here holds; None: there is none."""
        known = self._snapshot
        return None if known is None else max(timedelta(), self._clock() - known.fetched_at)

    def _run(self) -> None:
        self._tell(self._copy.read())
        while not self._ended.is_set():
            self._due.clear()
            pause = self._retry
            try:
                self._fetch()
                pause = self._every
            except (ServerAway, Refused) as error:
                log.info("the guides were not fetched: %s", error)
            except (BrokenCatalogue, BrokenIndex, OSError) as error:
                log.warning("the guides fetched cannot be kept: %s", error)
            except Exception:  # without this thread the guides would grow old until the terminal is started again
                log.exception("fetching the guides failed")
            self._due.wait(pause)

    def _fetch(self) -> None:
        known, newer = self._snapshot, None
        catalogue = self._client.catalogue(self._copy.etag() if known else "")
        if catalogue:
            newer = self._copy.keep(catalogue.content, catalogue.etag)
        elif known:
            newer = replace(known, fetched_at=self._copy.confirm())
        try:
            index = self._client.index(self._copy.index_etag())
            if index:
                self._copy.keep_index(index.content, index.etag)
        finally:
            self._tell(newer)  # last: what somebody has typed already is then searched in the new index

    def _tell(self, snapshot: Snapshot | None) -> None:
        if snapshot and not self._ended.is_set():
            self._snapshot = snapshot
            self._changed(snapshot)


class Misses:
    """Searches that found nothing, told to the server for the half-yearly review. Few are kept, none for long."""

    def __init__(self, client: GuidesClient, again: float = TRY_AGAIN) -> None:
        self._client, self._again = client, again
        self._waiting: queue.Queue[str | None] = queue.Queue(MISSES_KEPT)
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="misses", daemon=True).start()

    def tell(self, words: str) -> None:
        """Returns at once; what does not fit is dropped. Tell what somebody meant to find, not every key."""
        self._put(words)

    def close(self) -> None:
        self._ended.set()
        self._put(None)  # wakes a thread that waits

    def _put(self, words: str | None) -> None:
        try:
            self._waiting.put_nowait(words)
        except queue.Full:
            log.info("a search in vain is not reported: too many wait")

    def _run(self) -> None:
        while (words := self._waiting.get()) is not None and not self._ended.is_set():
            try:
                self._deliver(words, new_key())
            except Exception:  # one search is lost; the thread is for all that follow
                log.exception("reporting a search failed")

    def _deliver(self, words: str, key: str) -> None:
        for _ in range(TRIES):
            try:
                return self._client.missed(words, key)
            except ServerAway:
                if self._ended.wait(self._again):
                    return None
            except Refused as error:
                log.warning("the server refused a search in vain: %s", error)
                return None
        return None
