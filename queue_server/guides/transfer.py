"""Guides as a file and back: JSON, or CSV with a row a guide, in UTF-8 or GB18030.

In a CSV a list of names or codes stands in its cell line by line, a list of entries (steps, materials, places, faq) as
JSON, a time as a number of working days or as JSON. Headings are the names of the fields, English or Chinese. Every
fault names row (a CSV's heading is row 1, a JSON's first guide is row 1) and column.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

from config.loader import faults_in
from queue_server.guides.labels import LABELS
from queue_server.guides.model import Code, Guide, Line

Format = Literal["csv", "json"]
ROWS_AT_MOST = 20_000
YES = {"是": True, "true": True, "1": True, "yes": True, "否": False, "false": False, "0": False, "no": False}
HEADINGS = {heading: name for name, (zh, _) in LABELS.items() for heading in (name, zh)}
REQUIRED = [name for name, field in Guide.model_fields.items() if field.is_required()]


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a file from being imported; row 0 is the whole file."""

    row: int
    name: str
    column: str
    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Row:
    row: int
    guide: Guide


class Unreadable(ValueError):
    """A cell or a file that cannot be read; (zh, en) say why."""

    def __init__(self, zh: str, en: str, rule: str = "format") -> None:
        super().__init__(en)
        self.zh, self.en, self.rule = zh, en, rule


def read(data: bytes, kind: Format) -> tuple[list[Row], list[Fault]]:
    """The guides of a file, and everything that is wrong with its form."""
    try:
        text = decoded(data)
        records = list(_csv_records(text) if kind == "csv" else _json_records(text))
        if len(records) > ROWS_AT_MOST:
            raise Unreadable(f"一次最多 {ROWS_AT_MOST} 行", f"at most {ROWS_AT_MOST} rows at once", "too_many")
    except Unreadable as error:
        return [], [Fault(0, "", "", error.rule, error.zh, error.en)]
    rows: list[Row] = []
    faults: list[Fault] = []
    for row, values, wrong in records:
        name = str(values.get("name", ""))[:80]
        faults += [Fault(row, name, column, error.rule, error.zh, error.en) for column, error in wrong]
        if not wrong:
            found = _guide(row, name, values)
            if isinstance(found, Guide):
                rows.append(Row(row, found))
            else:
                faults += found
    return rows, faults


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8 (with or without its mark) or GB18030. Raises Unreadable."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as utf8:
        try:
            return data.decode("gb18030").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise Unreadable(
                f"既不是 UTF-8 也不是 GB18030（第 {error.start + 1} 个字节）：请另存为 UTF-8",
                f"neither UTF-8 (byte {utf8.start + 1}) nor GB18030 (byte {error.start + 1}): save it as UTF-8",
                "encoding",
            ) from error


Record = tuple[int, dict[str, Any], list[tuple[str, Unreadable]]]  # row, values, (column, what is wrong)


def _json_records(text: str) -> Iterator[Record]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"不是 JSON：{error}", f"not JSON: {error}") from error
    guides = whole.get("guides") if isinstance(whole, dict) else whole
    if not isinstance(guides, list):
        raise Unreadable("应是 {“guides”: […]} 或一个列表", 'expected {"guides": […]} or a list')
    for row, values in enumerate(guides, 1):
        if isinstance(values, dict):
            yield row, values, []
        else:
            yield row, {}, [("", Unreadable("应是一个对象", "expected an object"))]


def _csv_records(text: str) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = _headings(next(reader, []))
        for row, cells in enumerate(reader, 2):
            if any(cells):
                yield row, *_record(names, cells)
    except csv.Error as error:
        raise Unreadable(
            f"第 {reader.line_num} 行附近不是 CSV：{error}", f"not CSV near line {reader.line_num}: {error}"
        ) from error


