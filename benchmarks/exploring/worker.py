"""What questions take in the explorer's own process, on a file that is mapped into memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.exploring import ROWS, Measured, flights, seconds
from snapshots.charts.answer import answer, estimate
from snapshots.charts.frame import Piece, opened
from snapshots.charts.spec import Density, Histogram, Range

BOUNDS = {("histogram", 1_000_000): 50.0}


def measure(*, quick: bool) -> list[Measured]:
    told = []
    for times in (1, 5) if quick else (1, 5, 50):
        rows = ROWS * times
        for what, taken in _of(flights(times)).items():
            told.append(Measured(f"{what}, {rows:,} rows", 1e3 * taken, most=BOUNDS.get((what, rows))))
    return told


def _of(table: pa.Table) -> dict[str, float]:
    """Seconds of each kind of question, with a filter on another column; and of the same asked without us."""
    delay, distance = table["delay"].to_numpy(), table["distance"].to_numpy()
    database = duckdb.connect()
    database.register("flights", table)
    sql = "SELECT floor(delay / 50), count(*) FROM flights WHERE distance BETWEEN 500 AND 1000 GROUP BY 1"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.arrow"
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
        frame = opened([Piece("value", path)])
        assert frame.profile.rows == table.num_rows
        chart, density = Histogram(id="a", x="delay"), Density(id="a", x="distance", y="delay")
        brush = [Range(column="distance", low=500, high=1_000)]
        return {
            "histogram": least(9, lambda: answer(frame, chart, brush)),
            "density": least(9, lambda: answer(frame, density, brush)),
            "estimate of the histogram": least(9, lambda: estimate(frame, chart, brush)),
            "histogram by DuckDB alone": least(9, lambda: database.execute(sql).fetchall()),
            "histogram by NumPy": least(
                3, lambda: np.histogram(delay[(distance >= 500) & (distance <= 1_000)], bins=40)
            ),
        }


def least(repetitions: int, of: Callable[[], object]) -> float:
    """Seconds of the quickest of several calls, after one that does not count."""
    of()
    return min(seconds(of) for _ in range(repetitions))
