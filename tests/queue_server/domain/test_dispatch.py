"""Who is next, from lane heads, against a plain search through everybody."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Rules, Window
from queue_server.domain.dispatch import LaneHead, Rule, dispatch

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LINES = ("social", "medical", "tax")
WINDOW = Window(no=3, lines=("social", "tax"))


CREDITS = {"walk_in": 0, "elderly": 15}


def waiting(seq: int, line: str, cls: str, bound: int, minute: int) -> LaneHead:
    """Who came at this minute; `seq` rises with coming."""
    came = NOW + timedelta(minutes=minute)
    return LaneHead(f"t{seq}", f"N{seq}", line, cls, bound, came - timedelta(minutes=CREDITS[cls]), seq, came)


def crowd(who: list[tuple[str, str, int, int]]) -> list[LaneHead]:
    return [waiting(seq, *one) for seq, one in enumerate(sorted(who, key=lambda one: one[3]))]


def heads_of(everybody: list[LaneHead]) -> list[LaneHead]:
    lanes: dict[tuple[str, str, int], LaneHead] = {}
    for one in sorted(everybody, key=lambda one: (one.key, one.seq)):
        lanes.setdefault((one.line, one.cls, one.bound), one)
    return list(lanes.values())


def oracle(window: Window, everybody: list[LaneHead]) -> LaneHead | None:
    """The smallest key, by looking at every single person."""
    best = None
    for one in everybody:
        serves = one.line in window.lines and one.bound in (0, window.no)
        if serves and (best is None or (one.key, one.seq) < (best.key, best.seq)):
            best = one
    return best


people = st.lists(
    st.tuples(
        st.sampled_from(LINES), st.sampled_from(["walk_in", "elderly"]), st.sampled_from([0, 3, 4]), st.integers(0, 40)
    ),
    max_size=40,
)


@given(people)
def test_lane_heads_find_whom_a_search_of_everybody_finds(who):
    everybody = crowd(who)
    decision = dispatch(WINDOW, heads_of(everybody), NOW, Rules())
    assert (decision and decision.ticket) == oracle(WINDOW, everybody)


@given(people)
def test_serving_all_calls_each_once_in_order(who):
    everybody, called = crowd(who), []
    while decision := dispatch(WINDOW, heads_of(everybody), NOW, Rules()):
        called.append(decision.ticket)
        everybody.remove(decision.ticket)
    assert called == sorted(called, key=lambda one: (one.key, one.seq))
    assert not [one for one in everybody if one.line in WINDOW.lines and one.bound in (0, 3)]


@given(people)
def test_a_credit_is_named_where_without_it_another_would_be_called(who):
    everybody = crowd(who)
    decision = dispatch(WINDOW, heads_of(everybody), NOW, Rules())
    if decision is not None:
        mine = [one for one in everybody if one.line in WINDOW.lines and one.bound in (0, 3)]
        came_first = min(mine, key=lambda one: (one.issued_at, one.seq))
        assert decision.rule is (Rule.FIRST_COME if came_first == decision.ticket else Rule.CREDIT)


@given(people)
def test_nobody_is_overtaken_by_who_came_later_than_the_credits_allow(who):
    everybody = crowd(who)
    while decision := dispatch(WINDOW, heads_of(everybody), NOW, Rules()):
        called = decision.ticket
        for other in everybody:
            if other.line in WINDOW.lines and other.bound in (0, 3):
                allowed = timedelta(minutes=CREDITS[called.cls] - CREDITS[other.cls])
                assert called.issued_at - other.issued_at <= allowed
        everybody.remove(called)


@pytest.mark.parametrize(
    ("came", "called", "rule"),
    [
        ([("social", "walk_in", 5), ("tax", "walk_in", 3), ("medical", "walk_in", 0)], "N1", Rule.FIRST_COME),
        ([("social", "walk_in", 0), ("social", "elderly", 15)], "N0", Rule.FIRST_COME),  # the same key: who came first
        ([("social", "walk_in", 1), ("social", "elderly", 15)], "N1", Rule.CREDIT),
        ([("social", "walk_in", 1), ("tax", "elderly", 15)], "N1", Rule.CREDIT),
        ([("social", "elderly", 0), ("social", "walk_in", 1)], "N0", Rule.FIRST_COME),  # a credit that changed nothing
        ([("social", "elderly", 3), ("tax", "elderly", 2)], "N1", Rule.FIRST_COME),
    ],
)
def test_the_decision_says_why(came, called, rule):
    everybody = [waiting(seq, line, cls, 0, minute) for seq, (line, cls, minute) in enumerate(came)]
    decision = dispatch(WINDOW, heads_of(everybody), NOW, Rules())
    assert decision is not None
    assert (decision.ticket.number, decision.rule, decision.oldest.number) == (called, rule, called)
    assert decision.candidates == sum(line in WINDOW.lines for line, _, _ in came)


def test_nobody_waits():
    assert dispatch(WINDOW, [], NOW, Rules()) is None
