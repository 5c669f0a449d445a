"""What Check does: counts the rows of each split that break a condition, and fails where there are too many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from workflows.errors import HelixError
from workflows.operators.expression import parse
from workflows.operators.kernels import functions
from workflows.operators.kernels.base import ROW_ID, Call, Data, Inputs, Stateless
from workflows.operators.kernels.synthesizer import holds

_SHOWN = 5  # rows of each split


class CheckFailed(HelixError):
    """Rows are not as they must be. ``example`` holds the first of them, a line each."""

    code = "check-failed"


class CheckKernel(Stateless):
    """For each split: how many ``rows``, how many of them ``broken``, and the ``share`` that is not."""

    whole = True

    def apply(self, call: Call, inputs: Inputs, state: Data) -> Data:
        least: float = call.params["at_least"]
        found: dict[str, Any] = {}
        wrong, examples = [], []
        for split, rows in zip(call.params["splits"], inputs["rows"], strict=True):
            mask = holds(call.params["condition"], rows, call.params).fill_null(False)
            places = np.flatnonzero(~mask.to_numpy(zero_copy_only=False))
            count = rows.num_rows
            share = (count - len(places)) / count if count else 1.0
            found[split] = {"rows": count, "broken": len(places), "share": share}
            if share < least:
                wrong.append(f"of {count:,} rows of `{split}` it is not true for {len(places):,} ({1 - share:.2%})")
                examples += [_row(split, rows, int(place), call) for place in places[:_SHOWN]]
        if wrong:
            needed = "it must be for all" if least == 1 else f"at_least={least:g} must hold"
            message = f"{_named(call)}: {'; '.join(wrong)}; {needed}."
            raise CheckFailed(message, example="\n".join(examples), found=found)
        return found


def _named(call: Call) -> str:
    condition = call.params["condition"]
    return f'"{condition}"' if isinstance(condition, str) else functions.named(condition)


def _row(split: str, rows: pa.Table, place: int, call: Call) -> str:
    """A row that broke the condition: the columns that an expression names, else all."""
    condition = call.params["condition"]
    names = parse(condition).columns.values() if isinstance(condition, str) else rows.column_names
    shown = {name: rows[name][place].as_py() for name in dict.fromkeys(names) if name != ROW_ID}
    return f"{split}, row {place + 1}: {functions.shortened(shown)}"
