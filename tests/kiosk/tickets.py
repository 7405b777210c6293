"""Tickets of the demo hall for tests of their paper."""

from datetime import UTC, datetime
from pathlib import Path

from kiosk.answers import Ticket
from kiosk.i18n import Catalogue

WORDS = Catalogue()
AT = datetime(2026, 11, 25, 9, 41, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "config" / "demo"


def a_ticket(ahead=6, span=None):
    url = "http://192.0.2.7/t/" + "x" * 22
    return Ticket("x" * 22, "A023", "social", "pension-claim", "waiting", AT, ahead, span, "A", url)


def of(document, kind):
    """Its blocks of that kind."""
    return [block for block in document.blocks if isinstance(block, kind)]
