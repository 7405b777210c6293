"""A SQLAlchemy Core statement, compiled once, run on the driver's cursor.

Running statements through SQLAlchemy's connection would halve the tickets a server can issue (DESIGN §2), so a
`Statement` keeps only the compiled text. Values therefore go in and come out as the driver has them: instants as
microseconds.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

DIALECT = sqlite.dialect(paramstyle="named")
Row = tuple[Any, ...]


class Statement:
    """A Core statement as SQLite text with named values."""

    def __init__(self, statement: sa.sql.ClauseElement) -> None:
        compiled = statement.compile(dialect=DIALECT)
        self.sql = str(compiled)
        self.fixed = {k: v for k, v in (compiled.params or {}).items() if v is not None}

    def run(self, on: sqlite3.Connection, **values: Any) -> sqlite3.Cursor:
        return on.execute(self.sql, self.fixed | values if self.fixed else values)

    def all(self, on: sqlite3.Connection, **values: Any) -> list[Row]:
        return self.run(on, **values).fetchall()

    def one(self, on: sqlite3.Connection, **values: Any) -> Row | None:
        found: Row | None = self.run(on, **values).fetchone()
        return found


def given(name: str) -> sa.BindParameter[Any]:
    """A value handed over at run time."""
    return sa.bindparam(name, type_=sa.types.NullType(), required=True)


def insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table).values({column.name: given(column.name) for column in table.columns})
