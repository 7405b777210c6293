"""The heap of a terminal: what stays is set aside, what visits leave is collected when nobody is there."""

import gc
import subprocess
import sys
import weakref

import pytest

from kiosk import heap
from kiosk.places import Place
from kiosk.touch import AT_REST

SETTLED = """
import gc
from kiosk import heap

class App:
    def unbind(self, **bound):
        assert bound == {"board": heap.settle}

heap.begin()
assert not gc.isenabled()
heap.settle(App(), "a board")
print(gc.isenabled(), gc.get_freeze_count() > 1000, len(gc.get_objects()) < 1000)
"""


class Ring:
    def __init__(self):
        self.me = self


def test_what_stays_is_set_aside():
    told = subprocess.run([sys.executable, "-c", SETTLED], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["True", "True", "True"]


@pytest.fixture
def settled(monkeypatch):
    monkeypatch.setattr(heap, "_settled", True)
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


def test_when_a_citizen_has_gone_what_the_visit_left_is_collected(settled, rig):
    kiosk = rig()
    kiosk.driver.tap("line-social")
    kiosk.at(Place.ITEMS)
    left = weakref.ref(Ring())
    kiosk.driver.frames(2)
    assert left() is not None
    kiosk.driver.tap("home")
    kiosk.at(Place.HOME)
    kiosk.driver.advance(AT_REST)
    assert kiosk.app.place is Place.HOME and left() is None
