"""Python's own parser, asked by one thread at a time.

``warnings.catch_warnings`` changes the whole process; and a thread that takes over in the middle of ``ast.parse`` makes
another's fail with a SystemError (CPython issue 106905; 3.11.7 does so still).
"""

from __future__ import annotations

import ast
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ALONE: Final = threading.RLock()


@contextmanager
def warned() -> Iterator[list[warnings.WarningMessage]]:
    """What the parser warns of meanwhile; no other thread parses."""
    with _ALONE, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def parse(text: str) -> ast.Module:
    """The tree of a module's text, without a word of warning. Raises what ``ast.parse`` does."""
    with warned():
        return ast.parse(text)


def parse_expression(text: str) -> ast.expr:
    """The tree of an expression, without a word of warning. Raises what ``ast.parse`` does."""
    with warned():
        return ast.parse(text, mode="eval").body
