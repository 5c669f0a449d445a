"""The data of a node as one table that can be asked: its splits' Arrow files, mapped into memory, below one view."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from snapshots.charts.figures import LONGEST, Column, ColumnKind, Profile
from workflows.errors import HelixError, nearest

ROW_ID: Final = "__row_id"  # which Predict and scanners add, and nobody asks for
SPLIT: Final = "split"
SAMPLED: Final = 50_000
FREQUENT: Final = 101  # values of a column that are remembered: one more than any chart shows
_WHOLE: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
_FLOATS: Final = ("FLOAT", "DOUBLE")
_SEED: Final = 20260301
_CONFINED: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": False,  # no file, no address: the tables that are registered, and no other
    "python_enable_replacements": False,
    "autoload_known_extensions": False,
}
_SETTLED: Final = "SET TimeZone = 'UTC'; SET lock_configuration = true"  # moments are the same wherever the server is

Row = tuple[Any, ...]


class ChartRefused(HelixError):
    """A chart cannot be made of these data; the message says what stands in the way."""

    code = "chart-refused"


class NoSuchColumn(ChartRefused):
    """The data have no column of that name, any more or not yet."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self._name, self._near = name, nearest(name, list(known))
        super().__init__(self.said("There is", " in these data"))

    def said(self, begin: str, end: str = "") -> str:
        """The same in other words around it: ``v3 has`` no column."""
        return f"{begin} no column `{self._name}`{end}." + (f" Did you mean `{self._near}`?" if self._near else "")


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of one split: an Arrow IPC file, or its bytes; and those with the same row ids whose columns go with
    them."""

    label: str
    source: Path | bytes
    beside: Path | bytes | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A column as queries write it: ``column`` as it is, ``number`` as a double (times in milliseconds), ``text`` as
    text. Queries know columns by their places: no name ever becomes a part of one."""

    name: str
    kind: ColumnKind
    whole: bool
    floating: bool
    column: str
    number: str
    text: str


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def opened(pieces: Sequence[Piece]) -> Frame:
    """The frame of a node's splits. Raises ChartRefused where they are no tables."""
    return Frame([(piece.label, _whole(piece)) for piece in pieces])


def _whole(piece: Piece) -> pa.Table:
    table = _table(piece.source)
    return table if piece.beside is None else beside(table, _table(piece.beside))


def beside(table: pa.Table, rows: pa.Table) -> pa.Table:
    """The table with the columns of rows of the same ids, null where there are none. Where a name is taken, the
    rows' column is ``rows.name``."""
    ids, theirs = table[ROW_ID], rows[ROW_ID]
    if not ids.equals(theirs):
        rows = rows.take(pc.index_in(ids, theirs))
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        if name != ROW_ID:
            table = table.append_column(_free(name, table.column_names), column)
    return table


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name = f"rows.{name}"
    return name


def _table(source: Path | bytes) -> pa.Table:
    try:
        where = pa.memory_map(str(source)) if isinstance(source, Path) else pa.BufferReader(source)
        return pa.ipc.open_file(where).read_all()
    except pa.ArrowInvalid as error:
        raise ChartRefused(f"These data cannot be read as a table: {error}.") from None


