"""Lines by their URL, and what becomes of everything that can go wrong with them."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
import serial.rfc2217

from devices import transport
from devices.errors import DeviceOffline, SetupError
from devices.transport import FileLine, Line, open_line

DEVICES = Path(transport.__file__).parent


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    """The far end and the name of the near end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    yield master, name
    for handle in (master, slave):
        with contextlib.suppress(OSError):
            os.close(handle)


@contextlib.contextmanager
def server() -> Iterator[tuple[socket.socket, Line]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = open_line(f"socket://127.0.0.1:{listener.getsockname()[1]}", write_timeout=0.2)
        far, _ = listener.accept()
        with far:
            yield far, line
        line.close()


def test_a_pty_carries_bytes_both_ways(pty: tuple[int, str]) -> None:
    line = open_line(pty[1])
    line.write(b"\x10\x04\x01")
    assert os.read(pty[0], 10) == b"\x10\x04\x01"
    os.write(pty[0], b"\x12\x00\x11\x13\x1a")
    assert line.read(1) == b"\x12\x00\x11\x13\x1a"
    assert line.kind == "serial" and line.unsent == 0
    line.close()


def test_a_symlink_is_as_good_as_the_device(pty: tuple[int, str], tmp_path: Path) -> None:
    (tmp_path / "printer").symlink_to(pty[1])
    line = open_line(str(tmp_path / "printer"))
    line.write(b"A")
    assert os.read(pty[0], 10) == b"A"
    line.close()


def test_silence_takes_as_long_as_one_is_willing_to_wait(pty: tuple[int, str]) -> None:
    line = open_line(pty[1])
    began = time.monotonic()
    assert line.read(0.2) == b""
    assert 0.15 < time.monotonic() - began < 0.6
    os.write(pty[0], b"x")
    began = time.monotonic()
    assert line.read(5) == b"x"
    assert time.monotonic() - began < 0.5
    line.close()


def test_a_second_opener_is_told_that_the_port_is_taken(pty: tuple[int, str]) -> None:
    line = open_line(pty[1])
    with pytest.raises(DeviceOffline, match="another program is using it"):
        open_line(pty[1])
    line.close()
    open_line(pty[1]).close()


def test_a_device_that_hangs_up_is_offline_for_reading_writing_and_asking(pty: tuple[int, str]) -> None:
    line = open_line(pty[1])
    os.close(pty[0])
    with pytest.raises(DeviceOffline):
        line.read(1)
    with pytest.raises(DeviceOffline):
        line.write(b"A")
    with pytest.raises(DeviceOffline):
        _ = line.unsent
    line.close()
    line.close()


def test_a_far_end_that_takes_nothing_does_not_hold_us_forever(pty: tuple[int, str]) -> None:
    line = open_line(pty[1], write_timeout=0.2)
    began = time.monotonic()
    with pytest.raises(DeviceOffline, match="takes no data"):
        line.write(bytes(200_000))
    assert time.monotonic() - began < 2
    line.close()


def test_a_socket_that_takes_nothing_does_not_hold_us_forever() -> None:
    with server() as (far, line):
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises(DeviceOffline, match="takes no data"):
            line.write(bytes(50_000_000))


def test_a_socket_carries_bytes_until_its_peer_goes() -> None:
    with server() as (far, line):
        assert line.kind == "socket" and line.unsent == 0
        line.write(b"abc")
        assert far.recv(10) == b"abc"
        far.sendall(b"12345")
        assert line.read(1) == b"12345"
        far.close()
        with pytest.raises(DeviceOffline):
            line.read(1)


def test_what_is_sent_into_a_loop_comes_back() -> None:
    line = open_line("loop://")
    line.write(b"abc")
    assert line.read(1) == b"abc"
    line.close()


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's
def test_a_serial_port_of_another_machine() -> None:
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener, serial.serial_for_url("loop://", timeout=0.02) as far:
        thread = threading.Thread(target=redirect, args=(listener, far, ended))
        thread.start()
        try:
            line = open_line(f"rfc2217://127.0.0.1:{listener.getsockname()[1]}")
            assert line.kind == "serial" and line.unsent == 0
            line.write(b"A012\xff")
            assert line.read(2)[:1] == b"A"
            line.close()
        finally:
            ended.set()
            thread.join()


def redirect(listener: socket.socket, port: serial.Serial, ended: threading.Event) -> None:
    """pyserial's own RFC 2217 server, for one client."""
    client, _ = listener.accept()
    client.settimeout(0.02)

    class Out:
        def write(self, data: bytes) -> None:
            client.sendall(data)

    manager = serial.rfc2217.PortManager(port, Out())
    with client, contextlib.suppress(ConnectionError):
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                port.write(b"".join(manager.filter(client.recv(1024))))
            if port.in_waiting:
                client.sendall(b"".join(manager.escape(port.read(port.in_waiting))))


def test_a_usb_printer_is_a_plain_character_device(pty: tuple[int, str]) -> None:
    line = FileLine(pty[1], write_timeout=0.2)
    line.write(b"A")
    assert os.read(pty[0], 10) == b"A"
    assert line.read(0.05) == b""
    os.write(pty[0], b"\x12")
    assert line.read(1) == b"\x12"
    with pytest.raises(DeviceOffline, match="takes no data"):
        line.write(bytes(200_000))
    line.close()
    other = open_line("/dev/null")
    assert other.kind == "usb"
    other.close()


@pytest.mark.parametrize("url", ["/dev/no-such-port", "socket://127.0.0.1:1"])
def test_what_is_not_there_is_offline(url: str) -> None:
    with pytest.raises(DeviceOffline, match=r"not plugged in|refused"):
        open_line(url)


@pytest.mark.parametrize("url", ["", "http://printer", "tcp://1.2.3.4:9100", "sim://escpos"])
def test_what_can_never_be_a_device_is_a_mistake_in_the_settings(url: str) -> None:
    with pytest.raises(SetupError, match="write one of /dev"):
        open_line(url)


def test_bad_line_settings_are_named() -> None:
    with pytest.raises(SetupError, match="flow"):
        open_line("loop://", flow="rts")
    with pytest.raises(SetupError, match=re.escape("socket://nowhere")):
        open_line("socket://nowhere")


def test_only_this_module_knows_pyserial() -> None:
    users = [
        file.name for file in DEVICES.rglob("*.py") if re.search(r"^\s*(import|from) serial", file.read_text(), re.M)
    ]
    assert users == ["transport.py"]
