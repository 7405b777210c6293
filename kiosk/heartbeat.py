"""Tells systemd that the screen is alive: a frozen one falls silent and is started anew (`WatchdogSec=` of its unit).

The beat is a callback of Kivy's clock, so it comes only while frames do. Protocol: sd_notify(3), a datagram with a line
of text. Without systemd nothing is sent.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from typing import Any

from kivy.clock import Clock

log = logging.getLogger(__name__)


class Heartbeat:
    """`environment` is what systemd gave this process: NOTIFY_SOCKET, and WATCHDOG_USEC where a unit asks for beats."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address  # @: in the abstract namespace
        self._patience = int(environment.get("WATCHDOG_USEC", "0")) / 1_000_000
        self._socket: socket.socket | None = None

    def start(self, *_: Any) -> None:
        """The program is ready; it beats twice in the time systemd allows."""
        if not self._address:
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # nothing may wait in the UI thread, not even for systemd
        self._say("READY=1")
        if self._patience:
            Clock.schedule_interval(self._beat, self._patience / 2)

    def stop(self, *_: Any) -> None:
        Clock.unschedule(self._beat)
        if self._socket:
            self._say("STOPPING=1")
            self._socket.close()
            self._socket = None

    def _beat(self, _dt: float) -> None:
        self._say("WATCHDOG=1")

    def _say(self, words: str) -> None:
        try:
            if self._socket:
                self._socket.sendto(words.encode(), self._address)
        except OSError as error:
            log.warning("systemd does not hear: %s", error)
