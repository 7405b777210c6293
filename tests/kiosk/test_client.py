"""The client against a real HTTP server, and the follower through every trouble of a line."""

import base64
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kiosk.answers import Elderly, Kept, Name, read_hall, windows_serving
from kiosk.client import AlreadyHeld, Client, Refused, ServerAway, new_key
from kiosk.follower import Follower, Link


@pytest.fixture
def client(server):
    made = Client(server.url, "linjiang", "token")
    yield made
    made.close()


class Ears:
    """Writes down what a follower tells."""

    def __init__(self):
        self.boards, self.events, self.links = [], [], []

    def board(self, board):
        self.boards.append(board)

    def event(self, event):
        self.events.append(event)

    def link(self, link):
        self.links.append(link)

    def wait(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < end, (self.links, len(self.boards))
            time.sleep(0.01)


@pytest.fixture
def follow(client):
    started = []

    def start(stale_after=5):
        ears = Ears()
        started.append(Follower(client, ears, stale_after).start())
        return ears

    yield start
    for follower in started:
        follower.stop()


def test_the_hall_is_read_whole(client):
    hall = client.hall()
    assert hall.name == Name("临江市政务服务中心", "Linjiang Government Service Centre")
    assert len(hall.lines) == 8
    assert hall.line("social").items[0].id == "employee-enrolment"
    assert hall.line("social").colour == "#2F6BFF"
    assert hall.promise.walk == 10
    assert hall.promise.booked == 20
    assert hall.promise.care == 45  # the care windows' tolerance is the larger
    assert hall.promise.urgent == 70


def test_the_promise_is_the_servers(server):
    raw = server.hall_json()
    raw["promise"] = {"walk_in": {"walk_in": 5, "elderly": 7, "disabled": 8}}
    promise = read_hall(raw).promise
    assert (promise.walk, promise.booked, promise.care, promise.urgent) == (5, 0, 8, 0)


def test_a_server_that_promises_nothing_is_not_spoken_for(server):
    raw = server.hall_json()
    del raw["promise"]
    assert read_hall(raw).promise is None


def test_windows_serving_a_line(client):
    assert windows_serving(client.hall(), "family") == [1, 2, 4, 8, 11]


def test_one_key_is_one_ticket(client, server):
    key = new_key()
    first, again = (client.issue("passport", "zh", key) for _ in range(2))
    assert first == again
    assert client.issue("passport", "zh", new_key()).number != first.number


def test_a_lost_answer_costs_no_second_ticket(client, server):
    server.lost_answers = 1
    key = new_key()
    with pytest.raises(ServerAway):
        client.issue("passport", "zh", key)
    assert client.issue("passport", "zh", key).number == "F001"
    assert len(server.tickets) == 1


def test_a_refusal_carries_the_server_s_words(client, server):
    server.refuse = "the hall gives no numbers now"
    with pytest.raises(Refused) as caught:
        client.issue("passport", "zh", new_key())
    assert (caught.value.status, caught.value.error) == (409, "conflict")
    assert caught.value.message == "the hall gives no numbers now"


def test_no_server_is_away_not_a_crash(client, server):
    server.stop()
    with pytest.raises(ServerAway):
        client.board()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_that_cannot_work_now_is_away(status):
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json={"error": "x", "message": "y"}))
    with pytest.raises(ServerAway):
        Client("http://hall", "linjiang", "t", transport).board()


def test_the_track_record_by_line():
    line = {"id": "social", "given": 120, "inside": 97, "beyond": 15}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"days": 7, "lines": [line]}))
    assert Client("http://hall", "linjiang", "t", transport).track_record() == {"social": Kept(120, 97)}


def test_something_else_that_answers_is_away():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text="<html>Sign in to the WLAN</html>"))
    with pytest.raises(ServerAway):
        Client("http://hall", "linjiang", "t", transport).hall()


