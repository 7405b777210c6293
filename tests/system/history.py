"""Did the hall keep its word? Compares what clients were answered with what its log, tables and streams hold.

The log says in which order things happened, so nothing need be guessed. Every answer that changed something has an
event of its own, and every event an answer. An event's place agrees with when it was asked for and answered. An answer
that changed nothing (a refusal, "nobody waits", a look) was true at some place of the log that it can have seen: not
before what was answered before it was asked, and not after what was asked after it was answered.

Everything here is pure: a recorded `History` and what was `Kept` go in, a list of violations comes out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.system.answers import Answers
from tests.system.claims import Claims
from tests.system.record import Heard, History, Kept, Operation
from tests.system.replay import Desk, Fault, Replay, Violation
from tests.system.rules import Facts, Paper, Rules

EPOCH, MICROSECOND = datetime.fromtimestamp(0, UTC), timedelta(microseconds=1)


def check(history: History, kept: Kept, rules: Rules) -> list[Violation]:
    """Everything that is wrong."""
    replay = Replay(kept.events, rules)
    asked, changed = _by_key(history.operations)
    answers = Answers(asked, replay)
    return [
        *([Violation(Fault.LOG_BROKEN, kept.fault)] if kept.fault else []),
        *replay.violations,
        *tables(kept, replay),
        *changed,
        *(Violation(Fault.FAILED, str(one)) for one in asked if not one.done and one.status not in (0, 404, 409)),
        *answers.effects(),
        *answers.order(),
        *answers.persons(),
        *Claims(answers).violations(),
        *_streams(history.heard, kept.epoch, replay),
    ]


def _by_key(operations: Sequence[Operation]) -> tuple[list[Operation], list[Violation]]:
    """What was asked, each key once if it was answered; and repeats that were answered otherwise.

    A refusal is not remembered: each stands for itself, but none comes after a key was answered.
    """
    by_key: dict[str, list[Operation]] = defaultdict(list)
    asked: list[Operation] = []
    changed: list[Violation] = []
    for one in sorted(operations, key=lambda one: one.answered):
        by_key[one.key].append(one)
    asked += by_key.pop("", [])
    for tries in by_key.values():
        done = [one for one in tries if one.done]
        refused = [one for one in tries if one.status and not one.done]
        if done:
            first = done[0]
            begun = min(tries, key=lambda one: one.invoked)
            asked.append(replace(first, invoked=begun.invoked, first_try=begun.first_try))
            late = [one for one in refused if one.invoked > first.answered]
            for again in [*done[1:], *late]:
                if (again.status, again.answer) != (first.status, first.answer):
                    changed.append(
                        Violation(Fault.CHANGED, f"{first}; a repeat was answered {again.status} {again.answer[:160]}")
                    )
            asked += [one for one in refused if one not in late]
        else:
            asked += [*refused, *[one for one in tries if not one.status][:1]]
    return asked, changed


def tables(kept: Kept, replay: Replay) -> Iterator[Violation]:
    """The tables hold what the log leads to."""
    led_to = {name: line.last for name, line in replay.tickets.items()}
    seen: dict[str, Facts] = {}
    for row in kept.tickets:
        name, paper = row["id"], led_to.get(row["id"])
        if name in seen:
            yield Violation(Fault.DOUBLED, f"ticket {row['number']} is in the table twice")
        seen[name] = row
        if paper is None or _row_of(paper) != row:
            yield Violation(Fault.TABLES, f"ticket {row}, but the log leads to {paper}")
    for name, paper in led_to.items():
        if name not in seen:
            yield Violation(Fault.LOST, f"{paper} is in the log and not in the table")
    at: dict[str, int] = {}
    for row in kept.windows:
        if row["ticket"] in at:
            yield Violation(Fault.TWO_WINDOWS, f"{row['ticket']} is at {at[row['ticket']]} and at {row['no']}")
        elif row["ticket"] is not None:
            at[row["ticket"]] = row["no"]
        if Desk(row["state"], row["ticket"]) != replay.windows[row["no"]].last:
            yield Violation(Fault.TABLES, f"window {row}, but the log leads to {replay.windows[row['no']].last}")


def _row_of(paper: Paper) -> Facts:
    """A ticket's row, as far as it is judged."""
    key = (paper.key - EPOCH) // MICROSECOND
    return {
        "id": paper.id, "number": paper.number, "line": paper.line, "business_day": paper.day, "state": paper.state,
        "calls": paper.calls, "class": paper.cls, "key": key, "bound": paper.bound,
    }  # fmt: skip


def _streams(heard: Sequence[Heard], epoch: str, replay: Replay) -> Iterator[Violation]:
    """Each connection heard every seq once and in order; every seq always the same; all of it is what the log has."""
    reached = {connection.after for connection in heard}
    for connection in heard:
        expected = connection.after + 1
        for seq, data in connection.frames:
            if seq != expected:
                yield Violation(Fault.STREAM_GAP, f"after {expected - 1} came {seq}")
            reached.add(seq)
            expected, facts = seq + 1, replay.facts.get(seq)
            if connection.epoch != epoch or not _tells(json.loads(data), facts):
                yield Violation(
                    Fault.STREAM_CHANGED, f"event {seq} of {connection.epoch} was heard as {data}, the log has {facts}"
                )
    missed = set(range(min(reached, default=0), replay.last + 1)) - reached if heard else set()
    if missed:
        yield Violation(Fault.STREAM_GAP, f"never heard of: {sorted(missed)[:10]}")


def _tells(said: Facts, facts: Facts | None) -> bool:
    if facts is None or any(said.get(name) != facts[name] for name in ("type", "at", "window", "reason")):
        return False
    told, ticket = said.get("ticket") or {}, facts["ticket"] or {}
    return bool(told) == bool(ticket) and all(ticket[name] == value for name, value in told.items())
