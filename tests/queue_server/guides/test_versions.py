"""Which version is in force: at midnight in the city, between neighbours, and never two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.guides.model import Guide
from queue_server.guides.versions import (
    DAY,
    Overlap,
    Status,
    Version,
    holds,
    in_force,
    months_later,
    superseded_by,
    today,
)

NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
BLANK = Guide(code="X", name="名", name_en="name", type="other", level="city", department="social", kind="promised")


def version(number: int, start: date | None, end: date | None = None, status: Status = Status.PUBLISHED) -> Version:
    return Version(number, status, BLANK, start, end, NOON, "publisher/x")


def test_a_version_begins_at_midnight_in_the_city_not_in_greenwich():
    first = version(1, date(2026, 1, 1), date(2026, 6, 30))
    second = version(2, date(2026, 7, 1))
    before = datetime(2026, 6, 30, 15, 59, 59, 999_999, tzinfo=UTC)  # 23:59:59.999999 in Shanghai
    for now, number in ((before, 1), (before + timedelta(microseconds=1), 2)):
        found = in_force([first, second], today(now, "Asia/Shanghai"))
        assert found is not None
        assert found.number == number
    assert today(before + timedelta(seconds=1), "Asia/Urumqi") == date(2026, 6, 30)


def test_both_ends_are_days_it_holds():
    one = version(1, date(2026, 3, 1), date(2026, 3, 2))
    assert [holds(one, date(2026, 3, 1) + n * DAY) for n in (-1, 0, 1, 2)] == [False, True, True, False]


def test_a_draft_is_never_in_force():
    assert in_force([version(1, date(2020, 1, 1), status=Status.DRAFT), version(2, None)], date(2026, 1, 1)) is None


def test_an_open_version_ends_where_the_next_begins():
    first = version(1, date(2026, 1, 1))
    assert superseded_by([first], date(2026, 7, 1), None) is first


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 1, 1), None),  # the same day
        (date(2025, 12, 1), None),  # before it, without an end
        (date(2025, 12, 1), date(2026, 1, 1)),  # one day in common
    ],
)
def test_two_versions_on_one_day_are_refused_with_words(start: date, end: date | None):
    with pytest.raises(Overlap) as refused:
        superseded_by([version(1, date(2026, 1, 1))], start, end)
    assert "第 1 版" in refused.value.zh
    assert "2026-01-01" in refused.value.zh
    assert "overlaps version 1" in refused.value.en


def test_a_version_with_an_end_of_its_own_is_not_cut_short():
    with pytest.raises(Overlap):
        superseded_by([version(1, date(2026, 1, 1), date(2026, 12, 31))], date(2026, 12, 31), None)
    assert superseded_by([version(1, date(2026, 1, 1), date(2026, 12, 31))], date(2027, 1, 1), None) is None


def test_a_version_that_was_withdrawn_before_it_began_is_in_nobodys_way():
    gone = version(1, date(2026, 7, 1), date(2026, 6, 30), Status.RETIRED)
    assert superseded_by([gone], date(2026, 7, 1), None) is None


days = st.dates(date(2026, 1, 1), date(2026, 2, 15))


@given(st.lists(st.tuples(days, st.none() | days), max_size=8))
def test_however_versions_are_published_no_day_has_two(spans: list[tuple[date, date | None]]):
    held: list[Version] = []
    for start, end in spans:
        if end is not None and end < start:
            continue
        try:
            old = superseded_by(held, start, end)
        except Overlap:
            continue
        if old is not None:
            held[held.index(old)] = replace(old, effective_to=start - DAY, status=Status.SUPERSEDED)
        held.append(version(len(held) + 1, start, end))
    for n in range(60):
        day = date(2025, 12, 25) + n * DAY
        assert sum(holds(one, day) for one in held) <= 1


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 60))
def test_months_later_is_in_that_month_on_that_day_or_its_last(day: date, months: int):
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + DAY).month != later.month)
