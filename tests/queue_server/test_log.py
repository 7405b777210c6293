"""The log says everything: from it alone come the same tickets and windows, whatever clerks and citizens did."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from queue_server.domain.model import AT_A_WINDOW, WindowState
from queue_server.domain.past import lives
from queue_server.domain.ratings import rating_of
from queue_server.store import ratings
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

WINDOWS = (2, 10, 11)
ITEMS = ("passport", "id-card", "marriage", "social-card", "advice")
CLASSES = ("walk_in", "walk_in", "walk_in", "elderly", "disabled", "green")
WAYS_ON = ({"line": "general"}, {"line": "family"}, {"window": 11}, {"window": 2, "line": "family"})
WINDOW_ACTIONS = (
    "open", "next", "next", "next", "call", "recall", "start", "start", "finish", "miss", "release", "hold", "resume",
    "transfer", "undo", "pause", "open", "open", "start", "finish",
)  # fmt: skip


def rebuilt_windows(events: Iterable[dict[str, Any]]) -> dict[int, tuple[WindowState, str | None]]:
    """State and ticket of each window, from the log alone."""
    found: dict[int, tuple[WindowState, str | None]] = {}
    for event in events:
        no, kind, ticket = event["window"], event["type"], event["ticket"]
        if no is None or kind in ("alarm", "ticket.rated"):
            continue
        state, held = found.get(no, (WindowState.CLOSED, None))
        if kind.startswith("window."):
            state = WindowState(kind.removeprefix("window.")) if kind != "window.opened" else WindowState.OPEN
        elif ticket["state"] in AT_A_WINDOW:
            held = ticket["id"]
        elif held == ticket["id"]:
            held = None
        found[no] = state, held
    return found


class Morning:
    """Anything anybody could send, sensible or not, and the clock going on."""

    def __init__(self, desk: Desk, clock: Clock, seed: int) -> None:
        self.desk, self.clock, self.rng = desk, clock, random.Random(seed)
        self.tickets: list[str] = []
        self.done = 0

    def step(self) -> None:
        rng = self.rng
        self.clock.pass_(seconds=rng.choice((0, 1, 5, 31, 90)))
        kind = rng.random()
        if kind < 0.25 or not self.tickets:
            body = {"item": rng.choice(ITEMS), "class": rng.choice(CLASSES), "reason": "hospital"}
            self.tickets.append(self.desk.post(f"/halls/{HALL}/tickets", body).json["id"])
        elif kind < 0.35:
            ticket, action = (
                rng.choice(self.tickets),
                rng.choice(("cancel", "return", "class", "printed", "rating", "rating")),
            )
            body = {
                "class": {"class": rng.choice(CLASSES), "reason": "hospital"},
                "printed": {"ok": rng.random() < 0.7},
                "rating": {"level": rng.randint(1, 5)},
            }
            self.note(self.desk.post(f"/tickets/{ticket}/{action}", body.get(action, {})))
        else:
            no, action = rng.choice(WINDOWS), rng.choice(WINDOW_ACTIONS)
            self.note(self.desk.post(f"/halls/{HALL}/windows/{no}/{action}", self.body(no, action)))

    def body(self, no: int, action: str) -> dict[str, Any]:
        if action == "next":
            return {"finish_current": self.rng.random() < 0.5}
        if action in ("call", "resume"):
            held = self.desk.get(f"/halls/{HALL}/windows/{no}").json["held"]
            return {"ticket": held[0]["id"] if action == "resume" and held else self.rng.choice(self.tickets)}
        if action == "transfer":
            return self.rng.choice(
                ({"line": "general"}, {"line": "family"}, {"window": 11}, {"window": 2, "line": "family"})
            )
        return {}

    def note(self, answer: Any) -> None:
        assert answer.status_code in (200, 201, 204, 409, 422), answer.data
        self.done += answer.status_code in (200, 201)


@pytest.mark.parametrize("seed", range(6))
def test_tables_are_made_again_from_the_log(tmp_path: Path, clock: Clock, seed: int):
    desk = Desk(tmp_path / "data", demo_hall(), clock)
    try:
        morning = Morning(desk, clock, seed)
        for _ in range(500):
            morning.step()
        assert morning.done > 100, "most of it must have been possible"
        events = desk.events()
        with desk.store.read() as reading:
            rows = reading.of_day(HALL, reading.hall(HALL).business_day)
            windows = {no: (status.state, status.ticket) for no, (status, _) in reading.windows(HALL).items()}
        past: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            if event["ticket"] and event["type"] != "alarm":
                past.setdefault(event["ticket"]["id"], []).append(event)
        assert {ticket.id: ticket for ticket in rows} == {name: lives(HALL, own)[-1][1] for name, own in past.items()}
        assert rebuilt_windows(events) == windows
        told = [rating_of(HALL, event) for event in events if event["type"] == "ticket.rated"]
        assert told
        with desk.store.read() as reading:
            assert [ratings.of_ticket(reading, one.ticket) for one in told] == told
        at_windows = [ticket for _, ticket in windows.values() if ticket]
        assert len(at_windows) == len(set(at_windows))
        broken = [event["ticket"]["id"] for event in events if event["reason"].get("kind") == "promise"]
        chosen = {event["ticket"]["id"] for event in events if event["reason"].get("rule") == "chosen"}
        assert set(broken) <= chosen, "only a clerk's own choice can break the promise"
    finally:
        desk.close()
