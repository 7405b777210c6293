"""`python -m queue_server serve | estimate | settings … | guides … | simulate-day | token add | verify-log`."""

from __future__ import annotations

import sys

if sys.argv[1:2] == ["serve"]:
    # before anything else is imported: locks, queues and sockets made earlier would block the whole server
    from gevent import monkey

    monkey.patch_all()

import argparse
import secrets
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from config import ConfigError, load_hall
from queue_server import settings_command
from queue_server.access import Role, new_token
from queue_server.asking import CannotChange
from queue_server.estimate import process as estimate_command
from queue_server.guides import command as guides_command
from queue_server.settings import SettingsBroken
from queue_server.simulate import command as simulate_command
from queue_server.simulate.command import CannotSimulate
from queue_server.store import guides as stored_guides
from queue_server.store.lock import DataInUse, hold
from queue_server.store.log import verify
from queue_server.store.store import NoDatabase, Store, look

WRONG = 2  # exit code for a mistake the caller can mend


def main(arguments: list[str]) -> int:
    """Runs one command; returns its exit code."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    stored = "data" in parsed and getattr(parsed, "log", True)  # does the command work on a data directory?
    if stored and parsed.data is None and (parsed.run is _serve or parsed.database is None):
        parser.error("--data DIR is needed")
    if stored and not (parsed.database or "postgresql://").startswith(("postgresql://", "postgres://")):
        parser.error("--database is a URL: postgresql://user@host/name; SQLite needs only --data")
    try:
        return int(parsed.run(parsed))
    except (ConfigError, DataInUse, NoDatabase, SettingsBroken, CannotChange, CannotSimulate) as error:
        print(error, file=sys.stderr)
        return WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="queue_server", description="The queue of a service hall.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve a hall")
    serve.add_argument("--config", type=Path, required=True, metavar="FILE", help="hall.toml")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=int, default=8080, help="port; 0: any free one (%(default)s)")
    serve.add_argument("--demo", action="store_true", help="hours not enforced; tokens in DIR/demo-tokens.json")
    serve.add_argument("--no-estimate", action="store_true", help="do not start the process that estimates waits")
    serve.set_defaults(run=_serve)
    token = commands.add_parser("token", help="tokens of people and machines")
    add = token.add_subparsers(required=True, metavar="COMMAND").add_parser("add", help="make one and print it once")
    add.add_argument("role", choices=[role.value for role in Role])
    add.add_argument("--name", default="", help="whose it is, for the list of tokens")
    add.add_argument("--hall", default=None, help="good for this hall only")
    add.set_defaults(run=_add_token)
    check = commands.add_parser("verify-log", help="is the event log whole and unchanged?")
    check.set_defaults(run=_verify_log)
    of_rooms = (
        *settings_command.add_to(commands),
        *guides_command.add_to(commands),
        simulate_command.add_to(commands),
        estimate_command.add_to(commands),
    )
    for command in (serve, add, check, *of_rooms):
        command.add_argument("--data", type=Path, metavar="DIR", help="data directory, with the database unless")
        command.add_argument("--database", metavar="URL", help="postgresql://… names it (what libpq understands)")
    return parser


def _serve(parsed: argparse.Namespace) -> int:
    from queue_server import serve, setup

    hall = load_hall(parsed.config)
    with _alone(parsed):
        store = Store(parsed.data, url=parsed.database)
        differing = setup.seed(store, hall, serve.now, secrets.token_urlsafe)
        for change in differing:
            told = settings_command.difference(change.facts(), "the database", parsed.config.name)
            print(f"settings differ: {told}", file=sys.stderr)
        if differing:
            where = f"--data {parsed.data}" + (f" --database {parsed.database}" if parsed.database else "")
            apply = f"python -m queue_server settings import {parsed.config} --apply {where}"
            print(f"the database's settings are in use; to use the file's instead: {apply}", file=sys.stderr)
        if parsed.demo:
            setup.demo_tokens(store, parsed.data, serve.now, secrets.token_urlsafe)
        _seed_guides(store, parsed.config.parent / "guides")
        store.close()  # the worker opens its own: no connection may cross a fork
        serving = serve.Serving(
            hall, parsed.data, parsed.host, parsed.port, parsed.demo, parsed.database, not parsed.no_estimate
        )
        serve.serve(serving)
    return 0


def _seed_guides(store: Store, folder: Path) -> None:
    """The catalogue that lies beside hall.toml, into a database that has none; its faults do not keep the queue."""
    from queue_server import serve
    from queue_server.guides import importing
    from queue_server.guides.catalogue import Catalogue

    if not folder.is_dir():
        return
    try:
        report = importing.seed(store, Catalogue(serve.now), folder)
    except ConfigError as error:
        print(f"no guides were imported:\n{error}", file=sys.stderr)
        return
    if report is not None and report.faults:
        words = f"no guides were imported, {len(report.faults)} faults: python -m queue_server guides check {folder}"
        print(words, file=sys.stderr)


def _alone(parsed: argparse.Namespace) -> AbstractContextManager[object]:
    """On SQLite one process writes. Raises DataInUse."""
    return nullcontext() if parsed.database else hold(parsed.data)


def _add_token(parsed: argparse.Namespace) -> int:
    from queue_server.serve import now

    with _alone(parsed):
        store = Store(parsed.data, url=parsed.database)
        secret, token = new_token(Role(parsed.role), parsed.name, secrets.token_urlsafe, hall=parsed.hall)
        store.run("", lambda tx: tx.add_token(token, now()))
        store.close()
    print(secret)
    return 0


def _verify_log(parsed: argparse.Namespace) -> int:
    faults = 0
    with look(parsed.data, parsed.database) as reading:
        for hall in reading.hall_ids():
            found = verify(reading, hall)
            faults += bool(found.fault)
            print(f"{hall}: {found.fault or f'{found.events} events, whole and unchanged'}")
        guides = stored_guides.verify(reading)
        faults += bool(guides.fault)
        print(f"guides: {guides.fault or f'{guides.events} changes, whole and unchanged'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
