"""`python -m queue_server settings export | import`: a hall's settings out of the database as TOML, and into it.

One process writes. While a server holds the data directory an import goes to it over HTTP, with a token of a manager;
otherwise it writes by itself. Both say the same and refuse the same.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from config import Hall, load_hall
from config.writer import hall_toml
from queue_server import settings
from queue_server.domain.errors import QueueError
from queue_server.setup import DEMO_TOKENS
from queue_server.store.lock import DataInUse, hold
from queue_server.store.queries import Reading
from queue_server.store.store import DATABASE, Store, open_reader

TOKEN = "YICHUANG_TOKEN"  # the environment's; a token among the options could be read by everybody on the machine
ANSWER = 30.0  # seconds
LONGEST = 160  # characters of a value that are shown


class CannotChange(Exception):
    """Nothing was changed; str() says why and what to do."""


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
    take.add_argument("--server", default="", metavar="URL", help="of a running server, if not as DIR/serve.url says")
    token = f"a manager's or admin's token: text, or JSON {{role: token}}; or in ${TOKEN}"
    take.add_argument("--token-file", type=Path, metavar="FILE", help=token)
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
    try:
        connection = open_reader(parsed.data / DATABASE)  # a server may be running
    except FileNotFoundError:
        raise CannotChange(f"{parsed.data}: there is no hall here; `serve` makes one of its --config") from None
    try:
        reading = Reading(connection)
        halls = reading.hall_ids()
        name = parsed.hall or (halls[0] if len(halls) == 1 else "")
        state = reading.hall(name)
        if state is None:
            raise CannotChange(f"say which hall with --hall; there are: {', '.join(halls) or 'none yet'}")
        sys.stdout.write(hall_toml(settings.stored(name, state.settings)))
    finally:
        connection.close()
    return 0


def _import(parsed: argparse.Namespace) -> int:
    hall = load_hall(parsed.file)
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

    store = Store(parsed.data)
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
    with httpx.Client(
        base_url=_server(parsed), headers=_authorization(parsed), timeout=ANSWER, trust_env=False
    ) as http:
        try:
            version = _understood(http.get(path))["version"]
            body = {"settings": settings.values_of(hall), "if_version": version, "dry_run": parsed.dry_run}
            return _understood(http.put(path, json=body, headers={"Idempotency-Key": secrets.token_hex(16)}))
        except httpx.HTTPError as error:
            words = f"the server at {http.base_url} does not answer ({error}); say where with --server"
            raise CannotChange(words) from error


def _understood(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        said: dict[str, Any] = answer.json()
    except ValueError:
        raise CannotChange(f"{answer.url} is no queue server; say where it is with --server") from None
    if not answer.is_success:
        raise CannotChange(str(said.get("message", said)))
    return said


def _server(parsed: argparse.Namespace) -> str:
    from queue_server.serve import ADDRESS

    known = parsed.data / ADDRESS
    return str(parsed.server or (known.read_text("utf-8").strip() if known.exists() else "http://127.0.0.1:8080"))


def _authorization(parsed: argparse.Namespace) -> dict[str, str]:
    file, demo = parsed.token_file, parsed.data / DEMO_TOKENS
    text = os.environ.get(TOKEN, "")
    try:
        if file or (not text and demo.exists()):
            text = (file or demo).read_text("utf-8")
    except OSError as error:
        raise CannotChange(f"{file or demo} cannot be read: {error.strerror}") from error
    text = text.strip()
    if text.startswith("{"):
        tokens = json.loads(text)
        text = tokens.get("manager") or tokens.get("admin") or ""
    if not text:
        raise CannotChange(
            f"a server is running there, so the change goes to it and needs a token: --token-file FILE or ${TOKEN} "
            "(`token add manager` makes one while no server runs)"
        )
    return {"Authorization": f"Bearer {text}"}


def _tell(told: Mapping[str, Any], *, dry_run: bool) -> None:
    old, new = ("is", "would be") if dry_run else ("was", "now")
    lines = [difference(change, old, new) for change in told["changed"]]
    lines += [f"note: {note}" for note in told["notes"]]
    if not told["changed"]:
        lines.append("nothing differs")
    elif not dry_run:
        lines.append(f"applied: the settings are at version {told['version']}")
    sys.stdout.write("\n".join(lines) + "\n")
