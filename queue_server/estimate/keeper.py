"""Keeps the estimate running beside a server: starts it, starts it again when it died, ends it with the server."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

FIRST, LONGEST = 1.0, 60.0  # seconds before it is started again, twice as long each time
WELL = 60.0  # seconds: who ran so long did not die at once
logger = logging.getLogger(__name__)


class Keeper:
    """`sleep` waits without holding anybody up."""

    def __init__(self, data: Path, database: str | None, sleep: Callable[[float], object]) -> None:
        where = ["--database", database] if database else []
        program = [sys.executable, "-m", "queue_server", "estimate", "--parent", str(os.getpid())]
        self._command = [*program, "--data", str(data), *where]
        self._sleep = sleep
        self._running: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Never returns."""
        pause = FIRST
        while True:
            begin = time.monotonic()
            try:
                self._running = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
                code = self._running.wait()
                logger.warning("the estimate ended with %s; starting it again in %.0f s", code, pause)
            except OSError as error:
                logger.warning("the estimate cannot be started: %s", error)
            pause = FIRST if time.monotonic() - begin > WELL else pause
            self._sleep(pause)
            pause = min(LONGEST, 2 * pause)

    def end(self) -> None:
        """At once: it holds nothing that must be finished."""
        if self._running is not None and self._running.poll() is None:
            self._running.kill()
