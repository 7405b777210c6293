"""The fonts, and a printer to try things on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devices import fontmaker
from devices.escpos import press
from devices.escpos.simulator import Simulator
from tests.devices.rigs import PLACES, Rig, rig
from tests.devices.samples import ticket


@pytest.fixture(scope="session", autouse=True)
def fonts() -> None:
    """Made if need be, and warm: reading them takes longer than some deadlines here."""
    fontmaker.make(lambda _: None)
    printer = Simulator()
    for way in press.WAYS:
        printer.receive(press.render(ticket(english=True), 80, way))


@pytest.fixture(params=PLACES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A printer on each kind of line in turn."""
    with rig(request.param, tmp_path) as made:
        yield made
