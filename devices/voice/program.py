"""Runs a helper program: one at a time, with a deadline, killed with all its children when late or stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Sequence

from devices.errors import DeviceOffline, DeviceSilent, SetupError


class Program:
    """`path` is its file or its name on PATH, `package` the Debian package it comes with."""

    def __init__(self, path: str, package: str) -> None:
        self._path, self._package = path, package
        self._turn = threading.Lock()  # one run at a time
        self._running: subprocess.Popen[bytes] | None = None

    def run(self, arguments: Sequence[str], data: bytes, within: float) -> bytes:
        """What it writes when given `data`. `within` seconds, or it is killed: DeviceSilent.

        DeviceOffline, with its last words, if it fails; SetupError, with the line to run, if it is not installed.
        """
        with self._turn, self._start(arguments) as process:
            try:
                out, words = process.communicate(data, within)
            except subprocess.TimeoutExpired:
                _kill(process)
                raise DeviceSilent(f"{self._path} hangs; killed after {within:.1f} s") from None
            finally:
                self._running = None
        if process.returncode:
            said = words.decode("utf-8", "replace").strip().splitlines() or [f"ended with {process.returncode}"]
            raise DeviceOffline(f"{self._path}: {said[-1]}")
        return out

    def stop(self) -> None:
        """Kills it if it runs; the run then raises DeviceOffline. From any thread."""
        process = self._running
        if process is not None:
            _kill(process)

    def _start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        try:
            # a session of its own, so that killing the group takes its children along
            self._running = subprocess.Popen(
                [self._path, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except FileNotFoundError as error:
            line = f"apt-get install --no-install-recommends {self._package}"
            raise SetupError(f"{self._path} is not installed; run: {line}") from error
        except OSError as error:
            raise DeviceOffline(f"{self._path} does not start: {error.strerror}") from error
        return self._running


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The whole group. One that has ended is left alone: its number may be another's by now."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
