"""The queue server with one route more: a POST that parses JSON and answers JSON, and does nothing else.

It is what every other route is measured against: same process, same gunicorn, same Flask.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import secrets
import sys
from pathlib import Path

from flask import jsonify, request

from config import load_hall
from queue_server import setup
from queue_server.serve import Server, Serving, now, serve
from queue_server.store.lock import hold
from queue_server.store.store import Store


class WithBareRoute(Server):
    def load(self):
        app = super().load()
        app.post("/bare")(lambda: jsonify(request.get_json()))
        return app


def main(config: str, data: str, port: str) -> None:
    hall = load_hall(Path(config))
    lock = hold(Path(data))
    store = Store(Path(data))
    setup.seed(store, hall, now, secrets.token_urlsafe)
    setup.demo_tokens(store, Path(data), now, secrets.token_urlsafe)
    store.close()
    serve(Serving(hall, Path(data), "127.0.0.1", int(port), True), WithBareRoute)
    lock.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
