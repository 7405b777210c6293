"""One process writes: a lock on the data directory that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


class DataInUse(Exception):
    """Another process holds this data directory; str() says what to do."""


def hold(data: Path) -> IO[str]:
    """Locks the directory for as long as the returned file stays open. Raises DataInUse."""
    data.mkdir(parents=True, exist_ok=True)
    # the lock is on a file of its own: SQLite's own locks on its files would be dropped by a close
    file = (data / "serve.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise DataInUse(
            f"{data} is in use by another server (process {holder}); stop it first, or use another --data"
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