def test_the_token_goes_along_and_no_proxy_comes_between(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:1")
    seen = []
    transport = httpx.MockTransport(lambda request: seen.append(request) or httpx.Response(200, json={}))
    Client("http://hall", "linjiang", "secret", transport).help("1", "k")
    assert seen[0].headers["Authorization"] == "Bearer secret"
    assert seen[0].headers["Idempotency-Key"] == "k"


# -- following -------------------------------------------------------------------------------------------------------


def test_connected_it_tells_the_board_and_then_that_it_is_here(follow):
    ears = follow()
    ears.wait(lambda ears: ears.links == [Link.HERE])
    assert ears.boards


def test_an_event_brings_a_new_board(follow, client, server):
    ears = follow()
    ears.wait(lambda ears: ears.links)
    client.issue("passport", "zh", new_key())
    ears.wait(lambda ears: ears.boards[-1].lines["police"].waiting == 1)
    assert ears.events[-1].type == "ticket.issued"


def test_many_events_at_once_fetch_few_boards(follow, server):
    ears = follow()
    ears.wait(lambda ears: ears.links)
    for _ in range(50):
        server.tell("ticket.called")
    ears.wait(lambda ears: len(ears.events) == 50 and ears.boards[-1].seq == 50)
    assert len(ears.boards) < 25


def test_away_and_back(follow, server):
    ears = follow()
    ears.wait(lambda ears: ears.links == [Link.HERE])
    server.stop()
    ears.wait(lambda ears: ears.links[-1] is Link.AWAY, 3)
    server.waiting["tax"] = 5
    server.start()
    ears.wait(lambda ears: ears.links[-1] is Link.HERE, 5)
    assert ears.boards[-1].lines["tax"].waiting == 5  # the truth came before "here"


def test_heartbeats_keep_a_quiet_line_alive(follow):
    ears = follow(stale_after=1)
    ears.wait(lambda ears: ears.links)
    time.sleep(1.6)
    assert ears.links == [Link.HERE]


def test_a_line_without_a_byte_is_away(follow, server):
    ears = follow(stale_after=1)
    ears.wait(lambda ears: ears.links)
    server.mute = True
    ears.wait(lambda ears: Link.AWAY in ears.links, 4)


def test_it_asks_for_what_it_missed(follow, server):
    ears = follow()
    ears.wait(lambda ears: ears.links)
    server.tell("ticket.called")
    ears.wait(lambda ears: ears.events)
    server.stop()
    server.start()
    ears.wait(lambda ears: "1" in server.last_ids)


# -- the person behind a ticket --------------------------------------------------------------------------------------


def test_the_day_s_key_is_asked_for_once_and_anew_when_it_closed(client, server):
    now = datetime.now(UTC)
    first = client.day_key(now)
    assert first.key == server.day_keys[0]
    assert len(first.key) == 32
    server.key_lasts = timedelta(0)  # each further one is another
    assert client.day_key(now) is first
    assert client.day_key(first.closes_at).key == server.day_keys[1] != first.key


def test_a_key_shows_in_no_repr(client):
    key = client.day_key(datetime.now(UTC))
    assert "key=" not in repr(key)


def test_no_key_is_a_named_error(client, server):
    server.key_refused = True
    with pytest.raises(Refused):
        client.day_key(datetime.now(UTC))


@pytest.mark.parametrize("answer", [{}, {"key": "%", "closes_at": "2026-11-25T16:00:00Z"}, {"key": 5, "closes_at": ""}])
def test_a_key_that_is_none_is_away_and_not_in_the_error(answer):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    with pytest.raises(ServerAway) as caught:
        Client("http://hall", "linjiang", "t", transport).day_key(datetime.now(UTC))
    assert caught.value.__cause__ is None


def test_a_key_without_padding_is_a_key():
    answer = {"key": base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("="), "closes_at": "2026-11-25T16:00:00Z"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    assert Client("http://hall", "linjiang", "t", transport).day_key(datetime.now(UTC)).key == b"k" * 32


def test_what_is_known_of_the_person_goes_along_and_nothing_else(client, server):
    client.issue("passport", "zh", new_key(), {"class": "elderly", "card_token": "a" * 64, "masked_name": "张*三"})
    client.issue("invoice", "zh", new_key())
    bodies = [body for path, body, _ in server.posts if path.endswith("/tickets")]
    common = {"source": "kiosk", "lang": "zh"}
    assert bodies[0] == {
        "item": "passport", **common, "class": "elderly", "card_token": "a" * 64, "masked_name": "张*三"
    }  # fmt: skip
    assert bodies[1] == {"item": "invoice", **common}


def test_a_second_number_in_a_line_is_the_first_one(client):
    about = {"card_token": "a" * 64, "masked_name": "张*三"}
    first = client.issue("passport", "zh", new_key(), about)
    with pytest.raises(AlreadyHeld) as caught:
        client.issue("id-card", "zh", new_key(), about)
    assert caught.value.ticket.number == first.number
    assert client.issue("invoice", "zh", new_key(), about).number != first.number  # another line


def test_the_class_for_old_age_is_read_where_a_kiosk_may_give_it(server, client):
    assert client.hall().elderly == Elderly(60, 15)
    raw = server.hall_json()
    raw["rules"] = {**raw["rules"], "elderly_age": 65}
    assert read_hall(raw).elderly == Elderly(65, 15)
    for one in raw["classes"]:
        one["kiosk"] = False
    assert read_hall(raw).elderly is None
