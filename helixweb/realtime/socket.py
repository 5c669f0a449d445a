"""The one WebSocket: replays a run's events from a number on, then goes on live; and tells of other changes."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.sessions import SessionMiddlewareStack
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host
from pydantic_core import from_json

from helixweb.auth import own_origin, signed_in
from helixweb.realtime.dashboards import Dashboards
from helixweb.realtime.messages import (
    BackfillMessage,
    DatasetMessage,
    ErrorCode,
    ErrorMessage,
    EventsMessage,
    PlanChangedMessage,
    ServerMessage,
    WorkflowChangedMessage,
)
from helixweb.realtime.publish import EVERYBODY, dashboard_group, run_group, session_group
from metrics import backfills, history
from metrics.backfilled import BackfillOut, backfill_out
from metrics.models import Run
from snapshots import services as dashboards

log = structlog.get_logger()

CATCH_UP: Final = 2.0  # seconds between looks at the tables where no word came: Redis may have lost one
MAX_FOLLOWED: Final = 20
MAX_SHOWN: Final = 4


class Socket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One browser tab. ``_sent`` holds, for each run it follows, the number of the last event that was sent.

    Events are always read from the table, above that number, under one lock: so they come in order, once, without a
    gap, whatever the channel layer does with the words that only say that there is something to read. Where it lost
    some, the socket is closed once it works again: the page connects anew, and asks for all that it may have missed.
    """

    async def connect(self) -> None:
        self._sent: dict[str, int] = {}
        self._groups: list[str] = []
        self._reading = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None
        self._dashboards = Dashboards(self._say)
        session = self.scope["session"]
        if not await database_sync_to_async(signed_in)(session):
            await self.close()
            return
        self._losses = self.channel_layer.losses
        self._groups = [EVERYBODY, session_group(session.session_key)]  # the base class would leave ``groups`` itself
        for group in self._groups:
            await self._join(group)
        await self.accept()
        self._watch = asyncio.create_task(self._catch_up())

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        if self._watch is not None:
            self._watch.cancel()
        shown = list(self._dashboards)
        for dashboard in shown:
            self._dashboards.leave(dashboard)
        for group in [*self._groups, *map(run_group, self._sent), *map(dashboard_group, shown)]:
            await self.channel_layer.leave(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        match _parsed(text_data):
            case {"type": "subscribe", "run": str(run_id), "after": int(after)}:
                await self._subscribe(run_id, after)
            case {"type": "unsubscribe", "run": str(run_id)}:
                if self._sent.pop(run_id, None) is not None:
                    await self.channel_layer.leave(run_group(run_id), self.channel_name)
            case {"type": "show", "dashboard": str(dashboard), "after": int(after), "looked_at": str(looked_at)}:
                await self._show(dashboard, after, looked_at if looked_at.isalnum() else "")
            case {"type": "leave", "dashboard": str(dashboard)}:
                if self._dashboards.leave(dashboard):
                    await self.channel_layer.leave(dashboard_group(dashboard), self.channel_name)
            case _:
                await self._refuse("invalid-message", "This message is none that the socket knows.")

    async def _subscribe(self, run_id: str, after: int) -> None:
        if not await database_sync_to_async(_exists)(run_id):
            await self._refuse("run-not-found", "There is no such run.")
        elif len(self._sent) >= MAX_FOLLOWED and run_id not in self._sent:
            await self._refuse("too-many-runs", f"One socket follows at most {MAX_FOLLOWED} runs.")
        else:
            # The group first, the table second: what is committed in between is announced besides being read.
            await self._join(run_group(run_id))
            async with self._reading:
                self._sent[run_id] = after
            await self._send_new(run_id)

    async def _show(self, dashboard_id: str, after: int, looked_at: str) -> None:
        if not await database_sync_to_async(_is_dashboard)(dashboard_id):
            await self._refuse("dashboard-not-found", "There is no such dashboard.")
        elif len(self._dashboards) >= MAX_SHOWN and dashboard_id not in self._dashboards:
            await self._refuse("too-many-dashboards", f"One socket shows at most {MAX_SHOWN} dashboards.")
        else:
            if dashboard_id not in self._dashboards:
                await self._join(dashboard_group(dashboard_id))
            self._dashboards.show(dashboard_id, after, looked_at)

    async def _send_new(self, run_id: str) -> None:
        async with self._reading:
            sent = self._sent.get(run_id)
            if sent is None:
                return
            events = await database_sync_to_async(history.events_after)(run_id, sent)
            if events:
                self._sent[run_id] = events[-1].number
                await self._say(EventsMessage(run=run_id, events=events))

    async def _join(self, group: str) -> None:
        if not await self.channel_layer.join(group, self.channel_name):
            self._losses = -1

    async def _catch_up(self) -> None:
        while True:
            await asyncio.sleep(CATCH_UP)
            try:
                for run_id in list(self._sent):
                    await self._send_new(run_id)
                if self._losses != self.channel_layer.losses and not self.channel_layer.away:
                    await self.close()
                    return
            except DatabaseError as error:
                log.warning("a socket could not look for events; it tries again", error=str(error))
            except OSError:
                return  # the browser is gone

    async def run_changed(self, message: dict[str, Any]) -> None:
        await self._send_new(message["run"])

    async def dashboard_changed(self, message: dict[str, Any]) -> None:
        self._dashboards.changed(message["dashboard"])

    async def workflow_changed(self, message: dict[str, Any]) -> None:
        await self._say(WorkflowChangedMessage(workflow=message["workflow"]))

    async def plan_changed(self, message: dict[str, Any]) -> None:
        await self._say(PlanChangedMessage(workflow=message["workflow"]))

    async def dataset_changed(self, message: dict[str, Any]) -> None:
        await self._say(DatasetMessage(dataset=message["dataset"]))

    async def backfill_changed(self, message: dict[str, Any]) -> None:
        found = await database_sync_to_async(_backfill)(message["backfill"])
        if found is not None:
            await self._say(BackfillMessage(backfill=found))

    async def session_ended(self, message: dict[str, Any]) -> None:  # noqa: ARG002
        await self.close()

    async def _say(self, message: ServerMessage) -> None:
        await self.send(json.dumps(message.dict(), cls=DjangoJSONEncoder))  # times as the HTTP API writes them

    async def _refuse(self, code: ErrorCode, message: str) -> None:
        await self._say(ErrorMessage(code=code, message=message))


def _exists(run_id: str) -> bool:
    return "\0" not in run_id and Run.objects.filter(id=run_id).exists()  # PostgreSQL refuses to look for NUL


def _is_dashboard(dashboard_id: str) -> bool:
    return "\0" not in dashboard_id and dashboards.present().filter(id=dashboard_id).exists()


def _backfill(backfill_id: str) -> BackfillOut | None:
    """None where it was removed meanwhile, or its workflow was."""
    try:
        return backfill_out(backfills.get(backfill_id))
    except backfills.BackfillNotFound:
        return None


def _parsed(text: str | None) -> Any:
    try:
        return from_json(text or "null", allow_inf_nan=False)
    except ValueError:
        return None


def _own_address(scope: dict[str, Any]) -> bool:
    """Whether a handshake was sent to a name of ours, by a page of ours. A browser always names the page's origin."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host", "")
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return own_origin(headers.get(b"origin", ""), scheme, host)


class OwnOrigin:
    """ASGI middleware that refuses a handshake from another site's page, or to a name that is not ours."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] == "/ws" and _own_address(scope):
            await self._inner(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4403})


socket_application = OwnOrigin(SessionMiddlewareStack(Socket.as_asgi()))
