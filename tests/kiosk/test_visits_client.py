"""Finding, coming back, giving up, rating: the kiosk's client against the real server's application."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from kiosk.answers import Ticket
from kiosk.client import Client, Refused, new_key
from kiosk.visits_client import Visits, ticket_id_in
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

WANG = "a" * 64
WINDOW = 10


class Kiosk:
    """A kiosk's client, and the hall behind it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.client = Client("http://hall", HALL, desk.tokens["kiosk"], httpx.WSGITransport(app=desk.app))
        self.visits = Visits(self.client)

    def take(self, **about: str) -> Ticket:
        return self.client.issue("passport", "zh", new_key(), about)

    def clerk(self, *actions: str) -> None:
        for action in ("open", *actions):
            self.desk.clock.pass_(seconds=31)
            assert self.desk.window(WINDOW, action).status_code == 200, action

    def refused(self, **asked: str) -> Refused:
        with pytest.raises(Refused) as caught:
            self.visits.find_ticket(**asked)
        return caught.value


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    desk = Desk(tmp_path / "data", demo_hall(), Clock())
    kiosk = Kiosk(desk)
    yield kiosk
    kiosk.client.close()
    desk.close()


def test_a_number_says_how_it_stands(kiosk: Kiosk):
    kiosk.take()
    ticket = kiosk.take()
    kiosk.client.printed(ticket.id, True, False, new_key())
    standing = kiosk.visits.standing(" ｆ 2 ")
    assert (standing.number, standing.line, standing.state) == ("F002", "police", "waiting")
    assert (standing.ahead, standing.prints, standing.window, standing.return_until) == (1, 1, None, None)
    for number, why in (("F009", "none"), ("009", "no_number")):
        with pytest.raises(Refused) as caught:
            kiosk.visits.standing(number)
        assert (caught.value.status, caught.value.detail["why"]) == (404, why)


def test_the_code_on_the_paper_finds_the_ticket_to_print_again(kiosk: Kiosk):
    ticket = kiosk.take()
    (found,) = kiosk.visits.find_ticket(scanned=ticket.url)
    assert found.ticket == ticket
    assert ticket.id not in repr(found)
    assert kiosk.refused(scanned="https://example.test/menu").detail["why"] == "none"
    kiosk.desk.clock.pass_(days=1)
    assert kiosk.refused(scanned=ticket.url).detail["why"] == "yesterday"


def test_a_card_finds_what_was_missed_and_it_waits_again(kiosk: Kiosk):
    ticket = kiosk.take(card_token=WANG)
    kiosk.clerk("next", "recall", "recall", "miss")
    (found,) = kiosk.visits.find_ticket(card_token=WANG)
    assert (found.ticket.id, found.standing.state) == (ticket.id, "missed")
    assert found.standing.return_until == kiosk.desk.clock() + timedelta(minutes=15)
    back = kiosk.visits.come_back(ticket.id, new_key())
    assert (back.number, back.state) == ("F001", "waiting")
    assert kiosk.visits.cancel(ticket.id, new_key()).state == "cancelled"
    assert kiosk.visits.find_ticket(card_token=WANG) == ()


def test_who_lost_the_paper_comes_back_by_number(kiosk: Kiosk):
    kiosk.take()
    kiosk.clerk("next", "recall", "recall", "miss")
    assert kiosk.visits.come_back_by_number("f1", new_key()).state == "waiting"
    with pytest.raises(Refused) as caught:
        kiosk.visits.come_back_by_number("f1", new_key())
    assert caught.value.detail == {"state": "waiting"}


def test_a_visit_is_rated_once(kiosk: Kiosk):
    ticket, key = kiosk.take(), new_key()
    with pytest.raises(Refused) as caught:
        kiosk.visits.rate(ticket.id, 5, "zh", key)
    assert caught.value.detail["why"] == "unfinished"
    kiosk.clerk("next", "start", "finish")
    kiosk.visits.rate(ticket.id, 4, "zh", key)
    kiosk.visits.rate(ticket.id, 4, "zh", key)  # the answer was lost
    with pytest.raises(Refused) as caught:
        kiosk.visits.rate(ticket.id, 1, "en", new_key())
    assert caught.value.detail["why"] == "rated"


def test_numbers_tried_too_often_are_refused_with_the_time_to_wait(kiosk: Kiosk):
    kiosk.take()
    for _ in range(30):
        kiosk.visits.standing("F001")
    with pytest.raises(Refused) as caught:
        kiosk.visits.standing("F001")
    assert (caught.value.status, caught.value.detail["retry_after"]) == (429, 60)


def test_the_hall_names_what_people_come_for_most(kiosk: Kiosk):
    kiosk.take()
    assert kiosk.client.hall().popular == ()
    kiosk.desk.clock.pass_(days=1)
    assert kiosk.client.hall().popular == ("passport",)


@pytest.mark.parametrize(
    ("scanned", "found"),
    [
        ("http://hall.test:8080/t/Ab-_9", "Ab-_9"),
        (" https://x.test/queue/t/Ab-_9?lang=en\r\n", "Ab-_9"),
        ("/t/Ab-_9/manifest.webmanifest", "Ab-_9"),
        ("Ab-_9", "Ab-_9"),
        ("https://x.test/menu", "https://x.test/menu"),
        ("http://[", "http://["),
        ("", ""),
        ("x" * 500, "x" * 64),
    ],
)
def test_the_id_in_a_code(scanned: str, found: str):
    assert ticket_id_in(scanned) == found
