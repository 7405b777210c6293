"""Every answer that changed something has an event of its own, and every event an answer; their order agrees."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

from tests.system.record import CALLING, EVENT, WINDOW_EVENT, Name, Operation, name_of
from tests.system.replay import BEGINS_ANEW, OF_THE_HALL, Fault, Replay, Violation
from tests.system.rules import LIVE, WINDOW_AFTER, Facts, instant

SAME = ("number", "line", "item", "class", "state", "business_day", "issued_at", "key", "calls")  # in answer and event
SLACK = 0.1  # seconds between the clocks of those who ask and those who answer
LATE = 5.0  # seconds: a server that was killed may have handed over to the database what it was about to do


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
        self.effect: dict[int, list[int]] = {}  # index of an operation -> seq of its events, where there is no doubt
        self.explained: set[int] = set()
        self.no_change: set[int] = set()  # indices of those to whom a ticket's class was what it was to be
        for seq, facts in replay.facts.items():
            if facts["ticket"]:
                self.places[name_of(facts)].append(seq)

    def effects(self) -> Iterator[Violation]:
        """Every answer has its event and every event its answer."""
        yield from self._twice()
        yield from self._claims()
        self._finished_by_next()
        yield from self._windows_set()
        self._perhaps()
        for seq, facts in self.replay.facts.items():
            by_settings = facts["type"] == "window.closed" and "settings" in facts["reason"]
            if seq not in self.explained and facts["type"] not in OF_THE_HALL and not by_settings:
                yield Violation(Fault.UNASKED, f"event {seq} {facts['type']} at {facts['window']}: {facts['ticket']}")

    def _twice(self) -> Iterator[Violation]:
        """What happens once in a stay in a queue did not happen twice."""
        stay: dict[str, int] = defaultdict(int)
        seen: dict[tuple[Name, int], int] = {}
        for seq, facts in self.replay.facts.items():
            if not facts["ticket"] or facts["type"] in OF_THE_HALL:
                continue
            ticket = facts["ticket"]["id"]
            stay[ticket] += facts["type"] in BEGINS_ANEW
            first = seen.setdefault((name_of(facts), stay[ticket]), seq)
            if first != seq:
                yield Violation(Fault.DOUBLED, f"events {first} and {seq}: {facts}")

    # an answer and its event

    def _claims(self) -> Iterator[Violation]:
        """Gives every answer an event that says the same; where several do, by when they happened."""
        asked: dict[Any, list[int]] = defaultdict(list)
        for index, one in enumerate(self.operations):
            if one.effect is not None:
                asked[_answered(one)].append(index)
        logged: dict[Any, list[int]] = defaultdict(list)
        for seqs in self.places.values():
            for seq in seqs:
                logged[_logged(self.replay.facts[seq], with_at=False)].append(seq)
                logged[_logged(self.replay.facts[seq], with_at=True)].append(seq)
        left: list[int] = []
        for said, indices in asked.items():
            left += self._pair(indices, logged.get(said, []))
        for index in left:
            yield from self._unpaired(index)
        for index, seqs in self.effect.items():
            if self.operations[index].action == "next" and seqs[0] in self.replay.out_of_turn:
                yield Violation(Fault.OVERTAKEN, f"{self.operations[index]}: it was another's turn")

    def _pair(self, indices: list[int], seqs: list[int]) -> list[int]:
        """Which got none. An event goes to the one of those it fits that was answered first."""
        waiting = sorted(indices, key=lambda index: self.operations[index].until)
        fits = {seq: [index for index in waiting if self._may_be(index, seq)] for seq in seqs}
        of = {index: sum(index in able for able in fits.values()) for index in waiting}
        for strict in (True, False):  # a clock that was set says nothing
            for seq in [seq for seq in seqs if seq not in self.explained]:
                able = [index for index in waiting if index in fits[seq] or not strict]
                if not able:
                    continue
                waiting.remove(able[0])
                self.explained.add(seq)
                if len(seqs) == len(indices) == 1 or (len(fits[seq]) == 1 and of[able[0]] == 1):
                    self.effect[able[0]] = [seq]
        return waiting

    def _may_be(self, index: int, seq: int) -> bool:
        at, one = instant(self.replay.facts[seq]["at"]).timestamp(), self.operations[index]
        return one.first_try - SLACK <= at <= one.until + SLACK

    def _unpaired(self, index: int) -> Iterator[Violation]:
        one = self.operations[index]
        if one.action == "class":
            self.no_change.add(index)
            return
        assert one.effect is not None
        seqs = self.places.get(one.effect, [])
        free = [seq for seq in seqs if seq not in self.explained]
        if free:
            self.explained.add(free[0])
            yield Violation(Fault.CHANGED, f"{one}: the log has {self.replay.facts[free[0]]}")
        elif seqs:
            yield Violation(Fault.DOUBLED, f"{one}: event {seqs[-1]} was answered to another request, too")
        else:
            yield Violation(Fault.LOST, f"{one}: the log has no such event")

    # events without an answer of their own

    def _finished_by_next(self) -> None:
        """`next` may finish the window's ticket in the same step: those events belong to its answer."""
        for index, one in enumerate(self.operations):
            if one.finishes_current and index in self.effect:
                self._with_finish(index, one, self.effect[index][0] - 1)
        # an empty answer names no ticket: the earliest to be over takes the first finish it can have made
        bounds = Bounds(self.operations, self.effect, self.replay.last)
        empty = [(bounds.of(one), index) for index, one in enumerate(self.operations) if _may_finish(one)]
        for (low, high), index in sorted(empty, key=lambda each: each[0][1]):
            any(
                self._with_finish(index, self.operations[index], seq)
                for seq in range(low + 1, high + 1)
                if not self._is_call(seq + 1, self.operations[index].window)  # then it found somebody
            )
            # whose it was is a guess where two clerks share a window: it explains the event and says nothing of order
            self.effect.pop(index, None)

    def _is_call(self, seq: int, window: int | None) -> bool:
        facts = self.replay.facts.get(seq)
        return facts is not None and (facts["type"], facts["window"]) == ("ticket.called", window)

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

    def _perhaps(self) -> None:
        """A request of which nobody knows may have had one effect."""
        for index, one in enumerate(self.operations):
            if one.status:
                continue
            left = [seq for seq in self.replay.facts if seq not in self.explained]
            able = [seq for seq in left if _perhaps_of(one, self.replay.facts[seq])]
            asked = [seq for seq in able if self.replay.facts[seq]["type"] in _events_of(one)]
            self.explained.update(asked[:1])
            if one.finishes_current and able:
                self._with_finish(index, one, asked[0] - 1 if asked else able[0])
                self.effect.pop(index, None)

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

    # whose

    def persons(self) -> Iterator[Violation]:
        """Who has a live ticket of a line was not given another."""
        given: dict[tuple[str, str], list[str]] = defaultdict(list)  # (card, line)
        by_cards = [
            (self.effect[index][0], one)
            for index, one in enumerate(self.operations)
            if index in self.effect and one.action == "issue" and "card_token" in one.body
        ]
        for seq, one in sorted(by_cards, key=lambda each: each[0]):
            card, ticket = json.loads(one.body)["card_token"], one.told
            for other in given[card, ticket["line"]]:
                paper = self.replay.tickets[other].at(seq - 1)
                if paper and paper.state in LIVE and paper.line == ticket["line"]:
                    yield Violation(Fault.SAME_PERSON, f"{one}: the card had {paper}")
            given[card, ticket["line"]].append(ticket["id"])


