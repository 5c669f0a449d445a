"""The channel layer, which outlives Redis: whoever receives waits for it to come back."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog
from channels_redis.core import RedisChannelLayer
from redis.exceptions import RedisError

log = structlog.get_logger()

AWAY: Final = (RedisError, OSError)  # what is raised while Redis is away
PAUSE: Final = 0.5  # seconds between two looks whether Redis is back
ANSWER: Final = 2.0  # seconds for it to answer: one that hangs is away as well


class PatientLayer(RedisChannelLayer):  # type: ignore[misc]
    """As ``RedisChannelLayer``, but what cannot be received is waited for, and groups are joined where that can be.

    Groups live in Redis alone and are lost with it, as are the words that were on their way. ``losses`` counts how
    often that happened; ``away`` says that Redis is not back yet.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.losses = 0
        self.away = False

    async def receive(self, channel: str) -> dict[str, Any]:
        while True:
            try:
                return dict(await super().receive(channel))
            except AWAY as error:
                await self._return(str(error))

    async def join(self, group: str, channel: str) -> bool:
        """Add a channel to a group; False where Redis is away."""
        try:
            async with asyncio.timeout(ANSWER):
                await self.group_add(group, channel)
        except AWAY:
            return False
        return True

    async def leave(self, group: str, channel: str) -> None:
        """Take a channel out of a group, which Redis may have lost anyway."""
        try:
            async with asyncio.timeout(ANSWER):
                await self.group_discard(group, channel)
        except AWAY as error:
            log.debug("could not leave a group", group=group, error=str(error))

    async def _return(self, problem: str) -> None:
        """Redis is away: wait until it is back."""
        if not self.away:
            self.losses += 1
            self.away = True
            log.warning("Redis is away; what happens is looked for in the tables", error=problem)
        while self.away:
            await asyncio.sleep(PAUSE)
            try:
                async with asyncio.timeout(ANSWER):
                    await self.connection(0).ping()
            except AWAY:
                continue
            self.away = False
