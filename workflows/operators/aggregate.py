"""The notation of ``GroupBy``: ``mean(age)``, ``count()``, ``max(`hours-per-week`)``; parsed here, no data touched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflows.errors import HelixError, nearest

FUNCTIONS = ("count", "sum", "mean", "std", "min", "max", "median", "distinct")
"""What can be made of a column in a group. ``count`` alone may have none: then it counts rows."""

_FORM = re.compile(r"\s*(\w+)\s*\(\s*(?:`([^`\n]+)`|([^`()\n]*?))\s*\)\s*")


class BadAggregate(HelixError):
    """A text that is no aggregate."""

    code = "bad-aggregate"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over a column in a group; ``column`` is None for ``count()``."""

    function: str
    column: str | None

    def __str__(self) -> str:
        column = self.column or ""
        return f"{self.function}({column if column.isidentifier() or not column else f'`{column}`'})"


def parse(text: str) -> Aggregate:
    """The aggregate of a text. Raises BadAggregate."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise BadAggregate(f'{text!r} is no aggregate: write a function of a column, such as "mean(age)".')
    function, column = match.group(1), match.group(2) or match.group(3) or None
    if function not in FUNCTIONS:
        near = nearest(function, FUNCTIONS)
        hint = f"did you mean `{near}`?" if near else f"there are {', '.join(FUNCTIONS)}."
        raise BadAggregate(f"`{function}` is no function of groups: {hint}")
    if column is None and function != "count":
        raise BadAggregate(f'`{function}` is of a column: write "{function}(age)".')
    return Aggregate(function, column)
