"""A SQLAlchemy Core statement, compiled once for each database, run on the driver's cursor.

Running statements through SQLAlchemy's connection would halve the tickets a server can issue (DESIGN §2), so a
`Statement` keeps only the compiled texts. Values therefore go in and come out as the driver has them: instants as
microseconds.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.compiler import compiles

DIALECT = sqlite.dialect(paramstyle="named")
POSTGRESQL = PGDialect_psycopg()  # type: ignore[no-untyped-call]
Row = tuple[Any, ...]
Connection = sqlite3.Connection | psycopg.Connection[Row]
Cursor = sqlite3.Cursor | psycopg.Cursor[Row]


class Statement:
    """A Core statement as text with named values, for SQLite (`sql`) and PostgreSQL, which may have one of its own."""

    def __init__(self, statement: sa.sql.ClauseElement, postgresql: sa.sql.ClauseElement | None = None) -> None:
        compiled = statement.compile(dialect=DIALECT)
        self.sql = str(compiled)
        self.fixed = {k: v for k, v in (compiled.params or {}).items() if v is not None}
        text = str((statement if postgresql is None else postgresql).compile(dialect=POSTGRESQL))
        self.postgresql = text.encode()  # psycopg takes text only if it is literal

    def run(self, on: Connection, **values: Any) -> Cursor:
        values = self.fixed | values if self.fixed else values
        if isinstance(on, sqlite3.Connection):
            return on.execute(self.sql, values)
        return on.execute(self.postgresql, values)

    def all(self, on: Connection, **values: Any) -> list[Row]:
        return self.run(on, **values).fetchall()

    def one(self, on: Connection, **values: Any) -> Row | None:
        found: Row | None = self.run(on, **values).fetchone()
        return found


def given(name: str) -> sa.BindParameter[Any]:
    """A value handed over at run time."""
    return sa.bindparam(name, type_=sa.types.NullType(), required=True)


def insert(table: sa.Table) -> postgresql.Insert:
    return postgresql.insert(table).values({column.name: given(column.name) for column in table.columns})


def save(table: sa.Table) -> postgresql.Insert:
    """Inserts a row, or writes over the one with the same key."""
    new = insert(table)
    rest = {column.name: new.excluded[column.name] for column in table.columns if not column.primary_key}
    return new.on_conflict_do_update(index_elements=[*table.primary_key.columns.keys()], set_=rest)


class _Texts(sa.sql.functions.GenericFunction[str]):
    """A row for each text of a JSON array."""

    name = "json_each"


@compiles(_Texts, "postgresql")
def _texts(element: _Texts, compiler: sa.sql.compiler.SQLCompiler, **how: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **how)} AS JSON))"


def texts(name: str) -> sa.TableValuedAlias:
    """The texts of a JSON array handed over at run time, as a table with the column `value`."""
    return _Texts(given(name)).table_valued("value")
