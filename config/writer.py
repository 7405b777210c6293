"""Writes a hall as TOML that `load_hall` reads back to the same hall: every setting stands there, defaults too."""

from __future__ import annotations

import json
from datetime import date, time
from typing import Any

from config.schema import Hall

HEADER = "# What each setting means, its unit and its default: config/schema.py.\n"


def hall_toml(hall: Hall) -> str:
    """The text of a hall.toml. What is none is left out: TOML has no word for it."""
    values = hall.model_dump(exclude_none=True)
    tables = {name: value for name, value in values.items() if isinstance(value, dict) and name != "name"}
    lines = [f"{name} = {_listed(value)}" for name, value in values.items() if name not in tables]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]
    return HEADER + "\n".join(lines) + "\n"


def _listed(value: Any) -> str:
    """A value; a list of tables with one of them a line."""
    if isinstance(value, tuple) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"  {_value(entry)},\n" for entry in value) + "]"
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, (date, time)):
        return value.isoformat()
    # a JSON text is a TOML text, but for DEL
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _value(name)
