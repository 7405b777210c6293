"""Why somebody was before me: each rule of the queue has its sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from queue_server.domain.dispatch import Desk, Rule
from queue_server.domain.why import Asker, Called, why

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CREDIT = {"walk_in": 0, "elderly": 15, "green": 60, "appointment": 10}


def at(minute):
    return NINE + timedelta(minutes=minute)


DESK = Desk(3, frozenset({"tax", "social"}), frozenset({"social"}), frozenset(), timedelta(minutes=10))
CARE = Desk(1, frozenset({"tax"}), frozenset(), frozenset({"elderly"}), timedelta(minutes=30))
ME = Asker("tax", at(10), at(10))


def somebody(came, cls="walk_in", rule=Rule.FIRST_COME, **more):
    return Called("A015", cls, at(came), at(came - CREDIT[cls]), rule, **more)


@pytest.mark.parametrize(
    ("called", "desk", "sentence", "said"),
    [
        (somebody(3), DESK, "why.order", {"minutes": 7}),
        (somebody(20, "elderly", Rule.CREDIT), DESK, "why.credit", {"credit": 15}),
        (somebody(40, "green", Rule.CREDIT), DESK, "why.urgent", {"credit": 60}),
        (somebody(15, "appointment", Rule.CREDIT), DESK, "why.booked", {"slot": at(15)}),
        (somebody(15, rule=Rule.HOME_FIELD), DESK, "why.home", {"minutes": 5, "limit": 10, "field": "社保"}),
        (somebody(50, "elderly", Rule.OWN_CLASS), CARE, "why.special", {"limit": 30}),
        (somebody(50, rule=Rule.BOUND), DESK, "why.bound", {}),
        (somebody(50, rule=Rule.RESUMED), DESK, "why.resume", {}),
        (somebody(15, rule=Rule.CHOSEN), DESK, "why.chosen", {}),
        (somebody(3, first_window=9), DESK, "why.transfer", {"from_window": 9, "time": at(3)}),
        (somebody(3, returned=True), DESK, "why.return", {"minutes": 7}),
        (somebody(3, rule=Rule.CHOSEN), DESK, "why.order", {"minutes": 7}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_rule_has_its_sentence(called, desk, sentence, said):
    key, facts = why(ME, called, desk, timedelta(minutes=CREDIT[called.cls]), "社保")
    assert key == sentence
    assert {name: facts[name] for name in said} == said
    assert facts["other"] == "A015" and facts["window"] == desk.no


def test_a_window_that_cannot_serve_me_is_the_whole_reason():
    me = replace(ME, line="police")
    assert why(me, somebody(50, "green", Rule.CREDIT), DESK, timedelta(0), "")[0] == "why.other_line"


def test_half_a_minute_is_said_as_one():
    assert why(ME, somebody(9.8), DESK, timedelta(0), "")[1]["minutes"] == 1
