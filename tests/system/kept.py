"""What a hall's database holds when nobody serves it any more."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests.system.record import COLUMNS, Kept
from tests.system.rig import ROOT

DATABASE = "queue.sqlite3"


def look(data: Path, url: str | None = None) -> Kept:
    """In `data`, or on PostgreSQL at `url`."""
    connection: Any = psycopg.connect(url) if url else sqlite3.connect(data / DATABASE)
    with closing(connection):

        def rows(sql: str) -> list[dict[str, Any]]:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        faults = [_verified("--database", url) if url else _verified("--data", str(data))]
        faults += [] if url else [row["integrity_check"] for row in rows("PRAGMA integrity_check")]
        return Kept(
            rows("SELECT epoch FROM halls")[0]["epoch"],
            [(row["seq"], row["payload"]) for row in rows("SELECT seq, payload FROM events ORDER BY seq")],
            rows(f"SELECT {COLUMNS} FROM tickets"),
            rows("SELECT no, state, ticket FROM windows"),
            "; ".join(fault for fault in faults if fault not in ("", "ok")),
        )


def _verified(*where: str) -> str:
    """What `verify-log` complains of."""
    command = [sys.executable, "-m", "queue_server", "verify-log", *where]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""
