"""A morning with real-looking people over HTTP, then a search for them in everything that is left (Case 26)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.queue_server.helpers import HALL, MONDAY_TEN, Served

AHEAD = "YICHUANG_AHEAD"  # another_time reads its clock from the file this names
H = f"/halls/{HALL}"
PEOPLE = 40
ITEMS = ("passport", "id-card", "invoice", "advice", "social-card")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643: MOD 11-2
CHECK = "10X98765432"
FORMS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda word: word.encode(),
    "UTF-16LE": lambda word: word.encode("utf-16-le"),
    "UTF-16BE": lambda word: word.encode("utf-16-be"),
    "GB18030": lambda word: word.encode("gb18030"),
    "JSON": lambda word: json.dumps(word)[1:-1].encode(),
    "URL": lambda word: quote(word).encode(),
}


@dataclass(frozen=True)
class Citizen:
    """Somebody with a card. What a kiosk would send of them: `token(day key)` and `masked`."""

    name: str
    number: str
    masked: str

    def token(self, day_key: str) -> str:
        key = base64.urlsafe_b64decode(day_key)
        assert len(key) == 32
        return hmac.new(key, f"id|{self.number}".encode(), hashlib.sha256).hexdigest()


def citizens(rng: random.Random, count: int) -> list[Citizen]:
    found = []
    for _ in range(count):
        given = "".join(rng.choice("明芳军丽强秀英伟敏静磊洋艳勇娜杰涛超霞平") for _ in range(2))
        name = rng.choice("赵钱孙李周吴郑冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜") + given
        born = datetime(1940, 1, 1) + timedelta(days=rng.randrange(25_000))
        body = f"{rng.choice(('110101', '310104', '440305'))}{born:%Y%m%d}{rng.randrange(1000):03d}"
        check = CHECK[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11]
        found.append(Citizen(name, body + check, f"{name[0]}*{name[-1]}"))
    return found


def found(places: dict[str, bytes], words: Iterable[str]) -> set[tuple[str, str, str]]:
    """(place, word, form) of every word that is somewhere."""
    known = {(word, form): encode(word) for word in words for form, encode in FORMS.items()}
    return {
        (place, *known_as) for place, content in places.items() for known_as, form in known.items() if form in content
    }


class LaterServer(Served):
    program = "tests.queue_server.another_time"


class Morning:
    """A served hall, everything it ever said, and everything it keeps."""

    def __init__(self, served: Served, ahead: Path) -> None:
        self.served, self.ahead = served, ahead
        self.answers: list[bytes] = []  # of every request but the window's own page
        self.for_clerks: list[bytes] = []
        self.heard: list[bytes] = []
        self.listening = threading.Event()
        self._clients = {role: served.client(role) for role in ("kiosk", "window", "guide", "display", "admin")}
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        assert self.listening.wait(10)

    def _listen(self) -> None:
        try:
            with self._clients["display"].stream("GET", f"{H}/events", timeout=60) as stream:
                for piece in stream.iter_raw():
                    self.heard.append(piece)
                    self.listening.set()
        except httpx.TransportError:
            pass  # the server was stopped

    def close(self) -> None:
        self.served.kill()
        self._listener.join(10)
        for client in self._clients.values():
            client.close()

    def refused(self, role: str, method: str, path: str, **more: Any) -> int:
        """Asks for what must not be; the status. The sender may be told its own mistake, so this is not `said`."""
        return self._clients[role].request(method, path, headers={"Idempotency-Key": "wrong"}, **more).status_code

    def get(self, role: str, path: str) -> httpx.Response:
        answer = self._clients[role].get(path)
        (self.for_clerks if "/windows/" in path else self.answers).append(answer.content)
        return answer

    def post(self, role: str, path: str, body: dict[str, Any], key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        answer = self._clients[role].post(path, json=body, headers=headers)
        self.answers.append(answer.content)
        return answer

    def go_to(self, at: datetime) -> None:
        """Moves the server's clock."""
        whole = self.ahead.with_suffix(".new")
        whole.write_text(str((at - datetime.now(UTC)).total_seconds()))
        whole.replace(self.ahead)

    def kept(self) -> dict[str, bytes]:
        """Everything that is on disk or was said to anybody but a clerk."""
        places = {file.name: file.read_bytes() for file in self.served.data.iterdir()}
        database = sqlite3.connect(f"file:{self.served.data / 'queue.sqlite3'}?mode=ro", uri=True)
        for table in ("events", "answers"):
            places[table] = repr(database.execute(f"SELECT * FROM {table}").fetchall()).encode()
        database.close()
        places |= {"SSE": b"".join(self.heard), "said": b"\n".join(self.answers), "log": self.served.log().encode()}
        return places

    def stop(self) -> bytes:
        """Ends the server; what it had printed after its first line."""
        stdout = self.served.process.stdout
        assert stdout is not None
        self.served.process.terminate()
        printed = stdout.read().encode()
        self.served.kill()
        return printed


@pytest.fixture
def morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Morning]:
    ahead = tmp_path / "ahead"
    ahead.write_text(str((MONDAY_TEN - datetime.now(UTC)).total_seconds()))
    monkeypatch.setitem(os.environ, AHEAD, str(ahead))
    served = LaterServer(tmp_path / "data", "--demo")
    morning = Morning(served, ahead)
    yield morning
    morning.close()


