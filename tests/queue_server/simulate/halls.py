"""Small halls in words, and made-up ones for properties."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from queue_server.domain.dispatch import Desk
from queue_server.simulate.scene import FOREVER, MINUTE, Break, Counter, Visitor

LINES = ("social", "medical", "tax")
CREDITS = {"walk_in": 0, "appointment": 2, "elderly": 3, "green": 9}  # µs, as the made-up halls live through 60 of them
OWN = frozenset({"elderly"})


def window(no: int, *lines: str, home: tuple[str, ...] = (), by: float = 0, **more) -> Counter:
    """A window for these lines (none: all), with a home field it prefers by so many minutes."""
    return Counter(Desk(no, frozenset(lines or LINES), frozenset(home), tolerance=timedelta(minutes=by)), **more)


def visitor(minute: float, line: str = "social", cls: str = "walk_in", takes: float = 10, **more) -> Visitor:
    """Who comes at this minute after opening and needs so many at a window."""
    at, length = round(minute * MINUTE), round(takes * MINUTE)
    return Visitor(at, line, cls, more.pop("key", at), length, more.pop("off", length), **more)


def breaks(pairs: list[tuple[int, int]], closes: int | None) -> tuple[Break, ...]:
    found = [Break(at, length) for at, length in sorted(pairs)]
    return (*found, Break(max([closes, *(one.at for one in found)]), FOREVER)) if closes is not None else tuple(found)


def microseconds(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


desks = st.one_of(
    st.tuples(st.sets(st.sampled_from(LINES), min_size=1), st.sets(st.sampled_from(LINES)), st.just(frozenset())),
    st.tuples(st.sets(st.sampled_from(LINES), min_size=1), st.just(frozenset()), st.just(OWN)),
)
windows = st.lists(
    st.tuples(
        desks,
        microseconds(0, 12),  # tolerance
        st.lists(st.tuples(microseconds(0, 40), microseconds(1, 9)), max_size=2),
        st.one_of(st.none(), microseconds(10, 60)),  # closes
        microseconds(-5, 8),  # free_at
        st.one_of(st.none(), st.sets(st.sampled_from(LINES))),  # knows
    ),
    max_size=4,
).map(
    lambda rows: [
        Counter(
            Desk(no, frozenset(lines), frozenset(home), own, timedelta(microseconds=by)),
            None if knows is None else frozenset(knows),
            breaks(pauses, closes),
            free_at,
        )
        for no, ((lines, home, own), by, pauses, closes, free_at, knows) in enumerate(rows, 1)
    ]
)
crowds = st.lists(
    st.tuples(
        microseconds(-10, 40),
        st.sampled_from(LINES),
        st.sampled_from(sorted(CREDITS)),
        microseconds(1, 12),
        st.sampled_from((0, 0, 0, 0, 1, 2)),
    ),
    max_size=30,
).map(
    lambda rows: [
        Visitor(at, line, cls, at - CREDITS[cls], takes, takes + 2, bound)
        for at, line, cls, takes, bound in sorted(rows, key=lambda row: row[0])
    ]
)
