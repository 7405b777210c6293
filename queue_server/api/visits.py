"""What a citizen does besides taking a ticket: finding it again, rating, asking for help; and what staff see."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from queue_server.access import Permission
from queue_server.api import models as m
from queue_server.api import visit_models as v
from queue_server.api.gate import answer, change, hall_of, needs, parts, public, told, who
from queue_server.api.views import help_call
from queue_server.domain.ratings import LEVELS, Rating
from queue_server.ratings import Levels
from queue_server.store.writer import Transaction

visits = APIBlueprint("visits", __name__, tag="visits", url_prefix="/api/v1")


@visits.post("/halls/<hall>/tickets/find")
@needs(Permission.FIND)
@visits.input(v.FindIn)
@visits.output(v.FoundOut)
def find(hall: str, json_data: v.FindIn) -> Response:
    """Find a ticket of today for who stands at the kiosk; it changes nothing and needs no key

    A post, so that neither number nor card is part of an address. 404 says in `detail.why`: no_number (nobody could
    read it), yesterday, none. Numbers may be tried 30 times a minute, then 429.
    """
    service, asked = parts().service, json_data
    service.book(hall)
    if asked.number is not None:
        service.tries.take(who().scope)
    with service.store.read() as reading:
        if asked.number is not None:
            standing = parts().views.standing(reading, service.finding.by_number(reading, hall, asked.number))
            return answer(v.FoundOut.model_construct(standing=standing, tickets=[]))
        if asked.card_token is not None:
            found = service.finding.by_card(reading, hall, asked.card_token)
        else:
            found = [service.finding.by_id(reading, hall, asked.id or "")]
        tickets = [parts().views.held_by_citizen(reading, placed.ticket.id) for placed in found]
    return answer(v.FoundOut.model_construct(standing=None, tickets=tickets))


@visits.post("/halls/<hall>/tickets/return")
@needs(Permission.FIND)
@visits.input(v.NumberIn)
@visits.output(v.StandingOut)
def come_back(hall: str, json_data: v.NumberIn) -> Response:
    """Wait again after a missed call, by number alone; refused as at the ticket's own address"""
    service, views, asker, number = parts().service, parts().views, who(), json_data.number
    service.book(hall)
    service.tries.take(asker.scope)
    return change(hall, lambda tx: views.standing(tx, service.finding.come_back(tx, hall, number, asker.actor)))


@visits.post("/tickets/<ticket>/rating")
@public(Permission.RATE)
@visits.input(v.RatingIn)
@visits.output(v.RatingOut, 201)
def rate(ticket: str, json_data: v.RatingIn) -> Response:
    """Say how the service was, once, on the day it was finished

    Refused with 409, `detail.why` is `unfinished`, `over` (its day is closed) or `rated`. No listener is told.
    """
    ratings, asker, said = parts().service.ratings, who(), json_data
    hall = hall_of(ticket, asker)

    def work(tx: Transaction) -> v.RatingOut:
        return _rating(ratings.rate(tx, ticket, said.level, said.language, asker.actor))

    return change(hall, work, 201, scope=asker.scope or f"ticket/{ticket}")


@visits.get("/halls/<hall>/ratings")
@needs(Permission.RATINGS)
@visits.input(v.DaysIn, location="query")
@visits.output(v.RatingsOut)
def ratings(hall: str, query_data: v.DaysIn) -> Response:
    """How many ratings of each level there were"""
    parts().service.book(hall)
    with parts().service.store.read() as reading:
        found = parts().service.ratings.summary(reading, hall, query_data.days)
    return answer(
        v.RatingsOut.model_construct(
            since=found.since,
            until=found.until,
            levels=_levels(found.levels),
            items=[v.ItemRatingsOut.model_construct(item=i, levels=_levels(of)) for i, of in found.items.items()],
            windows=[
                v.WindowRatingsOut.model_construct(window=n, levels=_levels(of)) for n, of in found.windows.items()
            ],
        )
    )


@visits.get("/halls/<hall>/help")
@needs(Permission.ANSWER_HELP)
@visits.output(v.HelpCallsOut)
def list_help(hall: str) -> Response:
    """Who asked for a person today and still waits, the longest first"""
    return told(hall, lambda reading: v.HelpCallsOut.model_construct(calls=parts().views.help(reading, hall)))


@visits.post("/halls/<hall>/help/<int:call>/answered")
@needs(Permission.ANSWER_HELP)
@visits.input(m.NothingIn)
@visits.output(m.HelpCallOut)
def answer_help(hall: str, call: int, json_data: m.NothingIn) -> Response:
    """I'll go: the call is taken off every screen; who says so second is told when the first did"""
    service, asker = parts().service, who()
    service.book(hall)
    return change(hall, lambda tx: help_call(service.help.answer(tx, hall, call, asker.window, asker.actor)))


def _rating(rating: Rating) -> v.RatingOut:
    return v.RatingOut.model_construct(level=rating.level, name=m.Name.of(LEVELS[rating.level]), at=rating.at)


def _levels(counted: Levels) -> list[v.LevelOut]:
    return [
        v.LevelOut.model_construct(level=level, name=m.Name.of(words), count=counted[level])
        for level, words in LEVELS.items()
    ]
