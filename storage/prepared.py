"""Statements that run with every report: compiled once, on SQLite then given straight to the driver.

SQLAlchemy's own way costs several times what SQLite needs for them (docs/decisions.md). On
PostgreSQL, and for the statement that begins a transaction, it is SQLAlchemy's own way.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Date, Delete, Dialect, Insert, Row, Select, Update
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from storage.schema import Instant

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, Any]
Convert = Callable[[Any], Any]
# A unit of work writes its instant and its days several times; each is put into words once.
_TIMES: dict[type[TypeEngine[Any]], Convert] = {}


class Prepared:
    """A statement whose values are given by name, the same names every time."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    def rows(self, conn: Connection, values: Values) -> Sequence[Row[Any]]:
        """Run it; none where it returns nothing. Raises what SQLAlchemy would."""
        if conn.dialect.name != "sqlite" or not conn.in_transaction():
            result = conn.execute(self._statement, dict(values))
            return result.all() if result.returns_rows else ()
        if self._compiled is None:
            self._compiled = _compile(self._statement, conn.dialect, values)
        return self._compiled.run(conn, values)

    def first(self, conn: Connection, values: Values) -> Row[Any] | None:
        """Run it; the first row, if there is one."""
        return next(iter(self.rows(conn, values)), None)

    def one(self, conn: Connection, values: Values) -> Row[Any]:
        """Run it; its only row. Raises NoResultFound when there is none."""
        row = self.first(conn, values)
        if row is None:
            raise NoResultFound
        return row

    def run(self, conn: Connection, values: Values) -> None:
        """Run it for what it changes."""
        self.rows(conn, values)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The driver's text. `places` are its values in their order: a name and how its value is
    written, or a value that is always the same. `reads` says which cells of a row are converted.
    """

    text: str
    places: Sequence[tuple[str | None, Any]]
    reads: Sequence[tuple[int, Convert]]
    row: Callable[[Sequence[Any]], Row[Any]] | None

    def run(self, conn: Connection, values: Values) -> Sequence[Row[Any]]:
        given = [
            how if name is None else values[name] if how is None else how(values[name])
            for name, how in self.places
        ]
        cursor = conn.connection.cursor()
        try:
            cursor.execute(self.text, given)
            return () if self.row is None else list(map(self.row, self._cells(cursor.fetchall())))
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                self.text, None, error, sqlite3.Error, hide_parameters=True
            ) from error

    def _cells(self, rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        if not self.reads:
            yield from rows
            return
        for row in rows:
            cells = list(row)
            for place, convert in self.reads:
                cells[place] = convert(cells[place])
            yield cells


def _compile(statement: Statement, dialect: Dialect, values: Values) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=list(values))
    if not isinstance(compiled, SQLCompiler) or compiled.positiontup is None:
        raise TypeError("a prepared statement has its values in places")
    columns = list(statement.exported_columns)
    reads = ((place, _reading(column.type, dialect)) for place, column in enumerate(columns))
    return _Compiled(
        text=compiled.string,
        places=[_place(compiled.binds[name], dialect, values) for name in compiled.positiontup],
        reads=[(place, convert) for place, convert in reads if convert is not None],
        row=result_tuple([str(column.key) for column in columns]) if columns else None,
    )


def _place(bind: BindParameter[Any], dialect: Dialect, values: Values) -> tuple[str | None, Any]:
    write = _writing(bind.type, dialect)
    if bind.key in values:
        return bind.key, write
    if bind.required:
        raise KeyError(bind.key)
    value = bind.effective_value
    return None, value if write is None else write(value)


def _writing(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    write = type_.dialect_impl(dialect).bind_processor(dialect)
    if write is None or not isinstance(type_, Date | Instant):
        return write
    return _TIMES.setdefault(type(type_), lru_cache(write))


def _reading(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
