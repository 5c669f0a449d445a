"""Puts rows into places: ranges of a number or a time, or the most frequent values of a column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from snapshots.charts.figures import MOST_MARKS, Bins, Values
from snapshots.charts.frame import Frame
from snapshots.charts.spec import Unit

NULL, NAN, INFINITE = -1, -2, -3  # places of rows that have none
_SECOND: Final = 1_000.0
_DAY: Final = 86_400_000.0
_TIME_STEPS: Final = tuple(
    [n * _SECOND for n in (0.001, 0.01, 0.1, 1, 5, 15, 30)]
    + [n * 60 * _SECOND for n in (1, 5, 15, 30)]
    + [n * 3_600 * _SECOND for n in (1, 3, 6, 12)]
    + [n * _DAY for n in (1, 2, 7, 14, 28, 91, 182, 364, 728, 1_820, 3_640, 18_200)]
)
_UNITS: Final = {"minute": 60e3, "hour": 3.6e6, "day": _DAY, "week": 7 * _DAY, "month": 30 * _DAY, "year": 365 * _DAY}


@dataclass(frozen=True, slots=True)
class Places:
    """An axis of a chart with the SQL expression of a row's place on it. ``parameters`` are the expression's values,
    ``join`` a table of places by values that it looks into, empty where it needs none."""

    axis: Bins | Values
    place: str
    join: str
    parameters: dict[str, object]

    @property
    def count(self) -> int:
        if isinstance(self.axis, Bins):
            return max(0, len(self.axis.edges) - 1)
        return len(self.axis.values) + (self.axis.rest > 0)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Edges at the multiples of ``step / divisor`` from ``first`` to ``last``: divided last, so that 0.3 is 0.3.

    Without a step, ``first`` and ``last`` are the ends of one range.
    """

    first: float
    last: float
    step: float | None = None
    divisor: float = 1.0

    @property
    def edges(self) -> list[float]:
        if self.step is None:
            return [self.first, self.last]
        return [k * self.step / self.divisor for k in range(int(self.first), int(self.last) + 1)]


def binned(frame: Frame, name: str, bins: int, alias: str) -> Places:
    """About so many equal ranges between the ends of a column, which filters do not move. Raises ChartRefused."""
    column = frame.numeric(name)
    ends = frame.ends(name)
    is_time = column.kind == "time"
    if ends is None:
        return Places(Bins(edges=[], time=is_time), _outside(column.number, column.floating, "0"), "", {})
    low, high = ends
    # Whole numbers take the room up to the next one, so that the last range holds no more of them than others do.
    beyond = 1.0 if column.whole and not is_time else 0.0
    ruler = ruled(low, high + beyond, bins, whole=column.whole, time=is_time)
    inside, parameters = _on(ruler, column.number, alias)
    place = _outside(column.number, column.floating, inside)
    return Places(Bins(edges=ruler.edges, time=is_time), place, "", parameters)


def _on(ruler: Ruler, number: str, alias: str) -> tuple[str, dict[str, object]]:
    """The place of a number between the edges of a ruler. A quotient may be a bit beside an edge that the number is at:
    whoever is not between the edges of its place, as they are written, is put beside it."""
    if ruler.step is None or ruler.last - ruler.first < 2:
        return "0", {}
    first, last, step, divisor = (f"${alias}_{each}" for each in ("first", "last", "step", "divisor"))
    near = f"floor({number} * {divisor} / {step})"
    below = f"CAST({number} < {near} * {step} / {divisor} AS INTEGER)"
    above = f"CAST({number} >= ({near} + 1) * {step} / {divisor} AS INTEGER)"
    place = f"greatest(0, least(CAST({near} - {first} AS INTEGER) - {below} + {above}, {last}))"
    return place, {
        f"{alias}_first": ruler.first,
        f"{alias}_last": int(ruler.last - ruler.first) - 1,
        f"{alias}_step": ruler.step,
        f"{alias}_divisor": ruler.divisor,
    }


def periods(frame: Frame, name: str, unit: Unit, bins: int, alias: str) -> Places:
    """A place for each calendar unit of a time, or a coarser one where there would be too many. Raises ChartRefused."""
    column = frame.numeric(name)
    ends = frame.ends(name)
    chosen = None if ends is None else _coarse_enough(ends[1] - ends[0], unit, bins)
    if ends is None or chosen is None:
        return binned(frame, name, bins, alias)
    start, stop = f"{alias}_start", f"{alias}_stop"
    step = f"INTERVAL 1 {chosen}"
    first = f"date_trunc('{chosen}', make_timestamp_ms(CAST(${start} AS BIGINT)))"
    beyond = f"make_timestamp_ms(CAST(${stop} AS BIGINT)) + {step}"
    edges = frame.ask(
        f"SELECT CAST(epoch_ms(unnest(generate_series({first}, {beyond}, {step}))) AS DOUBLE)",
        {start: ends[0], stop: ends[1]},
    )
    moment = f"make_timestamp_ms(CAST({column.number} AS BIGINT))"
    place = f"CASE WHEN {column.number} IS NULL THEN {NULL} ELSE date_diff('{chosen}', {first}, {moment}) END"
    return Places(Bins(edges=[edge for (edge,) in edges], time=True), place, "", {start: ends[0]})


