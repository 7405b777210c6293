"""Sixteen who issue and sixteen clerks at once, a server killed in the midst: the hall keeps its word; without its lock
it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.queue_server.cluster import Cluster
from tests.races.run import RUSHES, UNLOCKED, Race, race
from tests.system.record import write
from tests.system.replay import Fault

# what so few rounds surely bring about; the rest needs luck, and `python -m tests.races` has it
CERTAIN = {"issue", "next", "call", "start", "finish", "miss", "undo", "class", "cancel"}
pytestmark = pytest.mark.timeout(120)  # a busy machine may take long to start four servers


def well_raced(done: Race, folder: Path) -> None:
    """Nothing wrong, and it was no easy day."""
    found = done.violations
    assert not found, (str(write(folder, done.record, done.kept)), [str(one) for one in found[:20]])
    assert not done.troubles
    assert done.kills
    operations = done.record.operations
    assert {one.status for one in operations} >= {200, 201, 409}
    assert len({one.key for one in operations}) < len(operations)  # some were asked again
    assert {one.action for one in operations if one.done} >= CERTAIN


def test_everybody_at_once_on_sqlite(tmp_path: Path):
    well_raced(race(tmp_path, None, len(RUSHES), seed=1), tmp_path)


def test_everybody_at_once_at_four_servers_on_postgresql(tmp_path: Path, cluster: Cluster):
    well_raced(race(tmp_path, cluster.bare_database(), 3, seed=2), tmp_path)


def faults(done: Race) -> set[Fault]:
    return {one.fault for one in done.violations}


def test_a_server_that_looks_outside_its_transaction_is_found_out(tmp_path: Path):
    assert {Fault.TWO_WINDOWS, Fault.ILLEGAL, Fault.UNTRUE} <= faults(race(tmp_path, None, 2, 3, UNLOCKED))


def test_servers_without_the_lock_are_found_out(tmp_path: Path, cluster: Cluster):
    done = race(tmp_path, cluster.bare_database(), 1, 4, UNLOCKED)
    assert {Fault.TWO_WINDOWS, Fault.LOG_GAP, Fault.LOST, Fault.UNTRUE} <= faults(done)
