"""The search over what is in force: one index file, built anew when the catalogue or the day has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import gevent
from gevent import monkey

from queue_server.guides.catalogue import Published
from queue_server.guides.search import BrokenIndex, Entry, Index, build
from queue_server.guides.telling import told
from queue_server.guides.versions import Version

logger = logging.getLogger(__name__)
FILE = "guides.index"


class Finder:
    """Keeps the index file in `folder`; whichever database holds the catalogue, this is SQLite. `clock()` is aware."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self.path = folder / FILE
        self._clock = clock
        self._lock = threading.Lock()  # one builds; whoever asks meanwhile gets the index there is
        self._index: Index | None = None

    def index(self, now: Published) -> Index:
        """Of what is in force now, or of what was a moment ago while another request builds the new one."""
        version, index = version_of(now), self._index
        if index is not None and index.version == version:
            return index
        if self._lock.acquire(blocking=index is None):
            try:
                self._index = index = self._opened(now, version)
            finally:
                self._lock.release()
        assert index is not None
        return index

    def _opened(self, now: Published, version: str) -> Index:
        if self._index is not None and self._index.version == version:  # built while this one waited
            return self._index
        try:
            index = Index(self.path)
        except BrokenIndex as error:
            if self.path.exists():
                logger.warning("%s", error)
        else:
            if index.version == version:
                return index
            index.close()
        entries = [_entry(one, now) for one in now.guides.values()]
        _elsewhere(lambda: build(self.path, entries, version=version, built_at=self._clock()))
        return Index(self.path)


def version_of(now: Published) -> str:
    return f"{now.revision}-{now.day}"


def _entry(one: Version, now: Published) -> Entry:
    guide = one.guide
    department = now.tables.departments[guide.department].zh
    fields = {"title_en": guide.name_en, **told(guide, now.tables, "zh")}
    fields |= {f"{field}_en": text for field, text in told(guide, now.tables, "en").items()}
    return Entry(guide.code, guide.name, guide.short_name, guide.aliases, department, fields=fields)


def _elsewhere(work: Callable[[], Any]) -> None:
    """In a thread of its own under an event loop: 5,000 guides take seconds, and tickets must not wait for them."""
    if monkey.is_module_patched("threading"):
        gevent.get_hub().threadpool.apply(work)
    else:
        work()
