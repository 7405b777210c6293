"""The judge on what a clerk and a citizen may do besides: a good day passes, every way to spoil it has its name."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.system import test_history
from tests.system.replay import Fault
from tests.system.told import Day, iso


def later(at: str, **span: float) -> str:
    return (datetime.fromisoformat(at) + timedelta(**span)).isoformat(timespec="microseconds")[:-6] + "Z"


def key_of(day: Day, ticket: str, **span: float) -> dict[str, str]:
    """A key that lies so much after the ticket's issue."""
    return {"key": later(day.tickets[ticket]["issued_at"], **span)}


def undo(day: Day, ticket: str, no: int, **so: Any) -> None:
    day.act("undo", ticket, no, **so)


def a_day() -> Day:
    """Two windows, six tickets; everything there is was done."""
    day = Day()
    for no in (10, 11):
        day.set("open", no)
    for number in ("F001", "F002", "F003", "F004", "F005"):
        day.issue(number)
    day.act("next", "F001", 10)
    undo(day, "F001", 10, state="waiting", calls=0)
    day.act("next", "F001", 10)
    day.act("recall", "F001", 10)
    day.act("release", "F001", 10)
    day.act("next", "F001", 10)
    day.act("start", "F001", 10)
    day.act("hold", "F001", 10)
    day.act("next", "F002", 10)
    day.act("start", "F002", 10)
    day.act("transfer", "F002", 10, bound=11, reason={"to_window": 11})
    day.act("resume", "F001", 10)
    day.act("next", "F002", 11, reason={"rule": "bound", "oldest": "F003"})
    day.act("miss", "F002", 11)
    day.act("return", "F002", **key_of(day, "F002", minutes=5))
    day.act("class", "F005", **{"class": "elderly"}, **key_of(day, "F005", minutes=-15))
    day.answer("class", 200, day.tickets["F005"], ticket="F005")  # it had it
    day.act("call", "F004", 11, reason={"rule": "chosen", "oldest": "F005"})
    day.log("alarm", "F004", 11, kind="promise")
    day.act("release", "F004", 11)
    day.act("next", "F002", 11, reason={"rule": "bound", "oldest": "F005"})
    day.issue("D001", line="family")
    return day


def test_a_good_day_has_no_fault():
    assert a_day().faults() == set()


def test_a_request_of_which_nobody_knows_may_have_had_its_effect_once():
    day = a_day()
    day.issue("F006")
    day.operations[-1] = dataclasses.replace(day.operations[-1], status=0, answer="", body='{"item": "passport"}')
    assert day.faults() == set()
    day.issue("F007")
    day.operations.pop()
    assert day.faults() == {Fault.UNASKED}


def test_one_key_sent_twice_at_once_may_be_refused_before_it_is_done():
    day = a_day()
    start = next(one for one in day.operations if one.action == "start")
    detail = {"detail": {"window": 10, "state": "open"}}
    refused = dataclasses.replace(start, status=409, answer=json.dumps(detail), invoked=start.invoked - 4)
    day.operations.append(refused)
    assert day.faults() == set()


# -- spoiled ----------------------------------------------------------------------------------------------------------


def held_twice(day: Day) -> None:
    day.act("start", "F001", 10)
    day.act("hold", "F001", 10)
    day.change("resume", "F001", 11)  # which has F002
    day.windows[10]["ticket"] = None
    shown = day.tickets["F001"] | {"called_at": day.events[-1]["at"]}
    day.answer("resume", 200, {"ticket": shown, "window": day.shown(11)}, 11)


def transferred_while_called(day: Day) -> None:
    day.act("transfer", "F001", 10, line="police", reason={"to_window": None})


def key_moved_by_release(day: Day) -> None:
    day.act("release", "F001", 10, **key_of(day, "F001", minutes=1))


def key_not_moved_by_class(day: Day) -> None:
    day.act("class", "F003", **{"class": "elderly"})


def returned_twice(day: Day) -> None:
    day.act("miss", "F002", 11)
    day.act("return", "F002", **key_of(day, "F002", minutes=10))


def returned_too_late(day: Day) -> None:
    day.act("miss", "F001", 10)
    day.time += 16 * 60
    day.act("return", "F001", **key_of(day, "F001", minutes=5))


def recalled_at_once(day: Day) -> None:
    day.act("recall", "F002", 11)
    day.time -= 1.5
    day.act("recall", "F002", 11)


def taken_back_too_late(day: Day) -> None:
    day.act("start", "F001", 10)
    day.time += 11
    undo(day, "F001", 10, state="called", calls=1)


