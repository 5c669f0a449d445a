"""Statements that runs wait for, written out or kept: Django takes longer to put one together than all the rest takes,
and a run asks dozens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model


def fetched(statement: str, *values: Any) -> list[Any]:
    """The rows that a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def execute(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Execute a statement once for each row of values."""
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(rows))


def among(column: str) -> str:
    """The condition that a column has one of any number of values, which are given as ``listed``."""
    each = "= ANY(%s)" if connection.vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    return f"{column} {each}"


def listed(values: Iterable[str]) -> list[str] | str:
    """The values of the condition ``among``."""
    return list(values) if connection.vendor == "postgresql" else json.dumps(list(values))


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of one table; what the database numbers is not told back."""
    if rows:
        execute(_inserting(type(rows[0])), map(_values, rows))


def upsert(rows: Sequence[Model], key: Sequence[str], changed: Sequence[str] | None = None) -> None:
    """Insert rows of one table, or change those with the same key (the fields ``changed``, all unless said)."""
    if rows:
        execute(_upserting(type(rows[0]), tuple(key), changed and tuple(changed)), map(_values, rows))


@cache
def _inserting(table: type[Model]) -> str:
    names = ", ".join(_column(field) for field in _fields(table))
    marks = ", ".join("%s" for _ in _fields(table))
    return f'INSERT INTO "{table._meta.db_table}" ({names}) VALUES ({marks})'


@cache
def _upserting(table: type[Model], key: tuple[str, ...], changed: tuple[str, ...] | None) -> str:
    same = ", ".join(_column(field) for field in _fields(table) if field.name in key)
    new = [field for field in _fields(table) if field.name not in key and (changed is None or field.name in changed)]
    changes = ", ".join(f"{_column(field)} = EXCLUDED.{_column(field)}" for field in new)
    return f"{_inserting(table)} ON CONFLICT ({same}) DO " + (f"UPDATE SET {changes}" if changes else "NOTHING")


@cache
def _fields(table: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in table._meta.concrete_fields if not isinstance(field, AutoField))


def _column(field: Field[Any, Any]) -> str:
    return f'"{field.column}"'


def _values(row: Model) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in _fields(type(row))]
