"""When a hall is open and which business day an instant belongs to, in the hall's own time zone.

A business day is a date in that zone. A hall open past midnight keeps its day until the last ticket is served: the day
reaches four hours past closing, but never into the next opening.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config import Hall
from config.schema import WEEKDAYS

AFTER_CLOSING = timedelta(hours=4)  # people inside at closing are still served; then the day ends
LOOK_AHEAD = 400  # days searched for the next opening: a year and a long holiday


@dataclass(frozen=True, slots=True)
class Period:
    """One opening: aware instants in UTC; `last_ticket` is when numbers stop."""

    day: date
    opens: datetime
    closes: datetime
    last_ticket: datetime


def periods_of(hall: Hall, day: date) -> list[Period]:
    """The openings that begin on this date, in order; none on holidays, another weekday's on a make-up day."""
    if day in hall.holidays:
        return []
    zone = ZoneInfo(hall.time_zone)
    name = next((one.like for one in hall.make_up_days if one.day == day), WEEKDAYS[day.weekday()])
    found = []
    for hours in hall.hours:
        if name in hours.days:
            closes = _on(day, hours.close, zone, not_before=hours.open)
            last = _on(day, hours.last_ticket, zone, not_before=hours.open) if hours.last_ticket else closes
            found.append(Period(day, _on(day, hours.open, zone), closes, min(last, closes)))
    return sorted(found, key=lambda period: period.opens)


def _on(day: date, at: time, zone: ZoneInfo, not_before: time | None = None) -> datetime:
    """That time on that date as UTC; a time not after `not_before` is on the next date."""
    if not_before is not None and at <= not_before:
        day += timedelta(days=1)
    return datetime.combine(day, at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """What an instant is to a hall."""

    business_day: date
    open: bool
    takes_tickets: bool


def moment(hall: Hall, now: datetime) -> Moment:
    """The business day of `now`, whether doors are open, whether numbers are given."""
    period = current_period(hall, now)
    return Moment(business_day(hall, now), period is not None, period is not None and now < period.last_ticket)


def current_period(hall: Hall, now: datetime) -> Period | None:
    """The opening that `now` is inside of."""
    today = _local_date(hall, now)
    for day in (today - timedelta(days=1), today):
        for period in periods_of(hall, day):
            if period.opens <= now < period.closes:
                return period
    return None


def next_opening(hall: Hall, now: datetime) -> datetime | None:
    """When doors open next after `now`, in the hall's zone; None if not within a year or so."""
    return next((p.opens.astimezone(ZoneInfo(hall.time_zone)) for p in _coming(hall, now)), None)


def opening_after(hall: Hall, now: datetime, day: date) -> datetime | None:
    """When doors open first on a business day after `day`, as `next_opening`."""
    zone = ZoneInfo(hall.time_zone)
    return next((period.opens.astimezone(zone) for period in _coming(hall, now) if period.day > day), None)


def _coming(hall: Hall, now: datetime) -> Iterator[Period]:
    today = _local_date(hall, now)
    for ahead in range(LOOK_AHEAD):
        for period in periods_of(hall, today + timedelta(days=ahead)):
            if period.opens > now:
                yield period


def business_day(hall: Hall, now: datetime) -> date:
    """The business day of an instant."""
    today = _local_date(hall, now)
    begun = any(period.opens <= now for period in periods_of(hall, today))
    late = any(now < period.closes + AFTER_CLOSING for period in periods_of(hall, today - timedelta(days=1)))
    return today - timedelta(days=1) if late and not begun else today


def day_end(hall: Hall, day: date) -> datetime:
    """When a business day is over, UTC: `business_day` of this instant is a later one, of the instant before not."""
    zone = ZoneInfo(hall.time_zone)
    midnight, next_midnight = (_on(day + timedelta(days=n), time(0), zone) for n in (1, 2))
    late = [period.closes + AFTER_CLOSING for period in periods_of(hall, day)]
    begun = [period.opens for period in periods_of(hall, day + timedelta(days=1))]
    return min(max([midnight, *late]), *begun, next_midnight)


def _local_date(hall: Hall, now: datetime) -> date:
    return now.astimezone(ZoneInfo(hall.time_zone)).date()
