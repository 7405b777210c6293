"""The editor of the guide catalogue, for publishers: signing in with a token once, and the shells of its pages.

Everything the pages show and change goes through the API, with the session's CSRF token and an Idempotency-Key, so it
is checked and logged like any program's. A ready link is `/editor/enter#token=…`; as in the console, what stands
behind `#` never leaves the browser.
"""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, make_response, redirect, request, url_for
from pydantic import BaseModel, Field

from queue_server.access import Permission
from queue_server.api import models as m
from queue_server.api.gate import answer, parts
from queue_server.domain.errors import NotAllowed, NotKnown
from queue_server.guides.labels import LABELS
from queue_server.guides.model import Guide
from queue_server.sessions import COOKIE, NO_WINDOW, Session
from queue_server.web.console import facts_of, keep_session, only_from_a_script, staff_page, uncached

editor = APIBlueprint("editor", __name__, url_prefix="/editor", enable_openapi=False)

TOP = {name: (zh, en) for name, (zh, en) in LABELS.items() if name in Guide.model_fields}


class EnterIn(m.Asked):
    token: str = Field(min_length=1, max_length=200)


class EnteredOut(BaseModel):
    csrf: str = Field(description="a page that is open goes on with it: nothing typed is lost when a session ends")


@editor.get("")
def list_page() -> Response:
    """Every guide, to choose from."""
    return _shell("list")


@editor.get("/new")
def new_page() -> Response:
    return _shell("guide", code="")


@editor.get("/guides/<code>")
def guide_page(code: str) -> Response:
    """One guide: its draft, its versions, what can be done with it."""
    return _shell("guide", code=code)


@editor.get("/guides/<code>/diff")
def diff_page(code: str) -> Response:
    """Two versions side by side: `old` and `new`."""
    return _shell("diff", code=code)


@editor.get("/<any(due, searches, files):name>")
def work_page(name: str) -> Response:
    """What is to be looked over; what nobody found; files in and out."""
    return _shell(name)


@editor.get("/enter")
def enter_page() -> Response:
    facts = facts_of(next(iter(parts().service.halls))) | {"why": request.args.get("why", ""), "csrf": ""}
    ways = {"enter": url_for("editor.enter"), "home": url_for("editor.list_page")}
    return staff_page("enter.html", "enter", facts | ways, windows=[], mine=None, desk=False)


@editor.post("/enter")
@editor.input(EnterIn)
def enter(json_data: EnterIn) -> Response:
    """Begins a session that has no window."""
    only_from_a_script()
    who = parts().access.who(f"Bearer {json_data.token.strip()}")
    who.may(Permission.GUIDES)
    mine = parts().sessions.begin(who, who.hall or next(iter(parts().service.halls)), NO_WINDOW)
    response = answer(EnteredOut(csrf=parts().sessions.csrf(mine)))
    keep_session(response, mine)
    return response


def _mine() -> Session:
    """The session of a publisher. Raises NotKnown, NotAllowed."""
    mine = parts().sessions.read(request.cookies.get(COOKIE))
    parts().sessions.who(mine).may(Permission.GUIDES)
    return mine


def _shell(view: str, **more: Any) -> Response:
    try:
        mine = _mine()
    except (NotKnown, NotAllowed) as error:
        why = "ended" if error.detail.get("ended") else None
        return uncached(redirect(url_for("editor.enter_page", why=why)))
    with parts().service.store.read() as reading:
        tables, day = parts().guides.tables(reading), parts().guides.today(reading)
    facts = facts_of(mine.hall) | {
        "csrf": parts().sessions.csrf(mine),
        "view": view,
        "day": day.isoformat(),
        "tables": tables.model_dump(mode="json"),
        "labels": TOP,
        "who": parts().sessions.who(mine).actor,
        **more,
    }
    response = make_response(staff_page("editor.html", "editor", facts, view=view))
    keep_session(response, mine)
    return response
