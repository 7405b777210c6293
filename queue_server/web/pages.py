"""The phone's ticket page: where the code on the paper leads.

The server writes the page as things stand; its script keeps it so. Without a script, or before it is there, the page
tells the same truth and says of what time. The address is the ticket's secret: whoever has it may look, cancel, and
come back after a missed call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, json, make_response, render_template, request, url_for

from config import Window, Words
from queue_server.api import models as m
from queue_server.api.gate import parts
from queue_server.domain import calendar
from queue_server.domain.errors import NotFound
from queue_server.domain.model import State
from queue_server.domain.ratings import LEVELS
from queue_server.estimate.learning import Kept
from queue_server.hallbook import HallBook
from queue_server.web.i18n import language_of, words

pages = Blueprint("pages", __name__)

LANGUAGE_COOKIE = "yichuang_phone_lang"
A_YEAR = 365 * 24 * 3600
ENOUGH_TO_JUDGE = 20  # first ranges of a line: what fewer say of ten is chance
NEAR = 3  # this many ahead, or fewer: almost your turn
SOON = 5  # minutes; an estimate that ends sooner is said in words
SHOWN = {
    "number",
    "state",
    "line",
    "ahead",
    "range",
    "no_window",
    "window",
    "zone",
    "calls",
    "issued_at",
    "steps",
    "return_until",
    "bound",
}
REFRESHING = (State.WAITING, State.CALLED, State.SERVING, State.HELD, State.MISSED)
KINDS = {
    "walk_in": ("walk_in",),
    "booked": ("appointment",),
    "care": ("elderly", "disabled", "pregnant", "serviceman"),
    "urgent": ("green",),
}
POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect", "manifest", "worker")),
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",  # the address is the ticket's secret
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Told:
    """The page's sentences in one language; `pieces` are three: before a large figure, the figure, after it."""

    language: str
    page: str = "phone"

    def __call__(self, key: str, **facts: Any) -> str:
        return words(self.page, self.language)[key].format(**facts)

    def pieces(self, key: str, **facts: Any) -> list[str]:
        return self(key, **facts).split("|")

    def named(self, name: Words) -> str:
        return (name.en if self.language == "en" else "") or name.zh


@pages.get("/t/<ticket>")
def ticket_page(ticket: str) -> Response:
    """The page of a ticket, by its unguessable id."""
    service, views = parts().service, parts().views
    try:
        with service.store.read() as reading:
            seen = views.held_by_citizen(reading, ticket)
    except NotFound:
        return _no_ticket()
    book, now = service.book(seen.hall), service.clock()
    zone, language = ZoneInfo(book.hall.time_zone), _language(seen.lang)
    t = Told(language)
    line, item = book.lines.get(seen.line), book.items.get(seen.item or "")
    face = face_of(seen, now, book)
    rules = book.hall.rules.model_dump(include={"calls_before_missed", "return_within", "return_penalty"})
    page = render_template(
        "phone.html",
        t=t,
        language=language,
        other="zh" if language == "en" else "en",
        clock=lambda at: f"{at.astimezone(zone):%H:%M}",
        hall=book.hall,
        ticket=seen,
        line=t.named(line.name) if line else "",
        # what is done on another line is no longer the item it was taken for
        matter=[t.named(one.name) for one in (line, item if item and item.line == seen.line else None) if one],
        face=face,
        note=_note(seen, face),
        windows=str(seen.bound) if seen.bound else t("list.comma").join(_windows(book, seen.line)),
        now=now,
        rules=rules,
        refresh=seen.state in REFRESHING,
        hits=dict(_record(seen.hall, book)).get(seen.line),
        words=words("phone", language),
        levels=LEVELS,
        facts={
            "id": seen.id,
            "ticket": seen.model_dump(mode="json", include=SHOWN),
            "at": now.isoformat(),
            "time_zone": book.hall.time_zone,
            "rules": rules,
            "rate_until": calendar.day_end(book.hall, seen.business_day).isoformat(),
            "near": NEAR,
            "soon": SOON,
        },
    )
    return _sent(make_response(page), language)


