"""A column for JSON that is only ever read whole: every database gives back exactly what was written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    TextColumn = models.TextField[Any, Any]
else:
    TextColumn = models.TextField


class JsonText(TextColumn):
    """A JSON value as text. PostgreSQL's own type would turn 1e300 into an integer, −0.0 into 0 and refuse NUL."""

    _pyi_private_set_type: Any  # what the type checker lets a model take and give
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, allow_nan=False)
