"""Opening hours and business days, with the server's clock in UTC (Cases 6 and 7)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Hours, MakeUpDay
from queue_server.domain import calendar
from tests.queue_server.helpers import demo_hall

SHANGHAI = ZoneInfo("Asia/Shanghai")
HALL = demo_hall()
NIGHT = demo_hall(hours=(Hours(days=("fri",), open=time(18), close=time(2), last_ticket=time(1, 30)),))


def at(text: str) -> datetime:
    """Shanghai time as the UTC instant the server sees."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "opened", "tickets"),
    [
        ("2026-03-02 08:59:59", False, False),
        ("2026-03-02 09:00:00", True, True),
        ("2026-03-02 16:29:59", True, True),
        ("2026-03-02 16:30:00", True, False),
        ("2026-03-02 17:00:00", False, False),
        ("2026-03-07 11:00:00", True, True),
        ("2026-03-07 13:00:00", False, False),
        ("2026-03-08 10:00:00", False, False),
        ("2026-10-01 10:00:00", False, False),  # a holiday
    ],
)
def test_hours(when: str, opened: bool, tickets: bool):
    moment = calendar.moment(HALL, at(when))
    assert (moment.open, moment.takes_tickets) == (opened, tickets)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("2026-03-02 07:59:00", 2),  # 23:59 of the day before in UTC
        ("2026-03-02 08:01:00", 2),
        ("2026-03-02 23:59:00", 2),
        ("2026-03-03 00:01:00", 3),
    ],
)
def test_the_business_day_is_the_halls_date_not_the_servers(when: str, day: int):
    assert calendar.business_day(HALL, at(when)) == date(2026, 3, day)


@pytest.mark.parametrize(
    ("when", "day", "opened", "tickets"),
    [
        ("2026-03-06 17:59:00", 6, False, False),
        ("2026-03-06 23:59:00", 6, True, True),
        ("2026-03-07 00:01:00", 6, True, True),
        ("2026-03-07 01:45:00", 6, True, False),
        ("2026-03-07 02:30:00", 6, False, False),  # the last are still being served
        ("2026-03-07 06:01:00", 7, False, False),
    ],
)
def test_a_hall_open_past_midnight_keeps_its_day(when: str, day: int, opened: bool, tickets: bool):
    moment = calendar.moment(NIGHT, at(when))
    assert (moment.business_day, moment.open, moment.takes_tickets) == (date(2026, 3, day), opened, tickets)


def test_the_next_opening_skips_sunday_and_holidays():
    assert calendar.next_opening(HALL, at("2026-03-07 12:30")) == at("2026-03-09 09:00")
    assert calendar.next_opening(HALL, at("2026-09-30 18:00")) == at("2026-10-05 09:00")
    opening = calendar.next_opening(HALL, at("2026-03-02 08:00"))
    assert opening is not None
    assert opening.isoformat() == "2026-03-02T09:00:00+08:00"


def test_no_opening_at_all():
    never = demo_hall(hours=(Hours(days=("mon",), open=time(9), close=time(10)),), holidays=tuple(mondays()))
    assert calendar.next_opening(never, at("2026-03-02 08:00")) is None


def mondays():
    day = date(2026, 3, 2)
    return [date.fromordinal(day.toordinal() + 7 * week) for week in range(60)]


def test_a_short_day_in_a_zone_with_summer_time():
    berlin = demo_hall(time_zone="Europe/Berlin", hours=(Hours(days=("sun",), open=time(1), close=time(5)),))
    (period,) = calendar.periods_of(berlin, date(2026, 3, 29))  # clocks go forward at 02:00
    assert (period.closes - period.opens).total_seconds() == 3 * 3600


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))
OPENINGS = st.builds(
    lambda days, opens, closes: Hours(days=tuple(sorted(days)), open=opens, close=closes),
    st.sets(st.sampled_from(WEEK), min_size=1),
    TIMES,
    TIMES,
)


@given(
    hours=st.lists(OPENINGS, min_size=1, max_size=3),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland"]),
)
def test_a_day_ends_when_the_next_begins(hours: list[Hours], day: date, zone: str):
    hall = demo_hall(hours=tuple(hours), time_zone=zone)
    end = calendar.day_end(hall, day)
    assert calendar.business_day(hall, end) > day
    assert calendar.business_day(hall, end - timedelta(microseconds=1)) <= day


@pytest.mark.parametrize(
    ("hall", "day", "end"),
    [(HALL, "2026-03-02", "2026-03-03 00:00"), (NIGHT, "2026-03-06", "2026-03-07 06:00")],  # open until two
)
def test_when_a_day_ends(hall, day: str, end: str):
    assert calendar.day_end(hall, date.fromisoformat(day)) == at(end)


def test_a_make_up_day_has_another_weekdays_hours():
    """调休: Sunday 2026-10-11 is worked as a Monday; breaks at noon stay what they are."""
    monday = (
        Hours(days=("mon",), open=time(9), close=time(12), last_ticket=time(11, 30)),
        Hours(days=("mon",), open=time(13, 30), close=time(17)),
    )
    hall = demo_hall(hours=monday, make_up_days=(MakeUpDay(day=date(2026, 10, 11), like="mon"),))
    assert calendar.next_opening(hall, at("2026-10-10 10:00:00")) == datetime(2026, 10, 11, 9, tzinfo=SHANGHAI)
    for when, opened in (("11:59", True), ("12:30", False), ("13:30", True), ("17:00", False)):
        assert calendar.moment(hall, at(f"2026-10-11 {when}:00")).open is opened
    assert not calendar.moment(hall, at("2026-10-18 10:00:00")).open, "the Sunday after is a Sunday"
    assert calendar.business_day(hall, at("2026-10-11 12:30:00")) == date(2026, 10, 11), "a break does not end a day"
