"""What every route goes through: who is asking, may they, has this very request been answered before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, current_app, g, request
from pydantic import BaseModel

from queue_server.access import CITIZEN, Access, Permission, Who
from queue_server.api.views import Views
from queue_server.domain.errors import BadRequest, NotAllowed
from queue_server.guides.catalogue import Catalogue
from queue_server.guides.finding import Finder
from queue_server.hub import Hub
from queue_server.service import QueueService
from queue_server.sessions import COOKIE, CSRF_HEADER, Session, Sessions
from queue_server.store.queries import Answer, Reading
from queue_server.store.writer import Transaction

PARTS = "yichuang"
LONGEST_KEY = 128
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")  # these change nothing
Route = TypeVar("Route", bound=Callable[..., Any])
Work = Callable[[Transaction], BaseModel | None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    service: QueueService
    hub: Hub
    access: Access
    views: Views
    sessions: Sessions
    guides: Catalogue
    finder: Finder


def parts() -> Parts:
    return cast(Parts, current_app.extensions[PARTS])


def who() -> Who:
    """Who is asking, as the route's guard found out."""
    return cast(Who, g.who)


def session() -> Session | None:
    """The session this request came with, if that is what let it in."""
    return cast("Session | None", g.get("session"))


def needs(permission: Permission) -> Callable[[Route], Route]:
    """Lets in only who has this permission by token or session, for the hall and window the address names."""
    return _guard(permission, public=False)


def public(permission: Permission | None = None) -> Callable[[Route], Route]:
    """Lets anybody in; whoever does send a token must hold the permission."""
    return _guard(permission, public=True)


def _guard(permission: Permission | None, *, public: bool) -> Callable[[Route], Route]:
    def decorate(view: Route) -> Route:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            g.who = _asker(public=public)
            if permission is not None:
                g.who.may(permission, values.get("hall"), values.get("no"))
            return view(**values)

        spec = {**getattr(view, "_spec", {})}
        if not public:
            spec["security"] = ["bearer", "session"]
        guarded._spec = spec  # type: ignore[attr-defined]  # where APIFlask keeps what it documents
        guarded.permission = permission  # type: ignore[attr-defined]  # the test of routes and roles reads these
        guarded.public = public  # type: ignore[attr-defined]
        return cast(Route, guarded)

    return decorate


def _asker(*, public: bool) -> Who:
    """Who a token or a session says is asking. Raises NotKnown, NotAllowed.

    On a public route a session counts only with its CSRF header: a citizen's page opened in a clerk's browser is still
    a citizen's.
    """
    authorization, csrf = request.headers.get("Authorization", ""), request.headers.get(CSRF_HEADER)
    if authorization:
        return parts().access.who(authorization)
    if public and csrf is None:
        return CITIZEN
    if COOKIE not in request.cookies:
        return parts().access.who(authorization)  # which says what is missing
    sessions = parts().sessions
    g.session = sessions.read(request.cookies[COOKIE])
    if request.method not in SAFE_METHODS:
        sessions.check_csrf(g.session, csrf)
    return sessions.who(g.session)


def hall_of(ticket: str, asker: Who) -> str:
    """The ticket's hall, which must be one the asker's token is good for. Raises NotFound, NotAllowed."""
    with parts().service.store.read() as reading:
        placed = parts().service.placed(reading, ticket)
    hall = placed.ticket.hall
    if asker.hall not in (None, hall):
        raise NotAllowed(f"this token is for hall {asker.hall}", hall=asker.hall)
    return hall


def answer(model: BaseModel, status: int = 200) -> Response:
    return Response(model.model_dump_json(by_alias=True), status, mimetype="application/json")


def told(hall: str, view: Callable[[Reading], BaseModel]) -> Response:
    """What a view says of a hall, all of it at one moment. Raises NotFound."""
    parts().service.book(hall)
    with parts().service.store.read() as reading:
        return answer(view(reading))


def change(
    hall: str,
    work: Work,
    status: int = 200,
    *,
    scope: str | None = None,
    apart: Collection[str] = (),
    check_repeat: Callable[[Transaction, Answer], None] = lambda tx, first: None,
) -> Response:
    """Runs the work once for this Idempotency-Key and answers with what it returns; None is 204.

    The answer is made inside the transaction, because it is kept with it for repeats. `scope` is whose keys these are:
    the asker's token, unless a public route names its ticket. `apart` are fields of which not even a hash is kept;
    whether a repeat says the same in them, `check_repeat` may find out in its own way.
    """
    key = idempotency_key()
    fingerprint = _fingerprint(apart)

    def run(tx: Transaction) -> Answer:
        model = work(tx)
        if model is None:
            return Answer(204, "")
        return Answer(status, model.model_dump_json(by_alias=True))

    given = parts().service.once(hall, f"{hall}/{scope or who().scope}", key, fingerprint, run, check_repeat)
    return Response(given.body, given.status, mimetype="application/json")


def _fingerprint(apart: Collection[str]) -> bytes:
    body = request.get_data()
    if apart:
        told = {name: value for name, value in (request.get_json() or {}).items() if name not in apart}
        body = json.dumps(told, sort_keys=True).encode()
    return hashlib.sha256(request.path.encode() + b"\0" + body).digest()


def idempotency_key() -> str:
    """The key of this request. Raises BadRequest."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise BadRequest("this request changes something: send an Idempotency-Key of your own making, one a request")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise BadRequest(f"an Idempotency-Key is at most {LONGEST_KEY} printable ASCII characters")
    return key
