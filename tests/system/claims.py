"""An answer that changed nothing (a refusal, "nobody waits", a look) was true at some place of the log.

That place is one it can have seen: not before what was answered before it was asked, and not after what was asked
after it was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from tests.system.answers import SLACK, Answers
from tests.system.record import WINDOW_EVENT, Operation
from tests.system.replay import Desk, Fault, Violation
from tests.system.rules import LIVE, WINDOW_AFTER, Facts, Paper, instant

AfterAnEvent = Callable[[int], bool]
LOOKED_THROUGH = 1_000  # events among which the server looks for what a window did last


class Claims:
    """What was answered without an event was so. Only once `effects` of the answers were found."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.replay = answers, answers.replay

    def violations(self) -> Iterator[Violation]:
        for index, one in enumerate(self.answers.operations):
            if one.action == "board" and one.status == 200:
                yield from self._board(one)
                continue
            holds = self._unchanged(one) if index in self.answers.no_change else self._claim_of(one)
            low, high = self.answers.bounds.of(one)
            if holds is not None and not any(holds(seq) for seq in range(low, high + 1)):
                yield Violation(Fault.UNTRUE, f"{one}: not so at any event from {low} to {high}")

    def _claim_of(self, one: Operation) -> AfterAnEvent | None:
        """What an answer says of a place of the log; None if its event says it all."""
        if one.action == "look":
            return self._looked(one)
        if one.action == "issue" and one.done:
            said = one.said
            return lambda seq: said["ahead"] == self.replay.ahead.get(said["id"], said["ahead"])
        if one.action in WINDOW_EVENT and one.done:
            state = WINDOW_AFTER[WINDOW_EVENT[one.action]]
            return lambda seq: self._desk(one, seq).state == state
        if one.status == 204:
            assert one.window is not None
            no = one.window
            return lambda seq: self._desk(one, seq).ticket is None and not self.replay.callable(no, seq)
        return self._refused(one) if one.status in (404, 409) else None

    def _unchanged(self, one: Operation) -> AfterAnEvent:
        cls = one.told["class"]
        return lambda seq: self._is(one.ticket, seq, state="waiting", cls=cls)

    def _looked(self, one: Operation) -> AfterAnEvent:
        if one.status != 200:  # clients look only at tickets they were given
            return lambda seq: False
        said = one.said
        state = {name: said[name] for name in ("number", "line", "state", "calls")}
        return lambda seq: self._is(one.ticket, seq, **state)

    # refusals

    def _refused(self, one: Operation) -> AfterAnEvent:
        detail = one.said.get("detail", {}) if one.status == 409 else {}
        ways: dict[str, Callable[[Operation, Facts], AfterAnEvent]] = {  # by what it speaks of first
            "why": self._cannot_return,
            "retry_after": self._too_soon,
            "calls": self._not_often_enough,
            "ticket": self._of_ticket,
            "state": self._of_window,
            "line": self._not_served,
            "window": self._elsewhere,
        }
        way = next((way for name, way in ways.items() if name in detail), None)
        return way(one, detail) if way else lambda seq: False

    def _cannot_return(self, one: Operation, detail: Facts) -> AfterAnEvent:
        if one.action in ("undo", "transfer"):  # its holder has another: whose tickets they are the log does not say
            return lambda seq: bool(detail["why"] == "another")

        def so(seq: int) -> bool:
            paper = self._paper(one.ticket, seq)
            if paper is None or paper.state != "missed" or paper.missed_at is None:
                return False
            if detail["why"] == "late":
                return (
                    paper.missed_at.timestamp() + self.replay.rules.return_within.total_seconds() <= one.until + SLACK
                )
            return paper.was_back if detail["why"] == "once" else True  # whose tickets they are the log does not say

        return so

    def _too_soon(self, one: Operation, detail: Facts) -> AfterAnEvent:
        def so(seq: int) -> bool:
            paper = self._paper(self._desk(one, seq).ticket, seq)
            if paper is None or paper.state != "called" or paper.called_at is None:
                return False
            return one.first_try - paper.called_at.timestamp() < self.replay.rules.recall_gap.total_seconds() + SLACK

        return so

    def _not_often_enough(self, one: Operation, detail: Facts) -> AfterAnEvent:
        return lambda seq: self._is(self._desk(one, seq).ticket, seq, calls=detail["calls"])

    def _of_ticket(self, one: Operation, detail: Facts) -> AfterAnEvent:
        """It is in a state that does not allow it, it holds the window, or the card has it already."""
        if isinstance(detail["ticket"], dict):
            other = detail["ticket"]
            return lambda seq: other["state"] in LIVE and self._is(other["id"], seq, state=other["state"])
        ticket, at_window = detail["ticket"], one.window is not None and detail["ticket"] != one.ticket
        state = {name: detail[name] for name in ("state", "number") if name in detail}

        def so(seq: int) -> bool:
            here = not at_window or one.action == "undo" or self._desk(one, seq).ticket == ticket
            return here and self._is(ticket, seq, **state)

        return so

    def _of_window(self, one: Operation, detail: Facts) -> AfterAnEvent:
        """Not open for a call, or without a ticket for what needs one."""

        def so(seq: int) -> bool:
            desk = self._desk(one, seq)
            calls = one.action in ("next", "call", "resume")
            return desk.state == detail["state"] and (desk.state != "open" if calls else desk.ticket is None)

        return so

    def _not_served(self, one: Operation, detail: Facts) -> AfterAnEvent:
        assert one.window is not None
        no, counter = one.window, self.replay.rules.windows[one.window]

        def so(seq: int) -> bool:
            paper = self._paper(one.ticket, seq)
            return paper is not None and paper.line == detail["line"] and not counter.serves(paper.lane, no)

        return so

    def _elsewhere(self, one: Operation, detail: Facts) -> AfterAnEvent:
        """A ticket that another window holds; or a window without anything to take back, or not any more."""
        if one.action == "resume":
            return lambda seq: (
                detail["window"] != one.window and self._is(one.ticket, seq, state="held", window=detail["window"])
            )
        if one.action != "undo" or one.window is None:
            return lambda seq: False
        no, within = one.window, self.replay.rules.undo_within

        def so(seq: int) -> bool:
            last = self.replay.undoable(no, seq)
            if last is None or last <= seq - LOOKED_THROUGH:
                return True
            age = timedelta(seconds=one.until) - timedelta(seconds=instant(self.replay.facts[last]["at"]).timestamp())
            return age > within - timedelta(seconds=SLACK)

        return so

    # the board

    def _board(self, one: Operation) -> Iterator[Violation]:
        """A board is the hall after the event it names, and that is no old one."""
        board = one.said
        seq, (low, high) = board["seq"], self.answers.bounds.of(one)
        if not low <= seq <= high:
            yield Violation(Fault.UNTRUE, f"a board of event {seq} was shown where {low} to {high} could be")
        for shown in board["windows"]:
            desk = self.replay.windows[shown["no"]].at(seq)
            paper = self._paper(desk.ticket, seq)
            if (shown["state"], shown["number"]) != (desk.state, paper and paper.number):
                yield Violation(Fault.UNTRUE, f"the board of event {seq} shows {shown}; it was {desk}, {paper}")
        for shown in board["lines"]:
            waiting = self.replay.lines_waiting(shown["id"], seq)
            if shown["waiting"] != waiting:
                yield Violation(
                    Fault.UNTRUE, f"the board of event {seq} shows {shown['waiting']}, not {waiting} waiting"
                )

    # how something stood

    def _desk(self, one: Operation, seq: int) -> Desk:
        return self.replay.windows[one.window or 0].at(seq)

    def _paper(self, ticket: str | None, seq: int) -> Paper | None:
        return self.replay.tickets[ticket].at(seq) if ticket in self.replay.tickets else None

    def _is(self, ticket: str | None, seq: int, **so: object) -> bool:
        paper = self._paper(ticket, seq)
        return paper is not None and all(getattr(paper, name) == value for name, value in so.items())
