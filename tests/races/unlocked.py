"""The queue server as it must not be: nothing makes commands of a hall wait for each other.

`python -m tests.races.unlocked serve …`. Everything is the real program, but on PostgreSQL nobody takes the hall's
advisory lock, and on SQLite tickets and who is next are looked up outside the transaction, as they were when it began.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import functools
import sys
from collections.abc import Collection, Sequence
from typing import Any

from queue_server import __main__ as program
from queue_server import serve
from queue_server.store import store as stores
from queue_server.store.postgres import PostgresWriter
from queue_server.store.queries import Reading
from queue_server.store.writer import Command, Transaction


class Unlocked(PostgresWriter):
    """A writer that locks no hall."""

    def _attempt(self, commands: Sequence[Command], halls: Collection[str]) -> Any:
        return super()._attempt(commands, ())


class UnlockedServer(serve.Server):
    """Only its worker is wrong."""

    def load(self) -> Any:
        if self.serving.database:
            stores.PostgresWriter = Unlocked
        else:
            outside = Reading(stores.open_reader(self.serving.data / stores.DATABASE))
            Transaction.lane_heads = lambda tx, *what: outside.lane_heads(*what)
            Transaction.ticket = lambda tx, *what: outside.ticket(*what)
        return super().load()


if __name__ == "__main__":
    serve.serve = functools.partial(serve.serve, kind=UnlockedServer)
    sys.exit(program.main(sys.argv[1:]))
