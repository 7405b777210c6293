"""What a program did to its files, call by call, with the moments at which it said "done"."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SOURCE = Path(__file__).with_name("recorder.c")
CREATED, WRITTEN, SIZED, SYNCED, NAMES_SYNCED, ACKNOWLEDGED, UNLINKED, RENAMED = "CWTSDAUR"
ACKNOWLEDGED_FILE = "acknowledged"  # what is written here is what the program promised


@dataclass(frozen=True, slots=True)
class Call:
    """One call that succeeded; `at` is an offset, or the size that was set; `data` of a renaming is the new name."""

    kind: str
    inode: int
    at: int
    name: str
    data: bytes = b""


def compile_recorder(folder: Path) -> Path:
    """The library to preload. Needs a C compiler (`./hall test` installs gcc)."""
    library = folder / "recorder.so"
    command = ["cc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return library


def record(library: Path, log: Path, data: Path, commands: Iterable[Sequence[str]], cwd: Path) -> list[Call]:
    """Runs the commands one after another; what they did to the files in `data`, one level deep."""
    data.mkdir(parents=True)
    for command in commands:
        subprocess.run(command, cwd=cwd, env=os.environ | surroundings(library, log, data), check=True)
    return read(log)


def surroundings(library: Path, log: Path, data: Path) -> dict[str, str]:
    """What a process needs around it to be recorded."""
    return {"LD_PRELOAD": str(library), "RECORD_DIR": str(data.resolve()), "RECORD_LOG": str(log)}


def acknowledge(log: int, what: bytes) -> None:
    """Notes a promise that was heard outside the process; `log` is open for appending."""
    os.write(log, b"%s 0 0 %d %s\n%s" % (ACKNOWLEDGED.encode(), len(what), ACKNOWLEDGED_FILE.encode(), what))


def read(log: Path) -> list[Call]:
    with log.open("rb") as file:
        return list(_calls(file))


def _calls(file: BinaryIO) -> Iterable[Call]:
    while line := file.readline():
        kind, inode, at, length, name = line.decode().rstrip("\n").split(" ", 4)
        yield Call(kind, int(inode), int(at), name, file.read(int(length)))
