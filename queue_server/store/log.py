"""Is the log whole? Walks a hall's events and recomputes the chain."""

from __future__ import annotations

import json
from dataclasses import dataclass

from queue_server.domain.events import FIRST_HASH, canonical, chain
from queue_server.store.queries import Reading


@dataclass(frozen=True, slots=True)
class LogCheck:
    """How many events were looked at, and the first fault in words ("" when there is none)."""

    events: int
    fault: str


def verify(reading: Reading, hall: str) -> LogCheck:
    """Checks that seq has no gap from 1, each hash follows from the one before, the columns say what was hashed."""
    previous, expected = FIRST_HASH, 1
    for _, seq, kind, ticket, _, payload, stored in reading.log(hall):
        if seq != expected:
            return LogCheck(expected - 1, f"event {expected} is missing: the next one is {seq}")
        if chain(previous, seq, payload) != stored:
            return LogCheck(expected - 1, f"event {seq} was changed: its hash does not follow from the one before")
        facts = json.loads(payload)
        if canonical(facts) != payload or facts["type"] != kind or (facts["ticket"] or {}).get("id") != ticket:
            return LogCheck(expected - 1, f"event {seq} was changed: its columns differ from what was hashed")
        previous, expected = stored, expected + 1
    state = reading.hall(hall)
    if state is not None and (state.last_event, state.last_hash) != (expected - 1, previous):
        return LogCheck(expected - 1, f"the log ends at event {expected - 1}, the hall at {state.last_event}")
    return LogCheck(expected - 1, "")
