"""How a command of the server's own machine asks the server that runs there: where it is, with whose token."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from queue_server.setup import DEMO_TOKENS

TOKEN = "YICHUANG_TOKEN"  # the environment's; a token among the options could be read by everybody on the machine
ANSWER = 30.0  # seconds


class CannotChange(Exception):
    """Nothing was changed; str() says why and what to do."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where the server is and with which token, on the command line."""
    parser.add_argument("--server", default="", metavar="URL", help="of a running server, if not as DIR/serve.url says")
    token = f"a manager's or admin's token: text, or JSON {{role: token}}; or in ${TOKEN}"
    parser.add_argument("--token-file", type=Path, metavar="FILE", help=token)


@contextmanager
def asking(parsed: argparse.Namespace) -> Iterator[httpx.Client]:
    """A client of the server that holds the data directory. Raises CannotChange."""
    with httpx.Client(
        base_url=_server(parsed), headers=_authorization(parsed), timeout=ANSWER, trust_env=False
    ) as http:
        try:
            yield http
        except httpx.HTTPError as error:
            words = f"the server at {http.base_url} does not answer ({error}); say where with --server"
            raise CannotChange(words) from error


def understood(answer: httpx.Response) -> Mapping[str, Any]:
    """What a server answered. Raises CannotChange with its words when it refused."""
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
