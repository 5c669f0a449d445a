from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from workflows.lang.parser import tree_of

LARGE = "\n".join(f'f{n} = Scale(Field(data, ["a", {n}, (1, 2, [3, 4])]))' for n in range(1000))


class Litter:
    """An object in a cycle whose end runs Python code: where it is collected, another thread may take over."""

    def __init__(self) -> None:
        self.myself = self

    def __del__(self) -> None:
        sum(range(50))


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that take turns, and garbage that is collected, all the time."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(5, 2, 2)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("restless")
def test_threads_that_parse_at_the_same_time_do_not_disturb_each_other() -> None:
    def parsed(_: int) -> bool:
        for _ in range(50):
            Litter()
        return isinstance(tree_of(LARGE), ast.Module)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(parsed, range(12)))