def frequent(frame: Frame, name: str, top: int, alias: str, *, rising: bool = False) -> Places:
    """The most frequent values of a column, which filters do not change, and a place for all others together: most
    frequent first, or as numbers (or times) rise."""
    column = frame.field(name)
    values, rest = frame.frequent(name, top)
    if rising:
        values = sorted(values, key=_rising)
    keys, places = f"{alias}_keys", f"{alias}_places"
    named = [(key, place) for place, key in enumerate(values) if key is not None]
    none = next((place for place, key in enumerate(values) if key is None), len(values))
    parameters: dict[str, object] = {keys: [key for key, _ in named], places: [place for _, place in named]}
    table = f"(SELECT unnest(${keys}) AS key, unnest(${places}) AS place) AS {alias}"
    join = f"LEFT JOIN {table} ON {alias}.key = {column.text}"
    if not named:
        return Places(Values(values=list(values), rest=rest), str(none), "", {})
    place = f"CASE WHEN {column.text} IS NULL THEN {none} ELSE coalesce({alias}.place, {len(values)}) END"
    return Places(Values(values=list(values), rest=rest), place, join, parameters)


def either(frame: Frame, name: str, most: int, alias: str) -> Places:
    """Ranges where a column is a number with more values than places, else its most frequent values; numbers rise."""
    measured = frame.field(name).kind in ("number", "time")
    if measured and frame.beyond(name, most):
        return binned(frame, name, most, alias)
    return frequent(frame, name, most, alias, rising=measured)


def _rising(value: str | None) -> tuple[bool, float, str]:
    """A number by its size, a time, which no number is, by how it is written; what is missing comes last."""
    if value is None:
        return True, 0.0, ""
    try:
        number = float(value)
    except ValueError:
        return False, 0.0, value
    return False, math.inf if math.isnan(number) else number, value


def ruled(low: float, high: float, bins: int, *, whole: bool, time: bool) -> Ruler:
    """Round edges of at most one range more than asked for, from below ``low`` to above ``high`` (or at it)."""
    span = high - low
    finest = 8.0 * math.ulp(max(abs(low), abs(high)))  # below it, edges would not differ any more
    if time:
        wanted = span / bins
        steps = (each for each in _TIME_STEPS if each >= wanted)
        return _between(low, high, next(steps, _TIME_STEPS[-1] * math.ceil(wanted / _TIME_STEPS[-1])), 1.0)
    if span < finest:
        half = max(0.5 if whole or low == 0.0 else abs(low) / 2, finest)
        return Ruler(low - half, high + half)
    try:
        digits, exponent = _round_step(max(span / bins, finest))
        if whole and exponent < 0:
            digits, exponent = 1, 0
        step, divisor = (digits * 10.0**exponent, 1.0) if exponent >= 0 else (float(digits), 10.0**-exponent)
        return _between(low, high, step, divisor)
    except OverflowError:  # as large as numbers get, or as small
        return Ruler(low, high)


def _round_step(least: float) -> tuple[int, int]:
    """The least of 1, 2 and 5 times a power of ten that is not below, as the factor and the power."""
    exponent = math.floor(math.log10(least))
    for digits in (1, 2, 5):
        if digits * 10.0**exponent >= least * (1 - 1e-12):
            return digits, exponent
    return 1, exponent + 1


def _between(low: float, high: float, step: float, divisor: float) -> Ruler:
    """The ruler around both ends. Raises OverflowError where there is no number beyond them."""
    first = math.floor(low * divisor / step)
    last = math.ceil(high * divisor / step)
    first -= low < first * step / divisor
    last += high > last * step / divisor
    last += last == first
    if not math.isfinite(first * step) or not math.isfinite(last * step):
        raise OverflowError
    return Ruler(first, last, step, divisor)


def _coarse_enough(span: float, unit: Unit, bins: int) -> str | None:
    """The unit, or the finest above it that makes no more points than can be drawn; None where none does."""
    names = list(_UNITS)
    finest, most = (0, bins) if unit == "auto" else (names.index(unit), MOST_MARKS - 4)
    return next((name for name in names[finest:] if span / _UNITS[name] <= most), None)


def _outside(number: str, floating: bool, inside: str) -> str:
    if not floating:
        return f"CASE WHEN {number} IS NULL THEN {NULL} ELSE {inside} END"
    return (
        f"CASE WHEN {number} IS NULL THEN {NULL} WHEN isnan({number}) THEN {NAN} "
        f"WHEN isinf({number}) THEN {INFINITE} ELSE {inside} END"
    )
