"""What a citizen asks of the server besides a number: finding a ticket, coming back, giving it up, rating a visit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kiosk.answers import Json, Range, Ticket, read_range, read_ticket
from kiosk.client import Client

PAGE = "/t/"  # a ticket's code leads to its live page: …/t/{id}
LONGEST = 64  # characters of an id
LEVELS = (5, 4, 3, 2, 1)  # 非常满意 … 非常不满意


@dataclass(frozen=True)
class Standing:
    """How a ticket stands, for whoever knows its number alone. `return_until` while a missed one may come back."""

    number: str
    line: str
    state: str
    ahead: int
    range: Range | None
    window: int | None
    zone: str
    calls: int
    prints: int
    return_until: datetime | None


@dataclass(frozen=True)
class Mine:
    """The holder's own ticket: all that is needed to print it again, and how it stands."""

    ticket: Ticket = field(repr=False)  # its id is its secret
    standing: Standing


class Visits:
    """Every call may raise ServerAway or Refused.

    A ticket that is not found is Refused with 404, `detail["why"]`: no_number, yesterday or none. Numbers tried too
    often are Refused with 429, `detail["retry_after"]` in seconds.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tickets = f"/halls/{client.hall_id}/tickets"

    def standing(self, number: str) -> Standing:
        """How today's ticket of this number stands, however the number is written."""
        return read_standing(self._client.ask("POST", f"{self._tickets}/find", {"number": number})["standing"])

    def find_ticket(self, *, scanned: str = "", card_token: str = "") -> tuple[Mine, ...]:
        """The ticket whose code was scanned, or what the holder of a card has today that lives or was missed."""
        body = {"card_token": card_token} if card_token else {"id": ticket_id_in(scanned)}
        return tuple(read_mine(one) for one in self._client.ask("POST", f"{self._tickets}/find", body)["tickets"])

    def come_back(self, ticket_id: str, key: str) -> Ticket:
        """A missed ticket waits again. Refused: `detail["why"]` late, once or another."""
        return read_ticket(self._client.ask("POST", f"/tickets/{ticket_id}/return", {}, key))

    def come_back_by_number(self, number: str, key: str) -> Standing:
        """The same for who has lost the paper."""
        return read_standing(self._client.ask("POST", f"{self._tickets}/return", {"number": number}, key))

    def cancel(self, ticket_id: str, key: str) -> Ticket:
        """Gives a waiting ticket up."""
        return read_ticket(self._client.ask("POST", f"/tickets/{ticket_id}/cancel", {}, key))

    def rate(self, ticket_id: str, level: int, language: str, key: str) -> None:
        """One of LEVELS, once. Refused: `detail["why"]` unfinished, over or rated."""
        self._client.ask("POST", f"/tickets/{ticket_id}/rating", {"level": level, "language": language}, key)


def ticket_id_in(scanned: str) -> str:
    """What stands after /t/ in a ticket's code; of another code all of it, which no ticket has."""
    address = scanned.strip().partition("?")[0]
    _, page, name = address.rpartition(PAGE)
    return name.split("/")[0] if page else address[:LONGEST]


def read_standing(raw: Json) -> Standing:
    """The API's ticket, or what it tells of one by number."""
    until = raw.get("return_until")
    return Standing(
        number=raw["number"],
        line=raw["line"],
        state=raw["state"],
        ahead=raw["ahead"] or 0,
        range=read_range(raw.get("range")),
        window=raw.get("window"),
        zone=raw.get("zone") or "",
        calls=raw.get("calls", 0),
        prints=raw.get("prints", 0),
        return_until=datetime.fromisoformat(until) if until else None,
    )


def read_mine(raw: Json) -> Mine:
    return Mine(read_ticket(raw), read_standing(raw))
