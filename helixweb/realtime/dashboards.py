"""Tells one socket of the dashboards that its page shows: what changed, in the order of revisions, when it is due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Final

import structlog
from channels.db import database_sync_to_async
from django.db import DatabaseError

from helixweb.realtime.messages import SnapshotsMessage
from snapshots import services, strip
from snapshots.services import DashboardNotFound

log = structlog.get_logger()

WATCH_EVERY: Final = 5.0  # seconds; a page that was left is noticed after services.PATIENCE


class Dashboards:
    """The dashboards of one socket, each with the last revision that was sent, and a task that looks after it.

    As with a run's events, changes are read from the tables, above that revision, under one lock.
    """

    def __init__(self, say: Callable[[SnapshotsMessage], Awaitable[None]]) -> None:
        self._say = say
        self._sent: dict[str, int] = {}
        self._looked_at: dict[str, str] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __contains__(self, dashboard_id: str) -> bool:
        return dashboard_id in self._sent

    def __len__(self) -> int:
        return len(self._sent)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._sent))

    def show(self, dashboard_id: str, after: int, looked_at: str) -> None:
        """Tell of what changes after a revision; ``looked_at`` is the snapshot that the page shows large."""
        self._sent[dashboard_id] = after
        self._looked_at[dashboard_id] = looked_at
        news = self._news.setdefault(dashboard_id, asyncio.Event())
        news.set()
        if dashboard_id not in self._tasks:
            self._tasks[dashboard_id] = asyncio.create_task(self._look_after(dashboard_id, news))

    def leave(self, dashboard_id: str) -> bool:
        """The page shows it no more. False where it did not."""
        if self._sent.pop(dashboard_id, None) is None:
            return False
        self._tasks.pop(dashboard_id).cancel()
        del self._looked_at[dashboard_id], self._news[dashboard_id]
        return True

    def changed(self, dashboard_id: str) -> None:
        """There is something new to read."""
        news = self._news.get(dashboard_id)
        if news is not None:
            news.set()

    async def _look_after(self, dashboard_id: str, news: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        watched, looked_at = -WATCH_EVERY, ""
        while True:
            news.clear()
            due = None
            try:
                again = loop.time() - watched >= WATCH_EVERY or looked_at != self._looked_at[dashboard_id]
                if again:
                    watched, looked_at = loop.time(), self._looked_at[dashboard_id]
                read = database_sync_to_async(_news)
                due, message = await read(dashboard_id, self._sent[dashboard_id], looked_at if again else None)
                if message is not None:
                    self._sent[dashboard_id] = message.revision
                    await self._say(message)
            except DashboardNotFound:
                return
            except DatabaseError as error:
                log.warning("a socket could not look for answers; it tries again", error=str(error))
            except OSError:
                return  # the browser is gone
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_EVERY if due is None else min(due + 0.001, WATCH_EVERY)):
                    await news.wait()


def _news(dashboard_id: str, after: int, looked_at: str | None) -> tuple[float | None, SnapshotsMessage | None]:
    """The seconds until something is due, and what changed after a revision. ``looked_at`` not None: the page is there,
    and shows that snapshot large. Raises DashboardNotFound."""
    if looked_at is not None:
        services.watch(dashboard_id, looked_at)
    due = services.deliver(dashboard_id)
    revision, found = strip.changes(dashboard_id, after)
    if revision == after:
        return due, None
    delay = strip.delay(dashboard_id)
    return due, SnapshotsMessage(dashboard=dashboard_id, revision=revision, delay=delay, snapshots=found)
