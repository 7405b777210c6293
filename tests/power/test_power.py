"""The power goes: what was answered is there afterwards, and the hall starts again."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from alembic import op

from queue_server.store.store import DATABASE, Store
from tests.power import judge
from tests.power.cuts import check, look, record_days, record_server
from tests.power.disk import Disk, all_of_it, none, states, torn_in_sectors
from tests.power.recording import Call

STATES, SEED = 500, 1  # `python -m tests.power` tries more
SECONDS = 2.0  # of load on the real server


def wrote(at: int, data: bytes) -> Call:
    return Call("W", 1, at, "a", data)


CREATED, SYNCED, NAMES = Call("C", 1, 0, "a"), Call("S", 1, 0, "a"), Call("D", 9, 0, "")


def disk(*calls: Call) -> Disk:
    made = Disk()
    for call in calls:
        made.do(call)
    return made


def test_only_what_was_synced_is_certain():
    made = disk(CREATED, wrote(0, b"one"), SYNCED, NAMES, wrote(3, b"two"))
    assert made.after_a_cut(none, random.Random()) == {"a": b"one"}
    assert made.after_a_cut(all_of_it, random.Random()) == {"a": b"onetwo"}


def test_a_file_without_its_name_synced_may_be_gone():
    assert disk(CREATED, wrote(0, b"one"), SYNCED).after_a_cut(none, random.Random()) == {}


def test_a_renamed_file_takes_its_content_along():
    made = disk(CREATED, wrote(0, b"one"), SYNCED, NAMES, Call("R", 0, 0, "a", b"b"))
    assert made.after_a_cut(none, random.Random()) == {"a": b"one"}
    assert made.after_a_cut(all_of_it, random.Random()) == {"b": b"one"}


def test_a_torn_write_is_torn_where_sectors_end():
    made = disk(CREATED, wrote(0, b"-" * 1024), SYNCED, NAMES, wrote(100, b"x" * 824))
    found = {made.after_a_cut(torn_in_sectors, random.Random(seed))["a"] for seed in range(40)}
    new = {(content[100:512] == b"x" * 412, content[512:924] == b"x" * 412) for content in found}
    assert new == {(False, False), (True, False), (False, True), (True, True)}
    assert all(content[:100] + content[924:] == b"-" * 200 for content in found)


def test_the_same_seed_makes_the_same_disks():
    calls = [CREATED, NAMES, *(wrote(n * 9, b"%09d" % n) for n in range(50)), SYNCED, wrote(1, b"?")]
    first, again, other = ([state.files for state in states(calls, 60, seed)] for seed in (1, 1, 2))
    assert first == again != other


def test_a_database_cut_off_while_it_was_made_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The schema is one transaction: with some of its tables and no version the server would never start again."""
    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", cut)
        with pytest.raises(PowerCut):
            Store(tmp_path)
    Store(tmp_path).close()


class PowerCut(Exception):
    pass


def cut(*_: object, **__: object) -> None:
    raise PowerCut


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_power_cut_loses_no_answer_and_breaks_nothing(tmp_path: Path):
    calls = record_days(tmp_path)
    kinds = Counter((call.kind, call.name) for call in calls)
    assert kinds["S", f"{DATABASE}-wal"] > 100
    assert kinds["S", DATABASE] > 5  # checkpoints
    assert kinds["T", f"{DATABASE}-wal"] >= 2  # emptied when a day was closed
    assert kinds["A", "acknowledged"] > 100
    wrong = check(tmp_path, STATES, SEED)
    assert not wrong, "\n".join(map(str, wrong[:5]))


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_real_server_loses_nothing_either(tmp_path: Path):
    """With its own pump, under load: commits are shared, and answers leave from another thread than commits."""
    calls = record_server(tmp_path, SECONDS)
    kinds = Counter(call.kind for call in calls)
    assert kinds["A"] > kinds["S"] > 20  # answers shared commits
    wrong = check(tmp_path, 150, SEED)
    assert not wrong, "\n".join(map(str, wrong[:5]))


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_weaker_sync_is_found_out(tmp_path: Path):
    record_days(tmp_path, "NORMAL")
    wrong = check(tmp_path, 100, SEED)
    assert len([one for one in wrong if judge.LOST in one.kinds]) > 25
    assert not [one for one in wrong if judge.CORRUPT in one.kinds]
    kept = next(one.kept for one in wrong if one.kept)
    assert look(kept)  # and again, by the command that is told


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_no_sync_at_all_is_found_to_corrupt(tmp_path: Path):
    record_days(tmp_path, "OFF")
    assert [one for one in check(tmp_path, 200, SEED) if judge.CORRUPT in one.kinds]
