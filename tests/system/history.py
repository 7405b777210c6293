"""Did the hall keep its word? Compares what clients were answered with what its log, tables and streams hold.

The log says in which order things happened, so nothing need be guessed. Every answer that changed something has an
event of its own, and every event an answer. An event's place agrees with when it was asked for and answered. An answer
that changed nothing (a refusal, "nobody waits", a look) was true at some place of the log that it can have seen: not
before what was answered before it was asked, and not after what was asked after it was answered.

Everything here is pure: a recorded `History` and what was `Kept` go in, a list of violations comes out.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from tests.system.record import WINDOW_EVENT, Heard, History, Kept, Name, Operation, name_of
from tests.system.replay import OF_THE_HALL, WINDOW_AFTER, Desk, Facts, Fault, Paper, Replay, Violation

SAME = ("number", "line", "item", "class", "state", "business_day", "issued_at", "key", "calls")  # in answer and event


def check(history: History, kept: Kept) -> list[Violation]:
    """Everything that is wrong."""
    replay = Replay(kept.events)
    first, repeats = _by_key(history.operations)
    answers = Answers(first, replay)
    return [
        *([Violation(Fault.LOG_BROKEN, kept.fault)] if kept.fault else []),
        *replay.violations,
        *_tables(kept, replay),
        *_repeats(repeats),
        *(Violation(Fault.FAILED, str(one)) for one in first if not one.done and one.status not in (404, 409)),
        *answers.effects(),
        *answers.order(),
        *answers.claims(),
        *_streams(history.heard, kept.epoch, replay),
    ]


def _by_key(operations: Sequence[Operation]) -> tuple[list[Operation], list[tuple[Operation, Operation]]]:
    """Those that were asked first, and (first, repeat) of those asked again with a key that had been answered."""
    first: dict[str, Operation] = {}
    looks, repeats = [], []
    for one in sorted(operations, key=lambda one: one.invoked):
        if not one.key:
            looks.append(one)
        elif one.key in first:
            repeats.append((first[one.key], one))
        else:
            first[one.key] = one
    return [*first.values(), *looks], repeats


def _repeats(repeats: Sequence[tuple[Operation, Operation]]) -> Iterator[Violation]:
    for one, again in repeats:
        if (one.status, one.answer) != (again.status, again.answer):
            yield Violation(Fault.CHANGED, f"{one}; the repeat was answered {again.status} {again.answer[:160]}")


def _tables(kept: Kept, replay: Replay) -> Iterator[Violation]:
    """The tables hold what the log leads to."""
    led_to = {name: line.last for name, line in replay.tickets.items()}
    seen: dict[str, Facts] = {}
    for row in kept.tickets:
        name, paper = row["id"], led_to.get(row["id"])
        if name in seen:
            yield Violation(Fault.DOUBLED, f"ticket {row['number']} is in the table twice")
        seen[name] = row
        stands = paper and (paper.number, paper.line, paper.day, paper.state, paper.calls)
        if stands != (row["number"], row["line"], row["business_day"], row["state"], row["calls"]):
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


class Bounds:
    """Where in the log an answer can have been true, from when it was asked and answered."""

    def __init__(self, operations: Sequence[Operation], effect: Mapping[int, list[int]], last: int) -> None:
        """`effect` is the events of an operation by its index, `last` the end of the log."""
        ends = sorted((operations[index].answered, max(seqs)) for index, seqs in effect.items())
        starts = sorted((operations[index].invoked, min(seqs)) for index, seqs in effect.items())
        self._answered = [end for end, _ in ends]
        self._newest = list(accumulate((seq for _, seq in ends), max))  # that was answered until then
        self._invoked = [start for start, _ in starts]
        self._oldest = list(accumulate((seq for _, seq in starts[::-1]), min))[::-1]  # that was asked from then on
        self._last = last

    def of(self, one: Operation) -> tuple[int, int]:
        """The first and the last event after which it can have been so."""
        before, after = bisect_left(self._answered, one.invoked), bisect_right(self._invoked, one.answered)
        low = self._newest[before - 1] if before else 0
        high = self._oldest[after] - 1 if after < len(self._oldest) else self._last
        return low, max(low, high)


class Answers:
    """What was answered (repeats left out), beside the log."""

    def __init__(self, operations: Sequence[Operation], replay: Replay) -> None:
        self.operations = operations
        self.replay = replay
        self.places: dict[Name, list[int]] = defaultdict(list)
        self.effect: dict[int, list[int]] = {}  # index of an operation -> seq of its events
        self.explained: set[int] = set()
        for seq, facts in replay.facts.items():
            if facts["ticket"]:
                self.places[name_of(facts)].append(seq)

    # what changed something

    def effects(self) -> Iterator[Violation]:
        """Every answer has its event and every event its answer."""
        for seqs in self.places.values():
            if len(seqs) > 1:
                yield Violation(Fault.DOUBLED, f"events {seqs}: {self.replay.facts[seqs[0]]}")
        for index, one in enumerate(self.operations):
            if one.effect is not None:
                yield from self._claim(index, one, self.places.get(one.effect, []))
        self._finished_by_next()
        yield from self._windows_set()
        for seq, facts in self.replay.facts.items():
            by_settings = facts["type"] == "window.closed" and "settings" in facts["reason"]
            if seq not in self.explained and facts["type"] not in OF_THE_HALL and not by_settings:
                yield Violation(Fault.UNASKED, f"event {seq} {facts['type']} at {facts['window']}: {facts['ticket']}")

    def _claim(self, index: int, one: Operation, seqs: list[int]) -> Iterator[Violation]:
        if not seqs:
            yield Violation(Fault.LOST, f"{one}: the log has no such event")
            return
        free = [seq for seq in seqs if seq not in self.explained]
        if not free:
            yield Violation(Fault.DOUBLED, f"{one}: event {seqs[0]} was answered to another request, too")
            return
        self.explained.add(free[0])
        self.effect[index] = [free[0]]
        facts, ticket = self.replay.facts[free[0]], one.told
        logged = {name: facts["ticket"][name] for name in SAME} | {"window": facts["window"]}
        told = {name: ticket[name] for name in SAME} | {"window": one.window}
        if one.action in ("next", "recall"):
            logged["at"], told["at"] = facts["at"], ticket["called_at"]
        if logged != told:
            yield Violation(Fault.CHANGED, f"{one}: the log has {facts}")

    def _finished_by_next(self) -> None:
        """`next` may finish the window's ticket in the same step: those events belong to its answer."""
        for index, one in enumerate(self.operations):
            if one.finishes_current and index in self.effect:
                self._with_finish(index, one, self.effect[index][0] - 1)
        # an empty answer names no ticket: the earliest to be over takes the first finish it can have made
        bounds = Bounds(self.operations, self.effect, self.replay.last)
        empty = [(bounds.of(one), index) for index, one in enumerate(self.operations) if _may_finish(one)]
        for (low, high), index in sorted(empty, key=lambda each: each[0][1]):
            any(self._with_finish(index, self.operations[index], seq) for seq in range(low + 1, high + 1))
            # whose it was is a guess where two clerks share a window: it explains the event and says nothing of order
            self.effect.pop(index, None)

    def _with_finish(self, index: int, one: Operation, seq: int) -> bool:
        facts, before = self.replay.facts.get(seq), self.replay.facts.get(seq - 1)
        if (
            facts is None
            or seq in self.explained
            or (facts["type"], facts["window"]) != ("ticket.finished", one.window)
        ):
            return False
        seqs = [seq]
        if before and before["type"] == "ticket.started" and before["ticket"]["id"] == facts["ticket"]["id"]:
            seqs += [seq - 1] if seq - 1 not in self.explained else []
        self.explained.update(seqs)
        self.effect.setdefault(index, []).extend(seqs)
        return True

    def _windows_set(self) -> Iterator[Violation]:
        """Several may have asked for one change of a window: to whom it was already so, it is no change."""
        set_to = {
            (facts["type"], facts["window"], facts["at"]): seq
            for seq, facts in self.replay.facts.items()
            if facts["type"] in WINDOW_AFTER
        }
        for one in self.operations:
            if one.action in WINDOW_EVENT and one.done:
                window = one.said["window"]
                seq = set_to.get((WINDOW_EVENT[one.action], window["no"], window["since"]))
                if seq is not None:
                    self.explained.add(seq)
                elif (one.action, window["since"]) != ("close", None):  # closed from the beginning
                    yield Violation(Fault.LOST, f"{one}: the log has no such event")

    # when

    @cached_property
    def bounds(self) -> Bounds:
        """Of every answer; only once `effects` were found."""
        return Bounds(self.operations, self.effect, self.replay.last)

    def order(self) -> Iterator[Violation]:
        """What was answered before another was asked is before it in the log."""
        for index, seqs in self.effect.items():
            one = self.operations[index]
            low, _ = self.bounds.of(one)
            if min(seqs) <= low:
                yield Violation(Fault.DISORDER, f"{one}: event {min(seqs)}, though {low} was answered before")

    # what changed nothing

    def claims(self) -> Iterator[Violation]:
        """What was answered without an event was so."""
        lines: dict[int | None, list[str]] = {
            one.window: one.said["window"]["lines"] for one in self.operations if one.status == 200 and one.window
        }
        for one in self.operations:
            if one.action == "board" and one.status == 200:
                yield from self._board(one)
                continue
            holds = self._claim_of(one, lines)
            low, high = self.bounds.of(one)
            if holds is not None and not any(holds(seq) for seq in range(low, high + 1)):
                yield Violation(Fault.UNTRUE, f"{one}: not so at any event from {low} to {high}")

    def _claim_of(self, one: Operation, lines: dict[int | None, list[str]]) -> Callable[[int], bool] | None:
        """What an answer says of a place of the log; None if its event says it all."""
        if one.action == "look":
            return self._looked(one)
        if one.action == "issue" and one.done:
            return lambda seq: one.said["ahead"] == self.replay.ahead.get(one.said["id"], one.said["ahead"])
        if one.action in WINDOW_EVENT and one.done:
            state = WINDOW_AFTER[WINDOW_EVENT[one.action]]
            return lambda seq: self._desk(one, seq).state == state
        if one.status == 204:
            return lambda seq: (
                self._desk(one, seq).ticket is None
                and not any(self.replay.waiting[line].at(seq) for line in lines.get(one.window, []))
            )
        return self._refused(one) if one.status in (404, 409) else None

    def _looked(self, one: Operation) -> Callable[[int], bool]:
        if one.status != 200:  # clients look only at tickets they were given
            return lambda seq: False
        said = one.said
        state = said["number"], said["line"], said["state"], said["calls"]

        def so(seq: int) -> bool:
            paper = self._paper(one.ticket, seq)
            return paper is not None and (paper.number, paper.line, paper.state, paper.calls) == state

        return so

    def _refused(self, one: Operation) -> Callable[[int], bool] | None:
        if one.status == 404:
            return lambda seq: False
        detail = one.said["detail"]
        if "ticket" in detail:  # it is in a state that does not allow it, or it holds the window

            def in_state(seq: int) -> bool:
                paper = self._paper(detail["ticket"], seq)
                at_window = one.window is None or self._desk(one, seq).ticket == detail["ticket"]
                return paper is not None and paper.state == detail.get("state", paper.state) and at_window

            return in_state
        if "state" in detail:  # the window's: not open for the next, or without a ticket for what needs one
            return lambda seq: (
                self._desk(one, seq).state == detail["state"]
                and (self._desk(one, seq).ticket is None if one.action != "next" else detail["state"] != "open")
            )
        if "calls" in detail:
            return lambda seq: self._calls(one, seq) == detail["calls"]
        return lambda seq: False

    def _board(self, one: Operation) -> Iterator[Violation]:
        """A board is the hall after the event it names, and that is no old one."""
        board = one.said
        seq, (low, high) = board["seq"], self.bounds.of(one)
        if not low <= seq <= high:
            yield Violation(Fault.UNTRUE, f"a board of event {seq} was shown where {low} to {high} could be")
        for shown in board["windows"]:
            desk = self.replay.windows[shown["no"]].at(seq)
            paper = self._paper(desk.ticket, seq)
            if (shown["state"], shown["number"]) != (desk.state, paper and paper.number):
                yield Violation(Fault.UNTRUE, f"the board of event {seq} shows {shown}; it was {desk}, {paper}")
        for shown in board["lines"]:
            waiting = self.replay.waiting[shown["id"]].at(seq)
            if shown["waiting"] != waiting:
                yield Violation(
                    Fault.UNTRUE, f"the board of event {seq} shows {shown['waiting']}, not {waiting} waiting"
                )

    def _desk(self, one: Operation, seq: int) -> Desk:
        return self.replay.windows[one.window or 0].at(seq)

    def _paper(self, ticket: str | None, seq: int) -> Paper | None:
        return self.replay.tickets[ticket].at(seq) if ticket in self.replay.tickets else None

    def _calls(self, one: Operation, seq: int) -> int | None:
        paper = self._paper(self._desk(one, seq).ticket, seq)
        return paper.calls if paper else None


def _may_finish(one: Operation) -> bool:
    return one.finishes_current and one.status == 204


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
