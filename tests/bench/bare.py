"""The queue server with what it is measured against beside it: same process, same gunicorn, same Flask.

`POST /bare` parses JSON and answers JSON, and does nothing else. `GET /bare/events` is the least a server can do for
many listeners: a list of queues, and `POST /bare/tell/SEQ` puts into each the bytes that the hall's own stream had for
this event. `POST /bare/watch` begins to note when commits return, `GET /bare/watched` says it.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import queue
import secrets
import sys
import time
from pathlib import Path

from flask import Response, jsonify, request

from config import load_hall
from queue_server import setup
from queue_server.hub import FIRST_FRAME, frame
from queue_server.serve import Server, Serving, now, serve
from queue_server.store.lock import hold
from queue_server.store.store import Store


class Broadcast:
    """Queues, and nothing else."""

    def __init__(self):
        self.queues = []

    def stream(self):
        mine = queue.SimpleQueue()
        self.queues.append(mine)
        try:
            yield FIRST_FRAME
            while True:
                yield mine.get()
        finally:
            self.queues.remove(mine)

    def tell(self, data):
        for one in self.queues:
            one.put(data)


class Watch:
    """When each event was committed (or told, on the bare side): CLOCK_MONOTONIC in ns, by seq."""

    def __init__(self, writer):
        self.events, self.moments = {}, {}
        self._keep, writer.keep = writer.keep, self._noted

    def _noted(self, batch):
        outcomes, written = self._keep(batch)
        at = time.monotonic_ns()  # in the writer's thread: COMMIT has just returned
        for event in written:
            self.moments[event.seq], self.events[event.seq] = at, event
        return outcomes, written


class WithBareRoutes(Server):
    def load(self):
        app = super().load()
        app.post("/bare")(lambda: jsonify(request.get_json()))
        self.broadcast, self.watch = Broadcast(), None
        app.get("/bare/events")(self._events)
        app.post("/bare/tell/<int:seq>")(self._tell)
        app.post("/bare/watch")(self._watch)
        app.get("/bare/watched")(self._watched)
        return app

    def _events(self):
        return Response(self.broadcast.stream(), mimetype="text/event-stream")

    def _tell(self, seq):
        data = frame(seq, self.watch.events[seq].facts)
        self.watch.moments[seq] = time.monotonic_ns()
        self.broadcast.tell(data)
        return "", 204

    def _watch(self):
        self.watch = self.watch or Watch(self.parts.service.store._pump._writer)
        self.watch.moments.clear()
        return "", 204

    def _watched(self):
        listeners = len(self.parts.hub) + len(self.broadcast.queues)
        return {"moments": self.watch.moments, "listeners": listeners}


def main(config: str, data: str, port: str) -> None:
    hall = load_hall(Path(config))
    lock = hold(Path(data))
    store = Store(Path(data))
    setup.seed(store, hall, now, secrets.token_urlsafe)
    setup.demo_tokens(store, Path(data), now, secrets.token_urlsafe)
    store.close()
    serve(Serving(hall, Path(data), "127.0.0.1", int(port), True), WithBareRoutes)
    lock.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
