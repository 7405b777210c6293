"""Runs a simulator as a process of its own: on a pty or a TCP port, its switches turned over a Unix socket.

A client may close and come back as often as it likes. `unplug` hangs up on it, `plug` returns on the same name.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from devices.errors import SetupError
from devices.simulation import Simulator

log = logging.getLogger(__name__)

TURN = 0.02  # seconds between two looks for a late answer
READ = 65536


class End(Protocol):
    """Where clients reach the simulator."""

    @property
    def where(self) -> str: ...

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def handles(self) -> list[int]:
        """File descriptors worth waiting for."""

    def read(self) -> bytes:
        """What the client sent; b"" if nothing."""

    def write(self, data: bytes) -> None:
        """To the client; dropped when there is none, as on a real line."""


class PtyEnd:
    """A pty whose slave is found under a symlink. The slave stays open here, so that a client may come and go."""

    def __init__(self, link: Path) -> None:
        self.where = str(link)
        self._link, self._handles = link, (-1, -1)

    def plug(self) -> None:
        if self._handles[0] >= 0:
            return
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._handles = master, slave
        fresh = self._link.with_name(f".{self._link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(slave))
        fresh.replace(self._link)

    def unplug(self) -> None:
        if self._handles[0] < 0:
            return
        with contextlib.suppress(OSError):
            if self._link.readlink() == Path(os.ttyname(self._handles[1])):
                self._link.unlink()
        for handle in self._handles:
            os.close(handle)
        self._handles = -1, -1

    def handles(self) -> list[int]:
        return [self._handles[0]] if self._handles[0] >= 0 else []

    def read(self) -> bytes:
        with contextlib.suppress(OSError):  # nothing there, or unplugged
            return os.read(self._handles[0], READ)
        return b""

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # a full buffer means that nobody reads
            os.write(self._handles[0], data)


class TcpEnd:
    """A TCP port that serves one client at a time, as printers do; the next one waits."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._address = host, port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    @property
    def where(self) -> str:
        return "{}:{}".format(*self._address)

    def plug(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(self._address, backlog=8)
            self._listener.setblocking(False)
            self._address = self._listener.getsockname()[:2]  # port 0 became a real one; it stays the same

    def unplug(self) -> None:
        for one in (self._client, self._listener):
            if one is not None:
                one.close()
        self._client = self._listener = None

    def handles(self) -> list[int]:
        waiting = self._client or self._listener
        return [waiting.fileno()] if waiting is not None else []

    def read(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            if self._client is None and self._listener is not None:
                self._client, _ = self._listener.accept()
                self._client.setblocking(False)
        if self._client is None:
            return b""
        try:
            data = self._client.recv(READ)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._client.close()
            self._client = None
        return data

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            if self._client is not None:
                self._client.sendall(data)


class Bench:
    """A simulator on an end, with a control socket where one is asked for. `run` until `stop`."""

    def __init__(self, simulator: Simulator, end: End, control: Path | None = None) -> None:
        self._simulator, self._end, self._path = simulator, end, control
        self._selector = selectors.DefaultSelector()
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_in, False)  # a signal handler writes to it
        self._control: socket.socket | None = None
        self._orders: dict[socket.socket, bytes] = {}
        self._watched: set[int] = set()

    def open(self) -> str:
        """Plugs in; returns where clients find it. OSError if the place is taken."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._control = socket.socket(socket.AF_UNIX)
            self._control.bind(str(self._path))
            self._control.listen()
            self._selector.register(self._control, selectors.EVENT_READ, self._greet)
        self._selector.register(self._wake_out, selectors.EVENT_READ, None)
        self._end.plug()
        return self._end.where

    @property
    def wake(self) -> int:
        """A descriptor that ends `run` when written to: signal.set_wakeup_fd takes it."""
        return self._wake_in

    def stop(self) -> None:
        """Ends `run`, from any thread."""
        os.write(self._wake_in, b"\0")

    def run(self) -> None:
        """Serves until `stop`; then everything it made is gone."""
        try:
            while True:
                self._watch()
                for key, _ in self._selector.select(TURN):
                    if key.fd == self._wake_out:
                        return
                    if key.data is not None:
                        key.data()
                self._pass(self._end.read())
        finally:
            self._close()

    def tell(self, order: str) -> str:
        """One order and its answer, "ok …" or "error …"."""
        plugs: dict[str, Callable[[], None]] = {"plug": self._end.plug, "unplug": self._end.unplug}
        try:
            if order in plugs:
                plugs[order]()
                return f"ok {order}ged"
            return f"ok {self._simulator.tell(order)}, {'plugged' if self._end.handles() else 'unplugged'}"
        except SetupError as error:
            return f"error {error}"
        except OSError as error:
            return f"error cannot {order}: {error}"

    def _pass(self, data: bytes) -> None:
        try:
            answer = self._simulator.receive(data)
        except Exception:
            log.exception("the simulator failed on %d bytes", len(data))
            return
        if answer:
            self._end.write(answer)

    def _watch(self) -> None:
        """The end's descriptors change when clients come and go and when it is unplugged."""
        now = set(self._end.handles())
        for handle in self._watched - now:
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(handle)
        for handle in now:
            # a number may have been closed and given out again since: epoll then forgot it
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(handle)
            self._selector.register(handle, selectors.EVENT_READ, None)
        self._watched = now

    def _greet(self) -> None:
        assert self._control is not None
        client, _ = self._control.accept()
        self._orders[client] = b""
        self._selector.register(client, selectors.EVENT_READ, lambda: self._listen(client))

    def _listen(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if data := client.recv(4096):
                *lines, self._orders[client] = (self._orders[client] + data).split(b"\n")
                for line in lines:
                    client.sendall(self.tell(line.decode("utf-8", "replace").strip()).encode() + b"\n")
                return
        self._selector.unregister(client)
        client.close()
        del self._orders[client]

    def _close(self) -> None:
        self._end.unplug()
        for client in self._orders:
            client.close()
        if self._control is not None:
            self._control.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._selector.close()
        os.close(self._wake_out)
        os.close(self._wake_in)
