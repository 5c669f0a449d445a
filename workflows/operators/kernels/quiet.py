"""Says when user code runs once more only to be looked at: what it prints or records then is not said twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_trying: int | None = None  # the thread that does; user code runs in one thread at a time


@contextmanager
def trial() -> Iterator[None]:
    """In here this thread calls user code whose prints and ``log`` are to be dropped."""
    global _trying
    _trying = threading.get_ident()
    try:
        yield
    finally:
        _trying = None


def is_trial(*, own_thread: bool) -> bool:
    """Whether what the calling thread says is to be dropped; ``own_thread``: it is one that user code began itself."""
    return _trying is not None and (own_thread or _trying == threading.get_ident())