def taken_back_though_something_happened(day: Day) -> None:
    day.act("release", "F001", 10)
    day.act("class", "F001", **{"class": "elderly"}, **key_of(day, "F001", minutes=-15))
    undo(day, "F001", 10, **{"class": "walk_in", "state": "called"}, calls=1, **key_of(day, "F001"))


def taken_back_to_what_it_was_not(day: Day) -> None:
    day.act("start", "F001", 10)
    undo(day, "F001", 10, state="waiting", calls=0)


def promise_broken(day: Day) -> None:
    day.act("release", "F001", 10)
    day.act("next", "F003", 10)  # F005 counts as having come before


def promise_broken_in_silence(day: Day) -> None:
    day.act("release", "F001", 10)
    day.act("call", "F003", 10, reason={"rule": "chosen", "oldest": "F005"})


def alarm_for_nothing(day: Day) -> None:
    day.act("release", "F001", 10)
    day.act("next", "F005", 10)
    day.log("alarm", "F005", 10, kind="promise")


def next_called_a_choice(day: Day) -> None:
    day.act("release", "F001", 10)
    day.act("next", "F003", 10, reason={"rule": "chosen", "oldest": "F005"})
    day.log("alarm", "F003", 10, kind="promise")


def sent_to_another(day: Day) -> None:
    day.act("release", "F001", 10)
    day.act("release", "F002", 11)
    day.act("call", "F002", 10, reason={"rule": "bound"})


def reason_that_is_not_so(day: Day) -> None:
    day.act("release", "F001", 10)
    day.act("next", "F005", 10, reason={"oldest": "F003"})


def refused_to_take_back_for_nothing(day: Day) -> None:
    day.act("start", "F001", 10)
    day.refuse("undo", 10, window=10)


def refused_as_held_elsewhere(day: Day) -> None:
    day.answer("resume", 409, {"detail": {"window": 11}}, 10, ticket="F001")


def refused_as_of_another_line(day: Day) -> None:
    day.answer("call", 409, {"detail": {"line": "police"}}, 10, ticket="F003")


def refused_as_too_soon(day: Day) -> None:
    day.time += 60
    day.refuse("recall", 10, retry_after=1.0)


def refused_to_return_for_nothing(day: Day) -> None:
    day.answer("return", 409, {"detail": {"why": "once"}}, ticket="F003")


def class_it_never_had(day: Day) -> None:
    day.answer("class", 200, day.tickets["F003"] | {"class": "green"}, ticket="F003")


def another_key_in_the_table(day: Day) -> None:
    day.tickets["F003"]["key"] = iso(99)


def two_tickets_for_a_card(day: Day) -> None:
    day.issue("F006", body={"card_token": "card"})
    day.issue("F007", body={"card_token": "card"})


SPOILED: dict[Callable[[Day], None], set[Fault]] = {
    held_twice: {Fault.TWO_TICKETS, Fault.ILLEGAL},
    transferred_while_called: {Fault.ILLEGAL},
    key_moved_by_release: {Fault.ILLEGAL, Fault.TABLES},
    key_not_moved_by_class: {Fault.ILLEGAL, Fault.TABLES},
    returned_twice: {Fault.ILLEGAL},
    returned_too_late: {Fault.ILLEGAL},
    recalled_at_once: {Fault.ILLEGAL},
    taken_back_too_late: {Fault.ILLEGAL},
    taken_back_though_something_happened: {Fault.ILLEGAL, Fault.TABLES},
    taken_back_to_what_it_was_not: {Fault.ILLEGAL, Fault.TABLES},
    promise_broken: {Fault.OVERTAKEN},
    promise_broken_in_silence: {Fault.OVERTAKEN},
    alarm_for_nothing: {Fault.ILLEGAL},
    next_called_a_choice: {Fault.OVERTAKEN},
    sent_to_another: {Fault.ILLEGAL},
    reason_that_is_not_so: {Fault.REASON},
    refused_to_take_back_for_nothing: {Fault.UNTRUE},
    refused_as_held_elsewhere: {Fault.UNTRUE},
    refused_as_of_another_line: {Fault.UNTRUE},
    refused_as_too_soon: {Fault.UNTRUE},
    refused_to_return_for_nothing: {Fault.UNTRUE},
    class_it_never_had: {Fault.UNTRUE},
    another_key_in_the_table: {Fault.TABLES},
    two_tickets_for_a_card: {Fault.SAME_PERSON},
}


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_a_spoiled_day_is_told_by_name(spoil: Callable[[Day], None]):
    day = a_day()
    spoil(day)
    assert day.faults() == SPOILED[spoil]


def test_every_fault_has_a_day_that_shows_it():
    assert set().union(*SPOILED.values(), *test_history.SPOILED.values()) == set(Fault)
