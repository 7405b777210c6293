"""Keeps printed tickets as files: NNNN.png, NNNN.txt (its printed lines) and NNNN.bin (its bytes)."""

from __future__ import annotations

import io
import logging
from pathlib import Path

from devices.escpos.eye import Ticket

log = logging.getLogger(__name__)


class Folder:
    """Numbers go on after the highest one there. Files appear whole, the picture last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)
        self._last = max((int(one.stem) for one in path.glob("[0-9]*.png") if one.stem.isdigit()), default=0)

    def keep(self, ticket: Ticket) -> None:
        """A disk that is full loses the files, not the printer."""
        self._last += 1
        picture = io.BytesIO()
        ticket.picture.save(picture, "PNG")
        files = {
            ".bin": ticket.data,
            ".txt": "".join(f"{line}\n" for line in ticket.lines).encode(),
            ".png": picture.getvalue(),
        }
        try:
            for ending, data in files.items():
                part = self._path / f".{self._last:04}{ending}"
                part.write_bytes(data)
                part.replace(self._path / f"{self._last:04}{ending}")
        except OSError as error:
            log.error("ticket %d is not kept: %s", self._last, error)
