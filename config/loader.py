"""Reads a settings file strictly: what is wrong is said with file, key, what was expected and what was meant."""

from __future__ import annotations

import difflib
import reprlib
import tomllib
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.schema import Devices, Hall, Kiosk

Table = TypeVar("Table", bound=BaseModel)
Keys = tuple[int | str, ...]  # the way to a setting: names, and places in lists

EXPECTED = {  # pydantic's error type -> what a person should write; {…} from the error's context
    "missing": "this key is required",
    "string_type": "expected text in quotes",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "bool_type": "expected true or false",
    "tuple_type": "expected a list",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "model_attributes_type": "expected a table",
    "time_type": "expected a time such as 09:00:00, without quotes",
    "date_type": "expected a date such as 2026-10-01, without quotes",
    "literal_error": "expected one of {expected}",
    "string_pattern_mismatch": "expected text of the form {pattern}",
    "string_too_short": "expected at least {min_length} character(s)",
    "string_too_long": "expected at most {max_length} character(s)",
    "too_short": "expected at least {min_length} entry",
    "greater_than_equal": "expected at least {ge}",
    "greater_than": "expected more than {gt}",
    "less_than_equal": "expected at most {le}",
}


class ConfigError(Exception):
    """A settings file that cannot be used; str() is for the person who wrote it, one line a fault."""

    def __init__(self, file: Path, faults: list[str]) -> None:
        super().__init__("\n".join(f"{file}: {fault}" for fault in faults))
        self.file = file
        self.faults = faults


def load_hall(path: Path) -> Hall:
    """hall.toml as a Hall. Raises ConfigError."""
    return load(path, Hall)


def load_kiosk(path: Path) -> Kiosk:
    """kiosk.toml as a Kiosk. Raises ConfigError."""
    return load(path, Kiosk)


def load_devices(path: Path) -> Devices:
    """devices.toml as Devices. Raises ConfigError."""
    return load(path, Devices)


def load(path: Path, table: type[Table]) -> Table:
    """The file as the given table. Raises ConfigError naming file, key and what was expected."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        near = difflib.get_close_matches(path.name, _names_beside(path), n=1)
        hint = f"; did you mean {path.with_name(near[0])}?" if near else ""
        raise ConfigError(path, [f"no such file{hint}"]) from error
    except OSError as error:
        raise ConfigError(path, [f"cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, [f"not UTF-8 at byte {error.start}; save the file as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, [f"not TOML: {error}"]) from error
    try:
        return table.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(path, faults_in(error, table)) from error


def faults_in(error: ValidationError, table: type[BaseModel], named: Callable[[Keys], Keys] = tuple) -> list[str]:
    """What is wrong, a line a fault: key, what was expected, what was found. `named` may give entries better names."""
    faults = error.errors()
    inner = [one["loc"] for one in faults]  # a list with a bad entry is also called short: say only the bad entry
    told = [f for f in faults if not any(f["loc"] == loc[: len(f["loc"])] and f["loc"] != loc for loc in inner)]
    return [_fault({**one, "loc": named(one["loc"])}, table) for one in told]


def _names_beside(path: Path) -> list[str]:
    return [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []


def _fault(error: ErrorDetails, table: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key{_did_you_mean(error['loc'], table)}"
    if error["type"] == "value_error":
        return f"{key}: {error['ctx']['error']}" if key else str(error["ctx"]["error"])
    template = EXPECTED.get(error["type"], error["msg"].replace("Input should be", "expected"))
    expected = template.format(**error.get("ctx", {})) if error["type"] in EXPECTED else template
    found = "" if error["type"] == "missing" else f", found {reprlib.repr(error['input'])}"
    return f"{key}: {expected}{found}"


def _did_you_mean(loc: tuple[int | str, ...], table: type[BaseModel]) -> str:
    owner = _table_at(loc[:-1], table)
    if owner is None:
        return ""
    near = difflib.get_close_matches(str(loc[-1]), owner.model_fields, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known here: {', '.join(sorted(owner.model_fields))}"


def _table_at(loc: tuple[int | str, ...], table: type[BaseModel]) -> type[BaseModel] | None:
    """The table a path of keys leads to; list positions and dictionary keys lead to what they hold."""
    here: Any = table
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = field.annotation if field else None
        else:
            here = next((one for one in typing.get_args(here) if _is_table(one)), None)
        if isinstance(here, types.UnionType):
            here = next((one for one in typing.get_args(here) if _is_table(one)), None)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
