"""Proposes charts that suit the columns of a node's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from snapshots.charts.figures import LONGEST, Column, Profile
from snapshots.charts.spec import (
    Bar,
    Calibration,
    Chart,
    Confusion,
    Density,
    HeatMap,
    Histogram,
    Line,
    Number,
    PrecisionRecall,
    Roc,
    Slices,
    Table,
)

MOST: Final = 7  # of columns; predictions are judged in nine ways at most
_FEW: Final = 60  # distinct values up to which a column is shown value by value
_NAMES: Final = ("id", "index", "uuid", "key")


def proposed(profile: Profile) -> list[Chart]:
    """A first dashboard: what Predict made is judged; else the columns that tell most come first. None of no rows."""
    if not profile.rows:
        return []
    of_columns = profile.predictions is None
    made = list(_of_columns(profile))[:MOST] if of_columns else list(_of_predictions(profile))
    return [make(f"c{place}") for place, make in enumerate(made, 1)]


_Make = Callable[[str], Chart]


def _of_predictions(profile: Profile) -> Iterator[_Make]:
    yield lambda name: Number(id=name)
    yield lambda name: Confusion(id=name)
    if profile.predictions == 2:
        yield lambda name: Roc(id=name)
        yield lambda name: PrecisionRecall(id=name)
        yield lambda name: Calibration(id=name)
        yield lambda name: Histogram(id=name, x="score[1]")
    elif profile.predictions:
        yield lambda name: Bar(id=name, x="label")
    for shown in _sliced(profile)[:2]:
        yield lambda name, x=shown: Slices(id=name, x=x)  # type: ignore[misc]
    yield lambda name: Table(id=name)


def _sliced(profile: Profile) -> list[str]:
    """Columns of the rows by which predictions may be better or worse: groups first, then numbers."""
    columns = [each for each in profile.columns if not (_names_rows(each, profile.rows) or _is_made(each.name))]
    groups = [each.name for each in columns if each.kind == "category" and 1 < each.distinct <= _FEW]
    return groups + [each.name for each in columns if each.kind == "number" and each.distinct > 1]


def _is_made(name: str) -> bool:
    """Whether Predict made a column."""
    return name in ("label", "prediction") or name.startswith("score[")


def _of_columns(profile: Profile) -> Iterator[_Make]:
    columns = [each for each in profile.columns if not _names_rows(each, profile.rows)]
    times = [each.name for each in columns if each.kind == "time" and each.low is not None]
    numbers = [each.name for each in columns if each.kind == "number" and each.low is not None and each.distinct > 1]
    groups = [each.name for each in columns if each.kind == "category" and 1 < each.distinct <= _FEW]
    yield lambda name: Number(id=name)
    if times:
        yield lambda name: Line(id=name, x=times[0])
    for shown in numbers[:2]:
        yield lambda name, x=shown: Histogram(id=name, x=x)  # type: ignore[misc]
    for shown in groups[: 2 if numbers else 4]:
        yield lambda name, x=shown: Bar(id=name, x=x)  # type: ignore[misc]
    if len(numbers) > 1:
        yield lambda name: Density(id=name, x=numbers[0], y=numbers[1])
    elif len(groups) > 1:
        yield lambda name: HeatMap(id=name, x=groups[0], y=groups[1])
    yield lambda name: Table(id=name)


def _names_rows(column: Column, rows: int) -> bool:
    """Whether a column tells rows apart and nothing else, or has values that are too long to stand at a chart."""
    if column.kind == "category":
        return column.distinct > max(_FEW, rows // 2) or column.longest > LONGEST
    named = column.name.lower().strip("_").split("_")[-1] in _NAMES
    return named and column.distinct > rows // 2
