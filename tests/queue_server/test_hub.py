"""Streams: replay, reset, heartbeat, no gap and no duplicate however writing and connecting interleave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from queue_server import hub as hub_module
from queue_server.hub import FIRST_FRAME, HEARTBEAT_FRAME, Hub
from tests.queue_server.helpers import BOTH, HALL, Clock, Desk, demo_hall, messages


@pytest.fixture
def desk(tmp_path, clock: Clock, database: str | None) -> Iterator[Desk]:
    desk = Desk(tmp_path / "data", demo_hall(), clock, heartbeat=0.05, url=database)
    yield desk
    desk.close()


def stream(desk: Desk, after: int | None = None, ticket: str | None = None) -> Iterator[bytes]:
    def read_newest() -> int:
        with desk.store.read() as reading:
            return reading.hall(HALL).last_event

    def read_log(after: int, limit: int):
        with desk.store.read() as reading:
            return reading.events_after(HALL, after, limit, ticket)

    frames = desk.hub.stream(HALL, ticket, after, read_newest, read_log)
    assert next(frames) == FIRST_FRAME
    return frames


def take(frames: Iterator[bytes], until: int) -> list[int]:
    """The seqs heard, until this one."""
    heard: list[int] = []
    for chunk in frames:
        heard += [int(message["id"]) for message in messages(chunk)]
        if heard and heard[-1] >= until:
            return heard
    return heard


def test_what_was_missed_comes_first_then_what_happens(desk: Desk):
    desk.issue(), desk.issue()
    frames = stream(desk, after=1)
    replayed = messages(next(frames))
    assert [(one["id"], one["event"]) for one in replayed] == [("2", "ticket.issued"), ("3", "ticket.issued")]
    desk.window(10, "open")
    live = messages(next(frames))[0]
    assert (live["id"], live["event"]) == ("4", "window.opened")
    assert json.loads(live["data"]) == {
        "seq": 4, "at": "2026-03-02T02:00:00.000000Z", "type": "window.opened", "ticket": None, "window": 10,
        "reason": {},
    }  # fmt: skip
    frames.close()
    assert len(desk.hub) == 0


def test_live_and_replayed_events_are_the_same_bytes(desk: Desk):
    live = stream(desk)
    desk.issue("passport", **{"class": "elderly"})
    heard = next(live)
    replayed = next(stream(desk, after=1))
    assert heard == replayed
    assert b"elderly" not in heard
    assert b"admin" not in heard


def test_without_a_last_id_only_what_comes(desk: Desk):
    desk.issue()
    frames = stream(desk)
    assert next(frames) == HEARTBEAT_FRAME
    desk.issue()
    assert take(frames, 3) == [3]


def test_a_quiet_stream_beats(desk: Desk):
    frames = stream(desk)
    assert [next(frames), next(frames)] == [HEARTBEAT_FRAME] * 2


def test_too_far_behind_or_from_another_log_is_a_reset(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub_module, "LONGEST_REPLAY", 5)
    for _ in range(6):
        desk.issue()
    assert len(messages(next(stream(desk, after=2)))) == 5
    for after in (1, 99):
        frames = stream(desk, after=after)
        (reset,) = messages(next(frames))
        assert (reset["event"], reset["id"], json.loads(reset["data"])["seq"]) == ("reset", "7", 7)
        frames.close()
    frames = stream(desk, after=0)
    next(frames)
    desk.issue()
    assert take(frames, 8) == [8]


def test_one_tickets_stream_tells_of_no_other(desk: Desk):
    mine, other = desk.issue(), desk.issue()
    frames = stream(desk, after=0, ticket=other["id"])
    assert [json.loads(one["data"])["ticket"]["id"] for one in messages(next(frames))] == [other["id"]]
    desk.window(10, "open")
    desk.window(10, "next")
    desk.post(f"/tickets/{other['id']}/cancel", role=None)
    heard = messages(next(frames))
    assert [(one["event"], json.loads(one["data"])["ticket"]["id"]) for one in heard] == [
        ("ticket.cancelled", other["id"])
    ]
    assert mine["id"].encode() not in json.dumps(heard).encode()


def test_a_listener_that_sleeps_is_dropped(desk: Desk):
    slow = Hub(heartbeat=0.05, longest_queue=3)
    desk.hub.tell, frames = slow.tell, slow.stream(HALL, None, None, lambda: 0, lambda after, limit: [])
    desk.store._pump._tell = slow.tell
    next(frames)
    assert next(frames) == HEARTBEAT_FRAME
    for _ in range(5):
        desk.issue()
    assert len(slow) == 0
    assert [int(one["id"]) for one in messages(b"".join(frames))] == [2, 3, 4]


def test_closing_ends_every_stream_and_new_ones_at_once(desk: Desk):
    frames = stream(desk)
    desk.hub.close()
    assert list(frames) == []
    assert list(stream(desk)) == []


@BOTH
def test_no_gap_and_no_duplicate_across_reconnects_while_writing(desk: Desk):
    last, stop = 400, threading.Event()
    heard: dict[int, list[int]] = {n: [] for n in range(4)}

    def write() -> None:
        for _ in range(last - 1):
            desk.store.run(HALL, lambda tx: desk.service.help.ask(tx, HALL, "", "test"))
        stop.set()

    def listen(n: int) -> None:
        seen = 0
        while seen < last:
            frames = stream(desk, after=seen)
            for count, chunk in enumerate(frames):
                for message in messages(chunk):
                    seen = int(message["id"])
                    heard[n].append(seen)
                if count > n * 7 or seen == last:  # hang up after a while and come again
                    break
            frames.close()

    threads = [threading.Thread(target=listen, args=(n,)) for n in heard] + [threading.Thread(target=write)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert all(seqs == list(range(1, last + 1)) for seqs in heard.values())
