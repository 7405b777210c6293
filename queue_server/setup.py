"""Makes a data directory ready to serve a hall: its row, its settings, the demo's tokens."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from config import Hall
from queue_server.access import Role, known_token, new_token
from queue_server.domain import calendar
from queue_server.domain.events import FIRST_HASH, NOBODY, Event
from queue_server.settings import Change, differences, stored, values_of
from queue_server.store.queries import HallState
from queue_server.store.schema import EPOCH
from queue_server.store.store import Store
from queue_server.store.writer import Transaction

DEMO_TOKENS = "demo-tokens.json"
SESSION_KEY = "session-key"
KEY_BYTES = 32


def seed(store: Store, hall: Hall, clock: Callable[[], datetime], rng: Callable[[int], str]) -> list[Change]:
    """Adds the hall with these settings. One that is there keeps its own: what differs is returned, from the database
    (`old`) to the file (`new`). Raises SettingsBroken.
    """

    def command(tx: Transaction) -> list[Change]:
        now = clock()
        if tx.hall(hall.id) is not None:
            ours = stored(hall.id, tx.state(hall.id).settings)
            return differences(values_of(ours), values_of(hall))
        day = calendar.business_day(hall, now)
        tx.add_hall(HallState(hall.id, rng(12), hall.model_dump_json(), 0, FIRST_HASH, 0, EPOCH, day))
        tx.append(hall.id, Event("hall.created", now, NOBODY))
        return []

    return store.run(hall.id, command)


def demo_tokens(store: Store, data: Path, clock: Callable[[], datetime], rng: Callable[[int], str]) -> None:
    """A token for every role, in a file beside the database; those that are there are kept."""
    file = data / DEMO_TOKENS
    known: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    secrets = {role.value: known.get(role.value) or new_token(role, "demo", rng)[0] for role in Role}
    tokens = [known_token(secret, Role(role), "demo", demo=True) for role, secret in secrets.items()]

    def command(tx: Transaction) -> None:
        for token in tokens:
            tx.add_token(token, clock())

    store.run("", command)
    if secrets != known:
        _write_private(file, json.dumps(secrets, indent=1))


def session_key(data: Path, rng: Callable[[int], str], store: Store | None = None) -> bytes:
    """What signs sessions; made at the first start. Without the file everybody signs in again.

    Processes that share a database find it there: a browser may ask any of them.
    """
    if store is not None and store.shared:
        return store.run("", lambda tx: tx.server_key(SESSION_KEY, rng(KEY_BYTES))).encode()
    file = data / SESSION_KEY
    if not file.exists():
        _write_private(file, rng(KEY_BYTES))
    return file.read_bytes()


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, readable by this user only."""
    partial = file.with_name(file.name + ".new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
