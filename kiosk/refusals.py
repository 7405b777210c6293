"""Why there is no number, in the citizen's words, and when there will be one: what the server says of a refusal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kiosk.answers import Line
from kiosk.client import Refused
from kiosk.guides_client import Queue
from kiosk.terminal import moment_text

REASONS = {  # what the server says -> title and text, as keys of words
    "line_full": ("line.full", "line.full.next"),
    "hall_closed": ("hall.closed", "hall.closed.next"),
    "last_ticket": ("hall.last", "hall.last.next"),
}


def reason(app: Any, line: Line | Queue, refusal: Refused | None) -> tuple[str, str]:
    """Why there is no number, and when there will be."""
    detail = refusal.detail if refusal else {}
    title, text = REASONS.get(detail.get("reason", ""), ("refused.title", ""))
    said = app.say(app.lang, title, line=line.name.in_language(app.lang))
    if not text:
        now = app.board.lines.get(line.id) if app.board and refusal is None else None
        again = now and now.opens_next and app.say(app.lang, "line.full.next", next=_moment(app, now.opens_next))
        return said, " ".join(filter(None, (why(app, line, refusal), again)))
    opens = detail.get("next_open")
    if not opens:
        return said, app.say(app.lang, "refused.next")
    return said, app.say(app.lang, text, next=_moment(app, datetime.fromisoformat(opens)))


def _moment(app: Any, moment: datetime) -> str:
    return moment_text(moment.astimezone(app.now().tzinfo), app.lang)


def why(app: Any, line: Line | Queue, refusal: Refused | None) -> str:
    """Why there is no number: in our words where we know the case, else the server's, which are English."""
    detail = refusal.detail if refusal else {"line": line.id}
    if detail.get("line"):
        return str(app.say(app.lang, "refused.closed", line=line.name.in_language(app.lang)))
    if detail.get("next_open"):
        opens = datetime.fromisoformat(detail["next_open"])
        return str(app.say(app.lang, "refused.hours", next=_moment(app, opens)))
    words = refusal.message if refusal and app.lang == "en" else ""
    return words[:1].upper() + words[1:] or str(app.say(app.lang, "refused.other"))
