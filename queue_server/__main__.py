"""`python -m queue_server serve | settings export | settings import | token add | verify-log`."""

from __future__ import annotations

import sys

if sys.argv[1:2] == ["serve"]:
    # before anything else is imported: locks, queues and sockets made earlier would block the whole server
    from gevent import monkey

    monkey.patch_all()

import argparse
import secrets
from pathlib import Path

from config import ConfigError, load_hall
from queue_server import settings_command
from queue_server.access import Role, new_token
from queue_server.settings import SettingsBroken
from queue_server.store.lock import DataInUse, hold
from queue_server.store.log import verify
from queue_server.store.queries import Reading
from queue_server.store.store import DATABASE, Store, open_reader

WRONG = 2  # exit code for a mistake the caller can mend


def main(arguments: list[str]) -> int:
    """Runs one command; returns its exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (ConfigError, DataInUse, SettingsBroken, settings_command.CannotChange) as error:
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
    serve.set_defaults(run=_serve)
    token = commands.add_parser("token", help="tokens of people and machines")
    add = token.add_subparsers(required=True, metavar="COMMAND").add_parser("add", help="make one and print it once")
    add.add_argument("role", choices=[role.value for role in Role])
    add.add_argument("--name", default="", help="whose it is, for the list of tokens")
    add.add_argument("--hall", default=None, help="good for this hall only")
    add.set_defaults(run=_add_token)
    check = commands.add_parser("verify-log", help="is the event log whole and unchanged?")
    check.set_defaults(run=_verify_log)
    for command in (serve, add, check, *settings_command.add_to(commands)):
        command.add_argument("--data", type=Path, required=True, metavar="DIR", help="data directory")
    return parser


def _serve(parsed: argparse.Namespace) -> int:
    from queue_server import serve, setup

    hall = load_hall(parsed.config)
    lock = hold(parsed.data)
    store = Store(parsed.data)
    differing = setup.seed(store, hall, serve.now, secrets.token_urlsafe)
    for change in differing:
        told = settings_command.difference(change.facts(), "the database", parsed.config.name)
        print(f"settings differ: {told}", file=sys.stderr)
    if differing:
        apply = f"python -m queue_server settings import {parsed.config} --apply --data {parsed.data}"
        print(f"the database's settings are in use; to use the file's instead: {apply}", file=sys.stderr)
    if parsed.demo:
        setup.demo_tokens(store, parsed.data, serve.now, secrets.token_urlsafe)
    store.close()  # the worker opens its own: no connection may cross a fork
    serve.serve(serve.Serving(hall, parsed.data, parsed.host, parsed.port, parsed.demo))
    lock.close()
    return 0


def _add_token(parsed: argparse.Namespace) -> int:
    from queue_server.serve import now

    lock = hold(parsed.data)  # one process writes
    store = Store(parsed.data)
    secret, token = new_token(Role(parsed.role), parsed.name, secrets.token_urlsafe, hall=parsed.hall)
    store.run("", lambda tx: tx.add_token(token, now()))
    store.close()
    lock.close()
    print(secret)
    return 0


def _verify_log(parsed: argparse.Namespace) -> int:
    try:
        connection = open_reader(parsed.data / DATABASE)  # a server may be running
    except FileNotFoundError:
        print(f"{parsed.data}: there is no queue here; give the --data that `serve` was given", file=sys.stderr)
        return WRONG
    connection.execute("BEGIN")  # one moment, however long it takes
    reading, faults = Reading(connection), 0
    for hall in reading.hall_ids():
        found = verify(reading, hall)
        faults += bool(found.fault)
        print(f"{hall}: {found.fault or f'{found.events} events, whole and unchanged'}")
    connection.close()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
