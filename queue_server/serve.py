"""The server process: gunicorn with one gevent worker, which owns the store and holds every stream.

On SQLite one process writes (the lock is taken before this is called); on PostgreSQL any number of servers may share a
database. The master only watches. A killed master takes its worker
with it, so that the lock never outlives the server. SIGTERM ends streams first, then waits for requests in progress.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import resource
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.app.base import BaseApplication
from gunicorn.workers.ggevent import GeventWorker

from config import Hall
from queue_server.access import access_to
from queue_server.api.gate import Parts
from queue_server.api.views import Views
from queue_server.app import create_app
from queue_server.books import Books
from queue_server.estimate.keeper import Keeper
from queue_server.estimate.posted import Posted
from queue_server.guides.catalogue import Catalogue
from queue_server.guides.finding import Finder
from queue_server.hub import Hub
from queue_server.service import QueueService
from queue_server.sessions import Sessions
from queue_server.setup import session_key
from queue_server.store.store import Store

WORKER_CONNECTIONS = 4000  # at the default 1000, 1,000 listeners leave the API unanswered
OPEN_FILES = 8192
DAYS_EVERY = 30.0  # seconds between two looks whether a business day is over
GRACE = 1.0  # seconds for requests in progress after SIGTERM
COLLECT_AFTER = (10_000, 20, 20)  # objects: a request's own are gone by then and need no look
PR_SET_PDEATHSIG = 1
ADDRESS = "serve.url"


logger = logging.getLogger(__name__)


def now() -> datetime:
    return datetime.now(UTC)


def remember_address(data: Path, url: str) -> None:
    """Where commands of this machine reach the server while it holds its data directory."""
    (data / ADDRESS).write_text(url, "utf-8")


def keep_days(close_days: Callable[[], object], sleep: Callable[[float], object]) -> None:
    """Closes the days that are over, at once and then again and again: at night nobody sends a command."""
    while True:
        try:
            close_days()
        except Exception:  # a full disk or a database that went: whatever it was, the next look may find it mended
            logger.exception("no day was closed; trying again in %.0f s", DAYS_EVERY)
        sleep(DAYS_EVERY)


@dataclass(frozen=True)
class Serving:
    """What to serve, and where: `host` and `port` as given (port 0: any free one)."""

    hall: Hall
    data: Path
    host: str
    port: int
    demo: bool
    database: str | None = None  # PostgreSQL's URL; None: SQLite in `data`
    estimate: bool = True  # start the process that estimates waits

    def parts(self, server_url: str) -> Parts:
        """The store, opened for writing, and what works with it."""
        hub = Hub()
        halls = Books(hub.tell)
        store = Store(self.data, halls.tell, url=self.database)
        halls.open(store, self.hall.id)
        access = access_to(store, demo=self.demo)
        posted = Posted(self.data)
        service = QueueService(halls, store, now, secrets.token_urlsafe, enforce_hours=not self.demo, posted=posted)
        sessions = Sessions(
            session_key(self.data, secrets.token_urlsafe, store), access, halls, now, secrets.token_urlsafe
        )
        guides = Catalogue(now)
        with store.read() as reading:
            guides.all_versions(reading)  # 5,000 take seconds to read: not while somebody waits for a ticket
        return Parts(service, hub, access, Views(service, server_url), sessions, guides, Finder(self.data, now))


def reachable_url(host: str, port: int) -> str:
    """The address other machines reach this server at."""
    if host in ("0.0.0.0", "::", ""):
        host = _own_address()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _own_address() -> str:
    """The address of the interface that leads out; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 9))
        except OSError:
            return socket.gethostname()  # no network yet
        return str(probe.getsockname()[0])


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's gevent worker, with a shutdown that ends streams and takes no longer than it must."""

    def init_process(self) -> None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.ppid:  # the master was gone before the line above
            sys.exit(0)
        self.requests = 0
        self.told = Event()
        super().init_process()

    def run(self) -> None:
        servers = []
        for listener in self.sockets:
            listener.setblocking(1)
            handle = partial(self.handle, listener)
            servers.append(StreamServer(listener, handle=handle, spawn=Pool(self.worker_connections)))
        parts = self.app.parts
        serving = self.app.serving
        keepers = [gevent.spawn(keep_days, parts.service.close_days, gevent.sleep)]
        estimate = Keeper(serving.data, serving.database, gevent.sleep)
        if serving.estimate:
            keepers.append(gevent.spawn(estimate.keep))
        gc.collect()
        gc.freeze()  # what there is now stays: a full collection that passes over it stops every request
        gc.set_threshold(*COLLECT_AFTER)
        for server in servers:
            server.start()
        remember_address(serving.data, self.app.url)
        if self.age == 1:  # a worker that replaces another one has been announced already
            print(f"ready {self.app.url}", flush=True)  # noqa: T201 - the line other programs wait for
        while self.alive:
            self.notify()
            self.told.wait(1.0)
        for server in servers:
            server.close()
        gevent.killall(keepers)
        estimate.end()
        parts.hub.close()
        with gevent.Timeout(GRACE, False):
            while self.requests:
                gevent.sleep(0.01)
        for server in servers:
            server.stop(timeout=0)
        parts.service.store.close()

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        self.requests += 1
        try:
            super().handle_request(listener_name, req, sock, addr)
        finally:
            self.requests -= 1

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if not isinstance(exc, gevent.GreenletExit):  # that is an idle connection, ended by `run`
            super().handle_error(req, client, addr, exc)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        self.told.set()


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, set up from code."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.parts: Parts | None = None
        self.url = ""
        super().__init__()

    def load_config(self) -> None:
        host = self.serving.host
        settings = {
            "bind": f"[{host}]:{self.serving.port}" if ":" in host else f"{host}:{self.serving.port}",
            "workers": 1,
            "worker_class": Worker,
            "worker_connections": WORKER_CONNECTIONS,
            "graceful_timeout": 1,
            "keepalive": 30,
            "backlog": 2048,
            "proc_name": "yichuang",
            "loglevel": "warning",
            "accesslog": None,  # addresses hold tickets' secrets
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """In the worker: opens the store and makes the application."""
        port = self.serving.port or self._bound_port()
        self.url = f"http://{self.serving.host}:{port}"
        self.parts = self.serving.parts(reachable_url(self.serving.host, port))
        return create_app(self.parts)

    def _bound_port(self) -> int:
        return int(os.environ["YICHUANG_PORT"])


def _remember_port(server: Any) -> None:
    os.environ["YICHUANG_PORT"] = str(server.LISTENERS[0].sock.getsockname()[1])


def serve(serving: Serving, kind: type[Server] = Server) -> None:
    """Serves until told to stop; `kind` may add to what is served."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    server = kind(serving)
    server.cfg.set("when_ready", _remember_port)
    server.run()
