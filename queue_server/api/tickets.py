"""Tickets: taking one, its paper, and what its holder may see and do by its unguessable id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response

from config import Words
from queue_server.access import Permission, Who
from queue_server.api import models as m
from queue_server.api.gate import answer, change, hall_of, idempotency_key, needs, parts, public, told, who
from queue_server.api.query import StatesIn
from queue_server.domain.errors import Conflict, NotAllowed, Unprocessable
from queue_server.issuing import GREEN, HasTicket, Order
from queue_server.store.persons import Person
from queue_server.store.queries import Answer
from queue_server.store.writer import Transaction
from queue_server.web.i18n import LANGUAGES, words

STAFF = {Permission.ISSUE_ANY_CLASS, Permission.CLASS}  # who may give classes a citizen may not take alone

tickets = APIBlueprint("tickets", __name__, tag="tickets", url_prefix="/api/v1")


@tickets.post("/halls/<hall>/tickets")
@needs(Permission.ISSUE)
@tickets.input(m.IssueIn)
@tickets.output(m.TicketOut, 201, description="saved; print it now")
def issue(hall: str, json_data: m.IssueIn) -> Response:
    """Take a ticket

    For an item, or for a line. Kiosks may give the classes a citizen may take alone; guides every class. Who comes with
    a card has one live ticket a line: asked again, the answer is 409 with that ticket in `detail.ticket`.
    """
    issuing, views, asker, key = parts().service.issuing, parts().views, who(), idempotency_key()
    _check_class(hall, json_data.class_, json_data.reason, asker)
    person = Person(json_data.card_token, json_data.masked_name)
    known = person if person != Person() else None
    body = json_data
    order = Order(body.item, body.line, body.class_, body.source, body.lang, known, body.reason, body.appointment)

    def work(tx: Transaction) -> m.TicketOut:
        try:
            return views.ticket(issuing.issue(tx, hall, order, asker.actor))
        except HasTicket as found:
            ticket = views.ticket(found.placed).model_dump(mode="json", by_alias=True)
            raise Conflict(found.message, ticket=ticket) from None

    def check_repeat(tx: Transaction, first: Answer) -> None:
        issuing.check_same_person(tx, key, json.loads(first.body)["id"], known)

    # The hash of a request is kept for 48 hours, the key of the day is not. Still no hash of these two is kept: a name
    # can be guessed from its hash, and so can a number by whoever got hold of the key while it lived.
    return change(hall, work, 201, apart=("card_token", "masked_name"), check_repeat=check_repeat)


def _check_class(hall: str, cls: str, reason: str, asker: Who) -> None:
    """Raises NotAllowed, Unprocessable."""
    rule = parts().service.book(hall).classes.get(cls)
    if rule is not None and not rule.kiosk and asker.permissions.isdisjoint(STAFF):
        raise NotAllowed(f"a ticket of class {cls} is given by the hall's staff; ask at the help desk", cls=cls)
    if cls != GREEN:
        return
    if Permission.GREEN not in asker.permissions:
        raise NotAllowed("a green ticket is given by the guide or the manager only", cls=cls)
    if not reason:
        raise Unprocessable("a green ticket needs a reason: send its code", field="reason")


@tickets.post("/tickets/<ticket>/class")
@needs(Permission.CLASS)
@tickets.input(m.ClassIn)
@tickets.output(m.TicketOut)
def change_class(ticket: str, json_data: m.ClassIn) -> Response:
    """Give a waiting ticket another class; its place follows from when it was taken"""
    service, views, asker = parts().service, parts().views, who()
    hall = hall_of(ticket, asker)
    cls, reason = json_data.class_, json_data.reason
    if cls not in service.book(hall).classes:
        raise Conflict(f"this hall has no class {cls!r}", known=sorted(service.book(hall).classes))
    _check_class(hall, cls, reason, asker)
    return change(hall, lambda tx: views.ticket(service.holders.change_class(tx, ticket, cls, reason, asker.actor)))


@tickets.get("/tickets/<ticket>/why")
@public()
@tickets.output(m.WhyOut)
def why(ticket: str) -> Response:
    """Who was called before this ticket, and by which rule"""
    service = parts().service
    with service.store.read() as reading:
        hall = service.placed(reading, ticket).ticket.hall
        key, facts = service.holders.why(reading, ticket)
    zone = ZoneInfo(service.book(hall).hall.time_zone)
    zh, en = (_said(language, key, facts, zone) for language in LANGUAGES)
    return answer(m.WhyOut.model_construct(rule=key.removeprefix("why."), zh=zh, en=en))


def _said(language: str, key: str, facts: Mapping[str, object], zone: ZoneInfo) -> str:
    def text(value: object) -> object:
        if isinstance(value, datetime):
            return f"{value.astimezone(zone):%H:%M}"
        return (value.en or value.zh if language == "en" else value.zh) if isinstance(value, Words) else value

    return words("why", language)[key].format(**{name: text(value) for name, value in facts.items()})


@tickets.get("/halls/<hall>/tickets")
@needs(Permission.LIST)
@tickets.input(StatesIn, location="query")
@tickets.output(m.TicketsOut)
def list_tickets(hall: str, query_data: StatesIn) -> Response:
    """Today's tickets in order of key; `state` chooses some, separated by commas"""
    return told(hall, lambda reading: parts().views.tickets(reading, hall, query_data.states()))


@tickets.get("/tickets/<ticket>")
@public()
@tickets.output(m.TicketOut)
def get_ticket(ticket: str) -> Response:
    """A ticket by its id; whoever has the id may look"""
    with parts().service.store.read() as reading:
        return answer(parts().views.held_by_citizen(reading, ticket))


@tickets.post("/tickets/<ticket>/cancel")
@public(Permission.CANCEL)
@tickets.input(m.NothingIn)
@tickets.output(m.TicketOut)
def cancel(ticket: str, json_data: m.NothingIn) -> Response:
    """Give up a waiting ticket"""
    service, views, asker = parts().service, parts().views, who()
    hall = hall_of(ticket, asker)
    scope = asker.scope or f"ticket/{ticket}"
    return change(hall, lambda tx: views.ticket(service.holders.cancel(tx, ticket, asker.actor)), scope=scope)


@tickets.post("/tickets/<ticket>/return")
@public(Permission.CANCEL)
@tickets.input(m.NothingIn)
@tickets.output(m.TicketOut)
def come_back(ticket: str, json_data: m.NothingIn) -> Response:
    """Wait again after a missed call: once, soon enough, a little further back

    Refused with 409, `detail.why` is `late`, `once`, or `another`: the holder has taken `detail.number` of the same
    line meanwhile.
    """
    service, views, asker = parts().service, parts().views, who()
    hall = hall_of(ticket, asker)
    scope = asker.scope or f"ticket/{ticket}"
    return change(hall, lambda tx: views.ticket(service.holders.come_back(tx, ticket, asker.actor)), scope=scope)


@tickets.post("/tickets/<ticket>/printed")
@needs(Permission.PRINTED)
@tickets.input(m.PrintedIn)
@tickets.output(m.TicketOut)
def printed(ticket: str, json_data: m.PrintedIn) -> Response:
    """Say whether the ticket is on paper; the ticket exists either way"""
    service, views, asker = parts().service, parts().views, who()
    hall = hall_of(ticket, asker)

    def note(tx: Transaction) -> m.TicketOut:
        ok, doubt, count = json_data.ok, json_data.doubt, json_data.count
        return views.ticket(service.holders.printed(tx, ticket, ok, doubt, count, asker.actor))

    return change(hall, note)