def take_tickets(morning: Morning, people: list[Citizen], key: str) -> None:
    """Everybody takes a ticket; some twice, some without an answer, some without a card; some machines go wrong."""
    for n, one in enumerate(people):
        body = {"item": ITEMS[n % len(ITEMS)], "card_token": one.token(key), "masked_name": one.masked}
        body["class"] = "elderly" if int(one.number[6:10]) < 1966 else "walk_in"
        first = morning.post("kiosk", f"{H}/tickets", body, f"k{n}")
        assert first.status_code == 201, first.text
        again = morning.post("kiosk", f"{H}/tickets", body, f"k{n}")  # the answer was lost on the way
        assert again.content == first.content
        if n % 3 == 0:
            second = morning.post("guide", f"{H}/tickets", body | {"source": "guide"})
            assert (second.status_code, second.json()["detail"]["ticket"]["id"]) == (409, first.json()["id"])
        if n % 4 == 0:
            assert morning.post("kiosk", f"{H}/tickets", {"item": body["item"]}).status_code == 201
        morning.get("display", f"/tickets/{first.json()['id']}")
        for wrong in (
            {"card_token": one.number}, {"masked_name": one.name}, {one.number: 1}, {"card_token": f"{one.name}{key}"},
        ):  # fmt: skip
            assert morning.refused("kiosk", "POST", f"{H}/tickets", json=body | wrong) == 422
        assert morning.refused("guide", "GET", f"/tickets/{one.number}") == 404
        assert morning.refused("guide", "GET", f"{H}/tickets", params={"state": one.name}) == 422


def serve_everybody_but_some(morning: Morning, people: list[Citizen]) -> None:
    """Clerks call and serve; the last in each line still wait when the hall closes."""
    seen = set()
    for no in (2, 5, 6, 10, 11):
        assert morning.post("window", f"{H}/windows/{no}/open", {}).status_code == 200
        for _ in range(7):
            called = morning.post("window", f"{H}/windows/{no}/next", {"finish_current": True})
            if called.status_code == 204:
                break
            person = morning.get("window", f"{H}/windows/{no}").json()["ticket"]["person"]
            seen.add(person and person["masked_name"])
            morning.post("window", f"{H}/windows/{no}/start", {})
    assert len(seen) > 10
    assert seen - {None} <= {one.masked for one in people}
    morning.post("kiosk", f"{H}/help", {"place": "kiosk 1"})
    morning.post("kiosk", "/devices/heartbeat", {"machine": "1", "devices": [{"name": "reader", "state": "ok"}]})
    for path in ("", "/board", "/tickets", "/devices"):
        morning.get("admin", H + path)


def wait_until_forgotten(morning: Morning, words: list[str]) -> None:
    files = (morning.served.data / "queue.sqlite3", morning.served.data / "queue.sqlite3-wal")
    deadline = time.monotonic() + 20
    while found({file.name: file.read_bytes() for file in files}, words):
        assert time.monotonic() < deadline, "persons are still in the database"
        time.sleep(0.1)


def test_after_a_morning_nobody_is_found_and_after_the_day_not_even_a_mask(morning: Morning):
    people = citizens(random.Random(20), PEOPLE)
    names, numbers = [one.name for one in people], [one.number for one in people]
    key = morning.get("kiosk", f"{H}/day-key").json()["key"]
    morning.answers.clear()  # the kiosk was meant to be told that
    tokens, masks = [one.token(key) for one in people], [one.masked for one in people]
    secrets = [*tokens, *masks, key]

    take_tickets(morning, people, key)
    serve_everybody_but_some(morning, people)
    kept = morning.kept()
    assert found(kept, names + numbers) == set()
    where = found(kept, secrets)
    assert {word for _, word, _ in where} == set(secrets)  # so the search does find what is there
    assert {place for place, _, _ in where} <= {"queue.sqlite3", "queue.sqlite3-wal"}
    assert found({"clerks": b"".join(morning.for_clerks)}, names + numbers + tokens) == set()

    morning.go_to(MONDAY_TEN + timedelta(hours=14, minutes=1))  # 00:01; nobody is there, nobody asks for anything
    wait_until_forgotten(morning, secrets)
    tomorrow = morning.get("kiosk", f"{H}/day-key").json()
    assert tomorrow["day"] == "2026-03-03"
    assert tomorrow["key"] != key
    printed = morning.stop()
    kept = morning.kept() | {"printed": printed}
    assert found(kept, names + numbers + secrets) == set()
    assert not [place for place, content in kept.items() if base64.urlsafe_b64decode(key) in content]
    assert len(kept["events"]) > 10_000
    assert len(kept["SSE"]) > 10_000
    assert len(kept["answers"]) > 10_000


def test_the_search_finds_somebody_who_was_let_slip(morning: Morning):
    one = citizens(random.Random(1), 1)[0]
    assert morning.post("kiosk", f"{H}/help", {"place": f"{one.name} {one.number}"}).status_code == 201
    body = {"item": "passport", "lang": "zh"}
    morning.post("kiosk", f"{H}/tickets", body, key=one.number)
    deadline = time.monotonic() + 10
    while b"ticket.issued" not in b"".join(morning.heard) and time.monotonic() < deadline:
        time.sleep(0.02)
    places = {place for place, word, _ in found(morning.kept(), [one.number]) if word == one.number}
    assert {"events", "SSE", "answers"} <= places
    assert places & {"queue.sqlite3", "queue.sqlite3-wal"}
    assert {place for place, _, _ in found(morning.kept(), [one.name])} >= {"events", "SSE"}


@pytest.mark.parametrize("form", FORMS)
def test_the_search_knows_every_form(form: str):
    one = citizens(random.Random(2), 1)[0]
    for word in (one.name, one.number):
        content = b"\x00\x81" + FORMS[form](word) + b"\xff"
        assert ("here", word, form) in found({"here": content, "there": b"\x00"}, [word])


def test_the_numbers_are_real_ones():
    """11010519491231002X is the standard's own example."""
    body = "11010519491231002"
    assert CHECK[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11] == "X"
    assert len({one.number for one in citizens(random.Random(20), PEOPLE)}) == PEOPLE
