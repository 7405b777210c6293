"""The queue server as a terminal sees it: typed answers, and errors named by what to do about them.

Every change carries an idempotency key. The caller makes it, once for what a citizen did, and uses it again for every
retry: so a double tap, a lost answer and a second try still give one ticket. `Client` blocks and may be used from
several threads; the event stream is in follower.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import httpx

from kiosk.answers import Board, DayKey, Hall, Json, Kept, Ticket, read_board, read_day_key, read_hall, read_ticket

CONNECT, ANSWER = 2.0, 6.0  # seconds until a server that does not answer counts as away
CONFLICT = 409
NOBODY: Mapping[str, str] = MappingProxyType({})  # a walk-in without a card


class ServerAway(Exception):
    """Try later: no connection, no answer in time, or the server says it cannot work now (502, 503, 504)."""


class Refused(Exception):
    """The server said no: `message` is for a person, `detail` for programs; `error` is "conflict", "not_found" …"""

    def __init__(self, status: int, error: str, message: str, detail: Json) -> None:
        super().__init__(f"{status} {error}: {message}")
        self.status, self.error, self.message, self.detail = status, error, message, detail


def new_key() -> str:
    """An idempotency key; make one for each thing a citizen does."""
    return secrets.token_hex(16)


class AlreadyHeld(Exception):
    """One number a line for each person: `ticket` is the one there is."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__("this person has a number in this line")
        self.ticket = ticket


class Client:
    """Requests to one hall's server. Every call may raise ServerAway or Refused.

    `transport` replaces the network in tests.
    """

    def __init__(self, server: str, hall: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.hall_id = hall
        self._day_key: DayKey | None = None
        # trust_env off: a proxy meant for browsers must not come between a kiosk and its hall
        self.http = httpx.Client(
            base_url=f"{server.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(ANSWER, connect=CONNECT),
            transport=transport,
            trust_env=False,
        )

    def hall(self) -> Hall:
        """What the hall offers."""
        return read_hall(self.ask("GET", f"/halls/{self.hall_id}"))

    def board(self) -> Board:
        """The hall now."""
        return read_board(self.ask("GET", f"/halls/{self.hall_id}/board"))

    def track_record(self) -> Mapping[str, Kept]:
        """How well the ranges of the last days held, by line id."""
        raw = self.ask("GET", f"/halls/{self.hall_id}/track-record")
        return {one["id"]: Kept(one["given"], one["inside"]) for one in raw["lines"]}

    def issue(self, item: str | None, language: str, key: str, about: Mapping[str, str] = NOBODY) -> Ticket:
        """A ticket; the same `key` always gives the same one. `about`: class, card_token, masked_name, where known;
        and the line, where there is no item.

        AlreadyHeld if the person of that card has a number in this line.
        """
        body = {"item": item, "source": "kiosk", "lang": language, **about}
        try:
            return read_ticket(self.ask("POST", f"/halls/{self.hall_id}/tickets", body, key))
        except Refused as error:
            held = error.detail.get("ticket")
            if error.status == CONFLICT and isinstance(held, Mapping):
                raise AlreadyHeld(read_ticket(held)) from None
            raise

    def day_key(self, now: datetime) -> DayKey:
        """The hall's key of the day, kept in memory until it closes. `now` is aware, the server's time."""
        known = self._day_key
        if known is None or now >= known.closes_at:
            self._day_key = None
            raw = self.ask("GET", f"/halls/{self.hall_id}/day-key")
            try:
                known = self._day_key = read_day_key(raw)
            except ValueError as error:
                raise ServerAway(str(error)) from None
        return known

    def forget_day_key(self) -> None:
        """Other settings may close the day at another time."""
        self._day_key = None

    def ticket(self, ticket_id: str) -> Ticket:
        """A ticket as it is now."""
        return read_ticket(self.ask("GET", f"/tickets/{ticket_id}"))

    def printed(self, ticket_id: str, ok: bool, doubt: bool, key: str) -> None:
        """Tells whether the paper came out; `doubt`: it was sent whole, but never confirmed."""
        body = {"ok": ok, "doubt": doubt, "count": 1 if ok or doubt else 0}
        self.ask("POST", f"/tickets/{ticket_id}/printed", body, key)

    def help(self, place: str, key: str) -> None:
        """Asks for a person to come; `place` is this machine's name."""
        self.ask("POST", f"/halls/{self.hall_id}/help", {"place": place}, key)

    def heartbeat(self, machine: str, devices: Mapping[str, tuple[str, str]], key: str) -> None:
        """Says how this terminal's devices are: name -> (state, detail)."""
        listed = [{"name": name, "state": state, "detail": detail} for name, (state, detail) in devices.items()]
        body = {"hall": self.hall_id, "machine": machine, "devices": listed}
        self.ask("POST", "/devices/heartbeat", body, key)

    def close(self) -> None:
        self.http.close()

    def ask(self, method: str, path: str, body: Json | None = None, key: str = "") -> Json:
        """One request under /api/v1; a change needs its `key`."""
        try:
            headers = {"Idempotency-Key": key} if key else {}
            answer = self.http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise ServerAway(str(error)) from error
        return understand(answer)


def understand(answer: httpx.Response) -> Json:
    """The answer's JSON, {} for an empty one. Raises ServerAway, Refused."""
    if answer.status_code in (502, 503, 504):
        raise ServerAway(f"the server answered {answer.status_code}")
    try:
        found = answer.json() if answer.content else {}
    except ValueError as error:
        raise ServerAway("something else than the queue server answered") from error
    if answer.is_success and isinstance(found, dict):
        return found
    said = found if isinstance(found, dict) else {}
    raise Refused(
        answer.status_code, str(said.get("error", "")), str(said.get("message", "")), said.get("detail") or {}
    )
