"""A hall's day as told by hand, for the judge: what is answered, what is logged, what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.system.history import check
from tests.system.record import EVENT, WINDOW_EVENT, Heard, History, Kept, Operation
from tests.system.replay import Fault
from tests.system.rules import AFTER, AT_A_WINDOW, MINUTE, SECOND, Counter, Rules

TEN = datetime(2026, 3, 2, 2, tzinfo=UTC)
EPOCH = datetime.fromtimestamp(0, UTC)
RULES = Rules(
    windows={
        10: Counter(frozenset({"police"})),
        11: Counter(frozenset({"police", "family"}), own_lines=frozenset({"police"}), tolerance=10 * MINUTE),
        12: Counter(frozenset({"police"})),
    },
    credits={"elderly": 15 * MINUTE},
    recall_gap=2 * SECOND,
    calls_before_missed=1,
    return_within=15 * MINUTE,
    return_penalty=5 * MINUTE,
    undo_within=10 * SECOND,
)
CALLS_AFTER = {"next": 1, "call": 1, "resume": 1, "release": 0, "transfer": 0, "return": 0}


def iso(seconds: float) -> str:
    return (TEN + timedelta(seconds=seconds)).isoformat(timespec="microseconds")[:-6] + "Z"


class Day:
    """A hall's day as told by hand: what is answered, what is logged, what is kept. Time goes on by itself."""

    def __init__(self) -> None:
        self.time = 0.0
        self.operations: list[Operation] = []
        self.events: list[dict[str, Any]] = []
        self.tickets: dict[str, dict[str, Any]] = {}
        self.windows: dict[int, dict[str, Any]] = {}
        self.heard: list[Heard] | None = None
        self.seqs: list[int] | None = None
        self.fault = ""

    def log(self, kind: str, /, ticket: str | None = None, window: int | None = None, **reason: Any) -> dict[str, Any]:
        # between the next question and its answer
        facts = {"actor": "x", "at": iso(self.time + 2.5), "reason": reason, "type": kind, "window": window}
        self.events.append(facts | {"ticket": dict(self.tickets[ticket]) if ticket else None})
        return self.events[-1]

    def answer(self, action: str, status: int, said: Any, window: int | None = None, **more: Any) -> Operation:
        self.time += 2
        text = json.dumps(said) if status not in (0, 204) else ""
        body, key = json.dumps(more.pop("body", {})), more.pop("key", f"k{len(self.operations)}")
        asked, answered, began = self.time, self.time + 1, TEN.timestamp() + self.time
        one = Operation("c", action, action, body, key, asked, answered, status, text, 1, began, window=window, **more)
        self.operations.append(one)
        return one

    def issue(self, number: str, ticket: str = "", ahead: int | None = None, line: str = "police", **more: Any) -> None:
        name = ticket or number
        waiting = sum((row["state"], row["line"]) == ("waiting", line) for row in self.tickets.values())
        row = {"id": name, "number": number, "line": line, "item": "passport", "class": "walk_in", "calls": 0}
        at = iso(self.time + 2.5)
        self.tickets[name] = row | {"business_day": "d", "issued_at": at, "key": at, "bound": 0, "state": "waiting"}
        self.tickets[name]["seq"] = len(self.tickets)
        self.log("ticket.issued", name)
        self.answer("issue", 201, self.tickets[name] | {"ahead": waiting if ahead is None else ahead}, **more)

    def change(self, action: str, ticket: str, no: int | None, **so: Any) -> None:
        """Logged and kept, and nobody told. `so` is what else becomes of the ticket, and `reason`."""
        reason = so.pop("reason", {})
        if action in ("next", "call"):
            rows = [row for row in self.tickets.values() if row["state"] == "waiting" and row["bound"] in (0, no)]
            free = [row for row in rows if not row["bound"]] or rows
            oldest = min(free, key=lambda row: row["key"], default={"number": "nobody"})
            reason = {"rule": "first_come", "oldest": oldest["number"]} | reason
        row = self.tickets[ticket]
        calls = CALLS_AFTER.get(action, row["calls"] + (action == "recall"))
        row |= {"state": AFTER.get(EVENT[action], ""), "calls": calls} | so
        self.log(EVENT[action], ticket, no, **reason)
        if no is not None:
            self.windows[no]["ticket"] = ticket if row["state"] in AT_A_WINDOW else None

    def act(self, action: str, ticket: str, no: int | None = None, body: Any = None, **so: Any) -> None:
        self.change(action, ticket, no, **so)
        shown = self.tickets[ticket] | {"called_at": self.events[-1]["at"]}
        said = {"ticket": shown, "window": self.shown(no)} if no else shown
        self.answer(action, 200, said, no, body=body or {}, ticket=ticket if action in ("call", "class") else None)

    def set(self, action: str, no: int) -> None:
        state = WINDOW_EVENT[action].removeprefix("window.")
        state = {"opened": "open"}.get(state, state)
        facts = self.log(WINDOW_EVENT[action], window=no)
        self.windows[no] = self.windows.get(no, {"ticket": None}) | {"no": no, "state": state, "since": facts["at"]}
        self.answer(action, 200, {"ticket": None, "window": self.shown(no)}, no)

    def shown(self, no: int) -> dict[str, Any]:
        return {"no": no, "lines": ["police"], "since": self.windows[no]["since"]}

    def finish_and_next(self, old: str, no: int, new: str | None) -> None:
        """`next` with finish_current, from a ticket that was only called."""
        self.change("start", old, no)
        self.change("finish", old, no)
        if new is None:
            self.answer("next", 204, None, no, body={"finish_current": True})
        else:
            self.act("next", new, no, {"finish_current": True})

    def refuse(self, action: str, no: int | None, **detail: Any) -> None:
        self.answer(action, 409, {"error": "conflict", "detail": detail}, no)

    def look(self, ticket: str, shown: dict[str, Any]) -> None:
        self.answer("look", 200, shown, key="", ticket=ticket)

    def board(self, seq: int, waiting: int, **windows: str | None) -> None:
        shown = [{"no": int(no[1:]), "state": "open", "number": number} for no, number in windows.items()]
        lines = [{"id": "police", "waiting": waiting}]
        self.answer("board", 200, {"seq": seq, "windows": shown, "lines": lines}, key="")

    def frames(self, first: int, last: int) -> list[tuple[int, str]]:
        numbered = list(enumerate(self.events, 1))[first - 1 : last]
        return [(seq, json.dumps(_told(facts) | {"seq": seq})) for seq, facts in numbered]

    def faults(self) -> set[Fault]:
        heard = [Heard("e", 0, self.frames(1, len(self.events)))] if self.heard is None else self.heard
        payloads = [json.dumps(facts) for facts in self.events]
        events = list(zip(self.seqs or range(1, len(payloads) + 1), payloads, strict=True))
        rows = [_row(ticket) for ticket in self.tickets.values()]
        kept = Kept("e", events, rows, list(self.windows.values()), self.fault)
        return {one.fault for one in check(History(self.operations, heard), kept, RULES)}


def _row(ticket: dict[str, Any]) -> dict[str, Any]:
    key = (datetime.fromisoformat(ticket["key"]) - EPOCH) // timedelta(microseconds=1)
    return {name: ticket[name] for name in ticket if name not in ("item", "issued_at", "seq")} | {"key": key}


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    ticket = facts["ticket"] and {name: facts["ticket"][name] for name in ("id", "number", "line", "state", "calls")}
    return {
        "at": facts["at"],
        "type": facts["type"],
        "ticket": ticket,
        "window": facts["window"],
        "reason": facts["reason"],
    }
