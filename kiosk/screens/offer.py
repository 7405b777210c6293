"""The card shows a class: it is offered, never forced."""

from __future__ import annotations

from kiosk.theme import load_kv
from kiosk.widgets import answer, frame, message

__all__ = ["Offer", "answer", "message"]


class Offer(frame.Page):
    """The question says itself; the answers go to app.identity."""


load_kv(__file__)
