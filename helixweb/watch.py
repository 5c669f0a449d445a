"""Notices that a child hangs: it lives, and gives no sign of life for long."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

EVERY: Final = 2.0  # seconds between two looks, and for an answer
BEATS: Final = {"worker": "worker.beat", "explorer": "explorer.beat"}  # files that they touch, in the var folder

Answers = Callable[[], Coroutine[Any, Any, bool]]


async def watch(answers: Answers, hung: Callable[[float], None], patience: float) -> None:
    """Call ``hung`` each time that there was no answer for ``patience`` seconds, with how long there was none."""
    loop = asyncio.get_running_loop()
    heard = loop.time()
    while True:
        await asyncio.sleep(EVERY)
        if await _answered(answers):
            heard = loop.time()
        elif loop.time() - heard > patience:
            hung(loop.time() - heard)
            heard = loop.time()


async def _answered(answers: Answers) -> bool:
    try:
        async with asyncio.timeout(EVERY):
            return await answers()
    except OSError:  # a time-out is one
        return False


class Beat:
    """What a worker shows of itself: the file ``path`` is touched now and then once it works."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0

    def forget(self) -> None:
        """Another worker is about to start: until it works, nothing is asked of it."""
        self._path.unlink(missing_ok=True)

    async def beats(self) -> bool:
        """Whether it was touched since this was asked last."""
        try:
            last = os.stat(self._path).st_mtime_ns
        except FileNotFoundError:
            return True
        before, self._last = self._last, last
        return last != before
