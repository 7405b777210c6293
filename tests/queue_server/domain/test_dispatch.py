"""Who is next, from lane heads, against a plain search through everybody; and what everybody was promised."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.domain import promise
from queue_server.domain.dispatch import Decision, Desk, Idle, LaneHead, Rule, dispatch, idle_window

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LINES = ("social", "medical", "tax")
CREDITS = {"walk_in": 0, "appointment": 10, "elderly": 15, "disabled": 15, "green": 60}
OWN = frozenset({"elderly", "disabled"})


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def desk(*lines: str, home: tuple[str, ...] = (), own: frozenset[str] = frozenset(), by: int = 0, no: int = 3) -> Desk:
    return Desk(no, frozenset(lines or LINES), frozenset(home), own, minutes(by))


def waiting(seq: int, line: str, cls: str, bound: int, minute: float) -> LaneHead:
    """Who came at this minute; `seq` rises with coming."""
    came = NOW + minutes(minute)
    return LaneHead(f"t{seq}", f"N{seq}", line, cls, bound, came - minutes(CREDITS[cls]), seq, came)


def crowd(who: list[tuple[str, str, int, int]]) -> list[LaneHead]:
    return [waiting(seq, *one) for seq, one in enumerate(sorted(who, key=lambda one: one[3]))]


def heads_of(everybody: list[LaneHead]) -> list[LaneHead]:
    lanes: dict[tuple[str, str, int], LaneHead] = {}
    for one in sorted(everybody, key=lambda one: (one.key, one.seq)):
        lanes.setdefault((one.line, one.cls, one.bound), one)
    return list(lanes.values())


def oracle(at: Desk, everybody: list[LaneHead]) -> LaneHead | None:
    """QUEUE R2, R3, R5 by looking at every single person."""
    free, own_lane = [], []
    for one in everybody:
        if one.line in at.lines:
            if one.bound == at.no:
                own_lane.append(one)
            elif not one.bound:
                free.append(one)
    if own_lane:
        return sorted(own_lane, key=lambda one: (one.key, one.seq))[0]
    if not free:
        return None
    free.sort(key=lambda one: (one.key, one.seq))
    for one in free:
        near = one.key - free[0].key <= at.tolerance
        if near and (one.cls in at.own_classes or one.line in at.own_lines):
            return one
    return free[0]


people = st.lists(
    st.tuples(
        st.sampled_from(LINES), st.sampled_from(sorted(CREDITS)), st.sampled_from([0, 0, 0, 3, 4]), st.integers(0, 60)
    ),
    max_size=40,
)
served = st.sets(st.sampled_from(LINES), min_size=1).map(sorted)
field_desks = st.builds(
    lambda lines, home, by: desk(*lines, home=tuple(home), by=by),
    served,
    st.sets(st.sampled_from(LINES)),
    st.integers(0, 40),
)
care_desks = st.builds(lambda lines, by: desk(*lines, own=OWN, by=by), served, st.integers(0, 40))
desks = field_desks | care_desks


@given(people, desks)
def test_lane_heads_find_whom_a_search_of_everybody_finds(who, at):
    everybody = crowd(who)
    decision = dispatch(at, heads_of(everybody))
    assert (decision and decision.ticket) == oracle(at, everybody)


@given(people, desks)
def test_the_decision_says_why(who, at):
    everybody = crowd(who)
    decision = dispatch(at, heads_of(everybody))
    if decision is None:
        return
    called, free = decision.ticket, [one for one in everybody if one.line in at.lines and not one.bound]
    if decision.rule is Rule.BOUND:
        assert called.bound == at.no
        return
    assert decision.oldest == min(free, key=lambda one: one.place)
    if decision.rule in (Rule.HOME_FIELD, Rule.OWN_CLASS):
        assert at.prefers(called) and called != decision.oldest
        assert called.key - decision.oldest.key <= at.tolerance
    else:
        earlier = [one for one in free if (one.issued_at, one.seq) < (called.issued_at, called.seq)]
        assert called == decision.oldest
        assert bool(earlier) == (decision.rule is Rule.CREDIT)
    assert promise.kept(at, decision)


def test_a_preference_ends_where_its_tolerance_ends():
    walk_in, own = waiting(1, "social", "walk_in", 0, 0), waiting(2, "tax", "walk_in", 0, 10)
    assert dispatch(desk(home=("tax",), by=10), [walk_in, own]).rule is Rule.HOME_FIELD
    assert dispatch(desk(home=("tax",), by=9), [walk_in, own]).ticket is walk_in
    assert dispatch(desk(home=("tax",)), [walk_in, own]).ticket is walk_in, "0 is off"


def test_a_special_window_prefers_its_own_classes_not_other_priorities():
    walk_in, urgent = waiting(1, "tax", "walk_in", 0, 0), waiting(2, "tax", "green", 0, 70)
    elderly = waiting(3, "tax", "elderly", 0, 40)
    at = desk(own=OWN, by=30)
    assert dispatch(at, [walk_in, urgent, elderly]).ticket is elderly
    assert dispatch(at, [walk_in, urgent]).ticket is walk_in


def test_what_was_transferred_here_comes_first_and_elsewhere_never():
    free, mine = waiting(1, "tax", "green", 0, 0), waiting(2, "tax", "walk_in", 3, 60)
    assert dispatch(desk(), [free, mine]) == Decision(mine, Rule.BOUND, free, 2)
    assert dispatch(desk(no=4), [free, mine]).ticket is free
    assert dispatch(desk(no=4), [mine]) is None


def test_nobody_is_left_while_a_window_is_free():
    assert dispatch(desk("tax"), [waiting(1, "social", "green", 0, 0)]) is None
    assert dispatch(desk("tax", own=OWN, by=30), [waiting(1, "tax", "walk_in", 0, 0)]) is not None


@pytest.mark.parametrize("cls", ["walk_in", "elderly"])
def test_equal_keys_go_by_sequence(cls):
    first, second = waiting(1, "tax", cls, 0, 5), waiting(2, "social", cls, 0, 5)
    assert dispatch(desk(), [second, first]).ticket is first


# -- idle windows (R4) ------------------------------------------------------------------------------------------------


def test_an_idle_window_is_chosen_by_preference_then_narrowness_then_patience():
    came = waiting(1, "tax", "walk_in", 0, 0)
    wide, home = Idle(desk(no=1), NOW), Idle(desk(home=("tax",), by=10, no=2), NOW + minutes(5))
    narrow, later = Idle(desk("tax", no=3), NOW + minutes(3)), Idle(desk("tax", no=4), NOW + minutes(4))
    assert idle_window(came, [wide, narrow, home, later]) is home
    assert idle_window(came, [wide, later, narrow]) is narrow
    assert idle_window(came, [wide]) is wide
    assert idle_window(came, [Idle(desk("social"), NOW)]) is None


# -- the promise ------------------------------------------------------------------------------------------------------


@dataclass
class Day:
    """A hall's day: who waits, and every overtaking."""

    desks: list[Desk]
    waits: list[LaneHead] = field(default_factory=list)
    overtaken: list[tuple[LaneHead, LaneHead, Desk]] = field(default_factory=list)

    def call(self, at: Desk) -> None:
        decision = dispatch(at, heads_of(self.waits))
        if decision is None:
            return
        called = decision.ticket
        self.waits.remove(called)
        if decision.rule is not Rule.BOUND:
            behind = [one for one in self.waits if at.serves(one) and not one.bound]
            self.overtaken += [(one, called, at) for one in behind if one.issued_at < called.issued_at]


