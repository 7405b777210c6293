"""Carries commands to the writer and outcomes back, so that neither an event loop nor a request waits on a disk.

What gathers while one transaction commits is the next one: under load a commit is shared by many. Two pumps, one for
processes patched by gevent, one for plain threads (tests, commands); both tell listeners after the commit and before
the callers are answered.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from gevent import monkey

from queue_server.store.postgres import PostgresWriter
from queue_server.store.writer import Command, Outcome, Writer, Written

logger = logging.getLogger(__name__)

LARGEST_BATCH = 256
Tell = Callable[[list[Written]], None]
OpenWriter = Callable[[], Writer | PostgresWriter]


_Waiting = tuple[Command, str, Any]  # the command, its hall, and where its outcome goes


class Pump(Protocol):
    """Runs a command in some transaction; returns or raises what it did. `stop` finishes what was accepted."""

    def run(self, command: Command, hall: str = "") -> Any: ...

    def stop(self) -> None: ...


class ThreadPump:
    """A thread owns the writer; callers wait on futures."""

    def __init__(self, open_writer: OpenWriter, tell: Tell) -> None:
        self._tell = tell
        self._pending: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._writer = open_writer()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def run(self, command: Command, hall: str = "") -> Any:
        future: Future[Any] = Future()
        self._pending.put((command, hall, future))
        return future.result()

    def stop(self) -> None:
        self._pending.put(None)
        self._thread.join()

    def _work(self) -> None:
        going = True
        while going:
            batch, going = self._gather()
            outcomes = _commit(self._writer, batch, self._tell)
            for (_, _, future), outcome in zip(batch, outcomes, strict=True):
                if outcome.error is not None:
                    future.set_exception(outcome.error)
                else:
                    future.set_result(outcome.value)
        self._writer.close()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        batch = []
        one = self._pending.get()
        while one is not None:
            batch.append(one)
            if len(batch) == LARGEST_BATCH:
                return batch, True
            try:
                one = self._pending.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False


class GeventPump:
    """A greenlet gathers and runs; where a commit blocks, a native thread waits for it. The event loop goes on.

    Statements run here, not in the thread: each would hand the interpreter's lock over and back, which took more than
    the statements themselves.
    """

    def __init__(self, open_writer: OpenWriter, tell: Tell) -> None:
        import gevent.threadpool

        self._tell = tell
        self._pending: list[_Waiting] = []
        self._busy = False
        self._native = gevent.threadpool.ThreadPool(1)
        self._writer: Writer | PostgresWriter = self._native.apply(open_writer)

    def run(self, command: Command, hall: str = "") -> Any:
        import gevent
        from gevent.event import AsyncResult

        result = AsyncResult()
        self._pending.append((command, hall, result))
        if not self._busy:
            self._busy = True
            gevent.spawn(self._work)
        return result.get()

    def stop(self) -> None:
        import gevent

        while self._busy:
            gevent.sleep(0.001)
        self._native.apply(self._writer.close)
        self._native.kill()

    def _work(self) -> None:
        import gevent

        try:
            while self._pending:
                gevent.sleep(0)  # one turn of the loop: requests that are already here join this transaction
                batch, self._pending = self._pending[:LARGEST_BATCH], self._pending[LARGEST_BATCH:]
                outcomes = self._commit(batch)
                for (_, _, result), outcome in zip(batch, outcomes, strict=True):
                    if outcome.error is not None:
                        result.set_exception(
                            outcome.error, (type(outcome.error), outcome.error, outcome.error.__traceback__)
                        )
                    else:
                        result.set(outcome.value)
        finally:
            self._busy = False

    def _commit(self, waiting: Sequence[_Waiting]) -> list[Outcome]:
        if isinstance(self._writer, PostgresWriter):  # waits with the loop, not against it
            return _commit(self._writer, waiting, self._tell)
        batch = self._writer.run([command for command, _, _ in waiting])
        outcomes, written = self._native.apply(self._writer.keep, (batch,))
        tell_safely(self._tell, written)  # here, not in the native thread: listeners' queues belong to this loop
        return outcomes  # type: ignore[no-any-return]


def _commit(writer: Writer | PostgresWriter, waiting: Sequence[_Waiting], tell: Tell) -> list[Outcome]:
    if not waiting:
        return []
    outcomes, written = writer.commit([command for command, _, _ in waiting], {hall for _, hall, _ in waiting})
    tell_safely(tell, written)
    return outcomes


def tell_safely(tell: Tell, written: list[Written]) -> None:
    """Tells listeners; their trouble goes to the log."""
    if not written:
        return
    try:
        tell(written)
    except Exception:
        # it is saved: a listener's trouble must not look like a failed command
        logger.exception("listeners were not told of %s events", len(written))


def pump_for(open_writer: OpenWriter, tell: Tell) -> Pump:
    """The pump that fits this process."""
    return GeventPump(open_writer, tell) if monkey.is_module_patched("threading") else ThreadPump(open_writer, tell)
