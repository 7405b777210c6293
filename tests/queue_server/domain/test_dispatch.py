"""Who is next, from lane heads, against a plain search through everybody."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from config import Rules, Window
from queue_server.domain.dispatch import LaneHead, Rule, dispatch

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LINES = ("social", "medical", "tax")
WINDOW = Window(no=3, lines=("social", "tax"))


def waiting(seq: int, line: str, cls: str, bound: int, minute: int) -> LaneHead:
    return LaneHead(f"t{seq}", f"N{seq}", line, cls, bound, NOW + timedelta(minutes=minute), seq)


def heads_of(everybody: list[LaneHead]) -> list[LaneHead]:
    lanes: dict[tuple[str, str, int], LaneHead] = {}
    for one in sorted(everybody, key=lambda one: (one.key, one.seq)):
        lanes.setdefault((one.line, one.cls, one.bound), one)
    return list(lanes.values())


def oracle(window: Window, everybody: list[LaneHead]) -> LaneHead | None:
    """First come, first called, by looking at every single person."""
    best = None
    for one in everybody:
        serves = one.line in window.lines and one.bound in (0, window.no)
        if serves and (best is None or (one.key, one.seq) < (best.key, best.seq)):
            best = one
    return best


people = st.lists(
    st.tuples(
        st.sampled_from(LINES), st.sampled_from(["walk_in", "elderly"]), st.sampled_from([0, 3, 4]), st.integers(0, 9)
    ),
    max_size=40,
)


@given(people)
def test_lane_heads_find_whom_a_search_of_everybody_finds(who):
    everybody = [waiting(seq, *one) for seq, one in enumerate(who)]
    decision = dispatch(WINDOW, heads_of(everybody), NOW, Rules())
    assert (decision and decision.ticket) == oracle(WINDOW, everybody)


@given(people)
def test_serving_all_calls_each_once_in_order(who):
    everybody, called = [waiting(seq, *one) for seq, one in enumerate(who)], []
    while decision := dispatch(WINDOW, heads_of(everybody), NOW, Rules()):
        called.append(decision.ticket)
        everybody.remove(decision.ticket)
    assert called == sorted(called, key=lambda one: (one.key, one.seq))
    assert not [one for one in everybody if one.line in WINDOW.lines and one.bound in (0, 3)]


def test_the_decision_says_why():
    heads = [
        waiting(1, "social", "walk_in", 0, 5),
        waiting(2, "tax", "walk_in", 0, 3),
        waiting(3, "medical", "x", 0, 0),
    ]
    decision = dispatch(WINDOW, heads, NOW, Rules())
    assert decision is not None
    assert (decision.ticket.seq, decision.rule, decision.oldest.seq, decision.candidates) == (2, Rule.FIRST_COME, 2, 2)


def test_nobody_waits():
    assert dispatch(WINDOW, [], NOW, Rules()) is None
