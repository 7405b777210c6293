"""Whatever a hall does, the server and a hall kept on paper say the same, also after a restart."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from queue_server import days, issuing, windows
from queue_server.days import KEEP_ANSWERS
from queue_server.domain.dispatch import Desk as DeskRules
from queue_server.domain.events import iso
from queue_server.domain.past import UNDOABLE, queued_again
from queue_server.holders import Holders
from queue_server.store import ratings as table
from queue_server.store.log import verify
from queue_server.store.places import Places
from queue_server.store.writer import Transaction
from tests.queue_server.helpers import HALL, Clock, Desk, Names, demo_hall
from tests.queue_server.paper_hall import PaperHall, Refused, Slip

WINDOWS = st.sampled_from((10, 11, 12))  # police and general; police and family; police, tax, property and general
ITEMS = st.sampled_from(("passport", "passport", "id-card", "advice", "marriage", "invoice"))
CLASSES = st.sampled_from(("walk_in", "walk_in", "walk_in", "elderly", "green"))
PERSONS = st.sampled_from((None, None, None, "a" * 64, "b" * 64))
OLD = st.integers(0, 6)  # how far back from the newest ticket
CHOICE = st.sampled_from(range(12))
SELDOM = st.sampled_from((False, False, False, True))  # what no clerk in their senses does is tried, too
ACTS = {  # on a window's own ticket
    "recall": PaperHall.recall,
    "start": PaperHall.start,
    "finish": PaperHall.finish,
    "miss": PaperHall.miss,
    "release": PaperHall.release,
    "hold": PaperHall.hold,
    "undo": PaperHall.undo,
}
SENSIBLE = {"called": ("start", "start", "recall", "miss", "miss", "release", "undo"), "serving": ("finish", "hold")}
# a failing run is long enough to read, and making it shorter takes minutes: add Phase.shrink for that
QUICK = settings(max_examples=10, stateful_step_count=40, deadline=None, derandomize=True, phases=[Phase.generate])
LONG = settings(QUICK, max_examples=40, stateful_step_count=60)
CALM = {"suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much]}  # the machine may be busy


class HallMachine(RuleBasedStateMachine):
    """Does the same with both and compares."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        rules = demo_hall().rules.model_copy(update={"calls_before_missed": 2})
        self.hall, self.clock, self.names = demo_hall(rules=rules), Clock(), Names()
        self.paper = PaperHall(self.hall, self.clock)
        self.ids: dict[int, str] = {}  # by seq
        self.keys: list[tuple[str, Any, str, Any, datetime]] = []  # path, body, key, what was answered, when
        self.desk = self._open()

    def teardown(self) -> None:
        with self.desk.store.read() as reading:
            assert verify(reading, HALL).fault == ""
        self.desk.close()
        shutil.rmtree(self.folder)

    def _open(self) -> Desk:
        return Desk(self.folder / "data", self.hall, self.clock, enforce_hours=False, names=self.names)

    def same(self, on_paper: Callable[[], Slip | None], path: str, body: Any = None) -> Any:
        """Asks both; returns the server's answer."""
        key = self.names(0)
        answer = self.desk.post(path, body, key=key)
        try:
            slip = on_paper()
        except Refused:
            assert answer.status_code == 409, (path, body, answer.json)
            return answer
        assert answer.status_code in (200, 201, 204), (path, body, answer.json)
        self.keys.append((path, body, key, (answer.status_code, answer.text), self.clock()))
        if slip is not None:
            ticket = answer.json.get("ticket", answer.json)
            self.ids.setdefault(slip.seq, ticket["id"])
            self.compare(ticket, slip, ahead=slip.state == "waiting")
        return answer

    def compare(self, ticket: dict[str, Any], slip: Slip, *, ahead: bool = True) -> None:
        said = {name: ticket[name] for name in ("id", "number", "line", "class", "state", "calls", "issued_at", "key")}
        window = ticket["window"] if slip.window is not None else None
        assert said | {"window": window} == {
            "id": self.ids[slip.seq],
            "number": slip.number,
            "line": slip.line,
            "class": slip.cls,
            "state": slip.state,
            "calls": slip.calls,
            "issued_at": iso(slip.issued_at),
            "key": iso(slip.key),
            "window": slip.window,
        }
        if ahead:
            assert ticket["ahead"] == self.paper.ahead(slip)

    @property
    def slips(self) -> list[Slip]:
        return list(self.paper.paper.slips.values())

    def some_ticket(self, back: int) -> int:
        return max(1, len(self.ids) - back)

    # one rule an action

    @rule(item=ITEMS, cls=CLASSES, person=PERSONS)
    def issue(self, item: str, cls: str, person: str | None) -> None:
        body = {"item": item, "class": cls} | reason_for(cls) | ({"card_token": person} if person else {})
        self.same(lambda: self.paper.issue(item, cls, person), f"/halls/{HALL}/tickets", body)

    @precondition(lambda self: self.ids)
    @rule(back=OLD)
    def cancel(self, back: int) -> None:
        seq = self.some_ticket(back)
        self.same(lambda: self.paper.cancel(seq), f"/tickets/{self.ids[seq]}/cancel")

    @precondition(lambda self: self.ids)
    @rule(back=OLD, cls=CLASSES)
    def change_class(self, back: int, cls: str) -> None:
        seq = self.some_ticket(back)
        body = {"class": cls, "reason": "asked"} | reason_for(cls)
        self.same(lambda: self.paper.change_class(seq, cls), f"/tickets/{self.ids[seq]}/class", body)

    @precondition(lambda self: any(slip.state == "missed" for slip in self.slips))
    @rule(choice=CHOICE)
    def come_back(self, choice: int) -> None:
        missed = [seq for seq, slip in self.paper.paper.slips.items() if slip.missed_at is not None]
        seq = missed[-1 - choice % len(missed)]
        self.same(lambda: self.paper.come_back(seq), f"/tickets/{self.ids[seq]}/return")

    @precondition(lambda self: self.ids)
    @rule(back=OLD, choice=CHOICE, senseless=SELDOM)
    def rate(self, back: int, choice: int, senseless: bool) -> None:
        done = [seq for seq, slip in self.paper.paper.slips.items() if slip.state == "done"]
        seq = self.some_ticket(back) if senseless or not done else done[-1 - choice % len(done)]
        body = {"level": 1 + choice % 5}
        self.same(lambda: self.paper.rate(seq), f"/tickets/{self.ids[seq]}/rating", body)

    @rule(no=WINDOWS, word=st.sampled_from(("open", "open", "open", "pause", "close")))
    def set_window(self, no: int, word: str) -> None:
        state = {"open": "open", "pause": "paused", "close": "closed"}[word]
        self.same(lambda: self.paper.set_window(no, state), f"/halls/{HALL}/windows/{no}/{word}")

    @rule(no=WINDOWS, finish=st.booleans())
    def call_next(self, no: int, finish: bool) -> None:
        body = {"finish_current": finish}
        self.same(lambda: self.paper.call_next(no, finish_current=finish), f"/halls/{HALL}/windows/{no}/next", body)

    @rule(no=WINDOWS, choice=CHOICE, senseless=SELDOM)
    def clerk_acts(self, no: int, choice: int, senseless: bool) -> None:
        busy = [one for one in (no, 10, 11, 12) if self.state_at(one) != "free"]
        no = no if senseless or not busy else busy[0]
        state = self.state_at(no)
        words = tuple(ACTS) if senseless or state not in SENSIBLE else SENSIBLE[state]
        word = words[choice % len(words)]
        if word in ("recall", "miss") and not senseless:
            self.clock.pass_(seconds=31)
        if word == "miss" and not senseless:
            self.act(no, "recall")
        self.act(no, word)

    def act(self, no: int, word: str) -> None:
        self.same(lambda: ACTS[word](self.paper, no), f"/halls/{HALL}/windows/{no}/{word}")

    def state_at(self, no: int) -> str:
        seq = self.paper.paper.desks[no].slip
        return self.paper.paper.slips[seq].state if seq is not None else "free"

    @precondition(lambda self: self.ids)
    @rule(no=WINDOWS, back=OLD, senseless=SELDOM)
    def call_this(self, no: int, back: int, senseless: bool) -> None:
        able = [slip.seq for slip in self.paper.waiting_for(no)]
        seq = self.some_ticket(back) if senseless or not able else able[back % len(able)]
        if not senseless:
            self.set_window(no, "open")
        path = f"/halls/{HALL}/windows/{no}/call"
        self.same(lambda: self.paper.call_this(no, seq), path, {"ticket": self.ids[seq]})

    @precondition(lambda self: any(slip.state == "held" for slip in self.slips))
    @rule(no=WINDOWS, choice=CHOICE, senseless=SELDOM)
    def resume(self, no: int, choice: int, senseless: bool) -> None:
        held = [slip for slip in self.slips if slip.state == "held"]
        slip = held[choice % len(held)]
        if not senseless and slip.window is not None:
            no = slip.window
        path = f"/halls/{HALL}/windows/{no}/resume"
        self.same(lambda: self.paper.resume(no, slip.seq), path, {"ticket": self.ids[slip.seq]})

    @precondition(lambda self: any(self.state_at(no) == "serving" for no in (10, 11, 12)))
    @rule(no=WINDOWS, to=st.sampled_from((None, 10, 11, 12)), choice=CHOICE)
    def transfer(self, no: int, to: int | None, choice: int) -> None:
        lines = self.paper.lines[to or no]
        line = lines[choice % len(lines)]
        body = {"line": line} | ({"window": to} if to else {})
        self.same(lambda: self.paper.transfer(no, line, to), f"/halls/{HALL}/windows/{no}/transfer", body)

    @precondition(lambda self: any(desk.last for desk in self.paper.paper.desks.values()))
    @rule(choice=CHOICE, meanwhile=st.sampled_from(("", "pause", "close", "cancel", "recall")))
    def thinks_better_of_it(self, choice: int, meanwhile: str) -> None:
        """At once, or after something else: by chance that happens too rarely."""
        done = {no: desk.last.slip for no, desk in self.paper.paper.desks.items() if desk.last}
        no = list(done)[choice % len(done)]
        if meanwhile == "recall":
            self.clock.pass_(seconds=31)
            self.act(no, "recall")
        elif meanwhile == "cancel":
            self.cancel(len(self.ids) - done[no])
        elif meanwhile:
            self.set_window(no, meanwhile)
        self.act(no, "undo")

    # what by chance would happen too rarely

    @rule(item=ITEMS, no=WINDOWS, come=st.booleans(), person=PERSONS)
    def somebody_comes(self, item: str, no: int, come: bool, person: str | None) -> None:
        self.issue(item, "walk_in", person)
        self.set_window(no, "open")
        self.call_next(no, finish=True)
        if come:
            self.act(no, "start")

    @precondition(lambda self: any(slip.was_back and slip.state == "waiting" for slip in self.slips))
    @rule(no=WINDOWS)
    def does_not_come_again(self, no: int) -> None:
        slip = next(slip for slip in reversed(self.slips) if slip.was_back and slip.state == "waiting")
        no = slip.bound or no
        self.set_window(no, "open")
        path = f"/halls/{HALL}/windows/{no}/call"
        self.same(lambda: self.paper.call_this(no, slip.seq), path, {"ticket": self.ids[slip.seq]})
        self.clock.pass_(seconds=31)
        self.act(no, "recall")
        self.act(no, "miss")
        self.same(lambda: self.paper.come_back(slip.seq), f"/tickets/{self.ids[slip.seq]}/return")

    # time, and what else befalls a server

    @rule(seconds=st.sampled_from((1, 29, 30, 31, 300, 899, 900, 1800)))
    def time_passes(self, seconds: int) -> None:
        self.clock.pass_(seconds=seconds)

    @rule(seconds=st.sampled_from((1, 60)))
    def clock_is_set_back(self, seconds: int) -> None:
        self.clock.pass_(seconds=-seconds)

    @rule(night=st.sampled_from((True, False, False, False)))
    def night_passes(self, night: bool) -> None:
        if night:
            self.clock.pass_(hours=18)

    @rule()
    def day_is_looked_after(self) -> None:
        self.desk.service.close_days()
        self.paper.turn_the_page()

    @precondition(lambda self: self.keys)
    @rule(back=st.integers(0, 12))
    def client_asks_again(self, back: int) -> None:
        path, body, key, first, at = self.keys[-1 - back % len(self.keys)]
        if self.clock() - at < KEEP_ANSWERS:
            again = self.desk.post(path, body, key=key)
            assert (again.status_code, again.text) == first

    @rule()
    def server_starts_again(self) -> None:
        self.desk.close()
        self.desk = self._open()

    # what must be so after each

    @invariant()
    def the_list_is_the_same(self) -> None:
        listed = self.desk.get(f"/halls/{HALL}/tickets").json["tickets"]
        assert [ticket["id"] for ticket in listed] == [self.ids[slip.seq] for slip in self.paper.today]
        for ticket, slip in zip(listed, self.paper.today, strict=True):
            self.compare(ticket, slip)

    @invariant()
    def windows_are_the_same(self) -> None:
        for no in (10, 11, 12):
            detail, desk = self.desk.get(f"/halls/{HALL}/windows/{no}").json, self.paper.paper.desks[no]
            current = self.paper.paper.slips[desk.slip] if desk.slip else None
            waiting, coming = self.paper.waiting_for(no), self.paper.coming(no)
            assert (detail["state"], detail["number"]) == (desk.state, current.number if current else None)
            assert detail["callable"] == len(waiting)
            assert [ticket["number"] for ticket in detail["tickets"]] == [slip.number for slip in waiting]
            assert (detail["coming"] or {}).get("ticket") == (self.ids[coming.seq] if coming else None)

    @invariant()
    def every_rating_is_kept_once(self) -> None:
        asked = self.desk.get(f"/halls/{HALL}/ratings", "manager").json
        today = {seq for seq in self.paper.paper.rated if self.paper.paper.slips[seq].day == self.paper.paper.day}
        assert sum(level["count"] for level in asked["levels"]) >= len(today)
        assert len(self.paper.paper.rated) == self.desk.types().count("ticket.rated")

    @invariant()
    def numbers_have_no_gap(self) -> None:
        slips = self.paper.paper.slips.values()
        assert [slip.seq for slip in sorted(slips, key=lambda slip: slip.issued_at)] == sorted(self.ids)


