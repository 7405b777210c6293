"""Whatever anybody does at a terminal, in whatever order: the rules of tests/kiosk/monkey.py hold."""

import random

import pytest

from kiosk.app import TicketApp
from kiosk.client import new_key
from kiosk.places import Place
from tests.kiosk.lookup_rig import open_lookup, with_guides
from tests.kiosk.monkey import Broken, Monkey
from tests.kiosk.ticket_rig import open_kiosk

SEED = 20261125
MOST = 15  # of the kiosk's 26 places; which of the rare ones is chance
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_two_thousand_touches_on_the_ticket_kiosk(rig, server):
    server.popular = ["passport", "employee-enrolment", "medical-claim"]
    monkey = Monkey(rig(reader=True), random.Random(SEED), SEED)
    monkey.run(2000)
    assert monkey.places[Place.TICKET] >= 3
    assert len(monkey.places) >= MOST, f"it came to {sorted(monkey.places)} only"


def test_five_hundred_touches_on_the_lookup_terminal(drive, server, tmp_path):
    kiosk = open_lookup(drive, with_guides(server), tmp_path / "copy")
    kiosk.home()
    monkey = Monkey(kiosk, random.Random(SEED), SEED)
    monkey.run(500)
    assert {Place.LIST, Place.SEARCH, Place.GUIDE} <= set(monkey.places)


class Hasty(TicketApp):
    """A planted fault: every tap on an item asks with a key of its own."""

    def choose_item(self, item):
        self.visit.item, self.visit.key = item, new_key()
        self.issue(item.id, {})
        super().choose_item(item)


def test_a_kiosk_that_asks_with_every_tap_is_found_out(drive, server):
    kiosk = open_kiosk(drive, server, kind=Hasty)
    with pytest.raises(Broken, match=rf"(?s)keys for .* intents.*seed {SEED}.*the last:.*items: tap"):
        Monkey(kiosk, random.Random(SEED), SEED).run(2000)
