"""Opens the line to a device by its URL; the only place that knows pyserial.

    /dev/serial/by-id/…       a serial port or a pty, or a symlink to one       kind "serial"
    /dev/usb/lp0              a USB printer (usblp): bytes, no line settings     kind "usb"
    socket://host:port        a TCP connection                                  kind "socket"
    rfc2217://host:port       a serial port of another machine                  kind "serial"
    loop://                   what is sent comes back                           kind "serial"
    sim://model?switch=value  a simulator inside this process (registry.py)     kind "serial"

Whatever pyserial, the system or termios raise becomes DeviceOffline here. pyserial raises three unrelated families
when a port goes: SerialException from read and write, plain OSError from in_waiting, termios.error from settings.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import select
import stat
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import serial

from devices.errors import DeviceOffline, SetupError

Kind = Literal["serial", "usb", "socket"]
TICK = 0.05  # seconds a single system call may wait; setting pyserial's timeout anew would reconfigure the port
PIECE = 512  # bytes per write: write_timeout then means a stuck line, not a long job (0.5 s at 9600 baud)
REASONS: dict[object, str] = {
    errno.ENOENT: "it is not plugged in",
    errno.ENODEV: "it is not plugged in",
    errno.EIO: "it was unplugged",
    errno.EACCES: "no permission; add this user to the group dialout or lp",
    errno.EAGAIN: "another program is using it",
    errno.EBUSY: "another program is using it",
}
FLOW: dict[str, dict[str, bool]] = {"none": {}, "rtscts": {"rtscts": True}, "xonxoff": {"xonxoff": True}}


class Line(Protocol):
    """A line to a device. Every call raises DeviceOffline when the line is gone."""

    kind: Kind

    def write(self, data: bytes) -> None:
        """Hands over all of it; DeviceOffline when the far end takes nothing for some seconds."""

    def read(self, wait: float) -> bytes:
        """What is there; waits at most `wait` seconds for the first byte. b"" means silence."""

    @property
    def unsent(self) -> int:
        """Bytes the system holds and has not sent yet; 0 where it cannot tell."""

    def close(self) -> None:
        """Never raises."""


@contextlib.contextmanager
def _border(what: str) -> Iterator[None]:
    try:
        yield
    except (serial.SerialException, OSError, termios.error, queue.Full) as error:  # Full: loop://
        number = getattr(error, "errno", None)
        raise DeviceOffline(f"{what}: {REASONS.get(number, str(error) or 'full')}") from error


class SerialLine:
    """A pyserial port, whatever it stands for."""

    def __init__(self, port: serial.Serial, kind: Kind, clock: Callable[[], float] = time.monotonic) -> None:
        self.kind, self._port, self._clock = kind, port, clock

    def write(self, data: bytes) -> None:
        with _border("the line takes no data"):
            for start in range(0, len(data), PIECE):
                self._port.write(data[start : start + PIECE])

    def read(self, wait: float) -> bytes:
        until = self._clock() + wait
        with _border("the line is gone"):
            while not (data := self._port.read(1)):
                if self._clock() >= until:
                    return b""
            while waiting := self._port.in_waiting:
                data += self._port.read(waiting)
            return bytes(data)

    @property
    def unsent(self) -> int:
        with _border("the line is gone"):
            # sockets and RFC 2217 ports cannot tell
            return int(getattr(self._port, "out_waiting", 0))

    def close(self) -> None:
        # pyserial forgets to close a socket whose peer went first
        held = getattr(self._port, "_socket", None)
        with contextlib.suppress(serial.SerialException, OSError, termios.error):
            self._port.close()
        if held is not None:
            held.close()


class FileLine:
    """A character device without line settings, as usblp gives for USB printers."""

    kind: Kind = "usb"
    unsent = 0

    def __init__(self, path: str, write_timeout: float) -> None:
        self._limit = write_timeout
        with _border(f"cannot open {path}"):
            self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        with _border("the line takes no data"):
            while rest:
                _, ready, _ = select.select([], [self._handle], [], self._limit)
                if not ready:
                    raise TimeoutError("write timeout")
                with contextlib.suppress(BlockingIOError):
                    rest = rest[os.write(self._handle, rest[:PIECE]) :]

    def read(self, wait: float) -> bytes:
        with _border("the line is gone"):
            ready, _, _ = select.select([self._handle], [], [], wait)
            if not ready:
                return b""
            with contextlib.suppress(BlockingIOError):
                # usblp says readable and gives nothing when the printer has nothing to say
                if data := os.read(self._handle, 4096):
                    return data
            time.sleep(min(wait, TICK))
            return b""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._handle)


def check_url(url: str) -> None:
    """SetupError if this can never be the address of a device."""
    scheme = _scheme(url)
    if scheme not in KINDS or ("/" not in url if not scheme else scheme in HOSTS and not _has_port(url)):
        raise SetupError(f'"{url}" is no address of a device; write one of {", ".join(FORMS)}')


def open_line(url: str, *, baudrate: int = 115200, flow: str = "none", write_timeout: float = 5.0) -> Line:
    """The line to `url`. DeviceOffline if it cannot be opened now, SetupError if it never can be.

    `baudrate` and `flow` ("none", "rtscts", "xonxoff") mean nothing to sockets, USB and ptys; write_timeout in seconds.
    """
    check_url(url)
    if flow not in FLOW:
        raise SetupError(f'flow = "{flow}" is unknown; write one of {", ".join(FLOW)}')
    scheme = _scheme(url)
    if scheme == "" and _is_plain_device(url):
        return FileLine(url, write_timeout)
    settings: dict[str, Any] = {"baudrate": baudrate, "timeout": TICK, **FLOW[flow]}
    if scheme != "rfc2217":  # pyserial's RFC 2217 client raises NotImplementedError for it
        settings["write_timeout"] = write_timeout
    if scheme == "":
        settings["exclusive"] = True
    with _border(f"cannot open {url}"):
        try:
            return SerialLine(serial.serial_for_url(url, **settings), KINDS[scheme])
        except ValueError as error:  # pyserial's word for an address or a speed it cannot read
            raise SetupError(f'"{url}": {error}') from error


def _has_port(url: str) -> bool:
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    return False


def _scheme(url: str) -> str:
    return url.partition("://")[0] if "://" in url else ""


KINDS: dict[str, Kind] = {"": "serial", "socket": "socket", "rfc2217": "serial", "loop": "serial"}
HOSTS = ("socket", "rfc2217")
FORMS = ("/dev/…", "socket://host:port", "rfc2217://host:port", "loop://", "sim://model")


def _is_plain_device(path: str) -> bool:
    """Whether the path is a character device that is not a terminal."""
    with contextlib.suppress(OSError):
        if stat.S_ISCHR(Path(path).stat().st_mode):
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                return not os.isatty(handle)
            finally:
                os.close(handle)
    return False
