"""Follows the hall's event stream in threads of its own and keeps a terminal told of the truth.

An event is a hint, the board is the truth: on every connection the stream is opened first and the board fetched then,
so that nothing falls between; later events fetch the board again, many at once only one time. The server sends at least
a heartbeat every 15 s: a line without a byte for `stale_after` seconds counts as lost. Reconnects come at FIRST_RETRY,
doubling up to LAST_RETRY seconds. `told.*` are called in the follower's threads.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import httpx
from httpx_sse import SSEError, connect_sse

from kiosk.answers import Board
from kiosk.client import CONNECT, Client, Refused, ServerAway

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.25, 3.0  # seconds
GATHER = 0.03  # seconds: events this close together fetch one board


class Link(StrEnum):
    """What the terminal knows of its server."""

    LOADING = "loading"
    HERE = "here"
    AWAY = "away"


@dataclass(frozen=True)
class Event:
    """Something that happened in the hall: `type` is "ticket.called" …, `data` as the API gives it."""

    id: str
    type: str
    data: Mapping[str, Any]


class Told(Protocol):
    """Who listens to a follower."""

    def board(self, board: Board) -> None: ...

    def event(self, event: Event) -> None: ...

    def link(self, link: Link) -> None: ...


class Follower:
    """One stream and what it brings."""

    def __init__(self, client: Client, told: Told, stale_after: float) -> None:
        self._client, self._told, self._stale_after = client, told, stale_after
        self._last_id = ""
        self._link = Link.LOADING
        self._ended = threading.Event()
        self._due = threading.Event()
        self._guard = threading.Lock()
        self._threads = [
            threading.Thread(target=self._follow, name="follower", daemon=True),
            threading.Thread(target=self._keep_board, name="board", daemon=True),
        ]

    def start(self) -> Follower:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Ends soon; a read that waits is left to its time-out, and nothing is told any more."""
        self._ended.set()
        self._due.set()

    def refresh(self) -> None:
        """Fetch the board soon: something here changed it."""
        self._due.set()

    # -- the stream --------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        retry = FIRST_RETRY
        while not self._ended.is_set():
            try:
                for _ in self._listen():
                    retry = FIRST_RETRY
            except (httpx.HTTPError, SSEError, ServerAway) as error:
                log.info("the event stream ended: %s", error)
                if isinstance(error, httpx.TimeoutException):
                    self._tell_link(Link.AWAY)  # silent for stale_after already: do not wait for a reconnect to fail
            except Exception:  # without this thread the screen would stay as it is for ever
                log.exception("following the hall failed")
            if retry > FIRST_RETRY:  # the first reconnect is at once and silent; from the second on we are away
                self._tell_link(Link.AWAY)
            self._ended.wait(retry)
            retry = min(retry * 2, LAST_RETRY)

    def _listen(self) -> Iterator[None]:
        """Yields once the stream is open and again after every event, until the stream ends."""
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        limits = httpx.Timeout(self._stale_after, connect=CONNECT)
        path = f"/halls/{self._client.hall_id}/events"
        with connect_sse(self._client.http, "GET", path, headers=headers, timeout=limits) as source:
            if not source.response.is_success:
                raise ServerAway(f"the event stream answered {source.response.status_code}")
            yield
            self._due.set()
            for sse in source.iter_sse():
                if self._ended.is_set():
                    return
                self._last_id = sse.id or self._last_id
                self._hear(Event(sse.id, sse.event, _data(sse.data)))
                yield

    def _hear(self, event: Event) -> None:
        self._told.event(event)
        self._due.set()

    # -- the board ---------------------------------------------------------------------------------------------------

    def _keep_board(self) -> None:
        while not self._ended.is_set():
            self._due.wait()
            self._ended.wait(GATHER)
            self._due.clear()
            if self._ended.is_set():
                return
            try:
                board = self._client.board()
            except (ServerAway, Refused) as error:
                log.info("no board: %s", error)
                self._tell_link(Link.AWAY)
                if not self._ended.wait(LAST_RETRY / 2):
                    self._due.set()
            except Exception:  # an answer nobody foresaw: the next board may be one as agreed
                log.exception("reading the board failed")
                self._ended.wait(LAST_RETRY)
            else:
                self._told.board(board)
                self._tell_link(Link.HERE)

    def _tell_link(self, link: Link) -> None:
        with self._guard:
            if link is self._link or self._ended.is_set():
                return
            self._link = link
        self._told.link(link)


def _data(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