def _headings(cells: list[str]) -> list[str]:
    """The fields of a heading. Raises Unreadable."""
    cells = [cell.strip() for cell in cells]
    unknown = [cell for cell in cells if cell not in HEADINGS]
    if unknown:
        several = ", ".join(repr(cell) for cell in unknown[:5])
        raise Unreadable(f"表头里有不认识的列：{several}", f"unknown columns in the heading: {several}", "heading")
    names = [HEADINGS[cell] for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unreadable(f"表头里有重复的列：{twice[0]}", f"column {twice[0]} stands twice", "heading")
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        several = "、".join(LABELS[name][0] for name in missing)
        raise Unreadable(f"表头里缺少：{several}", f"missing columns: {', '.join(missing)}", "heading")
    return names


def _record(names: list[str], cells: list[str]) -> tuple[dict[str, Any], list[tuple[str, Unreadable]]]:
    values: dict[str, Any] = {}
    wrong: list[tuple[str, Unreadable]] = []
    if len(cells) != len(names):
        words = f"有 {len(cells)} 格，表头有 {len(names)} 列", f"{len(cells)} cells, the heading has {len(names)}"
        return dict(zip(names, cells, strict=False)), [("", Unreadable(*words, rule="columns"))]
    for name, cell in zip(names, cells, strict=True):
        if cell == "" and name not in REQUIRED:
            continue
        try:
            values[name] = CELLS[name][0](cell)
        except Unreadable as error:
            wrong.append((name, error))
    return values, wrong


def _guide(row: int, name: str, values: dict[str, Any]) -> Guide | list[Fault]:
    try:
        return Guide.model_validate_json(json.dumps(values))
    except ValidationError as error:
        told = [one.partition(": ") for one in faults_in(error, Guide)]
        return [Fault(row, name, column, "format", f"“{column}”的写法不对：{en}", en) for column, _, en in told]


# -- cells of a CSV: (read, write) by the kind of field ---------------------------------------------------------------


def _flag(cell: str) -> bool:
    if cell.strip().lower() not in YES:
        raise Unreadable(f"应填 是 或 否，现为 {cell[:40]!r}", f"expected 是 or 否, found {cell[:40]!r}")
    return YES[cell.strip().lower()]


def _number(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", cell.strip(), re.ASCII):
        raise Unreadable(f"应是整数，现为 {cell[:40]!r}", f"expected a whole number, found {cell[:40]!r}")
    return int(cell)


def _date(cell: str) -> str:
    """As ISO text. A spreadsheet writes 2026/7/1 as it likes."""
    found = re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", cell.strip(), re.ASCII)
    try:
        if found is None:
            raise ValueError
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        words = f"应是日期，如 2026-07-01，现为 {cell[:40]!r}"
        raise Unreadable(words, f"expected a date such as 2026-07-01, found {cell[:40]!r}") from None


def _lines(cell: str) -> list[str]:
    return [line.strip() for line in cell.splitlines() if line.strip()]


def _codes(cell: str) -> list[str]:
    return [code for code in re.split(r"[\s;；,，、]+", cell) if code]


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"格子里应是 JSON：{error}", f"expected JSON in this cell: {error}") from error


def _lined(values: Iterable[str]) -> str:
    return "\n".join(values)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


KINDS: list[tuple[Any, Callable[[str], Any], Callable[[Any], str]]] = [
    (str, lambda cell: cell.replace("\r\n", "\n"), str),
    (bool, _flag, lambda value: "是" if value else "否"),
    (int, _number, str),
    (date | None, _date, str),
    (tuple[Line, ...], _lines, _lined),
    (tuple[Code, ...], _codes, _lined),
]
CELLS = {
    name: next(((read, write) for kind, read, write in KINDS if field.annotation == kind), (_json, _as_json))
    for name, field in Guide.model_fields.items()
}


# -- writing ----------------------------------------------------------------------------------------------------------


def json_text(guides: Iterable[Guide]) -> str:
    """All guides as JSON, one a line."""
    lines = ",\n".join(json.dumps(_values(guide), ensure_ascii=False) for guide in guides)
    return f'{{"guides": [\n{lines}\n]}}\n'


def csv_text(guides: Iterable[Guide]) -> str:
    """All guides as CSV, with Chinese headings and the mark by which a spreadsheet knows UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(LABELS[name][0] for name in CELLS)
    for guide in guides:
        values = _values(guide)
        writer.writerow(
            CELLS[name][1](values[name]) if values.get(name) not in (None, [], "") else "" for name in CELLS
        )
    return "\ufeff" + out.getvalue()


def _values(guide: Guide) -> dict[str, Any]:
    """What a guide says, without what it leaves to the defaults."""
    values: dict[str, Any] = guide.model_dump(mode="json", exclude_defaults=True)
    return values
