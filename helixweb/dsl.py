"""The names of the workflow language, for editors and type checkers (``dsl.pyi``); the compiler ignores them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from workflows.errors import HelixError
from workflows.operators.registry import DECLARATIONS

__all__ = list(DECLARATIONS)


class NotRun(HelixError):
    """A workflow was given to Python, which cannot run it."""

    code = "not-run"


def __getattr__(name: str) -> Callable[..., NoReturn]:
    if name not in DECLARATIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise NotRun(f"`{name}` is an operator of a workflow. Run the file with `helixweb run FILE`.", operator=name)

    return refuse
