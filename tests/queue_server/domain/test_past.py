"""A ticket's steps, read from its events: waiting and serving kept apart, whatever way it took."""

from datetime import UTC, datetime, timedelta

from queue_server.domain.past import steps

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def log(*happened):
    """(minute, type, window, line) as facts."""
    return [
        {
            "type": f"ticket.{kind}",
            "at": (NINE + timedelta(minutes=minute)).isoformat(),
            "window": window,
            "ticket": {"line": line},
        }
        for minute, kind, window, line in happened
    ]


def told(events):
    """(line, window, minutes waited, minutes served, outcome) of each step."""

    def minutes(length):
        return None if length is None else length / timedelta(minutes=1)

    return [(one.line, one.window, minutes(one.waited), minutes(one.served), one.outcome) for one in steps(events)]


def test_a_ticket_served_at_once():
    events = log((0, "issued", None, "tax"), (1, "printed", None, "tax"), (12, "called", 3, "tax"))
    assert told(events) == [("tax", 3, 12, None, "")]
    events += log((13, "recalled", 3, "tax"), (14, "started", 3, "tax"), (20, "finished", 3, "tax"))
    assert told(events) == [("tax", 3, 12, 6, "done")]


def test_two_windows_under_one_number():
    events = log(
        (0, "issued", None, "tax"), (5, "called", 3, "tax"), (6, "started", 3, "tax"), (9, "transferred", 3, "social"),
        (20, "called", 7, "social"), (21, "started", 7, "social"), (30, "finished", 7, "social"),
    )  # fmt: skip
    assert told(events) == [("tax", 3, 5, 3, "transferred"), ("social", 7, 11, 9, "done")]


def test_set_aside_and_gone_on():
    events = log(
        (0, "issued", None, "tax"), (5, "called", 3, "tax"), (6, "started", 3, "tax"), (8, "held", 3, "tax"),
        (15, "resumed", 3, "tax"), (16, "started", 3, "tax"), (18, "finished", 3, "tax"),
    )  # fmt: skip
    assert told(events) == [("tax", 3, 5, 2, "held"), ("tax", 3, 7, 2, "done")]


def test_released_missed_and_returned():
    events = log(
        (0, "issued", None, "tax"), (5, "called", 3, "tax"), (6, "released", 3, "tax"), (9, "called", 4, "tax"),
        (12, "missed", 4, "tax"), (14, "returned", None, "tax"), (20, "cancelled", None, "tax"),
    )  # fmt: skip
    assert told(events) == [
        ("tax", 3, 5, None, "released"), ("tax", 4, 3, None, "missed"), ("tax", None, 6, None, "cancelled"),
    ]  # fmt: skip


def test_what_was_taken_back_has_not_been():
    events = log(
        (0, "issued", None, "tax"), (5, "called", 3, "tax"), (6, "started", 3, "tax"), (9, "finished", 3, "tax"),
        (9.1, "undone", 3, "tax"),
    )  # fmt: skip
    assert told(events) == [("tax", 3, 5, None, "")]
    events += log((11, "finished", 3, "tax"))
    assert told(events) == [("tax", 3, 5, 5, "done")]
    assert told(log((0, "issued", None, "tax"), (5, "called", 3, "tax"), (5.1, "undone", 3, "tax"))) == [
        ("tax", None, None, None, "")
    ]
