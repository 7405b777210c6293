"""The queue server as it must not be: it answers before it commits. `python -m tests.system.early serve …`.

Everything is the real program, but the writer's COMMIT happens DELAY seconds after it was asked for, when callers have
long been answered; what is asked for meanwhile joins the transaction. Left alone it loses nothing; killed, it does.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import functools
import sqlite3
import sys
from contextlib import suppress
from typing import Any

from gevent.monkey import get_original

from queue_server import __main__ as program
from queue_server import serve

DELAY = 0.15  # seconds
make_lock, start_thread = get_original("_thread", ["allocate_lock", "start_new_thread"])
sleep = get_original("time", "sleep")


class Postponing(sqlite3.Connection):
    """A connection that says "committed" at once, and commits later."""

    def __init__(self, *arguments: Any, **how: Any) -> None:
        super().__init__(*arguments, **how)
        self.turn = make_lock()  # held while the writer's commands run, so that no half of one is committed
        self.owing = False  # a commit that was asked for is still to come

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith("BEGIN IMMEDIATE"):
            self.turn.acquire()
            return super().execute("SELECT 1" if self.in_transaction else sql)
        if sql == "COMMIT":
            if not self.owing:
                self.owing = True
                start_thread(self._commit, ())
            self.turn.release()
            return super().execute("SELECT 1")
        if sql == "ROLLBACK" and self.turn.locked():
            self.turn.release()
        return super().execute(sql, *values)

    def _commit(self) -> None:
        sleep(DELAY)
        with self.turn, suppress(sqlite3.Error):  # closed meanwhile
            self.owing = False
            if self.in_transaction:
                super().execute("COMMIT")

    def close(self) -> None:
        with self.turn, suppress(sqlite3.Error):
            super().execute("COMMIT")
        super().close()


class EarlyServer(serve.Server):
    """Only its worker is wrong: the hall and its tokens are there before."""

    def load(self) -> Any:
        sqlite3.connect = functools.partial(sqlite3.connect, factory=Postponing)
        return super().load()


if __name__ == "__main__":
    serve.serve = functools.partial(serve.serve, kind=EarlyServer)
    sys.exit(program.main(sys.argv[1:]))
