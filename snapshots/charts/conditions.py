"""Filters as conditions of SQL: columns are checked against the data, and values are always parameters."""

from __future__ import annotations

from collections.abc import Sequence

from snapshots.charts.frame import Frame
from snapshots.charts.spec import Among, Filter, Range


def condition(frame: Frame, filters: Sequence[Filter]) -> tuple[str, dict[str, object]]:
    """The condition that all filters hold, and its parameters. No range holds where there is no number.

    Raises ChartRefused where the data have no such column, or it is no number.
    """
    parts: list[str] = []
    parameters: dict[str, object] = {}
    for place, each in enumerate(filters):
        if isinstance(each, Range):
            parts.append(_within(frame, each, f"f{place}", parameters))
        else:
            parts.append(_among(frame, each, f"f{place}", parameters))
    return " AND ".join(parts) or "true", parameters


def _within(frame: Frame, each: Range, alias: str, parameters: dict[str, object]) -> str:
    column = frame.numeric(each.column)
    parts = [f"NOT isnan({column.number})"] if column.floating else []
    for end, sign in (("low", ">="), ("high", "<=")):
        value = getattr(each, end)
        if value is not None:
            parameters[f"{alias}_{end}"] = value
            parts.append(f"{column.number} {sign} ${alias}_{end}")
    return f"({' AND '.join([*parts, f'{column.number} IS NOT NULL'])})"


def _among(frame: Frame, each: Among, alias: str, parameters: dict[str, object]) -> str:
    text = frame.field(each.column).text
    values = [value for value in each.values if value is not None]
    parts = [f"{text} IS NULL"] if None in each.values else []
    if values:
        parameters[alias] = values
        parts.append(f"coalesce({text} IN (SELECT unnest(${alias})), false)")
    found = "(" + (" OR ".join(parts) or "false") + ")"
    return f"(NOT {found})" if each.excluded else found
