"""`python -m queue_server settings export | import`: a hall's settings out of the database as TOML, and into it.

One process writes. While a server holds the data directory an import goes to it over HTTP, with a token of a manager;
otherwise it writes by itself. Both say the same and refuse the same.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config import Hall, load_hall
from config.writer import hall_toml
from queue_server import settings
from queue_server.asking import CannotChange, add_options, asking, understood
from queue_server.domain.errors import QueueError
from queue_server.store.lock import DataInUse, hold
from queue_server.store.store import DATABASE, Store, look

LONGEST = 160  # characters of a value that are shown


def add_to(commands: Any) -> list[argparse.ArgumentParser]:
    """Adds `settings …`; returns the parsers that need `--data`."""
    several = commands.add_parser("settings", help="a hall's settings, out of the database and into it")
    parts = several.add_subparsers(required=True, metavar="COMMAND")
    export = parts.add_parser("export", help="print them as a hall.toml")
    export.add_argument("--hall", default=None, help="id of the hall; needed only where there are several")
    export.set_defaults(run=_export)
    take = parts.add_parser("import", help="replace them by a file's, all or nothing")
    take.add_argument("file", type=Path, metavar="FILE", help="hall.toml")
    how = take.add_mutually_exclusive_group(required=True)
    how.add_argument("--dry-run", action="store_true", help="print what would change and what is wrong")
    how.add_argument("--apply", action="store_true", help="change them; a server that runs uses them at once")
    add_options(take)
    take.set_defaults(run=_import)
    return [export, take]


def difference(change: Mapping[str, Any], old: str, new: str) -> str:
    """A setting that differs, in words; `old` and `new` say whose values they are."""
    return f"{change['path']}: {old} {_shown(change['old'])}, {new} {_shown(change['new'])}"


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _export(parsed: argparse.Namespace) -> int:
    with look(parsed.data, parsed.database) as reading:  # a server may be running
        halls = reading.hall_ids()
        name = parsed.hall or (halls[0] if len(halls) == 1 else "")
        state = reading.hall(name)
        if state is None:
            raise CannotChange(f"say which hall with --hall; there are: {', '.join(halls) or 'none yet'}")
        sys.stdout.write(hall_toml(settings.stored(name, state.settings)))
    return 0


def _import(parsed: argparse.Namespace) -> int:
    hall = load_hall(parsed.file)
    if parsed.database:  # servers on it may go on: whatever changes it, they hear of it
        _tell(_directly(parsed, hall), dry_run=parsed.dry_run)
        return 0
    if not (parsed.data / DATABASE).exists():
        words = f"{parsed.data}: there is no hall here; `serve --config {parsed.file}` begins with this file"
        raise CannotChange(words)
    try:
        lock = hold(parsed.data)
    except DataInUse:
        told = _over_http(parsed, hall)
    else:
        with lock:
            told = _directly(parsed, hall)
    _tell(told, dry_run=parsed.dry_run)
    return 0


def _directly(parsed: argparse.Namespace, hall: Hall) -> Mapping[str, Any]:
    from queue_server.serve import now

    store = Store(parsed.data, url=parsed.database)
    try:
        done = store.run(
            hall.id,
            lambda tx: settings.change(
                tx, hall.id, lambda old: settings.values_of(hall), now(), settings.COMMAND, dry_run=parsed.dry_run
            ),
        )
    except LookupError:
        raise CannotChange(f"there is no hall {hall.id!r} in {parsed.data}; `serve` adds it") from None
    except QueueError as error:
        raise CannotChange(error.message) from None
    finally:
        store.close()
    return {"version": done.version, "changed": [one.facts() for one in done.changes], "notes": done.notes}


def _over_http(parsed: argparse.Namespace, hall: Hall) -> Mapping[str, Any]:
    path = f"/api/v1/halls/{hall.id}/settings"
    with asking(parsed) as http:
        version = understood(http.get(path))["version"]
        body = {"settings": settings.values_of(hall), "if_version": version, "dry_run": parsed.dry_run}
        return understood(http.put(path, json=body, headers={"Idempotency-Key": secrets.token_hex(16)}))


def _tell(told: Mapping[str, Any], *, dry_run: bool) -> None:
    old, new = ("is", "would be") if dry_run else ("was", "now")
    lines = [difference(change, old, new) for change in told["changed"]]
    lines += [f"note: {note}" for note in told["notes"]]
    if not told["changed"]:
        lines.append("nothing differs")
    elif not dry_run:
        lines.append(f"applied: the settings are at version {told['version']}")
    sys.stdout.write("\n".join(lines) + "\n")
