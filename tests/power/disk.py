"""What a disk may hold after the power was cut: a recording goes in, file contents come out. Pure.

What was synced is there. Of what was not, anything may be there or not, in any order, since a disk and the system above
it write back when they like: see `WAYS`. Two things are taken as given, as SQLite takes them (atomic.html): a write
does not damage bytes beside it, and a file system changes the names in a directory in the order it was told to. A name
is only there for certain once its directory was synced; that the file was synced does not help it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tests.power.recording import (
    ACKNOWLEDGED,
    CREATED,
    NAMES_SYNCED,
    RENAMED,
    SIZED,
    SYNCED,
    UNLINKED,
    WRITTEN,
    Call,
)

SECTOR, PAGE = 512, 4096


class File:
    """What is on the disk for certain, and the calls that may be."""

    def __init__(self) -> None:
        self.synced = bytearray()
        self.pending: list[Call] = []

    def sync(self) -> None:
        for call in self.pending:
            put(self.synced, call)
        self.pending.clear()


class Disk:
    """The directory as calls change it."""

    def __init__(self) -> None:
        self._by_inode: dict[int, File] = {}
        self._names: dict[str, File] = {}  # for certain
        self._pending: list[tuple[Call, File | None]] = []  # changes of names that may be there

    def do(self, call: Call) -> None:
        if call.kind == CREATED:
            self._by_inode[call.inode] = File()  # the number may have been another file's before
            self._pending.append((call, self._by_inode[call.inode]))
        elif call.kind in (UNLINKED, RENAMED):
            self._pending.append((call, None))
        elif call.kind == NAMES_SYNCED:
            self._names = _renamed(self._names, self._pending)
            self._pending.clear()
        elif call.kind == SYNCED:
            self._by_inode[call.inode].sync()
        elif call.kind in (WRITTEN, SIZED):
            self._by_inode[call.inode].pending.append(call)

    def after_a_cut(self, way: Way, rng: random.Random) -> dict[str, bytes]:
        """Contents by name."""
        some_names = rng.choice((0, rng.randint(0, len(self._pending)), len(self._pending)))
        kept = {all_of_it: len(self._pending), none: 0}.get(way, some_names)
        contents = {}
        for name, file in _renamed(self._names, self._pending[:kept]).items():
            content = bytearray(file.synced)
            for call in way(file.pending, rng):
                put(content, call)
            contents[name] = bytes(content)
        return contents


def _renamed(names: dict[str, File], changes: Sequence[tuple[Call, File | None]]) -> dict[str, File]:
    names = dict(names)
    for call, file in changes:
        if file is not None:
            names[call.name] = file
        elif call.name in names:
            old = names.pop(call.name)
            if call.kind == RENAMED:
                names[call.data.decode()] = old
    return names


def put(content: bytearray, call: Call) -> None:
    """Does a write or a change of size."""
    end = call.at + len(call.data)
    if call.kind == SIZED:
        del content[call.at :]
    content.extend(bytes(max(0, end - len(content))))
    content[call.at : end] = call.data


# What may become of a file's unsynced calls.

Way = Callable[[Sequence[Call], random.Random], Iterator[Call]]


def none(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    yield from ()


def all_of_it(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    yield from calls


def the_first_ones(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    yield from calls[: rng.randint(0, len(calls))]


def the_last_ones(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    """Late ones are there and early ones are not."""
    yield from calls[rng.randint(0, len(calls)) :]


def some(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    chance = rng.choice((0.1, 0.5, 0.9))
    yield from (call for call in calls if rng.random() < chance)


def _pieces(calls: Sequence[Call], size: int) -> Iterator[Call]:
    """Writes cut where the disk's sectors end."""
    for call in calls:
        at, end = call.at, call.at + len(call.data)
        while call.kind == WRITTEN and at < end:
            stop = min(end, (at // size + 1) * size)
            yield replace(call, at=at, data=call.data[at - call.at : stop - call.at])
            at = stop
        if call.kind != WRITTEN:
            yield call


def torn_in_sectors(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    yield from some(list(_pieces(calls, SECTOR)), rng)


def torn_in_pages(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    yield from some(list(_pieces(calls, PAGE)), rng)


def last_one_torn(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    """All but the last write, and a part of that."""
    yield from calls[:-1]
    yield from some(list(_pieces(calls[-1:], SECTOR)), rng)


def size_kept(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    """The file has grown, but zeros are where some of the data should be."""
    for call in calls:
        there = call.kind == SIZED or rng.random() < 0.5
        yield call if there else replace(call, at=call.at + len(call.data), data=b"")


def size_lost(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    """No change of size is there, as if only bytes that had a place already had been written."""
    yield from (call for call in calls if call.kind != SIZED)


def garbage(calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
    """Some sectors hold what nobody ever wrote."""
    for call in _pieces(calls, SECTOR):
        lot = rng.random()
        if lot < 0.3 and call.kind == WRITTEN:
            yield replace(call, data=rng.randbytes(len(call.data)))
        elif lot < 0.8:
            yield call


WAYS: tuple[Way, ...] = (
    none,
    all_of_it,
    the_first_ones,
    the_last_ones,
    some,
    torn_in_sectors,
    torn_in_pages,
    last_one_torn,
    size_kept,
    size_lost,
    garbage,
)


@dataclass(frozen=True, slots=True)
class State:
    """One disk: how it came about, its files, and what had been promised by then."""

    number: int
    calls: int  # done before the cut
    way: str
    files: dict[str, bytes]
    promised: list[bytes] = field(default_factory=list)

    def __str__(self) -> str:
        return f"state {self.number}: cut after call {self.calls}, {self.way} of what was not synced"


def states(calls: Sequence[Call], count: int, seed: int) -> Iterator[State]:
    """That many disks or a few more; the same for the same recording, count and seed.

    Half of the cuts come right before or right after a sync, or after a promise: there is most to lose. The others
    come anywhere.
    """
    rng = random.Random(seed)
    telling = [n + before for n, call in enumerate(calls) for before in (0, 1) if call.kind in (SYNCED, NAMES_SYNCED)]
    telling += [n + 1 for n, call in enumerate(calls) if call.kind == ACKNOWLEDGED]
    cuts = rng.choices(telling, k=count // 2) + rng.choices(range(1, len(calls) + 1), k=count - count // 2)
    disk, promised, done = Disk(), [], 0
    for number, cut in enumerate(sorted(cuts)):
        for call in calls[done:cut]:
            disk.do(call)
            if call.kind == ACKNOWLEDGED:
                promised.append(call.data)
        done = cut
        way = WAYS[number % len(WAYS)]
        yield State(number, cut, way.__name__, disk.after_a_cut(way, rng), list(promised))
