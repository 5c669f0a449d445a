"""Says in one line what an interaction asked: the filters that hold, else what was changed of the charts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from snapshots.charts.spec import Among, Chart, Range, State

NAMES: Final[Mapping[str, str]] = {
    "histogram": "histogram",
    "bar": "bars",
    "line": "line",
    "density": "density",
    "heatmap": "heat map",
    "box": "boxes",
    "table": "table",
    "number": "number",
    "roc": "ROC curve",
    "precision_recall": "precision and recall",
    "calibration": "calibration",
    "confusion": "confusion matrix",
    "slices": "error slices",
}
_SHOWN: Final = 3  # values of a filter that are named


def restated(state: State, before: State | None, times: frozenset[str] = frozenset()) -> str:
    """What the state asks for, as against the one before; ``times`` are the columns that are times."""
    filters = " · ".join(_filter(each, times) for each in state.filters)
    changed = "" if before is None else _changed(state, before)
    told = " · ".join(filter(None, (changed, filters)))
    return told.replace("\0", "\ufffd") or ("everything" if state.charts else "no charts yet")


def _changed(state: State, before: State) -> str:
    earlier = {chart.id: chart for chart in before.charts}
    now = {chart.id: chart for chart in state.charts}
    added = [chart for chart in state.charts if chart.id not in earlier]
    gone = [chart for chart in before.charts if chart.id not in now]
    told = [f"+ {titled(chart)}" for chart in added] + [f"− {titled(chart)}" for chart in gone]
    for chart in state.charts:
        old = earlier.get(chart.id)
        if old is not None and old != chart:
            told.append(_edited(old, chart))
    if not told and list(earlier) != list(now):
        return "charts in another order"
    return ", ".join(told[:_SHOWN]) + (f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else "")


def _edited(old: Chart, chart: Chart) -> str:
    if old.kind != chart.kind:
        return f"{titled(old)} → {titled(chart)}"
    was, is_now = old.model_dump(exclude={"id", "kind"}), chart.model_dump(exclude={"id", "kind"})
    parts = [f"{key} {_value(was[key])} → {_value(is_now[key])}" for key in is_now if was[key] != is_now[key]]
    return f"{titled(chart)}: {', '.join(parts)}"


def titled(chart: Chart) -> str:
    """What a chart shows, in a few words."""
    x, y = getattr(chart, "x", None), getattr(chart, "y", None)
    aggregate = getattr(chart, "aggregate", "count")
    measured = getattr(chart, "z", None) if chart.kind == "heatmap" else y
    counted = aggregate == "count" or measured is None
    match chart.kind:
        case "number":
            return "rows" if counted else f"{aggregate} of {y}"
        case "bar" | "line":
            return f"rows by {x}" if counted else f"{aggregate} of {y} by {x}"
        case "density":
            return f"{y} against {x}"
        case "heatmap":
            return f"rows by {x} and {y}" if counted else f"{aggregate} of {measured} by {x} and {y}"
        case "box":
            return f"{y} by {x}" if x else str(y)
        case "histogram":
            return str(x)
        case "slices":
            return f"errors by {x}"
        case _:
            return NAMES[chart.kind]


def _value(value: object) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _filter(each: Range | Among, times: frozenset[str]) -> str:
    name = each.column
    if isinstance(each, Among):
        named = ["no value" if value is None else value or "empty text" for value in each.values[:_SHOWN]]
        rest = len(each.values) - len(named)
        told = ", ".join(named) + (f" and {rest} more" if rest else "")
        sign = "≠" if each.excluded else "="
        return f"{name} {sign} {told}" if told else f"{name}: nothing"
    shown = _moment if name in times else _number
    if each.low is None:
        return f"{name} ≤ {shown(each.high or 0.0)}"
    if each.high is None:
        return f"{name} ≥ {shown(each.low)}"
    between = " to " if each.low < 0.0 and name not in times else "–"
    return f"{name} {shown(each.low)}{between}{shown(each.high)}"


def _number(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1e3 else f"{value:,.0f}"


def _moment(value: float) -> str:
    try:
        moment = datetime.fromtimestamp(value / 1000.0, UTC)
    except (OverflowError, OSError, ValueError):
        return _number(value)
    return moment.strftime("%Y-%m-%d" if moment.hour == moment.minute == moment.second == 0 else "%Y-%m-%d %H:%M")
