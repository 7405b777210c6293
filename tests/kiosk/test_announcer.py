"""The order of announcements: told by sentences first, then by a hall and a network that do what they like."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.announcer import Announcer
from kiosk.answers import Board, Call
from kiosk.follower import Event
from kiosk.scope import Scope

MORNING = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
TIME = 6.0
TYPES = {"call": "ticket.called", "recall": "ticket.recalled", "start": "ticket.started", "finish": "ticket.finished"}
TYPES |= {"release": "ticket.released", "miss": "ticket.missed", "resume": "ticket.resumed", "hold": "ticket.held"}
TABLE = {  # (state, action) -> state: what the hall in these tests may do
    ("waiting", "call"): "called",
    ("called", "recall"): "called",
    ("called", "start"): "serving",
    ("called", "release"): "waiting",
    ("called", "miss"): "missed",
    ("serving", "finish"): "done",
    ("serving", "hold"): "held",
    ("held", "resume"): "called",
}


@dataclass
class Hall:
    """A hall small enough to read: it makes events and boards as the server does."""

    epoch: str = "first"
    limit: int = 20
    seq: int = 0
    at: datetime = MORNING
    tickets: dict[str, Call] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def does(self, number, action, window=1):
        """The event of this action; None if the state refuses it."""
        before = self.tickets.get(number, Call(number, window, "A", "social", self.at, 0, "waiting"))
        state = TABLE.get((before.state, action))
        if state is None:
            return None
        self.seq += 1
        self.at += timedelta(seconds=1.5)
        again = action in ("call", "recall", "resume")
        window = window if action == "call" else before.window
        after = replace(before, state=state, window=window, calls=before.calls + again)
        self.tickets[number] = replace(after, at=self.at) if again else after
        ticket = {"id": "x", "number": number, "line": "social", "state": state, "calls": after.calls}
        data = {"seq": self.seq, "at": self.at.isoformat(), "type": TYPES[action], "ticket": ticket, "window": window}
        self.events.append(Event(str(self.seq), TYPES[action], data))
        return self.events[-1]

    def call(self, number, window=1):
        return self.does(number, "call", window)

    def board(self):
        calls = sorted((one for one in self.tickets.values() if one.state != "waiting"), key=lambda one: one.at)
        return Board(self.seq, self.epoch, self.at, tuple(calls[::-1][: self.limit]), {})


@pytest.fixture
def hall():
    return Hall()


@pytest.fixture
def announcer(hall):
    made = Announcer(TIME)
    made.board(hall.board())
    return made


def numbers(announcer, until=200.0, start=0.0, step=0.5):
    """The numbers announced, in order, with the seconds each had; one look every `step` seconds."""
    found, at = [], start
    while at < until:
        current = announcer.now(at)
        if current and (not found or found[-1][0] != current.n):
            found.append([current.n, current.call.number, at, at])
        if current:
            found[-1][3] = at + step
        at += step
    return [(number, end - begin) for _, number, begin, end in found]


def listed(announcer):
    return [call.number for call in announcer.calls]


# -- in words ---------------------------------------------------------------------------------------------------------


def test_a_call_is_announced_at_once_and_for_its_time(hall, announcer):
    assert announcer.now(0) is None
    announcer.feed(hall.call("A001", 5))
    current = announcer.now(1.0)
    assert (current.call.number, current.call.window, current.again) == ("A001", 5, False)
    assert announcer.now(6.9) is current
    assert announcer.now(7.0) is None
    assert listed(announcer) == ["A001"], "it stays the big one until another comes"


def test_five_calls_within_a_second_each_get_their_time_in_order(hall, announcer):
    five = ["A001", "B001", "C001", "D001", "E001"]
    for window, number in enumerate(five):
        announcer.feed(hall.call(number, window))
        announcer.board(hall.board())
    assert numbers(announcer) == [(number, TIME) for number in five]
    assert listed(announcer) == five[::-1]


def test_what_waits_to_be_announced_is_not_listed_yet(hall, announcer):
    for number in ("A001", "B001"):
        announcer.feed(hall.call(number))
    announcer.now(0)
    assert listed(announcer) == ["A001"]


def test_a_recall_of_a_number_on_screen_is_announced_again(hall, announcer):
    announcer.feed(hall.call("A001"))
    first = announcer.now(0)
    announcer.feed(hall.does("A001", "recall"))
    announcer.board(hall.board())
    second = announcer.now(TIME)
    assert (second.call.number, second.again, second.n) == ("A001", True, first.n + 1)
    assert listed(announcer) == ["A001"]


def test_a_resumed_ticket_is_announced(hall, announcer):
    for action in ("call", "start", "hold", "resume"):
        announcer.feed(hall.does("A001", action))
    assert [number for number, _ in numbers(announcer)] == ["A001", "A001"]


def test_the_first_board_is_history(hall):
    for number in ("A001", "A002"):
        hall.call(number)
    fresh = Announcer(TIME)
    fresh.board(hall.board())
    for event in hall.events:  # and so are events that came with it
        fresh.feed(event)
    assert fresh.now(0) is None
    assert listed(fresh) == ["A002", "A001"]


def test_an_event_before_the_first_board_is_left_to_the_board(hall):
    fresh = Announcer(TIME)
    fresh.feed(hall.call("A001"))
    assert fresh.now(0) is None
    fresh.board(hall.board())
    assert fresh.now(0) is None
    assert listed(fresh) == ["A001"]


@pytest.mark.parametrize("board_first", [True, False])
def test_a_call_is_announced_once_whichever_way_it_comes(hall, announcer, board_first):
    event = hall.call("A001")
    told = [lambda: announcer.feed(event), lambda: announcer.board(hall.board())]
    for tell in told[:: -1 if board_first else 1] * 2:
        tell()
    assert [number for number, _ in numbers(announcer)] == ["A001"]


def test_a_board_that_was_on_its_way_while_events_came_takes_nothing_back(hall, announcer):
    announcer.feed(hall.call("A001"))
    on_its_way = hall.board()
    announcer.feed(hall.does("A001", "recall"))
    announcer.feed(hall.call("B001"))
    announcer.board(on_its_way)
    announcer.board(hall.board())
    assert [number for number, _ in numbers(announcer)] == ["A001", "A001", "B001"]


def test_calls_made_while_the_link_was_down_come_in_order_and_the_answered_are_only_listed(hall, announcer):
    announcer.feed(hall.call("A001"))
    announcer.lost()
    for number in ("B001", "C001", "D001"):
        hall.call(number)
    hall.does("C001", "start")
    announcer.board(hall.board())
    for event in hall.events:  # replayed on top
        announcer.feed(event)
    assert [number for number, _ in numbers(announcer)] == ["A001", "B001", "D001"]
    assert sorted(listed(announcer)) == ["A001", "B001", "C001", "D001"]


def test_events_replayed_before_the_board_after_a_gap_are_left_to_the_board(hall, announcer):
    announcer.lost()
    hall.call("A001")
    hall.does("A001", "start")
    hall.call("B001")
    for event in hall.events:
        announcer.feed(event)
    announcer.board(hall.board())
    assert [number for number, _ in numbers(announcer)] == ["B001"]


def test_a_stream_that_cannot_replay_is_a_gap(hall, announcer):
    announcer.feed(Event("", "reset", {}))
    announcer.feed(hall.call("A001"))
    assert announcer.now(0) is None
    announcer.board(hall.board())
    assert announcer.now(0).call.number == "A001"


def test_the_same_board_again_announces_nothing(hall, announcer):
    announcer.feed(hall.call("A001"))
    for _ in range(3):
        announcer.lost()
        announcer.board(hall.board())
    assert len(numbers(announcer)) == 1


def test_another_epoch_is_history_again(hall, announcer):
    announcer.feed(hall.call("A001"))
    other = Hall(epoch="second")
    other.call("B001")
    announcer.board(other.board())
    assert announcer.now(0) is None
    assert listed(announcer) == ["B001"]


@pytest.mark.parametrize("by_board", [True, False])
def test_a_call_taken_back_leaves_the_screen_and_the_queue_at_once(hall, announcer, by_board):
    announcer.feed(hall.call("A001"))
    announcer.feed(hall.call("B001"))
    announcer.now(0)
    for number in ("A001", "B001"):
        event = hall.does(number, "release")
        if not by_board:
            announcer.feed(event)
    announcer.board(hall.board())
    assert announcer.now(1) is None
    assert listed(announcer) == []


def test_after_a_misclick_the_same_number_can_be_called_again(hall, announcer):
    announcer.feed(hall.call("A001", 3))
    announcer.now(0)
    announcer.feed(hall.does("A001", "release"))
    announcer.feed(hall.call("A001", 4))
    announcer.board(hall.board())
    assert announcer.now(1).call.window == 4
    assert [call.window for call in announcer.calls] == [4]


def test_released_and_called_again_behind_a_gap_is_a_new_call(hall, announcer):
    announcer.feed(hall.call("A001", 3))
    announcer.now(0)
    announcer.lost()
    hall.does("A001", "release")
    hall.call("A001", 4)
    announcer.board(hall.board())
    assert announcer.now(TIME).call.window == 4


def test_an_answered_call_keeps_its_time_and_its_place(hall, announcer):
    announcer.feed(hall.call("A001"))
    announcer.feed(hall.call("B001"))
    announcer.now(0)
    for number in ("A001", "B001"):
        for action in ("start", "finish"):
            announcer.feed(hall.does(number, action))
    announcer.board(hall.board())
    assert numbers(announcer, start=0) == [("A001", TIME), ("B001", TIME)]
    assert listed(announcer) == ["B001", "A001"]


def test_a_long_queue_of_calls_survives_a_short_board(hall, announcer):
    hall.limit = 3
    many = [f"A{n:03}" for n in range(10)]
    for number in many:
        announcer.feed(hall.call(number))
        announcer.board(hall.board())
    assert [number for number, _ in numbers(announcer)] == many


def test_zones_see_only_their_windows(hall):
    zoned = Announcer(TIME, Scope(zones=frozenset("B")))
    zoned.zone_of = {1: "A", 5: "B"}
    zoned.board(hall.board())
    zoned.feed(hall.call("A001", 1))
    zoned.feed(hall.call("C001", 5))
    zoned.feed(hall.call("D001", 99))  # a window that is no longer there
    assert [number for number, _ in numbers(zoned)] == ["C001"]
    assert listed(zoned) == ["C001"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"seq": 7, "ticket": None, "window": 3},
        {"seq": "7", "ticket": {"number": "A001"}, "window": 3},
        {"seq": 7, "ticket": {"number": "A001"}, "window": None, "at": "2026-11-25T01:00:00Z"},
        {"seq": 7, "ticket": {"number": "A001", "state": "called"}, "window": 3},
    ],
)
def test_an_event_that_says_too_little_changes_nothing(hall, announcer, data):
    announcer.feed(Event("7", "ticket.called", data))
    assert announcer.now(0) is None


def test_a_next_day_starts_empty(hall, announcer):
    announcer.feed(hall.call("A001"))
    announcer.now(0)
    hall.tickets.clear()
    hall.at += timedelta(days=1)
    announcer.board(hall.board())
    assert listed(announcer) == []
    announcer.feed(hall.call("A001"))
    assert announcer.now(20).call.number == "A001"


# -- any hall, any network --------------------------------------------------------------------------------------------

names = st.sampled_from([f"{letter}{n:03}" for letter in "AB" for n in range(1, 4)])
actions = st.sampled_from(sorted({action for _, action in TABLE}))
hall_does = st.tuples(st.just("hall"), names, actions, st.integers(1, 3))
network = st.sampled_from(
    [("events",), ("one event",), ("board",), ("asked",), ("answered",), ("lost",), ("silent",), ("replay",)]
)
script = st.lists(st.one_of(hall_does, hall_does, network, st.tuples(st.just("wait"), st.floats(0, 9))), max_size=60)


@dataclass
class Wire:
    """Between hall and announcer: events wait in order, are lost in gaps, come twice; boards come when asked."""

    hall: Hall
    announcer: Announcer
    at: float = 0.0
    sent: int = 0
    starts: list = field(default_factory=list)
    on_its_way: Board | None = None

    def look(self):
        current = self.announcer.now(self.at)
        if current and (not self.starts or self.starts[-1][1].n != current.n):
            self.starts.append((self.at, current))

    def events(self, count=10**6):
        for event in self.hall.events[self.sent : self.sent + count]:
            self.announcer.feed(event)
        self.sent = min(len(self.hall.events), self.sent + count)

    def board(self):
        self.on_its_way = None  # one is asked after the other
        self.announcer.board(self.hall.board())

    def do(self, step):
        match step:
            case ("hall", number, action, window):
                self.hall.does(number, action, window)
            case ("events",):
                self.events()
            case ("one event",):
                self.events(1)
            case ("board",):
                self.board()
            case ("asked",):  # the server has answered, the answer takes its time
                self.on_its_way = self.on_its_way or self.hall.board()
            case ("answered",) if self.on_its_way:
                self.announcer.board(self.on_its_way)
                self.on_its_way = None
            case ("replay",):
                self.sent = 0
            case ("lost",):  # the stream breaks and is told of; what came between is gone
                self.announcer.lost()
                self.sent = len(self.hall.events)
                self.board()
            case ("silent",):  # it breaks for a moment and nobody says so
                self.sent = len(self.hall.events)
                self.board()
            case ("wait", seconds):
                self.at += seconds
        self.look()

    def rest(self):
        """Everything is delivered and announced."""
        self.events()
        self.announcer.board(self.hall.board())
        for _ in range(200):
            self.look()
            self.at += 1.0


@settings(max_examples=300, deadline=None)
@given(script)
def test_whatever_the_network_does_each_call_is_announced_once_and_none_is_lost(steps):
    hall = Hall()
    wire = Wire(hall, Announcer(TIME))
    wire.announcer.board(hall.board())
    for step in steps:
        wire.do(step)
    wire.rest()
    announced = [(one.call.number, one.call.calls) for _, one in wire.starts]
    assert len(announced) == len(set(announced)), "nothing twice"
    for call in hall.tickets.values():
        if call.state == "called":
            assert (call.number, call.calls) in announced, "whoever is expected at a window has been told"
    board = {call.number: call.window for call in hall.board().calls}
    assert {call.number: call.window for call in wire.announcer.calls} == board, "in the end the screen is the board"


@settings(max_examples=200, deadline=None)
@given(script)
def test_while_the_link_holds_every_call_is_announced_in_order_for_its_time(steps):
    hall = Hall()
    wire = Wire(hall, Announcer(TIME))
    wire.announcer.board(hall.board())
    for step in steps:
        if step[0] == "hall" and step[2] == "release":
            continue  # a call taken back may lose its time, nothing else may
        if step[0] in ("hall", "wait", "board", "asked", "answered"):
            wire.do(step)
            wire.do(("events",))
    wire.rest()
    made = [
        (event.data["ticket"]["number"], event.data["window"])
        for event in hall.events
        if event.data["ticket"]["state"] == "called"
    ]
    assert [(one.call.number, one.call.window) for _, one in wire.starts] == made
    begins = [at for at, _ in wire.starts]
    assert all(later - earlier >= TIME for earlier, later in itertools.pairwise(begins))