def _answered(one: Operation) -> Any:
    """What an answer says happened."""
    ticket = one.told
    at = ticket["called_at"] if one.action in CALLING else None
    return one.effect, one.window, *(ticket[name] for name in SAME), ticket.get("bound") or 0, at


def _logged(facts: Facts, *, with_at: bool) -> Any:
    """What an event says happened."""
    ticket = facts["ticket"]
    at = facts["at"] if with_at else None
    return name_of(facts), facts["window"], *(ticket[name] for name in SAME), ticket.get("bound", 0), at


def _may_finish(one: Operation) -> bool:
    return one.finishes_current and one.status == 204


def _perhaps_of(one: Operation, facts: Facts) -> bool:
    """Whether this can have come of a request without an answer."""
    if not one.first_try - SLACK <= instant(facts["at"]).timestamp() <= one.until + LATE:
        return False
    if one.finishes_current and facts["type"] == "ticket.finished":
        return bool(facts["window"] == one.window)  # and nobody waited
    if facts["type"] not in _events_of(one):
        return False
    named = one.ticket is None or facts["ticket"]["id"] == one.ticket
    item = one.action != "issue" or facts["ticket"]["item"] == json.loads(one.body)["item"]
    there = one.action in ("issue", "cancel", "return", "class") or facts["window"] == one.window
    return bool(named and item and there)


def _events_of(one: Operation) -> tuple[str | None, ...]:
    return EVENT.get(one.action), WINDOW_EVENT.get(one.action)