arrivals = st.lists(
    st.tuples(
        st.sampled_from(LINES), st.sampled_from(sorted(CREDITS)), st.sampled_from([0, 0, 0, 0, 3]), st.integers(0, 9)
    ),
    min_size=1,
    max_size=60,
)


@given(st.lists(desks, min_size=1, max_size=4), arrivals, st.lists(st.integers(0, 3), max_size=80))
def test_the_promise_holds_for_every_call_of_every_hall(windows, coming, calls):
    day, at = Day(windows), 0.0
    credits = {cls: minutes(credit) for cls, credit in CREDITS.items()}
    for turn in range(max(len(coming), len(calls))):
        if turn < len(coming):
            line, cls, bound, gap = coming[turn]
            at += gap
            day.waits.append(waiting(turn, line, cls, bound, at))
        if turn < len(calls):
            day.call(windows[calls[turn] % len(windows)])
    for one, called, window in day.overtaken:
        limit = promise.bound(credits[one.cls], credits[called.cls], window, window.prefers(called))
        assert called.issued_at - one.issued_at <= limit
        assert limit <= promise.bounds(one.cls, credits, windows)[called.cls]


def test_the_promise_of_the_usual_settings():
    """QUEUE: from a walk-in's view 70 green, 25 elderly, 20 appointment, 10 walk-in; 45 at a special window."""
    credits = {cls: minutes(credit) for cls, credit in CREDITS.items()}
    usual, special = desk(home=("tax",), by=10), desk(own=OWN, by=30)

    def at(window: Desk, own: str = "walk_in") -> dict[str, float]:
        return {cls: limit / minutes(1) for cls, limit in promise.bounds(own, credits, [window]).items()}

    assert at(usual) == {"walk_in": 10, "appointment": 20, "elderly": 25, "disabled": 25, "green": 70}
    assert at(special) == {"walk_in": 0, "appointment": 10, "elderly": 45, "disabled": 45, "green": 60}
    assert at(usual, "green") == {"walk_in": 0, "appointment": 0, "elderly": 0, "disabled": 0, "green": 10}


def test_a_call_out_of_order_breaks_the_promise():
    first, late = waiting(1, "tax", "walk_in", 0, 0), waiting(2, "tax", "walk_in", 0, 11)
    at = desk(home=("tax",), by=10)
    assert not promise.kept(at, Decision(late, Rule.CHOSEN, first, 2))
    assert promise.kept(at, Decision(late, Rule.RESUMED, first, 2))
