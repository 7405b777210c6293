"""Every state with every action, and how a number reads."""

import json
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.domain.errors import Conflict
from queue_server.domain.events import EVENT_OF, Event, canonical, chain, told
from queue_server.domain.model import OPEN_STATES, TRANSITIONS, Action, State, Ticket, ticket_number

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DRAWN = [  # state, action, state: the drawing in words
    "waiting call called",
    "waiting class waiting",
    "waiting cancel cancelled",
    "waiting expire expired",
    "called recall called",
    "called start serving",
    "called miss missed",
    "called release waiting",
    "called expire expired",
    "serving finish done",
    "serving transfer waiting",
    "serving hold held",
    "serving expire expired",
    "held resume called",
    "held expire expired",
    "missed return waiting",
]
ALLOWED = {(State(a), Action(b)): State(c) for a, b, c in map(str.split, DRAWN)}


def a_ticket(state: State = State.WAITING) -> Ticket:
    return Ticket("id", 1, "A001", "h", "social", None, "walk_in", state, date(2026, 3, 2), NOW, NOW)


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_every_state_with_every_action(state: State, action: Action):
    ticket = a_ticket(state)
    if (state, action) in ALLOWED:
        assert ticket.after(action).state is ALLOWED[state, action]
    else:
        with pytest.raises(Conflict, match=f"A001 is {state}: cannot {action}"):
            ticket.after(action)


def test_the_table_is_what_was_drawn():
    assert TRANSITIONS == ALLOWED


def test_what_is_open_can_expire_and_what_is_over_cannot():
    assert {state for state, action in TRANSITIONS if action is Action.EXPIRE} == set(OPEN_STATES)


def test_a_change_touches_only_what_it_names():
    before = a_ticket()
    after = before.after(Action.CALL, window=3, calls=1)
    assert (after.window, after.calls, after.state) == (3, 1, State.CALLED)
    assert (after.number, after.key, after.seq, before.state) == ("A001", NOW, 1, State.WAITING)


@pytest.mark.parametrize(("n", "reads"), [(1, "A001"), (12, "A012"), (999, "A999"), (1000, "A1000"), (1234, "A1234")])
def test_numbers(n: int, reads: str):
    assert ticket_number("A", n) == reads


def test_an_event_is_one_text_and_tells_no_more_than_it_should():
    event = Event(EVENT_OF[Action.CALL], NOW, "window/ab12", a_ticket(State.CALLED), 3, {"rule": "first_come"})
    text = canonical(event.facts())
    assert text == canonical(dict(reversed(event.facts().items())))
    assert '"at":"2026-03-02T02:00:00.000000Z"' in text
    heard = told(7, event.facts())
    assert heard["ticket"] == {"id": "id", "number": "A001", "line": "social", "state": "called", "calls": 0}
    assert set(heard) == {"seq", "at", "type", "ticket", "window", "reason"}


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WHATEVER = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, WHATEVER, max_size=5))
def test_a_ticket_s_event_has_the_text_it_always_had(reason: dict[str, Any]):
    facts = Event("ticket.called", NOW, "window/ab12", a_ticket(State.CALLED), 3, reason).facts()
    assert canonical(facts) == json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_the_chain_depends_on_everything_before():
    first = chain(bytes(32), 1, "{}")
    assert len(first) == 32
    assert len({first, chain(first, 1, "{}"), chain(bytes(32), 2, "{}"), chain(bytes(32), 1, "[]")}) == 4
