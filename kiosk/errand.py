"""One citizen's way to a number: the key of the try, what the server said, what became of the paper."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.answers import Ticket
from kiosk.client import Refused
from kiosk.places import Paper


@dataclass
class Errand:
    """`key` was made with the touch that asked for the number and serves every retry."""

    key: str = ""
    ticket: Ticket | None = None
    paper: Paper = Paper.NONE
    reprints: int = 0
    refusal: Refused | None = None
