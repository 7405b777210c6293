"""Tells listeners what was written to the log: after the commit, once formatted, to bounded queues.

A stream begins with what the log holds after `Last-Event-ID`, then follows live, without gap or duplicate: the listener
is added first, the log is read after that, and what was already read is skipped when it arrives live. A listener that
falls `LONGEST_QUEUE` events behind is dropped and reconnects. Works under gevent and with plain threads: the queues are
whichever the process has.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from queue_server.domain.events import UNTOLD, told
from queue_server.store.writer import Written

LONGEST_QUEUE = 1_000
LONGEST_REPLAY = 10_000
HEARTBEAT = 15.0  # seconds of silence before a comment proves that the stream lives
HEARTBEAT_FRAME = b": heartbeat\n\n"
FIRST_FRAME = b": welcome\n\n"  # bytes at once, so that a proxy or client knows the stream is open

Frame = tuple[int, bytes]
ReadLog = Callable[[int, int], Sequence[tuple[int, str]]]  # (after, limit) -> (seq, payload) in order


def frame(seq: int, facts: Mapping[str, Any]) -> bytes:
    """One event as the stream carries it."""
    data = json.dumps(told(seq, facts), separators=(",", ":"), ensure_ascii=False)
    return f"id: {seq}\nevent: {facts['type']}\ndata: {data}\n\n".encode()


def reset_frame(seq: int) -> bytes:
    """Too far behind to catch up: fetch the board."""
    return f'id: {seq}\nevent: reset\ndata: {{"seq":{seq},"type":"reset"}}\n\n'.encode()


class Listener:
    """One open stream's queue; `ticket` None hears the whole hall."""

    def __init__(self, hall: str, ticket: str | None) -> None:
        self.hall = hall
        self.ticket = ticket
        self.queue: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()  # None: the stream ends


class Hub:
    """Every open stream of this process."""

    def __init__(self, heartbeat: float = HEARTBEAT, longest_queue: int = LONGEST_QUEUE) -> None:
        self._heartbeat = heartbeat
        self._longest = longest_queue
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._listeners)

    def tell(self, written: Sequence[Written]) -> None:
        """Hands what is now in the log to whoever listens."""
        with self._lock:
            if not self._listeners:
                return
            for event in written:
                if event.facts["type"] in UNTOLD:
                    continue
                one = (event.seq, frame(event.seq, event.facts))
                ticket = (event.facts["ticket"] or {}).get("id")
                for listener in [each for each in self._listeners if _hears(each, event.hall, ticket)]:
                    if listener.queue.qsize() >= self._longest:
                        self._listeners.discard(listener)
                        listener.queue.put(None)
                    else:
                        listener.queue.put(one)

    def _listen(self, hall: str, ticket: str | None) -> Listener:
        listener = Listener(hall, ticket)
        with self._lock:
            if self._closed:
                listener.queue.put(None)
            else:
                self._listeners.add(listener)
        return listener

    def stream(
        self, hall: str, ticket: str | None, after: int | None, read_newest: Callable[[], int], read_log: ReadLog
    ) -> Iterator[bytes]:
        """The frames of a stream until it ends: replay after `after` (None: nothing), then live, with heartbeats.

        `read_newest` gives the log's last seq, `read_log` the events of the hall, or of the ticket if one is named.
        """
        listener = self._listen(hall, ticket)
        try:
            newest = read_newest()  # before the first bytes: whoever has those and then reads the board misses nothing
            yield FIRST_FRAME
            seen = newest if after is None else after
            if after is not None and after != newest:
                rows = read_log(after, LONGEST_REPLAY + 1) if after < newest else []
                if rows and len(rows) <= LONGEST_REPLAY:
                    missed = [(seq, json.loads(payload)) for seq, payload in rows]
                    heard = b"".join(frame(seq, facts) for seq, facts in missed if facts["type"] not in UNTOLD)
                    yield heard or HEARTBEAT_FRAME
                    seen = rows[-1][0]
                elif rows or after > newest:  # too many, or a seq this log has never had
                    yield reset_frame(newest)
                    seen = newest
            yield from self._live(listener, seen)
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _live(self, listener: Listener, seen: int) -> Iterator[bytes]:
        while True:
            try:
                one = listener.queue.get(timeout=self._heartbeat)
            except queue.Empty:
                yield HEARTBEAT_FRAME
                continue
            if one is None:
                return
            if one[0] > seen:
                seen = one[0]
                yield one[1]

    def close(self) -> None:
        """Ends every stream; new ones end at once."""
        with self._lock:
            self._closed = True
            for listener in self._listeners:
                listener.queue.put(None)
            self._listeners.clear()


def _hears(listener: Listener, hall: str, ticket: str | None) -> bool:
    return listener.hall == hall and (listener.ticket is None or listener.ticket == ticket)
