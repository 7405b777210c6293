"""What has happened, as frozen facts; their canonical text is what the log keeps and hashes.

An event never holds personal data: a ticket's number, line and state, a window, a reason, and the actor as role/token
id. The hash of a log row is SHA-256(previous hash ‖ seq as 8 bytes, big-endian ‖ canonical payload in UTF-8); the row
before the first has 32 zero bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from queue_server.domain.model import Action, Ticket

FIRST_HASH = bytes(32)
NOBODY = "hall"  # the actor when the hall itself acts
RATED = "ticket.rated"
UNTOLD = frozenset({RATED})  # no listener hears of these: a clerk would know who had just been there

EVENT_OF: dict[Action, str] = {
    Action.CALL: "ticket.called",
    Action.RECALL: "ticket.recalled",
    Action.START: "ticket.started",
    Action.FINISH: "ticket.finished",
    Action.MISS: "ticket.missed",
    Action.RETURN: "ticket.returned",
    Action.RELEASE: "ticket.released",
    Action.TRANSFER: "ticket.transferred",
    Action.HOLD: "ticket.held",
    Action.RESUME: "ticket.resumed",
    Action.CLASS: "ticket.class_changed",
    Action.CANCEL: "ticket.cancelled",
    Action.EXPIRE: "ticket.expired",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at `at`; `actor` is "role/token id", "citizen" or "hall"."""

    type: str
    at: datetime
    actor: str
    ticket: Ticket | None = None
    window: int | None = None
    reason: Mapping[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The payload: everything a rebuild or an audit needs, as JSON values."""
        return {
            "actor": self.actor,
            "at": iso(self.at),
            "reason": dict(self.reason),
            "ticket": _ticket_facts(self.ticket) if self.ticket else None,
            "type": self.type,
            "window": self.window,
        }


def _ticket_facts(ticket: Ticket) -> dict[str, Any]:
    return {
        "bound": ticket.bound,
        "business_day": ticket.business_day.isoformat(),
        "calls": ticket.calls,
        "class": ticket.cls,
        "id": ticket.id,
        "issued_at": iso(ticket.issued_at),
        "item": ticket.item,
        "key": iso(ticket.key),
        "lang": ticket.lang,
        "line": ticket.line,
        "number": ticket.number,
        "seq": ticket.seq,
        "source": ticket.source,
        "state": ticket.state.value,
    }


def iso(at: datetime) -> str:
    """An aware instant as UTC text with microseconds: 2026-03-02T01:02:03.000004Z."""
    return _utc_text(at.astimezone(UTC))


@lru_cache(maxsize=1024)  # an event, the next one and the answer say the same instants again
def _utc_text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")[:-6] + "Z"


_text = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode  # `dumps` makes one a call


def canonical(facts: Mapping[str, Any]) -> str:
    """The one text of these facts: keys sorted, no spaces, characters as they are."""
    if facts.get("ticket"):  # three events a call: a tenth of the time, and the same text of all but some fractions
        return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()
    return _text(facts)  # settings have fractions


def chain(previous: bytes, seq: int, payload: str) -> bytes:
    """The hash of a log row: 32 bytes."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + payload.encode()).digest()


def told(seq: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What listeners hear: {seq, at, type, ticket, window, reason}. Who acted and a ticket's class stay in the log."""
    ticket = facts["ticket"]
    return {
        "seq": seq,
        "at": facts["at"],
        "type": facts["type"],
        "ticket": ticket and {name: ticket[name] for name in ("id", "number", "line", "state", "calls")},
        "window": facts["window"],
        "reason": facts["reason"],
    }
