"""A PostgreSQL cluster of the tests' own: in a temporary folder, reached by a socket there, gone with them."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from queue_server.store.migrate import migrate
from queue_server.store.schema import metadata

PR_SET_PDEATHSIG = 1
EMPTY = "; ".join(["SET synchronous_commit = off", *(f"DELETE FROM {table}" for table in metadata.tables)])
SETTINGS = ("listen_addresses=", "max_connections=200", "shared_buffers=64MB", "log_min_messages=fatal")


def program(name: str) -> str:
    """Debian keeps them apart from what is on the path."""
    found = [shutil.which(name), *sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), reverse=True)]
    (first, *_) = [path for path in found if path] or [None]
    assert first, f"no {name} here: ./hall setup installs it (Debian's package is postgresql)"
    return str(first)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    """`database()` is the URL of a migrated, empty database. fsync is on, as in a hall.

    A database takes half a second to make, so one that was used is emptied and used again.

    Text sorts by ICU's rules unless a column says otherwise, so that a test notices one that does not.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yichuang-pg-"))
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            user = next(user for user in ("postgres", "nobody") if _exists(user))
            shutil.chown(self.folder, user)
            self._as = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
        made = subprocess.run(
            [program("initdb"), "-D", self.folder / "data", "-U", "yichuang", "-A", "trust", "-E", "UTF8", "--no-sync",
             "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"],
            cwd=self.folder, capture_output=True, text=True, check=False, **self._as,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        self._made, self._free = 0, list[str]()
        self.start()

    def start(self) -> None:
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [program("postgres"), "-D", self.folder / "data", "-k", self.folder, *settings],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_end_with_parent,
                start_new_session=True, **self._as,
            )  # fmt: skip
        end = time.monotonic() + 30
        while True:
            try:
                return self.sql("SELECT")
            except psycopg.OperationalError:
                assert time.monotonic() < end and self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)

    def crash(self) -> None:
        """All at once, as when the machine's power button is held; what was committed is in the WAL."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def close(self) -> None:
        self.crash()  # nobody wants what is in it
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        return f"postgresql://yichuang@/{name}?host={quote(str(self.folder), safe='')}"

    def sql(self, text: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(text.encode())

    def database(self) -> str:
        if self._free:
            return self._free.pop()
        url = self.bare_database()
        migrate(url)
        return url

    def bare_database(self) -> str:
        """A new one without any table."""
        self._made += 1
        self.sql(f"CREATE DATABASE hall{self._made}")
        return self.url(f"hall{self._made}")

    def give_back(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY.encode())
        self._free.append(url)


def _exists(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False