@dataclass
class Frame:
    """Tables of one node, a split each. Safe for several threads: each asks through a connection of its own."""

    tables: Sequence[tuple[str, pa.Table]]
    _frequent: dict[str, tuple[Sequence[str | None], int]] = attribute(default_factory=dict)
    _own: threading.local = attribute(default_factory=threading.local)

    @cached_property
    def split(self) -> str | None:
        """The name of the column that tells the splits apart, where there are several."""
        if len(self.tables) < 2:
            return None
        taken = {name for _, table in self.tables for name in table.column_names}
        return next(name for name in (SPLIT, *(f"{SPLIT}_{n}" for n in range(2, 1_000))) if name not in taken)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The calling thread's own, on which ``interrupt`` ends its query; made when it is first wanted."""
        own: duckdb.DuckDBPyConnection | None = getattr(self._own, "connection", None)
        if own is None:
            own = self._own.connection = duckdb.connect(config=_CONFINED)
            own.execute(_SETTLED)
            selects = []
            for place, (label, table) in enumerate(self.tables):
                named = [self._places[name] for name in table.column_names]
                own.register(f"piece_{place}", table.rename_columns(named))
                told = "" if self.split is None else f", {_literal(label)} AS {self._places[self.split]}"
                selects.append(f"SELECT *{told} FROM piece_{place}")
            own.execute("CREATE TEMP VIEW data AS " + " UNION ALL BY NAME ".join(selects))
        return own

    @cached_property
    def _places(self) -> Mapping[str, str]:
        """What queries call the columns, by their names."""
        names = dict.fromkeys(name for _, table in self.tables for name in table.column_names)
        own = () if self.split is None else (self.split,)
        return {name: f"c{place}" for place, name in enumerate((*names, *own))}

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The columns by name, but for the row ids."""
        kinds = {place: kind for place, kind, *_ in self.ask("DESCRIBE data")}
        return {name: _field(name, place, kinds[place]) for name, place in self._places.items() if name != ROW_ID}

    def field(self, name: str) -> Field:
        """Raises NoSuchColumn."""
        found = self.fields.get(name)
        if found is None:
            raise NoSuchColumn(name, list(self.fields))
        return found

    def numeric(self, name: str) -> Field:
        """A column that is a number or a time. Raises ChartRefused."""
        found = self.field(name)
        if found.kind not in ("number", "time"):
            raise ChartRefused(f"`{name}` is no number here, so it cannot be put into ranges. A bar chart shows it.")
        return found

    @cached_property
    def rows(self) -> int:
        return sum(table.num_rows for _, table in self.tables)

    def ask(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
        """The rows of a query on ``data``; values come as parameters."""
        return self.connection.execute(sql, dict(parameters or {})).fetchall()

    @cached_property
    def profile(self) -> Profile:
        """Counts, ends and kinds of all columns, by one pass over the data."""
        fields = list(self.fields.values())
        told = self.ask(f"SELECT {', '.join(_measured(each) for each in fields)} FROM data")[0] if fields else ()
        columns = [
            Column(
                name=each.name,
                kind=each.kind,
                whole=each.whole,
                nulls=self.rows - told[5 * place],
                distinct=told[5 * place + 1],
                low=told[5 * place + 2],
                high=told[5 * place + 3],
                longest=told[5 * place + 4] or 0,
            )
            for place, each in enumerate(fields)
        ]
        return Profile(rows=self.rows, columns=columns, predictions=self._scores())

    def ends(self, name: str) -> tuple[float, float] | None:
        """The least and the greatest finite value of a number or a time; None where it has none."""
        known: Profile | None = self.__dict__.get("profile")
        if known is not None:
            column = next(each for each in known.columns if each.name == name)
            return None if column.low is None or column.high is None else (column.low, column.high)
        ((low, high),) = self.ask(f"SELECT {_ends(self.numeric(name))} FROM data")
        return None if low is None else (low, high)

    def frequent(self, name: str, most: int) -> tuple[Sequence[str | None], int]:
        """The most frequent values of a column as text, most frequent first, and how many others there are.

        Raises ChartRefused where they are too long to stand at a chart.
        """
        known = self._frequent.get(name)
        if known is None:
            known = self._frequent[name] = self._counted(name)
        values, distinct = known
        return values[:most], max(0, distinct - most)

    def _counted(self, name: str) -> tuple[Sequence[str | None], int]:
        told = self.ask(
            f"SELECT key, count(*) OVER () FROM (SELECT {self.field(name).text} AS key, count(*) AS n FROM data "
            f"GROUP BY 1) ORDER BY n DESC, key NULLS LAST LIMIT {FREQUENT}"
        )
        values = [key for key, _ in told]
        longest = max((len(key) for key in values if key is not None), default=0)
        if longest > LONGEST:
            raise ChartRefused(
                f"`{name}` has values of up to {longest:,} characters, which are too long to stand at a chart. A table "
                "shows how they begin."
            )
        return values, told[0][1] if told else 0

    def beyond(self, name: str, most: int) -> bool:
        """Whether a column has more distinct values than so many, or as many."""
        known: Profile | None = self.__dict__.get("profile")
        if known is not None:
            about = next(each.distinct for each in known.columns if each.name == name)
            if about > 2 * most + 100:  # an estimate is that good
                return True
        values, others = self.frequent(name, most)
        return len(values) + others >= most

    @cached_property
    def sample(self) -> Frame:
        """So many rows drawn at random, the same ones each time, as a frame of their own."""
        chance = np.random.default_rng(_SEED)
        share = min(1.0, SAMPLED / max(self.rows, 1))
        drawn = []
        for label, table in self.tables:
            places = np.sort(chance.choice(table.num_rows, round(share * table.num_rows), replace=False))
            drawn.append((label, table.take(places)))
        return Frame(drawn)

    def _scores(self) -> int | None:
        names = self.fields
        if "label" not in names or "prediction" not in names:
            return None
        return sum(f"score[{k}]" in names for k in range(len(names)))


def _field(name: str, place: str, kind: str) -> Field:
    column = f"data.{place}"
    text = f"CAST({column} AS VARCHAR)"
    if kind in _WHOLE or kind.startswith("DECIMAL") or kind in _FLOATS:
        return Field(name, "number", kind in _WHOLE, kind in _FLOATS, column, f"CAST({column} AS DOUBLE)", text)
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        number = f"CAST(epoch_ms(CAST({column} AS TIMESTAMP)) AS DOUBLE)"
        return Field(name, "time", False, False, column, number, text)
    if kind in ("VARCHAR", "BOOLEAN") or kind.startswith("ENUM"):
        return Field(name, "category", False, False, column, "NULL", text)
    return Field(name, "other", False, False, column, "NULL", text)


def finite(each: Field) -> str:
    """A condition: the field has a finite number."""
    return f"isfinite({each.number})" if each.floating else f"{each.number} IS NOT NULL"


def _ends(each: Field) -> str:
    kept = f" FILTER (WHERE {finite(each)})" if each.floating else ""
    return f"min({each.number}){kept}, max({each.number}){kept}"


def _measured(each: Field) -> str:
    ends = _ends(each) if each.kind in ("number", "time") else "NULL, NULL"
    longest = f"max(length({each.text}))" if each.kind == "category" else "NULL"
    return f"count({each.column}), approx_count_distinct({each.column}), {ends}, {longest}"