@pages.get("/t/<ticket>/manifest.webmanifest")
def manifest(ticket: str) -> Response:
    """What a phone needs to keep the page beside its other programs: it opens this ticket."""
    service = parts().service
    with service.store.read() as reading:
        held = service.placed(reading, ticket).ticket
    t, page = Told(_language(held.lang)), url_for("pages.ticket_page", ticket=ticket)
    icons = [
        {"src": url_for("static", filename=f"phone/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    told = {
        "id": page,
        "start_url": page,
        "scope": page,
        "name": t("manifest.name", number=held.number, hall=t.named(service.book(held.hall).hall.name)),
        "short_name": held.number,
        "lang": "en" if t.language == "en" else "zh-Hans",
        "display": "standalone",
        "background_color": "#F2F5FA",
        "theme_color": "#0A3593",
        "icons": [*icons, icons[1] | {"purpose": "maskable"}],
    }
    response = Response(json.dumps(told), mimetype="application/manifest+json")
    response.headers.update(HEADERS)
    return response


@pages.get("/rules/<hall>")
def rules_page(hall: str) -> Response:
    """The hall's rules of the queue for everybody, with its own numbers; it needs no script."""
    book, language = parts().service.book(hall), _language(None)
    t = Told(language, "rules")
    page = render_template(
        "rules.html",
        t=t,
        language=language,
        other="zh" if language == "en" else "en",
        hall=book.hall,
        credits=[(t.named(rule.name), rule.credit) for rule in book.classes.values() if rule.credit],
        care_windows=t("list.comma").join(runs(no for no, one in book.windows.items() if in_service(one, "special"))),
        care_classes=t("list.comma").join(
            t.named(book.classes[name].name) for name in book.hall.rules.special_classes if name in book.classes
        ),
        homes=any(one.home_field and in_service(one, "comprehensive") for one in book.hall.windows),
        kinds=list(public_promise(book)),
        promise=public_promise(book),
        record=[(t.named(book.lines[line].name), hits) for line, hits in _record(hall, book)],
    )
    response = make_response(page)
    response.headers.update(HEADERS)
    return response


def _record(hall: str, book: HallBook) -> list[tuple[str, int]]:
    """Of each line with enough of them, how many in ten first ranges held."""
    record = parts().service.posted.record(hall)
    found = [(line, record.get(line, Kept())) for line, one in book.lines.items() if not one.retired]
    return [(line, kept.inside * 10 // kept.given) for line, kept in found if kept.given >= ENOUGH_TO_JUDGE]


def in_service(window: Window, kind: str) -> bool:
    return window.kind == kind and not window.retired


def public_promise(book: HallBook) -> dict[str, dict[str, int]]:
    """Minutes by own kind of number, then by another's; in public every priority class is one: care.

    What holds for some of the classes of a kind is not promised to all of them: the largest bound counts.
    """
    kinds = {kind: [cls for cls in classes if cls in book.classes] for kind, classes in KINDS.items()}
    kinds = {kind: classes for kind, classes in kinds.items() if classes}
    return {
        own: {other: max(book.promise[a][b] for a in mine for b in theirs) for other, theirs in kinds.items()}
        for own, mine in kinds.items()
    }


@pages.get("/t/worker.js")
def worker() -> Response:
    """What shows the page when there is no network; from this place it may look after all of `/t/`."""
    response = current_app.send_static_file("phone/worker.js")
    response.headers.update(HEADERS)
    return response


def face_of(ticket: m.TicketOut, now: datetime, book: HallBook) -> str:
    """Which face the page has: the state, or more exactly what its holder should do about it."""
    if ticket.state is State.WAITING and ticket.ahead == 0:
        return "nobody"
    if ticket.state is State.CALLED and ticket.calls > 1:
        return "recalled" if ticket.calls < book.hall.rules.calls_before_missed else "last"
    if ticket.state is State.MISSED and ticket.return_until is None:
        missed_at = ticket.steps[-1].ended_at if ticket.steps else None
        within = timedelta(minutes=book.hall.rules.return_within)
        return "once" if missed_at and now < missed_at + within else "late"
    return ticket.state.value


def _note(ticket: m.TicketOut, face: str) -> str:
    """The key of what stands under the large words; `noteOf` in face.js says the same."""
    if ticket.state is not State.WAITING or not ticket.steps or ticket.steps[-1].outcome != "transferred":
        return f"note.{face}"
    return "note.moved.window" if ticket.bound else "note.moved"


def _windows(book: HallBook, line: str) -> list[str]:
    """The windows that serve a line: 1–4, 8."""
    return runs(window.no for window in book.hall.windows if line in window.lines and not window.retired)


def runs(numbers: Iterable[int]) -> list[str]:
    """Numbers as people say them: 1–4, 8."""
    runs: list[list[int]] = []
    for no in sorted(numbers):
        if runs and no == runs[-1][-1] + 1:
            runs[-1].append(no)
        else:
            runs.append([no])
    return [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


def _language(ticket: str | None) -> str:
    """Asked for, else chosen before, else the ticket's, else the browser's."""
    browsers = request.accept_languages.best_match(("zh", "en"))
    return language_of(request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE), ticket, browsers)


def _no_ticket() -> Response:
    language = _language(None)
    return _sent(make_response(render_template("no_ticket.html", t=Told(language), language=language), 404), language)


def _sent(response: Response, language: str) -> Response:
    response.headers.update(HEADERS)
    if request.args.get("lang") == language:
        encrypted = request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, samesite="Lax", path="/t", secure=encrypted)
    return response