def reason_for(cls: str) -> dict[str, str]:
    return {"reason": "project"} if cls == "green" else {}


def test_server_and_paper_agree():
    run_state_machine_as_test(HallMachine, settings=settings(QUICK, **CALM))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_server_and_paper_agree_for_long():
    run_state_machine_as_test(HallMachine, settings=settings(LONG, **CALM))


def nothing(*_: Any, **__: Any) -> None:
    pass


PLANTED = {
    "a ticket comes back again and again": (Holders, "_check_return", nothing),
    "a ticket sent to one window is called at any": (
        windows,
        "queued_again",
        lambda t: queued_again(t)._replace(bound=0),
    ),
    "nobody is preferred": (DeskRules, "prefers", lambda desk, head: False),
    "a recall is taken back": (windows, "UNDOABLE", {**UNDOABLE, "ticket.recalled": "recall"}),
    "places are not given up": (Places, "take", nothing),
    "a window keeps its ticket": (Transaction, "free_window", nothing),
    "a day is over and nobody goes home": (days, "_expire", nothing),
    "a rating is given again and again": (table, "of_ticket", nothing),
    "a clock set back counts": (issuing, "TICK", timedelta(hours=-9)),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(*PLANTED[fault])
    looking = settings(LONG, report_multiple_bugs=False, print_blob=False, **CALM)
    with pytest.raises((AssertionError, sqlite3.IntegrityError)):
        run_state_machine_as_test(HallMachine, settings=looking)
