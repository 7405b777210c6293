"""`python -m queue_server guides check | import | export | handbook`: the catalogue as files, and in the database.

One process writes: while a server holds the data directory an import goes to it over HTTP, as settings do.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from queue_server import settings
from queue_server.asking import CannotChange, add_options, asking, understood
from queue_server.domain.errors import QueueError
from queue_server.guides import importing, transfer
from queue_server.guides.catalogue import Catalogue
from queue_server.guides.checks import breaches
from queue_server.guides.model import Tables
from queue_server.guides.source import load_folder
from queue_server.store import guides as stored
from queue_server.store.lock import DataInUse, hold
from queue_server.store.store import DATABASE, Store, look
from queue_server.store.writer import Transaction

DEMO = Path(__file__).parents[2] / "config" / "demo" / "guides"
FORMATS: dict[str, Literal["csv", "json"]] = {".csv": "csv", ".json": "json"}
FAULTS_SHOWN = 50


def add_to(commands: Any) -> list[argparse.ArgumentParser]:
    """Adds `guides …`; returns the parsers that need `--data`."""
    several = commands.add_parser("guides", help="the catalogue of published standards")
    parts = several.add_subparsers(required=True, metavar="COMMAND")
    check = parts.add_parser("check", help="are all guides of a folder as the rules ask?")
    check.add_argument("folder", type=Path, nargs="?", default=DEMO, metavar="FOLDER", help="(%(default)s)")
    check.set_defaults(run=_check)
    take = parts.add_parser("import", help="publish the guides of a file, all or nothing")
    take.add_argument("file", type=Path, metavar="FILE", help=".csv, .json, or a folder as `check` reads it")
    take.add_argument("--dry-run", action="store_true", help="say what would change and what is wrong")
    take.add_argument("--as-drafts", action="store_true", help="make drafts, which may break rules")
    add_options(take)
    take.set_defaults(run=_import)
    export = parts.add_parser("export", help="write the guides in force today to a file")
    export.add_argument("file", type=Path, metavar="FILE", help=".csv or .json")
    export.set_defaults(run=_export)
    book = parts.add_parser("handbook", help="write a department's handbook as a PDF to print")
    book.add_argument("department", metavar="DEPARTMENT", help="its code in the tables")
    book.add_argument("file", type=Path, metavar="FILE", help=".pdf")
    book.add_argument("--lang", choices=["zh", "en"], default="zh", help="(%(default)s)")
    book.set_defaults(run=_handbook)
    return [take, export, book]


def _check(parsed: argparse.Namespace) -> int:
    tables, written = load_folder(parsed.folder)
    broken = 0
    for one in written:
        for breach in breaches(one.guide, tables):
            broken += 1
            told = f"{one.file}: {one.guide.name}: {breach.field}: [{breach.rule}] {breach.zh} / {breach.en}"
            sys.stdout.write(f"{told}\n")
    sys.stdout.write(f"{len(written)} guides, {broken} breaches\n")
    return 1 if broken else 0


@dataclasses.dataclass(frozen=True, slots=True)
class _File:
    """What is to be imported; a folder is read here and goes on as JSON."""

    content: bytes
    format: Literal["csv", "json"]
    tables: Tables | None


def _file(path: Path) -> _File:
    """Raises CannotChange, ConfigError."""
    if path.is_dir():
        tables, written = load_folder(path)
        return _File(transfer.json_text(one.guide for one in written).encode(), "json", tables)
    kind = _format(path)
    try:
        return _File(path.read_bytes(), kind, None)
    except OSError as error:
        raise CannotChange(f"{path} cannot be read: {error.strerror}") from error


def _format(path: Path) -> Literal["csv", "json"]:
    if path.suffix.lower() not in FORMATS:
        raise CannotChange(f"{path}: guides are .csv or .json files, or a folder of .toml files")
    return FORMATS[path.suffix.lower()]


def _import(parsed: argparse.Namespace) -> int:
    file = _file(parsed.file)
    if parsed.database:
        report = _directly(parsed, file)
    elif not (parsed.data / DATABASE).exists():
        raise CannotChange(f"{parsed.data}: there is no hall here yet; `serve` begins one")
    else:
        try:
            lock = hold(parsed.data)
        except DataInUse:
            report = _over_http(parsed, file)
        else:
            with lock:
                report = _directly(parsed, file)
    return _tell(report, dry_run=parsed.dry_run)


def _directly(parsed: argparse.Namespace, file: _File) -> Mapping[str, Any]:
    from queue_server.serve import now

    store, catalogue = Store(parsed.data, url=parsed.database), Catalogue(now)
    read = importing.File(*transfer.read(file.content, file.format), file.tables)

    def command(tx: Transaction) -> importing.Report:
        return importing.run(tx, catalogue, read, settings.COMMAND, as_drafts=parsed.as_drafts)

    try:
        with _refused():
            if not parsed.dry_run:
                return dataclasses.asdict(store.run(stored.CATALOGUE, command))
            with store.read() as reading:
                return dataclasses.asdict(importing.plan(reading, catalogue, read, as_drafts=parsed.as_drafts))
    finally:
        store.close()


@contextmanager
def _refused() -> Iterator[None]:
    """What the catalogue refuses, as words for the command line."""
    try:
        yield
    except QueueError as error:
        raise CannotChange(error.message) from None


def _over_http(parsed: argparse.Namespace, file: _File) -> Mapping[str, Any]:
    body = {
        "format": file.format,
        "content": base64.b64encode(file.content).decode(),
        "tables": None if file.tables is None else file.tables.model_dump(mode="json"),
        "dry_run": parsed.dry_run,
        "as_drafts": parsed.as_drafts,
    }
    with asking(parsed) as http:
        key = {"Idempotency-Key": secrets.token_hex(16)}
        answer = http.post("/api/v1/guides/import", json=body, headers=key)
        if answer.status_code == 409:
            report: dict[str, Any] = answer.json()["detail"]
            return report
        return understood(answer)


def _tell(report: Mapping[str, Any], *, dry_run: bool) -> int:
    lines = []
    for kind in ("faults", "notes"):
        for one in report[kind][:FAULTS_SHOWN]:
            where = f"row {one['row']}, {one['column'] or 'all'} ({one['name'] or '-'})"
            lines.append(f"{where}: [{one['rule']}] {one['zh']} / {one['en']}")
        if len(report[kind]) > FAULTS_SHOWN:
            lines.append(f"… and {len(report[kind]) - FAULTS_SHOWN} more")
    counts = ", ".join(f"{len(report[kind])} {kind}" for kind in ("added", "changed", "unchanged", "faults"))
    outcome = "nothing was imported" if report["faults"] else "a dry run: nothing was changed" if dry_run else "done"
    sys.stdout.write("\n".join([*lines, f"{counts}; {outcome}"]) + "\n")
    return 1 if report["faults"] else 0


def _export(parsed: argparse.Namespace) -> int:
    from queue_server.serve import now

    kind = _format(parsed.file)
    with _refused(), look(parsed.data, parsed.database) as reading:  # a server may be running
        guides = [one.guide for one in Catalogue(now).published(reading).guides.values()]
    text = transfer.csv_text(guides) if kind == "csv" else transfer.json_text(guides)
    parsed.file.write_text(text, "utf-8", newline="")
    sys.stdout.write(f"{len(guides)} guides\n")
    return 0


def _handbook(parsed: argparse.Namespace) -> int:
    from queue_server.guides.handbook import handbook
    from queue_server.serve import now

    with _refused(), look(parsed.data, parsed.database) as reading:
        published = Catalogue(now).published(reading)
        parsed.file.write_bytes(handbook(published, parsed.department, parsed.lang))
    return 0
