"""The window console: signing in with a window token once, choosing a window, and the page a clerk works with.

A ready link is `/console/enter#token=…&window=3`: what stands behind `#` never leaves the browser, so the token reaches
neither a log nor a proxy. The page takes it out of the address bar and signs in by itself.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from apiflask import APIBlueprint
from flask import Response, make_response, redirect, render_template, request, url_for
from pydantic import Field

from queue_server.access import Permission
from queue_server.api import models as m
from queue_server.api.gate import answer, parts, session
from queue_server.domain.errors import BadRequest, Conflict, NotFound, NotKnown
from queue_server.domain.model import WindowState
from queue_server.sessions import COOKIE, CSRF_HEADER, NO_WINDOW, Session
from queue_server.web.i18n import language_of, words

console = APIBlueprint("console", __name__, url_prefix="/console", enable_openapi=False)

LANGUAGE_COOKIE = "yichuang_lang"
A_YEAR = 365 * 24 * 3600
POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect")),
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class EnterIn(m.Asked):
    """Who signs in, where: a token, or none to change the window of the session there is."""

    token: str = Field("", max_length=200)
    window: int
    hall: str | None = None


@console.get("")
def desk() -> Response:
    """The page a clerk works with; without a session, the way to one."""
    try:
        mine = parts().sessions.read(request.cookies.get(COOKIE))
    except NotKnown as error:
        why = "ended" if error.detail.get("ended") else None
        return uncached(redirect(url_for("console.enter_page", why=why)))
    window = parts().service.book(mine.hall).windows.get(mine.window)
    if window is None or window.retired:
        return uncached(redirect(url_for("console.enter_page", why="moved")))
    facts = facts_of(mine.hall) | {"window": mine.window, "csrf": parts().sessions.csrf(mine)}
    response = staff_page("console.html", "console", facts, window=window)
    _renew(response, mine)
    return response


@console.get("/enter")
def enter_page() -> Response:
    """Signing in, or choosing another window when one is signed in already."""
    service, sessions = parts().service, parts().sessions
    try:
        mine = sessions.read(request.cookies.get(COOKIE))
    except NotKnown:
        mine = None
    if mine is not None and mine.window == NO_WINDOW:
        mine = None  # a publisher's: to sit at a window takes another token
    hall = mine.hall if mine else request.args.get("hall") or next(iter(service.halls))
    try:
        book = service.book(hall)
    except NotFound:
        return uncached(redirect(url_for("console.enter_page")))
    with service.store.read() as reading:
        known = reading.windows(hall)
    taken = {no for no, (status, _) in known.items() if status.state is not WindowState.CLOSED}
    facts = facts_of(hall) | {
        "why": request.args.get("why", ""),
        "window": mine.window if mine else request.args.get("window", type=int),
        "csrf": sessions.csrf(mine) if mine else "",
        "enter": url_for("console.enter"),
        "home": url_for("console.desk"),
    }
    windows = [window for window in book.hall.windows if not window.retired]
    return staff_page("enter.html", "enter", facts, windows=windows, taken=taken, mine=mine, desk=True)


@console.post("/enter")
@console.input(EnterIn)
def enter(json_data: EnterIn) -> Response:
    """Begins a session, or moves the one there is to another window."""
    only_from_a_script()
    sessions, service = parts().sessions, parts().service
    if json_data.token:
        who = parts().access.who(f"Bearer {json_data.token.strip()}")
        hall = who.hall or json_data.hall or next(iter(service.halls))
        begun = None
    else:
        begun = sessions.read(request.cookies.get(COOKIE))
        sessions.check_csrf(begun, request.headers.get(CSRF_HEADER))
        who, hall = sessions.who(begun), begun.hall
    who = dataclasses.replace(who, window=None)
    who.may(Permission.WINDOW, hall)
    if service.book(hall).window(json_data.window).retired:
        raise Conflict(f"window {json_data.window} is out of service", window=json_data.window)
    fresh = sessions.begin(who, hall, json_data.window)
    if begun is not None:
        fresh = dataclasses.replace(fresh, since=begun.since)  # a change of window does not lengthen the day
    response = answer(m.HealthOut(ok=True))
    keep_session(response, fresh)
    return response


@console.post("/leave")
@console.input(m.NothingIn)
def leave(json_data: m.NothingIn) -> Response:
    """Ends the session in this browser."""
    mine = parts().sessions.read(request.cookies.get(COOKIE))
    parts().sessions.check_csrf(mine, request.headers.get(CSRF_HEADER))
    response = answer(m.HealthOut(ok=True))
    response.delete_cookie(COOKIE, httponly=True, samesite="Strict", secure=_encrypted())
    return response


@console.after_app_request
def renew(response: Response) -> Response:
    """A session that was used lives on."""
    mine = session()
    if mine is not None:
        _renew(response, mine)
    return response


def _renew(response: Response, mine: Session) -> None:
    fresh = parts().sessions.renewed(mine)
    if fresh is not None:
        keep_session(response, fresh)


def keep_session(response: Response, mine: Session) -> None:
    cookie = parts().sessions.cookie(mine)
    response.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", secure=_encrypted())


def _encrypted() -> bool:
    """Did the browser come by https, to us or to a proxy before us? (Believing it too easily only costs a cookie.)"""
    return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


def only_from_a_script() -> None:
    # a form of another site cannot send this type, and a script of another site may not: nobody is signed in unasked
    if request.mimetype != "application/json":
        raise BadRequest("send JSON, with its Content-Type")


def facts_of(hall: str) -> dict[str, Any]:
    """What every staff page's script must know."""
    return {"hall": hall, "time_zone": parts().service.book(hall).hall.time_zone, "at": parts().service.clock()}


def staff_page(template: str, catalogue: str, facts: dict[str, Any], **more: Any) -> Response:
    asked = request.args.get("lang")
    language = language_of(asked, request.cookies.get(LANGUAGE_COOKIE))
    said = words(catalogue, language)
    page = render_template(
        template,
        t=lambda key, **values: said[key].format(**values),
        named=lambda name: (name.en if language == "en" else "") or name.zh,
        language=language,
        other="zh" if language == "en" else "en",
        hall=parts().service.book(facts["hall"]).hall,
        facts=facts | {"at": facts["at"].isoformat()},
        words=said,
        **more,
    )
    response = uncached(make_response(page))
    if asked == language:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, samesite="Lax", secure=_encrypted())
    return response


def uncached(response: Any) -> Response:
    response.headers.update(HEADERS)
    made: Response = response
    return made
