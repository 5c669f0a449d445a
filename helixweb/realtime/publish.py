"""Says to every open socket that something changed. What changed is read from the tables, so a lost word loses nothing.

Publishing happens on one background thread with a loop and a Redis connection of its own: it never makes a request or a
run wait, and where Redis is away it is logged and forgotten.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import cache
from typing import Any, Final

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger()

_failing = False  # said once, not at every event of a run
EVERYBODY: Final = "everybody"


def run_group(run_id: str) -> str:
    """The group of sockets that follow a run."""
    return f"run.{run_id}"


def dashboard_group(dashboard_id: str) -> str:
    """The group of sockets that show a dashboard."""
    return f"dashboard.{dashboard_id}"


def session_group(session_key: str) -> str:
    """The group of sockets that one session opened."""
    return f"session.{session_key}"


def publish(group: str, message: dict[str, Any]) -> None:
    """Send a message to a group of sockets; ``message["type"]`` names the consumer's method. Returns at once."""
    asyncio.run_coroutine_threadsafe(_send(group, message), _loop())


def settle(seconds: float = 2.0) -> None:
    """Wait until what was published is sent, for a process that is about to end; no longer than so many seconds."""
    with suppress(TimeoutError):
        asyncio.run_coroutine_threadsafe(_sent(), _loop()).result(seconds)


def say_nothing() -> None:
    """Let it be no news that Redis is away: a command does its work whether the application is up or not."""
    global _failing
    _failing = True


async def _sent() -> None:
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))


async def _send(group: str, message: dict[str, Any]) -> None:
    global _failing
    try:
        await get_channel_layer().group_send(group, message)
        _failing = False
    except Exception as error:  # noqa: BLE001  (the edge of a thread: Redis being away must not end it)
        if not _failing:
            log.warning("could not publish; nor, perhaps, what follows", group=group, error=str(error))
        _failing = True


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="publish", daemon=True).start()
    return loop
