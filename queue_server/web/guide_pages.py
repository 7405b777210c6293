"""Guides on a phone: `/g/{code}`, where the code on the terminal's screen and paper leads, and `/g`, to look for one.

The server writes the pages and they need no script: they are light, and say nothing of who reads them.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from config import Hall
from queue_server.api.gate import parts
from queue_server.api.guide_views import placed
from queue_server.domain.errors import NotFound
from queue_server.guides.catalogue import Published
from queue_server.guides.model import Guide, Tables
from queue_server.guides.telling import name_of, span, told
from queue_server.guides.versions import Status, Version, holds, in_force
from queue_server.web.i18n import language_of
from queue_server.web.pages import A_YEAR, Told, runs

guide_pages = Blueprint("guide_pages", __name__)

LANGUAGE_COOKIE = "yichuang_guide_lang"
FOUND = 20  # guides a search shows
LONGEST_QUERY = 200
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'"
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@guide_pages.get("/g")
def look_for() -> Response:
    """Words, a sentence, pinyin or initials; without any, the themes; `theme` lists one."""
    query, theme = request.args.get("q", "").strip()[:LONGEST_QUERY], request.args.get("theme", "")
    with parts().service.store.read() as reading:
        now = parts().guides.published(reading)
    found, sure = _found(now, query, theme)
    counts = {code: sum(code in one.guide.themes for one in now.guides.values()) for code in now.tables.themes}
    page: dict[str, Any] = {"query": query, "theme": theme, "found": found, "sure": sure, "total": len(now.guides)}
    return _page("guide_search.html", now.tables, **page, themes={code: n for code, n in counts.items() if n})


def _found(now: Published, query: str, theme: str) -> tuple[list[Version], bool]:
    if query:
        said = parts().finder.index(now).search(query, FOUND)
        return [now.guides[hit.code] for hit in said.hits if hit.code in now.guides], said.sure
    chosen = [one for one in now.guides.values() if theme and theme in one.guide.themes]
    return sorted(chosen, key=lambda one: one.guide.name), True


@guide_pages.get("/g/<code>", defaults={"number": None})
@guide_pages.get("/g/<code>/<int:number>")
def guide_page(code: str, number: int | None) -> Response:
    """The version in force today, or a published one by its number; the newest where none holds."""
    with parts().service.store.read() as reading:
        tables = parts().guides.tables(reading)
        day = parts().guides.today(reading)
        try:
            known = [one for one in parts().guides.versions(reading, code) if one.status is not Status.DRAFT]
        except NotFound:
            known = []
    current = in_force(known, day)
    wanted = current or (known[-1] if known else None)
    if number is not None:
        wanted = next((one for one in known if one.number == number), None)
    if wanted is None:
        return _page("guide_search.html", tables, 404, gone=True, query="", theme="", found=[], sure=True, total=0)
    state = "now" if holds(wanted, day) else "coming" if _begins_later(wanted, day) else "old"
    guide, language = wanted.guide, _language()
    return _page(
        "guide.html",
        tables,
        version=wanted,
        guide=guide,
        state=state,
        current=current,
        older=[one for one in known if one.number != wanted.number],
        said=told(guide, tables, language),
        windows=_windows(guide),
        spare=[one for one in guide.materials if one.exempt],
        bring=[one for one in guide.materials if not one.exempt],
        span=lambda time: span(time, tables, language),
        places=[placed(place, _halls()) for place in guide.places],
        runs=runs,
    )


def _begins_later(version: Version, day: Any) -> bool:
    return version.effective_from is not None and version.effective_from > day


def _halls() -> dict[str, Hall]:
    return {name: book.hall for name, book in parts().service.halls.items()}


def _windows(guide: Guide) -> str:
    """The windows of the first place that has any: the city's, where it does it."""
    served = [placed(place, _halls()).served_at for place in guide.places]
    return Told(_language(), "guide")("comma").join(runs(next((some for some in served if some), [])))


def _language() -> str:
    browsers = request.accept_languages.best_match(("zh", "en"))
    return language_of(request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE), browsers)


def _page(template: str, tables: Tables, status: int = 200, /, **more: Any) -> Response:
    language = _language()
    t = Told(language, "guide")
    page = render_template(
        template,
        t=t,
        language=language,
        other="zh" if language == "en" else "en",
        hall=next(iter(parts().service.halls.values())).hall,
        own=lambda one, field: (getattr(one, f"{field}_en") if language == "en" else "") or getattr(one, field),
        called=lambda table, code: name_of(getattr(tables, table), code, language),
        **more,
    )
    response = make_response(page, status)
    response.headers.update(HEADERS)
    if request.args.get("lang") == language:
        encrypted = request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, samesite="Lax", path="/g", secure=encrypted)
    return response
